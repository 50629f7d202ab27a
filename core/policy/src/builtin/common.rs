//! What several of these policies do alike: the liveness side, and parameters.

use alloc::{format, string::String};

use crate::{DURATION_MS_MAX, Event, Facts, Hold, Probe, THRESHOLD_MS_MIN};

/// Whether the client is there after the event: it came or beat, has not left, and is not silent beyond the second
/// threshold. A tombstone is enough to come back by a beat; it remembers what was last known.
pub(super) fn is_alive(facts: &Facts) -> bool {
    match facts.event {
        Event::Register | Event::Beat => true,
        Event::Deregister | Event::Disconnect | Event::Remove => false,
        Event::Silence | Event::Swap => facts.present && facts.band < 2,
        _ => facts.present,
    }
}

/// The same, where a ban keeps out who comes.
pub(super) fn is_admitted(facts: &Facts) -> bool {
    let comes = facts.event == Event::Register || (facts.event == Event::Beat && !facts.present);
    is_alive(facts) && !(comes && facts.hold == Hold::Banned)
}

/// Whether an instance that is present after the event is healthy: it has crossed no silence threshold, and no check
/// fails.
pub(super) fn is_healthy(facts: &Facts) -> bool {
    facts.silence_band() < 1 && facts.probe != Probe::Failing
}

/// The value of the only parameter that a policy has; `None` when it is not given.
pub(super) fn only_param<'a>(params: &'a [(String, String)], name: &str) -> Result<Option<&'a str>, String> {
    match params {
        [] => Ok(None),
        [(given, value)] if given == name => Ok(Some(value)),
        _ => Err(match params.iter().find(|(given, _)| given != name) {
            Some((other, _)) => format!("unknown parameter {other:?}: this policy has only {name:?}"),
            None => format!("parameter {name:?} is given more than once"),
        }),
    }
}

/// The same for a duration in milliseconds, as long as a threshold may be.
pub(super) fn only_duration_ms(params: &[(String, String)], name: &str, default_ms: u64) -> Result<u64, String> {
    let Some(value) = only_param(params, name)? else { return Ok(default_ms) };
    let bounds = THRESHOLD_MS_MIN..=DURATION_MS_MAX;
    value.parse().ok().filter(|duration_ms| bounds.contains(duration_ms)).ok_or_else(|| {
        format!("parameter {name:?} is {value:?}; it takes milliseconds, from {THRESHOLD_MS_MIN} to {DURATION_MS_MAX}")
    })
}
