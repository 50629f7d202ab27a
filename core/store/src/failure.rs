//! What failures say to people: what, where, why, and what to do.

use std::{error::Error, fmt, io, path::Path};

use steadfast_core::StoreError;

/// Nothing was written.
pub(crate) fn failed(doing: &str, path: &Path, error: impl Into<redb::Error>) -> StoreError {
    StoreError::Failed { doing: format!("{doing} {}", path.display()), source: advised(error.into()) }
}

/// It may be written all the same.
pub(crate) fn in_doubt(doing: &str, path: &Path, error: impl Into<redb::Error>) -> StoreError {
    StoreError::InDoubt { doing: format!("{doing} {}", path.display()), source: advised(error.into()) }
}

pub(crate) fn damaged(path: &Path, why: &str) -> StoreError {
    unusable(path, &format!("is no data file of Steadfast, or is damaged ({why}); move it away or restore a copy"))
}

pub(crate) fn unusable(path: &Path, what: &str) -> StoreError {
    StoreError::Unusable(format!("{} {what}", path.display()))
}

/// An error of the system, with what to do about it.
#[derive(Debug)]
struct Advised {
    error: io::Error,
    advice: &'static str,
}

impl fmt::Display for Advised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.error, self.advice)
    }
}

impl Error for Advised {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.error)
    }
}

fn advised(error: redb::Error) -> Box<dyn Error + Send + Sync> {
    match error {
        redb::Error::Io(error) => match advice(error.kind()) {
            Some(advice) => Box::new(Advised { error, advice }),
            None => Box::new(error),
        },
        error => Box::new(error),
    }
}

/// What the system said, and what to do about it.
pub(crate) fn with_advice(error: &io::Error) -> String {
    match advice(error.kind()) {
        Some(advice) => format!("{error}; {advice}"),
        None => error.to_string(),
    }
}

fn advice(kind: io::ErrorKind) -> Option<&'static str> {
    match kind {
        io::ErrorKind::StorageFull => Some("make room on its disk"),
        io::ErrorKind::QuotaExceeded => Some("make room in its quota, or raise it"),
        io::ErrorKind::FileTooLarge => Some("raise the limit on the size of files"),
        io::ErrorKind::ReadOnlyFilesystem => Some("make its file system writable"),
        io::ErrorKind::PermissionDenied => Some("let the user of this process read and write it"),
        _ => None,
    }
}
