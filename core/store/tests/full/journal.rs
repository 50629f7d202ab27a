//! The journal: nobody waits for its disk, the outage is told once, and afterwards the journal knows what it has lost.

use std::{
    fs,
    ops::ControlFlow,
    path::Path,
    process::Command,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use steadfast_core::{
    Address, AnnouncementKind, Author, Beat, Handle, HoldKind, HoldOrder, Journal, JournalStatus, MemoryStore, Now,
    Options, Registration, Registry, ServiceId, ServiceName, limits::JOURNAL_WELL_MS, policy::Probe,
};
use steadfast_store::journal::{FileJournal, JournalOptions, JournalReader, Record};

use crate::child;

/// Far more than the writer's pauses; only a journal that never comes back waits so long.
const PATIENCE: Duration = Duration::from_mins(1);
/// Decisions between two looks at the journal.
const DECISIONS: u32 = 500;

struct Host {
    registry: Registry,
    journal: Arc<FileJournal>,
    service: ServiceId,
    handle: Handle,
    now_ms: u64,
    probes: u32,
}

impl Host {
    fn open(folder: &Path) -> Host {
        let journal = Arc::new(FileJournal::start(&folder.join("journal"), JournalOptions::default()).unwrap());
        let options = Options { journal: Some(Arc::clone(&journal) as _), ..Options::default() };
        let registry = Registry::open(options, Box::new(MemoryStore::new())).unwrap();
        let service = registry.service(&ServiceName::new("public", "g", "orders").unwrap()).unwrap();
        let handle = registry.register(service, &Registration::new(address())).unwrap().handle;
        Host { registry, journal, service, handle, now_ms: 0, probes: 0 }
    }

    fn tick(&mut self) {
        self.now_ms += 100;
        self.registry.tick(Now { mono_ms: self.now_ms, wall_ms: self.now_ms });
    }

    /// Has something decided again and again, and asks for beats, orders and lookups, until the journal is as it is
    /// waited for.
    fn work_until(&mut self, what: &str, is_so: impl Fn(&JournalStatus) -> bool) {
        let started = Instant::now();
        while !is_so(&self.journal.status()) {
            assert!(started.elapsed() < PATIENCE, "{what} never came: {:?}", self.journal.status());
            for _ in 0..DECISIONS {
                self.probes += 1;
                let probe = if self.probes.is_multiple_of(2) { Probe::Passing } else { Probe::Unknown };
                self.registry.probe(self.service, &address(), probe).unwrap();
            }
            let author = Author::new("console", "ann", "a full disk").unwrap();
            let order = HoldOrder { kind: HoldKind::Offline, author: author.clone(), until_ms: None };
            self.registry.hold(self.service, &address(), &order).unwrap();
            assert_eq!(self.registry.view(self.service, |view| view.serving().count()).unwrap(), 0);
            self.registry.release(self.service, &address(), &author).unwrap();
            assert_eq!(self.registry.view(self.service, |view| view.serving().count()).unwrap(), 1);
            assert_eq!(self.registry.beat(self.handle), Beat::Alive);
            self.tick();
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn announced(&self, kind: AnnouncementKind) -> Vec<String> {
        let all = self.registry.announcements(0).into_iter();
        all.filter(|announcement| announcement.kind == kind).map(|announcement| announcement.text).collect()
    }
}

fn address() -> Address {
    Address::new("10.0.0.1", 80, "c").unwrap()
}

/// What a reader finds: decisions, and how many it knows to be missing.
fn read(folder: &Path) -> (u64, u64) {
    let (mut decisions, mut lost) = (0, 0);
    let read = JournalReader::open(folder).unwrap().read(&mut |record| {
        match record {
            Record::Decision(_) => decisions += 1,
            Record::Lost(count) => lost += count,
            Record::Skipped(skipped) => panic!("a part was left behind: {skipped:?}"),
            _ => {}
        }
        ControlFlow::Continue(())
    });
    assert_eq!(read, ControlFlow::Continue(()));
    (decisions, lost)
}

fn story(folder: &Path, advice: &str, break_it: impl FnOnce(), mend_it: impl FnOnce()) {
    let mut host = Host::open(folder);
    host.work_until("the first decision", |status| status.written > 0);
    break_it();
    host.work_until("a failure", |status| status.failure.is_some());
    let lost = host.registry.counters().journal_lost;
    host.work_until("more that is lost", |status| status.lost > lost + 20 * u64::from(DECISIONS));
    let failed = host.announced(AnnouncementKind::JournalFailed);
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert!(failed[0].contains("journal") && failed[0].contains(advice), "{failed:?}");
    assert!(host.registry.counters().journal_lost > lost);
    assert!(fs::read_dir(folder.join("journal")).unwrap().count() <= 2, "no file for each attempt");
    mend_it();
    host.work_until("the end of it", |status| status.failure.is_none());
    assert_eq!(host.announced(AnnouncementKind::JournalResumed), [""; 0], "not before it has lasted");
    for _ in 0..=JOURNAL_WELL_MS / 100 {
        host.registry.beat(host.handle);
        host.tick();
    }
    let lost = host.registry.counters().journal_lost;
    let resumed = host.announced(AnnouncementKind::JournalResumed);
    assert_eq!(resumed, [format!("the journal is written again; decisions that are missing in it: {lost}")]);
    host.registry.shutdown();
    let status = host.journal.status();
    assert_eq!((status.lost, &status.failure), (lost, &None));
    assert_eq!(read(folder), (status.written, status.lost));
}

#[test]
fn a_segment_that_may_not_grow_is_told_and_counted_until_it_may() {
    child::run_limited("journal::limited");
}

/// The child of the test above.
#[test]
fn limited() {
    let Some(folder) = child::folder() else { return };
    let len = || fs::metadata(folder.join("journal/000001.log")).unwrap().len();
    let advice = "raise the limit on the size of files";
    // A few hundred bytes more: the next batch is written in part.
    let limit = || child::limit_files(&(len() + 300).to_string());
    story(&folder, advice, limit, || child::limit_files("unlimited"));
}

#[test]
fn a_full_disk_is_told_and_counted_until_there_is_room() {
    child::run_on_small_disk("journal::full");
}

/// The child of the test above.
#[test]
fn full() {
    let Some(folder) = child::folder() else { return };
    let filler = folder.join("filler");
    story(&folder, "make room on its disk", || child::fill_disk(&filler), || fs::remove_file(&filler).unwrap());
}

#[test]
fn a_disk_that_became_read_only_is_told_until_it_is_writable() {
    child::run_on_small_disk("journal::read_only");
}

/// The child of the test above. What is open for writing keeps a disk from becoming read-only, so there is no segment
/// yet.
#[test]
fn read_only() {
    let Some(folder) = child::folder() else { return };
    let remount = |how: &str| {
        assert!(Command::new("mount").args(["-o", &format!("remount,{how}")]).arg(&folder).status().unwrap().success());
    };
    remount("ro");
    let mut host = Host::open(&folder);
    host.work_until("a failure", |status| status.failure.is_some());
    host.tick();
    let failed = host.announced(AnnouncementKind::JournalFailed);
    assert!(failed[0].contains("make its file system writable"), "{failed:?}");
    remount("rw");
    host.work_until("the end of it", |status| status.failure.is_none() && status.written > 0);
    host.registry.shutdown();
    // What is missing before the very first segment could as well have been deleted in due course.
    assert_eq!(read(&folder).0, host.journal.status().written);
}
