//! A value that readers see without a lock while one writer replaces it.
#![allow(unsafe_code)]

use std::sync::Arc;

use crossbeam_epoch::{Atomic, Owned, pin, unprotected};

use crate::{
    garbage::{Bin, Retired},
    prefetch::prefetch_at,
    sync::{Ordering, may_switch},
};

/// A published value. Old values go to the bin, which frees them when no reader can hold them any more.
pub(crate) struct Published<T: Send + Sync + 'static> {
    value: Atomic<T>,
    bin: Arc<Bin>,
}

impl<T: Send + Sync + 'static> Published<T> {
    pub(crate) fn new(value: T, bin: &Arc<Bin>) -> Published<T> {
        Published { value: Atomic::new(value), bin: Arc::clone(bin) }
    }

    /// Reads the current value. It stays alive for the length of `read`, whatever writers do.
    #[inline]
    pub(crate) fn read<R>(&self, read: impl FnOnce(&T) -> R) -> R {
        may_switch();
        let guard = pin();
        // Acquire pairs with the Release half of the swap: who sees the pointer sees what it points to.
        let shared = self.value.load(Ordering::Acquire, &guard);
        may_switch();
        // SAFETY: the pointer is never null (set at creation, replaced by non-null, taken only in drop), and the guard
        // keeps what it pointed to at the load alive.
        read(unsafe { shared.deref() })
    }

    /// Has the value that stands now brought near, for somebody who reads it soon.
    #[inline]
    pub(crate) fn prefetch(&self) {
        // SAFETY: the guard would keep alive what the pointer leads to, and nobody goes there.
        let shared = self.value.load(Ordering::Relaxed, unsafe { unprotected() });
        prefetch_at(shared.as_raw());
    }

    /// Replaces the value. Writers are serialised by their caller; the swap alone would be sound without that.
    pub(crate) fn replace(&self, value: impl Into<Owned<T>>) {
        may_switch();
        let retired = {
            let guard = pin();
            // Release publishes the new value's contents, Acquire lets us free what an earlier writer wrote.
            let old = self.value.swap(value.into(), Ordering::AcqRel, &guard);
            // SAFETY: `old` was unlinked by the swap above and by nobody else, so this is the only one to retire it.
            unsafe { Retired::new(old) }
        };
        may_switch();
        // Not pinned any more: this thread would hold up the very epoch that the bin waits for.
        self.bin.put(retired);
    }
}

impl<T: Send + Sync + 'static> Drop for Published<T> {
    fn drop(&mut self) {
        let last = std::mem::replace(&mut self.value, Atomic::null());
        // SAFETY: `&mut self` proves that no reader is left, and the pointer was never null until now.
        drop(unsafe { last.into_owned() });
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::sync::Arc;

    use super::{Bin, Published};

    #[test]
    fn readers_see_whole_values_while_a_writer_replaces_them() {
        let bin = Bin::new();
        let published = Arc::new(Published::new([0_u64; 16], &bin));
        let reader = {
            let published = Arc::clone(&published);
            std::thread::spawn(move || {
                let mut last = 0;
                while last < 2_000 {
                    last = published.read(|value| {
                        assert!(value.iter().all(|part| *part == value[0]), "torn: {value:?}");
                        assert!(value[0] >= last, "went back from {last} to {}", value[0]);
                        value[0]
                    });
                }
            })
        };
        for turn in 1..=2_000 {
            published.replace([turn; 16]);
            if turn % 100 == 0 {
                bin.empty();
            }
        }
        reader.join().unwrap();
    }
}
