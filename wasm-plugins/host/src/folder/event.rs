//! What a folder tells its owner.

use std::sync::Arc;

use steadfast_core::Routes;

use super::routes::RoutesError;
use crate::{LoadError, LoadedPolicy, ParamsError};

/// One thing that the owner has to act on or to show.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum FolderEvent {
    /// The active policy is loaded: install it.
    Ready(Arc<LoadedPolicy>),
    /// The routes of `routes.toml`, with every policy that they name: let them hold instead of those before.
    Routed(Routes),
    /// `routes.toml` is not there any more: no route holds.
    Unrouted,
    /// A file is bad. Whatever decides goes on deciding, and for `routes.toml`, where it decided.
    Refused {
        /// The file's name, or the folder's path when the folder itself is the problem.
        file: String,
        /// What is wrong.
        error: FileError,
    },
    /// The active policy's file is not there: install the built-in default.
    Removed {
        /// The active policy's name.
        name: String,
    },
}

/// Why a file of the folder is refused.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// The component is bad.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The `.toml` file beside it is bad.
    #[error("{file} {error}")]
    Params {
        /// The `.toml` file's name.
        file: String,
        /// What is wrong with it.
        error: ParamsError,
    },
    /// The component is good, and is another policy than its file says.
    #[error("the policy in it is named {declared:?}; rename the file to {declared}.wasm or the policy to {expected:?}")]
    Name {
        /// The name in the manifest.
        declared: String,
        /// The name that the file asks for.
        expected: String,
    },
    /// `routes.toml` is bad, or leads to a policy that is not there or bad.
    #[error(transparent)]
    Routes(#[from] RoutesError),
    /// A component whose `.toml` file would be the one with the routes.
    #[error("no policy can be named \"routes\", because routes.toml holds the routes; rename the file and the policy")]
    Reserved,
    /// A file or the folder cannot be read.
    #[error("{what} cannot be read: {reason}")]
    Unreadable {
        /// Its name.
        what: String,
        /// What the system says.
        reason: String,
    },
    /// More policies than are looked at.
    #[error("the folder holds {found} policies; only {max} of them are looked at. Remove those that nobody needs")]
    TooMany {
        /// How many there are.
        found: usize,
        /// How many are looked at.
        max: usize,
    },
    /// A fault of the registry, not of the file.
    #[error("the watcher of the folder failed: {reason}. Please report this")]
    Internal {
        /// What happened.
        reason: String,
    },
}

/// Why a folder is not watched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FolderError {
    /// It is not there, is no folder, or may not be read.
    #[error("the policies folder {path} cannot be read: {reason}")]
    Unreadable {
        /// The folder.
        path: String,
        /// What the system says.
        reason: String,
    },
    /// The active policy's name cannot be a file's.
    #[error(
        "{0:?} cannot be the name of a policy: use letters, digits, `-`, `_` and `.`, without a leading `.`, and not \
         \"routes\""
    )]
    Name(String),
    /// No thread.
    #[error("the thread that watches the policies folder cannot start: {0}")]
    Thread(String),
}
