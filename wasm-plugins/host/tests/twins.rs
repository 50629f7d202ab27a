//! A policy in native Rust and the same policy as a component are the same table, and so are their manifests.

#![allow(clippy::print_stderr, reason = "how long it takes belongs into the log")]

use std::{fs, path::Path};

use steadfast_wasm::{BUILTINS, Limits, Loader, Params, builtin, load};

/// What `cargo xtask wasm` has built.
fn compiled(name: &str) -> Vec<u8> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../target/policies/{name}.wasm"));
    fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}; run `cargo xtask wasm` first", file.display()))
}

#[test]
fn guests_give_the_tables_of_their_native_twins() {
    for name in BUILTINS {
        let native = builtin(name).expect("listed").expect("within the guard rails");
        let policy =
            load(&compiled(name), &Params::new(), &Limits::default()).unwrap_or_else(|error| panic!("{error}"));
        eprintln!(
            "{name}: {} bytes, {} facts, {} states proven, at most {} fuel, {:?}",
            policy.size, policy.facts, policy.proof.states, policy.decide_fuel, policy.took
        );
        assert_eq!(policy.table.manifest(), native.manifest());
        for (ours, theirs) in native.entries().zip(policy.table.entries()) {
            assert_eq!(ours, theirs, "{name} differs from its twin");
        }
        assert_eq!(*policy.table, native);
        assert!(policy.facts > 1000 && policy.proof.states > 100, "{policy:?}");
    }
}

#[test]
fn guests_without_parameters_refuse_them() {
    let params = Params::from([("colour".into(), "red".into())]);
    let refusal = load(&compiled("admin-sticky"), &params, &Limits::default()).expect_err("it has no parameters");
    assert!(refusal.to_string().contains("\"colour\""), "{refusal}");
}

#[test]
fn a_policy_that_comes_back_is_remembered() {
    let loader = Loader::new(Limits::default());
    let bytes = compiled("admin-sticky");
    let first = loader.load(&bytes, &Params::new()).expect("it is good");
    let second = loader.load(&bytes, &Params::new()).expect("it is good");
    assert!(std::sync::Arc::ptr_eq(&first, &second), "the same bytes are not compiled again");
}
