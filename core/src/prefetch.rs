//! Asking for memory before it is needed.
//!
//! A load that has to wait holds up everything behind it, and a core has room for few instructions behind it. A prefetch
//! holds up nothing, so that as many are under way as the memory takes.
#![allow(unsafe_code)]

/// How much a reader of twenty rows reads of them.
const ROWS_BYTES: usize = 512;
const LINE_BYTES: usize = 64;

/// Has the place brought near.
#[inline]
pub(crate) fn prefetch<T>(place: &T) {
    prefetch_at(place);
}

/// Has the first twenty rows or so brought near.
#[inline]
pub(crate) fn prefetch_rows<T>(rows: *const T) {
    for line in 0..ROWS_BYTES / LINE_BYTES {
        prefetch_at(rows.wrapping_byte_add(line * LINE_BYTES));
    }
}

/// The same for a place that may be gone by now. Where there is no such instruction in stable Rust, nothing happens.
#[inline]
pub(crate) fn prefetch_at<T>(place: *const T) {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a prefetch is a hint about an address. It reads and writes nothing that a program could see and faults
        // at no address, and every x86-64 has it.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(place.cast()) }
    }
    #[cfg(not(all(target_arch = "x86_64", not(miri))))]
    let _ = place;
}
