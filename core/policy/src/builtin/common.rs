//! What several of these policies do alike: the liveness side.

use crate::{Event, Facts, Hold, Probe};

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
