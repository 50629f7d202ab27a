//! The interface of `wasm-plugins/wit/policy.wit`, as generated Rust.
//!
//! Calling conventions of components cannot be written without `unsafe`; all of it is generated here, and nothing in
//! this crate is `unsafe` by hand.
#![allow(unsafe_code, missing_docs, unreachable_pub, unused_qualifications, reason = "generated code")]
#![allow(clippy::all, clippy::pedantic, clippy::undocumented_unsafe_blocks, reason = "generated code")]

wit_bindgen::generate!({
    world: "policy",
    path: "../wit",
    pub_export_macro: true,
    default_bindings_module: "steadfast_policy_sdk::bindings",
});
