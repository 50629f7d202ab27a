//! Policies from files: by the WebAssembly host, or not at all in a build without it.

use steadfast_core::Policy;
use steadfast_policy::builtin::{AdminSticky, HeartbeatWins};

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
    match name {
        "admin-sticky" => Ok(Policy::native(&AdminSticky)?),
        "heartbeat-wins" => Ok(Policy::native(&HeartbeatWins)?),
        other => Err(Failure::new(
            STEADFAST_E_OPTION,
            format!("{other:?} is no built-in policy; use admin-sticky or heartbeat-wins, or give a policies folder"),
        )),
    }
}
