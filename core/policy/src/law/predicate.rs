//! The laws themselves, each a few lines.

use alloc::boxed::Box;

use super::{Counterexample, Law, LawError, Origin, Witness, ghost::Node};
use crate::{Claim, Event, Facts, Hold, Input, Orders, Probe, Process, Table, Traffic, Verdict, step};

/// Whether every single table entry keeps the laws that speak of those: all laws in one pass.
pub(super) fn all_hold_singly(table: &Table, laws: &[Law]) -> bool {
    let keeps = |(facts, verdict): (Facts, Verdict)| laws.iter().all(|law| holds_singly(table, *law, &facts, verdict));
    !laws.iter().any(|law| law.is_static()) || table.entries().all(keeps)
}

/// The same for one law, and the first entry that breaks it.
pub(super) fn hold_singly(table: &Table, law: Law) -> Result<(), LawError> {
    match table.entries().find(|(facts, verdict)| !holds_singly(table, law, facts, *verdict)) {
        None => Ok(()),
        Some((facts, verdict)) => {
            let witness = Witness::new(table, facts, verdict);
            Err(LawError::Broken {
                law,
                counterexample: Box::new(Counterexample::new(law, Origin::AnyState, [witness].into())),
            })
        }
    }
}

fn holds_singly(table: &Table, law: Law, facts: &Facts, verdict: Verdict) -> bool {
    match law {
        Law::NoInheritance => no_inheritance(facts, verdict),
        Law::Honest => honest(table, facts, verdict),
        Law::ClaimRespected => claim_respected(facts, verdict),
        _ => true,
    }
}

/// Another process clears the orders. At a hold nothing can be cleared, but there the process is the same.
fn no_inheritance(facts: &Facts, verdict: Verdict) -> bool {
    facts.process != Process::Other || facts.hold == Hold::None || verdict.orders == Orders::Clear
}

fn honest(table: &Table, facts: &Facts, verdict: Verdict) -> bool {
    // Whoever comes back has not been silent; an absence band says nothing about its health.
    let silent = facts.present && facts.band >= table.manifest().unhealthy_from;
    !verdict.healthy || (verdict.present && !silent && facts.probe != Probe::Failing)
}

fn claim_respected(facts: &Facts, verdict: Verdict) -> bool {
    facts.claim != Claim::Disabled || verdict.traffic != Traffic::Serve
}

/// Checks a law after one step of the walk, from `before` by `input` to `after`.
pub(super) fn holds_after(table: &Table, law: Law, before: Node, input: Input, after: Node) -> bool {
    let state = after.state;
    match law {
        Law::Sticky => after.foreign || state.traffic >= after.ordered.traffic(),
        Law::StickyAddress => state.traffic >= after.ordered.traffic(),
        Law::Available => available(input, after),
        Law::InertBeat => !inert_beat_applies(before, input) || state == before.state,
        Law::Idempotent => idempotent(table, input, after),
        // Static, or about pairs of runs: checked elsewhere.
        Law::NoInheritance | Law::Honest | Law::ClaimRespected | Law::ReleaseRestores => true,
    }
}

fn available(input: Input, after: Node) -> bool {
    let wanted = after.ordered == Hold::None && after.state.claim != Claim::Disabled;
    let registers = matches!(input, Input::Register { enabled, .. } if enabled != Some(false));
    let came = !wanted || !registers || after.state.present;
    let serves = !wanted || !after.state.present || after.state.traffic == Traffic::Serve;
    came && serves
}

fn inert_beat_applies(before: Node, input: Input) -> bool {
    input == Input::Beat && before.state.present && before.state.band == 0
}

fn idempotent(table: &Table, input: Input, after: Node) -> bool {
    let second = again(input).and_then(|again| step(table, &after.state, again));
    second.is_none_or(|second| second.next == after.state)
}

/// The same event once more, with the same process: it is the one that came the first time.
pub(super) fn again(input: Input) -> Option<Input> {
    match input {
        Input::Register { ephemeral, enabled, class, .. } => {
            Some(Input::Register { ephemeral, enabled, class, process: Process::Same })
        }
        Input::Recover(_) => Some(Input::Recover(Process::Same)),
        // There is no second time: nothing is left to release, and a table is not installed over itself.
        Input::Release(_) | Input::Swap { .. } => None,
        other => Some(other),
    }
}

/// How a law is told apart from its event, for the counterexample's last line.
pub(super) fn broken_sentence(law: Law, event: Event) -> alloc::string::String {
    let promise = match law {
        Law::Sticky | Law::StickyAddress => "traffic is weaker than the order that stands",
        Law::NoInheritance => "another process inherits the orders",
        Law::Available => "nobody refuses it, but it does not serve",
        Law::Honest => "healthy, though it is absent, silent or failing",
        Law::InertBeat => "an ordinary beat changed something",
        Law::ClaimRespected => "it serves although the client disabled itself",
        Law::Idempotent => "the same event once more changes it again",
        Law::ReleaseRestores => "it is not as if the order had never been",
    };
    alloc::format!("{promise} (after {event})")
}
