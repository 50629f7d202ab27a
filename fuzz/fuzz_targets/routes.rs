//! A `routes.toml` of any bytes is refused with an error of one line, or holds routes that a registry takes.
#![no_main]

use libfuzzer_sys::fuzz_target;

/// Stands for the module of the reader's neighbours, whose crate brings an engine that takes minutes to compile.
mod event {
    /// What is wrong with a policy; nobody looks for one here.
    #[derive(Clone, Debug, thiserror::Error)]
    #[error("a policy is refused")]
    pub struct FileError;
}
/// The reader's own file.
#[allow(dead_code, reason = "some errors are about what comes after reading")]
#[path = "../../wasm-plugins/host/src/folder/routes.rs"]
mod routes;

fuzz_target!(|bytes: &[u8]| {
    match routes::read_routes(bytes) {
        Ok(lines) => {
            assert!(lines.iter().all(|line| line.scope.validate().is_ok() && line.policy.len() <= bytes.len()))
        }
        Err(error) => assert!(!error.to_string().contains('\n')),
    }
});
