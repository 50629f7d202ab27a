//! What the numbers about a registry count, told by the stories that operators count with them.
#![allow(unreachable_pub, reason = "test modules")]

mod common;

use common::{World, author, heartbeat_wins};
use steadfast_core::{
    AnnouncementKind, Counters, DecisionCount, Field, FieldName, HoldKind, HoldOrder, Left, Policy, Publisher,
    Registration, Routes, Scope, policy::builtin,
};

fn built_in(name: &str) -> Policy {
    Policy::builtin(name).expect("compiled in").expect("proven")
}

impl World {
    fn counters(&self) -> Counters {
        self.registry.counters()
    }

    fn self_reverts(&self) -> u64 {
        self.counters().self_reverts
    }

    fn restart_program(&self, process: &str) {
        let registration = Registration { process: Some(process.into()), ..self.registration() };
        self.registry.register(self.service, &registration).unwrap();
    }

    fn given(&self, reason: &str) -> Vec<DecisionCount> {
        self.registry.decisions().into_iter().filter(|one| one.reason == reason).collect()
    }
}

#[test]
fn nothing_reverts_itself_where_orders_are_sticky() {
    for policy in ["admin-sticky", "maintenance-window"] {
        let world = World::new(built_in(policy));
        world.restart_program("pod-1");
        world.offline();
        world.register();
        world.light_beat();
        world.pass_ms(40_000);
        world.full_beat();
        world.restart_program("pod-2");
        world.online();
        assert_eq!(world.enabled(), Some(true), "{policy}");
        assert_eq!(world.self_reverts(), 0, "{policy}: a release is no revert");
    }
}

#[test]
fn an_order_that_a_beat_overrules_is_one_self_revert_however_often_it_beats() {
    let world = World::new(heartbeat_wins());
    world.register();
    world.offline();
    assert_eq!(world.self_reverts(), 0, "at first it is obeyed");
    for _ in 0..3 {
        world.light_beat();
        world.register();
    }
    assert_eq!(world.self_reverts(), 1);
    world.offline();
    world.light_beat();
    assert_eq!(world.self_reverts(), 2, "the operator said it again, and was overruled again");
    world.online();
    assert_eq!(world.self_reverts(), 2);
}

#[test]
fn an_order_that_a_registration_forgets_is_one_self_revert() {
    let world = World::new(built_in("nacos-1-4"));
    world.register();
    world.offline();
    world.light_beat();
    assert_eq!(world.self_reverts(), 0, "Nacos 1.4 heeds it while it is only beaten");
    world.register();
    assert_eq!((world.enabled(), world.self_reverts()), (Some(true), 1));
    world.register();
    assert_eq!(world.self_reverts(), 1, "there is no order any more");
}

#[test]
fn an_order_that_ends_with_its_program_is_one_self_revert() {
    let world = World::new(built_in("restart-clears"));
    world.restart_program("pod-1");
    world.offline();
    world.restart_program("pod-1");
    assert_eq!(world.self_reverts(), 0, "the same program");
    world.restart_program("pod-2");
    assert_eq!((world.enabled(), world.self_reverts()), (Some(true), 1));
}

#[test]
fn an_order_that_ends_when_it_was_to_end_is_none() {
    let lapsing = World::new(built_in("maintenance-window"));
    lapsing.register();
    lapsing.offline();
    let lapse_ms = built_in("maintenance-window").table.manifest().lapse_ms.expect("it lapses");
    let beat_ms = 10_000;
    for _ in 0..=lapse_ms / beat_ms {
        lapsing.pass_ms(beat_ms);
        lapsing.light_beat();
    }
    assert_eq!((lapsing.enabled(), lapsing.self_reverts()), (Some(true), 0));

    let until = World::new(Policy::admin_sticky());
    until.register();
    let order = HoldOrder { kind: HoldKind::Drain, author: author("console"), until_ms: Some(until.wall_ms() + 5_000) };
    until.registry.hold(until.service, &until.address, &order).unwrap();
    until.pass_ms(6_000);
    assert_eq!((until.enabled(), until.self_reverts()), (Some(true), 0));
}

#[test]
fn orders_and_those_that_wait_are_gauges_that_survive_a_restart() {
    let world = World::new(Policy::admin_sticky());
    let orders = |world: &World| (world.counters().orders, world.counters().pending);
    world.offline();
    assert_eq!(orders(&world), (1, 1), "nobody is there yet");
    world.hold(HoldKind::Drain, "deployer");
    let weight = Field::Weight(2.0);
    world.registry.overlay(world.service, &world.address, &weight, &author("console")).unwrap();
    assert_eq!(orders(&world), (3, 1), "one address waits, with three orders");
    world.register();
    assert_eq!(orders(&world), (3, 0));
    world.pass_ms(40_000);
    assert_eq!(orders(&world), (3, 1), "it went silent and left");
    let world = world.restart();
    assert_eq!(orders(&world), (3, 1));
    world.online();
    world.registry.release(world.service, &world.address, &author("deployer")).unwrap();
    world.registry.release(world.service, &world.address, &author("deployer")).unwrap();
    assert_eq!(orders(&world), (1, 1));
    let (address, author) = (&world.address, author("console"));
    world.registry.release_overlay(world.service, address, &FieldName::Weight, &author).unwrap();
    assert_eq!(orders(&world), (0, 0));
}

#[test]
fn swaps_that_move_somebody_and_refusals_are_counted() {
    let world = World::new(Policy::admin_sticky());
    world.registry.install(heartbeat_wins()).unwrap();
    world.registry.install(heartbeat_wins()).unwrap();
    let nobody = Routes::new([(Scope::namespace("nobody"), Policy::admin_sticky())]).unwrap();
    world.registry.route(&nobody).unwrap();
    assert_eq!(world.counters().swaps, 1, "neither the same policy nor a route without services moved anybody");
    let everybody = Routes::new([(Scope::namespace("public"), Policy::admin_sticky())]).unwrap();
    world.registry.route(&everybody).unwrap();
    assert_eq!(world.counters().swaps, 2);

    world.registry.announce(AnnouncementKind::PolicyRefused, "x.wasm: the file is empty");
    world.registry.announce(AnnouncementKind::RoutesRefused, "routes.toml: two routes for one scope");
    world.registry.announce(AnnouncementKind::RoutesRemoved, "routes.toml is gone");
    assert_eq!(world.counters().refused_policies, 2);

    world.hold(HoldKind::Banned, "console");
    assert!(world.registry.register(world.service, &world.registration()).is_err());
    world.full_beat();
    assert_eq!(world.counters().refused_registrations, 2, "a full beat is a registration where nobody is known");
}

#[test]
fn who_leaves_without_being_a_publisher_is_counted_as_stale() {
    let world = World::new(Policy::admin_sticky());
    world.register_by("grpc-2");
    let leave = |connection: &str| {
        let publisher = Publisher::Connection(connection.into());
        world.registry.deregister(world.service, &world.address, &publisher).unwrap()
    };
    assert_eq!((leave("grpc-1"), world.counters().stale_disconnects), (Left::Stale, 1));
    assert_eq!(world.enabled(), Some(true), "nothing else happens");
    assert_eq!((leave("grpc-2"), world.counters().stale_disconnects), (Left::Gone, 1));
    assert_eq!((leave("grpc-2"), world.counters().stale_disconnects), (Left::Unknown, 1), "nobody is there");
}

#[test]
fn decisions_are_counted_by_policy_and_reason() {
    let world = World::new(Policy::admin_sticky());
    let offline = "taken offline by an operator";
    let handle = world.register().handle;
    world.offline();
    for _ in 0..5 {
        world.beat(handle);
    }
    let [counted] = world.given(offline).try_into().expect("one policy");
    assert_eq!(
        (counted.policy.as_str(), counted.epoch, counted.count),
        ("admin-sticky", 1, 1),
        "beats passed the gate"
    );
    assert_eq!(world.registry.decisions().len(), Policy::admin_sticky().table.manifest().reasons.len(), "0 is listed");

    let scope = Scope::namespace("public");
    world.registry.route(&Routes::new([(scope.clone(), heartbeat_wins())]).unwrap()).unwrap();
    world.light_beat();
    let [overruled] = world.given("in service: a sign of life overruled the operator's order").try_into().expect("one");
    assert_eq!((overruled.epoch, overruled.scope, overruled.count), (2, Some(scope), 1));
    assert_eq!(world.given(offline)[0].count, 1, "the default has decided nothing since");
    assert_eq!(builtin::NAMES[0], world.registry.decisions()[0].policy, "the default comes first");
}
