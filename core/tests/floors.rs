//! Floors: holds on a service, a cluster or a whole ip lie under whatever the policy answers.

#![allow(unreachable_pub, reason = "test modules")]

mod common;

use common::{
    World, author,
    floors::{address, cluster, hold, ip, name, order, register_at, release, traffic_at, whole_service},
    heartbeat_wins, policies,
};
use steadfast_core::{
    Beat, FloorTarget, HoldKind, HoldOrder, Left, OrderError, Policy, Publisher, RegisterError, Registration,
    ServiceName, policy::Traffic,
};

#[test]
fn a_hold_on_a_service_lies_under_every_policy_and_neither_clears_nor_overrules_it() {
    for (policy, installed) in policies() {
        let world = World::new(installed);
        let handle = world.register().handle;
        let before = world.revision();
        let reply = hold(&world, &whole_service(), HoldKind::Offline);
        assert_eq!((reply.instances, reply.changed, reply.serving), (1, 1, 0), "{policy}");
        assert_eq!(reply.revision, Some(before + 1), "{policy}: published once");
        assert_eq!(world.revision(), before + 1);
        world.beat(handle);
        world.light_beat();
        world.full_beat();
        assert_eq!(world.register().effect.traffic, Traffic::Refuse, "{policy}");
        assert_eq!(world.enabled(), Some(false), "{policy}");
        let explained = world.explain();
        assert_eq!((explained.traffic, explained.verdict), (Traffic::Refuse, Traffic::Serve), "{policy}");
        let text = "offline by ops (ann) on service public@@DEFAULT_GROUP@@orders: replacing its disk";
        assert_eq!(explained.reason, text);
        assert_eq!(explained.floors.len(), 1);
        assert!(release(&world, &whole_service()).found);
        assert_eq!(world.enabled(), Some(true), "{policy}");
    }
}

#[test]
fn a_floor_on_a_cluster_reaches_that_cluster_only_and_instances_that_come_later() {
    let world = World::new(Policy::admin_sticky());
    let (blue, green) = (address("10.0.0.1", 1, "blue"), address("10.0.0.2", 1, "green"));
    register_at(&world, &blue).unwrap();
    register_at(&world, &green).unwrap();
    let reply = hold(&world, &cluster("blue"), HoldKind::Drain);
    assert_eq!((reply.instances, reply.changed), (1, 1));
    let late = address("10.0.0.3", 1, "blue");
    register_at(&world, &late).unwrap();
    assert_eq!(traffic_at(&world, &blue), Some(Traffic::Drain));
    assert_eq!(traffic_at(&world, &late), Some(Traffic::Drain));
    assert_eq!(traffic_at(&world, &green), Some(Traffic::Serve));
}

#[test]
fn a_floor_on_an_ip_reaches_every_service_and_says_so_once_in_each() {
    let world = World::new(Policy::admin_sticky());
    let registry = &world.registry;
    let other = registry.service(&ServiceName::new("public", "g", "other").unwrap()).unwrap();
    let untouched = registry.service(&ServiceName::new("public", "g", "untouched").unwrap()).unwrap();
    for port in 1..=3 {
        for service in [world.service, other] {
            registry.register(service, &Registration::new(address("10.0.0.9", port, "c"))).unwrap();
        }
    }
    registry.register(untouched, &Registration::new(address("10.0.0.8", 1, "c"))).unwrap();
    let revisions = || [world.service, other, untouched].map(|service| registry.revision(service).unwrap());
    let before = revisions();
    let reply = hold(&world, &ip("10.0.0.9"), HoldKind::Offline);
    assert_eq!((reply.instances, reply.changed, reply.serving), (6, 6, 0));
    assert_eq!(revisions(), [before[0] + 1, before[1] + 1, before[2]]);
    let serving = |service| registry.view(service, |view| view.serving().count()).unwrap();
    assert_eq!([world.service, other, untouched].map(serving), [0, 0, 1]);
    assert_eq!(registry.ip_floors().unwrap().len(), 1);
    release(&world, &ip("10.0.0.9"));
    assert_eq!([world.service, other, untouched].map(serving), [3, 3, 1]);
    assert!(registry.ip_floors().unwrap().is_empty());
}

#[test]
fn every_writing_of_an_ip_is_one_target() {
    let world = World::new(Policy::admin_sticky());
    let place = address("0:0:0:0:0:0:0:1", 1, "c");
    register_at(&world, &place).unwrap();
    hold(&world, &ip("::1"), HoldKind::Offline);
    assert_eq!(traffic_at(&world, &place), Some(Traffic::Refuse));
    assert!(release(&world, &ip("0:0:0:0:0:0:0:1")).found);
    register_at(&world, &address("pod-7.example", 1, "c")).unwrap();
    assert_eq!(hold(&world, &ip("pod-7.example"), HoldKind::Drain).changed, 1, "a host name is an address of its own");
}

#[test]
fn the_strongest_of_verdict_and_floors_is_published() {
    let world = World::new(Policy::admin_sticky());
    world.register();
    hold(&world, &whole_service(), HoldKind::Drain);
    assert_eq!(traffic_at(&world, &world.address), Some(Traffic::Drain));
    world.offline();
    assert_eq!(world.explain().reason, "taken offline by an operator", "the floor adds nothing to the verdict");
    assert_eq!(traffic_at(&world, &world.address), Some(Traffic::Refuse));
    hold(&world, &cluster("DEFAULT"), HoldKind::Offline);
    hold(&world, &ip("10.0.0.1"), HoldKind::Offline);
    let reply = world.online();
    assert_eq!(reply.effect.traffic, Traffic::Refuse);
    assert_eq!(
        reply.effect.refusing,
        [
            "offline by ops (ann) on cluster DEFAULT of service public@@DEFAULT_GROUP@@orders: replacing its disk",
            "drain by ops (ann) on service public@@DEFAULT_GROUP@@orders: replacing its disk",
            "offline by ops (ann) on ip 10.0.0.1: replacing its disk",
        ],
        "the release of an own hold says what still refuses"
    );
    release(&world, &ip("10.0.0.1"));
    let reply = release(&world, &cluster("DEFAULT"));
    assert_eq!(reply.refusing, ["drain by ops (ann) on service public@@DEFAULT_GROUP@@orders: replacing its disk"]);
    assert_eq!(traffic_at(&world, &world.address), Some(Traffic::Drain));
}

#[test]
fn a_banned_service_takes_nobody_in_and_who_is_there_stays_and_is_refused() {
    let world = World::new(Policy::admin_sticky());
    let handle = world.register().handle;
    hold(&world, &whole_service(), HoldKind::Banned);
    let newcomer = address("10.0.0.2", 1, "DEFAULT");
    let error = register_at(&world, &newcomer).unwrap_err();
    assert_eq!(
        error.to_string(),
        "refused: banned by ops (ann) on service public@@DEFAULT_GROUP@@orders: replacing its disk"
    );
    assert!(world.registry.explain(world.service, &newcomer).unwrap().is_none(), "nothing is kept of it");
    assert_eq!(world.registry.counters().refused_registrations, 1);
    assert_eq!(world.enabled(), Some(false));
    assert_eq!(world.beat(handle), Beat::Alive);
    world.registry.deregister(world.service, &world.address, &Publisher::Keyless).unwrap();
    assert!(matches!(register_at(&world, &world.address), Err(RegisterError::Banned(_))));
    release(&world, &whole_service());
    register_at(&world, &newcomer).unwrap();
}

#[test]
fn a_beat_does_not_bring_back_what_is_banned() {
    for target in [whole_service(), cluster("DEFAULT"), ip("10.0.0.1")] {
        let world = World::new(Policy::admin_sticky());
        let handle = world.register().handle;
        hold(&world, &target, HoldKind::Banned);
        world.pass_ms(40_000);
        assert_eq!(world.enabled(), None, "silent for too long");
        assert_eq!(world.beat(handle), Beat::RegisterAgain, "{target}");
        assert_eq!(world.light_beat(), Beat::RegisterAgain, "{target}");
        assert_eq!(world.full_beat(), Beat::RegisterAgain, "{target}");
        assert!(world.registry.register(world.service, &world.registration()).is_err());
        release(&world, &target);
        world.register();
        assert_eq!(world.enabled(), Some(true), "{target}");
    }
}

#[test]
fn what_we_asked_for_while_banned_does_not_count_as_the_clients_word_on_enabled() {
    let world = World::new(Policy::admin_sticky());
    let claim = steadfast_core::Claim { enabled: Some(false), ..Default::default() };
    world.registry.register(world.service, &Registration { claim, ..world.registration() }).unwrap();
    hold(&world, &whole_service(), HoldKind::Banned);
    world.pass_ms(40_000);
    assert_eq!(world.light_beat(), Beat::RegisterAgain);
    release(&world, &whole_service());
    world.register();
    assert_eq!(world.enabled(), Some(false), "the SDK's enabled=true answered our question");
}

#[test]
fn each_owner_has_one_floor_on_a_target_and_somebody_else_must_force_it() {
    let world = World::new(Policy::admin_sticky());
    world.register();
    let registry = &world.registry;
    hold(&world, &whole_service(), HoldKind::Offline);
    assert!(!registry.hold_floor(&whole_service(), &order(HoldKind::Drain, "deployer")).unwrap().found);
    assert!(!registry.release_floor(&whole_service(), &author("stranger")).unwrap().found);
    assert_eq!(world.enabled(), Some(false));
    let reply = registry.force_release_floor(&whole_service(), "ops", &author("boss")).unwrap();
    assert!(reply.found);
    assert_eq!(reply.refusing.len(), 1, "the other owner's still lies there: {:?}", reply.refusing);
    let entry = registry.audit(1).unwrap().pop().expect("audited");
    assert_eq!((entry.order.as_str(), entry.forced_owner.as_deref()), ("force-release", Some("ops")));
    assert_eq!(entry.author.owner, "boss");
}

#[test]
fn floors_do_not_lapse_and_survive_a_swap() {
    let world = World::new(Policy::builtin("maintenance-window").unwrap().unwrap());
    let registration = Registration { ephemeral: false, ..world.registration() };
    world.registry.register(world.service, &registration).unwrap();
    hold(&world, &whole_service(), HoldKind::Offline);
    world.pass_ms(30 * 24 * 3_600_000);
    assert_eq!(world.enabled(), Some(false));
    world.registry.install(heartbeat_wins()).unwrap();
    assert_eq!(world.enabled(), Some(false));
}

#[test]
fn the_remedy_names_every_floor_and_then_the_policys_way() {
    let world = World::new(Policy::admin_sticky());
    world.register();
    world.offline();
    hold(&world, &whole_service(), HoldKind::Banned);
    world.registry.deregister(world.service, &world.address, &Publisher::Keyless).unwrap();
    let way = world.explain().remedy.expect("there is a way");
    let released = "release banned by ops on service public@@DEFAULT_GROUP@@orders";
    assert_eq!(way, [released, "a beat", "release offline by console"]);
    release(&world, &whole_service());
    assert_eq!(world.light_beat(), Beat::Alive);
    world.online();
    assert_eq!(world.enabled(), Some(true), "doing what it says makes it serve");
}

#[test]
fn bad_floor_orders_get_a_clear_error_and_change_nothing() {
    let world = World::new(Policy::admin_sticky());
    world.register();
    let registry = &world.registry;
    let revision = world.revision();
    let no_reason = steadfast_core::Author { reason: String::new(), ..author("ops") };
    let without_reason = HoldOrder { author: no_reason.clone(), ..order(HoldKind::Offline, "ops") };
    let error = registry.hold_floor(&whole_service(), &without_reason).unwrap_err();
    assert_eq!(error.to_string(), "reason is empty");
    assert!(registry.release_floor(&whole_service(), &no_reason).is_err());
    let past = HoldOrder { until_ms: Some(world.wall_ms()), ..order(HoldKind::Offline, "ops") };
    assert!(matches!(registry.hold_floor(&whole_service(), &past), Err(OrderError::Until { .. })));
    let nameless = ServiceName { namespace: String::new(), ..name() };
    for target in
        [ip(""), ip("10.0.0.1/24"), ip("a b"), cluster(""), cluster("a\0b"), FloorTarget::Service { service: nameless }]
    {
        let error = registry.hold_floor(&target, &order(HoldKind::Offline, "ops")).unwrap_err();
        assert!(matches!(error, OrderError::Name(_)), "{target:?}: {error}");
    }
    assert!(!release(&world, &ip("192.0.2.1")).found, "a release of nothing is no error");
    assert_eq!(world.revision(), revision);
}

#[test]
fn deregistering_under_a_floor_is_as_ever() {
    let world = World::new(Policy::admin_sticky());
    world.register();
    hold(&world, &whole_service(), HoldKind::Offline);
    let left = world.registry.deregister(world.service, &world.address, &Publisher::Keyless).unwrap();
    assert_eq!(left, Left::Gone);
    assert_eq!(world.enabled(), None);
}
