//! What a policy would do differently: every first difference, found by walking two policies in lock-step.
//!
//! Both see the same events from an empty registry. Where their visible answers (present, healthy, traffic, orders
//! kept) agree, the walk goes on; where they differ for the first time, that is a difference, with the shortest history
//! that leads to it. Durations are compared on the union of both policies' thresholds, classes on every pair, because
//! their selectors may cut the same instances differently. Nothing is sampled.
//!
//! A metadata key that overrides a threshold is assumed to move the same threshold of both policies.

mod circumstances;
mod moves;
#[cfg(test)]
mod naive;
mod pairs;
mod walk;
mod words;

use alloc::{string::String, vec::Vec};

use serde::Serialize;

pub use circumstances::Circumstances;

use crate::{Event, Hold, State, Table, Traffic};

/// Every first difference between two policies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// The policy that decides now.
    pub old: String,
    /// The policy that would decide.
    pub new: String,
    /// First differences, grouped by event and by what changes; the shortest story first within an event.
    pub differences: Vec<Difference>,
    /// Pairs of states in which both were compared.
    pub pairs: usize,
}

/// A group of first differences: one event, one kind of change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// At which event.
    pub event: Event,
    /// For silence, absence and an order that lapses (a release), after how long, in milliseconds.
    pub after_ms: Option<u64>,
    /// What is answered differently.
    pub changes: Vec<Change>,
    /// What was asked wherever it shows: with less than this it does not.
    pub circumstances: Circumstances,
    /// In words that an operator reads.
    pub text: String,
    /// How many pairs of states lead here.
    pub occurrences: usize,
    /// The shortest history that leads here, in words, the event itself included.
    pub history: Vec<String>,
}

/// One answer that changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "field", rename_all = "kebab-case")]
pub enum Change {
    /// Whether the instance is there.
    Present {
        /// Under the policy that decides now.
        old: bool,
        /// Under the other one.
        new: bool,
    },
    /// The liveness answer.
    Healthy {
        /// Under the policy that decides now.
        old: bool,
        /// Under the other one.
        new: bool,
    },
    /// The order's answer.
    Traffic {
        /// Under the policy that decides now.
        old: Traffic,
        /// Under the other one.
        new: Traffic,
    },
    /// The strongest own hold that is kept.
    Orders {
        /// Under the policy that decides now.
        old: Hold,
        /// Under the other one.
        new: Hold,
    },
}

/// Most pairs of states that a comparison visits; an install waits for it, so it is kept short.
pub const PAIRS_MAX: usize = 250_000;

/// Why two policies cannot be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too large to compare: more than {PAIRS_MAX} pairs of states")]
pub struct TooLarge;

/// Compares two policies.
pub fn compare(old: &Table, new: &Table) -> Result<Diff, TooLarge> {
    walk::compare(old, new, PAIRS_MAX)
}

/// What two policies answer differently when the one has led to `old` and the other to `new`.
pub fn changes(old: &State, new: &State) -> Vec<Change> {
    walk::changes(old, new)
}

impl core::fmt::Display for Change {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&words::change(*self))
    }
}

impl Diff {
    /// Whether both give the same visible answers, whatever happens.
    pub fn is_empty(&self) -> bool {
        self.differences.is_empty()
    }
}

impl core::fmt::Display for Diff {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Diff { old, new, differences, .. } = self;
        if differences.is_empty() {
            return write!(f, "{new} answers like {old}, whatever happens");
        }
        write!(f, "{new}, compared with {old}:")?;
        for difference in differences {
            write!(f, "\n- {}\n  for example: {}", difference.text, difference.history.join("; "))?;
        }
        Ok(())
    }
}
