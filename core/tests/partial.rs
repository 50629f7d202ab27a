//! Partial updates: a field that was not sent changes nothing, an order covers one field, an echo is nobody's word.
//!
//! In Nacos an update that names one field resets the others to defaults, and an override of one freezes all of them:
//! #1957, #10907, #12713, #13131, #12194.

#![allow(unreachable_pub, reason = "test modules")]

mod common;

use common::{World, author};
use steadfast_core::{
    Beat, Claim, Field, FieldName, FloorTarget, HoldKind, HoldOrder, Metadata, Policy, Registration, ServiceName,
    policy::Claim as Enabled,
};

fn world() -> World {
    World::new(Policy::admin_sticky())
}

fn metadata(pairs: &[(&str, &str)]) -> Metadata {
    Metadata::new(pairs.iter().copied()).unwrap()
}

/// A client that warms up: it registers disabled, with a weight and metadata of its own.
fn warming_up() -> Claim {
    Claim { enabled: Some(false), weight: Some(5.0), metadata: Some(metadata(&[("app", "x"), ("zone", "a")])) }
}

fn register(world: &World, claim: Claim) {
    world.registry.register(world.service, &Registration { claim, ..world.registration() }).unwrap();
}

fn update(world: &World, claim: &Claim) {
    world.registry.claim(world.service, &world.address, claim).unwrap();
}

fn overlay(world: &World, field: &Field) {
    world.registry.overlay(world.service, &world.address, field, &author("console")).unwrap();
}

fn release_overlay(world: &World, field: &FieldName) {
    assert!(world.registry.release_overlay(world.service, &world.address, field, &author("console")).unwrap().found);
}

fn zone(value: &str) -> Field {
    Field::Metadata { key: "zone".into(), value: value.into() }
}

fn zone_name() -> FieldName {
    FieldName::Metadata("zone".into())
}

/// Weight and metadata as lookups show them.
fn shown(world: &World) -> (f64, Metadata) {
    let shown = world.registry.view(world.service, |view| {
        view.iter().next().map(|instance| (instance.weight(), instance.metadata().clone()))
    });
    shown.unwrap().expect("present")
}

#[test]
fn an_update_without_enabled_keeps_it_for_the_client_and_for_the_operator() {
    let world = world();
    register(&world, warming_up());
    for claim in [
        Claim { weight: Some(6.0), ..Claim::default() },
        Claim { metadata: Some(metadata(&[("app", "y")])), ..Claim::default() },
        // The Python SDK's `enable=None`, the Go SDK's zero value: nothing was said.
        Claim::default(),
    ] {
        update(&world, &claim);
        assert_eq!(world.enabled(), Some(false), "the client's word stands: {claim:?}");
    }
    assert_eq!(shown(&world), (6.0, metadata(&[("app", "y")])), "what was named was taken");
    update(&world, &world.registration().claim);
    world.offline();
    update(&world, &Claim { metadata: Some(metadata(&[("app", "z")])), ..Claim::default() });
    update(&world, &Claim { weight: Some(7.0), ..Claim::default() });
    assert_eq!(world.enabled(), Some(false), "and so does the operator's");
    world.online();
    assert_eq!((world.enabled(), shown(&world)), (Some(true), (7.0, metadata(&[("app", "z")]))));
}

#[test]
fn an_update_that_says_enabled_by_default_ends_no_order_but_is_the_clients_word() {
    let world = world();
    register(&world, warming_up());
    world.offline();
    // What the Java SDK's update sends when nobody said anything.
    update(&world, &Claim { enabled: Some(true), weight: Some(1.0), metadata: None });
    assert_eq!(world.enabled(), Some(false));
    assert_eq!(world.explain().claim.enabled, Enabled::Enabled);
    world.online();
    assert_eq!(world.enabled(), Some(true));
}

#[test]
fn an_overlay_as_the_first_order_leaves_every_other_field_to_the_client() {
    for (field, name) in [(zone("b"), zone_name()), (Field::Weight(9.0), FieldName::Weight)] {
        let world = world();
        register(&world, warming_up());
        overlay(&world, &field);
        assert_eq!(world.enabled(), Some(false), "{name:?}: not a default `true`");
        let (weight, pairs) = shown(&world);
        assert_eq!(pairs.value("app"), Some("x"));
        if name == zone_name() {
            assert_eq!((weight, pairs.value("zone")), (5.0, Some("b")));
        } else {
            assert_eq!((weight, pairs.value("zone")), (9.0, Some("a")));
        }
        release_overlay(&world, &name);
        assert_eq!(shown(&world), (5.0, metadata(&[("app", "x"), ("zone", "a")])), "{name:?}");
        assert_eq!(world.enabled(), Some(false));
    }
}

#[test]
fn offline_and_online_freeze_nothing() {
    let world = world();
    register(&world, Claim { enabled: Some(true), weight: Some(5.0), metadata: Some(metadata(&[("version", "1")])) });
    world.offline();
    world.online();
    register(&world, Claim { enabled: Some(true), weight: Some(2.0), metadata: Some(metadata(&[("version", "2")])) });
    assert_eq!((world.enabled(), shown(&world)), (Some(true), (2.0, metadata(&[("version", "2")]))));
    assert!(world.registry.orders(world.service).unwrap().is_empty(), "nothing is left of the order");
}

#[test]
fn while_an_overlay_stands_the_client_goes_on_speaking_beneath_it() {
    let world = world();
    register(&world, warming_up());
    overlay(&world, &Field::Weight(9.0));
    overlay(&world, &zone("b"));
    // A stale row of a console or a redeployed client: neither touches what the operator laid over.
    update(
        &world,
        &Claim { weight: Some(3.0), metadata: Some(metadata(&[("zone", "c"), ("app", "y")])), enabled: None },
    );
    assert_eq!(shown(&world), (9.0, metadata(&[("app", "y"), ("zone", "b")])));
    let world = world.restart();
    register(&world, Claim { weight: Some(4.0), metadata: Some(metadata(&[("zone", "d")])), enabled: None });
    assert_eq!(shown(&world), (9.0, metadata(&[("zone", "b")])), "also after a restart");
    release_overlay(&world, &FieldName::Weight);
    assert_eq!(shown(&world), (4.0, metadata(&[("zone", "b")])));
    release_overlay(&world, &zone_name());
    assert_eq!(shown(&world), (4.0, metadata(&[("zone", "d")])), "each field follows the client again");
}

/// Takes a known instance away and has its next registration be one that we asked for.
fn asked_to_register(world: &World) {
    let service = ServiceName::new("public", "DEFAULT_GROUP", "orders").unwrap();
    let target = FloorTarget::Service { service };
    let order = HoldOrder { kind: HoldKind::Banned, author: author("ops"), until_ms: None };
    world.registry.hold_floor(&target, &order).unwrap();
    world.pass_ms(40_000);
    assert_eq!(world.light_beat(), Beat::RegisterAgain);
    world.registry.release_floor(&target, &author("ops")).unwrap();
}

#[test]
fn an_echo_in_a_registration_that_we_asked_for_is_not_the_clients_word() {
    let world = world();
    register(&world, warming_up());
    overlay(&world, &Field::Weight(9.0));
    overlay(&world, &zone("b"));
    asked_to_register(&world);
    // The SDK sends what it last read: the operator's values, and its own news.
    let echo =
        Claim { enabled: Some(true), weight: Some(9.0), metadata: Some(metadata(&[("app", "y"), ("zone", "b")])) };
    register(&world, echo);
    let claim = world.explain().claim;
    assert_eq!((claim.enabled, claim.weight), (Enabled::Disabled, Some(5.0)), "its own earlier words stand");
    assert_eq!(claim.metadata, Some(metadata(&[("app", "y"), ("zone", "a")])), "news are taken, echoes are not");
    release_overlay(&world, &FieldName::Weight);
    release_overlay(&world, &zone_name());
    assert_eq!(shown(&world), (5.0, metadata(&[("app", "y"), ("zone", "a")])), "the operator's values do not stay");
}

#[test]
fn what_differs_from_the_overlay_is_no_echo() {
    let world = world();
    register(&world, warming_up());
    overlay(&world, &Field::Weight(9.0));
    overlay(&world, &zone("b"));
    asked_to_register(&world);
    register(&world, Claim { weight: Some(3.0), metadata: Some(metadata(&[("zone", "c")])), enabled: None });
    assert_eq!(shown(&world), (9.0, metadata(&[("zone", "b")])));
    let claim = world.explain().claim;
    assert_eq!((claim.weight, claim.metadata), (Some(3.0), Some(metadata(&[("zone", "c")]))));
}

#[test]
fn an_echo_needs_an_overlay_and_a_question_of_ours() {
    let world = world();
    register(&world, warming_up());
    overlay(&world, &Field::Weight(9.0));
    // Nobody asked: whoever sends the same value means it.
    register(&world, Claim { weight: Some(9.0), ..Claim::default() });
    assert_eq!(world.explain().claim.weight, Some(9.0));
    update(&world, &Claim { weight: Some(5.0), ..Claim::default() });
    update(&world, &Claim { weight: Some(9.0), ..Claim::default() });
    assert_eq!(world.explain().claim.weight, Some(9.0), "an update is the client's word too");
    release_overlay(&world, &FieldName::Weight);
    asked_to_register(&world);
    register(&world, Claim { weight: Some(2.0), ..Claim::default() });
    assert_eq!(world.explain().claim.weight, Some(2.0), "without an overlay there is nothing to echo");
}

#[test]
fn an_echo_of_a_key_that_the_client_never_had_leaves_it_without() {
    let world = world();
    register(&world, Claim { metadata: Some(metadata(&[("app", "x")])), ..Claim::default() });
    overlay(&world, &zone("b"));
    asked_to_register(&world);
    register(&world, Claim { metadata: Some(metadata(&[("app", "x"), ("zone", "b")])), ..Claim::default() });
    assert_eq!(world.explain().claim.metadata, Some(metadata(&[("app", "x")])));
    release_overlay(&world, &zone_name());
    assert_eq!(shown(&world).1, metadata(&[("app", "x")]));
}
