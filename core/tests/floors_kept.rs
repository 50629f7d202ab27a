//! Floors are kept: over restarts, until their end, within bounds, under threads and failing disks.

#![allow(unreachable_pub, reason = "test modules")]

mod common;

use std::sync::atomic::{AtomicBool, Ordering};

use common::{
    Disk, World, author,
    floors::{address, cluster, hold, ip, name, order, release, whole_service},
    options,
};
use steadfast_core::{
    Change, FloorTarget, HoldKind, HoldOrder, MemoryStore, Now, Policy, Registration, Registry, ServiceName, Store,
    StoreError, StoreTable, limits, policy::Traffic,
};

#[test]
fn floors_are_back_after_a_restart_before_anybody_looks() {
    let world = World::new(Policy::admin_sticky());
    let registration = Registration { ephemeral: false, ..world.registration() };
    world.registry.register(world.service, &registration).unwrap();
    for target in [whole_service(), cluster("DEFAULT"), ip("10.0.0.1")] {
        hold(&world, &target, HoldKind::Offline);
    }
    let mut world = world;
    for target in [whole_service(), cluster("DEFAULT"), ip("10.0.0.1")] {
        world = world.restart();
        assert_eq!(world.enabled(), Some(false), "until the last one is released");
        assert!(release(&world, &target).found, "{target}");
    }
    assert_eq!(world.enabled(), Some(true));
    let world = world.restart();
    assert_eq!((world.enabled(), world.explain().floors), (Some(true), Vec::new()), "a release is durable too");
}

#[test]
fn a_floor_on_a_service_that_is_not_known_creates_it_and_waits() {
    let world = World::new(Policy::admin_sticky());
    let target = FloorTarget::Service { service: ServiceName::new("public", "g", "tomorrow").unwrap() };
    assert!(!release(&world, &target).found);
    assert_eq!(world.registry.find_service("public", "g", "tomorrow"), None, "a release creates nothing");
    assert_eq!(hold(&world, &target, HoldKind::Offline).instances, 0);
    let world = world.restart();
    let service = world.registry.find_service("public", "g", "tomorrow").expect("created");
    let registered = world.registry.register(service, &world.registration()).unwrap();
    assert_eq!(registered.effect.traffic, Traffic::Refuse);
}

#[test]
fn a_floor_ends_at_its_time_with_one_publish_also_after_a_restart() {
    for target in [whole_service(), cluster("DEFAULT"), ip("10.0.0.1")] {
        let world = World::new(Policy::admin_sticky());
        for port in 1..=3 {
            let registration =
                Registration { ephemeral: false, ..Registration::new(address("10.0.0.1", port, "DEFAULT")) };
            world.registry.register(world.service, &registration).unwrap();
        }
        let ending = |for_ms| HoldOrder { until_ms: Some(world.wall_ms() + for_ms), ..order(HoldKind::Offline, "ops") };
        world.registry.hold_floor(&target, &ending(5_000)).unwrap();
        assert!(world.registry.hold_floor(&target, &ending(10_000)).unwrap().found, "an update moves the end");
        world.pass_ms(9_900);
        assert_eq!(world.enabled(), Some(false), "{target}");
        let before = world.revision();
        world.pass_ms(200);
        assert_eq!((world.enabled(), world.revision()), (Some(true), before + 1), "{target}");
        world.registry.hold_floor(&target, &ending(60_000)).unwrap();
        let world = world.restart();
        assert_eq!(world.enabled(), Some(false));
        world.pass_ms(60_000);
        assert_eq!(world.enabled(), Some(true), "{target}");
        let world = world.restart();
        assert_eq!(world.enabled(), Some(true), "the end is durable");
    }
}

#[test]
fn bounds_of_floors_are_reached_and_said() {
    let world = World::new(Policy::admin_sticky());
    for owner in 0..limits::HOLDS_PER_FLOOR_MAX {
        world.registry.hold_floor(&whole_service(), &order(HoldKind::Drain, &format!("owner-{owner}"))).unwrap();
    }
    let error = world.registry.hold_floor(&whole_service(), &order(HoldKind::Drain, "one-more")).unwrap_err();
    assert_eq!(error.to_string(), "too many holds on one target; at most 32 are allowed");
    assert!(world.registry.hold_floor(&whole_service(), &order(HoldKind::Offline, "owner-0")).unwrap().found);
    for number in 0..limits::FLOOR_CLUSTERS_MAX {
        hold(&world, &cluster(&format!("cluster-{number}")), HoldKind::Drain);
    }
    let error = world.registry.hold_floor(&cluster("one-more"), &order(HoldKind::Drain, "ops")).unwrap_err();
    assert_eq!(error.to_string(), "too many clusters of one service under a hold; at most 1024 are allowed");
    assert!(hold(&world, &cluster("cluster-7"), HoldKind::Offline).found, "an update takes no more room");
    for number in 0..limits::FLOOR_IPS_MAX {
        hold(&world, &ip(&format!("10.1.{}.{}", number / 256, number % 256)), HoldKind::Drain);
    }
    let error = world.registry.hold_floor(&ip("10.2.0.0"), &order(HoldKind::Drain, "ops")).unwrap_err();
    assert_eq!(error.to_string(), "too many ips under a hold; at most 16384 are allowed");
    release(&world, &ip("10.1.0.0"));
    hold(&world, &ip("10.2.0.0"), HoldKind::Drain);
}

/// A disk that fails while it is told to.
struct Failing(std::sync::Arc<AtomicBool>, MemoryStore);

impl Store for Failing {
    fn load(&mut self, table: StoreTable, visit: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), StoreError> {
        self.1.load(table, visit)
    }

    fn commit(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        if self.0.load(Ordering::SeqCst) {
            return Err(StoreError::Unusable("the disk is full".into()));
        }
        self.1.commit(changes)
    }
}

#[test]
fn a_floor_that_could_not_be_stored_was_never_visible() {
    let full = std::sync::Arc::new(AtomicBool::new(false));
    let store = Failing(std::sync::Arc::clone(&full), MemoryStore::new());
    let registry = Registry::open(options(Policy::admin_sticky()), Box::new(store)).unwrap();
    registry.tick(Now { mono_ms: 0, wall_ms: 1 });
    let service = registry.service(&name()).unwrap();
    registry.register(service, &Registration::new(address("10.0.0.1", 1, "c"))).unwrap();
    let revision = registry.revision(service).unwrap();
    full.store(true, Ordering::SeqCst);
    for target in [whole_service(), cluster("c"), ip("10.0.0.1")] {
        let error = registry.hold_floor(&target, &order(HoldKind::Banned, "ops")).unwrap_err();
        assert!(error.to_string().starts_with("not stored: the disk is full"), "{error}");
    }
    assert_eq!(registry.revision(service).unwrap(), revision);
    assert!(registry.audit(10).unwrap().is_empty(), "nothing was carried out");
    registry.register(service, &Registration::new(address("10.0.0.1", 2, "c"))).unwrap();
    full.store(false, Ordering::SeqCst);
    registry.tick(Now { mono_ms: 100, wall_ms: 101 });
    assert_eq!(registry.hold_floor(&ip("10.0.0.1"), &order(HoldKind::Offline, "ops")).unwrap().changed, 2);
}

#[test]
fn who_registers_while_an_ip_is_banned_is_refused_or_seen() {
    // A thread registers in old services and in ones that it creates; another bans the ip. Whoever was let in before
    // the ban must be refused traffic after it, in whichever service.
    for round in 0..80 {
        let world = World::new(Policy::admin_sticky());
        let registry = &world.registry;
        let banned = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for turn in 0..200 {
                    let fresh = ServiceName::new("public", "g", &format!("service-{}", turn / 2)).unwrap();
                    let service = registry.service(&fresh).unwrap();
                    let ban_stood = banned.load(Ordering::SeqCst);
                    let registered = registry.register(service, &Registration::new(address("10.0.0.9", turn + 1, "c")));
                    assert!(!(ban_stood && registered.is_ok()), "a ban that was acknowledged lets nobody in");
                    if registered.is_err() {
                        break;
                    }
                }
            });
            scope.spawn(|| {
                while registry.services().len() < round % 40 {
                    std::hint::spin_loop();
                }
                registry.hold_floor(&ip("10.0.0.9"), &order(HoldKind::Banned, "ops")).unwrap();
                banned.store(true, Ordering::SeqCst);
            });
        });
        for service in registry.services() {
            let serving = registry.view(service, |view| view.serving().count()).unwrap();
            assert_eq!(serving, 0, "round {round}: {}", registry.service_name(service).unwrap());
        }
    }
}

#[test]
fn nothing_is_left_in_the_store_of_a_floor_that_ended() {
    let disk = Disk::default();
    let registry = Registry::open(options(Policy::admin_sticky()), Box::new(disk.clone())).unwrap();
    registry.tick(Now { mono_ms: 0, wall_ms: 1_000 });
    let stored = || {
        let mut floors = 0;
        disk.clone().load(StoreTable::Floors, &mut |_, _| floors += 1).unwrap();
        floors
    };
    for target in [whole_service(), cluster("c"), ip("10.0.0.1")] {
        let ending = HoldOrder { until_ms: Some(2_000), ..order(HoldKind::Offline, "ops") };
        registry.hold_floor(&target, &ending).unwrap();
        registry.hold_floor(&target, &order(HoldKind::Drain, "deployer")).unwrap();
    }
    assert_eq!(stored(), 6);
    registry.tick(Now { mono_ms: 1_000, wall_ms: 2_000 });
    assert_eq!(stored(), 3, "ends are written in the tick");
    for target in [whole_service(), cluster("c"), ip("10.0.0.1")] {
        registry.release_floor(&target, &author("deployer")).unwrap();
    }
    assert_eq!(stored(), 0);
}

/// A disk that is slow enough for orders to queue up behind a commit.
struct Slow(MemoryStore);

impl Store for Slow {
    fn load(&mut self, table: StoreTable, visit: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), StoreError> {
        self.0.load(table, visit)
    }

    fn commit(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        for _ in 0..20 {
            std::thread::yield_now();
        }
        self.0.commit(changes)
    }
}

#[test]
fn orders_of_every_kind_that_share_a_commit_are_all_carried_out() {
    let registry = Registry::open(options(Policy::admin_sticky()), Box::new(Slow(MemoryStore::new()))).unwrap();
    let service = registry.service(&name()).unwrap();
    let place = address("10.0.0.1", 1, "c");
    registry.register(service, &Registration::new(place.clone())).unwrap();
    std::thread::scope(|scope| {
        for target in [whole_service(), cluster("c"), ip("10.0.0.1"), ip("10.0.0.2")] {
            let registry = &registry;
            scope.spawn(move || {
                for _ in 0..100 {
                    registry.hold_floor(&target, &order(HoldKind::Offline, "ops")).unwrap();
                    assert!(registry.release_floor(&target, &author("ops")).unwrap().found);
                }
            });
        }
        for owner in ["console", "deployer"] {
            let (registry, place) = (&registry, &place);
            scope.spawn(move || {
                for _ in 0..100 {
                    let reply = registry.hold(service, place, &order(HoldKind::Drain, owner)).unwrap();
                    assert!(reply.revision <= registry.revision(service).unwrap());
                    assert!(registry.release(service, place, &author(owner)).unwrap().found);
                }
            });
        }
    });
    assert_eq!(registry.view(service, |view| view.serving().count()).unwrap(), 1, "every order was released");
    assert_eq!(registry.audit(usize::MAX).unwrap().len(), limits::AUDIT_LISTED_MAX);
}
