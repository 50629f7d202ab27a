//! Watching services: level-triggered, coalesced, bounded.
//!
//! An event says *that* a service is at a revision; the reader then looks. Several changes between two polls are one
//! event. A queue that lags behind the ring hears `Resync` once and then finds what changed by comparing revisions.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use parking_lot::Mutex;

use crate::{
    error::WatchError,
    handle::ServiceId,
    limits::{QUEUES_MAX, WATCHES_PER_QUEUE_MAX},
    registry::{Inner, Registry},
    ring::Read,
};

/// Something to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WatchEvent {
    /// A watched service moved.
    Changed {
        /// The service.
        service: ServiceId,
        /// What the watcher gave to recognise it.
        cookie: u64,
        /// The revision it is at, or later by the time it is read.
        revision: u64,
    },
    /// The queue had fallen behind; what follows is complete again.
    Resync,
    /// There are announcements up to this number.
    Announced {
        /// The last one's number.
        number: u64,
    },
}

/// How a poll ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Poll {
    /// There are events.
    Ready,
    /// The time is up, or somebody woke the queue.
    Timeout,
    /// The registry is shut down.
    Closed,
}

/// A queue of changes. Any thread may poll it; an event goes to one of them.
pub struct WatchQueue {
    inner: Arc<Inner>,
    state: Mutex<State>,
    woken: AtomicBool,
}

struct State {
    cursor: u64,
    announced: u64,
    watched: HashMap<u32, Watched>,
    /// Services to compare with their revisions: new watches, and all of them after falling behind.
    compare: BTreeSet<u32>,
}

struct Watched {
    cookie: u64,
    seen: u64,
}

impl Registry {
    /// A new queue that watches nothing yet. It hears of announcements that come after it.
    pub fn watch_queue(&self) -> Result<WatchQueue, WatchError> {
        self.inner.check_open()?;
        let queues = self.inner.queues.fetch_add(1, Ordering::Relaxed);
        if queues as usize >= QUEUES_MAX {
            self.inner.queues.fetch_sub(1, Ordering::Relaxed);
            return Err(WatchError::Full { what: "watch queues", limit: QUEUES_MAX });
        }
        let state = State {
            cursor: self.inner.ring.head(),
            announced: self.inner.announcements.last(),
            watched: HashMap::new(),
            compare: BTreeSet::new(),
        };
        Ok(WatchQueue { inner: Arc::clone(&self.inner), state: Mutex::new(state), woken: AtomicBool::new(false) })
    }
}

impl WatchQueue {
    /// Watches a service. The first poll reports where it is now, so that nothing is missed in between.
    pub fn watch(&self, service: ServiceId, cookie: u64) -> Result<(), WatchError> {
        let index = self.inner.service(service)?.index;
        let mut state = self.state.lock();
        if state.watched.len() >= WATCHES_PER_QUEUE_MAX && !state.watched.contains_key(&index) {
            return Err(WatchError::Full { what: "watches of one queue", limit: WATCHES_PER_QUEUE_MAX });
        }
        state.watched.insert(index, Watched { cookie, seen: 0 });
        state.compare.insert(index);
        drop(state);
        self.wake();
        Ok(())
    }

    /// Stops watching a service; says whether it was watched.
    pub fn unwatch(&self, service: ServiceId) -> bool {
        service.index().is_some_and(|index| self.state.lock().watched.remove(&index).is_some())
    }

    /// Makes a poll that waits return.
    pub fn wake(&self) {
        // Release pairs with the Acquire swap in `poll`.
        self.woken.store(true, Ordering::Release);
        self.inner.ring.notify();
    }

    /// Appends at most `max` events. Without any it waits, at most `timeout`; `None` waits until there is one. Where
    /// there is room for none, nobody waits for one.
    pub fn poll(&self, events: &mut Vec<WatchEvent>, max: usize, timeout: Option<Duration>) -> Poll {
        let started = events.len();
        let timeout = if max == 0 { Some(Duration::ZERO) } else { timeout };
        let mut poll = Poll::Timeout;
        self.inner.ring.wait(timeout, || {
            self.state.lock().collect(&self.inner, events, started.saturating_add(max));
            // Acquire pairs with the Release in `wake`.
            let woken = self.woken.swap(false, Ordering::Acquire);
            if self.inner.is_closed() {
                poll = Poll::Closed;
            } else if events.len() > started {
                poll = Poll::Ready;
            }
            woken || poll != Poll::Timeout
        });
        poll
    }
}

impl Drop for WatchQueue {
    fn drop(&mut self) {
        self.inner.queues.fetch_sub(1, Ordering::Relaxed);
    }
}

impl State {
    fn collect(&mut self, inner: &Inner, events: &mut Vec<WatchEvent>, max: usize) {
        self.collect_announced(inner, events, max);
        self.collect_compared(inner, events, max);
        while events.len() < max {
            match inner.ring.read(self.cursor) {
                Read::End => break,
                Read::Service(index) => {
                    self.cursor += 1;
                    self.report(inner, index, events);
                }
                Read::Lost => {
                    self.cursor = inner.ring.head();
                    self.compare = self.watched.keys().copied().collect();
                    events.push(WatchEvent::Resync);
                    self.collect_compared(inner, events, max);
                }
            }
        }
    }

    fn collect_announced(&mut self, inner: &Inner, events: &mut Vec<WatchEvent>, max: usize) {
        let number = inner.announcements.last();
        if number > self.announced && events.len() < max {
            self.announced = number;
            events.push(WatchEvent::Announced { number });
        }
    }

    fn collect_compared(&mut self, inner: &Inner, events: &mut Vec<WatchEvent>, max: usize) {
        while events.len() < max
            && let Some(index) = self.compare.pop_first()
        {
            self.report(inner, index, events);
        }
    }

    fn report(&mut self, inner: &Inner, index: u32, events: &mut Vec<WatchEvent>) {
        let Some(watched) = self.watched.get_mut(&index) else { return };
        let revision = inner.service_at(index).map_or(0, crate::service::Service::revision);
        if revision > watched.seen {
            watched.seen = revision;
            let (service, cookie) = (ServiceId::at(index), watched.cookie);
            events.push(WatchEvent::Changed { service, cookie, revision });
        }
    }
}
