//! An order counts for a limited time: what nobody ended ends with the maintenance window.
//!
//! Within the window it is `admin-sticky`. The policy itself has no clock and needs none: the manifest says after how
//! long an order lapses, and the registry then releases it in the eyes of this policy.

use steadfast_policy_sdk::{
    Claim, Configure, Event, Facts, Hold, Law, Manifest, Orders, Probe, StatePolicy, Traffic, Verdict, export,
    only_duration_ms,
};

struct MaintenanceWindow {
    /// How long an order counts, in milliseconds.
    lapse_ms: u64,
}

export!(MaintenanceWindow);

const EIGHT_HOURS_MS: u64 = 8 * 60 * 60 * 1000;

/// What operators read. The numbers below count from 1 in this list.
const REASONS: [&str; 10] = [
    "in service",
    "drained by an operator until the maintenance window ends",
    "taken offline by an operator until the maintenance window ends",
    "banned by an operator until the maintenance window ends",
    "the client disabled itself",
    "silent for too long",
    "the health check fails",
    "the client left",
    "removed by an operator",
    "not registered",
];
const SERVES: u8 = 1;
const DRAINED: u8 = 2;
const OFFLINE: u8 = 3;
const BANNED: u8 = 4;
const DISABLED: u8 = 5;
const SILENT: u8 = 6;
const FAILING: u8 = 7;
const LEFT: u8 = 8;
const REMOVED: u8 = 9;
const ABSENT: u8 = 10;

impl Configure for MaintenanceWindow {
    fn configure(params: &[(String, String)]) -> Result<Self, String> {
        let lapse_ms = only_duration_ms(params, "lapse", EIGHT_HOURS_MS)?;
        Ok(MaintenanceWindow { lapse_ms })
    }
}

impl StatePolicy for MaintenanceWindow {
    fn manifest(&self) -> Manifest {
        Manifest {
            lapse_ms: Some(self.lapse_ms),
            reasons: REASONS.map(Into::into).into(),
            laws: vec![
                Law::Sticky,
                Law::StickyAddress,
                Law::Available,
                Law::Honest,
                Law::InertBeat,
                Law::ClaimRespected,
                Law::Idempotent,
                Law::ReleaseRestores,
            ],
            ..Manifest::new(
                "maintenance-window",
                "0.1.0",
                "An operator's order stands until an operator ends it or the maintenance window is over.",
            )
        }
    }

    fn decide(&self, facts: &Facts) -> Verdict {
        if present_after(facts) { present(facts) } else { absent(why_absent(facts)) }
    }
}

/// Registering and beating bring an instance in, unless it is banned; silence beyond the second threshold and leaving
/// take it out. Presence cannot begin at any other event: guard rails refuse a policy that tries.
fn present_after(facts: &Facts) -> bool {
    let banned = facts.hold == Hold::Banned;
    match facts.event {
        Event::Register => !banned,
        Event::Beat => facts.present || !banned,
        Event::Deregister | Event::Disconnect | Event::Remove => false,
        Event::Silence | Event::Swap => facts.present && facts.band < 2,
        _ => facts.present,
    }
}

/// Health is the client's and the health check's matter, traffic the operator's: one never hides the other.
fn present(facts: &Facts) -> Verdict {
    let failing = facts.probe == Probe::Failing;
    let healthy = facts.silence_band() == 0 && !failing;
    let (traffic, reason) = match facts.hold {
        Hold::Banned => (Traffic::Refuse, BANNED),
        Hold::Offline => (Traffic::Refuse, OFFLINE),
        _ if facts.claim == Claim::Disabled => (Traffic::Refuse, DISABLED),
        Hold::Drain => (Traffic::Drain, DRAINED),
        Hold::None if failing => (Traffic::Serve, FAILING),
        Hold::None if !healthy => (Traffic::Serve, SILENT),
        Hold::None => (Traffic::Serve, SERVES),
    };
    Verdict { present: true, healthy, traffic, orders: Orders::Keep, memo: 0, reason }
}

fn absent(reason: u8) -> Verdict {
    Verdict { present: false, healthy: false, traffic: Traffic::Refuse, orders: Orders::Keep, memo: 0, reason }
}

fn why_absent(facts: &Facts) -> u8 {
    match (facts.event, facts.hold) {
        (Event::Remove, _) => REMOVED,
        (Event::Deregister | Event::Disconnect, _) => LEFT,
        (_, Hold::Banned) => BANNED,
        (_, Hold::Offline) => OFFLINE,
        (_, Hold::Drain) => DRAINED,
        (_, Hold::None) if facts.present => SILENT,
        (_, Hold::None) => ABSENT,
    }
}

#[cfg(test)]
mod tests;
