//! What the product runs on. Locks do not poison; who must know of a panic keeps a mark of its own (module `service`).
#![allow(unused_imports, reason = "some are needed on one system or with one feature only")]

pub(crate) use std::sync::atomic::{
    AtomicBool, AtomicPtr, AtomicU16, AtomicU32, AtomicU64, AtomicUsize, Ordering, compiler_fence, fence,
};

pub(crate) use parking_lot::{Condvar, Mutex, MutexGuard, RwLock};
