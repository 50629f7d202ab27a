//! What was acknowledged so far, and what every look at the registry has to agree with.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard},
};

use steadfast_core::{Registry, ServiceId, View, WatchEvent, policy::Traffic};

use crate::world::{NORTH, SERVICES, SILENT_MS};

/// One instance as a view shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub ip: String,
    pub port: u16,
    pub cluster: String,
    pub healthy: bool,
    pub traffic: Traffic,
    pub weight: f64,
    handle: u64,
}

/// What was promised to somebody. A task changes it in one step with whatever it read last, so nobody is switched while
/// it holds this lock.
#[derive(Clone, Debug, Default)]
struct Told {
    /// The time of the latest tick that began, and of the latest that is done.
    begun_ms: u64,
    done_ms: u64,
    /// What stands, each with a number that no later order has: by service and port, and of the cluster in the north.
    holds: BTreeMap<(usize, u16), u64>,
    floor: Option<u64>,
    orders: u64,
}

#[derive(Default)]
pub struct Oracle {
    told: Mutex<Told>,
    /// What each revision of each service was.
    contents: Mutex<HashMap<(usize, u64), Vec<Row>>>,
    packed: Mutex<HashMap<(usize, u64), Vec<u8>>>,
    names: Mutex<BTreeMap<String, ServiceId>>,
}

fn rows(view: &View<'_>) -> Vec<Row> {
    let row = |instance: steadfast_core::Instance<'_>| Row {
        ip: instance.ip().into_owned(),
        port: instance.port(),
        cluster: instance.cluster().to_owned(),
        healthy: instance.healthy(),
        traffic: instance.traffic(),
        weight: instance.weight(),
        handle: instance.handle().to_u64(),
    };
    view.iter().map(row).collect()
}

impl Oracle {
    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap()
    }

    pub fn tick_begins(&self, ms: u64) {
        self.told().begun_ms = ms;
    }

    pub fn tick_is_done(&self, ms: u64) {
        self.told().done_ms = ms;
    }

    /// A beat that begins now counts at least from here on.
    pub fn now_ms(&self) -> u64 {
        self.told().done_ms
    }

    /// Whether a beat of then may have become too old by now.
    pub fn may_be_older_than(&self, beat_ms: u64, ms: u64) -> bool {
        self.told().begun_ms >= beat_ms + ms
    }

    /// A hold was acknowledged.
    pub fn held(&self, service: usize, port: u16) {
        let mut told = self.told();
        told.orders += 1;
        let number = told.orders;
        told.holds.insert((service, port), number);
    }

    /// It may end from now on; says whether there was one.
    pub fn is_released(&self, service: usize, port: u16) -> bool {
        self.told().holds.remove(&(service, port)).is_some()
    }

    pub fn set_floor(&self, stands: bool) {
        let mut told = self.told();
        told.orders += 1;
        told.floor = stands.then_some(told.orders);
    }

    /// Ports of a service on which a hold stands.
    pub fn held_ports(&self, service: usize) -> Vec<u16> {
        self.told().holds.keys().filter(|(at, _)| *at == service).map(|(_, port)| *port).collect()
    }

    /// A name leads to one service, whoever asks.
    pub fn named(&self, name: &str, service: ServiceId) {
        let known = *self.names.lock().unwrap().entry(name.to_owned()).or_insert(service);
        assert_eq!(known, service, "two services of one name: {name}");
    }

    /// Looks at a service and compares with everything that was promised before.
    pub fn look(&self, registry: &Registry, services: &[ServiceId; SERVICES], service: usize) -> (u64, Vec<Row>) {
        let before = self.told().clone();
        let id = services[service];
        let announced = registry.revision(id).expect("open");
        let (revision, rows) = registry
            .view(id, |view| {
                let seen = rows(view);
                shuttle::thread::yield_now();
                assert_eq!(seen, rows(view), "a view does not change while it is held");
                (view.revision(), seen)
            })
            .expect("open");
        assert!(revision >= announced, "revision {announced} was announced, and a later view is of {revision}");
        let known = self.contents.lock().unwrap().entry((service, revision)).or_insert_with(|| rows.clone()).clone();
        assert_eq!(known, rows, "revision {revision} of service {service} is one thing");
        let after = self.told().clone();
        for row in rows.iter().filter(|row| row.traffic == Traffic::Serve) {
            let hold = before.holds.get(&(service, row.port));
            assert!(
                hold.is_none() || hold != after.holds.get(&(service, row.port)),
                "{row:?} takes traffic under a hold that was acknowledged"
            );
            let floor = before.floor.filter(|_| service == 0 && row.cluster == NORTH);
            assert!(
                floor.is_none() || floor != after.floor,
                "{row:?} takes traffic under a floor that was acknowledged"
            );
        }
        (revision, rows)
    }

    /// The same for a packed copy.
    pub fn unpack(&self, registry: &Registry, services: &[ServiceId; SERVICES], service: usize) {
        let announced = registry.revision(services[service]).expect("open");
        let copy = registry.packed(services[service]).expect("open");
        assert!(copy.revision() >= announced, "revision {announced} was announced, and a later copy is older");
        let mut packed = self.packed.lock().unwrap();
        let known = packed.entry((service, copy.revision())).or_insert_with(|| copy.bytes().to_vec());
        assert_eq!(known, copy.bytes(), "one revision has one copy");
    }

    /// Whose beat of then was acknowledged is there, and healthy, as long as time does not say otherwise.
    pub fn lives(&self, rows: &[Row], port: u16, beat_ms: u64) {
        let row = rows.iter().find(|row| row.port == port);
        if !self.may_be_older_than(beat_ms, SILENT_MS) {
            let healthy = row.is_some_and(|row| row.healthy);
            assert!(healthy, "a beat of {port} at {beat_ms} ms was acknowledged, and it is {row:?}");
        } else if !self.may_be_older_than(beat_ms, 2 * SILENT_MS) {
            assert!(row.is_some(), "a beat of {port} at {beat_ms} ms was acknowledged, and it is gone");
        }
    }

    /// What a watcher was told of is there.
    pub fn is_there(&self, registry: &Registry, services: &[ServiceId; SERVICES], event: &WatchEvent) {
        if let WatchEvent::Changed { service, revision, .. } = event {
            let at = services.iter().position(|known| known == service).expect("one of those that are watched");
            let (seen, _) = self.look(registry, services, at);
            assert!(seen >= *revision, "revision {revision} was announced to a watcher, and a later view is of {seen}");
        }
    }
}
