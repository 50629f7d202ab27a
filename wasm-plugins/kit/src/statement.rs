//! The laws in one line each; docs/LAWS.md says more.

use steadfast_policy::Law;

pub(crate) fn statement(law: Law) -> &'static str {
    match law {
        Law::Sticky => "while no other program shows up, traffic is at least as strong as the order",
        Law::StickyAddress => "whichever program shows up, traffic is at least as strong as the order",
        Law::NoInheritance => "another program inherits no order",
        Law::Available => "whom neither an order nor the client itself refuses serves, and can register",
        Law::Honest => "healthy means present, not silent for too long, and no failing check",
        Law::InertBeat => "a beat of a present instance that is not silent changes nothing",
        Law::ClaimRespected => "a client that disabled itself never serves",
        Law::Idempotent => "the same event twice is the same as once",
        Law::ReleaseRestores => "an order that came and went leaves no trace",
    }
}
