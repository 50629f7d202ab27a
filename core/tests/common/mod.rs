//! A registry in virtual time, spoken to like the hosts do.
#![allow(unreachable_pub, dead_code, reason = "each test binary uses its own part of this")]

pub mod floors;

use std::{
    cell::Cell,
    sync::{Arc, Mutex, OnceLock},
};

use steadfast_core::{
    Address, Author, Beat, Change, Claim, Effect, FullBeat, Handle, HoldKind, HoldOrder, MemoryStore, Metadata, Now,
    Options, OrderReply, Policy, Publisher, Registered, Registration, Registry, ServiceId, ServiceName, Store,
    StoreError, StoreTable, policy::builtin::HeartbeatWins,
};

/// A store that a test keeps when its registry goes, like a disk.
#[derive(Clone, Default)]
pub struct Disk(Arc<Mutex<MemoryStore>>);

impl Store for Disk {
    fn load(&mut self, table: StoreTable, visit: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), StoreError> {
        self.0.lock().unwrap().load(table, visit)
    }

    fn commit(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        self.0.lock().unwrap().commit(changes)
    }
}

/// One service with one instance, and a clock that only the test moves.
pub struct World {
    pub registry: Registry,
    pub service: ServiceId,
    pub address: Address,
    disk: Disk,
    options: Options,
    now_ms: Cell<u64>,
}

/// Both policies that ship, by name, for tests that expect something of each.
pub fn policies() -> [(&'static str, Policy); 2] {
    [("admin-sticky", Policy::admin_sticky()), ("heartbeat-wins", heartbeat_wins())]
}

pub fn heartbeat_wins() -> Policy {
    static PROVEN: OnceLock<Policy> = OnceLock::new();
    PROVEN.get_or_init(|| Policy::native(&HeartbeatWins).unwrap()).clone()
}

pub fn options(policy: Policy) -> Options {
    Options { policy, max_step_ms: 0, flush_in_tick: true, ..Options::default() }
}

pub fn author(owner: &str) -> Author {
    Author::new(owner, "ann", "replacing its disk").unwrap()
}

impl World {
    pub fn new(policy: Policy) -> World {
        World::with(options(policy))
    }

    pub fn with(options: Options) -> World {
        World::on(Disk::default(), options, 1_000_000)
    }

    fn on(disk: Disk, options: Options, now_ms: u64) -> World {
        let registry = Registry::open(options.clone(), Box::new(disk.clone())).unwrap();
        let service = registry.service(&ServiceName::new("public", "DEFAULT_GROUP", "orders").unwrap()).unwrap();
        let address = Address::new("10.0.0.1", 8080, "DEFAULT").unwrap();
        let world = World { registry, service, address, disk, options, now_ms: Cell::new(now_ms) };
        world.pass_ms(0);
        world
    }

    /// The process dies without a word and starts again on the same disk.
    pub fn restart(self) -> World {
        let options = self.options.clone();
        self.restart_with(options)
    }

    /// The same with other options.
    pub fn restart_with(self, options: Options) -> World {
        World::on(self.disk.clone(), options, self.now_ms.get() + 2_000)
    }

    /// The same, and it starts again with another policy.
    pub fn restart_under(mut self, policy: Policy) -> World {
        self.options.policy = policy;
        self.restart()
    }

    /// Lets time pass, tick by tick.
    pub fn pass_ms(&self, ms: u64) {
        let mut left = ms;
        loop {
            // A long time passes in fewer ticks; the registry delivers every step of it all the same.
            let step = left.min(if ms > 1_000_000 { 10_000 } else { 100 });
            self.now_ms.set(self.now_ms.get() + step);
            let now = self.now_ms.get();
            self.registry.tick(Now { mono_ms: now, wall_ms: 1_700_000_000_000 + now });
            left -= step;
            if left == 0 {
                return;
            }
        }
    }

    pub fn wall_ms(&self) -> u64 {
        1_700_000_000_000 + self.now_ms.get()
    }

    pub fn registration(&self) -> Registration {
        let claim = Claim { enabled: Some(true), ..Claim::default() };
        Registration { claim, ..Registration::new(self.address.clone()) }
    }

    /// What an SDK sends: `enabled=true`, whatever anybody else wants.
    pub fn register(&self) -> Registered {
        self.registry.register(self.service, &self.registration()).unwrap()
    }

    pub fn register_by(&self, connection: &str) -> Registered {
        let publisher = Publisher::Connection(connection.into());
        let liveness = steadfast_core::Liveness::Connection;
        self.registry.register(self.service, &Registration { publisher, liveness, ..self.registration() }).unwrap()
    }

    /// Nacos' light beat: names only.
    pub fn light_beat(&self) -> Beat {
        self.registry.beat_at(self.service, &self.address, None).unwrap()
    }

    /// Nacos' full beat: weight and metadata, never `enabled`.
    pub fn full_beat(&self) -> Beat {
        let full = FullBeat { weight: Some(1.0), metadata: Some(Metadata::empty()), ephemeral: true };
        self.registry.beat_at(self.service, &self.address, Some(&full)).unwrap()
    }

    pub fn beat(&self, handle: Handle) -> Beat {
        self.registry.beat(handle)
    }

    pub fn offline(&self) -> OrderReply {
        self.hold(HoldKind::Offline, "console")
    }

    pub fn hold(&self, kind: HoldKind, owner: &str) -> OrderReply {
        let order = HoldOrder { kind, author: author(owner), until_ms: None };
        self.registry.hold(self.service, &self.address, &order).unwrap()
    }

    pub fn online(&self) -> OrderReply {
        self.registry.release(self.service, &self.address, &author("console")).unwrap()
    }

    /// Nacos' `enabled`, as a consumer sees it; `None` when the instance is not listed at all.
    pub fn enabled(&self) -> Option<bool> {
        let traffic = self.registry.view(self.service, |view| view.iter().next().map(|instance| instance.traffic()));
        traffic.unwrap().map(|traffic| traffic == steadfast_core::policy::Traffic::Serve)
    }

    pub fn healthy(&self) -> Option<bool> {
        self.registry.view(self.service, |view| view.iter().next().map(|instance| instance.healthy())).unwrap()
    }

    pub fn revision(&self) -> u64 {
        self.registry.revision(self.service).unwrap()
    }

    pub fn explain(&self) -> steadfast_core::Explanation {
        self.registry.explain(self.service, &self.address).unwrap().expect("known")
    }

    pub fn effect(&self) -> Effect {
        let explained = self.explain();
        let steadfast_core::Explanation { present, healthy, traffic, reason, .. } = explained;
        Effect { present, healthy, traffic, reason, refusing: Vec::new() }
    }
}
