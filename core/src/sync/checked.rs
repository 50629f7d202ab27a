//! The same under a checker: its atomics, and its locks in the shape of `parking_lot`'s.
#![allow(dead_code, reason = "some are needed on one system or with one feature only")]
#![allow(clippy::unused_self, reason = "as parking_lot has it")]

use std::{
    ops::{Deref, DerefMut},
    sync::PoisonError,
    time::Duration,
};

#[cfg(loom)]
use loom::sync as checker;
#[cfg(shuttle)]
use shuttle::sync as checker;

pub(crate) use checker::atomic::{
    AtomicBool, AtomicPtr, AtomicU16, AtomicU32, AtomicU64, AtomicUsize, Ordering, fence,
};

/// A mutex that does not poison.
#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(checker::Mutex<T>);

/// Empty only while its thread sleeps on a [`Condvar`].
#[derive(Debug)]
pub(crate) struct MutexGuard<'a, T>(Option<checker::MutexGuard<'a, T>>);

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Mutex<T> {
        Mutex(checker::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        MutexGuard(Some(self.0.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> MutexGuard<'_, T> {
    /// A checker lets others in between any two steps; nobody needs to be handed the lock.
    pub(crate) fn bump(_guard: &mut MutexGuard<'_, T>) {}
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_ref().expect("awake")
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.as_mut().expect("awake")
    }
}

/// A condition on which time is up at once: a checker has no clock, and what may happen late may happen now.
#[derive(Debug, Default)]
pub(crate) struct Condvar(checker::Condvar);

impl Condvar {
    pub(crate) fn new() -> Condvar {
        Condvar(checker::Condvar::new())
    }

    pub(crate) fn notify_one(&self) {
        self.0.notify_one();
    }

    pub(crate) fn notify_all(&self) {
        self.0.notify_all();
    }

    pub(crate) fn wait_while<T>(&self, guard: &mut MutexGuard<'_, T>, mut condition: impl FnMut(&mut T) -> bool) {
        while condition(guard) {
            guard.0 = guard.0.take().map(|awake| self.0.wait(awake).unwrap_or_else(PoisonError::into_inner));
        }
    }

    pub(crate) fn wait_while_for<T>(
        &self,
        guard: &mut MutexGuard<'_, T>,
        mut condition: impl FnMut(&mut T) -> bool,
        _timeout: Duration,
    ) {
        condition(guard);
    }

    pub(crate) fn wait_for<T>(&self, _guard: &mut MutexGuard<'_, T>, _timeout: Duration) {}
}

/// A lock for many readers that does not poison.
#[derive(Debug, Default)]
pub(crate) struct RwLock<T>(checker::RwLock<T>);

impl<T> RwLock<T> {
    pub(crate) fn read(&self) -> checker::RwLockReadGuard<'_, T> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn write(&self) -> checker::RwLockWriteGuard<'_, T> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}
