//! A simulation that finds nothing proves nothing: each fault that is set on purpose is found, for what it is.

use std::hash::{BuildHasher, RandomState};

use steadfast_policy::{Event, Facts, Hold, Law, Manifest, StatePolicy, Traffic, Verdict, builtin::AdminSticky};
use steadfast_sim::{Fault, Menu, Setup, Story, Vice, Violation, run};

/// Enough for every fault below; most show in a few hundred events.
const EVENTS: u64 = 6_000;

/// Finds the fault from a fresh seed and from a fixed one, and tells the latter.
fn found(fault: Option<Fault>, menu: &Menu) -> (Violation, Story) {
    let setup = |seed| Setup { seed, events: EVENTS, menu: menu.clone(), fault };
    let find = |seed| run(&setup(seed), &mut |_| {}).expect_err("the fault has to be found");
    find(RandomState::new().hash_one("seed"));
    let violation = find(7);
    let story = setup(7).shrink(&violation).expect("a history that was played can be played again");
    (*violation, story)
}

#[test]
fn a_store_that_loses_what_it_acknowledged_is_found() {
    let (violation, story) = found(Some(Fault::Store(Vice::Loses(5))), &Menu::shipped());
    assert!(violation.event <= EVENTS, "{violation}");
    assert!(story.events.len() < 40, "{story}");
}

#[test]
fn a_store_that_keeps_what_it_had_to_delete_is_found() {
    let (violation, _) = found(Some(Fault::Store(Vice::KeepsDeleted(2))), &Menu::shipped());
    assert_eq!(violation.rule, "nothing acknowledged is lost", "{violation}");
}

#[test]
fn a_store_that_tears_commits_is_found() {
    // Only a process key or a second clearing shows it, so its history is long and not worth shortening here.
    let setup = Setup { fault: Some(Fault::Store(Vice::Tears(1))), ..Setup::new(7, EVENTS) };
    let violation = run(&setup, &mut |_| {}).expect_err("the fault has to be found");
    assert_eq!(violation.rule, "nothing acknowledged is lost", "{violation}");
}

#[test]
fn a_rule_that_is_wrong_by_one_step_is_found() {
    let (violation, story) = found(Some(Fault::Impatience), &Menu::shipped());
    assert!(story.events.len() <= 8, "{violation}\n{story}");
}

#[test]
fn a_ticker_that_tells_the_time_too_late_is_found() {
    let (violation, _) = found(Some(Fault::SleepyTicker), &Menu::shipped());
    assert!(!violation.last.is_empty(), "{violation}");
}

/// Claims to be sticky, and serves an instance that registers again: the fault that all of this is about.
struct RegistrationWins;

impl StatePolicy for RegistrationWins {
    fn manifest(&self) -> Manifest {
        Manifest { laws: vec![Law::Sticky], ..AdminSticky.manifest() }
    }

    fn decide(&self, facts: &Facts) -> Verdict {
        let verdict = AdminSticky.decide(facts);
        let overrules = facts.event == Event::Register && verdict.present && facts.hold == Hold::Offline;
        if overrules { Verdict { traffic: Traffic::Serve, ..verdict } } else { verdict }
    }
}

/// Registry and model agree about it: only the law is broken.
#[test]
fn a_policy_that_breaks_the_law_it_claims_is_found_by_its_law() {
    let menu = Menu::unproven(RegistrationWins).expect("within the guard rails");
    let (violation, story) = found(None, &menu);
    assert_eq!(violation.rule, "law sticky", "{violation}");
    assert!(story.events.len() <= 4, "a hold and a registration are enough: {story}");
    assert!(violation.to_string().contains("cargo xtask sim --seed 7"), "{violation}");
}
