//! Where a registry keeps what must survive: a data folder, or memory.

use std::path::Path;

use steadfast_core::{MemoryStore, Store, StoreError};
use steadfast_store::RedbStore;

/// The store in `folder`, or one in memory.
pub(crate) fn open(folder: Option<&Path>) -> Result<Box<dyn Store>, StoreError> {
    Ok(match folder {
        Some(folder) => Box::new(RedbStore::open(folder)?),
        None => Box::new(MemoryStore::new()),
    })
}
