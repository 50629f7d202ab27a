//! What a registry is opened with.

use std::sync::Arc;

use steadfast_policy::{
    Table,
    builtin::{self, AdminSticky, NAMES},
};

use crate::{InstallError, journal::Journal, limits, namespaces::NamespaceQuota, sync::in_process::OnceLock};

/// A policy, ready to be installed.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Its answers.
    pub table: Arc<Table>,
    /// What tells two policies apart: the digest of file and parameters, or `builtin:` and a name.
    pub digest: String,
}

impl Policy {
    /// A policy that came from outside.
    pub fn new(table: Arc<Table>, digest: impl Into<String>) -> Policy {
        Policy { table, digest: digest.into() }
    }

    /// A policy in native Rust, proven like any other.
    pub fn native(policy: &impl steadfast_policy::StatePolicy) -> Result<Policy, InstallError> {
        Policy::proven(Table::of(policy)?)
    }

    fn proven(table: Table) -> Result<Policy, InstallError> {
        steadfast_policy::law::prove(&table)?;
        let digest = format!("builtin:{}", table.manifest().name);
        Ok(Policy::new(Arc::new(table), digest))
    }

    /// A policy that is compiled in, with its default parameters; `None` for a name that is not in
    /// [`builtin::NAMES`](steadfast_policy::builtin::NAMES). Proven once in a process.
    pub fn builtin(name: &str) -> Option<Result<Policy, InstallError>> {
        static PROVEN: [OnceLock<Policy>; NAMES.len()] = [const { OnceLock::new() }; NAMES.len()];
        let at = NAMES.iter().position(|known| *known == name)?;
        if let Some(policy) = PROVEN[at].get() {
            return Some(Ok(policy.clone()));
        }
        let proven = builtin::table(name)?.map_err(InstallError::from).and_then(Policy::proven);
        Some(proven.map(|policy| PROVEN[at].get_or_init(|| policy).clone()))
    }

    /// The default: an operator's order stands until an operator ends it. Proven once in a process.
    pub fn admin_sticky() -> Policy {
        static PROVEN: OnceLock<Policy> = OnceLock::new();
        let prove = || Policy::native(&AdminSticky).unwrap_or_else(|error| unreachable!("a test proves it: {error}"));
        PROVEN.get_or_init(prove).clone()
    }

    /// The policy's name.
    pub fn name(&self) -> &str {
        &self.table.manifest().name
    }
}

/// What a registry is opened with.
#[derive(Clone, Debug)]
pub struct Options {
    /// The policy that decides until another one is installed.
    pub policy: Policy,
    /// How long an absent instance is remembered, in milliseconds; the policy's last absence threshold may be longer.
    /// Orders are kept regardless.
    pub retain_ms: u64,
    /// The longest step of registry time, in milliseconds: a host that was suspended extends every silence by what it
    /// missed instead of expiring everybody. 0 trusts the caller, for virtual time.
    pub max_step_ms: u64,
    /// Write what policies change (cleared orders, process keys) from `tick` instead of leaving it to
    /// [`Registry::flush`](crate::Registry::flush): for hosts without threads.
    pub flush_in_tick: bool,
    /// Most instances, remembered ones and waiting orders included; [`INSTANCES_MAX`](limits::INSTANCES_MAX) at most.
    /// When they are there, whoever is new is refused; beats, lookups and orders about the others go on.
    pub instances_max: usize,
    /// Most services; [`SERVICES_MAX`](limits::SERVICES_MAX) at most.
    pub services_max: usize,
    /// Most tombstones; [`TOMBSTONES_MAX`](limits::TOMBSTONES_MAX) at most. When they are there, who leaves is forgotten
    /// at once and counted; orders stay.
    pub tombstones_max: usize,
    /// How much each namespace may hold that is given no quota of its own
    /// ([`Registry::set_namespace_quota`](crate::Registry::set_namespace_quota)). What the store remembers comes back
    /// in any case.
    pub namespace_quota: NamespaceQuota,
    /// Hears every decision, for whoever asks later. `None`: nobody does.
    pub journal: Option<Arc<dyn Journal>>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            policy: Policy::admin_sticky(),
            retain_ms: 3_600_000,
            max_step_ms: 5_000,
            flush_in_tick: false,
            instances_max: limits::INSTANCES_MAX,
            services_max: limits::SERVICES_MAX,
            tombstones_max: limits::TOMBSTONES_MAX,
            namespace_quota: NamespaceQuota::default(),
            journal: None,
        }
    }
}

impl Options {
    pub(crate) fn validate(&self) -> Result<(), crate::OpenError> {
        if self.retain_ms > limits::RETAIN_MS_MAX {
            return Err(crate::OpenError::Retain { retain_ms: self.retain_ms });
        }
        let bounds = [
            ("instances_max", self.instances_max, limits::INSTANCES_MAX),
            ("services_max", self.services_max, limits::SERVICES_MAX),
            ("tombstones_max", self.tombstones_max, limits::TOMBSTONES_MAX),
        ];
        for (option, given, most) in bounds {
            if !(1..=most).contains(&given) {
                return Err(crate::OpenError::Bound { option, given, most });
            }
        }
        Ok(())
    }
}
