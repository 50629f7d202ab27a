//! What Nacos 1.4 does: one record for the client's word and the operator's, and the last writer has it.

use steadfast_policy_sdk::{
    Claim, Configure, Event, Facts, Hold, Law, Manifest, Orders, Probe, StatePolicy, Traffic, Verdict, export,
    no_params,
};

/// An order lasts until the record is written anew: by a registration, a client's update, a beat after an absence.
struct Nacos14;

export!(Nacos14);

/// What operators read. The numbers below count from 1 in this list.
const REASONS: [&str; 10] = [
    "in service",
    "in service: the client wrote its record anew, and the operator's order was in it",
    "in service: rebuilt from a beat, which cannot say that it was off",
    "in service: the operator's word replaced the client's own refusal",
    "drained by an operator until the record is written anew",
    "taken offline by an operator until the record is written anew",
    "the client disabled itself",
    "silent for too long",
    "the health check fails",
    "not registered",
];
const SERVES: u8 = 1;
const REWRITTEN: u8 = 2;
const REBUILT: u8 = 3;
const OVERRIDDEN: u8 = 4;
const DRAINED: u8 = 5;
const OFFLINE: u8 = 6;
const DISABLED: u8 = 7;
const SILENT: u8 = 8;
const FAILING: u8 = 9;
const ABSENT: u8 = 10;

/// Memo: the record says what the orders that stand and the client's last word say.
const PLAIN: u8 = 0;
/// Memo: an operator's online has replaced the client's own refusal.
const OPERATORS: u8 = 1;
/// Memo: a beat has rebuilt the record, without the client's own refusal.
const BEATS: u8 = 2;

impl StatePolicy for Nacos14 {
    fn manifest(&self) -> Manifest {
        Manifest {
            memo_size: 3,
            memo_layout: 1,
            reasons: REASONS.map(Into::into).into(),
            laws: vec![Law::Available, Law::Honest, Law::InertBeat, Law::Idempotent],
            ..Manifest::new(
                "nacos-1-4",
                "0.1.0",
                "As Nacos 1.4: an order lasts until the client registers again or comes back from an absence.",
            )
        }
    }

    fn decide(&self, facts: &Facts) -> Verdict {
        let rewrites = is_rewritten(facts);
        let orders = if rewrites { Orders::Clear } else { Orders::Keep };
        let hold = if rewrites { Hold::None } else { facts.hold };
        if !is_alive(facts) {
            let reason = order_reason(hold).unwrap_or(ABSENT);
            return Verdict { present: false, healthy: false, traffic: Traffic::Refuse, orders, memo: PLAIN, reason };
        }
        let healthy = facts.silence_band() == 0 && facts.probe != Probe::Failing;
        let memo = memo(facts, hold);
        let refuses_itself = facts.claim == Claim::Disabled && memo == PLAIN;
        let (traffic, reason) = match hold {
            Hold::Offline | Hold::Banned => (Traffic::Refuse, OFFLINE),
            _ if refuses_itself => (Traffic::Refuse, DISABLED),
            Hold::Drain => (Traffic::Drain, DRAINED),
            Hold::None => (Traffic::Serve, why_serving(facts, healthy, memo)),
        };
        Verdict { present: true, healthy, traffic, orders, memo, reason }
    }
}

/// Whether the client is there after the event: it came or beat, has not left, and is not silent beyond the second
/// threshold.
fn is_alive(facts: &Facts) -> bool {
    match facts.event {
        Event::Register | Event::Beat => true,
        Event::Deregister | Event::Disconnect | Event::Remove => false,
        Event::Silence | Event::Swap => facts.present && facts.band < 2,
        _ => facts.present,
    }
}

/// Whether the record is written anew, or gone: there is no place where an order could survive that.
fn is_rewritten(facts: &Facts) -> bool {
    match facts.event {
        Event::Register | Event::Claim => true,
        Event::Beat => !facts.present,
        _ => facts.present && !is_alive(facts),
    }
}

/// Who wrote "enabled" over the client's own refusal, if anybody did.
fn memo(facts: &Facts, hold: Hold) -> u8 {
    if facts.claim != Claim::Disabled || hold != Hold::None {
        return PLAIN;
    }
    match facts.event {
        Event::Register | Event::Claim => PLAIN,
        Event::Release => OPERATORS,
        // A full beat carries no "enabled", so the record is rebuilt with the default.
        Event::Beat if !facts.present => BEATS,
        _ => facts.memo,
    }
}

fn why_serving(facts: &Facts, healthy: bool, memo: u8) -> u8 {
    match memo {
        OPERATORS => OVERRIDDEN,
        BEATS => REBUILT,
        _ if facts.probe == Probe::Failing => FAILING,
        _ if !healthy => SILENT,
        _ if facts.hold == Hold::None => SERVES,
        _ if facts.event == Event::Beat => REBUILT,
        _ => REWRITTEN,
    }
}

fn order_reason(hold: Hold) -> Option<u8> {
    match hold {
        Hold::None => None,
        Hold::Drain => Some(DRAINED),
        Hold::Offline | Hold::Banned => Some(OFFLINE),
    }
}

impl Configure for Nacos14 {
    fn configure(params: &[(String, String)]) -> Result<Self, String> {
        no_params(params).map(|()| Nacos14)
    }
}

#[cfg(test)]
mod tests;
