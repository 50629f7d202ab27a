//! One registry and everybody who speaks to it, for the length of one schedule.

use std::sync::{Arc, OnceLock};

use shuttle::{
    rand::{Rng, thread_rng},
    thread,
};
use steadfast_core::{
    Address, Author, HoldKind, HoldOrder, Now, Options, Policy, Publisher, Registration, Registry, ServiceId,
    ServiceName,
    policy::{Facts, Manifest, StatePolicy, Traffic, Verdict, builtin::AdminSticky},
};

use crate::{clients, disk::Disk, operators, oracle::Oracle, readers};

pub const SERVICES: usize = 2;
/// A silence that makes an instance unhealthy; twice as long takes it away.
pub const SILENT_MS: u64 = 15_000;
pub const NORTH: &str = "north";
pub const SOUTH: &str = "south";
/// Watchers go home when they see it.
pub const LAST_PORT: u16 = 9_999;
const START_MS: u64 = 1_700_000_000_000;

/// Who takes part.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Cast {
    Everybody,
    Beats,
    Operators,
    Watchers,
    Creators,
    Readers,
}

pub struct World {
    pub registry: Registry,
    pub services: [ServiceId; SERVICES],
    pub oracle: Oracle,
    pub disk: Disk,
}

/// Admin-sticky for presence and health, but everybody drains.
struct EverybodyDrains;

impl StatePolicy for EverybodyDrains {
    fn manifest(&self) -> Manifest {
        Manifest { name: "everybody-drains".into(), laws: Vec::new(), ..AdminSticky.manifest() }
    }

    fn decide(&self, facts: &Facts) -> Verdict {
        let verdict = AdminSticky.decide(facts);
        Verdict { traffic: verdict.traffic.max(Traffic::Drain), ..verdict }
    }
}

/// Proven once, and outside of any schedule.
pub fn policies() -> &'static [Policy; 2] {
    static PROVEN: OnceLock<[Policy; 2]> = OnceLock::new();
    PROVEN.get_or_init(|| [Policy::admin_sticky(), Policy::native(&EverybodyDrains).unwrap()])
}

pub fn name(service: usize) -> ServiceName {
    ServiceName::new("public", "g", &format!("service-{service}")).unwrap()
}

pub fn address(port: u16, cluster: &str) -> Address {
    Address::new(&format!("10.0.0.{}", port % 7 + 1), u32::from(port), cluster).unwrap()
}

pub fn author(owner: &str) -> Author {
    Author::new(owner, "ann", "replacing its disk").unwrap()
}

pub fn order(kind: HoldKind, owner: &str) -> HoldOrder {
    HoldOrder { kind, author: author(owner), until_ms: None }
}

pub fn pick(choices: u32) -> u32 {
    thread_rng().gen_range(0..choices)
}

fn options() -> Options {
    Options {
        policy: policies()[0].clone(),
        max_step_ms: 0,
        retain_ms: 60_000,
        instances_max: 64,
        services_max: 8,
        ..Options::default()
    }
}

impl World {
    fn new() -> World {
        let disk = Disk::default();
        let registry = Registry::open(options(), Box::new(disk.clone())).unwrap();
        let services = std::array::from_fn(|service| registry.service(&name(service)).unwrap());
        let world = World { registry, services, oracle: Oracle::default(), disk };
        world.tick(0);
        world
    }

    /// Lets time pass.
    pub fn tick(&self, ms: u64) {
        let now = self.oracle.now_ms() + ms;
        self.oracle.tick_begins(now);
        self.registry.tick(Now { mono_ms: now, wall_ms: START_MS + now });
        self.oracle.tick_is_done(now);
    }

    pub fn look(&self, service: usize) -> Vec<crate::oracle::Row> {
        self.oracle.look(&self.registry, &self.services, service).1
    }

    /// After everything: what came in and did not leave is there, once, in every account of it.
    fn count(&self) {
        let seen: usize = (0..SERVICES).map(|service| self.look(service).len()).sum();
        let counters = self.registry.counters();
        assert_eq!(counters.instances, seen as u64, "{counters:?}");
        let present: u64 = self.registry.namespaces().iter().map(|namespace| namespace.present).sum();
        assert_eq!(present, seen as u64, "the namespaces count otherwise");
        assert_eq!(counters.self_reverts, 0, "nobody overruled an operator: {counters:?}");
        for service in 0..SERVICES {
            let orders = self.registry.orders(self.services[service]).unwrap();
            let mut held: Vec<u16> = orders.iter().map(|ordered| ordered.address.port).collect();
            held.sort_unstable();
            assert_eq!(held, self.oracle.held_ports(service), "what stands is what was acknowledged");
        }
    }

    /// What was acknowledged is there again for the next registry on the same disk.
    fn reopen(self) {
        self.disk.set_fragile(false);
        self.tick(10_000);
        self.registry.flush().unwrap();
        let before: Vec<_> = self.services.map(|service| self.registry.orders(service).unwrap().len()).into();
        self.registry.shutdown();
        drop(self.registry);
        let again = Registry::open(options(), Box::new(self.disk)).unwrap();
        for (service, before) in before.into_iter().enumerate() {
            let orders = again.find_service("public", "g", &name(service).name);
            let orders = orders.map_or(0, |service| again.orders(service).unwrap().len());
            assert_eq!(orders, before, "an order was lost, or came from nowhere");
        }
    }

    /// Everybody leaves, and nobody is counted any more.
    fn empty(&self) {
        self.disk.set_fragile(false);
        self.tick(10_000);
        for service in 0..SERVICES {
            for row in self.look(service) {
                let address = Address { ip: row.ip.clone(), port: row.port, cluster: row.cluster.clone() };
                let left = self.registry.remove(self.services[service], &address, &author("console")).unwrap();
                assert_eq!(left, steadfast_core::Left::Gone, "{row:?}");
            }
            assert!(self.look(service).is_empty());
        }
        assert_eq!(self.registry.counters().instances, 0);
    }
}

type Role = fn(&World, u16);

/// Each role with the numbers of those who play it.
fn roles(cast: Cast) -> Vec<(Role, u16)> {
    match cast {
        Cast::Everybody => vec![
            (clients::beat, 1),
            (clients::beat, 2),
            (clients::connect, 3),
            (clients::create, 4),
            (operators::hold, 1),
            (operators::lay_floors, 2),
            (operators::hold_many, 3),
            (operators::swap, 4),
            (readers::pass_time, 1),
            (readers::read, 2),
        ],
        Cast::Beats => vec![(clients::beat_by_handle, 1), (readers::pass_time_evenly, 1)],
        Cast::Operators => vec![(operators::hold, 1), (operators::hold, 2)],
        Cast::Watchers => Vec::new(),
        Cast::Creators => vec![(clients::create, 1), (clients::create, 2)],
        Cast::Readers => vec![(clients::connect, 3), (readers::read, 2)],
    }
}

/// One schedule.
pub fn play(cast: Cast) {
    let world = Arc::new(World::new());
    world.disk.set_fragile(cast == Cast::Everybody);
    if cast == Cast::Operators {
        for (port, cluster) in [(1, NORTH), (2, SOUTH)] {
            world.registry.register(world.services[0], &Registration::new(address(port, cluster))).unwrap();
        }
    }
    let start = |role: Role, number| {
        let world = Arc::clone(&world);
        thread::spawn(move || role(&world, number))
    };
    let watchers = match cast {
        Cast::Everybody | Cast::Watchers => vec![start(readers::watch, 1), start(readers::watch, 2)],
        _ => Vec::new(),
    };
    let tasks: Vec<_> = roles(cast).into_iter().map(|(role, number)| start(role, number)).collect();
    for task in tasks {
        task.join().unwrap();
    }
    // Whoever watches and was not called now sleeps for ever, which shuttle takes for what it is.
    let last = Registration { publisher: Publisher::Keyless, ..Registration::new(address(LAST_PORT, SOUTH)) };
    world.registry.register(world.services[1], &last).unwrap();
    for watcher in watchers {
        watcher.join().unwrap();
    }
    world.count();
    let world = Arc::into_inner(world).expect("everybody is done");
    if cast == Cast::Everybody && pick(2) == 0 {
        world.reopen();
    } else {
        world.empty();
    }
}
