//! Random histories against a simple model of what operators ordered and of who must be there.
//!
//! The policies that ship never clear an order, so the orders of the registry must be those of the model, whatever
//! clients, clocks, swaps and crashes do in between. Under a sticky policy nothing may take more traffic than its
//! strongest order allows; under both, what is published must be what `explain` says, and no floor may be missing under
//! it. `PROPTEST_CASES=20000` runs more histories.
#![allow(unreachable_pub, reason = "test modules")]

mod common;

use std::collections::BTreeMap;

use common::{World, author, policies};
use proptest::{collection::vec, prelude::*};
use steadfast_core::{
    Address, Claim, FloorTarget, FullBeat, Handle, HoldKind, HoldOrder, Left, Liveness, Metadata, OrderReply, Policy,
    Publisher, Registered, Registration, Routes, Scope, ServiceName,
    policy::{Probe, Traffic},
};

const ADDRESSES: u16 = 3;
/// The place of admin-sticky in `policies`.
const STICKY: usize = 0;
/// The service, the clusters and the ips of the addresses.
const TARGETS: u16 = 5;
const OWNERS: [&str; 2] = ["console", "deployer"];
const CONNECTIONS: [&str; 2] = ["connection-1", "connection-2"];

/// One thing that somebody does.
#[derive(Clone, Debug)]
enum Op {
    Register { who: u16, enabled: Option<bool>, process: Option<u8>, connection: Option<usize> },
    Claim { who: u16, enabled: Option<bool> },
    Beat { who: u16 },
    LightBeat { who: u16 },
    FullBeat { who: u16 },
    Deregister { who: u16, connection: Option<usize> },
    Disconnect { connection: usize },
    Hold { who: u16, kind: HoldKind, owner: usize, for_ms: Option<u64> },
    Release { who: u16, owner: usize },
    HoldFloor { target: u16, kind: HoldKind, owner: usize, for_ms: Option<u64> },
    ReleaseFloor { target: u16, owner: usize },
    Remove { who: u16 },
    Probe { who: u16, probe: Probe },
    Pass { ms: u64 },
    Install { policy: usize },
    Route { policy: Option<usize> },
    Crash,
}

fn op() -> impl Strategy<Value = Op> {
    let who = 0..ADDRESSES;
    let connection = proptest::option::of(0..CONNECTIONS.len());
    let kind = prop_oneof![Just(HoldKind::Drain), Just(HoldKind::Offline), Just(HoldKind::Banned)];
    let probe = prop_oneof![Just(Probe::Unknown), Just(Probe::Passing), Just(Probe::Failing)];
    let pass = prop_oneof![0..3_000_u64, 10_000..40_000_u64, Just(4_000_000)];
    prop_oneof![
        4 => (who.clone(), any::<Option<bool>>(), proptest::option::of(0..2_u8), connection.clone())
            .prop_map(|(who, enabled, process, connection)| Op::Register { who, enabled, process, connection }),
        1 => (who.clone(), any::<Option<bool>>()).prop_map(|(who, enabled)| Op::Claim { who, enabled }),
        3 => who.clone().prop_map(|who| Op::Beat { who }),
        2 => who.clone().prop_map(|who| Op::LightBeat { who }),
        2 => who.clone().prop_map(|who| Op::FullBeat { who }),
        1 => (who.clone(), connection).prop_map(|(who, connection)| Op::Deregister { who, connection }),
        1 => (0..CONNECTIONS.len()).prop_map(|connection| Op::Disconnect { connection }),
        3 => (who.clone(), kind.clone(), 0..OWNERS.len(), proptest::option::of(1..60_000_u64))
            .prop_map(|(who, kind, owner, for_ms)| Op::Hold { who, kind, owner, for_ms }),
        2 => (who.clone(), 0..OWNERS.len()).prop_map(|(who, owner)| Op::Release { who, owner }),
        2 => (0..TARGETS, kind, 0..OWNERS.len(), proptest::option::of(1..60_000_u64))
            .prop_map(|(target, kind, owner, for_ms)| Op::HoldFloor { target, kind, owner, for_ms }),
        2 => (0..TARGETS, 0..OWNERS.len()).prop_map(|(target, owner)| Op::ReleaseFloor { target, owner }),
        1 => who.clone().prop_map(|who| Op::Remove { who }),
        1 => (who, probe).prop_map(|(who, probe)| Op::Probe { who, probe }),
        4 => pass.prop_map(|ms| Op::Pass { ms }),
        1 => (0..2_usize).prop_map(|policy| Op::Install { policy }),
        1 => proptest::option::of(0..2_usize).prop_map(|policy| Op::Route { policy }),
        1 => Just(Op::Crash),
    ]
}

/// A hold and its end.
type Ordered = (HoldKind, Option<u64>);

/// What must be true, whatever the registry does: the orders, by address and owner, with their ends; the floors, by
/// target and owner.
#[derive(Default)]
struct Model {
    orders: BTreeMap<(u16, usize), Ordered>,
    floors: BTreeMap<(u16, usize), Ordered>,
    handles: BTreeMap<u16, Handle>,
    /// The default policy and that of the service's route, by their places in `policies`.
    policy: usize,
    route: Option<usize>,
    self_reverts: u64,
    revision: u64,
}

impl Model {
    fn is_sticky(&self) -> bool {
        self.route.unwrap_or(self.policy) == STICKY
    }

    fn strongest(&self, who: u16) -> Option<HoldKind> {
        self.orders.iter().filter(|((at, _), _)| *at == who).map(|(_, (kind, _))| *kind).max()
    }

    /// The strongest floor over an address.
    fn floor(&self, who: u16) -> Option<HoldKind> {
        self.floors.iter().filter(|((target, _), _)| reaches(*target, who)).map(|(_, (kind, _))| *kind).max()
    }

    fn end_orders(&mut self, now_ms: u64) {
        let stands = |until_ms: Option<u64>| until_ms.is_none_or(|until_ms| until_ms > now_ms);
        self.orders.retain(|_, (_, until_ms)| stands(*until_ms));
        self.floors.retain(|_, (_, until_ms)| stands(*until_ms));
    }
}

struct Run {
    world: Option<World>,
    model: Model,
}

/// Two of them share an ip, and two share a cluster.
fn address(who: u16) -> Address {
    Address::new(&ip(who / 2), u32::from(who) + 1, cluster(who % 2)).unwrap()
}

fn ip(number: u16) -> String {
    format!("10.0.0.{number}")
}

fn cluster(number: u16) -> &'static str {
    ["blue", "green"][usize::from(number)]
}

fn floor_target(target: u16) -> FloorTarget {
    let service = ServiceName::new("public", "DEFAULT_GROUP", "orders").unwrap();
    match target {
        0 => FloorTarget::Service { service },
        1 | 2 => FloorTarget::Cluster { service, cluster: cluster(target - 1).into() },
        _ => FloorTarget::Ip { ip: ip(target - 3) },
    }
}

fn reaches(target: u16, who: u16) -> bool {
    match floor_target(target) {
        FloorTarget::Service { .. } => true,
        FloorTarget::Cluster { cluster, .. } => address(who).cluster == cluster,
        FloorTarget::Ip { ip } => address(who).ip == ip,
    }
}

impl Run {
    fn world(&self) -> &World {
        self.world.as_ref().expect("open")
    }

    fn play(&mut self, op: &Op) {
        let (registry, service) = (self.world().registry.clone(), self.world().service);
        match *op {
            Op::Register { who, enabled, process, connection } => {
                let registered = registry.register(service, &registration(who, enabled, process, connection));
                if let Ok(Registered { handle, .. }) = registered {
                    self.model.handles.insert(who, handle);
                }
                let banned = self.model.strongest(who).max(self.model.floor(who)) == Some(HoldKind::Banned);
                assert_eq!(registered.is_err(), banned, "only a ban keeps somebody out: {registered:?}");
            }
            Op::Claim { who, enabled } => {
                let claim = Claim { enabled, ..Claim::default() };
                let claimed = registry.claim(service, &address(who), &claim).is_ok();
                assert_eq!(claimed, self.traffic(who).is_some(), "a claim needs somebody who is there");
            }
            Op::Beat { who } => {
                if let Some(handle) = self.model.handles.get(&who) {
                    registry.beat(*handle);
                }
            }
            Op::LightBeat { who } => drop(registry.beat_at(service, &address(who), None).unwrap()),
            Op::FullBeat { who } => {
                let full = FullBeat { weight: Some(2.0), metadata: Some(Metadata::empty()), ephemeral: true };
                registry.beat_at(service, &address(who), Some(&full)).unwrap();
            }
            Op::Deregister { who, connection } => {
                let left = registry.deregister(service, &address(who), &publisher(connection)).unwrap();
                assert!(left != Left::Gone || self.traffic(who).is_none(), "who is gone is not listed");
            }
            Op::Disconnect { connection } => drop(registry.disconnect(CONNECTIONS[connection]).unwrap()),
            Op::Hold { who, kind, owner, for_ms } => self.hold(who, kind, owner, for_ms),
            Op::Release { who, owner } => {
                let reply = registry.release(service, &address(who), &author(OWNERS[owner])).unwrap();
                assert_eq!(reply.found, self.model.orders.remove(&(who, owner)).is_some());
            }
            Op::HoldFloor { target, kind, owner, for_ms } => self.hold_floor(target, kind, owner, for_ms),
            Op::ReleaseFloor { target, owner } => {
                let reply = registry.release_floor(&floor_target(target), &author(OWNERS[owner])).unwrap();
                assert_eq!(reply.found, self.model.floors.remove(&(target, owner)).is_some());
            }
            Op::Remove { who } => {
                registry.remove(service, &address(who), &author("console")).unwrap();
                assert_eq!(self.traffic(who), None);
            }
            Op::Probe { who, probe } => {
                let delivered = registry.probe(service, &address(who), probe).unwrap();
                assert_eq!(delivered, self.traffic(who).is_some());
            }
            Op::Pass { ms } => {
                self.world().pass_ms(ms);
                let now_ms = self.world().wall_ms();
                self.model.end_orders(now_ms);
            }
            Op::Install { policy } => {
                registry.install(nth_policy(policy)).unwrap();
                self.model.policy = policy;
            }
            Op::Route { policy } => {
                let scope = Scope::service(&registry.service_name(service).unwrap());
                let routes = policy.map(|policy| (scope, nth_policy(policy)));
                registry.route(&Routes::new(routes).unwrap()).unwrap();
                self.model.route = policy;
            }
            Op::Crash => self.crash(),
        }
    }

    fn hold(&mut self, who: u16, kind: HoldKind, owner: usize, for_ms: Option<u64>) {
        let world = self.world();
        let until_ms = for_ms.map(|for_ms| world.wall_ms() + for_ms);
        let order = HoldOrder { kind, author: author(OWNERS[owner]), until_ms };
        let OrderReply { found, pending, effect, .. } =
            world.registry.hold(world.service, &address(who), &order).unwrap();
        assert_eq!(found, self.model.orders.insert((who, owner), (kind, until_ms)).is_some());
        assert_eq!(pending, self.traffic(who).is_none());
        assert!(effect.traffic >= kind.fact().traffic(), "visible when the reply is there: {effect:?}");
    }

    fn hold_floor(&mut self, target: u16, kind: HoldKind, owner: usize, for_ms: Option<u64>) {
        let world = self.world();
        let until_ms = for_ms.map(|for_ms| world.wall_ms() + for_ms);
        let order = HoldOrder { kind, author: author(OWNERS[owner]), until_ms };
        let reply = world.registry.hold_floor(&floor_target(target), &order).unwrap();
        let under = (0..ADDRESSES).filter(|who| reaches(target, *who) && self.traffic(*who).is_some());
        assert_eq!((reply.instances, reply.serving), (under.count() as u64, 0));
        assert_eq!(reply.found, self.model.floors.insert((target, owner), (kind, until_ms)).is_some());
    }

    /// The process dies; the store has what was acknowledged. It starts with the policy it was configured with.
    fn crash(&mut self) {
        let world = self.world.take().expect("open").restart();
        let now_ms = world.wall_ms();
        self.model.end_orders(now_ms);
        self.model.handles.clear();
        (self.model.policy, self.model.route, self.model.self_reverts) = (STICKY, None, 0);
        self.world = Some(world);
    }

    /// What a lookup shows of an address.
    fn traffic(&self, who: u16) -> Option<Traffic> {
        let world = self.world();
        let find = |view: &steadfast_core::View<'_>| {
            view.iter().find(|instance| instance.port() == who + 1).map(|instance| instance.traffic())
        };
        world.registry.view(world.service, find).unwrap()
    }

    /// Numbers about orders are those of the model, and nothing reverts itself where orders are sticky.
    fn check_counters(&mut self) {
        let counters = self.world().registry.counters();
        assert_eq!(counters.orders, self.model.orders.len() as u64);
        let held = (0..ADDRESSES).filter(|who| self.model.strongest(*who).is_some());
        assert_eq!(counters.pending, held.filter(|who| self.traffic(*who).is_none()).count() as u64);
        if self.model.is_sticky() {
            assert_eq!(counters.self_reverts, self.model.self_reverts, "a sticky policy overruled an order");
        }
        self.model.self_reverts = counters.self_reverts;
    }

    fn check(&mut self) {
        self.check_counters();
        let world = self.world();
        let mut ordered = BTreeMap::new();
        for one in world.registry.orders(world.service).unwrap() {
            for hold in one.holds {
                let owner = OWNERS.iter().position(|owner| *owner == hold.hold.author.owner).unwrap();
                ordered.insert((one.address.port - 1, owner), (hold.hold.kind, hold.hold.until_ms));
            }
        }
        assert_eq!(ordered, self.model.orders, "orders are those of the operators, no more and no less");
        for who in 0..ADDRESSES {
            let explained = world.registry.explain(world.service, &address(who)).unwrap();
            let shown = self.traffic(who);
            let present = explained.as_ref().filter(|explained| explained.present);
            assert_eq!(shown, present.map(|explained| explained.traffic), "published is what explain says");
            let floor = self.model.floor(who).map_or(Traffic::Serve, |kind| kind.fact().traffic());
            let over_floor = present.map(|explained| explained.verdict.max(floor));
            assert_eq!(shown, over_floor, "published is the verdict, or the floor if that is more restrictive");
            if let (true, Some(shown), Some(kind)) = (self.model.is_sticky(), shown, self.model.strongest(who)) {
                assert!(shown >= kind.fact().traffic(), "{who}: {shown} although {kind:?} stands");
            }
        }
        let shown = world.registry.view(world.service, |view| view.len() as u64).unwrap();
        assert_eq!(world.registry.counters().instances, shown, "everybody is counted once");
        let revision = world.revision();
        assert!(revision >= self.model.revision, "revisions never go back");
        self.model.revision = revision;
    }
}

fn nth_policy(place: usize) -> Policy {
    policies().into_iter().nth(place).expect("two").1
}

fn publisher(connection: Option<usize>) -> Publisher {
    connection.map_or(Publisher::Keyless, |connection| Publisher::Connection(CONNECTIONS[connection].into()))
}

fn registration(who: u16, enabled: Option<bool>, process: Option<u8>, connection: Option<usize>) -> Registration {
    Registration {
        claim: Claim { enabled, ..Claim::default() },
        publisher: publisher(connection),
        liveness: if connection.is_some() { Liveness::Connection } else { Liveness::Beats },
        process: process.map(|process| format!("process-{process}")),
        ..Registration::new(address(who))
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn orders_are_never_lost_nor_overruled_behind_their_owners_back(ops in vec(op(), 1..40)) {
        let model = Model { policy: STICKY, ..Model::default() };
        let mut run = Run { world: Some(World::new(nth_policy(STICKY))), model };
        for op in &ops {
            run.play(op);
            run.check();
        }
    }
}
