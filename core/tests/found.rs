//! What the simulation found, each as the shortest history that showed it.
#![allow(unreachable_pub, reason = "test modules")]

mod common;

use common::{World, author};
use steadfast_core::{
    Beat, BulkOrder, Claim, Field, FullBeat, HoldKind, Options, Policy, Publisher, Registration, Selector as Which,
    policy::{Condition, Facts, Manifest, Selector, StatePolicy, Subject, Verdict, builtin::AdminSticky},
};

fn builtin(name: &str) -> Policy {
    Policy::builtin(name).expect("it is compiled in").expect("it is proven")
}

/// Admin-sticky, with a class for whatever has a zone.
struct Zoned;

impl StatePolicy for Zoned {
    fn manifest(&self) -> Manifest {
        let condition = Condition { subject: Subject::Metadata, key: "zone".into(), pattern: "*".into() };
        let zoned = Selector { name: "zoned".into(), conditions: vec![condition] };
        Manifest { name: "zoned".into(), classes: vec![zoned], ..AdminSticky.manifest() }
    }

    fn decide(&self, facts: &Facts) -> Verdict {
        AdminSticky.decide(facts)
    }
}

/// Admin-sticky, with a word of its own for whoever is not there.
struct Away;

impl StatePolicy for Away {
    fn manifest(&self) -> Manifest {
        let mut manifest = Manifest { name: "away".into(), ..AdminSticky.manifest() };
        if let Some(text) = manifest.reasons.last_mut() {
            *text = "away".into();
        }
        manifest
    }

    fn decide(&self, facts: &Facts) -> Verdict {
        AdminSticky.decide(facts)
    }
}

/// A banned address beats in full. What it says counts as little as a registration that is refused: once the ban ends,
/// a registration without a weight has the weight that everybody starts with.
#[test]
fn a_full_beat_that_is_refused_leaves_nothing_behind() {
    let world = World::new(Policy::admin_sticky());
    world.hold(HoldKind::Banned, "console");
    let full = FullBeat { weight: Some(7.0), metadata: None, ephemeral: true };
    let beat = world.registry.beat_at(world.service, &world.address, Some(&full)).unwrap();
    assert_eq!(beat, Beat::RegisterAgain);
    assert_eq!(world.explain().claim.weight, None);
    world.online();
    world.registry.register(world.service, &Registration::new(world.address.clone())).unwrap();
    assert!((world.explain().effective.weight - 1.0).abs() < f64::EPSILON);
}

/// An order waits; another policy is installed. Its number of a reason was read in the other policy's texts.
#[test]
fn a_waiting_order_is_not_explained_in_the_words_of_a_policy_that_never_decided_about_it() {
    let world = World::new(Policy::admin_sticky());
    world.offline();
    assert_eq!(world.explain().reason, "taken offline by an operator");
    world.registry.install(builtin("nacos-2x")).unwrap();
    assert_eq!((world.explain().reason.as_str(), world.explain().decision.event), ("not registered", None));
}

/// An order waits with a class that only the policy before it knew. The next decision about it was looked up beyond
/// the table's classes, and came from somewhere else in it.
#[test]
fn a_waiting_order_forgets_the_class_of_an_earlier_policy() {
    let world = World::new(Policy::native(&Zoned).unwrap());
    let zone = Field::Metadata { key: "zone".into(), value: "east".into() };
    world.registry.overlay(world.service, &world.address, &zone, &author("deployer")).unwrap();
    world.registry.install(Policy::admin_sticky()).unwrap();
    let reply = world.offline();
    assert_eq!(reply.effect.reason, "taken offline by an operator");
}

/// A release of nothing wrote the program's key, and the process died before it was taken back. Restarts later, that
/// key was taken for the program that an order had been given to.
#[test]
fn a_program_without_orders_leaves_no_key_for_later_orders() {
    let options = Options { policy: builtin("restart-clears"), ..common::options(Policy::admin_sticky()) };
    let world = World::with(options);
    let from = |process: &str| Registration {
        process: Some(process.into()),
        claim: Claim::default(),
        ..Registration::new(world.address.clone())
    };
    let (first, second) = (from("first"), from("second"));
    world.registry.register(world.service, &first).unwrap();
    assert!(!world.online().found, "nothing to release");
    let world = world.restart();
    world.offline();
    let world = world.restart();
    world.registry.register(world.service, &second).unwrap();
    assert_eq!(world.enabled(), Some(false), "nothing was known of a program when the order came");
}

/// A policy cleared an order, which is written later. Before that the operator released it, was told that there was
/// nothing to release, and the process died: the order was back.
#[test]
fn a_release_outlives_a_crash_although_there_was_nothing_left_to_release() {
    let options = Options { flush_in_tick: false, ..common::options(builtin("eureka-chain")) };
    let world = World::with(options);
    world.register();
    world.offline();
    world.registry.deregister(world.service, &world.address, &Publisher::Keyless).unwrap();
    assert!(!world.online().found, "the override went with the lease");
    let world = world.restart();
    assert!(world.registry.orders(world.service).unwrap().is_empty(), "what was released stays so");
}

/// A persistent instance comes back after a restart, and another policy decides now. What the earlier one stored with it
/// means nothing to this one, as after an install.
#[test]
fn a_memo_does_not_outlive_a_restart_into_another_policy() {
    let world = World::new(builtin("heartbeat-wins"));
    let persistent = || Registration { ephemeral: false, ..Registration::new(world.address.clone()) };
    world.registry.register(world.service, &persistent()).unwrap();
    world.offline();
    world.light_beat();
    assert_eq!(world.explain().memo, 1, "the beat overruled the order");
    world.registry.flush().unwrap();
    let world = world.restart();
    assert_eq!(world.explain().memo, 1, "the same policy knows what it stored");
    let world = world.restart_under(builtin("nacos-2x"));
    assert_eq!(world.explain().memo, 0);
}

/// Another program cleared the orders of two owners, which is written later. One owner released what was not there any
/// more, and the process died: the other owner's order was back without the program that it had been given to, and
/// held the next one.
#[test]
fn a_cleared_order_does_not_come_back_for_another_program() {
    let options = Options { flush_in_tick: false, ..common::options(builtin("restart-clears")) };
    let world = World::with(options);
    let from = |process: &str| Registration { process: Some(process.into()), ..world.registration() };
    let (first, second) = (from("first"), from("second"));
    world.registry.register(world.service, &first).unwrap();
    world.hold(HoldKind::Offline, "console");
    world.hold(HoldKind::Offline, "deployer");
    world.registry.register(world.service, &second).unwrap();
    assert_eq!(world.enabled(), Some(true), "the orders were for the first one");
    assert!(!world.online().found);
    let world = world.restart();
    world.registry.register(world.service, &second).unwrap();
    assert_eq!(world.enabled(), Some(true));
}

/// An instance that was taken offline left, and its tombstone stood for that order alone. The plan of a release showed it
/// as remembered, in the policy's words; carried out, the release left nothing.
#[test]
fn the_plan_of_a_release_knows_that_the_tombstone_goes_with_the_order() {
    let world = World::new(Policy::native(&Away).unwrap());
    world.register();
    world.offline();
    world.pass_ms(31_000);
    assert!(world.explain().remembered, "for the order");
    let (which, release) =
        (Which { namespace: Some("*".into()), ..Which::default() }, BulkOrder::Release(author("console")));
    let plan = world.registry.plan(&which, &release).unwrap();
    let report = world.registry.bulk(&which, &release, &mut |_| std::ops::ControlFlow::Continue(())).unwrap();
    let reply = report.outcomes[0].result.as_ref().unwrap();
    assert_eq!(plan.targets[0].after, reply.effect);
    assert_eq!(reply.effect.reason, "not registered");
}
