//! What a folder holds, for people who ask.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;
use steadfast_core::Scope;

/// A picture of the folder as last seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FolderStatus {
    /// The folder.
    pub path: String,
    /// The name of the policy that is to decide.
    pub active: String,
    /// The digest of the file that was last handed over as active; `None` while the built-in default stands in.
    pub deciding: Option<String>,
    /// Every policy file, by name.
    pub files: Vec<FileStatus>,
    /// What became of `routes.toml`; `None` when there is none and no route of it holds.
    pub routes: Option<RoutesStatus>,
    /// What is wrong with the folder itself.
    pub problem: Option<String>,
    /// Why changes are only found by looking, not reported by the system.
    pub watch_problem: Option<String>,
}

/// One `.wasm` file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FileStatus {
    /// Its name.
    pub file: String,
    /// The policy's name that follows from it.
    pub name: String,
    /// The digest of component and parameters, when it is good.
    pub digest: Option<String>,
    /// What became of it.
    pub state: FileState,
    /// Why it is refused.
    pub error: Option<String>,
    /// Since when, in milliseconds since 1970.
    pub since_ms: u64,
    /// How often this content was judged: more than once where the failure may have been the machine's.
    pub attempts: u32,
}

/// The file `routes.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RoutesStatus {
    /// [`Active`](FileState::Active) when the routes of the file as it is now were handed over.
    pub state: FileState,
    /// Why the file as it is now is refused.
    pub error: Option<String>,
    /// Since when, in milliseconds since 1970.
    pub since_ms: u64,
    /// The routes that were last handed over, in the order of their scopes. They hold on where the file is refused.
    pub holding: Vec<RouteStatus>,
}

/// One route that was handed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RouteStatus {
    /// The part of the registry.
    pub scope: Scope,
    /// The name that the file gives the policy.
    pub policy: String,
    /// The policy's digest.
    pub digest: String,
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileState {
    /// It decides wherever no route leads elsewhere.
    Active,
    /// It decides where a route leads to it.
    Routed,
    /// It is good and could decide.
    Ready,
    /// It is bad.
    Refused,
    /// It is still being written or read.
    Settling,
}

/// Milliseconds since 1970.
pub(crate) fn since_ms(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
