//! The shortest way to break a law, in words that an operator reads.

use alloc::{
    string::{String, ToString},
    vec::Vec,
};
use core::fmt;

use serde::Serialize;

use super::{Law, predicate};
use crate::{Facts, Table, Verdict};

/// One decision on the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Witness {
    /// What the policy was asked; `None` for a move it is not asked about.
    pub facts: Option<Facts>,
    /// What it answered.
    pub verdict: Option<Verdict>,
    /// Its reason, or what happened without asking it.
    pub text: String,
}

impl Witness {
    pub(super) fn new(table: &Table, facts: Facts, verdict: Verdict) -> Witness {
        let text = table.manifest().reason(verdict.reason).to_string();
        Witness { facts: Some(facts), verdict: Some(verdict), text }
    }

    pub(super) fn unasked(text: &str) -> Witness {
        Witness { facts: None, verdict: None, text: text.into() }
    }
}

/// Where a counterexample starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// An address nobody has mentioned.
    Empty,
    /// A state left behind by an earlier policy.
    LeftBehind,
    /// A single answer, whatever came before it.
    AnyState,
}

/// The shortest sequence of events that breaks a law.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Counterexample {
    /// Where it starts.
    pub origin: Origin,
    /// What happened, in order.
    pub steps: Vec<Witness>,
    /// What is wrong at the end of it.
    pub broken: String,
}

impl Counterexample {
    pub(super) fn new(law: Law, origin: Origin, steps: Vec<Witness>) -> Counterexample {
        let last = steps.iter().rev().find_map(|witness| witness.facts);
        let broken = last.map_or_else(String::new, |facts| predicate::broken_sentence(law, facts.event));
        Counterexample { origin, steps, broken }
    }
}

impl fmt::Display for Counterexample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.origin {
            Origin::Empty => "starting from an empty registry",
            Origin::LeftBehind => "starting from what an earlier policy left behind",
            Origin::AnyState => "in a single answer",
        })?;
        for (number, witness) in (1..).zip(&self.steps) {
            write!(f, "; {number}. ")?;
            match (&witness.facts, &witness.verdict) {
                (Some(facts), Some(verdict)) => write!(f, "{facts} => {verdict} ({})", witness.text)?,
                _ => f.write_str(&witness.text)?,
            }
        }
        if self.broken.is_empty() { Ok(()) } else { write!(f, "; {}", self.broken) }
    }
}
