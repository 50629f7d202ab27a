//! Laws are proven for the policies that claim them and refused, with the shortest story, for those that break them.

use std::fmt::Write as _;

use steadfast_policy::{
    Claim, Event, Facts, Hold, Law, Manifest, Orders, Process, StatePolicy, Table, Traffic, Verdict,
    builtin::{AdminSticky, HeartbeatWins},
    law::{self, LawError, Origin},
};

/// A policy with one fault: the original's answers, changed by `fault`.
struct Mutant<P> {
    original: P,
    fault: fn(&Facts, &mut Verdict),
}

impl<P: StatePolicy> StatePolicy for Mutant<P> {
    fn manifest(&self) -> Manifest {
        self.original.manifest()
    }

    fn decide(&self, facts: &Facts) -> Verdict {
        let mut verdict = self.original.decide(facts);
        (self.fault)(facts, &mut verdict);
        verdict
    }
}

fn refusal(policy: &impl StatePolicy) -> (Law, law::Counterexample) {
    let table = Table::of(policy).expect("within the guard rails");
    match law::prove(&table) {
        Err(LawError::Broken { law, counterexample }) => (law, *counterexample),
        other => panic!("expected a broken law, got {other:?}"),
    }
}

fn mutant(fault: fn(&Facts, &mut Verdict)) -> Mutant<AdminSticky> {
    Mutant { original: AdminSticky, fault }
}

fn story(counterexample: &law::Counterexample) -> String {
    let mut text = String::new();
    for step in &counterexample.steps {
        let event = step.facts.map_or(step.text.as_str(), |facts| facts.event.name());
        write!(text, "{event} ").unwrap();
    }
    text
}

#[test]
fn the_policies_that_ship_keep_what_they_claim() {
    for (name, table) in [("admin-sticky", Table::of(&AdminSticky)), ("heartbeat-wins", Table::of(&HeartbeatWins))] {
        let table = table.expect(name);
        assert!(table.entries().count() > 1000, "{name} is asked about everything");
        let proof = law::prove(&table).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(proof.states > 100, "{name} has states to prove something about: {proof:?}");
    }
}

#[test]
fn heartbeat_wins_is_not_sticky() {
    let table = Table::of(&HeartbeatWins).unwrap();
    let Err(LawError::Broken { law: Law::Sticky, counterexample }) = law::prove_all(&table, &[Law::Sticky]) else {
        panic!("a beat brings it back, and the proof must see that");
    };
    assert_eq!(counterexample.origin, Origin::Empty);
    // A pending order, then a registration: nothing shorter can break it.
    assert_eq!(story(&counterexample), "hold register ");
}

#[test]
fn a_beat_that_brings_it_online_is_found() {
    let (law, counterexample) = refusal(&mutant(|facts, verdict| {
        if facts.event == Event::Beat && facts.present && facts.hold == Hold::Offline && facts.claim != Claim::Disabled
        {
            verdict.traffic = Traffic::Serve;
        }
    }));
    assert_eq!(law, Law::Sticky);
    // Register and hold, in either order, then the beat.
    assert!(["register hold beat ", "hold register beat "].contains(&story(&counterexample).as_str()));
    let text = counterexample.to_string();
    assert!(text.contains("starting from an empty registry"), "{text}");
    assert!(text.contains("traffic is weaker than the order that stands (after beat)"), "{text}");
}

#[test]
fn an_order_forgotten_in_absence_is_found() {
    let (law, counterexample) = refusal(&mutant(|facts, verdict| {
        if facts.event == Event::Silence && !verdict.present {
            verdict.orders = Orders::Clear;
        }
    }));
    assert_eq!(law, Law::Sticky);
    assert!(story(&counterexample).contains("silence"), "{counterexample}");
}

#[test]
fn an_order_lost_at_the_swap_is_told_as_left_behind() {
    let (law, counterexample) = refusal(&mutant(|facts, verdict| {
        if facts.event == Event::Swap && facts.present && verdict.present && facts.claim != Claim::Disabled {
            verdict.traffic = Traffic::Serve;
        }
    }));
    assert_eq!(law, Law::Sticky);
    assert_eq!(counterexample.origin, Origin::LeftBehind);
    assert_eq!(story(&counterexample), "swap ");
}

#[test]
fn drain_counts_as_an_order() {
    let (law, _) = refusal(&mutant(|facts, verdict| {
        if facts.hold == Hold::Drain && verdict.traffic == Traffic::Drain {
            verdict.traffic = Traffic::Serve;
        }
    }));
    assert_eq!(law, Law::Sticky);
}

#[test]
fn refusing_everybody_is_not_a_proof_of_stickiness() {
    let (law, counterexample) = refusal(&mutant(|facts, verdict| {
        if !facts.present || facts.event == Event::Register {
            *verdict = Verdict { present: false, healthy: false, traffic: Traffic::Refuse, ..*verdict };
        }
    }));
    assert_eq!(law, Law::Available, "{counterexample}");
}

#[test]
fn a_policy_that_serves_nobody_is_not_available() {
    let (law, counterexample) = refusal(&mutant(|_, verdict| verdict.traffic = Traffic::Refuse));
    assert_eq!(law, Law::Available);
    assert_eq!(story(&counterexample), "register ");
}

#[test]
fn healthy_while_silent_is_not_honest() {
    let (law, counterexample) = refusal(&mutant(|facts, verdict| {
        if facts.event == Event::Silence && verdict.present {
            verdict.healthy = true;
        }
    }));
    assert_eq!(law, Law::Honest);
    assert_eq!(counterexample.origin, Origin::AnyState);
}

#[test]
fn another_program_that_inherits_is_found_where_it_is_forbidden() {
    let table = Table::of(&AdminSticky).unwrap();
    let result = law::prove_all(&table, &[Law::NoInheritance]);
    assert!(matches!(result, Err(LawError::Broken { law: Law::NoInheritance, .. })), "{result:?}");
}

#[test]
fn a_client_that_disabled_itself_and_serves_is_found() {
    let (law, _) = refusal(&mutant(|facts, verdict| {
        if facts.event == Event::Overlay && verdict.present && facts.hold == Hold::None {
            verdict.traffic = Traffic::Serve;
        }
    }));
    assert_eq!(law, Law::ClaimRespected);
}

/// Counts registrations in its memo: twice is not once.
struct Counting;

impl StatePolicy for Counting {
    fn manifest(&self) -> Manifest {
        Manifest { memo_size: 4, laws: [Law::Idempotent].into(), ..AdminSticky.manifest() }
    }

    fn decide(&self, facts: &Facts) -> Verdict {
        let counts = facts.event == Event::Register && facts.process == Process::Same;
        let memo = if counts { (facts.memo + 1).min(3) } else { facts.memo };
        Verdict { memo, ..AdminSticky.decide(facts) }
    }
}

#[test]
fn counting_registrations_is_not_idempotent() {
    let (law, counterexample) = refusal(&Counting);
    assert_eq!(law, Law::Idempotent);
    assert_eq!(story(&counterexample), "register register ");
}

#[test]
fn an_order_that_leaves_a_trace_is_found() {
    // It remembers that there was an order, and drains after the release: a second order would have to undo the first.
    let scarred = Mutant {
        original: HeartbeatWins,
        fault: |facts, verdict| {
            if facts.event == Event::Release && verdict.present {
                verdict.memo = 1;
            }
        },
    };
    let table = Table::of(&scarred).unwrap();
    let result = law::prove_all(&table, &[Law::ReleaseRestores]);
    let Err(LawError::Broken { law: Law::ReleaseRestores, counterexample }) = result else {
        panic!("the memo is a trace: {result:?}");
    };
    assert_eq!(story(&counterexample), "hold release ");
}
