//! Opening the file, and what its errors say to people.

use std::{
    error::Error,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use redb::{Builder, Database, DatabaseError, StorageError};
use steadfast_core::StoreError;

/// redb's own default is 1 GiB. Orders are few, and read once.
const CACHE_BYTES: usize = 16 * 1024 * 1024;

/// The settings of every database that this crate opens.
pub(crate) fn builder() -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE_BYTES);
    // Without it redb trusts a file that was closed in order, and a damaged one could panic later.
    builder.set_check_integrity_on_open(true);
    builder
}

/// Opens the database by `open`, whatever the file holds.
pub(crate) fn open(
    path: &Path,
    open: impl FnOnce() -> Result<Database, DatabaseError>,
) -> Result<Database, StoreError> {
    // Nothing of ours is touched in `open`; a panic there means that the file holds what redb never wrote.
    match catch_unwind(AssertUnwindSafe(open)) {
        Ok(Ok(database)) => Ok(database),
        Ok(Err(error)) => Err(describe_open(path, error)),
        Err(_) => Err(damaged(path, "its structure is broken")),
    }
}

fn describe_open(path: &Path, error: DatabaseError) -> StoreError {
    match error {
        DatabaseError::Storage(StorageError::Corrupted(why)) => damaged(path, &why),
        DatabaseError::Storage(StorageError::Io(error)) if is_content(&error) => damaged(path, &error.to_string()),
        DatabaseError::Storage(StorageError::Io(error)) => failed("opening", path, error),
        DatabaseError::UpgradeRequired(_) => unusable(path, "was written by an older format that is not read any more"),
        DatabaseError::DatabaseAlreadyOpen => unusable(path, "is open in another program"),
        error => failed("opening", path, error),
    }
}

/// Errors by which redb says that the bytes, not the disk, are wrong.
fn is_content(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof)
}

pub(crate) fn damaged(path: &Path, why: &str) -> StoreError {
    unusable(path, &format!("is no data file of Steadfast, or is damaged ({why}); move it away or restore a copy"))
}

pub(crate) fn unusable(path: &Path, what: &str) -> StoreError {
    StoreError::Unusable(format!("{} {what}", path.display()))
}

pub(crate) fn failed(doing: &str, path: &Path, source: impl Error + Send + Sync + 'static) -> StoreError {
    StoreError::Failed { doing: format!("{doing} {}", path.display()), source: Box::new(source) }
}
