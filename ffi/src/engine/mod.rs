//! Policies from files: `.table` by the core in every build, `.wasm` by the WebAssembly host where it is built in.

use std::collections::BTreeMap;

use steadfast_core::{Policy, TableFileError, is_table_file};
use steadfast_policy::builtin;

use crate::{
    codes::{STEADFAST_E_OPTION, STEADFAST_E_POLICY, STEADFAST_E_POLICY_LAW},
    failure::Failure,
};

#[cfg(not(feature = "wasm"))]
mod absent;
#[cfg(feature = "wasm")]
mod wasm;

#[cfg(not(feature = "wasm"))]
pub(crate) use absent::Engine;
#[cfg(feature = "wasm")]
pub(crate) use wasm::Engine;

/// Parameters of a policy by name.
type Params = BTreeMap<String, String>;

/// A policy from the bytes of a file; which kind it is shows in its first bytes.
pub(crate) fn from_file(engine: &Engine, bytes: &[u8], params: &str) -> Result<Policy, Failure> {
    let params = read_params(params)?;
    if !is_table_file(bytes) {
        return engine.load(bytes, &params);
    }
    if !params.is_empty() {
        return Err(Failure::new(
            STEADFAST_E_OPTION,
            "params is not empty, and a .table file has no parameters left; give them to `steadfast table save`",
        ));
    }
    Ok(Policy::from_table_bytes(bytes)?)
}

fn read_params(json: &str) -> Result<Params, Failure> {
    if json.is_empty() {
        return Ok(Params::new());
    }
    let wrong = |error| Failure::new(STEADFAST_E_OPTION, format!("params is no JSON object of texts: {error}"));
    serde_json::from_str(json).map_err(wrong)
}

impl From<TableFileError> for Failure {
    fn from(error: TableFileError) -> Failure {
        let code = match error {
            TableFileError::Law(_) => STEADFAST_E_POLICY_LAW,
            _ => STEADFAST_E_POLICY,
        };
        Failure::new(code, error.to_string())
    }
}

/// A policy that needs no file. `instead` says which other source of policies was not given.
pub(crate) fn built_in(name: &str, instead: &str) -> Result<Policy, Failure> {
    let unknown = || {
        let known = builtin::NAMES.join(", ");
        Failure::new(STEADFAST_E_OPTION, format!("{name:?} is no built-in policy ({known}), and {instead}"))
    };
    Ok(Policy::builtin(name).ok_or_else(unknown)??)
}
