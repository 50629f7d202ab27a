//! Quotas of namespaces: exact, clear when they refuse, and no harm to who is there already.

#![allow(unreachable_pub, reason = "test modules")]

mod common;

use std::sync::atomic::{AtomicU32, Ordering};

use common::{World, author, options};
use steadfast_core::{
    Address, Beat, FullBeat, HoldKind, HoldOrder, Left, NamespaceCounts, NamespaceError, NamespaceQuota, Options,
    OrderError, Policy, Publisher, RegisterError, Registered, Registration, Registry, ServiceError, ServiceId,
    ServiceName, limits::NAME_BYTES_MAX,
};

const RETAIN_MS: u64 = 5_000;

/// A world whose namespaces hold so many instances each.
fn world_of(instances_max: u32) -> World {
    let namespace_quota = NamespaceQuota { instances_max: Some(instances_max), services_max: None };
    World::with(Options { namespace_quota, retain_ms: RETAIN_MS, ..options(Policy::admin_sticky()) })
}

fn address(number: u32) -> Address {
    Address::new("10.1.0.1", number + 1, "DEFAULT").unwrap()
}

fn register(registry: &Registry, service: ServiceId, number: u32) -> Result<Registered, RegisterError> {
    registry.register(service, &Registration::new(address(number)))
}

fn deregister(registry: &Registry, service: ServiceId, number: u32) {
    assert_eq!(registry.deregister(service, &address(number), &Publisher::Keyless).unwrap(), Left::Gone);
}

fn offline() -> HoldOrder {
    HoldOrder { kind: HoldKind::Offline, author: author("console"), until_ms: None }
}

impl World {
    fn counts(&self, namespace: &str) -> NamespaceCounts {
        self.registry.namespaces().into_iter().find(|counts| counts.namespace == namespace).unwrap()
    }

    fn service_in(&self, namespace: &str, name: &str) -> Result<ServiceId, ServiceError> {
        self.registry.service(&ServiceName::new(namespace, "g", name).unwrap())
    }
}

#[test]
fn one_instance_too_many_hears_the_namespace_and_both_numbers() {
    let world = world_of(3);
    for number in 0..3 {
        register(&world.registry, world.service, number).unwrap();
    }
    let other_service = world.service_in("public", "other").unwrap();
    let error = register(&world.registry, other_service, 3).unwrap_err();
    let expected = "namespace public holds 3 instances (present, remembered, or with orders that wait for them), and \
                    may hold 3; take some out, or raise its quota";
    assert_eq!(error.to_string(), expected);
    let elsewhere = world.service_in("private", "other").unwrap();
    register(&world.registry, elsewhere, 3).unwrap();
    deregister(&world.registry, world.service, 1);
    register(&world.registry, other_service, 3).unwrap();
    assert_eq!(world.counts("public").instances, 3);
}

#[test]
fn who_is_there_goes_on_at_the_bound() {
    let world = world_of(1);
    let handle = world.register().handle;
    assert!(register(&world.registry, world.service, 7).is_err());
    assert_eq!(world.beat(handle), Beat::Alive);
    assert_eq!(world.light_beat(), Beat::Alive);
    world.register();
    world.offline();
    assert_eq!(world.enabled(), Some(false));
    world.online();
    assert_eq!(world.enabled(), Some(true));
    let full = FullBeat { weight: None, metadata: None, ephemeral: true };
    let error = world.registry.beat_at(world.service, &address(7), Some(&full)).unwrap_err();
    assert!(matches!(error, RegisterError::Quota(_)), "{error}");
}

#[test]
fn tombstones_and_waiting_orders_count_until_they_are_gone() {
    let world = world_of(2);
    world.register();
    world.offline();
    world.registry.deregister(world.service, &world.address, &Publisher::Keyless).unwrap();
    world.registry.hold(world.service, &address(1), &offline()).unwrap();
    let counts = world.counts("public");
    assert_eq!((counts.instances, counts.present), (2, 0));
    let error = world.registry.hold(world.service, &address(2), &offline()).unwrap_err();
    assert!(matches!(&error, OrderError::Quota(over) if over.current == 2 && over.limit == 2), "{error}");
    assert!(register(&world.registry, world.service, 2).is_err());

    world.pass_ms(RETAIN_MS + 40_000);
    assert_eq!(world.counts("public").instances, 2, "the order outlives the tombstone");
    world.online();
    assert_eq!(world.counts("public").instances, 1);
    world.registry.release(world.service, &address(1), &author("console")).unwrap();
    assert_eq!(world.counts("public").instances, 0);
}

#[test]
fn what_is_refused_for_another_reason_takes_no_place() {
    let world = world_of(1);
    let ban = HoldOrder { kind: HoldKind::Banned, ..offline() };
    world.registry.hold(world.service, &address(0), &ban).unwrap();
    assert!(matches!(register(&world.registry, world.service, 0), Err(RegisterError::Refused { .. })));
    world.registry.release(world.service, &address(0), &author("console")).unwrap();
    let nowhere = Address { port: 0, ..address(0) };
    assert!(world.registry.register(world.service, &Registration::new(nowhere)).is_err());
    assert_eq!(world.counts("public").instances, 0);
    register(&world.registry, world.service, 0).unwrap();
}

#[test]
fn services_of_a_namespace_are_bounded_too() {
    let namespace_quota = NamespaceQuota { services_max: Some(2), instances_max: None };
    let world = World::with(Options { namespace_quota, ..options(Policy::admin_sticky()) });
    let second = world.service_in("public", "second").unwrap();
    let error = world.service_in("public", "third").unwrap_err();
    let expected = "namespace public holds 2 services, and may hold 2; take some out, or raise its quota";
    assert_eq!(error.to_string(), expected);
    assert_eq!(world.service_in("public", "second").unwrap(), second, "a known one is no new one");
    world.service_in("private", "third").unwrap();
    assert_eq!((world.counts("public").services, world.counts("private").services), (2, 1));
}

#[test]
fn a_quota_of_its_own_holds_from_the_call_on_and_throws_nobody_out() {
    let world = world_of(2);
    for number in 0..2 {
        register(&world.registry, world.service, number).unwrap();
    }
    let set = |instances_max| {
        let quota = NamespaceQuota { instances_max, services_max: None };
        world.registry.set_namespace_quota("public", quota).unwrap();
        assert_eq!(world.counts("public").quota, quota);
    };
    set(Some(1));
    let error = register(&world.registry, world.service, 2).unwrap_err();
    assert!(matches!(&error, RegisterError::Quota(over) if over.current == 2 && over.limit == 1), "{error}");
    assert_eq!(world.counts("public").present, 2);
    deregister(&world.registry, world.service, 0);
    assert!(register(&world.registry, world.service, 2).is_err(), "still one too many");
    set(None);
    for number in 2..50 {
        register(&world.registry, world.service, number).unwrap();
    }
}

#[test]
fn a_namespace_may_have_a_quota_before_it_has_anything_else() {
    let world = World::new(Policy::admin_sticky());
    let quota = NamespaceQuota { instances_max: Some(0), services_max: Some(1) };
    world.registry.set_namespace_quota("team-a", quota).unwrap();
    let service = world.service_in("team-a", "s").unwrap();
    assert!(register(&world.registry, service, 0).is_err());
    assert!(world.service_in("team-a", "t").is_err());
    let long = "x".repeat(NAME_BYTES_MAX + 1);
    for name in ["", "a\nb", &long] {
        let error = world.registry.set_namespace_quota(name, quota).unwrap_err();
        assert!(matches!(error, NamespaceError::Name(_)), "{error}");
    }
    world.registry.shutdown();
    assert!(matches!(world.registry.set_namespace_quota("team-b", quota), Err(NamespaceError::Access(_))));
}

#[test]
fn what_was_acknowledged_comes_back_above_the_quota() {
    let world = World::new(Policy::admin_sticky());
    for number in 0..3 {
        world.registry.hold(world.service, &address(number), &offline()).unwrap();
        let registration = Registration { ephemeral: false, ..Registration::new(address(number + 3)) };
        world.registry.register(world.service, &registration).unwrap();
    }
    let namespace_quota = NamespaceQuota { instances_max: Some(1), services_max: Some(0) };
    let world = world.restart_with(Options { namespace_quota, ..options(Policy::admin_sticky()) });
    let counts = world.counts("public");
    assert_eq!((counts.services, counts.instances, counts.present), (1, 6, 3));
    assert!(register(&world.registry, world.service, 9).is_err());
    let effect = world.registry.release(world.service, &address(0), &author("console")).unwrap();
    assert!(effect.found);
}

#[test]
fn threads_together_fill_a_namespace_to_the_last_place_and_no_further() {
    const QUOTA: u32 = 100;
    let world = world_of(QUOTA);
    let services: Vec<_> = (0..4).map(|s| world.service_in("public", &s.to_string()).unwrap()).collect();
    let accepted = AtomicU32::new(0);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (registry, services, accepted) = (&world.registry, &services, &accepted);
            scope.spawn(move || {
                for number in 0..60 {
                    let came = register(registry, services[number as usize % 4], thread * 60 + number).is_ok();
                    accepted.fetch_add(u32::from(came), Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(accepted.into_inner(), QUOTA);
    assert_eq!(world.counts("public").instances, u64::from(QUOTA));
}

#[test]
fn after_any_coming_and_going_the_numbers_are_those_of_who_is_there() {
    let world = world_of(40);
    let services: Vec<_> = (0..2).map(|s| world.service_in("public", &s.to_string()).unwrap()).collect();
    std::thread::scope(|scope| {
        for thread in 0..4_u32 {
            let (registry, services) = (&world.registry, &services);
            scope.spawn(move || {
                for turn in 0..1_500 {
                    // Four threads meet at the same addresses.
                    let number = (turn * (thread + 3)) % 30;
                    let service = services[(turn % 2) as usize];
                    match turn % 5 {
                        0..=2 => drop(register(registry, service, number)),
                        3 => drop(registry.deregister(service, &address(number), &Publisher::Keyless)),
                        _ => {
                            drop(registry.hold(service, &address(number), &offline()));
                            drop(registry.release(service, &address(number), &author("console")));
                        }
                    }
                }
            });
        }
        for _ in 0..200 {
            assert!(world.counts("public").instances <= 40);
            world.pass_ms(100);
        }
    });
    let known = |service| (0..30).filter(|n| world.registry.explain(service, &address(*n)).unwrap().is_some()).count();
    let counts = world.counts("public");
    let known: usize = services.iter().map(|service| known(*service)).sum();
    assert_eq!(usize::try_from(counts.instances), Ok(known));
    assert_eq!(counts.present, world.registry.counters().instances);
    for service in services {
        for number in 0..30 {
            drop(world.registry.deregister(service, &address(number), &Publisher::Keyless));
        }
    }
    world.pass_ms(RETAIN_MS + 40_000);
    assert_eq!((world.counts("public").instances, world.counts("public").present), (0, 0));
}
