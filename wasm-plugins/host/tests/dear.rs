//! Small files that are a lot of work: refused where the work cannot be interrupted, bounded where it can.

#![allow(clippy::print_stderr, reason = "how long it takes belongs into the log")]

mod guest;

use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

use guest::{Guest, VERDICT};
use steadfast_wasm::{Limits, LoadError, LoadedPolicy, Params, load};

fn loaded(what: &str, bytes: &[u8]) -> Result<LoadedPolicy, LoadError> {
    // Only what a file does may decide, not how busy the machine is.
    let mut limits = Limits::default();
    limits.time_max = Duration::from_mins(1);
    let started = Instant::now();
    let result = load(bytes, &Params::new(), &limits);
    eprintln!("{:>8.1?}  {what}: {} bytes", started.elapsed(), bytes.len());
    result
}

fn with_items(items: &str) -> Vec<u8> {
    Guest::named("dear").items(items).component()
}

/// A function that hands `locals` variables around between `branches` branches.
fn tangled(locals: usize, branches: usize) -> String {
    let mut text = format!("(func (param i32) (result i32) (local{})", " i32".repeat(locals));
    for step in 0..branches {
        let [to, one, other] = [1, 7, 13].map(|stride| 1 + step * stride % locals);
        write!(text, "(local.set {to} (i32.add (local.get {one}) (local.get {other})))").unwrap();
        write!(text, "(block (br_if 0 (local.get {one})))").unwrap();
    }
    text + "(local.get 3))"
}

/// A function that branches `times` to all of fifty nested blocks and loops.
fn forked(locals: usize, times: usize) -> String {
    let mut text = format!("(func (param i32) (result i32) (local{})", " i32".repeat(locals));
    text += &"(block (loop ".repeat(50);
    let targets = (0..100).map(|target: u32| target.to_string()).collect::<Vec<_>>().join(" ");
    for step in 0..times {
        let to = 1 + step % locals;
        write!(text, "(local.set {to} (i32.mul (local.get {to}) (local.get 0)))").unwrap();
        write!(text, "(block (br_table {targets} (local.get {to})))").unwrap();
    }
    text + &"))".repeat(50) + "(local.get 3))"
}

#[test]
fn compile_bombs_within_all_sizes_are_refused() {
    for (what, items) in [
        ("many locals over many branches", tangled(2000, 3000)),
        ("the same in many functions", tangled(400, 3000).repeat(4)),
        ("locals by the ten thousand", tangled(20_000, 400)),
        ("tables of branches", forked(400, 300)),
    ] {
        let error = loaded(what, &with_items(&items)).expect_err("it would take seconds to compile");
        assert!(matches!(error, LoadError::TooDear { .. }), "{what}: {error:?}");
        assert!(error.to_string().contains("4000000"), "{error}");
    }
    // Blocks that hand a thousand values on are a bomb of a few bytes; no compiler needs them for a policy.
    let many = "i32 ".repeat(500);
    let (push, drop) = ("(i32.const 1)".repeat(500), "drop ".repeat(500));
    let blocks = "block (type $many) end ".repeat(1000);
    let items = format!("(type $many (func (param {many}) (result {many}))) (func {push} {blocks} {drop})");
    let error = loaded("blocks with many values", &with_items(&items)).expect_err("it would take seconds to compile");
    assert!(matches!(error, LoadError::Malformed { .. }), "{error:?}");
    assert!(error.to_string().contains("multi-value"), "{error}");
}

#[test]
fn the_largest_files_that_are_allowed_load() {
    let plain = format!("(func (param i32) {})", "(local.set 0 (i32.add (local.get 0) (i32.const 77)))".repeat(24));
    loaded("thousands of functions", &with_items(&plain.repeat(4900))).expect("within every bound");
    loaded("large functions", &with_items(&tangled(100, 3000).repeat(4))).expect("within every bound");
    loaded("branches everywhere", &with_items(&forked(20, 250))).expect("within every bound");
}

#[test]
fn the_largest_memo_is_tabulated_and_walked() {
    // The memo counts events: every value is reached.
    let counts = format!(
        "(i32.store8 (i32.const {memo}) (i32.and (i32.add (local.get $memo) (i32.const 1)) (i32.const 15)))",
        memo = VERDICT + 4
    );
    let guest = Guest::named("counter").decide(&counts).with(|manifest| {
        manifest.memo_size = 16;
        manifest.silence_ms = vec![1000, 2000, 3000];
        manifest.laws = vec!["honest".into()];
    });
    let error = loaded("a memo of sixteen", &guest.component()).expect_err("it is healthy when silent");
    assert!(error.to_string().contains("honest"), "{error}");
    let modest = guest.with(|manifest| manifest.laws.clear());
    let policy = loaded("the same without a promise", &modest.component()).expect("within every bound");
    assert!(policy.facts > 30_000 && policy.proof.states > 1000, "{policy:?}");
}
