//! A policies folder with an owner that remembers everything it is told.

#![allow(dead_code, unreachable_pub, missing_docs, reason = "shared by several tests, each of which uses a part")]

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use steadfast_wasm::{FolderEvent, FolderOptions, Limits, Loader, PolicyFolder};

/// Long enough for the slowest machine; nothing waits that long when all is well.
const DEADLINE: Duration = Duration::from_secs(20);

pub struct Watched {
    folder: PolicyFolder,
    first: Vec<FolderEvent>,
    heard: Arc<Heard>,
    /// The watched folder lies in it, so that it can be removed and made again.
    _above: tempfile::TempDir,
    path: PathBuf,
}

#[derive(Default)]
struct Heard {
    events: Mutex<Vec<FolderEvent>>,
    more: Condvar,
    panic: AtomicBool,
}

impl Heard {
    fn events(&self) -> MutexGuard<'_, Vec<FolderEvent>> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hear(&self, event: FolderEvent) {
        assert!(!self.panic.swap(false, Ordering::SeqCst), "the owner does not like this event");
        self.events().push(event);
        self.more.notify_all();
    }
}

impl Watched {
    /// A folder that `fill` has filled before it is watched.
    pub fn new(active: &str, fill: impl FnOnce(&Path)) -> Watched {
        Watched::with_limits(active, Limits::default(), fill)
    }

    /// An empty folder whose policies may run for a very long time.
    pub fn patient(active: &str) -> Watched {
        let mut limits = Limits::default();
        limits.configure_fuel_max = u64::MAX >> 2;
        limits.time_max = Duration::from_hours(1);
        Watched::with_limits(active, limits, |_| {})
    }

    /// An empty folder whose policies may run for a moment only.
    pub fn impatient(active: &str) -> Watched {
        let mut limits = Limits::default();
        limits.configure_fuel_max = u64::MAX >> 2;
        limits.time_max = Duration::from_millis(30);
        Watched::with_limits(active, limits, |_| {})
    }

    fn with_limits(active: &str, limits: Limits, fill: impl FnOnce(&Path)) -> Watched {
        let above = tempfile::tempdir().expect("a temporary folder");
        let path = above.path().join("policies");
        fs::create_dir(&path).expect("a folder in it");
        fill(&path);
        let mut options = FolderOptions::new(&path, active).with_loader(Arc::new(Loader::new(limits)));
        options.settle = Duration::from_millis(40);
        options.rescan = Duration::from_millis(200);
        options.retry = Duration::from_millis(20);
        let heard = Arc::<Heard>::default();
        let owner = Arc::clone(&heard);
        let started = PolicyFolder::start(options, move |event| owner.hear(event));
        let (folder, first) = started.expect("the folder is there");
        Watched { folder, first, heard, _above: above, path }
    }

    pub fn folder(&self) -> &PolicyFolder {
        &self.folder
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the first look found.
    pub fn first(&self) -> Vec<FolderEvent> {
        self.first.clone()
    }

    /// Waits for an event, and takes it and everything before it.
    #[track_caller]
    pub fn hears(&self, why: &str, expected: impl Fn(&FolderEvent) -> bool) -> FolderEvent {
        let deadline = Instant::now() + DEADLINE;
        let mut events = self.heard.events();
        loop {
            if let Some(at) = events.iter().position(&expected) {
                return events.drain(..=at).next_back().expect("it was just found");
            }
            let patience = deadline.saturating_duration_since(Instant::now());
            assert!(!patience.is_zero(), "{why}, but only this was told: {events:?}");
            events = self.heard.more.wait_timeout(events, patience).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Waits for something that is no event.
    #[track_caller]
    pub fn until(&self, why: &str, condition: impl Fn(&PolicyFolder) -> bool) {
        let deadline = Instant::now() + DEADLINE;
        while !condition(&self.folder) {
            assert!(Instant::now() < deadline, "{why} never happened: {:?}", self.folder);
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Returns when everything that happened before has been looked at: a bad file, written after it, was refused.
    /// Files settle in parallel, so it is written a second time, when the first one has settled.
    #[track_caller]
    pub fn fence(&self) {
        let file = self.path.join("fence.wasm");
        for round in ["first", "second"] {
            fs::write(&file, round).expect("the folder is there");
            self.until("the fence was seen", |_| {
                let fence = |event: &FolderEvent| {
                    matches!(event, FolderEvent::Refused { file, error } if file == "fence.wasm"
                        && error.to_string().contains(round))
                };
                self.heard.events().iter().any(fence)
            });
        }
        fs::remove_file(&file).expect("it was just written");
        self.until("the fence is gone", |folder| folder.status().files.iter().all(|file| file.name != "fence"));
    }

    /// How many such events came that nobody waited for.
    pub fn count(&self, expected: impl Fn(&FolderEvent) -> bool) -> usize {
        self.heard.events().iter().filter(|event| expected(event)).count()
    }

    /// The owner panics at the next event.
    pub fn panic_next(&self) {
        self.heard.panic.store(true, Ordering::SeqCst);
    }

    pub fn has_panicked(&self) -> bool {
        !self.heard.panic.load(Ordering::SeqCst)
    }

    /// Stops watching; what was heard.
    pub fn stop(self) -> Vec<FolderEvent> {
        self.folder.stop();
        self.heard.events().clone()
    }
}
