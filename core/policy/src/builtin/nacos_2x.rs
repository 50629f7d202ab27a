//! What Nacos 2.x and 3.x do: the operator's word is a record of its own, beside the client's, and it expires.

use alloc::string::String;

use super::common::{is_alive, is_healthy, only_duration_ms};
use crate::{
    Claim, Configure, Event, Facts, Hold, Law, Manifest, Orders, Probe, StatePolicy, Threshold, Traffic, Verdict,
};

/// Orders survive beats and registrations, and are forgotten once the instance has been absent for some time.
#[derive(Clone, Copy, Debug)]
pub struct Nacos2x {
    /// How long an instance is absent until the operator's orders for it are forgotten, in milliseconds.
    pub forget_after_ms: u64,
}

const FORGET_AFTER_MS: u64 = 60_000;

const REASONS: [&str; 10] = [
    "in service",
    "in service: the operator's word hides that the client disabled itself",
    "in service: rebuilt from a beat, which cannot say that the client disabled itself",
    "drained by an operator",
    "taken offline by an operator",
    "the client disabled itself",
    "silent for too long",
    "the health check fails",
    "not registered",
    "absent for so long that the operator's orders are forgotten",
];
const SERVES: u8 = 1;
const HIDDEN: u8 = 2;
const REBUILT: u8 = 3;
const DRAINED: u8 = 4;
const OFFLINE: u8 = 5;
const DISABLED: u8 = 6;
const SILENT: u8 = 7;
const FAILING: u8 = 8;
const ABSENT: u8 = 9;
const FORGOTTEN: u8 = 10;

/// Memo: nothing but the orders that stand and the client's last word.
const PLAIN: u8 = 0;
/// Memo: a record of the operator's stands that says "enabled", left by an online or by an edit of another field.
const SAYS_ON: u8 = 1;
/// Memo: a beat rebuilt the client's record, and "disabled" got lost.
const LOST: u8 = 2;

impl StatePolicy for Nacos2x {
    fn manifest(&self) -> Manifest {
        Manifest {
            absence: [Threshold { after_ms: self.forget_after_ms, override_key: None }].into(),
            memo_size: 3,
            memo_layout: 1,
            reasons: REASONS.map(Into::into).into(),
            laws: [Law::Available, Law::Honest, Law::InertBeat, Law::Idempotent].into(),
            ..Manifest::new(
                "nacos-2x",
                "0.1.0",
                "As Nacos 2.x: an order survives beats and registrations, and is forgotten some time after its instance left.",
            )
        }
    }

    fn decide(&self, facts: &Facts) -> Verdict {
        // The only absence threshold there is.
        let orders = if facts.event == Event::Absence { Orders::Clear } else { Orders::Keep };
        let memo = memo(facts);
        if !is_alive(facts) {
            let reason = why_absent(facts);
            return Verdict { present: false, healthy: false, traffic: Traffic::Refuse, orders, memo, reason };
        }
        let healthy = is_healthy(facts);
        let disabled = facts.claim == Claim::Disabled;
        let (traffic, order) = match facts.hold {
            Hold::Offline | Hold::Banned => (Traffic::Refuse, OFFLINE),
            _ if disabled && memo == PLAIN => (Traffic::Refuse, DISABLED),
            Hold::Drain => (Traffic::Drain, DRAINED),
            Hold::None if disabled && memo == SAYS_ON => (Traffic::Serve, HIDDEN),
            Hold::None if disabled => (Traffic::Serve, REBUILT),
            Hold::None => (Traffic::Serve, SERVES),
        };
        let reason = match (order, healthy) {
            (SERVES, false) if facts.probe == Probe::Failing => FAILING,
            (SERVES, false) => SILENT,
            _ => order,
        };
        Verdict { present: true, healthy, traffic, orders, memo, reason }
    }
}

/// Which records stand after the event, as far as holds and claim do not say it.
fn memo(facts: &Facts) -> u8 {
    let held = facts.hold != Hold::None;
    match facts.event {
        Event::Hold | Event::Absence => PLAIN,
        // Online is written as "enabled", and so is any edit where the operator had not written anything before.
        Event::Release | Event::Overlay if !held && facts.present => SAYS_ON,
        _ if facts.memo == SAYS_ON => SAYS_ON,
        // A full beat carries no "enabled", so the client's record is rebuilt with the default.
        Event::Beat if !facts.present && !held && facts.claim == Claim::Disabled => LOST,
        // Here the client says anew whether it wants traffic.
        Event::Register | Event::Claim => PLAIN,
        _ if is_alive(facts) && facts.present => facts.memo,
        _ => PLAIN,
    }
}

fn why_absent(facts: &Facts) -> u8 {
    match (facts.event, facts.hold) {
        (Event::Absence, _) => FORGOTTEN,
        (_, Hold::None) => ABSENT,
        (_, Hold::Drain) => DRAINED,
        (_, Hold::Offline | Hold::Banned) => OFFLINE,
    }
}

impl Default for Nacos2x {
    fn default() -> Nacos2x {
        Nacos2x { forget_after_ms: FORGET_AFTER_MS }
    }
}

impl Configure for Nacos2x {
    fn configure(params: &[(String, String)]) -> Result<Self, String> {
        let forget_after_ms = only_duration_ms(params, "forget-after", FORGET_AFTER_MS)?;
        Ok(Nacos2x { forget_after_ms })
    }
}
