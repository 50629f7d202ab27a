//! What explain says of a whole service, what replies hint at, and what the audit keeps.

#![allow(unreachable_pub, reason = "test modules")]

mod common;

use common::{World, author};
use steadfast_core::{
    Address, AuditEntry, Claim, Field, FieldName, FloorTarget, HoldKind, HoldOrder, OrderTarget, Policy, Publisher,
    ReasonCount, Registration, ServiceExplanation, ServiceName, StateCount, limits,
    policy::{Probe, Traffic},
};

fn world() -> World {
    World::new(Policy::admin_sticky())
}

fn explained(world: &World) -> ServiceExplanation {
    world.registry.explain_service(world.service).unwrap()
}

fn at(port: u32, cluster: &str) -> Address {
    Address::new("10.0.0.1", port, cluster).unwrap()
}

fn register(world: &World, address: &Address) {
    world.registry.register(world.service, &Registration::new(address.clone())).unwrap();
}

fn whole_service() -> FloorTarget {
    FloorTarget::Service { service: ServiceName::new("public", "DEFAULT_GROUP", "orders").unwrap() }
}

fn order(kind: HoldKind) -> HoldOrder {
    HoldOrder { kind, author: author("ops"), until_ms: None }
}

#[test]
fn a_service_is_explained_in_numbers() {
    let world = world();
    for port in 1..=5 {
        register(&world, &at(port, "c"));
    }
    let registry = &world.registry;
    registry.hold(world.service, &at(1, "c"), &order(HoldKind::Offline)).unwrap();
    registry.hold(world.service, &at(9, "c"), &order(HoldKind::Drain)).unwrap();
    registry.overlay(world.service, &at(2, "c"), &Field::Weight(2.0), &author("ops")).unwrap();
    registry.probe(world.service, &at(3, "c"), Probe::Failing).unwrap();
    let disabled = Claim { enabled: Some(false), ..Claim::default() };
    registry.claim(world.service, &at(4, "c"), &disabled).unwrap();
    let all = explained(&world);
    assert_eq!((all.instances, all.serving, all.remembered), (5, 2, 0));
    assert_eq!((all.holds, all.overlays, all.pending), (2, 1, 1));
    assert_eq!((all.policy.as_str(), all.epoch, all.revision), ("admin-sticky", 1, world.revision()));
    let state = |healthy, traffic, count| StateCount { healthy, traffic, count };
    assert_eq!(
        all.states,
        [state(false, Traffic::Serve, 1), state(true, Traffic::Serve, 2), state(true, Traffic::Refuse, 2)]
    );
    assert_eq!(all.reasons.iter().map(|reason| reason.count).sum::<u64>(), 5);
    assert_eq!(all.reasons[0].count, 2, "the most frequent first");
    assert!(all.reasons.contains(&ReasonCount { reason: "taken offline by an operator".into(), count: 1 }));
    assert!(all.nothing_serves.is_empty() && all.floors.is_empty());
    registry.deregister(world.service, &at(1, "c"), &Publisher::Keyless).unwrap();
    let all = explained(&world);
    assert_eq!((all.instances, all.remembered, all.pending), (4, 1, 2));
}

#[test]
fn it_says_why_nothing_serves() {
    let world = world();
    assert_eq!(explained(&world).nothing_serves, ["no instance is present"]);
    world.offline();
    let lines = ["no instance is present", "addresses whose orders wait for an instance: 1"];
    assert_eq!(explained(&world).nothing_serves, lines);
    world.register();
    assert_eq!(explained(&world).nothing_serves, ["1 present: taken offline by an operator"]);
    world.online();
    register(&world, &at(1, "blue"));
    register(&world, &at(2, "blue"));
    assert!(explained(&world).nothing_serves.is_empty());
    let blue = FloorTarget::Cluster {
        service: ServiceName::new("public", "DEFAULT_GROUP", "orders").unwrap(),
        cluster: "blue".into(),
    };
    world.registry.hold_floor(&blue, &order(HoldKind::Drain)).unwrap();
    world.registry.hold_floor(&whole_service(), &order(HoldKind::Drain)).unwrap();
    world.registry.hold_floor(&FloorTarget::Ip { ip: "10.0.0.1".into() }, &order(HoldKind::Offline)).unwrap();
    world.registry.hold_floor(&FloorTarget::Ip { ip: "10.0.0.2".into() }, &order(HoldKind::Offline)).unwrap();
    let all = explained(&world);
    assert_eq!(all.nothing_serves, ["3 present: offline by ops (ann) on ip 10.0.0.1: replacing its disk"]);
    let targets: Vec<String> = all.floors.iter().map(|floor| floor.target.to_string()).collect();
    let service = "service public@@DEFAULT_GROUP@@orders";
    assert_eq!(targets, [service.to_owned(), format!("cluster blue of {service}"), "ip 10.0.0.1".into()]);
}

#[test]
fn an_order_on_a_name_that_is_not_there_says_pending_and_what_is_near() {
    let world = world();
    register(&world, &at(8080, "blue"));
    let reply = world.offline();
    assert!(reply.pending, "never a silent yes");
    assert_eq!(reply.near, [at(8080, "blue")]);
    assert_eq!(reply.hint().as_deref(), Some("1 instance has this ip and port in cluster blue"));
    register(&world, &at(8080, "green"));
    let missed = world.registry.release(world.service, &at(8080, "None"), &author("console")).unwrap();
    assert!(!missed.found && !missed.pending);
    assert_eq!(missed.hint().as_deref(), Some("2 instances have this ip and port, in clusters blue, green"));
    let weight = Field::Weight(1.0);
    let overlay = world.registry.overlay(world.service, &at(8080, "None"), &weight, &author("console")).unwrap();
    assert_eq!(overlay.near.len(), 2);
    world.register();
    assert_eq!(world.hold(HoldKind::Drain, "ops").hint(), None, "somebody is there");
    assert_eq!(world.registry.hold(world.service, &at(1, "x"), &order(HoldKind::Drain)).unwrap().hint(), None);
    for number in 0..20 {
        register(&world, &at(7070, &format!("cluster-{number}")));
    }
    let crowded = world.registry.hold(world.service, &at(7070, "x"), &order(HoldKind::Drain)).unwrap();
    assert_eq!(crowded.near.len(), limits::NEAR_MAX);
}

#[test]
fn another_owners_hold_ends_by_force_and_both_names_are_kept() {
    let world = world();
    world.register();
    world.offline();
    let boss = author("boss");
    let reply = world.registry.release(world.service, &world.address, &boss).unwrap();
    assert!(!reply.found && world.enabled() == Some(false), "an ordinary release ends one's own hold only");
    let reply = world.registry.force_release(world.service, &world.address, "console", &boss).unwrap();
    assert!(reply.found);
    assert_eq!((world.enabled(), reply.effect.refusing), (Some(true), Vec::new()));
    assert_eq!(world.explain().decision.writer, "boss/ann, forcing the release of console");
    let nothing = world.registry.force_release(world.service, &world.address, "console", &boss).unwrap();
    assert!(!nothing.found);
    let empty = world.registry.force_release(world.service, &world.address, "", &boss).unwrap_err();
    assert_eq!(empty.to_string(), "owner of the hold is empty");
    let entry = &world.registry.audit(10).unwrap()[2];
    assert_eq!((entry.order.as_str(), entry.forced_owner.as_deref()), ("force-release", Some("console")));
    assert_eq!((entry.author.owner.as_str(), entry.wall_ms), ("boss", world.wall_ms()));
    let world = world.restart();
    assert!(world.registry.orders(world.service).unwrap().is_empty(), "durably");
}

#[test]
fn the_audit_tells_who_did_what_also_after_a_restart() {
    let world = world();
    world.offline();
    let zone = Field::Metadata { key: "zone".into(), value: "b".into() };
    world.registry.overlay(world.service, &world.address, &zone, &author("console")).unwrap();
    let zone = FieldName::Metadata("zone".into());
    world.registry.release_overlay(world.service, &world.address, &zone, &author("console")).unwrap();
    world.registry.hold_floor(&whole_service(), &order(HoldKind::Banned)).unwrap();
    world.online();
    let bad = HoldOrder { until_ms: Some(1), ..order(HoldKind::Drain) };
    assert!(world.registry.hold(world.service, &world.address, &bad).is_err());
    let before = world.registry.audit(100).unwrap();
    let told = |entries: &[AuditEntry]| entries.iter().map(|entry| entry.order.clone()).collect::<Vec<_>>();
    assert_eq!(
        told(&before),
        ["offline", "overlay", "release-overlay", "banned", "release"],
        "refused ones are not there"
    );
    assert_eq!(before[3].target, OrderTarget::Floor(whole_service()));
    let world = world.restart();
    world.offline();
    let after = world.registry.audit(100).unwrap();
    assert_eq!(after[..5], before[..]);
    assert_eq!(told(&world.registry.audit(2).unwrap()), ["release", "offline"], "the latest, oldest first");
}

#[test]
fn only_so_much_of_the_audit_is_at_hand() {
    let world = world();
    for _ in 0..=limits::AUDIT_LISTED_MAX / 2 {
        world.offline();
        world.online();
    }
    let listed = world.registry.audit(usize::MAX).unwrap();
    assert_eq!(listed.len(), limits::AUDIT_LISTED_MAX);
    let world = world.restart();
    assert_eq!(world.registry.audit(usize::MAX).unwrap(), listed);
}
