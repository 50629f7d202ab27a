//! What a change of policies did: one report for each pair of policies between which services moved.

use std::{collections::BTreeMap, fmt, sync::Arc};

use serde::Serialize;
use steadfast_policy::diff::{self, Diff};

use crate::{installed::Installed, limits::SCOPES_PER_REPORT_MAX, route::Scope};

/// What moving services from one policy to another did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct InstallReport {
    /// The policy's name.
    pub name: String,
    /// Its digest.
    pub digest: String,
    /// The name of the policy that decided before.
    pub from: String,
    /// The epoch that its decisions carry; the newest where several scopes have it.
    pub epoch: u64,
    /// Where it decides now, in the order of the epochs, up to
    /// [`SCOPES_PER_REPORT_MAX`](crate::limits::SCOPES_PER_REPORT_MAX) scopes.
    pub scopes: Vec<ScopeReport>,
    /// Further scopes that are not in the list.
    pub scopes_omitted: u64,
    /// Services that moved.
    pub services: u64,
    /// Instances and tombstones that were decided again.
    pub instances: u64,
    /// Present instances whose health, traffic or presence changed.
    pub changed: u64,
    /// Present instances that left.
    pub left: u64,
    /// The same policy was installed already; nothing happened.
    pub unchanged: bool,
    /// Every first difference from the policy before it; `None` when the two are too large to compare.
    pub diff: Option<Diff>,
}

/// The part of a report that is about one scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScopeReport {
    /// The scope; `None` for the default, which decides wherever no route leads elsewhere.
    pub scope: Option<Scope>,
    /// The epoch of the policy there.
    pub epoch: u64,
    /// Services of it that moved.
    pub services: u64,
}

/// What a change of the routes did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RouteReport {
    /// Routes that stand now.
    pub routes: u64,
    /// The same routes stood already; nothing happened.
    pub unchanged: bool,
    /// One report for each pair of policies between which services moved. A route whose services are still to come is
    /// in none of them.
    pub moves: Vec<InstallReport>,
}

/// What one visit, or several, did.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) services: u64,
    pub(crate) instances: u64,
    pub(crate) changed: u64,
    pub(crate) left: u64,
}

/// Everything that moved in one change, by the epochs between which it did.
#[derive(Default)]
pub(crate) struct Moves(BTreeMap<(u64, u64), Move>);

struct Move {
    from: Arc<Installed>,
    to: Arc<Installed>,
    tally: Tally,
}

impl Moves {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn between(&mut self, from: &Arc<Installed>, to: &Arc<Installed>) -> &mut Tally {
        let moved = || Move { from: Arc::clone(from), to: Arc::clone(to), tally: Tally::default() };
        &mut self.0.entry((from.epoch, to.epoch)).or_insert_with(moved).tally
    }

    /// One report for each pair of policies, whatever the number of scopes.
    pub(crate) fn into_reports(self) -> Vec<InstallReport> {
        let mut reports: BTreeMap<(String, String), InstallReport> = BTreeMap::new();
        for Move { from, to, tally } in self.0.into_values() {
            let pair = (from.digest.clone(), to.digest.clone());
            let report = reports.entry(pair).or_insert_with(|| InstallReport::between(&from, &to));
            report.add(&to, tally);
        }
        let mut reports: Vec<InstallReport> = reports.into_values().map(InstallReport::bounded).collect();
        reports.sort_by_key(|report| report.epoch);
        reports
    }

    /// All of it as one install. A service that was created meanwhile may come from a policy of an install before.
    pub(crate) fn into_install(self, from: &Arc<Installed>, to: &Arc<Installed>) -> InstallReport {
        let mut report = InstallReport::between(from, to);
        report.add(to, Tally::default());
        for moved in self.0.into_values() {
            report.add(&moved.to, moved.tally);
        }
        report
    }
}

impl InstallReport {
    pub(crate) fn unchanged(installed: &Installed) -> InstallReport {
        let name = installed.table.manifest().name.clone();
        let (from, digest, epoch) = (name.clone(), installed.digest.clone(), installed.epoch);
        InstallReport { name, digest, from, epoch, unchanged: true, ..InstallReport::default() }
    }

    fn between(from: &Installed, to: &Installed) -> InstallReport {
        InstallReport {
            name: to.table.manifest().name.clone(),
            digest: to.digest.clone(),
            from: from.table.manifest().name.clone(),
            diff: diff::compare(&from.table, &to.table).ok(),
            ..InstallReport::default()
        }
    }

    fn bounded(mut self) -> InstallReport {
        self.scopes_omitted = self.scopes.len().saturating_sub(SCOPES_PER_REPORT_MAX) as u64;
        self.scopes.truncate(SCOPES_PER_REPORT_MAX);
        self
    }

    fn add(&mut self, to: &Installed, tally: Tally) {
        let Tally { services, instances, changed, left } = tally;
        self.services += services;
        self.instances += instances;
        self.changed += changed;
        self.left += left;
        self.epoch = self.epoch.max(to.epoch);
        match self.scopes.binary_search_by_key(&to.epoch, |scope| scope.epoch) {
            Ok(at) => self.scopes[at].services += services,
            Err(at) => {
                let scope = to.scope.clone();
                self.scopes.insert(at, ScopeReport { scope, epoch: to.epoch, services });
            }
        }
    }
}

impl fmt::Display for InstallReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, digest, from, epoch, scopes, scopes_omitted, services, instances, changed, left, .. } = self;
        write!(f, "{name} ({digest}) decides ")?;
        match scopes.as_slice() {
            [ScopeReport { scope: Some(scope), .. }] => write!(f, "for {scope} ")?,
            [] | [_] => {}
            several => write!(f, "for {} scopes ", several.len() as u64 + scopes_omitted)?,
        }
        write!(f, "from epoch {epoch} on: {services} services, {instances} instances, {changed} changed, {left} left")?;
        match &self.diff {
            Some(diff) => write!(f, "; {} differences from {from}", diff.differences.len()),
            None => write!(f, "; too large to compare with {from}, the one before"),
        }
    }
}

impl fmt::Display for RouteReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let services: u64 = self.moves.iter().map(|moved| moved.services).sum();
        match self.routes {
            0 => write!(f, "no routes: the default policy decides everywhere; ")?,
            1 => write!(f, "1 route; ")?,
            routes => write!(f, "{routes} routes; ")?,
        }
        write!(f, "services moved to another policy: {services}")
    }
}
