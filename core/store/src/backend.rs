//! What lies below the database: the file, and the knowledge whether it can be believed.
//!
//! After a failed sync the system may show pages that no disk has, and count them as written (Linux marks them clean).
//! A database that builds on them loses, with the power, commits that were acknowledged later. So a file of which a sync
//! failed, or whose last owner did not close it, is written out again in full before it is opened.

use std::{
    fmt,
    fs::OpenOptions,
    io,
    ops::Bound,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use redb::{BackendError, StorageBackend, backends::FileBackend};

/// What is read and written at once when a file is written out again.
const REWRITE_BYTES: usize = 1 << 20;

/// redb's page.
const PAGE_BYTES: u64 = 4096;

/// Opens the file of a path; makes it when `create` says so.
pub(crate) type OpenFile = Box<dyn Fn(&Path, Create) -> io::Result<Box<dyn StorageBackend>> + Send>;

/// Whether a file that is missing is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Create {
    Missing,
    Never,
}

/// The file of the file system.
pub(crate) fn open_file(path: &Path, create: Create) -> io::Result<Box<dyn StorageBackend>> {
    let mut options = OpenOptions::new();
    let file = options.read(true).write(true).create(create == Create::Missing).truncate(false).open(path)?;
    let backend = FileBackend::new(file).map_err(io::Error::other)?;
    Ok(Box::new(backend))
}

/// Whether the file may show what no disk has.
#[derive(Clone, Debug, Default)]
pub(crate) struct Suspicion(Arc<AtomicBool>);

impl Suspicion {
    pub(crate) fn new(suspect: bool) -> Suspicion {
        Suspicion(Arc::new(AtomicBool::new(suspect)))
    }

    pub(crate) fn raised(&self) -> bool {
        // Relaxed, here and below: one thread at a time has the store, and its mutex orders the flag.
        self.0.load(Ordering::Relaxed)
    }

    fn set(&self, suspect: bool) {
        self.0.store(suspect, Ordering::Relaxed);
    }
}

/// Writes every byte of a suspect file again and syncs: what is visible is then what is durable. A file that was being
/// extended when the power went may end anywhere; it is filled up to whole pages, which is all that redb takes.
pub(crate) fn write_out(file: &dyn StorageBackend, suspicion: &Suspicion) -> io::Result<()> {
    if !suspicion.raised() {
        return Ok(());
    }
    let len = file.len()?.next_multiple_of(PAGE_BYTES);
    if len > file.len()? {
        file.set_len(len)?;
    }
    let mut bytes = vec![0; REWRITE_BYTES];
    for offset in (0..len).step_by(REWRITE_BYTES) {
        let chunk = &mut bytes[..REWRITE_BYTES.min(usize::try_from(len - offset).unwrap_or(REWRITE_BYTES))];
        file.read(offset, chunk)?;
        file.write(offset, chunk)?;
    }
    file.sync_data()?;
    suspicion.set(false);
    Ok(())
}

/// A file that becomes suspect when a sync fails.
pub(crate) struct WatchedFile {
    file: Box<dyn StorageBackend>,
    suspicion: Suspicion,
}

impl WatchedFile {
    pub(crate) fn new(file: Box<dyn StorageBackend>, suspicion: &Suspicion) -> WatchedFile {
        WatchedFile { file, suspicion: suspicion.clone() }
    }
}

impl fmt::Debug for WatchedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchedFile").field("suspicion", &self.suspicion).finish_non_exhaustive()
    }
}

impl StorageBackend for WatchedFile {
    fn sync_data(&self) -> io::Result<()> {
        self.file.sync_data().inspect_err(|_| self.suspicion.set(true))
    }

    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.file.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.query_lock_range(start, end)
    }
}
