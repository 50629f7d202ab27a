//! The options of C, read and checked.

use std::path::PathBuf;

use crate::{
    args::Caller,
    codes::STEADFAST_E_OPTION,
    failure::Failure,
    read::{unknown_value, zero},
    registry::Opening,
    types::{Options, STEADFAST_THREADS_NONE, STEADFAST_THREADS_OWN, Text},
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
            data_folder: self.folder(options.data_folder, "options.data_folder")?,
            policies_folder,
            policy: if policy.is_empty() { DEFAULT_POLICY } else { policy }.to_owned(),
            retain_ms: options.retain_ms,
            max_step_ms: options.max_step_ms,
            host_ticks,
        })
    }

    fn folder(&self, path: Text, name: &str) -> Result<Option<PathBuf>, Failure> {
        let path = self.text(path, name)?;
        if path.contains('\0') {
            return Err(Failure::new(STEADFAST_E_OPTION, format!("{name} holds a NUL")));
        }
        Ok((!path.is_empty()).then(|| path.into()))
    }
}
