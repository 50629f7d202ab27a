//! Registries on disks that fail and machines that stop, thousands of times by chance.
//!
//! Every run plays orders and registrations against a real registry on the real store, over a [`Disk`] that fails,
//! tears and forgets at any write, sync and length change. After each crash the disk must say what was acknowledged,
//! nothing that was never asked, and nothing half-done. `STEADFAST_CRASH_RUNS=10000` plays more runs,
//! `STEADFAST_CRASH_SEED=7` the one of a seed that a failure has printed; both together play as many from that seed on.

mod damage;
mod disk;
mod image;
mod model;
mod random;

use std::{
    env,
    io::Write,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use steadfast_core::{
    Address, Author, Change, Claim, Field, FieldName, HoldKind, HoldOrder, LeaveError, Left, Now, OpenError, Options,
    OrderError, OrderReply, Publisher, RegisterError, Registration, Registry, ServiceId, ServiceName, Store,
    StoreError, StoreTable,
};

use self::{
    disk::{Disk, Fault},
    model::{Given, Model, Record, Value},
    random::Random,
};
use crate::{
    backend::{OpenFile, Suspicion},
    data::{self, DataFile, Known},
};

const RUNS: u64 = 400;
const BOOTS: usize = 4;
const OPS: usize = 14;
const PORTS: usize = 4;
const OWNERS: [&str; 2] = ["console", "deployer"];
const KINDS: [HoldKind; 3] = [HoldKind::Drain, HoldKind::Offline, HoldKind::Banned];

/// A store on a simulated disk, which leaves word of how it was closed.
struct Machine {
    data: DataFile,
    closed_well: Arc<Mutex<bool>>,
}

impl Store for Machine {
    fn load(&mut self, table: StoreTable, visit: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), StoreError> {
        self.data.load(table, visit)
    }

    fn commit(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        self.data.commit(changes)
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        *self.closed_well.lock().unwrap() = self.data.close();
    }
}

fn open_data(disk: &Disk, known: Known, suspect: bool) -> Result<DataFile, StoreError> {
    DataFile::open(PathBuf::from("registry.redb"), opener(disk), known, Suspicion::new(suspect))
}

fn opener(disk: &Disk) -> OpenFile {
    let disk = disk.clone();
    Box::new(move |_, _| Ok(Box::new(disk.clone())))
}

/// One life after another of the same registry.
struct Run {
    random: Random,
    disk: Disk,
    model: Model,
    known: Known,
    closed_well: Arc<Mutex<bool>>,
    now_ms: u64,
}

/// What happened in all runs, so that a test that does nothing cannot pass.
#[derive(Debug, Default)]
struct Tally {
    acknowledged: usize,
    refused: usize,
    in_doubt: usize,
    power_cuts: usize,
    kills: usize,
    failed_starts: usize,
}

#[test]
fn whatever_fails_what_was_acknowledged_is_there_and_nothing_is_half_done() {
    let number = |name| env::var(name).ok().map(|text: String| text.parse::<u64>().expect(name));
    let seed = number("STEADFAST_CRASH_SEED");
    let runs = number("STEADFAST_CRASH_RUNS").unwrap_or(if seed.is_some() { 1 } else { RUNS });
    let mut tally = Tally::default();
    for seed in (seed.unwrap_or(0)..).take(usize::try_from(runs).unwrap()) {
        let named = Named(seed);
        Run::new(seed).play(&mut tally);
        std::mem::forget(named);
    }
    let Tally { acknowledged, refused, in_doubt, power_cuts, kills, failed_starts } = tally;
    let all = [acknowledged, refused, in_doubt, power_cuts, kills, failed_starts];
    assert!(runs < RUNS || all.iter().all(|count| *count > 50), "the runs miss something: {tally:?}");
    if runs > RUNS {
        // Whoever asks for many wants to know what they were.
        let _ = writeln!(std::io::stderr(), "{runs} crash runs held: {tally:?}");
    }
}

/// Names its seed when a run panics.
struct Named(u64);

impl Drop for Named {
    fn drop(&mut self) {
        let _ = writeln!(std::io::stderr(), "STEADFAST_CRASH_SEED={} repeats this", self.0);
    }
}

impl Run {
    fn new(seed: u64) -> Run {
        let mut random = Random::new(seed);
        let disk = Disk::new(random.next());
        data::create(Path::new("registry.redb"), &opener(&disk)).unwrap();
        let (model, known) = (Model::default(), Known::Nothing);
        Run { random, disk, model, known, closed_well: Arc::new(Mutex::new(true)), now_ms: 0 }
    }

    fn play(mut self, tally: &mut Tally) {
        for _ in 0..BOOTS {
            self.plan_fault();
            match self.boot() {
                Ok(registry) => self.live(registry, tally),
                Err(error) => {
                    tally.failed_starts += 1;
                    assert!(self.disk.was_struck(), "a start failed without a fault: {error}");
                    assert!(!matches!(error, OpenError::Store(StoreError::Unusable(_))), "{error}");
                }
            }
            self.crash(tally);
            self.judge();
        }
    }

    fn plan_fault(&mut self) {
        let after = u32::try_from(self.random.below(60)).unwrap();
        let times = u32::try_from(1 + self.random.below(12)).unwrap();
        self.disk.plan(match self.random.below(8) {
            0..=2 => Some(Fault::PowerCut { after }),
            3..=6 => Some(Fault::Errors { after, times }),
            _ => None,
        });
    }

    fn boot(&mut self) -> Result<Registry, OpenError> {
        let suspect = !*self.closed_well.lock().unwrap();
        *self.closed_well.lock().unwrap() = false;
        let data = open_data(&self.disk, self.known, suspect)?;
        self.known = Known::Registry(data.registry_id());
        let machine = Machine { data, closed_well: Arc::clone(&self.closed_well) };
        let options = Options { max_step_ms: 0, flush_in_tick: true, ..Options::default() };
        let registry = Registry::open(options, Box::new(machine))?;
        self.tick(&registry, 100);
        Ok(registry)
    }

    fn tick(&mut self, registry: &Registry, ms: u64) {
        self.now_ms += ms;
        registry.tick(Now { mono_ms: self.now_ms, wall_ms: 1_700_000_000_000 + self.now_ms });
    }

    fn live(&mut self, registry: Registry, tally: &mut Tally) {
        let service = registry.service(&name()).unwrap();
        for port in ports().filter(|port| has_process(*port)) {
            let process = Some(format!("pod-{port}"));
            let registration = Registration { process, ..Registration::new(address(port)) };
            // A ban keeps it out.
            let _ = registry.register(service, &registration);
        }
        for _ in 0..OPS {
            if self.disk.is_off() {
                break;
            }
            self.op(&registry, service, tally);
            assert_eq!(
                image::in_force(&registry, service),
                self.model.live,
                "what is in force is what was acknowledged"
            );
        }
        if self.random.below(3) == 0 {
            registry.shutdown();
        }
        // Dropping a registry that was not shut down closes its file in order; a machine that is off writes nothing.
        if self.random.below(2) == 0 {
            self.disk.plan(Some(Fault::PowerCut { after: 0 }));
        }
        drop(registry);
    }

    fn op(&mut self, registry: &Registry, service: ServiceId, tally: &mut Tally) {
        let port = ports().nth(self.random.below(PORTS)).unwrap();
        let owner = self.random.below(OWNERS.len());
        let strength = self.random.below(KINDS.len());
        let value = Value::try_from(strength).unwrap();
        let author = Author::new(OWNERS[owner], "ann", "replacing its disk").unwrap();
        let (hold, weight) = (Record::Hold { port, owner }, Record::Weight { port });
        let known = registry.explain(service, &address(port)).unwrap();
        let process = known.is_some_and(|known| known.process.is_some());
        let given = |record, value| Given { record, value, process };
        match self.random.below(10) {
            0..=2 => {
                let order = HoldOrder { kind: KINDS[strength], author, until_ms: None };
                self.ordered(given(hold, Some(value)), registry.hold(service, &address(port), &order), tally);
            }
            3 => self.ordered(given(hold, None), registry.release(service, &address(port), &author), tally),
            4 => {
                let field = Field::Weight(f64::from(value));
                self.ordered(
                    given(weight, Some(value)),
                    registry.overlay(service, &address(port), &field, &author),
                    tally,
                );
            }
            5 => {
                let released = registry.release_overlay(service, &address(port), &FieldName::Weight, &author);
                self.ordered(given(weight, None), released, tally);
            }
            6 => self.register_persistent(registry, service, value),
            7 => self.deregister_persistent(registry, service),
            8 => {
                if registry.flush().is_ok() {
                    self.model.flushed();
                }
            }
            _ => {
                let steps = 1 + self.random.below(10) as u64;
                self.tick(registry, steps * 100);
            }
        }
    }

    fn ordered(&mut self, given: Given, answer: Result<OrderReply, OrderError>, tally: &mut Tally) {
        match answer {
            Ok(_) => {
                tally.acknowledged += 1;
                self.model.ordered(given, Ok(()));
            }
            Err(OrderError::Store(error)) => {
                tally.refused += 1;
                tally.in_doubt += usize::from(matches!(*error, StoreError::InDoubt { .. }));
                assert!(!matches!(*error, StoreError::Unusable(_)), "{error}");
                self.model.ordered(given, Err(&error));
            }
            Err(error) => panic!("{error}"),
        }
    }

    fn register_persistent(&mut self, registry: &Registry, service: ServiceId, value: Value) {
        let claim = Claim { weight: Some(f64::from(value)), ..Claim::default() };
        let registration = Registration { ephemeral: false, claim, ..Registration::new(address(PERSISTENT)) };
        let stored = match registry.register(service, &registration) {
            Ok(_) => true,
            Err(RegisterError::Store(_)) => false,
            Err(error) => panic!("{error}"),
        };
        self.model.changed(Record::Instance { port: PERSISTENT }, Some(value), stored);
    }

    fn deregister_persistent(&mut self, registry: &Registry, service: ServiceId) {
        let stored = match registry.deregister(service, &address(PERSISTENT), &Publisher::Keyless) {
            Ok(Left::Gone) => true,
            // Nobody was there, and nothing was written.
            Ok(_) => return,
            Err(LeaveError::Store(_)) => false,
            Err(error) => panic!("{error}"),
        };
        self.model.changed(Record::Instance { port: PERSISTENT }, None, stored);
    }

    fn crash(&mut self, tally: &mut Tally) {
        if self.disk.is_off() || self.random.below(2) == 0 {
            tally.power_cuts += 1;
            self.disk.power_cut();
        } else {
            tally.kills += 1;
            self.disk.process_died();
        }
        self.disk.was_struck();
    }

    /// Reads the disk as the next process will, without a fault.
    fn judge(&mut self) {
        let suspect = !*self.closed_well.lock().unwrap();
        let mut data = open_data(&self.disk, self.known, suspect).expect("a disk that works again can be opened");
        let found = image::on_disk(&mut data);
        self.model.judge(&found);
        *self.closed_well.lock().unwrap() = data.close();
    }
}

const PERSISTENT: u32 = 9_000;

/// Where orders go.
fn ports() -> impl Iterator<Item = u32> {
    (8_000..).take(PORTS)
}

/// Every second port belongs to a program that names itself.
fn has_process(port: u32) -> bool {
    port % 2 == 1
}

fn name() -> ServiceName {
    ServiceName::new("public", "g", "orders").unwrap()
}

fn address(port: u32) -> Address {
    Address::new("10.0.0.1", port, "c").unwrap()
}
