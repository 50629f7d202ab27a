//! One service: what its writers keep under its mutex, and what everybody sees without it.

use std::{ptr::null_mut, sync::Arc};

#[cfg(shuttle)]
use crate::faults;
use crate::{
    draft::{Columns, Draft},
    error::AccessError,
    floor_holds::ServiceFloors,
    garbage::Bin,
    installed::Installed,
    name::{NameParts, ServiceName},
    namespaces::Namespace,
    prefetch::prefetch_rows,
    published::Published,
    roster::Roster,
    row::Row,
    snapshot::Snapshot,
    sync::{AtomicBool, AtomicPtr, AtomicU64, Mutex, MutexGuard, Ordering},
};

/// One service.
///
/// What lookups touch stands first and fills one cache line; what its writers change under the mutex is on the next.
#[repr(C)]
pub(crate) struct Service {
    pub(crate) snapshot: Published<Snapshot>,
    /// Where the first rows of the snapshot are, or were a moment ago: for asking for them, not for reading.
    rows: AtomicPtr<Row>,
    revision: AtomicU64,
    pub(crate) namespace: Arc<Namespace>,
    /// The group and the name, in one text.
    local_name: Box<str>,
    group_bytes: u16,
    poisoned: AtomicBool,
    pub(crate) index: u32,
    entry: Mutex<Entry>,
}

#[cfg(not(any(loom, shuttle)))]
const _: () = {
    assert!(size_of::<Service>() <= 120, "design 6: the memory of a service is budgeted");
    assert!(std::mem::offset_of!(Service, entry) == 64, "lookups and writers have a cache line each");
};

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
        name: &ServiceName,
        namespace: Arc<Namespace>,
        policy: Arc<Installed>,
        revision: u64,
        bin: &Arc<Bin>,
    ) -> Service {
        Service {
            snapshot: Published::new(Snapshot::new(revision, Columns::default()), bin),
            rows: AtomicPtr::new(null_mut()),
            revision: AtomicU64::new(revision),
            namespace,
            local_name: [name.group.as_str(), &name.name].concat().into(),
            // A name was checked before it came here; its parts are shorter.
            group_bytes: name.group.len() as u16,
            poisoned: AtomicBool::new(false),
            index,
            entry: Mutex::new(Entry {
                policy,
                roster: Roster::default(),
                draft: Draft::default(),
                floors: ServiceFloors::default(),
            }),
        }
    }

    pub(crate) fn name(&self) -> NameParts<'_> {
        let (group, name) = self.local_name.split_at(self.group_bytes.into());
        NameParts { namespace: &self.namespace.name, group, name }
    }

    /// Reads the current snapshot. Its rows are asked for before anybody knows for sure where they are, so that a
    /// reader does not wait for one after the other.
    #[inline]
    pub(crate) fn read<R>(&self, read: impl FnOnce(&Snapshot) -> R) -> R {
        self.snapshot.prefetch();
        // Relaxed: a hint; what is read is found through the snapshot.
        prefetch_rows(self.rows.load(Ordering::Relaxed));
        self.snapshot.read(read)
    }

    /// The revision that readers see at least.
    pub(crate) fn revision(&self) -> u64 {
        // Acquire pairs with `publish`: who sees a revision sees a snapshot that is at least as new.
        self.revision.load(Ordering::Acquire)
    }

    /// Publishes the draft under the next revision if readers would see a difference; says whether. The caller holds
    /// the entry.
    pub(crate) fn publish(&self, draft: &mut Draft) -> bool {
        let Some(next) = draft.take(&self.snapshot) else { return false };
        let (revision, rows) = (next.revision(), next.columns.rows.first_chunk());
        // Relaxed: a hint.
        self.rows.store(rows.as_ptr().cast_mut(), Ordering::Relaxed);
        #[cfg(shuttle)]
        if faults::is(faults::Fault::RevisionBeforeView) {
            self.revision.store(revision, Ordering::Release);
        }
        self.snapshot.replace(next);
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
        let service = Service::new(0, &name, Arc::default(), installed, 7, &Bin::new());
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
