//! Nobody promises in which order a reconnect, a dying connection, an operator's edit and a beat arrive. So every order
//! is tried, and all must end in the same state.

#![allow(unreachable_pub, reason = "test modules")]

mod common;

use common::{World, author};
use steadfast_core::{Field, Policy};

/// What happens around a reconnect, by source. Each source keeps its own order; sources mix in any way.
const SOURCES: [&[Happening]; 5] = [
    &[Happening::NewConnectionRegisters, Happening::BeatByHandle],
    &[Happening::OldConnectionDies],
    &[Happening::OperatorSetsWeight],
    &[Happening::SecondsPass],
    &[Happening::LightBeat],
];

#[derive(Clone, Copy, Debug)]
enum Happening {
    NewConnectionRegisters,
    BeatByHandle,
    OldConnectionDies,
    OperatorSetsWeight,
    SecondsPass,
    LightBeat,
}

/// Every way to merge the sources.
fn interleavings() -> Vec<Vec<Happening>> {
    let mut all = Vec::new();
    merge(&mut [0; SOURCES.len()], &mut Vec::new(), &mut all);
    all
}

fn merge(taken: &mut [usize; SOURCES.len()], so_far: &mut Vec<Happening>, all: &mut Vec<Vec<Happening>>) {
    let mut ended = true;
    for source in 0..SOURCES.len() {
        let Some(next) = SOURCES[source].get(taken[source]) else { continue };
        ended = false;
        taken[source] += 1;
        so_far.push(*next);
        merge(taken, so_far, all);
        so_far.pop();
        taken[source] -= 1;
    }
    if ended {
        all.push(so_far.clone());
    }
}

/// Present, healthy, enabled, weight.
type Outcome = (bool, bool, Option<bool>, f64);

/// An instance that was taken offline, everything that happens to it, and one more beat.
fn play(policy: Policy, happenings: &[Happening]) -> Outcome {
    let world = World::new(policy);
    world.register_by("old");
    world.offline();
    for happening in happenings {
        happen(&world, *happening);
    }
    world.light_beat();
    let explained = world.explain();
    (explained.present, explained.healthy, world.enabled(), explained.effective.weight)
}

fn happen(world: &World, happening: Happening) {
    match happening {
        Happening::NewConnectionRegisters => drop(world.register_by("new")),
        Happening::BeatByHandle => drop(world.beat(world.explain().handle)),
        Happening::OldConnectionDies => drop(world.registry.disconnect("old").unwrap()),
        Happening::OperatorSetsWeight => {
            world.registry.overlay(world.service, &world.address, &Field::Weight(3.0), &author("console")).unwrap();
        }
        Happening::SecondsPass => world.pass_ms(5_000),
        Happening::LightBeat => drop(world.light_beat()),
    }
}

fn assert_all_end_in(policy: &Policy, expected: Outcome) {
    let all = interleavings();
    assert_eq!(all.len(), 360, "6 happenings, two of them in order");
    for happenings in all {
        assert_eq!(play(policy.clone(), &happenings), expected, "{} after {happenings:?}", policy.name());
    }
}

#[test]
fn a6_an_order_that_is_sticky_stands_in_every_order_of_events() {
    assert_all_end_in(&Policy::admin_sticky(), (true, true, Some(false), 3.0));
}

#[test]
fn a6_where_a_heartbeat_wins_it_wins_in_every_order_of_events() {
    assert_all_end_in(&common::heartbeat_wins(), (true, true, Some(true), 3.0));
}

#[test]
fn a6_a_maintenance_window_is_as_sticky_while_it_lasts() {
    let policy = Policy::builtin("maintenance-window").unwrap().unwrap();
    assert_all_end_in(&policy, (true, true, Some(false), 3.0));
}

#[test]
fn a6_sources_that_disagree_with_the_policy_would_be_noticed() {
    // What Nacos 1.4 does depends on who comes last: the test above can fail.
    let policy = Policy::builtin("nacos-1-4").unwrap().unwrap();
    let mut outcomes: Vec<Outcome> = interleavings().iter().map(|these| play(policy.clone(), these)).collect();
    outcomes.sort_by(|a, b| a.partial_cmp(b).unwrap());
    outcomes.dedup();
    assert!(outcomes.len() > 1, "{outcomes:?}");
}
