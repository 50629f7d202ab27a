//! The packed copy of a view: what the languages read that cannot borrow one.
#![allow(unreachable_pub, reason = "test modules")]

mod common;

use common::World;
use steadfast_core::{
    Address, Claim, Metadata, Policy, Registration,
    policy::{Condition, Facts, Manifest, Selector, StatePolicy, Subject, Verdict, builtin::AdminSticky},
};

/// Admin-sticky, with a class for each of two zones.
struct Zoned;

impl StatePolicy for Zoned {
    fn manifest(&self) -> Manifest {
        let zone = |zone: &str| {
            let condition = Condition { subject: Subject::Metadata, key: "zone".into(), pattern: zone.into() };
            Selector { name: zone.into(), conditions: vec![condition] }
        };
        Manifest { name: "zoned".into(), classes: vec![zone("a"), zone("b")], ..AdminSticky.manifest() }
    }

    fn decide(&self, facts: &Facts) -> Verdict {
        AdminSticky.decide(facts)
    }
}

/// Port and class of each record.
fn classes(bytes: &[u8]) -> Vec<(u16, u8)> {
    let header_bytes = u32::from_le_bytes(bytes[12..16].try_into().unwrap()) as usize;
    let record_bytes = usize::from(u16::from_le_bytes(bytes[6..8].try_into().unwrap()));
    let count = u32::from_le_bytes(bytes[8..12].try_into().unwrap()) as usize;
    let records = bytes[header_bytes..].chunks(record_bytes).take(count);
    let mut classes: Vec<_> = records
        .map(|record| {
            assert_eq!(record[45..48], [0; 3], "reserved");
            (u16::from_le_bytes(record[40..42].try_into().unwrap()), record[44])
        })
        .collect();
    classes.sort_unstable();
    classes
}

#[test]
fn a_record_tells_the_class_and_another_class_is_another_revision() {
    let world = World::new(Policy::native(&Zoned).unwrap());
    for (port, zone) in [(1, "a"), (2, "b"), (3, "c")] {
        let mut registration = Registration::new(Address::new("10.0.0.1", port, "DEFAULT").unwrap());
        let metadata = Metadata::new([("zone", zone)]).unwrap();
        registration.claim = Claim { metadata: Some(metadata), ..Claim::default() };
        world.registry.register(world.service, &registration).unwrap();
    }
    let zoned = world.registry.packed(world.service).unwrap();
    assert_eq!(classes(zoned.bytes()), [(1, 1), (2, 2), (3, 0)]);

    world.registry.install(Policy::admin_sticky()).unwrap();
    let plain = world.registry.packed(world.service).unwrap();
    assert_eq!(classes(plain.bytes()), [(1, 0), (2, 0), (3, 0)]);
    assert!(plain.revision() > zoned.revision());
}
