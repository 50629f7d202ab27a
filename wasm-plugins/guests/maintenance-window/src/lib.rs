//! An order counts for a limited time: what nobody ended ends with the maintenance window.
//!
//! Within the window it is `admin-sticky`. The policy itself has no clock and needs none: the manifest says after how
//! long an order lapses, and the registry then releases it in the eyes of this policy.

use steadfast_policy_sdk::{
    Claim, Configure, DURATION_MS_MAX, Event, Facts, Hold, Law, Manifest, Orders, Probe, StatePolicy, THRESHOLD_MS_MIN,
    Traffic, Verdict, export,
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
        let wrong =
            || format!("the only parameter is \"lapse\", in milliseconds from {THRESHOLD_MS_MIN} to {DURATION_MS_MAX}");
        let lapse_ms = match params {
            [] => EIGHT_HOURS_MS,
            [(name, value)] if name == "lapse" => value.parse().map_err(|_| wrong())?,
            _ => return Err(wrong()),
        };
        let bounds = THRESHOLD_MS_MIN..=DURATION_MS_MAX;
        if bounds.contains(&lapse_ms) { Ok(MaintenanceWindow { lapse_ms }) } else { Err(wrong()) }
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
mod tests {
    use steadfast_policy_sdk::{Table, builtin, law};

    use super::*;

    #[test]
    fn keeps_its_laws_and_equals_the_built_in_twin() {
        for params in [vec![], vec![("lapse".into(), "60000".into())]] {
            let table = Table::of(&MaintenanceWindow::configure(&params).unwrap()).expect("within the guard rails");
            law::prove(&table).expect("keeps the laws it claims");
            let twin = builtin::MaintenanceWindow::configure(&params).unwrap();
            assert_eq!(Table::of(&twin), Ok(table), "{params:?}");
        }
    }

    #[test]
    fn a_parameter_it_cannot_use_is_refused() {
        for (name, value) in [("lapse", "soon"), ("lapse", "999"), ("lapses", "60000")] {
            let refusal = MaintenanceWindow::configure(&[(name.into(), value.into())]).err().expect("it is wrong");
            assert!(refusal.contains("milliseconds"), "{refusal}");
        }
    }
}
