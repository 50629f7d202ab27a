//! One installed policy: a table in one scope, under an epoch of its own, and how often it gave which reason.

use std::sync::Arc;

use serde::Serialize;
use steadfast_policy::Table;

use crate::{
    counters::DecisionCount,
    options::Policy,
    route::Scope,
    sync::{AtomicU64, Ordering},
    thresholds::Thresholds,
};

/// A policy that decides.
#[derive(Debug)]
pub(crate) struct Installed {
    pub(crate) table: Arc<Table>,
    pub(crate) digest: String,
    pub(crate) epoch: u64,
    /// The scope of its route; `None` for the default.
    pub(crate) scope: Option<Scope>,
    /// For clients that override none of them.
    pub(crate) thresholds: Thresholds,
    since_ms: u64,
    /// Decisions by reason, from reason 1 on. Relaxed: they are statistics and order nothing.
    decisions: Box<[AtomicU64]>,
}

/// A policy that decides, for people who ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PolicyStatus {
    /// Its name.
    pub name: String,
    /// Its own version.
    pub version: String,
    /// One sentence about it.
    pub summary: String,
    /// Its digest.
    pub digest: String,
    /// The epoch that its decisions carry.
    pub epoch: u64,
    /// Wall time of the install, in milliseconds since 1970; 0 for the one the registry opened with.
    pub since_ms: u64,
    /// The laws that it claims; each was proven.
    pub laws: Vec<&'static str>,
    /// The scope of its route; `None` for the default, which decides wherever no route leads elsewhere.
    pub scope: Option<Scope>,
}

impl Installed {
    pub(crate) fn new(policy: Policy, scope: Option<Scope>, epoch: u64, since_ms: u64) -> Installed {
        let Policy { table, digest } = policy;
        let decisions = table.manifest().reasons.iter().map(|_| AtomicU64::new(0)).collect();
        let thresholds = Thresholds::declared(table.manifest());
        Installed { table, digest, epoch, scope, thresholds, since_ms, decisions }
    }

    /// Whether this policy is installed here.
    pub(crate) fn is(&self, policy: &Policy) -> bool {
        self.digest == policy.digest && self.table == policy.table
    }

    /// Whether another one answers everything alike, so that no service needs to move from the one to the other.
    pub(crate) fn answers_like(&self, other: &Installed) -> bool {
        self.digest == other.digest && self.table == other.table
    }

    /// Counts a decision.
    pub(crate) fn count(&self, reason: u8) {
        if let Some(count) = usize::from(reason).checked_sub(1).and_then(|at| self.decisions.get(at)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Its decisions, reason by reason.
    pub(crate) fn decisions(&self) -> impl Iterator<Item = DecisionCount> {
        let manifest = self.table.manifest();
        manifest.reasons.iter().zip(&self.decisions).map(|(reason, count)| DecisionCount {
            policy: manifest.name.clone(),
            digest: self.digest.clone(),
            epoch: self.epoch,
            scope: self.scope.clone(),
            reason: reason.clone(),
            count: count.load(Ordering::Relaxed),
        })
    }

    pub(crate) fn status(&self) -> PolicyStatus {
        let manifest = self.table.manifest();
        PolicyStatus {
            name: manifest.name.clone(),
            version: manifest.version.clone(),
            summary: manifest.summary.clone(),
            digest: self.digest.clone(),
            epoch: self.epoch,
            since_ms: self.since_ms,
            laws: manifest.laws.iter().map(|law| law.name()).collect(),
            scope: self.scope.clone(),
        }
    }
}
