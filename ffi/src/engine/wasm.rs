//! Policies from `.wasm` files: installed by the host's call, or by what happens in a folder.

use std::{
    path::Path,
    sync::{Arc, Mutex},
};

use serde_json::Value;
use steadfast_core::{Policy, Registry};
use steadfast_wasm::{FolderError, FolderOptions, LoadError, Loader, PolicyFolder};

use super::Params;
use crate::{codes, failure::Failure, registry::locked};

pub(crate) struct Engine {
    /// Shared by both ways, so that a policy that comes back is not compiled again.
    loader: Arc<Loader>,
    folder: Mutex<Option<PolicyFolder>>,
}

impl Engine {
    pub(crate) fn new() -> Engine {
        Engine { loader: Arc::default(), folder: Mutex::new(None) }
    }

    /// Looks into the folder, installs what it says, and goes on watching.
    pub(crate) fn watch(&self, registry: &Registry, folder: &Path, active: &str) -> Result<(), Failure> {
        let options = FolderOptions::new(folder, active).with_loader(Arc::clone(&self.loader));
        let watching = steadfast_wasm::attach(registry, options)?;
        *locked(&self.folder) = Some(watching);
        Ok(())
    }

    pub(crate) fn load(&self, wasm: &[u8], params: &Params) -> Result<Policy, Failure> {
        let policy = self.loader.load(wasm, params)?;
        Ok(Policy::from(&*policy))
    }

    /// Ends the watching, if there is any, and waits for its thread.
    pub(crate) fn stop(&self) {
        // Taken out first: the thread may be asking for the status while it ends.
        let folder = locked(&self.folder).take();
        if let Some(folder) = folder {
            folder.stop();
        }
    }

    /// What the folder holds; null without one.
    pub(crate) fn folder_status(&self) -> Value {
        let status = locked(&self.folder).as_ref().map(PolicyFolder::status);
        // A structure of texts and numbers always has a JSON form.
        status.and_then(|status| serde_json::to_value(status).ok()).unwrap_or_default()
    }
}

impl From<LoadError> for Failure {
    fn from(error: LoadError) -> Failure {
        let code = match error {
            LoadError::Law(_) => codes::STEADFAST_E_POLICY_LAW,
            _ => codes::STEADFAST_E_POLICY,
        };
        Failure::new(code, error.to_string())
    }
}

impl From<FolderError> for Failure {
    fn from(error: FolderError) -> Failure {
        let code = match error {
            FolderError::Name(_) => codes::STEADFAST_E_OPTION,
            FolderError::Thread(_) => codes::STEADFAST_E_THREAD,
            _ => codes::STEADFAST_E_POLICY_FOLDER,
        };
        Failure::new(code, error.to_string())
    }
}
