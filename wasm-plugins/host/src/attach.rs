//! A folder that decides what a registry runs.

use std::sync::{Arc, Mutex, PoisonError};

use steadfast_core::{AnnouncementKind, Policy, Registry, Routes};

use crate::{FolderError, FolderEvent, FolderOptions, LoadedPolicy, PolicyFolder, ROUTES_FILE};

/// Installs what the folder holds, and everything that it will hold: the active policy and the routes are installed, or
/// refused and announced, when this returns. When the active file goes away, the built-in `admin-sticky` decides; when
/// `routes.toml` does, the active policy decides everywhere.
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
        FolderEvent::Routed(routes) => route(registry, &routes),
        FolderEvent::Unrouted => {
            let text = format!("{ROUTES_FILE} is not in the policies folder; the default policy decides everywhere");
            registry.announce(AnnouncementKind::RoutesRemoved, text);
            route(registry, &Routes::none());
        }
        FolderEvent::Refused { file, error } => {
            let of_routes = file == ROUTES_FILE;
            let kind = if of_routes { AnnouncementKind::RoutesRefused } else { AnnouncementKind::PolicyRefused };
            registry.announce(kind, format!("{file}: {error}"));
        }
    }
}

fn route(registry: &Registry, routes: &Routes) {
    // A change of the routes that works announces itself.
    if let Err(error) = registry.route(routes) {
        registry.announce(AnnouncementKind::RoutesRefused, format!("{ROUTES_FILE}: {error}"));
    }
}

fn install(registry: &Registry, name: &str, policy: Policy) {
    // An install that works announces itself.
    if let Err(error) = registry.install(policy) {
        registry.announce(AnnouncementKind::PolicyRefused, format!("{name}: {error}"));
    }
}
