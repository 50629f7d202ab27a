//! Which services changed lately: one overwriting ring for all watchers.
//!
//! A publisher writes one entry and looks at one number, however many watchers there are. A watcher that lags more
//! than the ring's length compares revisions instead; nothing is queued for it and nobody waits for it.
//!
//! Invariant: an entry's sequence number is stored after its service, so a watcher that finds the number it expects
//! reads the service that belongs to it, or one that overwrote it, which it recognises by reading the number again.

use std::{sync::Arc, time::Duration};

use crate::{
    bell::Bell,
    limits,
    sync::{AtomicU64, Mutex, Ordering, fence},
};

/// The ring, and the bell for those who wait for it.
pub(crate) struct Ring {
    entries: Box<[Entry]>,
    head: AtomicU64,
    /// One pusher at a time, so that a stalled one cannot write over its successors. A leaf lock.
    pusher: Mutex<()>,
    pub(crate) bell: Arc<Bell>,
}

#[derive(Default)]
struct Entry {
    number: AtomicU64,
    service: AtomicU64,
}

/// What a watcher finds at its cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Read {
    /// The service that changed.
    Service(u32),
    /// Nothing new.
    End,
    /// It was overwritten.
    Lost,
}

/// Few for shuttle, so that watchers fall behind.
const RING_ENTRIES: usize = if cfg!(shuttle) { 4 } else { limits::RING_ENTRIES };

impl Ring {
    pub(crate) fn new() -> Ring {
        Ring {
            entries: (0..RING_ENTRIES).map(|_| Entry::default()).collect(),
            head: AtomicU64::new(0),
            pusher: Mutex::new(()),
            bell: Arc::new(Bell::new()),
        }
    }

    /// Where new entries will come: a cursor for a new watcher.
    pub(crate) fn head(&self) -> u64 {
        self.head.load(Ordering::Acquire)
    }

    /// Tells watchers that a service changed.
    pub(crate) fn push(&self, service: u32) {
        let pushing = self.pusher.lock();
        let number = self.head.load(Ordering::Relaxed);
        let entry = &self.entries[number as usize % RING_ENTRIES];
        entry.number.store(0, Ordering::Relaxed);
        // Orders the mark above before the new service for readers that see the latter.
        fence(Ordering::Release);
        entry.service.store(u64::from(service), Ordering::Relaxed);
        // Release: who sees the number, or the head, sees the service.
        entry.number.store(number + 1, Ordering::Release);
        self.head.store(number + 1, Ordering::Release);
        drop(pushing);
        self.notify();
    }

    /// Wakes everybody who waits.
    pub(crate) fn notify(&self) {
        self.bell.ring();
    }

    /// Reads the entry at a cursor.
    pub(crate) fn read(&self, cursor: u64) -> Read {
        let head = self.head.load(Ordering::Acquire);
        if cursor >= head {
            return Read::End;
        }
        if head - cursor > RING_ENTRIES as u64 {
            return Read::Lost;
        }
        let entry = &self.entries[cursor as usize % RING_ENTRIES];
        let before = entry.number.load(Ordering::Acquire);
        let service = entry.service.load(Ordering::Relaxed);
        // Orders the second look at the number after the load of the service.
        fence(Ordering::Acquire);
        let after = entry.number.load(Ordering::Relaxed);
        if before == cursor + 1 && after == before { Read::Service(service as u32) } else { Read::Lost }
    }

    /// Waits until `ready` says so, or the time is up. `ready` is asked at first and then after pushes and
    /// notifications.
    pub(crate) fn wait(&self, timeout: Option<Duration>, ready: impl FnMut() -> bool) {
        self.bell.wait(timeout, ready);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_read_in_order_and_a_lagging_cursor_is_told() {
        let ring = Ring::new();
        ring.push(7);
        ring.push(8);
        assert_eq!((ring.read(0), ring.read(1), ring.read(2)), (Read::Service(7), Read::Service(8), Read::End));
        for service in 0..RING_ENTRIES as u32 {
            ring.push(service);
        }
        assert_eq!(ring.read(1), Read::Lost);
        assert_eq!(ring.read(2), Read::Service(0));
    }

    #[test]
    fn a_waiter_is_woken_by_a_push() {
        let ring = Arc::new(Ring::new());
        let waiter = {
            let ring = Arc::clone(&ring);
            std::thread::spawn(move || {
                ring.wait(None, || ring.read(0) != Read::End);
            })
        };
        ring.push(1);
        waiter.join().unwrap();
    }
}
