//! The journal: each decision as it is made, for whoever asks later what happened, or what another policy would have
//! done.
//!
//! It is no part of what the registry knows. It is never read at a start, nobody waits for it, and what it loses is
//! lost to people only. That it loses something is told (module `outage`).

use std::{fmt, sync::Arc};

use serde::Serialize;
use steadfast_policy::{Event, Input, State, Step as Decision, Table, Verdict};

use crate::{
    name::{Address, ServiceName},
    provenance::Writer,
    route::Scope,
    session::Session,
    time::STEP_MS,
};

/// Takes down what a registry decides.
///
/// One journal belongs to one registry. Every method is called from any thread, [`Journal::record`] under the mutex of
/// the instance's service: an implementation copies what it wants and returns. It must neither wait nor panic, and what
/// it has no room for it drops.
pub trait Journal: Send + Sync + fmt::Debug {
    /// A registry opens; what it decides follows.
    fn opened(&self, opening: Opening);

    /// A decision. Those about one instance come in the order in which they were made.
    ///
    /// A beat that leaves a present instance as it was is none of them: most beats are of that kind, and most of those
    /// are never decided at all.
    fn record(&self, decided: &Decided<'_>);

    /// The registry was shut down. What comes later, from a call that was under way, may be dropped.
    fn closed(&self);

    /// How it goes. The registry asks at each tick, and tells operators of a failure and of its end.
    fn status(&self) -> JournalStatus {
        JournalStatus::default()
    }
}

/// What became of the decisions that a journal was given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct JournalStatus {
    /// Decisions that were written.
    pub written: u64,
    /// Decisions that found no room or a disk that failed.
    pub lost: u64,
    /// The failure that is not over: what, where, why, and what to do.
    pub failure: Option<String>,
}

/// The start of a registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Counts the starts on this store, from 1.
    pub boot: u64,
    /// [`Options::retain_ms`](crate::Options::retain_ms).
    pub retain_ms: u64,
}

/// One decision, with all that is needed to make it again, or to have another policy make it.
#[derive(Clone, Copy, Debug)]
pub struct Decided<'a> {
    /// The service.
    pub service: &'a ServiceName,
    /// The instance in it.
    pub address: &'a Address,
    /// Registry time of the decision, in milliseconds since the registry opened. That of a crossing is its own deadline,
    /// which may be earlier than the tick that delivers it.
    pub time_ms: u64,
    /// Wall time of the last tick, in milliseconds since 1970.
    pub wall_ms: u64,
    /// Since the last beat, or since the instance left, in milliseconds of registry time. Exact at silence, absence and
    /// swap; at other events a beat that comes at the same time may be missed.
    pub elapsed_ms: u64,
    /// The state before.
    pub before: State,
    /// The event, before it was folded.
    pub input: Input,
    /// The answer.
    pub verdict: Verdict,
    /// Whether own holds or overlays stood when the policy was asked.
    pub ordered: bool,
    /// Who caused it: `client`, `clock`, `probe`, `restart`, `install`, `lapse`, or an operator.
    pub writer: &'a str,
    /// Who answered.
    pub policy: PolicyInForce<'a>,
}

/// The policy behind a decision.
#[derive(Clone, Copy, Debug)]
pub struct PolicyInForce<'a> {
    /// The epoch: one installed table in one scope.
    pub epoch: u64,
    /// Its answers.
    pub table: &'a Arc<Table>,
    /// What tells it from others.
    pub digest: &'a str,
    /// The scope of its route; `None` for the default.
    pub scope: Option<&'a Scope>,
}

impl Session<'_> {
    /// Takes down a decision. Called before anything follows from it, so that clock and orders are still those that it
    /// was made on.
    pub(crate) fn journal(&self, slot: u32, before: &State, input: Input, decision: &Decision, writer: Writer<'_>) {
        let Some(journal) = &self.inner.journal else { return };
        let Some(instance) = self.instance(slot) else { return };
        if input.event() == Event::Beat && before.present && decision.next == *before {
            return;
        }
        let policy = &self.look().policy;
        let elapsed = self.inner.slots.gate(slot).map_or(0, |gate| self.now.saturating_sub(gate.last_beat()));
        journal.record(&Decided {
            service: &self.service.name().to_name(),
            address: &self.address(slot),
            time_ms: u64::from(self.now) * STEP_MS,
            wall_ms: self.inner.wall_ms(),
            elapsed_ms: u64::from(elapsed) * STEP_MS,
            before: *before,
            input,
            verdict: decision.verdict,
            ordered: instance.has_orders(),
            writer: writer.text(),
            policy: PolicyInForce {
                epoch: policy.epoch,
                table: &policy.table,
                digest: &policy.digest,
                scope: policy.scope.as_ref(),
            },
        });
    }
}
