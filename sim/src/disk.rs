//! A store that a history breaks on purpose, and that survives the registry like a disk survives a process.
//!
//! A commit is atomic, as the contract of [`Store`] demands. What a history may choose is whether it fails, whether the
//! process dies in it, and on which side of the commit that happens: nobody who hears of a failure knows.

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use steadfast_core::{Change, MemoryStore, Store, StoreError, StoreTable};

/// What goes wrong with a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It reports an error; `durable` says what nobody knows: whether the changes are there.
    Fails { durable: bool },
    /// The process dies in it, before or after the changes became durable.
    Dies { durable: bool },
}

/// How a commit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Durable, and the registry knows it.
    Durable,
    /// Failed, and only the disk knows what is on it.
    Doubtful,
}

/// A fault of the store that no history chooses: it breaks the contract, and a simulation has to find out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Vice {
    /// Acknowledges every n-th commit without writing it.
    Loses(u64),
    /// Acknowledges every n-th commit without deleting what it deletes.
    KeepsDeleted(u64),
    /// Writes only the first change of every n-th commit.
    Tears(u64),
}

/// Entries of the audit that a disk keeps from one life to the next.
const AUDIT_KEPT: usize = 32;

/// The disk. Clones are the same one.
#[derive(Clone, Default)]
pub(crate) struct Disk(Arc<Mutex<Platter>>);

#[derive(Default)]
struct Platter {
    records: MemoryStore,
    /// What goes wrong, and at which commit from now.
    armed: Option<(Fault, u8)>,
    dead: bool,
    outcomes: Vec<Outcome>,
    commits: u64,
    vice: Option<Vice>,
}

impl Disk {
    pub(crate) fn new(vice: Option<Vice>) -> Disk {
        Disk(Arc::new(Mutex::new(Platter { vice, ..Platter::default() })))
    }

    fn platter(&self) -> MutexGuard<'_, Platter> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the `commits`-th commit from now go wrong; 0 is the next.
    pub(crate) fn arm(&self, fault: Fault, commits: u8) {
        self.platter().armed = Some((fault, commits));
    }

    /// How the commits ended since the last look.
    pub(crate) fn take_outcomes(&self) -> Vec<Outcome> {
        std::mem::take(&mut self.platter().outcomes)
    }

    /// Whether there was a commit since the last look.
    pub(crate) fn has_outcomes(&self) -> bool {
        !self.platter().outcomes.is_empty()
    }

    /// Whether the process died in a commit.
    pub(crate) fn is_dead(&self) -> bool {
        self.platter().dead
    }

    /// The machine starts again: the records are there, and nothing is about to go wrong.
    pub(crate) fn revive(&self) {
        let mut platter = self.platter();
        (platter.dead, platter.armed) = (false, None);
        platter.outcomes.clear();
        platter.trim_audit();
    }
}

impl Store for Disk {
    fn load(&mut self, table: StoreTable, visit: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), StoreError> {
        self.platter().records.load(table, visit)
    }

    fn commit(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        self.platter().commit(changes)
    }
}

impl Platter {
    /// Drops entries of the audit but the latest: a start reads all of them, and would do little else.
    fn trim_audit(&mut self) {
        let mut keys = Vec::new();
        // A store in memory reads and writes without failing.
        let _ = self.records.load(StoreTable::Audit, &mut |key, _| keys.push(key.to_vec()));
        keys.truncate(keys.len().saturating_sub(AUDIT_KEPT));
        let drop = |key| Change { table: StoreTable::Audit, key, value: None };
        let changes: Vec<Change> = keys.into_iter().map(drop).collect();
        let _ = self.records.commit(&changes);
    }

    fn commit(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        if self.dead {
            return Err(broken("the process died here"));
        }
        self.commits += 1;
        let fault = match self.armed.take() {
            Some((fault, 0)) => Some(fault),
            Some((fault, commits)) => {
                self.armed = Some((fault, commits - 1));
                None
            }
            None => None,
        };
        let Some(Fault::Fails { durable } | Fault::Dies { durable }) = fault else {
            self.outcomes.push(Outcome::Durable);
            return self.write(changes);
        };
        if durable {
            self.write(changes)?;
        }
        self.dead = matches!(fault, Some(Fault::Dies { .. }));
        self.outcomes.push(Outcome::Doubtful);
        Err(broken("no space left"))
    }

    fn write(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        let is_turn = |every: u64| self.commits.is_multiple_of(every);
        match self.vice {
            Some(Vice::Loses(every)) if is_turn(every) => Ok(()),
            Some(Vice::Tears(every)) if is_turn(every) => self.records.commit(&changes[..changes.len().min(1)]),
            Some(Vice::KeepsDeleted(every)) if is_turn(every) => {
                let kept: Vec<Change> = changes.iter().filter(|change| change.value.is_some()).cloned().collect();
                self.records.commit(&kept)
            }
            _ => self.records.commit(changes),
        }
    }
}

fn broken(what: &'static str) -> StoreError {
    StoreError::Failed { doing: "committing to the simulated disk".into(), source: io::Error::other(what).into() }
}
