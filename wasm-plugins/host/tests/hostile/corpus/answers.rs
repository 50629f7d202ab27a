//! Answers that lie: addresses, lengths and numbers that no compiler would write.

use super::{AT_ONE, hostile};
use crate::{
    case::{Case, refused},
    guest::{
        Guest, VERDICT,
        manifest::{CLASSES, LAPSE, LAWS, NAME, REASONS, SILENCE},
    },
};

/// An address and a length.
fn at(address: u32, length: u32) -> Vec<u8> {
    [address.to_le_bytes(), length.to_le_bytes()].concat()
}

fn with_raw(field: usize, bytes: Vec<u8>) -> Guest {
    hostile().with(|manifest| manifest.raw.push((field, bytes)))
}

fn verdict_byte(field: u32, value: u32) -> String {
    format!("(i32.store8 (i32.const {}) (i32.const {value}))", VERDICT + field)
}

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = vec![
        refused("a name that is no text", "configure: answer", || {
            hostile().with(|manifest| manifest.name = b"\xff\xfe".to_vec()).component()
        }),
        refused("a name that breaks off within a letter", "configure: answer", || {
            hostile().with(|manifest| manifest.name = b"caf\xc3".to_vec()).component()
        }),
        refused("a result that is neither", "configure: answer", || {
            hostile().configure("(i32.store8 (i32.const 2048) (i32.const 7))").component()
        }),
        refused("sixty thousand names of sixty kilobytes", "configure: answer", || {
            hostile().configure(SIXTY_THOUSAND).component()
        }),
    ];
    let lies = [
        ("2^32 - 1 reasons", REASONS, at(8, u32::MAX)),
        ("2^32 - 1 thresholds", SILENCE, at(8, u32::MAX)),
        ("2^31 classes", CLASSES, at(8, 1 << 31)),
        ("half a million empty laws", LAWS, at(0, 500_000)),
        ("a name at the end of the memory", NAME, at(65_535, 2)),
        ("a name at the end of all addresses", NAME, at(u32::MAX, 2)),
        ("a name of four gigabytes", NAME, at(0, u32::MAX)),
        ("thresholds at an odd address", SILENCE, at(9, 1)),
        ("a lapse that is neither there nor not", LAPSE, vec![9]),
    ];
    cases.extend(lies.map(|(name, field, bytes)| {
        refused(name, "configure: answer", move || with_raw(field, bytes.clone()).component())
    }));
    let allocations = [
        ("gives the host memory that it does not have", "(local.set $at (i32.const -16))"),
        ("gives the host memory that ends too soon", "(local.set $at (i32.const 65532))"),
        ("gives the host memory at an odd address", "(local.set $at (i32.const 4097))"),
    ];
    cases.extend(allocations.map(|(name, code)| {
        refused(name, "configure: answer", move || hostile().allocate(code).component()).with_a_parameter()
    }));
    cases.push(
        refused("traps when the host wants memory", "configure: trap", || {
            hostile().allocate("unreachable").component()
        })
        .with_a_parameter(),
    );
    cases.extend(verdicts());
    cases
}

fn verdicts() -> Vec<Case> {
    vec![
        refused("traffic that is none of the three", "decide: answer", || {
            hostile().decide(&verdict_byte(2, 3)).component()
        }),
        refused("orders that are neither", "decide: answer", || hostile().decide(&verdict_byte(3, 255)).component()),
        refused("something in the spare field", "decide: answer", || hostile().decide(&verdict_byte(8, 1)).component()),
        refused("a verdict outside the memory", "decide: answer", || {
            hostile().decide(&format!("(if {AT_ONE} (then (return (i32.const 65532))))")).component()
        }),
        refused("a verdict at an odd address", "decide: answer", || {
            hostile().decide("(return (i32.const 513))").component()
        }),
        refused("no reason", "guard rail", || hostile().decide(&verdict_byte(5, 0)).component()),
        refused("a reason that it does not have", "guard rail", || hostile().decide(&verdict_byte(5, 3)).component()),
        refused("a memo that it does not have", "guard rail", || hostile().decide(&verdict_byte(4, 1)).component()),
        refused("present after it was removed", "guard rail", || hostile().decide(&verdict_byte(0, 1)).component()),
        refused("forgets a hold when it is given", "guard rail", || {
            hostile().decide(&format!("(if {AT_ONE} (then {}))", verdict_byte(3, 1))).component()
        }),
    ]
}

/// All the same bytes: four gigabytes once they are read.
const SIXTY_THOUSAND: &str = "(local $at i32) (local.set $at (i32.const 65536)) (drop (memory.grow (i32.const 8)))
    (loop $next
      (i32.store (local.get $at) (i32.const 0)) (i32.store offset=4 (local.get $at) (i32.const 60000))
      (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8))) (i32.const 550000))))
    (i32.store (i32.const 2144) (i32.const 65536)) (i32.store (i32.const 2148) (i32.const 60000))";
