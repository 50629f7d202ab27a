//! Why a journal cannot be read at all. A damaged part of it is no error: it is skipped, and said.

use std::{io, path::PathBuf};

/// Why there is nothing to read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The folder cannot be listed.
    #[error("cannot read the journal in {}: {source}", folder.display())]
    Read {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The folder has no segment.
    #[error(
        "{} holds no journal: neither it nor a folder `journal` in it has files like 000001.log. A registry writes one \
         when it is told to",
        folder.display()
    )]
    Nothing {
        /// The folder.
        folder: PathBuf,
    },
}
