//! What Nacos 2.x and 3.x do: the operator's word is a record of its own, beside the client's, and it expires.

use steadfast_policy_sdk::{
    Claim, Configure, Event, Facts, Hold, Law, Manifest, Orders, Probe, StatePolicy, Threshold, Traffic, Verdict,
    export, only_duration_ms,
};

/// Orders survive beats and registrations, and are forgotten once the instance has been absent for some time.
struct Nacos2x {
    /// How long an instance is absent until the operator's orders for it are forgotten, in milliseconds.
    forget_after_ms: u64,
}

export!(Nacos2x);

const FORGET_AFTER_MS: u64 = 60_000;

/// What operators read. The numbers below count from 1 in this list.
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
/// Memo: an online, or an edit of another field, left a record that says "enabled"; it expires with its instance.
const SAYS_ON: u8 = 1;
/// Memo: a beat rebuilt the client's record, and "disabled" got lost.
const LOST: u8 = 2;
/// Memo: the instance left while an order stood, and the order is marked to expire.
const MARKED: u8 = 3;

impl StatePolicy for Nacos2x {
    fn manifest(&self) -> Manifest {
        Manifest {
            absence: vec![Threshold { after_ms: self.forget_after_ms, override_key: None }],
            memo_size: 4,
            memo_layout: 1,
            reasons: REASONS.map(Into::into).into(),
            laws: vec![Law::Available, Law::Honest, Law::InertBeat, Law::Idempotent],
            ..Manifest::new(
                "nacos-2x",
                "0.1.0",
                "As Nacos 2.x: an order survives beats and registrations, and is forgotten some time after its instance left.",
            )
        }
    }

    fn decide(&self, facts: &Facts) -> Verdict {
        let forgets = forgets(facts);
        let (orders, memo) = if forgets { (Orders::Clear, PLAIN) } else { (Orders::Keep, memo(facts)) };
        if !is_alive(facts) {
            let reason = if forgets { FORGOTTEN } else { why_absent(facts.hold) };
            return Verdict { present: false, healthy: false, traffic: Traffic::Refuse, orders, memo, reason };
        }
        let healthy = facts.silence_band() == 0 && facts.probe != Probe::Failing;
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

/// Whether the client is there after the event: it came, has not left, is not silent beyond the second threshold.
fn is_alive(facts: &Facts) -> bool {
    match facts.event {
        Event::Register | Event::Beat => true,
        Event::Deregister | Event::Disconnect | Event::Remove => false,
        Event::Silence | Event::Swap => facts.present && facts.band < 2,
        _ => facts.present,
    }
}

/// Whether the record's mark has expired. What was written for an instance that had already left has none, and stays.
fn forgets(facts: &Facts) -> bool {
    let expires = matches!(facts.event, Event::Absence | Event::Swap) && facts.absence_band() > 0;
    expires && matches!(facts.memo, SAYS_ON | MARKED)
}

fn memo(facts: &Facts) -> u8 {
    let held = facts.hold != Hold::None;
    if !is_alive(facts) {
        // Leaving marks the record, if there is one; a later word of the operator is written into the marked record.
        let recorded = matches!(facts.memo, SAYS_ON | MARKED);
        return match held {
            true if facts.present || recorded => MARKED,
            false if recorded => SAYS_ON,
            _ => PLAIN,
        };
    }
    match facts.event {
        Event::Hold => PLAIN,
        // Online is written as "enabled", and so is any edit where the operator had not written anything before.
        Event::Release | Event::Overlay if !held => SAYS_ON,
        _ if facts.memo == SAYS_ON => SAYS_ON,
        // A full beat carries no "enabled", so the client's record is rebuilt with the default.
        Event::Beat if !facts.present && !held && facts.claim == Claim::Disabled => LOST,
        // Here the client says anew whether it wants traffic.
        Event::Register | Event::Claim => PLAIN,
        _ if facts.memo == LOST => LOST,
        _ => PLAIN,
    }
}

fn why_absent(hold: Hold) -> u8 {
    match hold {
        Hold::None => ABSENT,
        Hold::Drain => DRAINED,
        Hold::Offline | Hold::Banned => OFFLINE,
    }
}

impl Configure for Nacos2x {
    fn configure(params: &[(String, String)]) -> Result<Self, String> {
        let forget_after_ms = only_duration_ms(params, "forget-after", FORGET_AFTER_MS)?;
        Ok(Nacos2x { forget_after_ms })
    }
}

#[cfg(test)]
mod tests;
