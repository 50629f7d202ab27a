//! A folder that decides what a registry runs.

use std::sync::{Arc, Mutex, PoisonError};

use steadfast_core::{AnnouncementKind, Policy, Registry};

use crate::{FolderError, FolderEvent, FolderOptions, LoadedPolicy, PolicyFolder};

/// Installs what the folder holds, and everything that it will hold: the active policy is installed, or refused and
/// announced, when this returns. When the active file goes away, the built-in `admin-sticky` decides.
///
/// Whatever goes wrong is an announcement of the registry, and the policy before it goes on deciding.
pub fn attach(registry: &Registry, options: FolderOptions) -> Result<PolicyFolder, FolderError> {
    // The watching thread may have news before what the first look found is installed; it waits for its turn.
    let turn = Arc::new(Mutex::new(()));
    let first = turn.lock().unwrap_or_else(PoisonError::into_inner);
    let (told, their_turn) = (registry.clone(), Arc::clone(&turn));
    let tell = move |event| {
        let _turn = their_turn.lock().unwrap_or_else(PoisonError::into_inner);
        follow(&told, event);
    };
    let (folder, found) = PolicyFolder::start(options, tell)?;
    for event in found {
        follow(registry, event);
    }
    drop(first);
    Ok(folder)
}

impl From<&LoadedPolicy> for Policy {
    fn from(loaded: &LoadedPolicy) -> Policy {
        Policy::new(Arc::clone(&loaded.table), loaded.digest.to_string())
    }
}

fn follow(registry: &Registry, event: FolderEvent) {
    match event {
        FolderEvent::Ready(policy) => install(registry, &policy.name, Policy::from(&*policy)),
        FolderEvent::Removed { name } => {
            let text = format!("{name}.wasm is not in the policies folder; the built-in admin-sticky decides");
            registry.announce(AnnouncementKind::PolicyRemoved, text);
            install(registry, "the built-in admin-sticky", Policy::admin_sticky());
        }
        FolderEvent::Refused { file, error } => {
            registry.announce(AnnouncementKind::PolicyRefused, format!("{file}: {error}"));
        }
    }
}

fn install(registry: &Registry, name: &str, policy: Policy) {
    // An install that works announces itself.
    if let Err(error) = registry.install(policy) {
        registry.announce(AnnouncementKind::PolicyRefused, format!("{name}: {error}"));
    }
}
