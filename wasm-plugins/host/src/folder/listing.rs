//! A look at a folder that reads no file: which policies there are, and marks by which a change shows.

use std::{
    collections::BTreeMap,
    fs::{self, Metadata},
    io::{self, ErrorKind},
    path::Path,
    time::SystemTime,
};

use super::routes::ROUTES_FILE;

const COMPONENT: &str = ".wasm";
const PARAMETERS: &str = ".toml";
/// Editors and copying tools mark their temporary files so.
const TEMPORARY: [char; 3] = ['.', '#', '~'];

/// A policy's two files as they were seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) component: Mark,
    pub(crate) params: Option<Mark>,
}

/// Whatever changes when a file's content may have changed. Links are followed, so a swapped link shows too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    File { identity: [i64; 4], bytes: u64, modified: Option<SystemTime> },
    NotAFile,
    Unreadable(ErrorKind),
}

/// Policies by name.
pub(crate) type Listing = BTreeMap<String, Pair>;

/// What the folder holds now; a folder that does not exist holds nothing.
pub(crate) fn list(folder: &Path) -> io::Result<Listing> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Listing::new()),
        entries => entries?,
    };
    let mut listing = Listing::new();
    for entry in entries {
        let file = entry?.file_name();
        let file = file.to_string_lossy();
        if let Some(name) = file.strip_suffix(COMPONENT).filter(|name| is_policy_name(name))
            && let Some(component) = mark(&folder.join(&*file))
        {
            // A reserved name's file is refused for its name, and the other file is somebody else's.
            let params = mark(&folder.join(params_file(name))).filter(|_| !is_reserved(name));
            listing.insert(name.to_owned(), Pair { component, params });
        }
    }
    Ok(listing)
}

pub(crate) fn component_file(name: &str) -> String {
    format!("{name}{COMPONENT}")
}

pub(crate) fn params_file(name: &str) -> String {
    format!("{name}{PARAMETERS}")
}

/// Whether a policy of this name would have the routes as its parameters.
pub(crate) fn is_reserved(name: &str) -> bool {
    ROUTES_FILE.strip_suffix(PARAMETERS) == Some(name)
}

/// Whether a name can be a policy's file; a name with a separator would leave the folder.
pub(crate) fn is_policy_name(name: &str) -> bool {
    !name.is_empty() && !name.starts_with(TEMPORARY) && !name.contains(['/', '\\', '\0'])
}

/// `None` for what is not there.
pub(crate) fn mark(path: &Path) -> Option<Mark> {
    match fs::metadata(path) {
        Ok(metadata) => Some(mark_of(&metadata)),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => Some(Mark::Unreadable(error.kind())),
    }
}

pub(crate) fn mark_of(metadata: &Metadata) -> Mark {
    if metadata.is_file() {
        Mark::File { identity: identity(metadata), bytes: metadata.len(), modified: metadata.modified().ok() }
    } else {
        Mark::NotAFile
    }
}

/// Device, inode and time of the last change of anything: times of modification can be set back, this one cannot.
#[cfg(unix)]
pub(crate) fn identity(metadata: &Metadata) -> [i64; 4] {
    use std::os::unix::fs::MetadataExt;
    [metadata.dev().cast_signed(), metadata.ino().cast_signed(), metadata.ctime(), metadata.ctime_nsec()]
}

#[cfg(not(unix))]
pub(crate) fn identity(_: &Metadata) -> [i64; 4] {
    [0; 4]
}
