//! The child: a registry with a driver and four threads that order, register and release until somebody kills it.

use std::{
    env,
    io::Write,
    ops::ControlFlow,
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use steadfast_core::{
    Address, Author, BulkOrder, Claim, Field, FieldName, FloorTarget, HoldKind, HoldOrder, Metadata, Options,
    Publisher, Registration, Registry, Selector, ServiceId, ServiceName, driver::Driver,
};
use steadfast_store::RedbStore;

pub(crate) const FOLDER: &str = "STEADFAST_TEST_KILLED_FOLDER";
pub(crate) const ROUND: &str = "STEADFAST_TEST_KILLED_ROUND";
pub(crate) const TRIES: &str = "tries";
pub(crate) const DONE: &str = "done";
pub(crate) const NOTHING: &str = "-";

const THREADS: usize = 4;
const OWNERS: [&str; 2] = ["console", "deployer"];
/// The metadata key that overlays and persistent instances set.
const KEY: &str = "turn";

pub(crate) fn service() -> ServiceName {
    ServiceName::new("public", "g", "orders").unwrap()
}

/// The ports of programs that name themselves: everybody's, of every thread.
fn named() -> impl Iterator<Item = u16> {
    (0..THREADS).flat_map(ports)
}

/// Each thread has ports of its own, so that it knows what it did last.
fn ports(thread: usize) -> impl Iterator<Item = u16> {
    let first = 8_000 + 10 * u16::try_from(thread).unwrap();
    first..first + 3
}

/// Good enough for dice: the output function of splitmix64.
pub(crate) fn dice(seed: u64) -> u64 {
    let mut mixed = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// Runs until it is killed. Without the variables it is nobody's child and does nothing.
#[test]
fn child() {
    let (Some(folder), Ok(round)) = (env::var_os(FOLDER), env::var(ROUND)) else { return };
    let store = RedbStore::open(Path::new(&folder)).unwrap();
    let registry = Registry::open(Options::default(), Box::new(store)).unwrap();
    let _driver = Driver::start(&registry).unwrap();
    let service = registry.service(&service()).unwrap();
    for port in named() {
        // Nobody is kept out: no hold of this test is a ban.
        let process = Some(format!("pod-{port}"));
        registry.register(service, &Registration { process, ..Registration::new(address(port)) }).unwrap();
    }
    // Orders of earlier children get their process keys on the disk before anything is acknowledged.
    registry.flush().unwrap();
    let turns = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let worker = Worker { registry: &registry, service, thread, round: &round, turns: &turns };
            scope.spawn(move || worker.work());
        }
    });
}

/// Where each thread keeps its persistent instance, beside its ports.
const PERSISTENT: &str = "persistent";

fn address(port: u16) -> Address {
    let thread = usize::from(port - 8_000) / 10;
    let cluster = if ports(thread).any(|known| known == port) { cluster(thread) } else { PERSISTENT.to_owned() };
    Address::new("10.0.0.1", port.into(), &cluster).unwrap()
}

/// The cluster of a thread's ports, so that one order can be about all of them.
fn cluster(thread: usize) -> String {
    format!("cluster-{thread}")
}

struct Worker<'a> {
    registry: &'a Registry,
    service: ServiceId,
    thread: usize,
    round: &'a str,
    turns: &'a AtomicU64,
}

impl Worker<'_> {
    fn work(&self) {
        loop {
            // Relaxed: the numbers only have to differ.
            let turn = self.turns.fetch_add(1, Ordering::Relaxed);
            self.play(&format!("{}.{turn}", self.round), dice(turn ^ self.round.parse::<u64>().unwrap() << 32));
        }
    }

    fn play(&self, value: &str, dice: u64) {
        let (registry, service) = (self.registry, self.service);
        let pick = |bound: usize, shift: u32| usize::try_from((dice >> shift) % bound as u64).unwrap();
        let port = ports(self.thread).nth(pick(3, 8)).unwrap();
        let (at, owner) = (address(port), OWNERS[pick(2, 16)]);
        let author = Author::new(owner, "ann", value).unwrap();
        let order = HoldOrder { kind: HoldKind::Offline, author: author.clone(), until_ms: None };
        let hold = format!("hold/{port}/{owner}");
        let overlay = format!("overlay/{port}");
        let cluster = cluster(self.thread);
        let floor = format!("floor/{cluster}/{owner}");
        let target = FloorTarget::Cluster { service: self::service(), cluster };
        match pick(10, 24) {
            0..=2 => self.told(&hold, Some(value), || registry.hold(service, &at, &order).map(drop)),
            3 => self.told(&hold, None, || registry.release(service, &at, &author).map(drop)),
            4 => {
                let field = Field::Metadata { key: KEY.into(), value: value.into() };
                self.told(&overlay, Some(value), || registry.overlay(service, &at, &field, &author).map(drop));
            }
            5 => {
                let field = FieldName::Metadata(KEY.into());
                self.told(&overlay, None, || registry.release_overlay(service, &at, &field, &author).map(drop));
            }
            6 => self.told(&floor, Some(value), || registry.hold_floor(&target, &order).map(drop)),
            7 => self.told(&floor, None, || registry.release_floor(&target, &author).map(drop)),
            8 => self.bulk(value, owner),
            _ => self.persistent(value, dice),
        }
    }

    /// One order about all ports of the thread; killed in the middle, each of them may be done or not.
    fn bulk(&self, value: &str, owner: &str) {
        let author = Author::new(owner, "ann", value).unwrap();
        let order = BulkOrder::Hold(HoldOrder { kind: HoldKind::Drain, author, until_ms: None });
        let selector = Selector { cluster: Some(cluster(self.thread)), ..Selector::default() };
        for port in ports(self.thread) {
            self.tries(&format!("hold/{port}/{owner}"), Some(value));
        }
        let report = self.registry.bulk(&selector, &order, &mut |_| ControlFlow::Continue(())).unwrap();
        assert_eq!(report.done(), ports(self.thread).count(), "{report:?}");
        self.done();
    }

    /// A persistent instance comes, changes, or goes.
    fn persistent(&self, value: &str, dice: u64) {
        let port = ports(self.thread).last().unwrap() + 1;
        let record = format!("instance/{port}");
        if dice.is_multiple_of(4) {
            let left = || self.registry.deregister(self.service, &address(port), &Publisher::Keyless).map(drop);
            return self.told(&record, None, left);
        }
        let metadata = Some(Metadata::new([(KEY, value)]).unwrap());
        let claim = Claim { metadata, ..Claim::default() };
        let registration = Registration { ephemeral: false, claim, ..Registration::new(address(port)) };
        self.told(&record, Some(value), || self.registry.register(self.service, &registration).map(drop));
    }

    /// Says what is tried, does it, and says that it is done.
    fn told<E: std::fmt::Debug>(&self, record: &str, value: Option<&str>, act: impl FnOnce() -> Result<(), E>) {
        self.tries(record, value);
        act().unwrap();
        self.done();
    }

    fn tries(&self, record: &str, value: Option<&str>) {
        say(&format!("{TRIES} {} {record} {}\n", self.thread, value.unwrap_or(NOTHING)));
    }

    /// All that was tried is acknowledged.
    fn done(&self) {
        say(&format!("{DONE} {}\n", self.thread));
    }
}

/// Past the capture of the test runner: the parent reads it. One write, so that lines of threads do not mix.
fn say(line: &str) {
    std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
}
