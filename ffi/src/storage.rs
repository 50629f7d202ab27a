//! Where a registry keeps what must survive (a data folder, or memory), and its journal.

use std::{path::PathBuf, sync::Arc};

use steadfast_core::{Journal, MemoryStore, Store, StoreError};
use steadfast_store::{
    RedbStore,
    journal::{FileJournal, JournalOptions},
};

use crate::{
    codes::{STEADFAST_E_OPTION, STEADFAST_E_THREAD},
    failure::Failure,
};

/// The journal's own folder in the data folder, where `steadfast replay` looks for it.
const JOURNAL_FOLDER: &str = "journal";
/// Smallest journal, in bytes: the four segments of 1 MiB that it has at least.
const JOURNAL_BYTES_MIN: u64 = 4 << 20;
/// Segments of a journal that is smaller than the default: each that is deleted takes a sixteenth along.
const JOURNAL_SEGMENTS: u64 = 16;

/// What is kept, and where.
pub(crate) struct Keeping {
    pub(crate) data_folder: Option<PathBuf>,
    pub(crate) journal: Option<JournalOptions>,
}

impl Keeping {
    /// The store in the folder, or one in memory.
    pub(crate) fn open_store(&self) -> Result<Box<dyn Store>, StoreError> {
        Ok(match &self.data_folder {
            Some(folder) => Box::new(RedbStore::open(folder)?),
            None => Box::new(MemoryStore::new()),
        })
    }

    /// The journal in the folder. Whoever opens it has the store, whose lock keeps others out of the folder.
    pub(crate) fn start_journal(&self) -> Result<Option<Arc<dyn Journal>>, Failure> {
        let (Some(folder), Some(options)) = (&self.data_folder, self.journal) else { return Ok(None) };
        let started = FileJournal::start(&folder.join(JOURNAL_FOLDER), options);
        let journal = started.map_err(|error| {
            Failure::new(STEADFAST_E_THREAD, format!("the thread that writes the journal does not start: {error}"))
        })?;
        Ok(Some(Arc::new(journal)))
    }
}

/// A journal of at most so many bytes; 0 for the default.
pub(crate) fn journal_of(bytes: u64) -> Result<JournalOptions, Failure> {
    let defaults = JournalOptions::default();
    match bytes {
        0 => Ok(defaults),
        JOURNAL_BYTES_MIN.. => Ok(JournalOptions {
            segment_bytes: defaults.segment_bytes.min(bytes / JOURNAL_SEGMENTS),
            total_bytes: bytes,
        }),
        _ => {
            let why = format!("options.journal_bytes is {bytes}; {JOURNAL_BYTES_MIN} is the least, 0 the default");
            Err(Failure::new(STEADFAST_E_OPTION, why))
        }
    }
}
