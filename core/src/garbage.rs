//! What was unlinked and waits until nobody can be reading it any more.
//!
//! A value that readers can reach ends in three steps. Its writer unlinks it and puts it here. A *seal* has the epoch
//! tell us when everybody who was reading at that moment has finished. Whoever looks afterwards frees it: the ticker, or
//! a writer, when more waits than a tick should leave.
//!
//! Invariant: a reader frees nothing. What the epoch runs for a seal, possibly on a reader's thread, raises one number;
//! it neither allocates nor frees.
#![allow(unsafe_code)]

use std::{collections::VecDeque, sync::Arc};

use crossbeam_epoch::{Owned, Shared, pin};

use crate::{
    limits::GARBAGE_BATCH_MAX,
    sync::{
        Ordering,
        beside_epoch::{AtomicU64, Mutex},
    },
};

/// What a writer frees for each value that it adds to a crowded bin; two, so that the crowd shrinks.
const FREED_PER_PUT: usize = 2;

/// A value that no new reader can reach.
pub(crate) struct Retired {
    pointer: *mut (),
    free: unsafe fn(*mut ()),
}

// SAFETY: the only way in is `new`, which demands a `Send` value that nobody else will free.
unsafe impl Send for Retired {}

impl Retired {
    /// Takes over a value that was unlinked.
    ///
    /// # Safety
    ///
    /// `value` is not null and was unlinked by the caller, so that whoever pins from now on cannot reach it, and nobody
    /// else retires or frees it.
    pub(crate) unsafe fn new<T: Send + 'static>(value: Shared<'_, T>) -> Retired {
        Retired { pointer: value.as_raw().cast_mut().cast(), free: free::<T> }
    }

    /// Frees the value.
    ///
    /// # Safety
    ///
    /// Nobody reads it any more.
    unsafe fn free(self) {
        // SAFETY: `pointer` and `free` were made for the same type in `new`; `self` is consumed, so this happens once.
        unsafe { (self.free)(self.pointer) };
    }
}

/// # Safety
///
/// `pointer` came from an `Owned<T>` that nobody uses any more.
unsafe fn free<T>(pointer: *mut ()) {
    // SAFETY: as above.
    drop(unsafe { Owned::from_raw(pointer.cast::<T>()) });
}

/// Unlinked values, oldest first.
pub(crate) struct Bin {
    queue: Mutex<Queue>,
    /// The highest seal whose readers have all finished.
    passed: Arc<AtomicU64>,
}

#[derive(Default)]
struct Queue {
    /// Each value with the number of the seal that covers it; the numbers never fall.
    waiting: VecDeque<(u64, Retired)>,
    /// The last seal.
    sealed: u64,
    /// How many at the end of `waiting` no seal covers yet.
    open: usize,
}

impl Bin {
    pub(crate) fn new() -> Arc<Bin> {
        Arc::new(Bin { queue: Mutex::default(), passed: Arc::new(AtomicU64::new(0)) })
    }

    /// Adds a value. In a crowded bin it also frees a little, so that writers who outrun the ticker, or run without
    /// one, cannot fill the memory.
    pub(crate) fn put(&self, retired: Retired) {
        let (seal, crowded) = {
            let mut queue = self.queue.lock();
            let number = queue.sealed + 1;
            queue.waiting.push_back((number, retired));
            queue.open += 1;
            let seal = (queue.open >= GARBAGE_BATCH_MAX).then(|| queue.seal()).flatten();
            (seal, queue.waiting.len() > GARBAGE_BATCH_MAX)
        };
        if let Some(number) = seal {
            self.seal(number);
        }
        if crowded {
            self.free_passed(FREED_PER_PUT);
        }
    }

    /// Frees all that nobody can be reading any more, and seals the rest. For the ticker: what was unlinked before one
    /// call is free after the next but one, unless somebody reads for that long.
    pub(crate) fn empty(&self) {
        let (seal, waiting) = {
            let mut queue = self.queue.lock();
            (queue.seal(), !queue.waiting.is_empty())
        };
        match seal {
            Some(number) => self.seal(number),
            // Epochs pass only while somebody asks for it.
            None if waiting => pin().flush(),
            None => return,
        }
        self.free_passed(usize::MAX);
    }

    /// How many values wait.
    #[cfg(test)]
    pub(crate) fn waiting(&self) -> usize {
        self.queue.lock().waiting.len()
    }

    /// Has `passed` raised to `number` when everybody who reads now has finished.
    ///
    /// Everything numbered up to `number` was unlinked before its writer put it into the queue, under whose lock the
    /// number was given out; so it was unlinked before this deferral, which is what the epoch asks for. Seals may pass
    /// in another order than they were made: whoever could still read something of an earlier seal was reading when
    /// the later one was made, so the later one has waited for them too.
    fn seal(&self, number: u64) {
        let guard = pin();
        let passed = Arc::clone(&self.passed);
        // Release: who sees the number sees that the readers have finished, which the epoch ordered before this call.
        guard.defer(move || passed.fetch_max(number, Ordering::Release));
        // Otherwise it would wait in this thread's own bag until that is full.
        guard.flush();
    }

    fn free_passed(&self, at_most: usize) {
        for _ in 0..at_most {
            let Some(retired) = self.next_passed() else { return };
            // SAFETY: a seal that covers it has passed, so everybody who was reading when it was made has finished; and
            // it was made after the value was unlinked, so nobody came later.
            unsafe { retired.free() };
        }
    }

    fn next_passed(&self) -> Option<Retired> {
        let mut queue = self.queue.lock();
        // Acquire pairs with the Release in `seal`.
        let passed = self.passed.load(Ordering::Acquire);
        if queue.waiting.front().is_none_or(|(number, _)| *number > passed) {
            return None;
        }
        queue.waiting.pop_front().map(|(_, retired)| retired)
    }
}

impl Queue {
    /// Numbers a seal over everything that has none; `None` if there is no such thing.
    fn seal(&mut self) -> Option<u64> {
        if self.open == 0 {
            return None;
        }
        self.open = 0;
        self.sealed += 1;
        Some(self.sealed)
    }
}

impl Drop for Bin {
    fn drop(&mut self) {
        for (_, retired) in self.queue.get_mut().waiting.drain(..) {
            // SAFETY: every `Published` that retires into this bin holds it, so all of them are gone, and who reads
            // one borrows it.
            unsafe { retired.free() };
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::{
        collections::HashSet,
        sync::{
            Mutex,
            atomic::{AtomicBool, AtomicUsize},
        },
        thread::ThreadId,
    };

    use super::*;
    use crate::published::Published;

    /// Who freed what.
    type Freed = Arc<Mutex<Vec<ThreadId>>>;

    /// Tells who freed it.
    struct Told(Freed);

    impl Drop for Told {
        fn drop(&mut self) {
            self.0.lock().unwrap().push(std::thread::current().id());
        }
    }

    #[test]
    fn readers_free_nothing_and_everything_is_freed_once() {
        const VALUES: usize = 20_000;
        let freed = Freed::default();
        let bin = Bin::new();
        let published = Published::new(Told(Arc::clone(&freed)), &bin);
        let done = AtomicBool::new(false);
        // On a busy machine the writer could be done before a reader has begun.
        let begun = std::sync::Barrier::new(4);
        let mut readers = HashSet::new();
        std::thread::scope(|scope| {
            let reading: Vec<_> = (0..3)
                .map(|_| {
                    scope.spawn(|| {
                        let mut reads = u64::from(published.read(|told| Arc::ptr_eq(&told.0, &freed)));
                        begun.wait();
                        while !done.load(Ordering::Acquire) {
                            reads += u64::from(published.read(|told| Arc::ptr_eq(&told.0, &freed)));
                        }
                        (std::thread::current().id(), reads)
                    })
                })
                .collect();
            begun.wait();
            for turn in 1..VALUES {
                published.replace(Told(Arc::clone(&freed)));
                if turn % 500 == 0 {
                    bin.empty();
                }
            }
            // On a busy machine a reader may have slept in the middle of a read all the while; its turn comes.
            for _ in 0..1_000_000 {
                if !freed.lock().unwrap().is_empty() {
                    break;
                }
                std::thread::yield_now();
                bin.empty();
            }
            done.store(true, Ordering::Release);
            for reader in reading {
                let (id, reads) = reader.join().unwrap();
                assert!(reads > 0, "it read");
                readers.insert(id);
            }
        });
        let before = freed.lock().unwrap().len();
        assert!(before > 0, "the writer freed while readers read");
        drop(published);
        drop(bin);
        let freed = freed.lock().unwrap();
        assert_eq!(freed.len(), VALUES, "each value once");
        assert!(freed.iter().all(|id| !readers.contains(id)), "a reader freed something");
    }

    #[test]
    fn what_somebody_reads_waits_and_what_nobody_reads_goes_with_the_ticks() {
        let freed = Freed::default();
        let bin = Bin::new();
        let published = Published::new(Told(Arc::clone(&freed)), &bin);
        published.read(|_| {
            published.replace(Told(Arc::clone(&freed)));
            for _ in 0..10 {
                bin.empty();
            }
            assert_eq!((bin.waiting(), freed.lock().unwrap().len()), (1, 0), "it is being read");
        });
        // Other tests of this process read as well and may hold an epoch up for a moment.
        while bin.waiting() > 0 {
            bin.empty();
            std::thread::yield_now();
        }
        assert_eq!(freed.lock().unwrap().len(), 1);
    }

    #[test]
    fn writers_without_a_ticker_do_not_fill_the_memory() {
        let highest = AtomicUsize::new(0);
        let bin = Bin::new();
        let published = Published::new(0_u64, &bin);
        for turn in 0..200_000 {
            published.replace(turn);
            highest.fetch_max(bin.waiting(), Ordering::Relaxed);
            if bin.waiting() > 8 * GARBAGE_BATCH_MAX {
                // A test beside this one reads and was preempted: give it the core.
                std::thread::yield_now();
            }
        }
        let highest = highest.into_inner();
        assert!(highest >= GARBAGE_BATCH_MAX, "the bound was reached: {highest}");
        assert!(highest < 100_000, "{highest} values waited");
    }
}
