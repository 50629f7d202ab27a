//! Everything that threads share comes from here: atomics, fences, locks and what waiting is made of.
//!
//! In the product they are those of `std` and `parking_lot`. Under `--cfg loom` they are loom's, for the models in
//! `tests/loom.rs`; under `--cfg shuttle` they are shuttle's, for the schedules in `tests/shuttle`. A test over the
//! whole tree holds the core to this, so that nothing is hidden from a checker. Two things come from elsewhere: `Arc`,
//! which orders nothing here that a checker would try, and crossbeam-epoch, which loom knows by its own build.

#[cfg(any(loom, shuttle))]
pub(crate) use checked::*;
pub(crate) use monitor::Monitor;
#[cfg(not(any(loom, shuttle)))]
pub(crate) use native::*;
#[cfg(shuttle)]
pub(crate) use once::OnceLock;
#[cfg(not(shuttle))]
pub(crate) use std::sync::OnceLock;

/// For what belongs to the process and not to a registry: no checker begins it anew with every run, and nothing happens
/// under its locks.
pub(crate) mod in_process {
    pub(crate) use std::sync::OnceLock;

    pub(crate) use parking_lot::{Mutex, MutexGuard};
}

/// What is shared with crossbeam-epoch. It runs what it was given at any later time, under shuttle perhaps in the middle
/// of another schedule, which must not depend on that; so there it is none of shuttle's business.
pub(crate) mod beside_epoch {
    #[cfg(not(shuttle))]
    pub(crate) use super::{AtomicU64, Mutex};
    #[cfg(shuttle)]
    pub(crate) use {parking_lot::Mutex, std::sync::atomic::AtomicU64};
}

#[cfg(any(loom, shuttle))]
mod checked;
mod monitor;
#[cfg(not(any(loom, shuttle)))]
mod native;
#[cfg(shuttle)]
mod once;

/// A place where shuttle may let another thread go on, beside those that its own types are.
#[inline]
pub(crate) fn may_switch() {
    #[cfg(shuttle)]
    AtomicBool::new(false).load(Ordering::Relaxed);
}
