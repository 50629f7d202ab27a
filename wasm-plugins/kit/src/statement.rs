//! The laws in one line each, as a policy author reads them.

use steadfast_policy::Law;

pub(crate) fn statement(law: Law) -> &'static str {
    match law {
        Law::Sticky => "while the same program shows up, traffic stays at least as restricted as the order",
        Law::StickyAddress => "whichever program shows up, traffic stays at least as restricted as the order",
        Law::NoInheritance => "another program at the address inherits no order",
        Law::Available => "whom neither order nor client refuses serves, and may always register",
        Law::Honest => "healthy means present, not silent for too long, and no failing check",
        Law::InertBeat => "a beat of an instance that is not silent changes nothing",
        Law::ClaimRespected => "a client that disabled itself never serves",
        Law::Idempotent => "the same event twice is the same as once",
        Law::ReleaseRestores => "an order that came and went leaves no trace",
    }
}
