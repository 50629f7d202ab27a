//! Numbers about a registry. Counted where a decision is made, never on the path of an ordinary beat or a lookup.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

use crate::registry::Registry;

/// A reading of all counters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// Services.
    pub services: u64,
    /// Present instances.
    pub instances: u64,
    /// Instances that left and are remembered.
    pub tombstones: u64,
    /// Tombstones dropped because there were too many.
    pub tombstones_dropped: u64,
    /// Leaves by publishers that were not the instance's.
    pub stale_disconnects: u64,
}

/// The counters themselves. Relaxed everywhere: they are statistics and order nothing.
#[derive(Default)]
pub(crate) struct Counting {
    instances: AtomicU64,
    tombstones: AtomicU64,
    tombstones_dropped: AtomicU64,
    stale_disconnects: AtomicU64,
}

impl Counting {
    pub(crate) fn came(&self) {
        self.instances.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn went(&self) {
        self.instances.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn tombstones(&self) -> u64 {
        self.tombstones.load(Ordering::Relaxed)
    }

    /// An instance counted as `before` tombstones and counts as `now` of them.
    pub(crate) fn tombstones_changed(&self, before: u64, now: u64) {
        self.tombstones.fetch_add(now.wrapping_sub(before), Ordering::Relaxed);
    }

    pub(crate) fn tombstone_dropped(&self) {
        self.tombstones_dropped.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn stale_disconnect(&self) {
        self.stale_disconnects.fetch_add(1, Ordering::Relaxed);
    }
}

impl Registry {
    /// Reads the counters; each is right, together they are only nearly of one moment.
    pub fn counters(&self) -> Counters {
        let counting = &self.inner.counters;
        Counters {
            services: u64::from(self.inner.service_count()),
            instances: counting.instances.load(Ordering::Relaxed),
            tombstones: counting.tombstones(),
            tombstones_dropped: counting.tombstones_dropped.load(Ordering::Relaxed),
            stale_disconnects: counting.stale_disconnects.load(Ordering::Relaxed),
        }
    }
}
