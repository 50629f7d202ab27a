//! Watching services: level-triggered, coalesced, bounded.
//!
//! An event says *that* a service is at a revision; the reader then looks. Several changes between two polls are one
//! event. A queue that lags behind the ring hears `Resync` once and then finds what changed by comparing revisions.
//! Nothing is stored for a watcher: a publisher pays the same for ten thousand queues on one service as for none, and
//! wakes one thread at most, whoever waits (module `bell`).

use std::{sync::Arc, time::Duration};

use crate::{
    error::WatchError,
    handle::ServiceId,
    limits::QUEUES_MAX,
    registry::{Inner, Registry},
    sync::{AtomicBool, Mutex, Ordering},
    watched::Watched,
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
    pub(crate) queue: Arc<Queue>,
}

/// A queue as whoever signals it sees it.
pub(crate) struct Queue {
    pub(crate) inner: Arc<Inner>,
    pub(crate) watched: Mutex<Watched>,
    woken: AtomicBool,
    #[cfg(all(target_os = "linux", feature = "driver"))]
    pub(crate) signal: crate::signal::Signal,
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
        let queue = Queue {
            inner: Arc::clone(&self.inner),
            watched: Mutex::new(Watched::from_now_on(&self.inner)),
            woken: AtomicBool::new(false),
            #[cfg(all(target_os = "linux", feature = "driver"))]
            signal: crate::signal::Signal::default(),
        };
        Ok(WatchQueue { queue: Arc::new(queue) })
    }
}

impl WatchQueue {
    /// Watches a service. The first poll reports where it is now, so that nothing is missed in between.
    pub fn watch(&self, service: ServiceId, cookie: u64) -> Result<(), WatchError> {
        let index = self.queue.inner.service(service)?.index;
        self.queue.watched.lock().add(index, cookie);
        self.wake();
        Ok(())
    }

    /// Stops watching a service; says whether it was watched.
    pub fn unwatch(&self, service: ServiceId) -> bool {
        service.index().is_some_and(|index| self.queue.watched.lock().remove(index))
    }

    /// Makes a poll that waits return.
    pub fn wake(&self) {
        // Release pairs with the Acquire swap in `poll`.
        self.queue.woken.store(true, Ordering::Release);
        self.queue.inner.ring.notify();
    }

    /// Appends at most `max` events. Without any it waits, at most `timeout`; `None` waits until there is one. Where
    /// there is room for none, nobody waits for one.
    pub fn poll(&self, events: &mut Vec<WatchEvent>, max: usize, timeout: Option<Duration>) -> Poll {
        let queue = &*self.queue;
        let started = events.len();
        let timeout = if max == 0 { Some(Duration::ZERO) } else { timeout };
        let mut poll = Poll::Timeout;
        queue.inner.ring.wait(timeout, || {
            let mut watched = queue.watched.lock();
            watched.collect(&queue.inner, events, started.saturating_add(max));
            // Acquire pairs with the Release in `wake`.
            let woken = queue.woken.swap(false, Ordering::Acquire);
            #[cfg(all(target_os = "linux", feature = "driver"))]
            queue.signal.polled(|| queue.is_pending(&mut watched));
            drop(watched);
            if queue.inner.is_closed() {
                poll = Poll::Closed;
            } else if events.len() > started {
                poll = Poll::Ready;
            }
            woken || poll != Poll::Timeout
        });
        poll
    }
}

impl Queue {
    /// Whether a poll would return at once.
    #[cfg(all(target_os = "linux", feature = "driver"))]
    pub(crate) fn is_pending(&self, watched: &mut Watched) -> bool {
        self.inner.is_closed() || self.woken.load(Ordering::Acquire) || watched.is_pending(&self.inner)
    }
}

impl Drop for WatchQueue {
    fn drop(&mut self) {
        #[cfg(all(target_os = "linux", feature = "driver"))]
        self.queue.inner.herald.dismiss(&self.queue);
        self.queue.inner.queues.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use crate::{Address, Claim, MemoryStore, Options, Registration, Registry, ServiceName, WatchQueue};

    const CHANGES: u32 = 100;

    /// What 100 changes cost whoever makes them, with so many queues on their service and so many threads asleep:
    /// entries in the ring, and threads woken by the publisher itself.
    fn work(queues: usize, asleep: usize) -> (u64, usize) {
        let registry = Registry::open(Options::default(), Box::new(MemoryStore::new())).unwrap();
        let service = registry.service(&ServiceName::new("public", "g", "s").unwrap()).unwrap();
        let address = Address::new("10.0.0.1", 1, "c").unwrap();
        registry.register(service, &Registration::new(address.clone())).unwrap();
        let queues: Vec<WatchQueue> = (0..queues).map(|_| registry.watch_queue().unwrap()).collect();
        for queue in &queues {
            queue.watch(service, 0).unwrap();
            queue.poll(&mut Vec::new(), 1, None);
        }
        let ring = &registry.inner.ring;
        std::thread::scope(|scope| {
            for queue in &queues[..asleep] {
                scope.spawn(|| {
                    let mut events = Vec::new();
                    while queue.poll(&mut events, 1, None) != crate::Poll::Closed {
                        events.clear();
                    }
                });
            }
            let (head, mut woken) = (ring.head(), 0);
            for change in 0..CHANGES {
                while ring.bell.asleep() < asleep {
                    std::thread::yield_now();
                }
                let claim = Claim { weight: Some(f64::from(change)), ..Claim::default() };
                let before = ring.bell.woken_by_ringers();
                registry.claim(service, &address, &claim).unwrap();
                woken += ring.bell.woken_by_ringers() - before;
            }
            registry.shutdown();
            (ring.head() - head, woken)
        })
    }

    #[test]
    fn a_publisher_does_the_same_for_one_watcher_and_for_ten_thousand() {
        let (changes, one_each) = (u64::from(CHANGES), CHANGES as usize);
        assert_eq!(work(0, 0), (changes, 0));
        assert_eq!(work(1, 0), (changes, 0));
        assert_eq!(work(10_000, 0), (changes, 0));
        assert_eq!(work(1, 1), (changes, one_each));
        assert_eq!(work(40, 40), (changes, one_each));
    }
}
