//! What a replay found.

use serde::Serialize;
use steadfast_core::{
    Address, ServiceName,
    policy::{Event, Hold, State, Traffic, diff::Change},
};

use crate::journal::Skipped;

/// Everything that a replay found.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Replay {
    /// Decisions that were replayed.
    pub decisions: u64,
    /// Instances that they are about.
    pub instances: u64,
    /// Decisions after which the other policy would have answered differently, crossings of its own included.
    pub differing: u64,
    /// Instances of which at least one decision would have differed.
    pub differing_instances: u64,
    /// Differences by event and by what changes, most frequent first.
    pub groups: Vec<Group>,
    /// The first differences that were found, in order of their time; as many as were asked for.
    pub listed: Vec<Difference>,
    /// The policies that decided.
    pub recorded: Vec<ReplayedPolicy>,
    /// Starts of the registry.
    pub boots: u64,
    /// Wall time of the first decision, in milliseconds since 1970.
    pub from_wall_ms: u64,
    /// Wall time of the last one.
    pub to_wall_ms: u64,
    /// Decisions that are missing in the journal, as far as it knows.
    pub lost: u64,
    /// Parts of the journal that cannot be read.
    pub unreadable: u64,
    /// The first of them.
    pub skipped: Vec<Skipped>,
    /// Times at which an instance was met in the middle of its life, because its past is missing; it was taken over as by
    /// an install.
    pub taken_over: u64,
    /// Decisions about instances beyond the bound of a replay.
    pub untracked: u64,
    /// Decisions that were checked against the recorded policy itself, where it is at hand.
    pub checked: u64,
    /// Decisions that the recorded policy does not make: the journal is not of this policy, or not whole.
    pub contradicted: u64,
    /// What of the other policy this recording cannot show, in sentences.
    pub notes: Vec<String>,
}

/// A policy that decided, as a journal knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReplayedPolicy {
    /// Its name.
    pub name: String,
    /// Its own version.
    pub version: String,
    /// Its digest.
    pub digest: String,
    /// The epoch of its decisions.
    pub epoch: u64,
    /// The names of its scope; none for the default.
    pub scope: Vec<String>,
    /// How many decisions it made.
    pub decisions: u64,
    /// Whether the policy itself was at hand, so that its decisions were checked.
    pub at_hand: bool,
}

/// Differences of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Group {
    /// At which event.
    pub event: Event,
    /// What is answered differently.
    pub changes: Vec<Change>,
    /// The same in words.
    pub text: String,
    /// Decisions at which this began.
    pub began: u64,
    /// Decisions at which it merely went on.
    pub went_on: u64,
    /// The first one.
    pub example: Difference,
}

/// One decision that would have differed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Wall time, in milliseconds since 1970.
    pub wall_ms: u64,
    /// The start of the registry.
    pub boot: u64,
    /// Registry time since that start, in milliseconds.
    pub time_ms: u64,
    /// The service.
    pub service: ServiceName,
    /// The instance.
    pub address: Address,
    /// What happened.
    pub event: Event,
    /// Who caused it.
    pub writer: String,
    /// Whether the event is in the journal; otherwise it is a threshold that only the other policy has.
    pub is_recorded: bool,
    /// Whether it differed in the same way already.
    pub goes_on: bool,
    /// What was answered.
    pub was: Answer,
    /// What would have been answered.
    pub would_be: Answer,
}

/// What whoever asks is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// Whether the instance is there.
    pub present: bool,
    /// The liveness answer.
    pub healthy: bool,
    /// The order's answer.
    pub traffic: Traffic,
    /// The strongest own hold that stands.
    pub hold: Hold,
    /// The policy's reason.
    pub reason: String,
}

impl Answer {
    pub(super) fn new(state: &State, reason: &str) -> Answer {
        let State { present, healthy, traffic, hold, .. } = *state;
        Answer { present, healthy, traffic, hold, reason: reason.to_owned() }
    }
}
