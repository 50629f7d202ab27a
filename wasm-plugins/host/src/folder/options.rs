//! What a folder is watched with.

use std::{path::PathBuf, sync::Arc, time::Duration};

use crate::Loader;

/// The one file name that says nothing about the policy in it: `active.wasm` may hold any, so that one file operation
/// exchanges the policy that decides. Everywhere else a file under another policy's name is a mistake.
pub const ANY_POLICY: &str = "active";

/// Options of a [`PolicyFolder`](crate::PolicyFolder).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FolderOptions {
    /// The folder. It must exist when watching starts; later it may go and come back.
    pub path: PathBuf,
    /// The name of the policy that decides: `admin-sticky` for `admin-sticky.wasm`; or [`ANY_POLICY`], for whatever
    /// policy `active.wasm` holds at the time.
    pub active: String,
    /// Loads and remembers policies; share it where policies are also loaded in other ways.
    pub loader: Arc<Loader>,
    /// A file is taken when two reads this far apart find the same.
    pub settle: Duration,
    /// How often to look even when the system reports no change.
    pub rescan: Duration,
    /// How soon a file is tried again whose failure may be the machine's: it took too long, or could not be read. The
    /// pause doubles each time, up to ten minutes.
    pub retry: Duration,
}

impl FolderOptions {
    /// The usual times: 150 ms to settle, a look every 2 s, another try after 10 s.
    pub fn new(path: impl Into<PathBuf>, active: impl Into<String>) -> FolderOptions {
        FolderOptions {
            path: path.into(),
            active: active.into(),
            loader: Arc::default(),
            settle: Duration::from_millis(150),
            rescan: Duration::from_secs(2),
            retry: Duration::from_secs(10),
        }
    }

    /// Loads through `loader`, with its limits and its memory.
    #[must_use]
    pub fn with_loader(self, loader: Arc<Loader>) -> FolderOptions {
        FolderOptions { loader, ..self }
    }
}
