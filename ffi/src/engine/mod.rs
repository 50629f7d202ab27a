//! Policies from files: by the WebAssembly host, or not at all in a build without it.

use steadfast_core::Policy;
use steadfast_policy::builtin;

use crate::{codes::STEADFAST_E_OPTION, failure::Failure};

#[cfg(not(feature = "wasm"))]
mod absent;
#[cfg(feature = "wasm")]
mod wasm;

#[cfg(not(feature = "wasm"))]
pub(crate) use absent::Engine;
#[cfg(feature = "wasm")]
pub(crate) use wasm::Engine;

/// A policy that needs no file.
pub(crate) fn built_in(name: &str) -> Result<Policy, Failure> {
    let unknown = || {
        let known = builtin::NAMES.join(", ");
        Failure::new(
            STEADFAST_E_OPTION,
            format!("{name:?} is no built-in policy ({known}), and no policies folder is given"),
        )
    };
    Ok(Policy::builtin(name).ok_or_else(unknown)??)
}
