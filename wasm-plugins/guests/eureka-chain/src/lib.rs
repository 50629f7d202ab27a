//! What Eureka does: a chain of rules in which the first match decides, and an override that dies with the lease.

use steadfast_policy_sdk::{
    Claim, Configure, Event, Facts, Hold, Law, Manifest, Orders, Probe, StatePolicy, Threshold, Traffic, Verdict,
    export, no_params,
};

/// A client's "not ready" beats the operator, the operator beats a client's "up", and whoever leaves takes the
/// operator's override along.
struct EurekaChain;

export!(EurekaChain);

/// A renewed lease of the default 90 s expires after twice that: each renewal counts from the end of the lease.
const LEASE_MS: u64 = 180_000;

/// What operators read. The numbers below count from 1 in this list.
const REASONS: [&str; 7] = [
    "the client is up",
    "the client is not ready, and that comes before any override",
    "an operator's override: drain",
    "an operator's override: out of service",
    "unknown since the operator removed the override, until the client shows up again",
    "the health check fails",
    "no lease: the client has to register again",
];
const UP: u8 = 1;
const NOT_READY: u8 = 2;
const DRAINED: u8 = 3;
const OUT_OF_SERVICE: u8 = 4;
const UNKNOWN: u8 = 5;
const FAILING: u8 = 6;
const NO_LEASE: u8 = 7;

/// Memo: the status is what the chain says.
const DECIDED: u8 = 0;
/// Memo: the override was removed, and with it the status.
const UNDECIDED: u8 = 1;

impl StatePolicy for EurekaChain {
    fn manifest(&self) -> Manifest {
        Manifest {
            silence: vec![Threshold { after_ms: LEASE_MS, override_key: None }],
            memo_size: 2,
            memo_layout: 1,
            reasons: REASONS.map(Into::into).into(),
            laws: vec![Law::Honest, Law::ClaimRespected, Law::Idempotent],
            ..Manifest::new(
                "eureka-chain",
                "0.1.0",
                "As Eureka: the first matching rule decides, and an order is lost when its lease ends.",
            )
        }
    }

    fn decide(&self, facts: &Facts) -> Verdict {
        if !has_lease(facts) {
            // Eviction and cancellation remove the override with the lease.
            let orders = if facts.present { Orders::Clear } else { Orders::Keep };
            let (traffic, memo, reason) = (Traffic::Refuse, DECIDED, NO_LEASE);
            return Verdict { present: false, healthy: false, traffic, orders, memo, reason };
        }
        let healthy = facts.silence_band() < 1 && facts.probe != Probe::Failing;
        let memo = memo(facts);
        let (traffic, reason) = match facts.hold {
            // "Down or starting" is the first rule of the chain, "override exists" the second. "Lease exists" finds
            // nothing to keep that the others would not give, and the last one believes the client.
            _ if facts.claim == Claim::Disabled => (Traffic::Refuse, NOT_READY),
            Hold::Offline | Hold::Banned => (Traffic::Refuse, OUT_OF_SERVICE),
            Hold::Drain => (Traffic::Drain, DRAINED),
            Hold::None if memo == UNDECIDED => (Traffic::Refuse, UNKNOWN),
            Hold::None if !healthy => (Traffic::Serve, FAILING),
            Hold::None => (Traffic::Serve, UP),
        };
        Verdict { present: true, healthy, traffic, orders: Orders::Keep, memo, reason }
    }
}

/// A renewal finds a lease or is told to register; it never makes one.
fn has_lease(facts: &Facts) -> bool {
    match facts.event {
        Event::Register => true,
        Event::Deregister | Event::Disconnect | Event::Remove => false,
        Event::Silence | Event::Swap => facts.present && facts.band < 1,
        _ => facts.present,
    }
}

/// Removing an override leaves "unknown" behind, which a renewal answers with "register again".
fn memo(facts: &Facts) -> u8 {
    match facts.event {
        _ if facts.hold != Hold::None => DECIDED,
        Event::Release => UNDECIDED,
        Event::Register | Event::Beat | Event::Claim => DECIDED,
        _ => facts.memo,
    }
}

impl Configure for EurekaChain {
    fn configure(params: &[(String, String)]) -> Result<Self, String> {
        no_params(params).map(|()| EurekaChain)
    }
}

#[cfg(test)]
mod tests;
