//! A sign of life after an order overrules it; the order stays listed.
//!
//! This is what several registries do by accident. Here it is a choice, and a visible one: the hold is kept and shown
//! as overruled, so the next policy that is installed finds it and can obey it again.

use steadfast_policy_sdk::{
    Claim, Configure, Event, Facts, Hold, Law, Manifest, Orders, Probe, StatePolicy, Traffic, Verdict, export,
    no_params,
};

struct HeartbeatWins;

export!(HeartbeatWins);

/// What operators read. The numbers below count from 1 in this list.
const REASONS: [&str; 9] = [
    "in service",
    "in service: a sign of life overruled the operator's order",
    "drained by an operator until the next sign of life",
    "taken offline by an operator until the next sign of life",
    "banned by an operator",
    "the client disabled itself",
    "silent for too long",
    "the health check fails",
    "not registered",
];
const SERVES: u8 = 1;
const OVERRULED: u8 = 2;
const DRAINED: u8 = 3;
const OFFLINE: u8 = 4;
const BANNED: u8 = 5;
const DISABLED: u8 = 6;
const SILENT: u8 = 7;
const FAILING: u8 = 8;
const ABSENT: u8 = 9;

/// Memo: the orders that stand are obeyed.
const OBEYED: u8 = 0;
/// Memo: a sign of life came after them.
const WON: u8 = 1;

impl Configure for HeartbeatWins {
    fn configure(params: &[(String, String)]) -> Result<Self, String> {
        no_params(params).map(|()| HeartbeatWins)
    }
}

impl StatePolicy for HeartbeatWins {
    fn manifest(&self) -> Manifest {
        Manifest {
            // A policy has no memory but the memo: two values are enough to know who spoke last.
            memo_size: 2,
            memo_layout: 1,
            reasons: REASONS.map(Into::into).into(),
            laws: vec![Law::Available, Law::Honest, Law::ClaimRespected, Law::Idempotent, Law::ReleaseRestores],
            ..Manifest::new(
                "heartbeat-wins",
                "0.1.0",
                "A beat or a registration after an order overrules it; the order stays listed.",
            )
        }
    }

    fn decide(&self, facts: &Facts) -> Verdict {
        let memo = who_spoke_last(facts);
        if present_after(facts) { present(facts, memo) } else { absent(facts, memo) }
    }
}

/// A beat or registration wins over a drain or offline that stands; any word of the operator counts again. A ban is
/// not an order about traffic, and nothing overrules it.
fn who_spoke_last(facts: &Facts) -> u8 {
    let overrulable = matches!(facts.hold, Hold::Drain | Hold::Offline);
    match facts.event {
        Event::Hold | Event::Release => OBEYED,
        Event::Register | Event::Beat if overrulable => WON,
        _ if overrulable => facts.memo,
        _ => OBEYED,
    }
}

/// Registering and beating bring an instance in, unless it is banned; silence beyond the second threshold and leaving
/// take it out.
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

fn present(facts: &Facts, memo: u8) -> Verdict {
    let failing = facts.probe == Probe::Failing;
    let healthy = facts.silence_band() == 0 && !failing;
    let (traffic, order) = match facts.hold {
        Hold::Banned => (Traffic::Refuse, BANNED),
        _ if facts.claim == Claim::Disabled => (Traffic::Refuse, DISABLED),
        Hold::None => (Traffic::Serve, SERVES),
        _ if memo == WON => (Traffic::Serve, OVERRULED),
        Hold::Drain => (Traffic::Drain, DRAINED),
        Hold::Offline => (Traffic::Refuse, OFFLINE),
    };
    // Where no order keeps traffic away, what is wrong with the instance itself is the better reason.
    let reason = match traffic {
        Traffic::Serve if failing => FAILING,
        Traffic::Serve if !healthy => SILENT,
        _ => order,
    };
    Verdict { present: true, healthy, traffic, orders: Orders::Keep, memo, reason }
}

fn absent(facts: &Facts, memo: u8) -> Verdict {
    let reason = if facts.hold == Hold::Banned { BANNED } else { ABSENT };
    Verdict { present: false, healthy: false, traffic: Traffic::Refuse, orders: Orders::Keep, memo, reason }
}

#[cfg(test)]
mod tests;
