//! Everything that threads share comes from here: atomics, fences, locks and what waiting is made of.
//!
//! In the product they are those of `std` and `parking_lot`. Under `--cfg loom` they are loom's, for the models in
//! `tests/loom.rs`. A test over the whole tree holds the core to this, so that nothing is hidden from a model. Two
//! things come from elsewhere: `Arc`, which orders nothing here that a checker would try, and crossbeam-epoch, which
//! loom knows by its own build.

#[cfg(loom)]
pub(crate) use checked::*;
pub(crate) use monitor::Monitor;
#[cfg(not(loom))]
pub(crate) use native::*;

#[cfg(loom)]
mod checked;
mod monitor;
#[cfg(not(loom))]
mod native;
