//! Input that is legal and far too much of it: one service with a hundred thousand instances, a client that makes up
//! services without end, metadata as large as it may be everywhere.

#![allow(unreachable_pub, reason = "test modules")]

mod common;

use common::{World, author, options};
use steadfast_core::{
    Address, Beat, Claim, Field, FieldName, FloorTarget, HoldKind, HoldOrder, Lookup, Metadata, NamespaceQuota,
    Options, Policy, Registration, ServiceError, ServiceName, View, limits,
};

fn address(number: u32) -> Address {
    let [_, _, high, low] = number.to_be_bytes();
    Address::new(&format!("10.{}.{high}.{low}", number >> 16), 8080, "DEFAULT").unwrap()
}

fn offline() -> HoldOrder {
    HoldOrder { kind: HoldKind::Offline, author: author("console"), until_ms: None }
}

impl World {
    fn serving(&self) -> usize {
        self.registry.view(self.service, |view| view.serving().count()).unwrap()
    }
}

#[test]
fn a_service_of_a_hundred_thousand_is_a_service_like_any_other() {
    const INSTANCES: u32 = 100_000;
    let world = World::new(Policy::admin_sticky());
    let registry = &world.registry;
    let register = |number: u32| registry.register(world.service, &Registration::new(address(number))).unwrap().handle;
    let handles: Vec<_> = (0..INSTANCES).map(register).collect();
    assert_eq!(world.serving(), INSTANCES as usize);

    // One order about one of them, and one about all of them.
    registry.hold(world.service, &address(70_000), &offline()).unwrap();
    assert_eq!(world.serving(), INSTANCES as usize - 1);
    let name = registry.service_name(world.service).unwrap();
    let everybody = FloorTarget::Service { service: name };
    let before = world.revision();
    registry.hold_floor(&everybody, &offline()).unwrap();
    assert_eq!((world.serving(), world.revision()), (0, before + 1), "one publication for all of them");
    registry.release_floor(&everybody, &author("console")).unwrap();
    assert_eq!(world.serving(), INSTANCES as usize - 1);

    // Every second one falls silent.
    for _ in 0..10 {
        world.pass_ms(2_000);
        registry.beat_batch(&handles[..handles.len() / 2], &mut |place, beat| panic!("{place}: {beat:?}"));
    }
    assert_eq!(world.serving(), INSTANCES as usize / 2);
    for _ in 0..10 {
        world.pass_ms(2_000);
        registry.beat_batch(&handles[..handles.len() / 2], &mut |place, beat| panic!("{place}: {beat:?}"));
    }
    assert_eq!(registry.counters().instances, u64::from(INSTANCES) / 2);
    assert!(registry.explain(world.service, &address(70_000)).unwrap().is_some(), "its order stands");
    assert_eq!(registry.beat(handles[7]), Beat::Alive);
}

#[test]
fn a_client_that_makes_up_services_without_end_fills_its_own_namespace_and_nothing_else() {
    const MADE_UP: u32 = 1_000_000;
    const QUOTA: u32 = 1_000;
    let quota = NamespaceQuota { services_max: Some(QUOTA), instances_max: None };
    let world = World::with(Options { namespace_quota: quota, ..options(Policy::admin_sticky()) });
    let mut refused = 0;
    for number in 0..MADE_UP {
        let name = ServiceName::new("tenant", "g", &number.to_string()).unwrap();
        match world.registry.service(&name) {
            Ok(_) => assert!(number < QUOTA),
            Err(ServiceError::Quota(over)) => refused += u32::from(over.namespace == "tenant"),
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(refused, MADE_UP - QUOTA);
    assert_eq!(world.registry.counters().services, u64::from(QUOTA) + 1);
    world.registry.service(&ServiceName::new("public", "g", "another").unwrap()).unwrap();
    world.register();
    assert_eq!(world.enabled(), Some(true));
}

/// As many pairs as there may be, and as many bytes; no two of them are the same.
fn largest(letter: char, number: u32) -> Metadata {
    const PAIR_BYTES: usize = limits::METADATA_BYTES_MAX / limits::METADATA_PAIRS_MAX;
    let keys = (0..limits::METADATA_PAIRS_MAX).map(|pair| format!("{letter}{pair:03}"));
    let value = |key: &String| if key.ends_with("000") { number.to_string() } else { letter.to_string() };
    let pairs: Vec<_> = keys.map(|key| (format!("{:x>1$}", value(&key), PAIR_BYTES - 8), key)).collect();
    Metadata::new(pairs.iter().map(|(value, key)| (key.as_str(), value.as_str()))).unwrap()
}

#[test]
fn metadata_as_large_as_it_may_be_is_kept_shown_overlaid_and_given_back_whole() {
    const INSTANCES: u32 = 300;
    let world = World::new(Policy::admin_sticky());
    let registry = &world.registry;
    let full_bytes: usize = largest('a', 0).iter().map(|(key, value)| 4 + key.len() + value.len()).sum();
    assert!(full_bytes + 64 > limits::METADATA_BYTES_MAX, "there is room for no other pair");
    for letter in ['a', 'b'] {
        for number in 0..INSTANCES {
            let claim = Claim { metadata: Some(largest(letter, number)), ..Claim::default() };
            let registration = Registration { claim, ..Registration::new(address(number)) };
            registry.register(world.service, &registration).unwrap();
        }
    }
    let whole = |view: &View<'_>| {
        let of = |ip: &str| (0..INSTANCES).find(|number| address(*number).ip == ip).expect("registered");
        view.iter().filter(|one| *one.metadata() == largest('b', of(&one.ip()))).count()
    };
    assert_eq!(registry.view(world.service, whole).unwrap(), INSTANCES as usize);
    let packed = registry.packed(world.service).unwrap();
    assert!(packed.bytes().len() > INSTANCES as usize * full_bytes);

    // An overlay of a key that is there replaces it; there is no room for another one, so that one waits as an order.
    let value = "c".repeat(40);
    let overlay = |key: &str| Field::Metadata { key: key.to_owned(), value: value.clone() };
    registry.overlay(world.service, &address(0), &overlay("b007"), &author("console")).unwrap();
    let shown = |key: &str| {
        let of = |view: &View<'_>| {
            let one = view.iter().find(|one| one.ip() == "10.0.0.0").expect("present");
            one.metadata().value(key).map(str::to_owned)
        };
        registry.view(world.service, of).unwrap()
    };
    assert_eq!(shown("b007"), Some(value.clone()));
    registry.overlay(world.service, &address(0), &overlay("one more"), &author("console")).unwrap();
    assert_eq!((shown("one more"), shown("b001").is_some()), (None, true));
    registry
        .release_overlay(world.service, &address(0), &FieldName::Metadata("one more".into()), &author("console"))
        .unwrap();
    assert_eq!(shown("b007"), Some(value.clone()));

    let value = format!("{:x>56}", "b");
    let selection = Lookup { metadata: &[("b255", &value)], ..Lookup::default() };
    let found = registry.view(world.service, |view| view.select(&selection).map(|found| found.iter().count()));
    assert_eq!(found.unwrap().unwrap(), INSTANCES as usize);
}
