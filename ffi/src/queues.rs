//! Watch queues by number.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use steadfast_core::WatchQueue;

use crate::{codes::STEADFAST_E_UNKNOWN_QUEUE, failure::Failure, registry::locked};

/// The queues of one registry. Numbers are never used twice.
#[derive(Default)]
pub(crate) struct Queues {
    last: AtomicU64,
    queues: Mutex<HashMap<u64, Arc<WatchQueue>>>,
}

impl Queues {
    pub(crate) fn add(&self, queue: WatchQueue) -> u64 {
        // Relaxed: only the number itself has to be unique.
        let number = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        locked(&self.queues).insert(number, Arc::new(queue));
        number
    }

    /// The queue, kept alive for as long as somebody polls it.
    pub(crate) fn find(&self, number: u64) -> Result<Arc<WatchQueue>, Failure> {
        locked(&self.queues).get(&number).cloned().ok_or_else(unknown)
    }

    pub(crate) fn remove(&self, number: u64) -> Result<Arc<WatchQueue>, Failure> {
        locked(&self.queues).remove(&number).ok_or_else(unknown)
    }
}

fn unknown() -> Failure {
    Failure::plain(STEADFAST_E_UNKNOWN_QUEUE)
}
