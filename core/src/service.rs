//! One service: what its writers keep under its mutex, and what everybody sees without it.

use std::sync::Arc;

use crate::{
    draft::{Columns, Draft},
    error::AccessError,
    floor_holds::ServiceFloors,
    garbage::Bin,
    installed::Installed,
    name::ServiceName,
    namespaces::Namespace,
    published::Published,
    roster::Roster,
    snapshot::Snapshot,
    sync::{AtomicBool, AtomicU64, Mutex, MutexGuard, Ordering},
};

/// One service.
pub(crate) struct Service {
    pub(crate) index: u32,
    pub(crate) name: ServiceName,
    pub(crate) namespace: Arc<Namespace>,
    entry: Mutex<Entry>,
    pub(crate) snapshot: Published<Snapshot>,
    revision: AtomicU64,
    poisoned: AtomicBool,
}

/// What the writers of a service keep.
pub(crate) struct Entry {
    pub(crate) policy: Arc<Installed>,
    pub(crate) roster: Roster,
    pub(crate) draft: Draft,
    /// Holds on the service and on its clusters.
    pub(crate) floors: ServiceFloors,
}

impl Service {
    pub(crate) fn new(
        index: u32,
        name: ServiceName,
        namespace: Arc<Namespace>,
        policy: Arc<Installed>,
        revision: u64,
        bin: &Arc<Bin>,
    ) -> Service {
        Service {
            index,
            name,
            namespace,
            entry: Mutex::new(Entry {
                policy,
                roster: Roster::default(),
                draft: Draft::default(),
                floors: ServiceFloors::default(),
            }),
            snapshot: Published::new(Snapshot::new(revision, Columns::default()), bin),
            revision: AtomicU64::new(revision),
            poisoned: AtomicBool::new(false),
        }
    }

    /// The revision that readers see at least.
    pub(crate) fn revision(&self) -> u64 {
        // Acquire pairs with `publish`: who sees a revision sees a snapshot that is at least as new.
        self.revision.load(Ordering::Acquire)
    }

    /// Publishes the draft under the next revision if readers would see a difference; says whether. The caller holds
    /// the entry.
    pub(crate) fn publish(&self, draft: &mut Draft) -> bool {
        if !self.snapshot.read(|published| draft.differs(published)) {
            return false;
        }
        let revision = self.revision.load(Ordering::Relaxed) + 1;
        self.snapshot.replace(draft.publish(revision));
        self.revision.store(revision, Ordering::Release);
        true
    }

    /// Takes the mutex for writing.
    pub(crate) fn write(&self) -> Result<Writer<'_>, AccessError> {
        let entry = self.entry.lock();
        // Relaxed: the mutex orders it.
        if self.poisoned.load(Ordering::Relaxed) {
            return Err(AccessError::Poisoned);
        }
        Ok(Writer { entry, poisoned: &self.poisoned })
    }

    /// Takes the mutex for looking only, which a panic of somebody else does not forbid.
    pub(crate) fn inspect(&self) -> MutexGuard<'_, Entry> {
        self.entry.lock()
    }
}

/// The mutex of a service. A panic while it is held poisons the service: its entry may be half changed.
pub(crate) struct Writer<'a> {
    pub(crate) entry: MutexGuard<'a, Entry>,
    poisoned: &'a AtomicBool,
}

impl Writer<'_> {
    /// Hands the mutex to whoever waits for it, before it is dropped.
    pub(crate) fn let_others_in(&mut self) {
        MutexGuard::bump(&mut self.entry);
    }
}

impl Drop for Writer<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.poisoned.store(true, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;
    use crate::options::Policy;

    #[test]
    fn a_panic_under_the_mutex_stops_writes_but_not_readers() {
        let installed = Arc::new(Installed::new(Policy::admin_sticky(), None, 1, 0));
        let name = ServiceName::new("public", "g", "s").unwrap();
        let service = Service::new(0, name, Arc::default(), installed, 7, &Bin::new());
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            let _writer = service.write().unwrap();
            panic!("a bug");
        }));
        assert!(panicked.is_err());
        assert_eq!(service.write().err(), Some(AccessError::Poisoned));
        assert_eq!(service.snapshot.read(Snapshot::revision), 7, "lookups go on");
        assert!(service.inspect().roster.iter().next().is_none(), "so does looking");
    }
}
