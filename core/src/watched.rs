//! What one queue watches, how far it has read the ring, and what that makes of it.

use std::collections::{BTreeSet, HashMap};

use crate::{
    handle::ServiceId,
    hashing::RandomState,
    registry::Inner,
    ring::Read,
    service::Service,
    watch::WatchEvent::{self, Announced, Changed, Resync},
};

/// The services of one queue. There can be as many as the registry has.
pub(crate) struct Watched {
    cursor: u64,
    announced: u64,
    services: HashMap<u32, Seen, RandomState>,
    /// Services to compare with their revisions: new watches, and all of them after falling behind.
    compare: BTreeSet<u32>,
}

struct Seen {
    cookie: u64,
    revision: u64,
}

impl Watched {
    /// Nothing yet, and nothing of what was before.
    pub(crate) fn from_now_on(inner: &Inner) -> Watched {
        Watched {
            cursor: inner.ring.head(),
            announced: inner.announcements.last(),
            services: HashMap::default(),
            compare: BTreeSet::new(),
        }
    }

    /// Watches a service, and will say where it is.
    pub(crate) fn add(&mut self, service: u32, cookie: u64) {
        self.services.insert(service, Seen { cookie, revision: 0 });
        self.compare.insert(service);
    }

    pub(crate) fn remove(&mut self, service: u32) -> bool {
        self.compare.remove(&service);
        self.services.remove(&service).is_some()
    }

    /// Appends what is new, until there are `max` events.
    pub(crate) fn collect(&mut self, inner: &Inner, events: &mut Vec<WatchEvent>, max: usize) {
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
                    self.compare = self.services.keys().copied().collect();
                    events.push(Resync);
                    self.collect_compared(inner, events, max);
                }
            }
        }
    }

    fn collect_announced(&mut self, inner: &Inner, events: &mut Vec<WatchEvent>, max: usize) {
        let number = inner.announcements.last();
        if number > self.announced && events.len() < max {
            self.announced = number;
            events.push(Announced { number });
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
        let Some(seen) = self.services.get_mut(&index) else { return };
        let revision = revision(inner, index);
        if revision > seen.revision {
            seen.revision = revision;
            events.push(Changed { service: ServiceId::at(index), cookie: seen.cookie, revision });
        }
    }

    /// Whether `collect` would find something. Skips what it would not report.
    #[cfg(all(target_os = "linux", feature = "driver"))]
    pub(crate) fn is_pending(&mut self, inner: &Inner) -> bool {
        if inner.announcements.last() > self.announced {
            return true;
        }
        while let Some(first) = self.compare.first() {
            if self.has_moved(inner, *first) {
                return true;
            }
            self.compare.pop_first();
        }
        loop {
            match inner.ring.read(self.cursor) {
                Read::Service(index) if !self.has_moved(inner, index) => self.cursor += 1,
                Read::End => return false,
                Read::Service(_) | Read::Lost => return true,
            }
        }
    }

    #[cfg(all(target_os = "linux", feature = "driver"))]
    fn has_moved(&self, inner: &Inner, index: u32) -> bool {
        self.services.get(&index).is_some_and(|seen| revision(inner, index) > seen.revision)
    }
}

fn revision(inner: &Inner, index: u32) -> u64 {
    inner.service_at(index).map_or(0, Service::revision)
}
