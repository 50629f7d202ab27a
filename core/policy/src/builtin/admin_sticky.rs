//! An operator's order stands until an operator ends it.

use alloc::string::String;

use super::common::{is_admitted, is_healthy};
use crate::{
    Claim, Configure, Event, Facts, Hold, Law, Manifest, Orders, Probe, StatePolicy, Traffic, Verdict, no_params,
};

/// The default policy: no beat, registration, restart or silence ever undoes an order.
#[derive(Clone, Copy, Debug, Default)]
pub struct AdminSticky;

pub(super) const REASONS: [&str; 10] = [
    "in service",
    "drained by an operator",
    "taken offline by an operator",
    "banned by an operator",
    "the client disabled itself",
    "silent for too long",
    "the health check fails",
    "the client left",
    "removed by an operator",
    "not registered",
];
pub(super) const SERVES: u8 = 1;
const DRAINED: u8 = 2;
const OFFLINE: u8 = 3;
const BANNED: u8 = 4;
const DISABLED: u8 = 5;
const SILENT: u8 = 6;
const FAILING: u8 = 7;
const LEFT: u8 = 8;
const REMOVED: u8 = 9;
const ABSENT: u8 = 10;

impl StatePolicy for AdminSticky {
    fn manifest(&self) -> Manifest {
        Manifest {
            reasons: REASONS.map(Into::into).into(),
            laws: [
                Law::Sticky,
                Law::StickyAddress,
                Law::Available,
                Law::Honest,
                Law::InertBeat,
                Law::ClaimRespected,
                Law::Idempotent,
                Law::ReleaseRestores,
            ]
            .into(),
            ..Manifest::new(
                "admin-sticky",
                "0.1.0",
                "An operator's order stands until an operator ends it, whatever the client does.",
            )
        }
    }

    fn decide(&self, facts: &Facts) -> Verdict {
        if !is_admitted(facts) {
            return verdict(false, false, Traffic::Refuse, why_absent(facts));
        }
        let healthy = is_healthy(facts);
        let (traffic, order) = match (facts.hold, facts.claim) {
            (Hold::Banned, _) => (Traffic::Refuse, BANNED),
            (Hold::Offline, _) => (Traffic::Refuse, OFFLINE),
            (_, Claim::Disabled) => (Traffic::Refuse, DISABLED),
            (Hold::Drain, _) => (Traffic::Drain, DRAINED),
            (Hold::None, _) => (Traffic::Serve, SERVES),
        };
        let reason = match (order, healthy) {
            (SERVES, false) if facts.probe == Probe::Failing => FAILING,
            (SERVES, false) => SILENT,
            _ => order,
        };
        verdict(true, healthy, traffic, reason)
    }
}

fn why_absent(facts: &Facts) -> u8 {
    match (facts.event, facts.hold) {
        (Event::Remove, _) => REMOVED,
        (Event::Deregister | Event::Disconnect, _) => LEFT,
        (_, Hold::Banned) => BANNED,
        (_, Hold::Offline) => OFFLINE,
        (_, Hold::Drain) => DRAINED,
        _ if facts.present => SILENT,
        _ => ABSENT,
    }
}

fn verdict(present: bool, healthy: bool, traffic: Traffic, reason: u8) -> Verdict {
    Verdict { present, healthy, traffic, orders: Orders::Keep, memo: 0, reason }
}

impl Configure for AdminSticky {
    fn configure(params: &[(String, String)]) -> Result<Self, String> {
        no_params(params).map(|()| AdminSticky)
    }
}
