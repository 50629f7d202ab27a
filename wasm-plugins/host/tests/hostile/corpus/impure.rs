//! Guests whose answers depend on more than the question.

use super::hostile;
use crate::{
    case::{Case, refused},
    guest::VERDICT,
};

/// Says "another reason" where `condition` holds.
fn where_it_holds(condition: &str) -> String {
    format!("(if {condition} (then (i32.store8 (i32.const {}) (i32.const 2))))", VERDICT + 5)
}

pub(crate) fn cases() -> Vec<Case> {
    let count = "(global.set $asked (i32.add (global.get $asked) (i32.const 1)))";
    [
        ("answers the first question differently", "", "(i32.eqz (global.get $asked))", count),
        ("answers every seventh question differently", "", "(i32.eqz (i32.rem_u (global.get $asked) (i32.const 7)))", count),
        ("tires after a thousand questions", "", "(i32.gt_u (global.get $asked) (i32.const 1000))", count),
        (
            "remembers what it was asked before",
            "",
            "(i32.eq (global.get $asked) (local.get $event))",
            "(global.set $asked (local.get $hold))",
        ),
        (
            "keeps count in its memory",
            "",
            "(i32.gt_u (i32.load (i32.const 256)) (i32.const 99))",
            "(i32.store (i32.const 256) (i32.add (i32.load (i32.const 256)) (i32.const 1)))",
        ),
        (
            "keeps count in an address that it gave out",
            "",
            "(i32.and (global.get $heap) (i32.const 64))",
            "(global.set $heap (i32.add (global.get $heap) (i32.const 16)))",
        ),
        (
            "asks how large its memory has become",
            "",
            "(i32.gt_u (memory.size) (i32.const 20))",
            "(if (i32.lt_u (memory.size) (i32.const 40)) (then (drop (memory.grow (i32.const 1)))))",
        ),
        (
            "asks how large its table has become",
            "(table $t 1 funcref)",
            "(i32.gt_u (table.size $t) (i32.const 500))",
            "(if (i32.lt_u (table.size $t) (i32.const 5000)) (then (drop (table.grow $t (ref.null func) (i32.const 1)))))",
        ),
        (
            "looks into its table",
            "(table $t 16 funcref) (func $f) (elem declare func $f)",
            "(ref.is_null (table.get $t (local.get $hold)))",
            "(table.set $t (local.get $hold) (ref.func $f))",
        ),
        (
            "drops its data after the first look",
            "(data $d \"\\00\\00\\00\\00\")",
            "(global.get $asked)",
            "(global.set $asked (i32.const 1)) (data.drop $d)",
        ),
    ]
    .map(|(name, items, condition, afterwards)| {
        refused(name, "impure", move || {
            let decide = format!("{} {afterwards}", where_it_holds(condition));
            hostile().items(&format!("(global $asked (mut i32) (i32.const 0)) {items}")).decide(&decide).component()
        })
    })
    .into()
}
