//! Events and changes in words that an operator reads.

use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};

use super::{Change, Circumstances, moves::Move};
use crate::{Claim, Event, Hold, Input, Probe, Process, Traffic};

/// The event of a move, and the duration of a timed one.
pub(super) fn event(taken: Move) -> (Event, Option<u64>) {
    match taken {
        Move::Input(input) => (input.event(), None),
        Move::Silence(after_ms) => (Event::Silence, Some(after_ms)),
        Move::Absence(after_ms) => (Event::Absence, Some(after_ms)),
        Move::Lapse(after_ms) => (Event::Release, Some(after_ms)),
        // Nobody is asked, so nothing can differ for the first time here.
        Move::Forget | Move::Restart => (Event::Recover, None),
    }
}

/// What happened, as a step of a history.
pub(super) fn happened(taken: Move) -> String {
    match taken {
        Move::Input(input) => input_words(input),
        Move::Silence(after_ms) => format!("{} of silence", duration(after_ms)),
        Move::Absence(after_ms) => format!("{} of absence", duration(after_ms)),
        Move::Lapse(after_ms) => format!("the order is {} old", duration(after_ms)),
        Move::Forget => "its tombstone is dropped".into(),
        Move::Restart => "the registry restarts".into(),
    }
}

fn input_words(input: Input) -> String {
    match input {
        Input::Register { enabled, process, ephemeral, .. } => {
            let kind = if ephemeral { "registers" } else { "registers as persistent" };
            let who = match process {
                Process::Same => "the client",
                Process::Other => "another process",
                Process::Unknown => "a client that names no process",
            };
            format!("{who} {kind}{}", readiness(enabled))
        }
        Input::Beat => "a beat comes".into(),
        Input::Claim { enabled, .. } => format!("the client updates itself{}", readiness(enabled)),
        Input::Deregister => "the client deregisters".into(),
        Input::Disconnect => "its connection closes".into(),
        Input::Hold(Hold::Banned) => "an operator bans it".into(),
        Input::Hold(Hold::Drain) => "an operator drains it".into(),
        Input::Hold(Hold::Offline | Hold::None) => "an operator takes it offline".into(),
        Input::Release(Hold::None) => "the operator releases the order".into(),
        Input::Release(rest) => format!("an operator releases an order, {rest} remains"),
        Input::Overlay { .. } => "an operator overlays a field (weight or metadata)".into(),
        Input::Probe(probe) => format!("a health check reports {probe}"),
        Input::Recover(_) => "the registry restarts".into(),
        Input::Silence(_) | Input::Absence(_) | Input::Swap { .. } | Input::Remove => match input.event() {
            Event::Remove => "an operator removes the instance".into(),
            other => other.to_string(),
        },
    }
}

fn readiness(enabled: Option<bool>) -> &'static str {
    match enabled {
        None => "",
        Some(true) => ", enabled",
        Some(false) => ", disabled",
    }
}

/// When a difference shows: the event, and what is true of all histories that lead to it.
pub(super) fn when(taken: Move, circumstances: &Circumstances, changes: &[Change]) -> String {
    let event = match taken {
        Move::Silence(_) | Move::Absence(_) => format!("after {}", happened(taken)),
        Move::Input(input) => format!("when {}", any_such(input, circumstances)),
        Move::Lapse(_) | Move::Forget | Move::Restart => format!("when {}", happened(taken)),
    };
    let conditions: Vec<String> = match taken {
        // What remains after a release is said by the event.
        Move::Lapse(_) | Move::Input(Input::Hold(_) | Input::Release(_)) => [None, of_itself(taken, circumstances)],
        _ => [order(circumstances, changes), of_itself(taken, circumstances)],
    }
    .into_iter()
    .flatten()
    .collect();
    if conditions.is_empty() { event } else { format!("{event}, while {}", conditions.join(" and ")) }
}

/// The event of a whole group: nothing that only some of its histories have in common.
fn any_such(input: Input, circumstances: &Circumstances) -> String {
    let Circumstances { holds, probes, processes, .. } = circumstances;
    match input {
        Input::Register { .. } => {
            let who = match processes.as_slice() {
                [Process::Same] => "the same process",
                [Process::Other] => "another process",
                [Process::Unknown] => "a client that names no process",
                [Process::Other, Process::Unknown] => "another process, or a client that names none,",
                _ => "the client",
            };
            format!("{who} registers{}", said(circumstances))
        }
        Input::Claim { .. } => format!("the client updates itself{}", said(circumstances)),
        Input::Hold(_) if holds.len() > 1 => "an operator places an order".into(),
        Input::Release(_) if holds.len() > 1 => "an operator releases an order".into(),
        Input::Probe(_) if probes.len() > 1 => "a health check comes in".into(),
        other => input_words(other),
    }
}

/// What the client says in all of these.
fn said(circumstances: &Circumstances) -> &'static str {
    match circumstances.claims.as_slice() {
        [Claim::Enabled] => readiness(Some(true)),
        [Claim::Disabled] => readiness(Some(false)),
        _ => "",
    }
}

/// Which orders stand in these, if one does in all of them. That there is one is no news where the change itself speaks
/// of "the order".
fn order(circumstances: &Circumstances, changes: &[Change]) -> Option<String> {
    let spoken_of = changes.iter().any(|change| matches!(change, Change::Orders { .. }));
    match circumstances.holds.as_slice() {
        holds if holds.contains(&Hold::None) => None,
        [one] => Some(ordered(*one).into()),
        [one, other] => Some(format!("{} or {}", ordered(*one), ordered(*other))),
        _ if spoken_of => None,
        _ => Some("an order stands".into()),
    }
}

fn ordered(hold: Hold) -> &'static str {
    match hold {
        Hold::None => "under no order",
        Hold::Drain => "ordered to drain",
        Hold::Offline => "ordered offline",
        Hold::Banned => "banned",
    }
}

/// What of the instance's own state is the same in all of these, where the event does not say it.
fn of_itself(taken: Move, circumstances: &Circumstances) -> Option<String> {
    let says_it = matches!(taken, Move::Input(Input::Register { .. } | Input::Claim { .. }));
    let probed = matches!(taken, Move::Input(Input::Probe(_)));
    match (circumstances.claims.as_slice(), circumstances.probes.as_slice()) {
        ([Claim::Disabled], _) if !says_it => Some("disabled by its client".into()),
        (_, [Probe::Failing]) if !probed => Some("its health check fails".into()),
        _ => None,
    }
}

/// What is answered differently about somebody who was present before, or was not.
pub(super) fn what_changes(taken: Move, present: bool, changes: &[Change]) -> String {
    let words = |one: &Change| match (taken, *one) {
        (Move::Lapse(_), one) => lapse(one),
        (_, Change::Present { old, new }) => {
            let outcome = |there| outcome(taken, present, there);
            format!("{} (was: {})", outcome(new), outcome(old))
        }
        (_, one) => change(one),
    };
    changes.iter().map(words).collect::<Vec<_>>().join(", ")
}

fn outcome(taken: Move, before: bool, there: bool) -> &'static str {
    let registers = matches!(taken, Move::Input(Input::Register { .. }));
    match (registers, before, there) {
        (true, _, true) => "is let in",
        (true, _, false) => "is not let in",
        (false, true, true) => "stays",
        (false, true, false) => "leaves",
        (false, false, true) => "comes back",
        (false, false, false) => "stays away",
    }
}

pub(super) fn change(change: Change) -> String {
    match change {
        Change::Present { old, new } => format!("{} (was: {})", presence(new), presence(old)),
        Change::Healthy { old, new } => format!("{} (was: {})", health(new), health(old)),
        Change::Traffic { old, new } => format!("{} (was: {})", traffic(new), traffic(old)),
        Change::Orders { new: Hold::None, .. } => "forgets the order (was: keeps it)".into(),
        Change::Orders { old: Hold::None, .. } => "keeps the order (was: forgets it)".into(),
        Change::Orders { old, new } => format!("keeps the order {new} (was: {old})"),
    }
}

/// A hold that lapses is not forgotten.
fn lapse(one: Change) -> String {
    match one {
        Change::Orders { new: Hold::None, .. } => "the order stops counting (was: it counts)".into(),
        Change::Orders { .. } => "the order goes on counting (was: it stops)".into(),
        other => change(other),
    }
}

fn presence(present: bool) -> &'static str {
    if present { "the instance is there" } else { "the instance is not there" }
}

fn health(healthy: bool) -> &'static str {
    if healthy { "healthy" } else { "unhealthy" }
}

fn traffic(traffic: Traffic) -> &'static str {
    match traffic {
        Traffic::Serve => "serves",
        Traffic::Drain => "drains",
        Traffic::Refuse => "refuses traffic",
    }
}

/// A duration as people say it.
fn duration(ms: u64) -> String {
    const UNITS: [(u64, &str); 4] = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s")];
    // Up to two minutes, seconds are how these thresholds are written everywhere.
    let unit =
        UNITS.iter().find(|(unit_ms, _)| ms.is_multiple_of(*unit_ms) && ms / unit_ms > u64::from(*unit_ms == 60_000));
    unit.map_or_else(|| format!("{ms} ms"), |(unit_ms, name)| format!("{} {name}", ms / unit_ms))
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn durations_are_said_as_people_do() {
        let said = [1_500, 15_000, 60_000, 120_000, 90_000, 3_600_000, 86_400_000].map(duration);
        assert_eq!(said, ["1500 ms", "15 s", "60 s", "2 min", "90 s", "1 h", "1 d"]);
    }
}
