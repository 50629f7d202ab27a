//! A value behind a lock, and one condition to wait for.

use std::time::Duration;

use super::{Condvar, Mutex};

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

    /// Sleeps as long as `condition` holds and the time is not up. `condition` is asked at first and whenever the value
    /// was set, under the lock.
    pub(crate) fn wait_while(&self, timeout: Option<Duration>, condition: impl FnMut(&mut T) -> bool) {
        let mut value = self.value.lock();
        match timeout {
            Some(timeout) => {
                self.changed.wait_while_for(&mut value, condition, timeout);
            }
            None => self.changed.wait_while(&mut value, condition),
        }
    }
}
