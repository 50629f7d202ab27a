//! Bounds of a registry, each of them reached: what is refused hears why, and everything that is there goes on.

#![allow(unreachable_pub, reason = "test modules")]

mod common;

use std::{
    ops::ControlFlow,
    sync::{Arc, Mutex},
};

use common::{World, author, options};
use steadfast_core::{
    Address, AnnouncementKind, Author, Beat, BulkOrder, Change, FullBeat, HoldKind, HoldOrder, MemoryStore, Metadata,
    NameError, OpenError, Options, OrderError, Policy, Publisher, RegisterError, Registered, Registration, Registry,
    Selector, ServiceError, ServiceName, Store, StoreError, StoreTable, WatchError, limits,
};

fn address(number: u32) -> Address {
    Address::new(&format!("10.1.{}.1", number >> 15), (number & 0x7fff) + 1, "DEFAULT").unwrap()
}

fn offline() -> HoldOrder {
    HoldOrder { kind: HoldKind::Offline, author: author("console"), until_ms: None }
}

impl World {
    fn register_number(&self, number: u32) -> Result<Registered, RegisterError> {
        self.registry.register(self.service, &Registration::new(address(number)))
    }

    fn leave(&self, number: u32) {
        self.registry.deregister(self.service, &address(number), &Publisher::Keyless).unwrap();
    }
}

/// A world with so many instances in it that none more fit.
fn full_world(instances: u32) -> World {
    let bounds = Options { instances_max: instances as usize, ..options(Policy::admin_sticky()) };
    let world = World::with(bounds);
    for number in 0..instances {
        world.register_number(number).unwrap();
    }
    world
}

#[test]
fn whoever_is_new_to_a_full_registry_is_refused() {
    let world = full_world(100);
    let full = "too many instances; at most 100 are allowed";
    assert_eq!(world.register_number(100).unwrap_err().to_string(), full);
    let beat = FullBeat { weight: None, metadata: None, ephemeral: true };
    let refused = world.registry.beat_at(world.service, &address(100), Some(&beat)).unwrap_err();
    assert_eq!(refused.to_string(), full);
    let refused = world.registry.hold(world.service, &address(100), &offline()).unwrap_err();
    assert!(matches!(refused, OrderError::Full { limit: 100, .. }), "{refused}");
    assert_eq!(world.registry.beat_at(world.service, &address(100), None).unwrap(), Beat::RegisterAgain);
}

#[test]
fn a_full_registry_goes_on_with_everybody_who_is_there() {
    let world = full_world(100);
    assert!(world.register_number(100).is_err());
    for number in 0..100 {
        let handle = world.register_number(number).unwrap().handle;
        assert_eq!(world.beat(handle), Beat::Alive);
        assert_eq!(world.registry.beat_at(world.service, &address(number), None).unwrap(), Beat::Alive);
    }
    world.registry.hold(world.service, &address(7), &offline()).unwrap();
    assert_eq!(world.registry.view(world.service, |view| view.serving().count()).unwrap(), 99);
    world.registry.release(world.service, &address(7), &author("console")).unwrap();
    assert_eq!(world.registry.view(world.service, |view| view.serving().count()).unwrap(), 100);
    world.registry.install(common::heartbeat_wins()).unwrap();
    assert_eq!(world.registry.counters().instances, 100);
}

#[test]
fn a_freed_slot_is_there_again_once_it_has_rested() {
    let world = full_world(3);
    let old = world.register_number(1).unwrap().handle;
    world.leave(1);
    assert!(world.register_number(9).is_err(), "still resting");
    let beats = |ms: u64| {
        for _ in 0..ms / 1_000 {
            world.pass_ms(1_000);
            for number in [0, 2] {
                world.registry.beat_at(world.service, &address(number), None).unwrap();
            }
        }
    };
    beats(limits::SLOT_REST_MS - 1_000);
    assert!(world.register_number(9).is_err(), "still resting");
    beats(2_000);
    let new = world.register_number(9).unwrap().handle;
    assert_ne!(new, old);
    assert_eq!((world.beat(new), world.beat(old)), (Beat::Alive, Beat::RegisterAgain));
    assert!(world.register_number(10).is_err(), "full again");
}

#[test]
fn one_service_too_many_is_refused_and_the_known_ones_stay() {
    let world = World::with(Options { services_max: 1_025, ..options(Policy::admin_sticky()) });
    let name = |number: u32| ServiceName::new("public", "g", &number.to_string()).unwrap();
    // The world has one of its own.
    for number in 0..1_024 {
        world.registry.service(&name(number)).unwrap();
    }
    let error = world.registry.service(&name(1_024)).unwrap_err();
    assert!(matches!(error, ServiceError::Full(1_025)));
    assert_eq!(error.to_string(), "the registry holds 1025 services already, which is its limit");
    assert!(world.registry.find_service("public", "g", "1024").is_none());
    assert_eq!(world.registry.service(&name(7)).ok(), world.registry.find_service("public", "g", "7"));
    world.register();
}

#[test]
fn a_bound_out_of_range_opens_nothing() {
    let bad = [
        Options { instances_max: 0, ..Options::default() },
        Options { instances_max: limits::INSTANCES_MAX + 1, ..Options::default() },
        Options { services_max: limits::SERVICES_MAX + 1, ..Options::default() },
        Options { tombstones_max: limits::TOMBSTONES_MAX + 1, ..Options::default() },
    ];
    for options in bad {
        let error = Registry::open(options, Box::new(MemoryStore::new())).map(drop).unwrap_err();
        assert!(matches!(error, OpenError::Bound { .. }), "{error}");
    }
    let options = Options { instances_max: 0, ..Options::default() };
    let error = Registry::open(options, Box::new(MemoryStore::new())).map(drop).unwrap_err();
    assert_eq!(error.to_string(), "instances_max is 0; it must be 1 to 16777216");
}

#[test]
fn a_store_with_more_than_there_is_room_for_does_not_open_and_loses_nothing() {
    let disk = common::Disk::default();
    let open = |bounds: Options| Registry::open(bounds, Box::new(disk.clone()));
    let first = open(options(Policy::admin_sticky())).unwrap();
    let service = first.service(&ServiceName::new("public", "g", "s").unwrap()).unwrap();
    for number in 0..3 {
        first.hold(service, &address(number), &offline()).unwrap();
    }
    first.shutdown();
    let small = Options { instances_max: 2, ..options(Policy::admin_sticky()) };
    let error = open(small).map(drop).unwrap_err();
    assert_eq!(error.to_string(), "the store holds more instances than 2; open with a higher bound");
    let again = open(options(Policy::admin_sticky())).unwrap();
    assert_eq!(again.counters().orders, 3);
}

#[test]
fn one_tombstone_too_many_is_forgotten_and_counted_but_no_order_is() {
    let world = World::with(Options { tombstones_max: 3, ..options(Policy::admin_sticky()) });
    for number in 0..5 {
        world.register_number(number).unwrap();
        world.registry.hold(world.service, &address(number), &offline()).unwrap();
        world.leave(number);
    }
    let counters = world.registry.counters();
    assert_eq!((counters.tombstones, counters.tombstones_dropped), (3, 2));
    assert_eq!((counters.orders, counters.pending), (5, 5));
    world.register_number(4).unwrap();
    assert_eq!(world.registry.view(world.service, |view| view.serving().count()).unwrap(), 0, "its order stands");
}

#[test]
fn one_watch_queue_too_many_is_refused_until_one_goes() {
    let world = World::new(Policy::admin_sticky());
    let mut queues: Vec<_> = (0..limits::QUEUES_MAX).map(|_| world.registry.watch_queue().unwrap()).collect();
    let error = world.registry.watch_queue().err();
    assert_eq!(error, Some(WatchError::Full { what: "watch queues", limit: limits::QUEUES_MAX }));
    queues.pop();
    assert!(world.registry.watch_queue().is_ok());
}

#[test]
fn only_the_latest_announcements_are_kept() {
    let world = World::new(Policy::admin_sticky());
    let last = limits::ANNOUNCEMENTS_MAX as u64 + 10;
    for _ in 0..last {
        world.registry.announce(AnnouncementKind::ClockJump, "an hour went by");
    }
    let kept: Vec<u64> = world.registry.announcements(0).iter().map(|one| one.number).collect();
    assert_eq!(kept, (11..=last).collect::<Vec<_>>());
}

#[test]
fn texts_of_an_order_and_keys_of_metadata_are_bounded() {
    let key = "k".repeat(limits::KEY_BYTES_MAX);
    let reason = "r".repeat(limits::REASON_BYTES_MAX);
    assert!(Author::new(&key, &key, &reason).is_ok());
    let long = |text: &str| format!("{text}x");
    for (author, field) in [
        (Author::new(&long(&key), &key, &reason), "owner"),
        (Author::new(&key, &long(&key), &reason), "actor"),
        (Author::new(&key, &key, &long(&reason)), "reason"),
    ] {
        assert!(matches!(author, Err(NameError::TooLong { field: named, .. }) if named == field), "{field}");
    }
    let key = "m".repeat(limits::METADATA_KEY_BYTES_MAX);
    assert!(Metadata::new([(key.as_str(), "v")]).is_ok());
    assert!(Metadata::new([(long(&key).as_str(), "v")]).is_err());
}

/// A store that remembers how many orders each commit carried, and what it holds of the audit.
#[derive(Clone, Default)]
struct Watched {
    disk: common::Disk,
    holds_in_commits: Arc<Mutex<Vec<usize>>>,
}

impl Store for Watched {
    fn load(&mut self, table: StoreTable, visit: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), StoreError> {
        self.disk.load(table, visit)
    }

    fn commit(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        let holds = changes.iter().filter(|change| change.table == StoreTable::Holds).count();
        self.holds_in_commits.lock().unwrap().push(holds);
        self.disk.commit(changes)
    }
}

#[test]
fn a_commit_takes_so_many_orders_and_the_audit_keeps_so_many() {
    let mut store = Watched::default();
    let registry = Registry::open(options(Policy::admin_sticky()), Box::new(store.clone())).unwrap();
    let service = registry.service(&ServiceName::new("public", "g", "s").unwrap()).unwrap();
    let instances = u32::try_from(limits::AUDIT_STORED_MAX).unwrap() + 300;
    for number in 0..instances {
        registry.register(service, &Registration::new(address(number))).unwrap();
    }
    let everybody = Selector { group: Some("g".into()), ..Selector::default() };
    let order = BulkOrder::Hold(offline());
    registry.bulk(&everybody, &order, &mut |_| ControlFlow::Continue(())).unwrap();
    let commits = std::mem::take(&mut *store.holds_in_commits.lock().unwrap());
    assert_eq!(commits.iter().sum::<usize>(), instances as usize);
    assert_eq!(commits.iter().max(), Some(&limits::COMMIT_MAX));
    let mut kept = 0;
    store.load(StoreTable::Audit, &mut |_, _| kept += 1).unwrap();
    assert_eq!(kept, limits::AUDIT_STORED_MAX);
}

#[test]
fn a_service_that_falls_silent_at_once_is_decided_slice_by_slice() {
    let world = World::new(Policy::admin_sticky());
    let instances = u32::try_from(limits::SLICE_MAX).unwrap() + 1;
    for number in 0..instances {
        world.register_number(number).unwrap();
    }
    let before = world.revision();
    world.pass_ms(20_000);
    assert_eq!(world.registry.view(world.service, |view| view.serving().count()).unwrap(), 0);
    assert_eq!(world.revision() - before, 2, "one publication for each slice");
}
