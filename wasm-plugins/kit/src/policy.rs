//! What a policy argument names, and the policy loaded from it.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

use steadfast_policy::{Table, builtin};
use steadfast_wasm::{Limits, LoadError, LoadedPolicy, Params, load, read_params};

use crate::{failure::Failure, refusal::Refusal};

/// A policy whose table is there to be asked.
pub(crate) struct Policy {
    /// As it was typed.
    pub(crate) label: String,
    pub(crate) table: Arc<Table>,
}

/// A `.wasm` file, or the name of a built-in policy.
pub(crate) fn open(argument: &str, params: Option<&Path>) -> Result<Policy, Failure> {
    if looks_like_a_file(argument) {
        let table = open_file(Path::new(argument), params)?.table;
        return Ok(Policy { label: argument.into(), table });
    }
    let Some(table) = builtin::table(argument) else {
        return Err(Failure::UnknownPolicy { name: argument.into(), known: builtin::NAMES.join(", ") });
    };
    if params.is_some() {
        return Err(Failure::ParamsOfBuiltIn { name: argument.into() });
    }
    let table = table.map_err(|error| refused(argument, Refusal::BuiltIn(error)))?;
    Ok(Policy { label: argument.into(), table: Arc::new(table) })
}

fn looks_like_a_file(argument: &str) -> bool {
    let path = Path::new(argument);
    path.extension().is_some_and(|extension| extension == "wasm") || path.components().count() > 1 || path.is_file()
}

/// Loads a file as a registry would: with the parameters of the `.toml` beside it, unless others are given.
pub(crate) fn open_file(path: &Path, params: Option<&Path>) -> Result<LoadedPolicy, Failure> {
    let label = path.display().to_string();
    let limits = Limits::default();
    let (bytes, size) = read(path, limits.file_bytes_max)?;
    let params = match params {
        Some(file) => params_in(file, &label)?,
        None => params_beside(path, &label)?,
    };
    if size > bytes.len() {
        let error = LoadError::TooLarge { bytes: size, max: limits.file_bytes_max };
        return Err(refused(&label, Refusal::Load(error)));
    }
    load(&bytes, &params, &limits).map_err(|error| refused(&label, Refusal::Load(error)))
}

fn refused(label: &str, refusal: Refusal) -> Failure {
    Failure::Refused { label: label.into(), refusal: Box::new(refusal) }
}

fn params_beside(wasm: &Path, label: &str) -> Result<Params, Failure> {
    let beside = wasm.with_extension("toml");
    if beside.exists() { params_in(&beside, label) } else { Ok(Params::new()) }
}

/// More than any parameter file may have: the size in its refusal is then that of the file.
const PARAMS_BYTES_READ: usize = 1 << 20;

fn params_in(file: &Path, label: &str) -> Result<Params, Failure> {
    let (bytes, _) = read(file, PARAMS_BYTES_READ)?;
    read_params(&bytes).map_err(|error| refused(label, Refusal::ParamsFile { path: PathBuf::from(file), error }))
}

/// At most `bytes_max` bytes and one more, and the size of the file: what is too large is not read whole.
fn read(path: &Path, bytes_max: usize) -> Result<(Vec<u8>, usize), Failure> {
    let attempt = || -> io::Result<(Vec<u8>, usize)> {
        let file = File::open(path)?;
        let size = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
        let mut bytes = Vec::new();
        file.take(bytes_max as u64 + 1).read_to_end(&mut bytes)?;
        Ok((bytes, size))
    };
    attempt().map_err(|error| Failure::Read { path: path.into(), error })
}
