//! What is set once, for shuttle: whoever finds it being made lets others go on, instead of holding up the one thread
//! that all of them share.

use std::sync::{
    OnceLock as Value,
    atomic::{AtomicBool, Ordering},
};

/// `std`'s, as far as it is needed.
#[derive(Debug)]
pub(crate) struct OnceLock<T> {
    value: Value<T>,
    /// Somebody is at it. Relaxed is enough for a flag of one thread.
    making: AtomicBool,
}

impl<T> Default for OnceLock<T> {
    fn default() -> OnceLock<T> {
        OnceLock::new()
    }
}

/// Ends the making, also by a panic.
struct Making<'a>(&'a AtomicBool);

impl<T> OnceLock<T> {
    pub(crate) const fn new() -> OnceLock<T> {
        OnceLock { value: Value::new(), making: AtomicBool::new(false) }
    }

    pub(crate) fn get(&self) -> Option<&T> {
        self.value.get()
    }

    pub(crate) fn set(&self, value: T) -> Result<(), T> {
        self.value.set(value)
    }

    pub(crate) fn get_or_init(&self, make: impl FnOnce() -> T) -> &T {
        super::may_switch();
        while self.get().is_none() && self.making.swap(true, Ordering::Relaxed) {
            shuttle::thread::yield_now();
        }
        if let Some(value) = self.get() {
            return value;
        }
        let making = Making(&self.making);
        let value = make();
        super::may_switch();
        let value = self.value.get_or_init(|| value);
        drop(making);
        value
    }
}

impl Drop for Making<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}
