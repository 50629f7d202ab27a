//! The options of C, read and checked.

use std::path::PathBuf;

use steadfast_core::NamespaceQuota;

use crate::{
    args::Caller,
    codes::STEADFAST_E_OPTION,
    failure::Failure,
    read::{fields, unknown_value, zero},
    registry::Opening,
    storage::{self, Keeping},
    types::{
        Options, Quota, STEADFAST_JOURNAL_AUTO, STEADFAST_JOURNAL_OFF, STEADFAST_JOURNAL_ON, STEADFAST_QUOTA_INSTANCES,
        STEADFAST_QUOTA_SERVICES, STEADFAST_THREADS_NONE, STEADFAST_THREADS_OWN, Text,
    },
};

const DEFAULT_POLICY: &str = "admin-sticky";

impl Caller {
    pub(crate) fn opening(&self, options: *const Options) -> Result<Opening, Failure> {
        let options = self.structure(options, "options")?;
        zero(options.reserved, "options.reserved")?;
        let host_ticks = match options.threads {
            STEADFAST_THREADS_OWN => false,
            STEADFAST_THREADS_NONE => true,
            other => return Err(unknown_value(other, "options.threads")),
        };
        let policies_folder = self.folder(options.policies_folder, "options.policies_folder")?;
        if host_ticks && policies_folder.is_some() {
            return Err(Failure::new(
                STEADFAST_E_OPTION,
                "a policies folder is watched by a thread; let the registry have threads, or install policies by \
                 steadfast_policy_install",
            ));
        }
        let policy = self.text(options.policy, "options.policy")?;
        Ok(Opening {
            keeping: self.keeping(&options, host_ticks)?,
            policies_folder,
            policy: if policy.is_empty() { DEFAULT_POLICY } else { policy }.to_owned(),
            core: steadfast_core::Options {
                retain_ms: options.retain_ms,
                max_step_ms: options.max_step_ms,
                flush_in_tick: host_ticks,
                ..bounds(&options)?
            },
            host_ticks,
        })
    }

    /// Where things are kept. A journal goes along with a data folder, except where the host did not ask for a thread.
    fn keeping(&self, options: &Options, host_ticks: bool) -> Result<Keeping, Failure> {
        let data_folder = self.folder(options.data_folder, "options.data_folder")?;
        let journal = match options.journal {
            STEADFAST_JOURNAL_AUTO => data_folder.is_some() && !host_ticks,
            STEADFAST_JOURNAL_ON => true,
            STEADFAST_JOURNAL_OFF => false,
            other => return Err(unknown_value(other, "options.journal")),
        };
        if journal && data_folder.is_none() {
            return Err(Failure::new(STEADFAST_E_OPTION, "a journal is kept in the data folder, and none is given"));
        }
        let journal = journal.then(|| storage::journal_of(options.journal_bytes)).transpose()?;
        Ok(Keeping { data_folder, journal })
    }

    pub(crate) fn quota(&self, place: *const Quota) -> Result<NamespaceQuota, Failure> {
        let quota = self.structure(place, "quota")?;
        quota_of(quota.fields, quota.instances, quota.services, "quota.fields")
    }

    fn folder(&self, path: Text, name: &str) -> Result<Option<PathBuf>, Failure> {
        let path = self.text(path, name)?;
        if path.contains('\0') {
            return Err(Failure::new(STEADFAST_E_OPTION, format!("{name} holds a NUL")));
        }
        Ok((!path.is_empty()).then(|| path.into()))
    }
}

/// The core's options with the bounds of these; the core itself refuses what is out of range.
fn bounds(options: &Options) -> Result<steadfast_core::Options, Failure> {
    let Options { quota_fields, quota_instances, quota_services, .. } = *options;
    let most = |given: u64, default| match given {
        0 => default,
        given => usize::try_from(given).unwrap_or(usize::MAX),
    };
    let defaults = steadfast_core::Options::default();
    Ok(steadfast_core::Options {
        instances_max: most(options.instances_max, defaults.instances_max),
        services_max: most(options.services_max, defaults.services_max),
        tombstones_max: most(options.tombstones_max, defaults.tombstones_max),
        namespace_quota: quota_of(quota_fields, quota_instances, quota_services, "options.quota_fields")?,
        ..defaults
    })
}

fn quota_of(mask: u32, instances: u32, services: u32, name: &str) -> Result<NamespaceQuota, Failure> {
    let bounded = fields(mask, STEADFAST_QUOTA_INSTANCES | STEADFAST_QUOTA_SERVICES, name)?;
    Ok(NamespaceQuota {
        instances_max: bounded(STEADFAST_QUOTA_INSTANCES).then_some(instances),
        services_max: bounded(STEADFAST_QUOTA_SERVICES).then_some(services),
    })
}
