//! Events and changes in words that an operator reads.

use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};

use super::{Change, moves::Move};
use crate::{Event, Hold, Input, Process, Traffic};

/// The event of a move, and the duration of a timed one.
pub(super) fn event(taken: Move) -> (Event, Option<u64>) {
    match taken {
        Move::Inputs(input, _) => (input.event(), None),
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
        Move::Inputs(input, _) => input_words(input),
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
        Input::Hold(hold) => format!("an operator orders {hold}"),
        Input::Release(Hold::None) => "the operator releases the order".into(),
        Input::Release(rest) => format!("an operator releases an order, {rest} remains"),
        Input::Overlay { .. } => "an operator overlays a field".into(),
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

/// When a difference shows.
pub(super) fn when(taken: Move) -> String {
    match taken {
        Move::Silence(_) | Move::Absence(_) => format!("after {}", happened(taken)),
        _ => format!("when {}", happened(taken)),
    }
}

/// What is answered differently.
pub(super) fn what_changes(taken: Move, changes: &[Change]) -> String {
    let lapses = matches!(taken, Move::Lapse(_));
    let what = changes.iter().map(|one| if lapses { lapse(*one) } else { change(*one) });
    what.collect::<Vec<_>>().join(", ")
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
