//! Laws are proven for the policies that claim them; who breaks one is told the shortest story, in words.

mod common;

use common::{Faulty, events, table};
use steadfast_policy::{
    Claim, Event, Hold, Law, ManifestError, Orders, StatePolicy, Traffic,
    builtin::{AdminSticky, EurekaChain, HeartbeatWins, Nacos14},
    law::{self, Counterexample, LawError, Origin},
};

fn broken(policy: &impl StatePolicy, law: Law) -> Counterexample {
    match law::prove_all(&table(policy), &[law]) {
        Err(LawError::Broken { law: found, counterexample }) if found == law => *counterexample,
        other => panic!("{law} should not hold: {other:?}"),
    }
}

#[test]
fn the_story_is_the_shortest() {
    for (events_of, expected) in [
        // A pending order, then a registration: nothing shorter can break it.
        (broken(&HeartbeatWins, Law::Sticky), "hold register"),
        (broken(&HeartbeatWins, Law::InertBeat), "register hold beat"),
        (broken(&Nacos14, Law::Sticky), "hold register"),
        (broken(&EurekaChain, Law::Available), "register hold release"),
    ] {
        assert_eq!(events(&events_of), expected);
        assert_eq!(events_of.origin, Origin::Empty);
    }
}

#[test]
fn a_story_is_told_event_by_event_with_reasons() {
    let told = broken(&EurekaChain, Law::Available).to_string();
    for part in [
        "starting from an empty registry",
        "1. register on absent ephemeral",
        "(an operator's override: ",
        "3. release on present ephemeral",
        "(unknown since the operator removed the override, until the client shows up again)",
        "nobody refuses it, but it does not serve (after release)",
    ] {
        assert!(told.contains(part), "{part:?} is missing: {told}");
    }
}

#[test]
fn what_only_an_earlier_policy_can_leave_is_told_as_left_behind() {
    let forgets_at_the_swap = Faulty(|facts, verdict| {
        if facts.event == Event::Swap && verdict.present && facts.claim != Claim::Disabled {
            verdict.traffic = Traffic::Serve;
        }
    });
    let counterexample = broken(&forgets_at_the_swap, Law::Sticky);
    assert_eq!((counterexample.origin, events(&counterexample).as_str()), (Origin::LeftBehind, "swap"));
    assert!(counterexample.to_string().starts_with("starting from what an earlier policy left behind"));
}

#[test]
fn a_law_about_single_answers_shows_one() {
    let counterexample = broken(&AdminSticky, Law::NoInheritance);
    assert_eq!((counterexample.origin, counterexample.steps.len()), (Origin::AnyState, 1));
}

#[test]
fn a_policy_that_clears_does_not_clear_what_the_operator_said() {
    // The hold is gone from the facts, and the law still knows of it.
    let forgets = Faulty(|facts, verdict| {
        if facts.event == Event::Disconnect {
            verdict.orders = Orders::Clear;
        }
    });
    let counterexample = broken(&forgets, Law::Sticky);
    assert_eq!(events(&counterexample), "register hold disconnect register");
    let last = counterexample.steps.last().and_then(|step| step.facts).expect("an event");
    assert_eq!(last.hold, Hold::None);
}

#[test]
fn each_law_is_told_once_it_is_proven_and_never_before() {
    let (sound, mut told) = (table(&AdminSticky), Vec::new());
    law::prove_telling(&sound, &sound.manifest().laws, &mut |law| told.push(law)).expect("it keeps them");
    let mut claimed = sound.manifest().laws.clone();
    assert!(told.starts_with(&[Law::Honest, Law::ClaimRespected]), "single answers first: {told:?}");
    told.sort_unstable();
    claimed.sort_unstable();
    assert_eq!(told, claimed);

    told.clear();
    let faulty = table(&HeartbeatWins);
    let both = [Law::Honest, Law::Sticky, Law::ReleaseRestores];
    law::prove_telling(&faulty, &both, &mut |law| told.push(law)).expect_err("it is not sticky");
    assert_eq!(told, [Law::Honest]);
}

#[test]
fn a_law_is_claimed_once() {
    let mut manifest = AdminSticky.manifest();
    manifest.laws.push(Law::Sticky);
    assert_eq!(manifest.validate(), Err(ManifestError::RepeatedLaw(Law::Sticky)));
}
