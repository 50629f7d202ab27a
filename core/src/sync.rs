//! The atomics of the hot path, and what waiting is made of, from `std` and `parking_lot` or from loom's model checker.

#[cfg(not(loom))]
pub(crate) use std::sync::atomic::{AtomicU32, AtomicU64, Ordering, fence};

#[cfg(loom)]
pub(crate) use loom::sync::atomic::{AtomicU32, AtomicU64, Ordering, fence};

pub(crate) use monitor::Monitor;

#[cfg(not(loom))]
mod monitor {
    use std::time::Duration;

    use parking_lot::{Condvar, Mutex};

    /// A value behind a lock, and one condition to wait for.
    pub(crate) struct Monitor<T> {
        value: Mutex<T>,
        changed: Condvar,
    }

    impl<T> Monitor<T> {
        pub(crate) fn new(value: T) -> Monitor<T> {
            Monitor { value: Mutex::new(value), changed: Condvar::new() }
        }

        /// Works on the value; wakes nobody.
        pub(crate) fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
            work(&mut self.value.lock())
        }

        /// Sets the value and wakes one who waits.
        pub(crate) fn set(&self, value: T) {
            *self.value.lock() = value;
            self.changed.notify_one();
        }

        /// Sleeps as long as `condition` holds and the time is not up. `condition` is asked at first and whenever
        /// the value was set, under the lock.
        pub(crate) fn wait_while(&self, timeout: Option<Duration>, condition: impl FnMut(&mut T) -> bool) {
            let mut value = self.value.lock();
            match timeout {
                Some(timeout) => drop(self.changed.wait_while_for(&mut value, condition, timeout)),
                None => self.changed.wait_while(&mut value, condition),
            }
        }
    }
}

#[cfg(loom)]
mod monitor {
    use std::time::Duration;

    use loom::sync::{Condvar, Mutex};

    /// The same for the model checker, in which time is up at once.
    pub(crate) struct Monitor<T> {
        value: Mutex<T>,
        changed: Condvar,
    }

    impl<T> Monitor<T> {
        pub(crate) fn new(value: T) -> Monitor<T> {
            Monitor { value: Mutex::new(value), changed: Condvar::new() }
        }

        pub(crate) fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
            work(&mut self.value.lock().unwrap())
        }

        pub(crate) fn set(&self, value: T) {
            *self.value.lock().unwrap() = value;
            self.changed.notify_one();
        }

        pub(crate) fn wait_while(&self, timeout: Option<Duration>, mut condition: impl FnMut(&mut T) -> bool) {
            let mut value = self.value.lock().unwrap();
            while condition(&mut value) && timeout.is_none() {
                value = self.changed.wait(value).unwrap();
            }
        }
    }
}
