//! A living client overrules an operator, visibly: the order stays listed.

use alloc::string::String;

use super::common::{is_admitted, is_healthy};
use crate::{
    Claim, Configure, Event, Facts, Hold, Law, Manifest, Orders, Probe, StatePolicy, Traffic, Verdict, no_params,
};

/// The next beat or registration after an order brings the instance back into service.
#[derive(Clone, Copy, Debug, Default)]
pub struct HeartbeatWins;

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

/// Memo: nothing to remember.
const OBEYED: u8 = 0;
/// Memo: a sign of life came after the order.
const WON: u8 = 1;

impl StatePolicy for HeartbeatWins {
    fn manifest(&self) -> Manifest {
        Manifest {
            memo_size: 2,
            memo_layout: 1,
            reasons: REASONS.map(Into::into).into(),
            laws: [Law::Available, Law::Honest, Law::ClaimRespected, Law::Idempotent, Law::ReleaseRestores].into(),
            ..Manifest::new(
                "heartbeat-wins",
                "0.1.0",
                "A beat or a registration after an order overrules it; the order stays listed.",
            )
        }
    }

    fn decide(&self, facts: &Facts) -> Verdict {
        let memo = memo(facts);
        if !is_admitted(facts) {
            let reason = if facts.hold == Hold::Banned { BANNED } else { ABSENT };
            return verdict(false, false, Traffic::Refuse, memo, reason);
        }
        let healthy = is_healthy(facts);
        let (traffic, order) = match (facts.hold, facts.claim) {
            (Hold::Banned, _) => (Traffic::Refuse, BANNED),
            (_, Claim::Disabled) => (Traffic::Refuse, DISABLED),
            (Hold::None, _) => (Traffic::Serve, SERVES),
            _ if memo == WON => (Traffic::Serve, OVERRULED),
            (Hold::Drain, _) => (Traffic::Drain, DRAINED),
            (Hold::Offline, _) => (Traffic::Refuse, OFFLINE),
        };
        let reason = match (traffic, healthy) {
            (Traffic::Serve, false) if facts.probe == Probe::Failing => FAILING,
            (Traffic::Serve, false) => SILENT,
            _ => order,
        };
        verdict(true, healthy, traffic, memo, reason)
    }
}

/// A beat or registration wins over the orders that stand; the operator's next word is heard again.
fn memo(facts: &Facts) -> u8 {
    match facts.event {
        Event::Hold | Event::Release => OBEYED,
        _ if !matches!(facts.hold, Hold::Drain | Hold::Offline) => OBEYED,
        Event::Register | Event::Beat => WON,
        _ => facts.memo,
    }
}

fn verdict(present: bool, healthy: bool, traffic: Traffic, memo: u8, reason: u8) -> Verdict {
    Verdict { present, healthy, traffic, orders: Orders::Keep, memo, reason }
}

impl Configure for HeartbeatWins {
    fn configure(params: &[(String, String)]) -> Result<Self, String> {
        no_params(params).map(|()| HeartbeatWins)
    }
}
