//! Where orders, persistent instances and settings live across restarts.
//!
//! The registry encodes its records itself; a store only keeps keyed bytes in a few tables and commits changes
//! atomically. One that lives on another machine has the same four methods.

use std::collections::BTreeMap;

/// A table of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum StoreTable {
    /// Holds, by address and owner.
    Holds,
    /// Overlays, by address and field.
    Overlays,
    /// Holds on services, clusters and whole ips, by target and owner.
    Floors,
    /// Persistent instances, by address.
    Instances,
    /// The last process key of addresses under an order.
    Processes,
    /// Boot number and other settings.
    Settings,
    /// Who ordered what and when; bounded, oldest first.
    Audit,
}

impl StoreTable {
    /// Every table.
    pub const ALL: [StoreTable; 7] = [
        StoreTable::Holds,
        StoreTable::Overlays,
        StoreTable::Floors,
        StoreTable::Instances,
        StoreTable::Processes,
        StoreTable::Settings,
        StoreTable::Audit,
    ];

    /// Its name on disk.
    pub const fn name(self) -> &'static str {
        match self {
            StoreTable::Holds => "holds",
            StoreTable::Overlays => "overlays",
            StoreTable::Floors => "floors",
            StoreTable::Instances => "instances",
            StoreTable::Processes => "processes",
            StoreTable::Settings => "settings",
            StoreTable::Audit => "audit",
        }
    }
}

/// One change of one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The table.
    pub table: StoreTable,
    /// The record's key.
    pub key: Vec<u8>,
    /// Its new value; `None` deletes it.
    pub value: Option<Vec<u8>>,
}

/// Keeps what must survive a restart.
///
/// Only one registry uses a store at a time, and only from one thread at a time.
pub trait Store: Send {
    /// Hands every record of a table to `visit`, in order of the keys. Called once, before anything is committed.
    fn load(&mut self, table: StoreTable, visit: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), StoreError>;

    /// Makes all changes durable, or none; of two changes of one record the last counts.
    ///
    /// After an error it may be unknown which. The registry answers that the order is not in force, and before it
    /// commits anything else it writes the records of the failed commit again, as they are live.
    fn commit(&mut self, changes: &[Change]) -> Result<(), StoreError>;
}

/// A store failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Reading or writing failed, and nothing was written; the text says what and where.
    #[error("{doing}: {source}")]
    Failed {
        /// What was being done, with the path.
        doing: String,
        /// What the system said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Writing failed so late that the changes may be durable all the same. Only a process that ends before the store
    /// works again leaves them so.
    #[error("{doing}: {source}; it may be written all the same, which is put right as soon as the store works again")]
    InDoubt {
        /// What was being done, with the path.
        doing: String,
        /// What the system said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// An earlier failure is not over, and the store is left alone for a moment. Nothing was written.
    #[error("{cause} (the next attempt is due in {retry_ms} ms)")]
    Resting {
        /// The failure.
        cause: String,
        /// The pause that is left, in milliseconds of registry time.
        retry_ms: u64,
    },
    /// The store belongs to another process, another registry or a later version.
    #[error("{0}")]
    Unusable(String),
}

/// A store in memory: for tests, and for hosts that keep nothing.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    records: BTreeMap<(StoreTable, Vec<u8>), Vec<u8>>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> MemoryStore {
        MemoryStore::default()
    }
}

impl Store for MemoryStore {
    fn load(&mut self, table: StoreTable, visit: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), StoreError> {
        for ((at, key), value) in &self.records {
            if *at == table {
                visit(key, value);
            }
        }
        Ok(())
    }

    fn commit(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        for change in changes {
            let at = (change.table, change.key.clone());
            match &change.value {
                Some(value) => self.records.insert(at, value.clone()),
                None => self.records.remove(&at),
            };
        }
        Ok(())
    }
}
