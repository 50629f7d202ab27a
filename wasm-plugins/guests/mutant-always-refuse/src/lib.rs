//! `admin-sticky` with one fault: it refuses everybody. That is sticky beyond doubt, and useless: the law `available`
//! is there so that a policy cannot keep its promises by doing nothing.

use steadfast_policy_sdk::{
    Configure, Facts, Manifest, StatePolicy, Traffic, Verdict, builtin::AdminSticky, export, no_params,
};

struct AlwaysRefuse;

export!(AlwaysRefuse);

impl Configure for AlwaysRefuse {
    fn configure(params: &[(String, String)]) -> Result<Self, String> {
        no_params(params).map(|()| AlwaysRefuse)
    }
}

impl StatePolicy for AlwaysRefuse {
    fn manifest(&self) -> Manifest {
        Manifest { name: "mutant-always-refuse".into(), ..AdminSticky.manifest() }
    }

    fn decide(&self, facts: &Facts) -> Verdict {
        Verdict { traffic: Traffic::Refuse, ..AdminSticky.decide(facts) }
    }
}
