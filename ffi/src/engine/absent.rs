//! A build without WebAssembly: the same symbols, and a clear answer.

#![allow(clippy::unused_self, reason = "the same shape as with WebAssembly")]

use std::path::Path;

use serde_json::Value;
use steadfast_core::{Policy, Registry};

use super::Params;
use crate::{codes::STEADFAST_E_UNSUPPORTED, failure::Failure};

pub(crate) struct Engine;

impl Engine {
    pub(crate) fn new() -> Engine {
        Engine
    }

    pub(crate) fn watch(&self, _: &Registry, _: &Path, _: &str) -> Result<(), Failure> {
        Err(unsupported("a policies folder"))
    }

    pub(crate) fn load(&self, _: &[u8], _: &Params) -> Result<Policy, Failure> {
        Err(unsupported("a policy that is no .table file"))
    }

    pub(crate) fn stop(&self) {}

    pub(crate) fn folder_status(&self) -> Value {
        Value::Null
    }
}

fn unsupported(what: &str) -> Failure {
    Failure::new(
        STEADFAST_E_UNSUPPORTED,
        format!(
            "{what} needs WebAssembly, and this library was built without the feature `wasm`; \
             steadfast_policy_install takes a .table file, which `steadfast table save` makes of a .wasm file"
        ),
    )
}
