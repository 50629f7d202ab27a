//! Files that are no policy: no component, another world, wishes, features that policies do not have.

use super::hostile;
use crate::{
    case::{Case, refused},
    guest::component,
};

/// One function with no parameters, lifted as `$f`; whatever follows is up to the case.
const ONE_FUNCTION: &str = r#"(component
    (core module $m (func (export "f")))
    (core instance $i (instantiate $m))
    (func $f (canon lift (core func $i "f")))"#;

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = vec![
        refused("an empty file", "empty", Vec::new),
        refused("a text", "not wasm", || b"policy = \"always serve\"".to_vec()),
        refused("a program for Linux", "not wasm", || b"\x7fELF\x02\x01\x01\0".to_vec()),
        refused("a core module", "core module", || hostile().module()),
        refused("a binary format of the future", "malformed", || b"\0asm\x0e\0\x01\0".to_vec()),
        refused("a component of nothing", "world", || component("(component)")),
        refused("another world", "world", || component(&format!("{ONE_FUNCTION} (export \"run\" (func $f)))"))),
        refused("the right names with other types", "world", || {
            let exports = r#"(export "configure" (func $f)) (export "decide" (func $f)))"#;
            component(&format!("{ONE_FUNCTION} {exports}"))
        }),
        refused("resources of its own", "world", || {
            component("(component (type $r (resource (rep i32))) (core func (canon resource.new $r)))")
        }),
        refused("the interface of a later version", "world", || {
            component(r#"(component (import "steadfast:policy/types@0.2.0" (instance)))"#)
        }),
    ];
    cases.extend(imports());
    // The engine itself has no way to be given one.
    cases.push(refused("wants a component", "malformed", || component(r#"(component (import "policy" (component)))"#)));
    cases.extend(features());
    cases
}

fn imports() -> Vec<Case> {
    [
        ("wants a function", r#"(import "log" (func (param "text" string)))"#),
        (
            "wants the clock of WASI",
            r#"(import "wasi:clocks/monotonic-clock@0.2.0" (instance (export "now" (func (result u64)))))"#,
        ),
        (
            "wants the files of WASI",
            r#"(import "wasi:filesystem/preopens@0.2.0" (instance (export "descriptor" (type (sub resource)))))"#,
        ),
        ("wants a resource", r#"(import "file" (type (sub resource)))"#),
        ("wants a module", r#"(import "code" (core module))"#),
        (
            "wants a function under the name of the types",
            r#"(import "steadfast:policy/types@0.1.0" (instance (export "now" (func (result u64)))))"#,
        ),
    ]
    .map(|(name, import)| refused(name, "import", move || component(&format!("(component {import})"))))
    .into()
}

/// What the parser of the tests knows and the host has switched off.
fn features() -> Vec<Case> {
    [
        ("64-bit memory", "(memory i64 1)"),
        ("64-bit tables", "(table i64 1 funcref)"),
        ("shared memory, for threads", "(memory 1 1 shared)"),
        ("atomic instructions, for threads", "(memory 1) (func (drop (i32.atomic.load (i32.const 0))))"),
        ("two memories", "(memory 1) (memory 1)"),
        ("pages of one byte", "(memory 1 (pagesize 1))"),
        ("vectors", "(func (drop (v128.const i64x2 0 0)))"),
        ("relaxed vectors", "(func (param v128) (drop (i8x16.relaxed_swizzle (local.get 0) (local.get 0))))"),
        ("tail calls", "(func $f (return_call $f))"),
        ("exceptions", "(tag $t) (func (throw $t))"),
        ("several results", "(func (result i32 i32) (i32.const 1) (i32.const 2))"),
        ("structures and garbage collection", "(type (struct (field i32)))"),
        ("references to functions of a type", "(type $t (func)) (func (param (ref $t)))"),
        ("continuations", "(type $f (func)) (type (cont $f))"),
        ("wide arithmetic", "(func (param i64) (result i64 i64) (i64.mul_wide_u (local.get 0) (local.get 0)))"),
    ]
    .map(|(name, items)| refused(name, "malformed", move || component(&format!("(component (core module {items}))"))))
    .into()
}
