//! One instance's metadata in one allocation behind a thin pointer: a count, the shared key set, the values.
//!
//! A thin pointer takes 8 bytes wherever metadata is kept, an `Arc` of a slice 16. Key names stand apart (module `keys`), so
//! that the allocation holds what is this instance's own.
//!
//! Invariant: the allocation has the layout of its `values_len`, is written before anybody else sees it and never again
//! but for the count, and goes when the count falls to zero.
#![allow(unsafe_code)]

use std::{
    alloc::{Layout, alloc, dealloc, handle_alloc_error},
    ptr::{self, NonNull},
    slice,
    sync::Arc,
};

use super::keys::Keys;
use crate::sync::{AtomicU32, Ordering};

/// From here on a count is not believed any more: what it counts stays for ever. A host that forgets two billion clones
/// loses one blob; `Arc` would abort it.
const STUCK: u32 = 1 << 31;
/// Where a stuck count is put back to. As many threads as it is away from either end of the stuck half would have to stop
/// between counting and putting back to bring it out again.
const STUCK_MIDDLE: u32 = STUCK + STUCK / 2;

/// What stands before the values.
#[repr(C)]
struct Head {
    count: AtomicU32,
    values_len: u16,
    keys: Arc<Keys>,
}

/// Counted, immutable: a key set and bytes.
pub(super) struct Blob(NonNull<Head>);

// SAFETY: what clones share is read only (`Arc<Keys>`, bytes) or atomic, and both are `Send` and `Sync`; the last drop
// happens after all others, whichever thread it is on (see `drop`).
unsafe impl Send for Blob {}
// SAFETY: as above; `&Blob` gives out shared references only.
unsafe impl Sync for Blob {}

impl Blob {
    /// Copies the values into an allocation of their own; `None` if 16 bits cannot count them.
    pub(super) fn new(keys: Arc<Keys>, values: &[u8]) -> Option<Blob> {
        let values_len = u16::try_from(values.len()).ok()?;
        let layout = layout(values_len);
        // SAFETY: the layout is not of size zero; it has a head.
        let block = unsafe { alloc(layout) };
        #[allow(clippy::cast_ptr_alignment, reason = "the layout has the alignment of a head")]
        let Some(head) = NonNull::new(block.cast::<Head>()) else { handle_alloc_error(layout) };
        // SAFETY: the block is new, nobody else's, aligned for a head, and has room for one and `values.len()` bytes
        // behind it.
        unsafe {
            head.write(Head { count: AtomicU32::new(1), values_len, keys });
            head.add(1).cast::<u8>().copy_from_nonoverlapping(NonNull::from(values).cast(), values.len());
        }
        Some(Blob(head))
    }

    pub(super) fn keys(&self) -> &Arc<Keys> {
        &self.head().keys
    }

    pub(super) fn values(&self) -> &[u8] {
        let len = usize::from(self.head().values_len);
        // SAFETY: `new` wrote so many bytes behind the head, nobody writes there again, and they live as long as `self`. The
        // pointer comes from the allocation and may go anywhere in it.
        unsafe { slice::from_raw_parts(self.0.add(1).cast::<u8>().as_ptr(), len) }
    }

    /// Whether both are one allocation.
    pub(super) fn is(&self, other: &Blob) -> bool {
        self.0 == other.0
    }

    fn head(&self) -> &Head {
        // SAFETY: the head lives until the count falls to zero, and `self` is counted. Only its atomic changes.
        unsafe { self.0.as_ref() }
    }
}

fn layout(values_len: u16) -> Layout {
    let size = size_of::<Head>() + usize::from(values_len);
    // SAFETY: the alignment of a type is a power of two, and a head with 64 KiB is far from the end of any address space.
    unsafe { Layout::from_size_align_unchecked(size, align_of::<Head>()) }
}

impl Clone for Blob {
    fn clone(&self) -> Blob {
        let count = &self.head().count;
        // Relaxed: `self` is counted, so that nobody frees the blob meanwhile, and a clone learns nothing that its owner
        // did not know.
        if count.fetch_add(1, Ordering::Relaxed) >= STUCK {
            count.store(STUCK_MIDDLE, Ordering::Relaxed);
        }
        Blob(self.0)
    }
}

impl Drop for Blob {
    fn drop(&mut self) {
        let Head { count, values_len, .. } = self.head();
        let layout = layout(*values_len);
        // Release: whatever this owner read, it read before the last owner frees it.
        let before = count.fetch_sub(1, Ordering::Release);
        if before >= STUCK {
            count.store(STUCK_MIDDLE, Ordering::Relaxed);
        }
        if before != 1 {
            return;
        }
        // Acquire: pairs with the Release of every other owner's drop. A load, because ThreadSanitizer sees no fences.
        count.load(Ordering::Acquire);
        // SAFETY: the count was 1, and ours, so there is no other owner and nobody who could become one; the block was
        // allocated with this layout, and its head was never dropped.
        unsafe {
            ptr::drop_in_place(self.0.as_ptr());
            dealloc(self.0.as_ptr().cast(), layout);
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn blob(key: &str, values: &[u8]) -> Blob {
        Blob::new(Keys::shared([key].into_iter()), values).unwrap()
    }

    #[test]
    fn four_usual_pairs_take_a_block_of_64_bytes() {
        // Values of 36 bytes and a byte of length for each. malloc adds 8 bytes and rounds up to 16.
        assert!(layout(36 + 4).size() <= 56, "{:?}", layout(40));
        assert_eq!(size_of::<Option<Blob>>(), size_of::<usize>());
    }

    #[test]
    fn values_are_kept_whatever_their_length() {
        for len in [0, 1, 7, 8, 41, usize::from(u16::MAX)] {
            let values: Vec<u8> = (0..len).map(|at| at as u8).collect();
            let blob = blob("kept", &values);
            let clone = blob.clone();
            drop(blob);
            assert_eq!(clone.values(), values);
        }
        assert!(Blob::new(Keys::shared(["kept"].into_iter()), &vec![0; 1 << 16]).is_none());
    }

    #[test]
    fn the_last_owner_frees_whichever_thread_it_is_on() {
        for turn in 0..200_u8 {
            let blob = blob("passed from thread to thread", &[turn; 100]);
            let keys = Arc::downgrade(blob.keys());
            std::thread::scope(|scope| {
                for _ in 0..4 {
                    let mine = blob.clone();
                    scope.spawn(move || {
                        let clones: Vec<Blob> = (0..50).map(|_| mine.clone()).collect();
                        drop(mine);
                        assert!(clones.iter().all(|clone| clone.values() == [turn; 100]));
                    });
                }
                drop(blob);
            });
            assert!(keys.upgrade().is_none(), "freed, and its key set with it");
        }
    }

    #[test]
    fn a_count_that_would_overflow_sticks() {
        let blob = blob("stuck", b"for ever");
        let count = || blob.head().count.load(Ordering::Relaxed);
        blob.head().count.store(STUCK, Ordering::Relaxed);
        let clone = blob.clone();
        assert_eq!(count(), STUCK_MIDDLE);
        blob.head().count.store(STUCK, Ordering::Relaxed);
        drop(clone);
        assert_eq!(count(), STUCK_MIDDLE, "nor does it come down again");
        blob.head().count.store(1, Ordering::Relaxed);
    }
}
