//! Loading with a memory: a policy that comes back is not compiled again.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{Cancel, Digest, Limits, LoadError, LoadedPolicy, Params, digest, load::load_until};

/// How many policies are remembered; the one that was used least recently goes first.
pub const TABLES_MAX: usize = 16;

/// Loads policies under one set of limits and remembers the last [`TABLES_MAX`] by their digest.
///
/// Any thread may use it; loads of different files run at the same time.
#[derive(Debug, Default)]
pub struct Loader {
    limits: Limits,
    /// Most recently used last.
    known: Mutex<VecDeque<Arc<LoadedPolicy>>>,
}

impl Loader {
    /// A loader that remembers nothing yet.
    pub fn new(limits: Limits) -> Loader {
        Loader { limits, known: Mutex::default() }
    }

    /// The bounds of every load.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Loads as [`load`](crate::load) does, or remembers.
    pub fn load(&self, bytes: &[u8], params: &Params) -> Result<Arc<LoadedPolicy>, LoadError> {
        self.load_until(bytes, params, &Cancel::default())
    }

    pub(crate) fn load_until(
        &self,
        bytes: &[u8],
        params: &Params,
        cancel: &Cancel,
    ) -> Result<Arc<LoadedPolicy>, LoadError> {
        if let Some(known) = self.recall(digest(bytes, params)) {
            return Ok(known);
        }
        let policy = Arc::new(load_until(bytes, params, &self.limits, cancel, &mut |_| {})?);
        self.remember(&policy);
        Ok(policy)
    }

    fn recall(&self, digest: Digest) -> Option<Arc<LoadedPolicy>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let at = known.iter().position(|policy| policy.digest == digest)?;
        let policy = known.remove(at)?;
        known.push_back(Arc::clone(&policy));
        Some(policy)
    }

    fn remember(&self, policy: &Arc<LoadedPolicy>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|other| other.digest != policy.digest);
        if known.len() >= TABLES_MAX {
            known.pop_front();
        }
        known.push_back(Arc::clone(policy));
    }
}
