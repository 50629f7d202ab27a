//! Reading a policy's two files, whole.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use sha2::{Digest as _, Sha256};

use super::routes::{ROUTES_BYTES_MAX, ROUTES_FILE, RoutesError};
use super::{
    event::FileError,
    listing::{Mark, Pair, component_file, mark_of, params_file},
};
use crate::{LoadError, Params, ParamsError, params::PARAMS_BYTES_MAX, read_params};

/// What a look at the files found. Two looks that find the same have the same fingerprint.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// There is no such policy.
    Gone,
    /// Both files, the second one empty when it is not there.
    Whole { component: Vec<u8>, params: Vec<u8> },
    /// Files that are refused without being read.
    Bad(FileError),
}

/// What tells one content from another.
pub(crate) type Fingerprint = [u8; 32];

impl Content {
    /// Reads the files of `pair`; `None` when they changed meanwhile.
    pub(crate) fn read(folder: &Path, name: &str, pair: Option<&Pair>, component_bytes_max: usize) -> Option<Content> {
        let Some(pair) = pair else { return Some(Content::Gone) };
        let too_large = |bytes, max| LoadError::TooLarge { bytes, max }.into();
        let component = read(folder, &component_file(name), &pair.component, component_bytes_max, too_large);
        let file = params_file(name);
        let too_large =
            |bytes, max| FileError::Params { file: file.clone(), error: ParamsError::TooLarge { bytes, max } };
        let params = match &pair.params {
            None => Ok(Some(Vec::new())),
            Some(mark) => read(folder, &file, mark, PARAMS_BYTES_MAX, too_large),
        };
        match (component, params) {
            (Ok(Some(component)), Ok(Some(params))) => Some(Content::Whole { component, params }),
            (Err(error), _) | (_, Err(error)) => Some(Content::Bad(error)),
            _ => None,
        }
    }

    /// Reads the file with the routes, as a pair without a second file; `None` when it changed meanwhile.
    pub(crate) fn read_routes(folder: &Path, pair: Option<&Pair>) -> Option<Content> {
        let Some(pair) = pair else { return Some(Content::Gone) };
        let too_large = |bytes, _| RoutesError::TooLarge { bytes }.into();
        match read(folder, ROUTES_FILE, &pair.component, ROUTES_BYTES_MAX, too_large) {
            Ok(routes) => routes.map(|component| Content::Whole { component, params: Vec::new() }),
            Err(error) => Some(Content::Bad(error)),
        }
    }

    pub(crate) fn fingerprint(&self) -> Fingerprint {
        let mut hash = Sha256::new();
        match self {
            Content::Gone => hash.update("gone"),
            Content::Whole { component, params } => {
                hash.update(Sha256::digest(component));
                hash.update(params);
            }
            Content::Bad(error) => hash.update(error.to_string()),
        }
        hash.finalize().into()
    }
}

/// Reads what the `.toml` file of a policy says.
pub(crate) fn params(name: &str, bytes: &[u8]) -> Result<Params, FileError> {
    read_params(bytes).map_err(|error| FileError::Params { file: params_file(name), error })
}

/// The bytes of one file, or `None` when it is not the one that `mark` was made of any more.
fn read(
    folder: &Path,
    file: &str,
    mark: &Mark,
    bytes_max: usize,
    too_large: impl Fn(usize, usize) -> FileError,
) -> Result<Option<Vec<u8>>, FileError> {
    let unreadable = |reason: String| FileError::Unreadable { what: file.to_owned(), reason };
    match mark {
        Mark::NotAFile => Err(unreadable("it is no regular file".into())),
        Mark::Unreadable(kind) => Err(unreadable(kind.to_string())),
        // Not even its first bytes are read: the file may be anything.
        Mark::File { bytes, .. } if *bytes > bytes_max as u64 => {
            Err(too_large(usize::try_from(*bytes).unwrap_or(usize::MAX), bytes_max))
        }
        Mark::File { .. } => match read_marked(&folder.join(file), mark, bytes_max) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            result => result.map_err(|error| unreadable(error.to_string())),
        },
    }
}

fn read_marked(path: &Path, mark: &Mark, bytes_max: usize) -> io::Result<Option<Vec<u8>>> {
    let mut file = File::open(path)?;
    let mut bytes = Vec::new();
    // One byte more than allowed, so that growth since the mark was made shows.
    file.by_ref().take(bytes_max as u64 + 1).read_to_end(&mut bytes)?;
    let unchanged = mark_of(&file.metadata()?) == *mark;
    Ok(unchanged.then_some(bytes))
}
