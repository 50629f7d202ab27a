//! What the policies that ship do, story by story, and which parameters they take.

mod common;

use common::{Story, register, table};
use steadfast_policy::{
    Configure, Hold, Input, Law, Probe, Process, Traffic,
    builtin::{AdminSticky, HeartbeatWins, RestartClears},
    law::{self, LawError, Origin},
};

fn configured<P: Configure>(params: &[(&str, &str)]) -> Result<P, String> {
    let params: Vec<_> = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    P::configure(&params)
}

fn story<P: Configure>(params: &[(&str, &str)]) -> Story {
    Story::under(table(&configured::<P>(params).expect("good parameters")))
}

/// The story that breaks a law which the policy does not claim.
fn broken<P: Configure>(law: Law) -> (Origin, String) {
    let table = table(&configured::<P>(&[]).expect("good parameters"));
    assert!(!table.manifest().laws.contains(&law), "it claims {law}");
    match law::prove_all(&table, &[law]) {
        Err(LawError::Broken { law: found, counterexample }) if found == law => {
            (counterexample.origin, common::events(&counterexample))
        }
        other => panic!("{law} should not hold: {other:?}"),
    }
}

#[test]
fn every_policy_keeps_what_it_claims() {
    for table in common::shipped() {
        let name = &table.manifest().name;
        assert!(table.entries().count() > 1000, "{name} is asked about everything");
        let proof = law::prove(&table).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(proof.states > 100, "{name} has states to prove something about: {proof:?}");
    }
}

#[test]
fn heartbeat_wins_is_not_sticky() {
    // A pending order, then a registration: nothing shorter can break it.
    assert_eq!(broken::<HeartbeatWins>(Law::Sticky), (Origin::Empty, "hold register".into()));
}

#[test]
fn admin_sticky_lets_another_program_inherit() {
    broken::<AdminSticky>(Law::NoInheritance);
}

#[test]
fn restart_clears_ends_the_order_with_the_program() {
    let mut story = story::<RestartClears>(&[]);
    story.inputs(&[register(Process::Same), Input::Hold(Hold::Offline), register(Process::Same), Input::Beat]);
    assert_eq!(story.state.traffic, Traffic::Refuse, "the same program keeps its order");
    story.inputs(&[register(Process::Other)]);
    assert_eq!((story.state.traffic, story.state.hold), (Traffic::Serve, Hold::None));
    assert_eq!(story.reason(), "in service: another program came, and the orders for the earlier one ended");
}

#[test]
fn restart_clears_ends_a_ban_too() {
    let mut story = story::<RestartClears>(&[]);
    story.inputs(&[register(Process::Same), Input::Hold(Hold::Banned), register(Process::Same)]);
    assert!(!story.state.present, "the banned program stays out");
    story.inputs(&[register(Process::Other)]);
    assert!(story.state.present);
}

#[test]
fn restart_clears_asks_what_to_do_with_the_unknown() {
    let offline = [register(Process::Same), Input::Hold(Hold::Offline), register(Process::Unknown)];
    for (params, traffic) in [
        (&[][..], Traffic::Serve),
        (&[("unknown", "clear")][..], Traffic::Serve),
        (&[("unknown", "keep")][..], Traffic::Refuse),
    ] {
        let mut story = story::<RestartClears>(params);
        story.inputs(&offline);
        assert_eq!(story.state.traffic, traffic, "{params:?}");
    }
    assert_eq!(broken::<RestartClears>(Law::StickyAddress).0, Origin::Empty);
}

#[test]
fn a_failing_check_is_the_reason_where_another_program_came_and_is_not_hidden_by_it() {
    let mut story = story::<RestartClears>(&[]);
    let failing = Input::Probe(Probe::Failing);
    story.inputs(&[register(Process::Same), failing, Input::Hold(Hold::Offline), register(Process::Other)]);
    assert_eq!((story.state.traffic, story.state.healthy), (Traffic::Serve, false));
    assert_eq!(story.reason(), "the health check fails");
}

#[test]
fn wrong_parameters_are_named() {
    let refusals = [
        (configured::<AdminSticky>(&[("colour", "red")]).err(), "unknown parameter \"colour\""),
        (configured::<RestartClears>(&[("unknown", "maybe")]).err(), "it takes \"clear\" or \"keep\""),
        (configured::<RestartClears>(&[("unkown", "keep")]).err(), "this policy has only \"unknown\""),
        (configured::<RestartClears>(&[("unknown", "keep"), ("unknown", "clear")]).err(), "more than once"),
    ];
    for (refusal, expected) in refusals {
        let refusal = refusal.expect("it is wrong");
        assert!(refusal.contains(expected), "{refusal}");
    }
}
