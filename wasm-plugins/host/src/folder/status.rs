//! What a folder holds, for people who ask.

use serde::Serialize;

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

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileState {
    /// It decides.
    Active,
    /// It is good and could decide.
    Ready,
    /// It is bad.
    Refused,
    /// It is still being written or read.
    Settling,
}
