//! Arrays that never move, in memory that costs nothing until it is touched.
//!
//! Beats in random order wait for memory, and with millions of slots they wait as long for its address: a page of 4 KiB
//! holds 512 gates, and a core remembers where some 2000 pages are. Linux gives pages of 2 MiB to whoever asks for them.
//! Small registries do not ask, because the first touch would take all of one.

#[cfg(all(target_os = "linux", not(any(loom, shuttle))))]
pub(crate) use linux::Pages;
#[cfg(any(not(target_os = "linux"), loom, shuttle))]
pub(crate) use portable::Pages;

/// What fresh memory can hold.
///
/// # Safety
///
/// Zero bytes are a value of the type, the same as its default, and it owns nothing. (A model checker's atomics are no
/// such thing; under it, and away from Linux, nobody relies on it.)
#[allow(unsafe_code)]
#[allow(dead_code, reason = "a bound is no use to the lint")]
pub(crate) unsafe trait Blank: Default {}

// SAFETY: an atomic integer is as good as the integer in it, and its default is zero.
#[allow(unsafe_code)]
unsafe impl Blank for crate::sync::AtomicU64 {}

// SAFETY: such values, one after the other.
#[allow(unsafe_code)]
unsafe impl<T: Blank> Blank for [T; 2] {}

#[cfg(any(not(target_os = "linux"), loom, shuttle))]
mod portable {
    use std::ops::Deref;

    use super::Blank;

    /// Values that never move.
    pub(crate) struct Pages<T>(Box<[T]>);

    impl<T: Blank> Pages<T> {
        pub(crate) fn new(values: usize, _large: bool) -> Pages<T> {
            Pages((0..values).map(|_| T::default()).collect())
        }
    }

    impl<T> Deref for Pages<T> {
        type Target = [T];

        fn deref(&self) -> &[T] {
            &self.0
        }
    }
}

#[cfg(all(target_os = "linux", not(any(loom, shuttle))))]
mod linux {
    #![allow(unsafe_code)]

    use std::{
        alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error},
        ops::Deref,
        ptr::{NonNull, null_mut},
        slice,
    };

    use super::Blank;

    /// A large page.
    const LARGE: usize = 2 << 20;

    /// Values that never move. Those that fill a large page have a mapping of their own, which is longer by one, so that
    /// they can begin where one does.
    pub(crate) struct Pages<T> {
        mapping: Option<NonNull<libc::c_void>>,
        start: NonNull<T>,
        values: usize,
    }

    // SAFETY: it owns its values as a boxed slice does.
    unsafe impl<T: Send> Send for Pages<T> {}
    // SAFETY: as above.
    unsafe impl<T: Sync> Sync for Pages<T> {}

    impl<T: Blank> Pages<T> {
        /// So many blank values, at least one; `large` asks for large pages if they fill one.
        pub(crate) fn new(values: usize, large: bool) -> Pages<T> {
            let layout = Layout::array::<T>(values).expect("a bound of the registry");
            if layout.size() < LARGE {
                // SAFETY: the layout is of at least one value, and none of the types is empty.
                let start = NonNull::new(unsafe { alloc_zeroed(layout) }).unwrap_or_else(|| handle_alloc_error(layout));
                return Pages { mapping: None, start: start.cast(), values };
            }
            let mapping = map(layout.size() + LARGE).unwrap_or_else(|| handle_alloc_error(layout));
            let address = mapping.addr().get();
            // SAFETY: less than a large page is skipped, and the mapping is longer than the values by one.
            let start = unsafe { mapping.byte_add(address.next_multiple_of(LARGE) - address) };
            if large {
                // SAFETY: the range lies inside the mapping. The advice changes no contents, and whoever does not take
                // it loses speed alone.
                unsafe { libc::madvise(start.as_ptr(), layout.size(), libc::MADV_HUGEPAGE) };
            }
            Pages { mapping: Some(mapping), start: start.cast(), values }
        }
    }

    /// Fresh memory: zeroed, and not there before it is touched. `None` when there is none.
    fn map(bytes: usize) -> Option<NonNull<libc::c_void>> {
        let (access, kind) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
        // SAFETY: a new private mapping at an address of the kernel's choice touches nothing that anybody has.
        let mapping = unsafe { libc::mmap(null_mut(), bytes, access, kind | libc::MAP_NORESERVE, -1, 0) };
        NonNull::new(mapping).filter(|_| mapping != libc::MAP_FAILED)
    }

    impl<T> Deref for Pages<T> {
        type Target = [T];

        #[inline]
        fn deref(&self) -> &[T] {
            // SAFETY: so many values stand from there on, aligned as they want, in memory that was zeroed, which `Blank`
            // says is a value; it stays where it is until `self` is dropped.
            unsafe { slice::from_raw_parts(self.start.as_ptr(), self.values) }
        }
    }

    impl<T> Drop for Pages<T> {
        fn drop(&mut self) {
            let layout = Layout::for_value::<[T]>(self);
            match self.mapping {
                // SAFETY: `new` made a mapping of this length, nobody else unmaps it, and who borrows from it borrows
                // `self`.
                Some(mapping) => drop(unsafe { libc::munmap(mapping.as_ptr(), layout.size() + LARGE) }),
                // SAFETY: `new` allocated it with this layout; the values own nothing that had to be dropped.
                None => unsafe { dealloc(self.start.as_ptr().cast(), layout) },
            }
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::sync::{AtomicU64, Ordering};

    #[test]
    fn fresh_values_are_blank_and_keep_what_is_written() {
        for (values, large) in [(300_000, false), (300_000, true), (131_072, true), (20_000, true)] {
            let pages = Pages::<[AtomicU64; 2]>::new(values, large);
            assert_eq!(pages.len(), values);
            for (number, value) in pages.iter().enumerate().step_by(7_777) {
                assert_eq!(value[1].swap(number as u64, Ordering::Relaxed), 0);
            }
            assert!(pages.iter().enumerate().step_by(7_777).all(|(n, v)| v[1].load(Ordering::Relaxed) == n as u64));
        }
    }
}
