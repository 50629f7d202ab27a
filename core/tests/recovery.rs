//! A store that fails: what is refused, what stays in doubt, and how service resumes.
#![allow(unreachable_pub, reason = "test modules")]

mod common;

use std::sync::{Arc, Mutex, MutexGuard};

use common::{author, options};
use steadfast_core::{
    Address, AnnouncementKind, Beat, Change, HoldKind, HoldOrder, Left, Liveness, MemoryStore, Now, Options,
    OrderError, Policy, Publisher, RegisterError, Registration, Registry, ServiceId, ServiceName, Store, StoreError,
    StoreTable,
};

/// What the disk does with the next commits.
#[derive(Clone, Copy, PartialEq)]
enum Mood {
    Works,
    Refuses,
    /// Writes, and then fails to say so.
    Forgets,
}

struct State {
    records: MemoryStore,
    mood: Mood,
    attempts: usize,
    /// What happens elsewhere while the next commit is being written.
    meanwhile: Option<Box<dyn FnOnce() + Send>>,
}

/// A disk that outlives the registry, as disks do.
#[derive(Clone)]
struct Disk(Arc<Mutex<State>>);

impl Disk {
    fn new() -> Disk {
        Disk(Arc::new(Mutex::new(State {
            records: MemoryStore::new(),
            mood: Mood::Works,
            attempts: 0,
            meanwhile: None,
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    fn becomes(&self, mood: Mood) {
        self.state().mood = mood;
    }

    fn count(&self, table: StoreTable) -> usize {
        let mut count = 0;
        self.state().records.load(table, &mut |_, _| count += 1).unwrap();
        count
    }
}

impl Store for Disk {
    fn load(&mut self, table: StoreTable, visit: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), StoreError> {
        self.state().records.load(table, visit)
    }

    fn commit(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        let meanwhile = self.state().meanwhile.take();
        if let Some(meanwhile) = meanwhile {
            meanwhile();
        }
        let mut state = self.state();
        state.attempts += 1;
        let (doing, source) = ("writing the disk".to_owned(), "it is full".into());
        match state.mood {
            Mood::Works => state.records.commit(changes),
            Mood::Refuses => Err(StoreError::Failed { doing, source }),
            Mood::Forgets => {
                state.records.commit(changes)?;
                Err(StoreError::InDoubt { doing, source })
            }
        }
    }
}

struct Host {
    registry: Registry,
    service: ServiceId,
    disk: Disk,
    now_ms: u64,
}

impl Host {
    fn on(disk: &Disk, options: Options) -> Host {
        let registry = Registry::open(options, Box::new(disk.clone())).unwrap();
        let service = registry.service(&ServiceName::new("public", "g", "orders").unwrap()).unwrap();
        let mut host = Host { registry, service, disk: disk.clone(), now_ms: 0 };
        host.pass_ms(0);
        host
    }

    fn start(disk: &Disk) -> Host {
        Host::on(disk, options(Policy::admin_sticky()))
    }

    /// Without writing behind, so that only orders touch the disk.
    fn start_without_flushes(disk: &Disk) -> Host {
        Host::on(disk, Options { flush_in_tick: false, ..options(Policy::admin_sticky()) })
    }

    fn pass_ms(&mut self, ms: u64) {
        self.now_ms += ms;
        self.registry.tick(Now { mono_ms: self.now_ms, wall_ms: 1_700_000_000_000 + self.now_ms });
    }

    fn hold(&self, port: u32) -> Result<(), OrderError> {
        let order = HoldOrder { kind: HoldKind::Offline, author: author("console"), until_ms: None };
        self.registry.hold(self.service, &address(port), &order).map(drop)
    }

    fn release(&self, port: u32) -> Result<(), OrderError> {
        self.registry.release(self.service, &address(port), &author("console")).map(drop)
    }

    fn is_held(&self, port: u32) -> bool {
        self.registry.explain(self.service, &address(port)).unwrap().is_some_and(|known| !known.holds.is_empty())
    }

    /// The process dies, and another one starts on the same disk.
    fn crash(self) -> Host {
        Host::start(&self.disk)
    }

    fn announced(&self, kind: AnnouncementKind) -> Vec<String> {
        let all = self.registry.announcements(0);
        all.into_iter().filter(|announcement| announcement.kind == kind).map(|announcement| announcement.text).collect()
    }
}

fn address(port: u32) -> Address {
    Address::new("10.0.0.1", port, "c").unwrap()
}

#[test]
fn an_order_in_doubt_is_taken_back_before_the_next_one_is_acknowledged() {
    let disk = Disk::new();
    let mut host = Host::start_without_flushes(&disk);
    disk.becomes(Mood::Forgets);
    let error = host.hold(1).unwrap_err();
    assert!(error.to_string().contains("may be written all the same"), "{error}");
    assert!(!host.is_held(1), "what was refused is not in force");
    disk.becomes(Mood::Works);
    host.pass_ms(100);
    host.hold(2).unwrap();
    let host = host.crash();
    assert!(!host.is_held(1), "a restart does not bring back what was refused");
    assert!(host.is_held(2));
}

#[test]
fn a_release_in_doubt_takes_no_hold_along() {
    let disk = Disk::new();
    let mut host = Host::start_without_flushes(&disk);
    host.hold(1).unwrap();
    disk.becomes(Mood::Forgets);
    host.release(1).unwrap_err();
    assert_eq!(disk.count(StoreTable::Holds), 0, "the disk has forgotten the hold");
    assert!(host.is_held(1));
    disk.becomes(Mood::Works);
    host.pass_ms(100);
    host.hold(2).unwrap();
    assert!(host.crash().is_held(1));
}

/// The one thing that cannot be known: nobody can take back what a dead process had in doubt. The reply said so.
#[test]
fn an_order_in_doubt_may_stand_after_a_crash() {
    let disk = Disk::new();
    let host = Host::start(&disk);
    disk.becomes(Mood::Forgets);
    host.hold(1).unwrap_err();
    disk.becomes(Mood::Works);
    assert!(host.crash().is_held(1));
}

#[test]
fn only_one_commit_is_ever_in_doubt() {
    let disk = Disk::new();
    let mut host = Host::start(&disk);
    disk.becomes(Mood::Forgets);
    for port in 1..=20 {
        host.hold(port).unwrap_err();
        host.pass_ms(100);
    }
    disk.becomes(Mood::Works);
    let host = host.crash();
    let standing: Vec<u32> = (1..=20).filter(|port| host.is_held(*port)).collect();
    assert!(standing.len() <= 1, "{standing:?}");
}

#[test]
fn service_resumes_by_ticks_alone() {
    let disk = Disk::new();
    let mut host = Host::start(&disk);
    disk.becomes(Mood::Forgets);
    host.hold(1).unwrap_err();
    disk.becomes(Mood::Works);
    assert_eq!(disk.count(StoreTable::Holds), 1);
    host.pass_ms(100);
    assert_eq!(disk.count(StoreTable::Holds), 0, "nobody had to give another order");
    assert_eq!(disk.count(StoreTable::Audit), 0, "an order that was refused is in no audit");
}

#[test]
fn a_failure_and_its_end_are_announced_once_each() {
    let disk = Disk::new();
    let mut host = Host::start(&disk);
    disk.becomes(Mood::Refuses);
    for port in 1..=50 {
        host.hold(port).unwrap_err();
        host.pass_ms(100);
    }
    let failed = host.announced(AnnouncementKind::StoreFailed);
    assert_eq!(failed, ["writing the disk: it is full; orders are refused until it works again"]);
    assert_eq!(host.announced(AnnouncementKind::StoreResumed), [""; 0]);
    disk.becomes(Mood::Works);
    host.pass_ms(5_000);
    host.hold(1).unwrap();
    assert_eq!(host.announced(AnnouncementKind::StoreFailed).len(), 1);
    let resumed = host.announced(AnnouncementKind::StoreResumed);
    // After pauses of 1, 2, 4, 8, 16 and 32 steps the seventh attempt would have come after 6.3 s.
    assert_eq!(resumed, ["the store works again after 6 attempts that failed; orders are taken again"]);
    assert_eq!(host.registry.counters().store_failures, 6);
}

#[test]
fn a_dead_disk_costs_one_attempt_per_pause_and_not_one_per_order() {
    let disk = Disk::new();
    let mut host = Host::start_without_flushes(&disk);
    disk.becomes(Mood::Refuses);
    host.hold(1).unwrap_err();
    let attempts = disk.state().attempts;
    for port in 1..=100 {
        let error = host.hold(port).unwrap_err();
        assert_eq!(
            error.to_string(),
            "not stored: writing the disk: it is full (the next attempt is due in 100 ms)",
            "the cause is told all the same"
        );
    }
    assert_eq!(disk.state().attempts, attempts);
    host.pass_ms(100);
    host.hold(1).unwrap_err();
    assert_eq!(disk.state().attempts, attempts + 1);
}

#[test]
fn beats_lookups_and_clients_go_on_without_a_disk() {
    let disk = Disk::new();
    let mut host = Host::start(&disk);
    let handle = host.registry.register(host.service, &Registration::new(address(1))).unwrap().handle;
    disk.becomes(Mood::Refuses);
    host.hold(1).unwrap_err();
    for _ in 0..100 {
        host.pass_ms(1_000);
        assert_eq!(host.registry.beat(handle), Beat::Alive);
    }
    host.registry.register(host.service, &Registration::new(address(2))).unwrap();
    assert_eq!(host.registry.view(host.service, |view| view.serving().count()).unwrap(), 2);
    let connection = Publisher::Connection("c-1".into());
    let connected =
        Registration { publisher: connection, liveness: Liveness::Connection, ..Registration::new(address(3)) };
    host.registry.register(host.service, &connected).unwrap();
    assert_eq!(host.registry.disconnect("c-1").unwrap(), 1);
    assert_eq!(host.registry.remove(host.service, &address(2), &author("console")).unwrap(), Left::Gone);
    assert_eq!(host.registry.deregister(host.service, &address(1), &Publisher::Keyless).unwrap(), Left::Gone);
}

#[test]
fn a_persistent_instance_that_could_not_be_stored_is_there_and_is_stored_later() {
    let disk = Disk::new();
    let mut host = Host::start(&disk);
    disk.becomes(Mood::Refuses);
    let persistent = Registration { ephemeral: false, ..Registration::new(address(1)) };
    let error = host.registry.register(host.service, &persistent).unwrap_err();
    assert!(matches!(error, RegisterError::Store(_)));
    assert_eq!(error.to_string(), "registered, but not stored yet: writing the disk: it is full");
    assert_eq!(host.registry.view(host.service, |view| view.serving().count()).unwrap(), 1);
    disk.becomes(Mood::Works);
    host.pass_ms(100);
    let host = host.crash();
    assert_eq!(host.registry.view(host.service, |view| view.serving().count()).unwrap(), 1);
}

#[test]
fn a_shutdown_does_not_wait_for_the_pause_to_end() {
    let disk = Disk::new();
    let host = Host::start(&disk);
    disk.becomes(Mood::Forgets);
    host.hold(1).unwrap_err();
    disk.becomes(Mood::Works);
    host.registry.shutdown();
    assert!(!host.crash().is_held(1));
}

#[test]
fn a_program_that_comes_while_an_order_is_written_is_the_one_that_is_remembered() {
    let disk = Disk::new();
    let mut host = Host::start(&disk);
    let of = |process: &str| Registration { process: Some(process.into()), ..Registration::new(address(1)) };
    host.registry.register(host.service, &of("old")).unwrap();
    let (registry, service, new) = (host.registry.clone(), host.service, of("new"));
    disk.state().meanwhile = Some(Box::new(move || drop(registry.register(service, &new).unwrap())));
    host.hold(1).unwrap();
    host.pass_ms(100);
    let process = |host: &Host| host.registry.explain(host.service, &address(1)).unwrap().unwrap().process;
    assert_eq!(process(&host).as_deref(), Some("new"));
    assert_eq!(process(&host.crash()).as_deref(), Some("new"));
}
