//! A folder of policies, watched.
//!
//! One thread looks at the folder whenever the system reports a change, and every two seconds anyway: `listing` sees
//! which files there are, `settle` and `content` take those that have stopped changing, `entry` judges them, `shelf`
//! knows who decides, `routes` reads the one file that says who decides where, and `routing` follows it. The owner hears of
//! what it has to act on, through one function.

mod bell;
mod content;
mod entry;
mod event;
mod listing;
mod options;
mod routes;
mod routing;
mod settle;
mod shelf;
mod status;
mod watch;

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use bell::Bell;
use shelf::Shelf;
use watch::Watch;

pub use event::{FileError, FolderError, FolderEvent};
pub use options::{ANY_POLICY, FolderOptions};
pub use routes::{ROUTES_FILE, RoutesError};
pub use status::{FileState, FileStatus, FolderStatus, RouteStatus, RoutesStatus};

use steadfast_core::threads::spawn;

use crate::Cancel;

/// Compiling has a thread of its own; this one only reads files.
const STACK_BYTES: usize = 1 << 20;
/// A storm of changes is looked at this often.
const BREATH: Duration = Duration::from_millis(50);
/// How long starting waits for the active file to stop changing.
const FIRST_LOOK: Duration = Duration::from_secs(3);

/// Watches a folder until it is stopped or dropped.
///
/// A bad file never replaces a policy that decides: it raises one [`FolderEvent::Refused`], and the same content is
/// not reported twice in a row.
pub struct PolicyFolder {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    bell: Arc<Bell>,
    cancel: Cancel,
    status: Mutex<FolderStatus>,
}

impl PolicyFolder {
    /// Looks once and starts to watch. The events of the first look are returned: the active policy is loaded, refused
    /// or missed when this returns. Later ones go to `tell`, on the watching thread.
    pub fn start(
        options: FolderOptions,
        tell: impl FnMut(FolderEvent) + Send + 'static,
    ) -> Result<(PolicyFolder, Vec<FolderEvent>), FolderError> {
        check_name(&options.active)?;
        check_folder(&options)?;
        let shared = Arc::<Shared>::default();
        let rescan = options.rescan;
        let watch = Watch::new(&options.path, &shared.bell);
        let mut shelf = Shelf::new(options);
        let events = first_look(&mut shelf, &shared);
        let watcher = Watcher { shared: Arc::clone(&shared), shelf, watch, rescan, tell };
        let thread = spawn("steadfast-watch", STACK_BYTES, move || watcher.run())
            .map_err(|error| FolderError::Thread(error.to_string()))?;
        Ok((PolicyFolder { shared, thread: Some(thread) }, events))
    }

    /// The folder as last seen.
    pub fn status(&self) -> FolderStatus {
        self.shared.status.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Makes another policy of the folder the active one. What becomes of it is told as an event: ready, or removed
    /// when there is no such file; nothing, when the file is there and bad.
    pub fn select(&self, name: &str) -> Result<(), FolderError> {
        check_name(name)?;
        self.shared.bell.ring(|note| note.select = Some(name.to_owned()));
        Ok(())
    }

    /// Ends the watching thread, and waits for it: at once, or as soon as the file that it is just loading lets it.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.shared.cancel.cancel();
        self.shared.bell.ring(|note| note.stop = true);
        // An owner may stop the folder from within its own events; that thread cannot wait for itself.
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != thread::current().id()
        {
            // Its rounds catch their own panics.
            let _ = thread.join();
        }
    }
}

impl Drop for PolicyFolder {
    fn drop(&mut self) {
        self.end();
    }
}

impl fmt::Debug for PolicyFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PolicyFolder").field("status", &self.status()).finish_non_exhaustive()
    }
}

fn check_name(name: &str) -> Result<(), FolderError> {
    if listing::is_policy_name(name) && !listing::is_reserved(name) {
        Ok(())
    } else {
        Err(FolderError::Name(name.to_owned()))
    }
}

/// A folder that is not there when watching starts is a mistake in its name.
fn check_folder(options: &FolderOptions) -> Result<(), FolderError> {
    let unreadable = |reason: String| FolderError::Unreadable { path: options.path.display().to_string(), reason };
    std::fs::read_dir(&options.path).map(drop).map_err(|error| unreadable(error.to_string()))
}

/// Looks until the active file and the routes are judged, or will not stop changing.
fn first_look(shelf: &mut Shelf, shared: &Shared) -> Vec<FolderEvent> {
    let started = Instant::now();
    let mut events = shelf.look(started, &shared.cancel);
    while !shelf.is_settled() && started.elapsed() < FIRST_LOOK {
        if let Some(due) = shelf.due() {
            thread::sleep(due.saturating_duration_since(Instant::now()));
        }
        events.extend(shelf.look(Instant::now(), &shared.cancel));
    }
    shared.publish(shelf.status());
    events
}

impl Shared {
    fn publish(&self, status: FolderStatus) {
        *self.status.lock().unwrap_or_else(PoisonError::into_inner) = status;
    }
}

/// The watching thread.
struct Watcher<T> {
    shared: Arc<Shared>,
    shelf: Shelf,
    watch: Watch,
    rescan: Duration,
    tell: T,
}

impl<T: FnMut(FolderEvent)> Watcher<T> {
    fn run(mut self) {
        let bell = Arc::clone(&self.shared.bell);
        loop {
            // A fault in one round (of the owner's function, say) must not end the watch.
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| self.round())) {
                let reason = crate::load::panic_text(&*panic);
                let problem = Some(FileError::Internal { reason }.to_string());
                self.shared.publish(FolderStatus { problem, ..self.shelf.status() });
            }
            bell.pause(BREATH);
            let rescan = Instant::now() + self.rescan;
            let note = bell.wait_until(self.shelf.due().map_or(rescan, |due| due.min(rescan)));
            if note.stop {
                return;
            }
            if let Some(name) = note.select {
                self.shelf.select(name);
            }
        }
    }

    fn round(&mut self) {
        // Watch before looking: what changes after the look is reported.
        self.watch.follow();
        let events = self.shelf.look(Instant::now(), &self.shared.cancel);
        let watch_problem = self.watch.problem().map(str::to_owned);
        self.shared.publish(FolderStatus { watch_problem, ..self.shelf.status() });
        for event in events {
            (self.tell)(event);
        }
    }
}
