//! Laws: promises of a policy that are proven when it is loaded.
//!
//! A law is a small predicate. Static laws look at single entries of the table; the others look at every state that
//! any sequence of events can reach, found by running the registry's own [`step`](crate::step). A law that does not
//! hold is refused with the shortest sequence of events that breaks it.

mod counterexample;
mod ghost;
mod inputs;
mod predicate;
mod restores;
mod survey;
mod survey_pairs;
mod walk;

use alloc::{boxed::Box, string::String, vec::Vec};

pub use counterexample::{Counterexample, Origin, Witness};

use crate::{Table, facts::small_enum};

small_enum! {
    /// A law that a policy can claim.
    Law {
        /// While only the same program shows up after an order, traffic is at least as strong as the order.
        Sticky = 0 "sticky",
        /// The same, whichever program shows up.
        StickyAddress = 1 "sticky-address",
        /// Another program inherits no order.
        NoInheritance = 2 "no-inheritance",
        /// Without an order and without the client's own refusal, a present instance serves, and a registration makes
        /// it present.
        Available = 3 "available",
        /// Healthy means present, not silent for too long, and no failing check.
        Honest = 4 "honest",
        /// A beat of an instance that is not silent changes nothing.
        InertBeat = 5 "inert-beat",
        /// A client that disabled itself never serves.
        ClaimRespected = 6 "claim-respected",
        /// The same event twice is the same as once.
        Idempotent = 7 "idempotent",
        /// An order that came and went leaves no trace; after a ban, once the client has registered again.
        ReleaseRestores = 8 "release-restores",
    }
}

impl Law {
    /// The law of a name.
    pub fn from_name(name: &str) -> Option<Law> {
        Law::ALL.iter().copied().find(|law| law.name() == name)
    }

    /// Whether it speaks of single answers, not of histories.
    fn is_static(self) -> bool {
        matches!(self, Law::NoInheritance | Law::Honest | Law::ClaimRespected)
    }

    /// All names, for error messages.
    pub fn names() -> String {
        Law::ALL.iter().map(|law| law.name()).collect::<Vec<_>>().join(", ")
    }
}

/// What a proof has looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Proof {
    /// Reachable states, ghosts included.
    pub states: usize,
    /// Steps taken from them.
    pub steps: usize,
}

/// Why a policy is refused.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LawError {
    /// A claimed law does not hold.
    #[error("law {law} does not hold: {counterexample}")]
    Broken {
        /// The law.
        law: Law,
        /// The shortest way to break it.
        counterexample: Box<Counterexample>,
    },
    /// The graph is larger than [`STATES_MAX`].
    #[error("too large to prove: more than {STATES_MAX} states; declare fewer memo values, classes or thresholds")]
    TooLarge,
}

/// Most states, and most pairs of runs for `release-restores`, that a proof visits.
pub const STATES_MAX: usize = 2_000_000;

/// Proves every law that the table's manifest claims.
pub fn prove(table: &Table) -> Result<Proof, LawError> {
    prove_all(table, &table.manifest().laws)
}

/// Proves the given laws, claimed or not.
pub fn prove_all(table: &Table, laws: &[Law]) -> Result<Proof, LawError> {
    prove_telling(table, laws, &mut |_| {})
}

/// The same, and tells of each law as soon as it is proven: first those about single answers, then those about
/// histories, which one walk proves together.
pub fn prove_telling(table: &Table, laws: &[Law], proven: &mut dyn FnMut(Law)) -> Result<Proof, LawError> {
    let all_hold = predicate::all_hold_singly(table, laws);
    for law in laws.iter().copied().filter(|law| law.is_static()) {
        if !all_hold {
            predicate::hold_singly(table, law)?;
        }
        proven(law);
    }
    prove_histories(table, laws, STATES_MAX, proven)
}

/// A survey is quick and can only say yes; what it doubts is for the walk, which keeps histories, to judge and to tell.
fn prove_histories(
    table: &Table,
    laws: &[Law],
    states_max: usize,
    proven: &mut dyn FnMut(Law),
) -> Result<Proof, LawError> {
    let mut told = Vec::new();
    let mut tell = |law| {
        if !told.contains(&law) {
            told.push(law);
            proven(law);
        }
    };
    match survey::prove(table, laws, states_max, &mut tell) {
        Ok(proof) => Ok(proof),
        Err(survey::Doubt) => walk::prove(table, laws, states_max, &mut tell),
    }
}
