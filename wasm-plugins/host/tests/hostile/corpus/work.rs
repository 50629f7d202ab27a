//! Guests that never end, want more and more, or fall over.

use super::{AT_ONE, each, hostile};
use crate::case::{Case, refused};

const FOREVER: &str = "(loop $again (br $again))";
const GROW: &str = "(loop $more (drop (memory.grow (i32.const 16))) (br $more))";
/// Calls itself; `local` makes its frame larger.
const DEEP: &str = "(func $deep (param i64) (call $deep (i64.add (local.get 0) (i64.const 1))))";

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = endless();
    cases.extend(greedy());
    cases.extend(falling());
    cases
}

fn endless() -> Vec<Case> {
    let after = |function: &str| format!("(func (export \"cabi_post_{function}\") (param i32) {FOREVER})");
    let at_one = format!("(if {AT_ONE} (then {FOREVER}))");
    vec![
        refused("loops when it starts", "start: fuel", || {
            hostile().items(&format!("(func $start {FOREVER}) (start $start)")).component()
        }),
        refused("loops in configure", "configure: fuel", || hostile().configure(FOREVER).component()),
        refused("loops in cabi_realloc", "configure: fuel", || hostile().allocate(FOREVER).component())
            .with_a_parameter(),
        refused("loops after configure has answered", "configure: fuel", move || {
            hostile().items(&after("configure")).component()
        }),
        refused("loops in decide", "decide: fuel", || hostile().decide(FOREVER).component()),
        refused("loops in decide at one question", "decide: fuel", move || hostile().decide(&at_one).component()),
        refused("loops after decide has answered", "decide: fuel", move || {
            hostile().items(&after("decide")).component()
        }),
        refused("is slow everywhere", "decide: total fuel", || {
            let slow = "(local.set $spare (i32.const 100000))
                (loop $on (br_if $on (local.tee $spare (i32.sub (local.get $spare) (i32.const 1)))))";
            hostile().decide(slow).component()
        }),
        refused("moves megabytes with every instruction", "decide: fuel", || {
            let fill = "(loop $on (memory.fill (i32.const 4096) (i32.const 7) (i32.const 60000)) (br $on))";
            hostile().decide(fill).component()
        }),
    ]
}

fn greedy() -> Vec<Case> {
    let table = "(table $t 1 funcref)";
    let grow_table = "(loop $more (drop (table.grow $t (ref.null func) (i32.const 999))) (br $more))";
    vec![
        refused("wants all memory when it starts", "start: memory", || {
            hostile().items(&format!("(func $start {GROW}) (start $start)")).component()
        }),
        refused("wants all memory in configure", "configure: memory", || hostile().configure(GROW).component()),
        refused("wants all memory in cabi_realloc", "configure: memory", || hostile().allocate(GROW).component())
            .with_a_parameter(),
        refused("wants a little more memory with each question", "decide: memory", || {
            hostile().decide("(drop (memory.grow (i32.const 1)))").component()
        }),
        refused("wants four gigabytes at one question", "decide: memory", || {
            hostile().decide(&format!("(if {AT_ONE} (then (drop (memory.grow (i32.const 65535)))))")).component()
        }),
        refused("wants a larger table again and again", "configure: table", move || {
            hostile().items(table).configure(grow_table).component()
        }),
        refused("wants more of two tables by turns", "configure: table", || {
            let more = |name: &str| format!("(drop (table.grow {name} (ref.null func) (i32.const 600)))");
            let both = format!("(loop $more {} {} (br $more))", more("$a"), more("$b"));
            hostile().items("(table $a 1 funcref) (table $b 1 funcref)").configure(&both).component()
        }),
    ]
}

fn falling() -> Vec<Case> {
    let deep = "(call $deep (i64.const 0))";
    let mut cases = vec![
        refused("recurses when it starts", "start: trap", move || {
            hostile().items(&format!("{DEEP} (func $start {deep}) (start $start)")).component()
        }),
        refused("recurses in configure", "configure: trap", move || hostile().items(DEEP).configure(deep).component()),
        refused("recurses in decide", "decide: trap", move || hostile().items(DEEP).decide(deep).component()),
        refused("recurses with a frame of a thousand variables", "configure: trap", || {
            let sum: String = each(0..1000, |n| format!("(local.set {n} (i64.const {n}))"));
            let items = format!("(func $deep (local{}) {sum} (call $deep) (drop (local.get 7)))", " i64".repeat(1000));
            hostile().items(&items).configure("(call $deep)").component()
        }),
        refused("recurses through a table", "configure: trap", || {
            let items = "(table $t funcref (elem $deep)) (type $f (func)) (func $deep (call_indirect $t (type $f) (i32.const 0)))";
            hostile().items(items).configure("(call $deep)").component()
        }),
        refused("traps at one question", "decide: trap", || {
            hostile().decide(&format!("(if {AT_ONE} (then unreachable))")).component()
        }),
        refused("traps after it has answered one question", "decide: trap", || {
            hostile().items("(func (export \"cabi_post_decide\") (param i32) unreachable)").component()
        }),
    ];
    cases.extend(
        [
            ("divides by zero", "(drop (i32.div_u (i32.const 1) (i32.const 0)))"),
            ("overflows", "(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))"),
            ("reads beyond its memory", "(drop (i64.load (i32.const -4)))"),
            ("writes beyond its memory", "(memory.fill (i32.const 65535) (i32.const 0) (i32.const 2))"),
            ("turns no number into an integer", "(drop (i32.trunc_f64_s (f64.const nan)))"),
            ("calls nobody", "(call_indirect $t (type $f) (i32.const 0))"),
            ("calls somebody else", "(call_indirect $t (type $f) (i32.const 1))"),
            ("calls beyond its table", "(call_indirect $t (type $f) (i32.const 9))"),
        ]
        .map(|(name, code)| {
            let items =
                "(type $f (func)) (table $t 2 funcref) (func $other (param i64)) (elem (i32.const 1) func $other)";
            refused(name, "configure: trap", move || hostile().items(items).configure(code).component())
        }),
    );
    cases
}
