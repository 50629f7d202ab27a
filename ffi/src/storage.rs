//! The store of a registry, which a shutdown closes although the registry itself lives on until it is freed.

use std::{
    path::Path,
    sync::{Arc, Mutex},
};

use steadfast_core::{Change, MemoryStore, Store, StoreError, StoreTable};
use steadfast_store::RedbStore;

use crate::registry::locked;

/// The shell's end: closes the store, so that the data folder is free for the next registry.
pub(crate) struct Storage(Arc<Mutex<Option<Box<dyn Store>>>>);

/// The core's end.
struct StorageHandle(Arc<Mutex<Option<Box<dyn Store>>>>);

impl Storage {
    /// A store in `folder`, or in memory.
    pub(crate) fn open(folder: Option<&Path>) -> Result<Storage, StoreError> {
        let store: Box<dyn Store> = match folder {
            Some(folder) => Box::new(RedbStore::open(folder)?),
            None => Box::new(MemoryStore::new()),
        };
        Ok(Storage(Arc::new(Mutex::new(Some(store)))))
    }

    pub(crate) fn handle(&self) -> Box<dyn Store> {
        Box::new(StorageHandle(Arc::clone(&self.0)))
    }

    /// Waits for a commit that is under way; later ones fail.
    pub(crate) fn close(&self) {
        drop(locked(&self.0).take());
    }
}

impl Store for StorageHandle {
    fn load(&mut self, table: StoreTable, visit: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), StoreError> {
        locked(&self.0).as_mut().ok_or_else(closed)?.load(table, visit)
    }

    fn commit(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        locked(&self.0).as_mut().ok_or_else(closed)?.commit(changes)
    }
}

fn closed() -> StoreError {
    StoreError::Unusable("the registry was shut down before this could be written".into())
}
