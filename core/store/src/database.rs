//! Opening redb, and what it says about files that it does not take.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use redb::{Builder, Database, DatabaseError, StorageBackend, StorageError};
use steadfast_core::StoreError;

use crate::failure::{damaged, failed, unusable};

/// redb's own default is 1 GiB. Orders are few, and read once.
const CACHE_BYTES: usize = 16 * 1024 * 1024;

/// Opens the database in a file, whatever the file holds; an empty one is made a database.
pub(crate) fn open(path: &Path, file: impl StorageBackend) -> Result<Database, StoreError> {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE_BYTES);
    // Without it redb trusts a file that was closed in order, and a damaged one could panic later.
    builder.set_check_integrity_on_open(true);
    // Nothing of ours is touched in there; a panic means that the file holds what redb never wrote.
    match catch_unwind(AssertUnwindSafe(|| builder.create_with_backend(file))) {
        Ok(Ok(database)) => Ok(database),
        Ok(Err(error)) => Err(describe(path, error)),
        Err(_) => Err(damaged(path, "its structure is broken")),
    }
}

fn describe(path: &Path, error: DatabaseError) -> StoreError {
    match error {
        DatabaseError::Storage(StorageError::Corrupted(why)) => damaged(path, &why),
        DatabaseError::Storage(StorageError::Io(error)) if is_content(&error) => damaged(path, &error.to_string()),
        DatabaseError::UpgradeRequired(_) => unusable(path, "was written by an older format that is not read any more"),
        DatabaseError::DatabaseAlreadyOpen => unusable(path, "is open in another program"),
        error => failed("opening", path, error),
    }
}

/// Errors by which redb says that the bytes, not the disk, are wrong.
fn is_content(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof)
}
