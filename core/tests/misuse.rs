//! Bad input: each kind has its own error, and nothing of it remains.

#![allow(unreachable_pub, reason = "test modules")]

mod common;

use common::{World, author};
use steadfast_core::{
    AccessError, Address, Author, Beat, Claim, FieldName, FullBeat, Handle, HoldKind, HoldOrder, Metadata, NameError,
    Options, Policy, Publisher, RegisterError, Registration, Registry, ServiceError, ServiceId, ServiceName, limits,
    limits::NAME_BYTES_MAX,
    policy::{
        Condition, Event, Facts, Manifest, Selector, StatePolicy, Subject, Traffic, Verdict, builtin::AdminSticky,
    },
};

#[test]
fn names_are_bounded_and_clean() {
    let long = "x".repeat(NAME_BYTES_MAX + 1);
    assert!(ServiceName::new("public", "g", &long[1..]).is_ok());
    assert!(matches!(ServiceName::new("", "g", "s"), Err(NameError::Empty { field: "namespace" })));
    assert!(matches!(ServiceName::new("n", "", "s"), Err(NameError::Empty { field: "group" })));
    assert!(matches!(ServiceName::new("n", "g", &long), Err(NameError::TooLong { field: "service name", .. })));
    assert!(matches!(ServiceName::new("n", "g\0", "s"), Err(NameError::Control { field: "group" })));
}

#[test]
fn addresses_are_checked_and_canonical() {
    for port in [0, 65_536, u32::MAX] {
        assert_eq!(Address::new("10.0.0.1", port, "c"), Err(NameError::Port { port }));
    }
    assert!(matches!(Address::new("", 1, "c"), Err(NameError::Empty { field: "ip" })));
    assert!(matches!(Address::new("10.0.0.1 ", 1, "c"), Err(NameError::Host { .. })));
    assert!(matches!(Address::new("10.0.0.1/8", 1, "c"), Err(NameError::Host { .. })));
    assert_eq!(Address::new("0:0:0:0:0:0:0:1", 1, "c").unwrap(), Address::new("::1", 1, "c").unwrap());
    assert_eq!(Address::new("orders.example", 1, "c").unwrap().ip, "orders.example");
}

#[test]
fn a_host_name_and_an_ipv6_address_are_addresses_like_any_other() {
    let world = World::new(Policy::admin_sticky());
    for ip in ["orders.example", "2001:db8::1", "999.1.1.1"] {
        let address = Address::new(ip, 80, "DEFAULT").unwrap();
        let registered = world.registry.register(world.service, &Registration::new(address.clone())).unwrap();
        assert_eq!(world.registry.beat_at(world.service, &address, None).unwrap(), Beat::Alive);
        assert_eq!(world.registry.beat(registered.handle), Beat::Alive);
        let ips =
            world.registry.view(world.service, |view| view.iter().map(|i| i.ip().into_owned()).collect::<Vec<_>>());
        assert!(ips.unwrap().contains(&ip.to_owned()));
    }
}

#[test]
fn names_that_were_put_together_by_hand_are_checked_too() {
    let world = World::new(Policy::admin_sticky());
    for (ip, port, cluster) in [("10.0.0.1", 0, "c"), ("10.0.0\0.1", 1, "c"), ("10.0.0.1", 1, ""), ("a b", 1, "c")] {
        let address = Address { ip: ip.into(), port, cluster: cluster.into() };
        assert!(world.registry.register(world.service, &Registration::new(address.clone())).is_err(), "{address:?}");
        let author = author("console");
        let order = HoldOrder { kind: HoldKind::Offline, author, until_ms: None };
        assert!(world.registry.hold(world.service, &address, &order).is_err(), "{address:?}");
        let full = FullBeat { weight: None, metadata: None, ephemeral: true };
        assert!(world.registry.beat_at(world.service, &address, Some(&full)).is_err(), "{address:?}");
    }
    let name = ServiceName { namespace: "n\0".into(), group: "g".into(), name: "s".into() };
    assert!(matches!(world.registry.service(&name), Err(ServiceError::Name(NameError::Control { .. }))));
    assert_eq!(world.registry.counters().services, 1);
}

#[test]
fn forged_and_stale_handles_are_harmless() {
    let world = World::new(Policy::admin_sticky());
    let handle = world.register().handle;
    for number in [0, 1, u64::MAX, handle.to_u64() ^ 1 << 32, handle.to_u64() ^ 1, 5 << 32] {
        assert_eq!(world.registry.beat(Handle::from_u64(number)), Beat::RegisterAgain, "{number:#x}");
    }
    world.registry.deregister(world.service, &world.address, &Publisher::Keyless).unwrap();
    assert_eq!(world.beat(handle), Beat::RegisterAgain);
    for number in [0, 2, u64::MAX] {
        let error = world.registry.view(ServiceId::from_u64(number), |_| ()).unwrap_err();
        assert_eq!(error, AccessError::UnknownService, "{number}");
    }
}

#[test]
fn a_handle_does_not_fit_the_next_registry() {
    let handle = World::new(Policy::admin_sticky()).register().handle;
    let world = World::new(Policy::admin_sticky());
    assert_ne!(world.register().handle, handle, "the same slot, another generation");
    assert_eq!(world.beat(handle), Beat::RegisterAgain);
}

#[test]
fn weights_and_metadata_are_bounded() {
    let world = World::new(Policy::admin_sticky());
    for weight in [f64::NAN, -0.1, 10_001.0, f64::NEG_INFINITY] {
        let claim = Claim { weight: Some(weight), ..Claim::default() };
        let registration = Registration { claim: claim.clone(), ..world.registration() };
        let error = world.registry.register(world.service, &registration).unwrap_err();
        assert!(error.to_string().contains("is not between 0 and 10000"), "{error}");
        let beat = FullBeat { weight: Some(weight), metadata: None, ephemeral: true };
        assert!(world.registry.beat_at(world.service, &world.address, Some(&beat)).is_err());
    }
    assert!(world.registry.explain(world.service, &world.address).unwrap().is_none(), "nothing is left behind");
    let value = "v".repeat(limits::METADATA_BYTES_MAX);
    assert!(Metadata::new([("k", value.as_str())]).is_err());
}

#[test]
fn publishers_of_one_instance_are_bounded() {
    let world = World::new(Policy::admin_sticky());
    for connection in 0..limits::PUBLISHERS_MAX {
        world.register_by(&format!("connection-{connection}"));
    }
    world.register_by("connection-0");
    let publisher = Publisher::Connection("one-more".into());
    let error =
        world.registry.register(world.service, &Registration { publisher, ..world.registration() }).unwrap_err();
    assert!(matches!(error, RegisterError::Full { limit: 8, .. }), "{error}");
}

#[test]
fn a_claim_needs_somebody_who_is_there() {
    let world = World::new(Policy::admin_sticky());
    let error = world.registry.claim(world.service, &world.address, &Claim::default()).unwrap_err();
    assert_eq!(error.to_string(), "10.0.0.1:8080 (DEFAULT) is not registered");
    world.offline();
    assert!(world.registry.claim(world.service, &world.address, &Claim::default()).is_err(), "an order is nobody");
}

#[test]
fn a_claim_of_a_refusing_client_is_the_reason_in_the_reply() {
    let world = World::new(Policy::admin_sticky());
    let claim = Claim { enabled: Some(false), ..Claim::default() };
    world.registry.register(world.service, &Registration { claim, ..world.registration() }).unwrap();
    world.offline();
    let reply = world.online();
    assert_eq!(reply.effect.refusing, ["the client disabled itself"]);
}

#[test]
fn options_are_checked() {
    let options = Options { retain_ms: limits::RETAIN_MS_MAX + 1, ..Options::default() };
    assert!(Registry::open(options, Box::new(steadfast_core::MemoryStore::new())).is_err());
}

#[test]
fn a_removed_instance_may_come_back_but_its_order_stays() {
    let world = World::new(Policy::admin_sticky());
    world.register();
    world.offline();
    let author = author("console");
    let removed = world.registry.remove(world.service, &world.address, &author).unwrap();
    assert_eq!(removed, steadfast_core::Left::Gone);
    assert_eq!(world.enabled(), None);
    assert_eq!(world.light_beat(), Beat::Alive, "its tombstone remembers it");
    assert_eq!(world.enabled(), Some(false), "and the order stands");
}

/// Admin-sticky for whoever is not called a canary.
struct NoCanaries;

impl StatePolicy for NoCanaries {
    fn manifest(&self) -> Manifest {
        let canary = Condition { subject: Subject::Metadata, key: "canary".into(), pattern: "*".into() };
        let class = Selector { name: "canary".into(), conditions: vec![canary] };
        Manifest { classes: vec![class], laws: Vec::new(), ..AdminSticky.manifest() }
    }

    fn decide(&self, facts: &Facts) -> Verdict {
        let verdict = AdminSticky.decide(facts);
        if facts.event == Event::Register && facts.class == 1 {
            return Verdict { present: false, healthy: false, traffic: Traffic::Refuse, reason: 4, ..verdict };
        }
        verdict
    }
}

#[test]
fn who_is_refused_hears_why_and_leaves_nothing_behind() {
    let world = World::new(Policy::native(&NoCanaries).unwrap());
    let claim = Claim { metadata: Some(Metadata::new([("canary", "yes")]).unwrap()), ..Claim::default() };
    let registration = Registration { claim, ..world.registration() };
    for _ in 0..3 {
        let error = world.registry.register(world.service, &registration).unwrap_err();
        assert_eq!(error.to_string(), "refused: banned by an operator");
    }
    assert!(world.registry.explain(world.service, &world.address).unwrap().is_none());
    assert_eq!(world.registry.counters().tombstones, 0);
    world.register();
    assert_eq!(world.enabled(), Some(true));
}

#[test]
fn a_release_of_nothing_says_so_and_changes_nothing() {
    let world = World::new(Policy::admin_sticky());
    world.register();
    let (registry, service, ops) = (&world.registry, world.service, author("ops"));
    let nobody = Address::new("10.9.9.9", 80, "DEFAULT").unwrap();
    let before = (world.revision(), registry.counters().orders);
    for address in [&world.address, &nobody] {
        let replies = [
            registry.release(service, address, &ops).unwrap(),
            registry.release_overlay(service, address, &FieldName::Weight, &ops).unwrap(),
            registry.force_release(service, address, "console", &ops).unwrap(),
        ];
        for reply in replies {
            assert!(!reply.found && !reply.pending, "there was none, and none waits: {reply:?}");
            assert!(reply.effect.refusing.is_empty() || address == &nobody, "{:?}", reply.effect.refusing);
        }
    }
    assert_eq!((world.revision(), registry.counters().orders), before);
    assert_eq!(world.enabled(), Some(true));
    assert!(registry.explain(service, &nobody).unwrap().is_none(), "and nobody came to be by it");
    world.offline();
    assert!(!registry.release(service, &world.address, &ops).unwrap().found, "somebody else's");
    assert_eq!(world.enabled(), Some(false));
    let unexplained = Author { reason: String::new(), ..ops };
    assert_eq!(registry.release(service, &world.address, &unexplained).unwrap_err().to_string(), "reason is empty");
}
