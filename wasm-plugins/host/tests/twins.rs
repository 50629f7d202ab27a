//! A policy in native Rust and the same policy as a component are the same table, and so are their manifests.

#![allow(clippy::print_stderr, reason = "how long it takes belongs into the log")]

use std::{fs, path::Path};

use steadfast_policy::builtin;
use steadfast_policy::{
    Configure, Table,
    builtin::{AdminSticky, EurekaChain, HeartbeatWins, MaintenanceWindow, Nacos2x, Nacos14, RestartClears},
};
use steadfast_wasm::{Limits, Loader, Params, load};

/// What `cargo xtask wasm` has built.
fn compiled(name: &str) -> Vec<u8> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../target/policies/{name}.wasm"));
    fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}; run `cargo xtask wasm` first", file.display()))
}

fn native<P: Configure>(params: &Params) -> Table {
    let params: Vec<_> = params.clone().into_iter().collect();
    Table::of(&P::configure(&params).expect("good parameters")).expect("within the guard rails")
}

/// Loads the guest with one parameter, or none for an empty name, and compares it with its twin.
fn compare<P: Configure>(name: &str, (param, value): (&str, &str)) {
    let mut params = Params::from([(param.to_owned(), value.to_owned())]);
    params.remove("");
    let native = native::<P>(&params);
    let policy = load(&compiled(name), &params, &Limits::default()).unwrap_or_else(|error| panic!("{name}: {error}"));
    eprintln!(
        "{name} {params:?}: {} bytes, {} facts, {} states proven, at most {} fuel, {:?}",
        policy.size, policy.facts, policy.proof.states, policy.decide_fuel, policy.took
    );
    assert_eq!(policy.table.manifest(), native.manifest());
    for (ours, theirs) in native.entries().zip(policy.table.entries()) {
        assert_eq!(ours, theirs, "{name} differs from its twin");
    }
    assert_eq!(*policy.table, native);
    assert!(policy.facts > 1000 && policy.proof.states > 100, "{policy:?}");
}

#[test]
fn guests_give_the_tables_of_their_native_twins() {
    const DEFAULTS: (&str, &str) = ("", "");
    compare::<AdminSticky>("admin-sticky", DEFAULTS);
    compare::<HeartbeatWins>("heartbeat-wins", DEFAULTS);
    compare::<RestartClears>("restart-clears", DEFAULTS);
    compare::<RestartClears>("restart-clears", ("unknown", "keep"));
    compare::<Nacos2x>("nacos-2x", DEFAULTS);
    compare::<Nacos2x>("nacos-2x", ("forget-after", "5000"));
    compare::<Nacos14>("nacos-1-4", DEFAULTS);
    compare::<EurekaChain>("eureka-chain", DEFAULTS);
    compare::<MaintenanceWindow>("maintenance-window", DEFAULTS);
    compare::<MaintenanceWindow>("maintenance-window", ("lapse", "60000"));
}

#[test]
fn what_is_compiled_in_is_one_of_the_twins() {
    for name in builtin::NAMES {
        let table = builtin::table(name).expect("listed").expect("within the guard rails");
        let policy = load(&compiled(name), &Params::new(), &Limits::default()).expect("it is good");
        assert_eq!(*policy.table, table, "{name}");
    }
}

#[test]
fn a_parameter_that_a_guest_cannot_use_is_refused_in_its_words() {
    for (name, param, value, expected) in [
        ("restart-clears", "unknown", "maybe", "\"clear\" or \"keep\""),
        ("nacos-2x", "forget-after", "0", "milliseconds, from 1000 to 1099511627776"),
        ("maintenance-window", "lapse", "8h", "milliseconds, from 1000 to 1099511627776"),
    ] {
        let params = Params::from([(param.into(), value.into())]);
        let refusal = load(&compiled(name), &params, &Limits::default()).expect_err("it is wrong").to_string();
        assert!(refusal.contains(expected), "{name}: {refusal}");
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
