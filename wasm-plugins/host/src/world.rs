//! The interface of `wasm-plugins/wit/policy.wit`, as generated Rust for the host's side.
#![allow(unsafe_code, missing_docs, unreachable_pub, unused_qualifications, dead_code, reason = "generated code")]
#![allow(clippy::all, clippy::pedantic, clippy::undocumented_unsafe_blocks, reason = "generated code")]

wasmtime::component::bindgen!({ world: "policy", path: "../wit" });

pub(crate) use self::steadfast::policy::types as wit;
