//! Manifests with absurd texts, counts and durations, and promises that are not kept.

use super::hostile;
use crate::{
    case::{Case, refused},
    guest::manifest::{LAWS, Manifest, REASONS},
};

/// Room for texts that no file could carry: all zeros.
const ZEROS: &str = "(drop (memory.grow (i32.const 40)))";

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = texts();
    cases.extend(numbers());
    cases.push(refused("a law that nobody knows", "unknown law", || {
        hostile().with(|manifest| manifest.laws = vec!["kindness".into()]).component()
    }));
    cases.push(refused("a law with a name of half a megabyte", "unknown law", || {
        // One text in a list: its address and length lie where the host looks for the list.
        let point = "(i32.store (i32.const 65536) (i32.const 65600)) (i32.store (i32.const 65540) (i32.const 500000))";
        hostile()
            .configure(&format!("{ZEROS} {point}"))
            .with(|manifest| manifest.raw.push((LAWS, list_at(65_536))))
            .component()
    }));
    cases.push(refused("an extra that nobody knows", "unknown extra", || {
        let extra = |manifest: &mut Manifest| manifest.extras = vec![("co\nlour\u{202e}".into(), "red".into())];
        hostile().with(extra).component()
    }));
    cases.push(refused("a promise that it does not keep", "law", || {
        hostile().with(|manifest| manifest.laws = vec!["sticky".into()]).component()
    }));
    cases.push(
        refused("refuses its parameters with a page of nonsense", "params", || {
            let nonsense = "no\n\u{202e}parameter\u{0}".repeat(200);
            hostile().refusing_with(&nonsense).component()
        })
        .with_a_parameter(),
    );
    cases
}

fn list_at(address: u32) -> Vec<u8> {
    [address.to_le_bytes(), 1_u32.to_le_bytes()].concat()
}

fn texts() -> Vec<Case> {
    let reason = |text: String| move |manifest: &mut Manifest| manifest.reasons[1].clone_from(&text);
    let named = |text: &'static str| move |manifest: &mut Manifest| manifest.name = text.into();
    let mut cases: Vec<Case> = vec![
        case("no name", named("")),
        case("a name with a NUL", named("host\0ile")),
        case("a name with a line end", named("host\nile")),
        case("a name that is read backwards", named("host\u{202e}eli")),
        case("a name that hides letters", named("host\u{200b}ile")),
        case("a name that isolates a direction", named("host\u{2066}ile")),
        case("a reason with an end of a paragraph", reason("as it was\u{2029}ERROR: lost".into())),
        case("a reason of ten thousand bytes", reason("x".repeat(10_000))),
        case("an empty reason", reason(String::new())),
        case("no reasons", |manifest| manifest.reasons.clear()),
        case("64 reasons", |manifest| manifest.reasons = vec!["why not".into(); 64]),
    ];
    for (name, bytes, error) in [
        ("a reason of half a megabyte", 500_000, "manifest"),
        ("a reason of a megabyte", 1 << 20, "configure: answer"),
        ("a reason of two megabytes", 2 << 20, "configure: answer"),
    ] {
        cases.push(refused(name, error, move || {
            let point = format!(
                "(i32.store (i32.const 65536) (i32.const 65600)) (i32.store (i32.const 65540) (i32.const {bytes}))"
            );
            let raw = |manifest: &mut Manifest| manifest.raw.push((REASONS, list_at(65_536)));
            hostile().configure(&format!("{ZEROS} {point}")).with(raw).component()
        }));
    }
    cases
}

fn numbers() -> Vec<Case> {
    let silence = |after_ms: &[u64]| {
        let after_ms = after_ms.to_vec();
        move |manifest: &mut Manifest| manifest.silence_ms.clone_from(&after_ms)
    };
    let classes = |count: usize, memos: u8| {
        move |manifest: &mut Manifest| {
            manifest.classes = vec!["class".into(); count];
            manifest.memo_size = memos;
        }
    };
    let glob = |pattern: &'static str| {
        move |manifest: &mut Manifest| {
            manifest.classes = vec!["class".into()];
            manifest.glob = pattern.into();
        }
    };
    vec![
        case("a silence of nothing", silence(&[0])),
        case("a silence shorter than a second", silence(&[999])),
        case("silences that fall", silence(&[30_000, 15_000])),
        case("two silences at once", silence(&[15_000, 15_000])),
        case("a silence of more than 2^40 ms", silence(&[(1 << 40) + 1])),
        case("a silence of 2^64 - 1 ms", silence(&[u64::MAX])),
        case("four silences", silence(&[1000, 2000, 3000, 4000])),
        case("an absence of nothing", |manifest| manifest.absence_ms = vec![0]),
        case("an absence of 2^64 - 1 ms", |manifest| manifest.absence_ms = vec![u64::MAX]),
        case("a lapse of nothing", |manifest| manifest.lapse_ms = Some(0)),
        case("a lapse of 2^63 ms", |manifest| manifest.lapse_ms = Some(1 << 63)),
        case("unhealthy from band 0", |manifest| manifest.unhealthy_from = 0),
        case("unhealthy from band 5", |manifest| manifest.unhealthy_from = 5),
        case("no memo value", classes(0, 0)),
        case("17 memo values", classes(0, 17)),
        case("255 memo values", classes(0, 255)),
        case("eight classes", classes(8, 1)),
        case("two thousand classes", classes(1000, 1)),
        case("two classes with nine memo values", classes(1, 9)),
        case("a class without a name", |manifest| manifest.classes = vec![String::new()]),
        case("a glob of nothing", glob("")),
        case("a glob with a line end", glob("10.0.*\n")),
        case("a glob with a hidden letter", glob("10.\u{2060}0.*")),
        case("a glob of ten thousand stars", |manifest| {
            manifest.classes = vec!["class".into()];
            manifest.glob = "*".repeat(10_000);
        }),
    ]
}

fn case(name: &'static str, change: impl Fn(&mut Manifest) + 'static) -> Case {
    refused(name, "manifest", move || hostile().with(&change).component())
}
