//! Installing a policy: every service moves once, under its mutex; beats and lookups do not wait.

use std::sync::Arc;

use serde::Serialize;
use steadfast_policy::{
    Input,
    diff::{self, Diff},
};

use crate::{
    barrier,
    error::InstallError,
    instance::Thresholds,
    options::Policy,
    registry::{Inner, Registry},
    service::Installed,
    session::Session,
};

/// What an install did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct InstallReport {
    /// The policy's name.
    pub name: String,
    /// Its digest.
    pub digest: String,
    /// The epoch that its decisions carry.
    pub epoch: u64,
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

/// The policy that decides now.
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
}

impl Registry {
    /// Installs a policy. Returns when the last service has moved: every beat and every order that starts later is
    /// decided by it. Installs of several threads take turns. Installing what is installed does nothing.
    pub fn install(&self, policy: Policy) -> Result<InstallReport, InstallError> {
        let inner = &self.inner;
        inner.check_open()?;
        let _serial = inner.installing.lock();
        let before = Arc::clone(&inner.installed.lock());
        let Some(next) = inner.replace_installed(policy) else {
            let Installed { table, digest, epoch, .. } = &**inner.installed.lock();
            let (name, digest, epoch) = (table.manifest().name.clone(), digest.clone(), *epoch);
            return Ok(InstallReport { name, digest, epoch, unchanged: true, ..InstallReport::default() });
        };
        let mut report = InstallReport {
            name: next.table.manifest().name.clone(),
            digest: next.digest.clone(),
            epoch: next.epoch,
            diff: diff::compare(&before.table, &next.table).ok(),
            ..InstallReport::default()
        };
        for index in 0..inner.service_count() {
            inner.move_service(index, &next, &mut report);
        }
        inner.announce_install(&report);
        Ok(report)
    }

    /// The policy that decides now.
    pub fn policy(&self) -> PolicyStatus {
        let installed = Arc::clone(&self.inner.installed.lock());
        let manifest = installed.table.manifest();
        PolicyStatus {
            name: manifest.name.clone(),
            version: manifest.version.clone(),
            summary: manifest.summary.clone(),
            digest: installed.digest.clone(),
            epoch: installed.epoch,
            since_ms: installed.since_ms,
            laws: manifest.laws.iter().map(|law| law.name()).collect(),
        }
    }
}

impl std::fmt::Display for InstallReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { name, digest, epoch, services, instances, changed, left, .. } = self;
        write!(f, "{name} ({digest}) decides from epoch {epoch} on: {services} services, {instances} instances, ")?;
        write!(f, "{changed} changed, {left} left")?;
        match &self.diff {
            Some(diff) => write!(f, "; {} differences from {}", diff.differences.len(), diff.old),
            None => f.write_str("; too large to compare with the one before"),
        }
    }
}

impl Inner {
    /// Makes a policy the one that new services take; `None` when it already is.
    fn replace_installed(&self, policy: Policy) -> Option<Arc<Installed>> {
        let mut installed = self.installed.lock();
        if installed.digest == policy.digest && installed.table == policy.table {
            return None;
        }
        let (table, digest) = (policy.table, policy.digest);
        *installed = Arc::new(Installed { table, digest, epoch: installed.epoch + 1, since_ms: self.wall_ms() });
        Some(Arc::clone(&installed))
    }

    /// Moves a service that was created while a policy was being installed.
    pub(crate) fn catch_up(&self, index: u32) {
        let installed = Arc::clone(&self.installed.lock());
        self.move_service(index, &installed, &mut InstallReport::default());
    }

    fn move_service(&self, index: u32, policy: &Arc<Installed>, report: &mut InstallReport) {
        let Ok(service) = self.service_at(index) else { return };
        let Ok(mut session) = Session::open(self, service) else { return };
        if session.look().policy.epoch < policy.epoch {
            report.services += 1;
            session.swap(policy, report);
        }
        session.finish();
    }
}

impl Session<'_> {
    /// Sets the table and decides every instance and tombstone again.
    ///
    /// The gates are shut and one barrier runs before any silence is measured, as in expiry: a beat that was
    /// acknowledged under the old table counts under the new one.
    fn swap(&mut self, policy: &Arc<Installed>, report: &mut InstallReport) {
        let (old, new) = (self.look().policy.table.manifest(), policy.table.manifest());
        let keeps_memo = old.name == new.name && old.memo_layout == new.memo_layout;
        let memo_size = new.memo_size;
        self.entry().policy = Arc::clone(policy);
        let mut slots: Vec<u32> = self.look().instances.keys().copied().collect();
        slots.sort_unstable();
        for slot in &slots {
            self.inner.set_open(*slot, false);
        }
        barrier::heavy();
        for slot in slots {
            let memo = |memo: u8| if keeps_memo && memo < memo_size { memo } else { 0 };
            self.swap_instance(slot, memo, report);
        }
    }

    fn swap_instance(&mut self, slot: u32, memo: impl Fn(u8) -> u8, report: &mut InstallReport) {
        let (class, lapse) = (self.reclassify(slot), self.lapse());
        self.schedule_ends(slot);
        let Some(instance) = self.entry().instances.get_mut(&slot) else { return };
        let before = instance.state;
        // What has lapsed under the one policy may count under the other.
        instance.state.hold = lapse.strongest(instance);
        let lives_by_beats = instance.lives_by_beats();
        let thresholds = instance.thresholds.clone();
        if !before.present && !before.remembered {
            // Orders that wait for somebody: nothing is here that a policy could decide about.
            return self.refresh(slot);
        }
        report.instances += 1;
        let elapsed = self.inner.slots.gate(slot).map_or(0, |gate| self.now.saturating_sub(gate.last_beat()));
        let band = match (before.present, lives_by_beats) {
            (true, true) => Thresholds::band(&thresholds.silence, elapsed),
            (true, false) => 0,
            (false, _) => Thresholds::band(&thresholds.absence, elapsed),
        };
        let input = Input::Swap { band, class, memo: memo(before.memo) };
        let Some(decision) = self.decide(slot, input, "install") else { return };
        if before.present {
            let next = decision.next;
            let changed = (next.present, next.healthy, next.traffic) != (true, before.healthy, before.traffic);
            report.changed += u64::from(changed);
            report.left += u64::from(!next.present);
        }
    }
}
