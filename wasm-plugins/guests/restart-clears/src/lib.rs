//! An order belongs to the program it was given to: another one starts without it.
//!
//! The same program keeps its order through beats, silence and registering again, as under `admin-sticky`.

use steadfast_policy_sdk::{
    Claim, Configure, Event, Facts, Hold, Law, Manifest, Orders, Probe, Process, StatePolicy, Traffic, Verdict, export,
    only_param,
};

struct RestartClears {
    /// Whether a program that names itself nowhere counts as another one.
    unknown_clears: bool,
}

export!(RestartClears);

/// What operators read. The numbers below count from 1 in this list.
const REASONS: [&str; 11] = [
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
    "in service: another program came, and the orders for the earlier one ended",
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
const CLEARED: u8 = 11;

impl Configure for RestartClears {
    fn configure(params: &[(String, String)]) -> Result<Self, String> {
        let unknown_clears = match only_param(params, "unknown")? {
            None | Some("clear") => true,
            Some("keep") => false,
            Some(other) => return Err(format!("parameter \"unknown\" is {other:?}; it takes \"clear\" or \"keep\"")),
        };
        Ok(RestartClears { unknown_clears })
    }
}

impl StatePolicy for RestartClears {
    fn manifest(&self) -> Manifest {
        Manifest {
            reasons: REASONS.map(Into::into).into(),
            laws: vec![
                Law::Sticky,
                Law::NoInheritance,
                Law::Available,
                Law::Honest,
                Law::InertBeat,
                Law::ClaimRespected,
                Law::Idempotent,
                Law::ReleaseRestores,
            ],
            ..Manifest::new(
                "restart-clears",
                "0.1.0",
                "An operator's order stands until an operator ends it or another program takes the address.",
            )
        }
    }

    fn decide(&self, facts: &Facts) -> Verdict {
        let orders = if self.is_another_program(facts) { Orders::Clear } else { Orders::Keep };
        // Cleared orders no longer count in the decision that clears them; a ban is one of them.
        let hold = if orders == Orders::Clear { Hold::None } else { facts.hold };
        if !present_after(facts, hold) {
            let reason = why_absent(facts, hold);
            return Verdict { present: false, healthy: false, traffic: Traffic::Refuse, orders, memo: 0, reason };
        }
        let healthy = facts.silence_band() == 0 && facts.probe != Probe::Failing;
        let (traffic, reason) = match hold {
            Hold::Banned => (Traffic::Refuse, BANNED),
            Hold::Offline => (Traffic::Refuse, OFFLINE),
            _ if facts.claim == Claim::Disabled => (Traffic::Refuse, DISABLED),
            Hold::Drain => (Traffic::Drain, DRAINED),
            Hold::None if facts.probe == Probe::Failing => (Traffic::Serve, FAILING),
            Hold::None if !healthy => (Traffic::Serve, SILENT),
            Hold::None if facts.hold != Hold::None => (Traffic::Serve, CLEARED),
            Hold::None => (Traffic::Serve, SERVES),
        };
        Verdict { present: true, healthy, traffic, orders, memo: 0, reason }
    }
}

impl RestartClears {
    /// Programs are compared when one registers or is found again after a restart; otherwise it is the same one.
    fn is_another_program(&self, facts: &Facts) -> bool {
        match facts.process {
            Process::Same => false,
            Process::Other => true,
            Process::Unknown => self.unknown_clears,
        }
    }
}

fn present_after(facts: &Facts, hold: Hold) -> bool {
    match facts.event {
        Event::Register => hold != Hold::Banned,
        Event::Beat => facts.present || hold != Hold::Banned,
        Event::Deregister | Event::Disconnect | Event::Remove => false,
        Event::Silence | Event::Swap => facts.present && facts.band < 2,
        _ => facts.present,
    }
}

fn why_absent(facts: &Facts, hold: Hold) -> u8 {
    match (facts.event, hold) {
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
