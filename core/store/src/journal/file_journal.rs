//! The journal that a host opens: a queue, a thread, a folder.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    thread::JoinHandle,
    time::Duration,
};

use parking_lot::Mutex;
use steadfast_core::{Decided, Journal, JournalStatus, Opening, threads};

use super::{
    batch::Batch,
    limits::{RETRY_MS, SEGMENT_BYTES_MAX, SEGMENT_BYTES_MIN, SEGMENTS_MIN, WRITE_EVERY_MS},
    queue::Queue,
    sink::Sink,
};

const THREAD: &str = "steadfast-jrnl";
const STACK_BYTES: usize = 512 * 1024;

/// How large a journal may become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JournalOptions {
    /// A segment ends when it has as many bytes: 1 MiB to 256 MiB, 16 MiB by default. One that was just short of it may
    /// have one more decision.
    pub segment_bytes: u64,
    /// All segments together, in bytes: at least four segments, 256 MiB by default, which are some four million
    /// decisions. The oldest segment is deleted first.
    pub total_bytes: u64,
}

impl Default for JournalOptions {
    fn default() -> JournalOptions {
        JournalOptions { segment_bytes: 16 << 20, total_bytes: 256 << 20 }
    }
}

impl JournalOptions {
    /// The same within bounds.
    fn bounded(self) -> JournalOptions {
        let segment_bytes = self.segment_bytes.clamp(SEGMENT_BYTES_MIN, SEGMENT_BYTES_MAX);
        JournalOptions { segment_bytes, total_bytes: self.total_bytes.max(SEGMENTS_MIN * segment_bytes) }
    }
}

/// Keeps a journal in a folder of its own, by convention `journal` in the data folder.
///
/// ```
/// use std::sync::Arc;
/// use steadfast_core::{MemoryStore, Options, Registry};
/// use steadfast_store::journal::{FileJournal, JournalOptions};
/// # let folder = std::env::temp_dir().join(format!("steadfast-journal-doc-{}", std::process::id()));
/// let journal = Arc::new(FileJournal::start(&folder.join("journal"), JournalOptions::default())?);
/// let options = Options { journal: Some(journal), ..Options::default() };
/// let registry = Registry::open(options, Box::new(MemoryStore::new()))?;
/// registry.shutdown(); // What waits is written.
/// # std::fs::remove_dir_all(&folder).ok();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct FileJournal {
    folder: PathBuf,
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug, Default)]
struct Shared {
    queue: Queue,
    status: Mutex<JournalStatus>,
}

impl FileJournal {
    /// Starts the thread that writes. Sizes out of bounds are brought within them.
    ///
    /// The folder is made when the first decision is written. Whatever is in it, and whatever the disk says, is no
    /// reason not to start: the registry announces a journal that cannot be written.
    ///
    /// # Errors
    ///
    /// The system starts no thread.
    pub fn start(folder: &Path, options: JournalOptions) -> io::Result<FileJournal> {
        let shared = Arc::<Shared>::default();
        let sink = Sink::new(folder.to_owned(), options.bounded(), Duration::from_millis(RETRY_MS));
        let writing = Arc::clone(&shared);
        let thread = threads::spawn(THREAD, STACK_BYTES, move || writing.write_behind(sink))?;
        Ok(FileJournal { folder: folder.to_owned(), shared, thread: Mutex::new(Some(thread)) })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes what waits and ends the thread. What is decided later is lost.
    fn end(&self) {
        self.shared.queue.close();
        if let Some(thread) = self.thread.lock().take() {
            // A thread that panicked has nothing more to write.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn write_behind(&self, mut sink: Sink) {
        let mut batch = Batch::default();
        loop {
            let ended = self.queue.take(&mut batch, Duration::from_millis(WRITE_EVERY_MS));
            if !batch.is_empty() {
                sink.write(&batch);
                let (written, lost) = (sink.written, sink.lost);
                *self.status.lock() = JournalStatus { written, lost, failure: sink.failure.clone() };
            }
            if ended {
                return;
            }
        }
    }
}

impl Journal for FileJournal {
    fn opened(&self, opening: Opening) {
        self.shared.queue.open(opening);
    }

    fn record(&self, decided: &Decided<'_>) {
        self.shared.queue.push(decided);
    }

    fn closed(&self) {
        self.end();
    }

    /// Up to half a second behind.
    fn status(&self) -> JournalStatus {
        let mut status = self.shared.status.lock().clone();
        status.lost += self.shared.queue.lost();
        status
    }
}

impl Drop for FileJournal {
    fn drop(&mut self) {
        self.end();
    }
}
