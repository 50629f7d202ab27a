//! A value that readers see without a lock while one writer replaces it.
#![allow(unsafe_code)]

use std::sync::atomic::Ordering;

use crossbeam_epoch::{Atomic, Owned, pin};

/// A published value. Old values are freed when no reader can hold them any more.
pub(crate) struct Published<T: Send + Sync + 'static>(Atomic<T>);

impl<T: Send + Sync + 'static> Published<T> {
    pub(crate) fn new(value: T) -> Published<T> {
        Published(Atomic::new(value))
    }

    /// Reads the current value. It stays alive for the length of `read`, whatever writers do.
    #[inline]
    pub(crate) fn read<R>(&self, read: impl FnOnce(&T) -> R) -> R {
        let guard = pin();
        // Acquire pairs with the Release half of the swap: who sees the pointer sees what it points to.
        let shared = self.0.load(Ordering::Acquire, &guard);
        // SAFETY: the pointer is never null (set at creation, replaced by non-null, taken only in drop), and the guard
        // keeps what it pointed to at the load alive.
        read(unsafe { shared.deref() })
    }

    /// Replaces the value. Writers are serialised by their caller; the swap alone would be sound without that.
    pub(crate) fn replace(&self, value: T) {
        let guard = pin();
        // Release publishes the new value's contents, Acquire lets us free what an earlier writer wrote.
        let old = self.0.swap(Owned::new(value), Ordering::AcqRel, &guard);
        // SAFETY: `old` was unlinked by the swap above and by nobody else, so this is the only deferral; readers that
        // still see it are pinned.
        unsafe { guard.defer_destroy(old) };
    }
}

impl<T: Send + Sync + 'static> Drop for Published<T> {
    fn drop(&mut self) {
        let last = std::mem::replace(&mut self.0, Atomic::null());
        // SAFETY: `&mut self` proves that no reader is left, and the pointer was never null until now.
        drop(unsafe { last.into_owned() });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Published;

    #[test]
    fn readers_see_whole_values_while_a_writer_replaces_them() {
        let published = Arc::new(Published::new([0_u64; 16]));
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
        }
        reader.join().unwrap();
    }
}
