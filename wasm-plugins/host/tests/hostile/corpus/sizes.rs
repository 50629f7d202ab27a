//! Files that hold too much of something, or something too deep.

use super::{each, hostile, tangled};
use crate::{
    case::{Case, refused},
    guest::{Guest, component},
};

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = vec![
        refused("a custom section of a megabyte", "too large", || {
            let mut file = hostile().component();
            // Section 0, its size, a name of one byte.
            let content = [&[1, b'x'][..], &vec![0; 1 << 20]].concat();
            file.push(0);
            leb(u32::try_from(content.len()).unwrap(), &mut file);
            file.extend(content);
            file
        }),
        refused("two megabytes of data", "too large", || {
            let data = "x".repeat(2 << 20);
            hostile().items(&format!("(data \"{data}\")")).component()
        }),
        refused("names of two megabytes", "too large", || {
            let function = format!("(func ${})", "n".repeat(90_000));
            let many: String = (0..24).map(|number| function.replace("$n", &format!("$f{number}"))).collect();
            with_names(&many)
        }),
        refused("40 000 functions", "too many functions", || hostile().items(&"(func)".repeat(40_000)).component()),
        refused("one enormous function", "function too large", || {
            hostile().items(&format!("(func {})", "nop ".repeat(70_000))).component()
        }),
        refused("many locals over many branches", "too dear", || hostile().items(&tangled(2000, 3000)).component()),
        refused("49 000 locals", "too dear", || hostile().items(&tangled(49_000, 100)).component()),
        refused("giant branch tables", "too dear", || {
            let targets = "0 ".repeat(20_000);
            let table = format!("(block (br_table {targets} (local.get 0)))");
            hostile().items(&format!("(func (param i32) {table})").repeat(20)).component()
        }),
        refused("nine modules", "too many modules", || {
            component(&format!("(component {})", "(core module)".repeat(9)))
        }),
        refused("components ninety levels deep", "too many modules", || {
            component(&format!("{}{}", "(component ".repeat(90), ")".repeat(90)))
        }),
        refused("more memory than is given from the start", "memory too large", || {
            Guest { memory_pages: 65, ..hostile() }.component()
        }),
        refused("a little memory in each of many modules", "memory too large", || {
            component(&format!("(component {})", "(core module (memory 20))".repeat(4)))
        }),
        refused("a table of four thousand million elements", "table too large", || {
            hostile().items("(table 4000000000 funcref)").component()
        }),
        refused("ninety tables of a thousand elements", "table too large", || {
            hostile().items(&"(table 1000 funcref)".repeat(90)).component()
        }),
        refused("data beyond the memory", "start: trap", || {
            hostile().items("(data (i32.const 65530) \"0123456789\")").component()
        }),
        refused("elements beyond the table", "start: trap", || {
            hostile().items("(table 1 funcref) (func $f) (elem (i32.const 1) func $f)").component()
        }),
    ];
    cases.extend(instances());
    cases.extend(types());
    cases
}

fn instances() -> Vec<Case> {
    vec![
        refused("a thousand instances of one module", "too many instances", || {
            component(&format!(
                "(component (core module $m (memory 1)) {})",
                "(core instance (instantiate $m))".repeat(1000)
            ))
        }),
        refused("each component holds the one before it ten times", "too many instances", || {
            let mut text =
                String::from("(component $inner (core module $m (memory 1)) (core instance (instantiate $m)))");
            for _ in 0..5 {
                text = format!("(component $inner {text} {})", "(instance (instantiate $inner))".repeat(10));
            }
            component(&format!("(component {text})"))
        }),
        refused("thousands of functions between two components", "composed", || {
            let lifts: String =
                each(0..5000, |n| format!("(func (export \"f{n}\") (canon lift (core func $i \"f\")))"));
            let lowers: String = each(0..5000, |n| format!("(core func (canon lower (func $a \"f{n}\")))"));
            component(&format!(
                r#"(component
                    (component $inner (core module $m (func (export "f"))) (core instance $i (instantiate $m)) {lifts})
                    (instance $a (instantiate $inner)) {lowers})"#
            ))
        }),
        refused("fifty thousand names for one function", "world", || {
            let aliases: String = r#"(alias core export $i "f" (core func))"#.repeat(50_000);
            component(&format!(
                r#"(component (core module $m (func (export "f"))) (core instance $i (instantiate $m)) {aliases})"#
            ))
        }),
        refused("thirty thousand exports", "world", || {
            let exports: String = each(0..30_000, |n| format!("(export \"f{n}\" (func $f))"));
            component(&format!(
                r#"(component (core module $m (func (export "f"))) (core instance $i (instantiate $m))
                    (func $f (canon lift (core func $i "f"))) {exports})"#
            ))
        }),
        refused("an export with a name of ninety thousand letters", "world", || {
            let name = "n".repeat(90_000);
            component(&format!(
                r#"(component (core module $m (func (export "f"))) (core instance $i (instantiate $m))
                    (func $f (canon lift (core func $i "f"))) (export "{name}" (func $f)))"#
            ))
        }),
    ]
}

fn types() -> Vec<Case> {
    vec![
        refused("component types 300 000 levels deep", "types too deep", || nested_types(0x41, 300_000)),
        refused("instance types 300 000 levels deep", "types too deep", || nested_types(0x42, 300_000)),
        refused("component types as deep as they may lie", "world", || nested_types(0x41, 500)),
        refused("types that double thirty times", "malformed", || doubling("tuple", 30)),
        refused("lists of lists of lists", "malformed", || {
            let lists: String = each(1..5000, |n| format!("(type $t{n} (list $t{}))", n - 1));
            component(&format!("(component (type $t0 u8) {lists})"))
        }),
        refused("a record of ten thousand fields", "world", || {
            let fields: String = each(0..10_000, |n| format!("(field \"f{n}\" u64)"));
            component(&format!("(component (type (record {fields})))"))
        }),
    ]
}

/// A type section by hand: the tools that write text would overflow their own stack.
fn nested_types(opens: u8, levels: usize) -> Vec<u8> {
    // Each level is a type with one declaration, which is a type again; the innermost has none.
    let mut section = vec![1];
    for _ in 1..levels {
        section.extend([opens, 1, 1]);
    }
    section.extend([opens, 0]);
    let mut file = b"\0asm\x0d\0\x01\0\x07".to_vec();
    leb(u32::try_from(section.len()).unwrap(), &mut file);
    file.extend(section);
    file
}

fn doubling(kind: &str, times: u32) -> Vec<u8> {
    let types: String = each(1..=times, |n| format!("(type $t{n} ({kind} $t{0} $t{0}))", n - 1));
    component(&format!("(component (type $t0 (tuple u64 u64)) {types})"))
}

/// A component around a module whose name section is kept.
fn with_names(items: &str) -> Vec<u8> {
    component(&format!("(component (core module {items}))"))
}

fn leb(mut number: u32, into: &mut Vec<u8>) {
    while number >= 0x80 {
        into.push(u8::try_from(number & 0x7F).unwrap() | 0x80);
        number >>= 7;
    }
    into.push(u8::try_from(number).unwrap());
}
