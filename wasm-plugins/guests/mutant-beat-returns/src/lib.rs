//! `admin-sticky` with one fault: a beat brings an offline instance back. It claims to be sticky all the same, so no
//! registry loads it.

use steadfast_policy_sdk::{
    Claim, Configure, Event, Facts, Hold, Manifest, StatePolicy, Traffic, Verdict, builtin::AdminSticky, export,
    no_params,
};

struct BeatReturns;

export!(BeatReturns);

impl Configure for BeatReturns {
    fn configure(params: &[(String, String)]) -> Result<Self, String> {
        no_params(params).map(|()| BeatReturns)
    }
}

impl StatePolicy for BeatReturns {
    fn manifest(&self) -> Manifest {
        Manifest { name: "mutant-beat-returns".into(), ..AdminSticky.manifest() }
    }

    fn decide(&self, facts: &Facts) -> Verdict {
        let verdict = AdminSticky.decide(facts);
        let wanted = verdict.present && facts.claim != Claim::Disabled;
        if facts.event == Event::Beat && facts.hold == Hold::Offline && wanted {
            return Verdict { traffic: Traffic::Serve, ..verdict };
        }
        verdict
    }
}
