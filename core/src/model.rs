//! What the loom models in `tests/loom.rs` run: the code itself, not a copy of it.

use std::sync::Arc;

pub use crate::gate::Gate;
use crate::{garbage::Bin, published::Published};

/// What waiters sleep on.
pub struct Bell(crate::bell::Bell);

impl Default for Bell {
    fn default() -> Bell {
        Bell(crate::bell::Bell::new())
    }
}

impl Bell {
    /// What a publisher does.
    pub fn ring(&self) {
        self.0.ring();
    }

    /// What it must not leave out.
    pub fn ring_without_fence(&self) {
        self.0.ring_after_fence();
    }

    /// How many sleep now.
    pub fn asleep(&self) -> usize {
        self.0.asleep()
    }

    /// What a poll does; `hurried` is one whose time is up as soon as it sleeps.
    pub fn wait(&self, hurried: bool, ready: impl FnMut() -> bool) {
        self.0.wait(hurried.then_some(std::time::Duration::MAX), ready);
    }
}

/// A published value and the bin that its old values go to.
pub struct Shown<T: Send + Sync + 'static>(Published<T>, Arc<Bin>);

impl<T: Send + Sync + 'static> Shown<T> {
    /// Publishes a first value.
    pub fn new(value: T) -> Shown<T> {
        let bin = Bin::new();
        Shown(Published::new(value, &bin), bin)
    }

    /// What a lookup does.
    pub fn read<R>(&self, read: impl FnOnce(&T) -> R) -> R {
        self.0.read(read)
    }

    /// What a writer does.
    pub fn replace(&self, value: T) {
        self.0.replace(value);
    }

    /// What the ticker does.
    pub fn empty_bin(&self) {
        self.1.empty();
    }
}

/// The sweeper's barrier.
pub fn heavy() {
    crate::barrier::heavy();
}
