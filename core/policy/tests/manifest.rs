//! What a manifest may declare, bound by bound: the largest that fits, and what is said of one more.

use steadfast_policy::{
    CONDITIONS_MAX, Condition, DURATION_MS_MAX, Law, Manifest, NAME_BYTES_MAX, REASONS_MAX, Selector, Subject,
    TEXT_BYTES_MAX, THRESHOLD_MS_MIN, Threshold,
};

fn good() -> Manifest {
    Manifest { reasons: vec!["in service".into()], ..Manifest::new("night-shift", "1.0.0", "Serves at night.") }
}

fn refusal(manifest: &Manifest) -> String {
    manifest.validate().expect_err("it is out of bounds").to_string()
}

fn thresholds(after_ms: &[u64]) -> Vec<Threshold> {
    after_ms.iter().map(|&after_ms| Threshold { after_ms, override_key: None }).collect()
}

fn with_glob(subject: Subject, key: &str, pattern: &str) -> Manifest {
    let condition = Condition { subject, key: key.into(), pattern: pattern.into() };
    with_class("canary", vec![condition])
}

fn with_class(name: &str, conditions: Vec<Condition>) -> Manifest {
    Manifest { classes: vec![Selector { name: name.into(), conditions }], ..good() }
}

#[test]
fn the_largest_of_everything_fits() {
    let glob =
        Condition { subject: Subject::Metadata, key: "k".repeat(NAME_BYTES_MAX), pattern: "*".repeat(TEXT_BYTES_MAX) };
    let class = Selector { name: "c".repeat(NAME_BYTES_MAX), conditions: vec![glob; CONDITIONS_MAX] };
    let largest = Manifest {
        name: "n".repeat(NAME_BYTES_MAX),
        version: "v".repeat(NAME_BYTES_MAX),
        summary: "s".repeat(TEXT_BYTES_MAX),
        silence: thresholds(&[THRESHOLD_MS_MIN, THRESHOLD_MS_MIN + 1, DURATION_MS_MAX]),
        unhealthy_from: 4,
        absence: thresholds(&[DURATION_MS_MAX]),
        lapse_ms: Some(DURATION_MS_MAX),
        classes: vec![class; 7],
        memo_size: 2,
        memo_layout: u32::MAX,
        reasons: vec!["r".repeat(TEXT_BYTES_MAX); REASONS_MAX],
        laws: Law::ALL.to_vec(),
    };
    assert_eq!(largest.validate(), Ok(()));
}

#[test]
fn a_threshold_of_nothing_or_of_centuries_is_refused() {
    for after_ms in [0, THRESHOLD_MS_MIN - 1, DURATION_MS_MAX + 1, u64::MAX] {
        let range = format!("threshold of {after_ms} ms; 1000 ms to 2^40 ms are allowed");
        let silence = Manifest { silence: thresholds(&[after_ms]), ..good() };
        assert_eq!(refusal(&silence), format!("manifest: silence {range}"));
        let absence = Manifest { absence: thresholds(&[after_ms]), ..good() };
        assert_eq!(refusal(&absence), format!("manifest: absence {range}"));
        let lapse = Manifest { lapse_ms: Some(after_ms), ..good() };
        assert_eq!(refusal(&lapse), format!("manifest: lapse {range}"));
    }
}

#[test]
fn thresholds_out_of_order_are_told_with_both_durations() {
    for (first_ms, second_ms) in [(30_000, 15_000), (15_000, 15_000)] {
        let absence = Manifest { absence: thresholds(&[first_ms, second_ms]), ..good() };
        let expected = format!(
            "manifest: absence threshold of {second_ms} ms comes after one of {first_ms} ms; put them in rising order, \
             each once"
        );
        assert_eq!(refusal(&absence), expected);
    }
    let four = Manifest { silence: thresholds(&[1000, 2000, 3000, 4000]), ..good() };
    assert_eq!(refusal(&four), "manifest: more than 3 silence thresholds");
    let mut nameless = good();
    nameless.silence[1].override_key = Some(String::new());
    assert_eq!(refusal(&nameless), "manifest: override key of silence threshold 2 has 0 bytes; 1 to 128 are allowed");
}

#[test]
fn a_bad_glob_is_told_with_its_class_and_condition() {
    let glob = |pattern: &str| refusal(&with_glob(Subject::Ip, "", pattern));
    assert_eq!(glob(""), "manifest: glob of condition 1 of class 1 has 0 bytes; 1 to 512 are allowed");
    let long = "*".repeat(TEXT_BYTES_MAX + 1);
    assert_eq!(glob(&long), "manifest: glob of condition 1 of class 1 has 513 bytes; 1 to 512 are allowed");
    assert_eq!(
        glob("10.0.*\u{200b}"),
        "manifest: glob of condition 1 of class 1 holds the character U+200B at byte 6; control characters and \
         invisible marks are not allowed"
    );
    let keyless = refusal(&with_glob(Subject::Metadata, "", "*"));
    assert_eq!(keyless, "manifest: key of condition 1 of class 1 has 0 bytes; 1 to 128 are allowed");
    let keyed = refusal(&with_glob(Subject::Cluster, "zone", "*"));
    assert_eq!(keyed, "manifest: condition 1 of class 1 has a key; only metadata has keys, leave it empty");
}

#[test]
fn a_class_needs_a_name_and_conditions() {
    let condition = || Condition { subject: Subject::Port, key: String::new(), pattern: "80??".into() };
    assert_eq!(with_class("canary", vec![condition()]).validate(), Ok(()));
    let nameless = refusal(&with_class("", vec![condition()]));
    assert_eq!(nameless, "manifest: name of class 1 has 0 bytes; 1 to 128 are allowed");
    let empty = refusal(&with_class("canary", Vec::new()));
    assert_eq!(empty, "manifest: class 1 has 0 conditions; 1 to 16 are allowed");
    let many = refusal(&with_class("canary", vec![condition(); CONDITIONS_MAX + 1]));
    assert_eq!(many, "manifest: class 1 has 17 conditions; 1 to 16 are allowed");
}

#[test]
fn texts_over_the_bound_and_texts_that_hide_something_are_told_apart() {
    let long = Manifest { name: "n".repeat(NAME_BYTES_MAX + 1), ..good() };
    assert_eq!(refusal(&long), "manifest: name has 129 bytes; 1 to 128 are allowed");
    let summary = Manifest { summary: "s".repeat(TEXT_BYTES_MAX + 1), ..good() };
    assert_eq!(refusal(&summary), "manifest: summary has 513 bytes; 0 to 512 are allowed");
    let reasons = vec!["in service".into(), "r".repeat(TEXT_BYTES_MAX + 1)];
    assert_eq!(refusal(&Manifest { reasons, ..good() }), "manifest: reason 2 has 513 bytes; 1 to 512 are allowed");
    let split = Manifest { version: "1\n0".into(), ..good() };
    assert!(refusal(&split).starts_with("manifest: version holds the character U+000A at byte 1; "));
}

#[test]
fn memo_and_classes_share_sixteen_cells() {
    let memo = |memo_size| Manifest { memo_size, ..good() };
    assert_eq!(memo(16).validate(), Ok(()));
    for memo_size in [0, 17, 255] {
        let said = refusal(&memo(memo_size));
        assert!(said.contains(&format!("times {memo_size} memo values; at most 8, 16 and 16 together")), "{said}");
    }
    let both = Manifest { memo_size: 9, ..with_glob(Subject::Ip, "", "*") };
    assert!(refusal(&both).contains("2 classes (with class 0) times 9 memo values"));
}

#[test]
fn bands_reasons_and_laws_are_counted() {
    for unhealthy_from in [0, 5] {
        let said = refusal(&Manifest { unhealthy_from, ..good() });
        assert_eq!(said, format!("manifest: unhealthy-from is {unhealthy_from}; it is a silence band, 1 to 4"));
    }
    for count in [0, REASONS_MAX + 1] {
        let reasons = vec!["why not".into(); count];
        assert_eq!(refusal(&Manifest { reasons, ..good() }), format!("manifest: {count} reasons; 1 to 63 are allowed"));
    }
    let twice = Manifest { laws: vec![Law::Sticky, Law::Honest, Law::Sticky], ..good() };
    assert_eq!(refusal(&twice), "manifest: the law sticky is claimed more than once; name each law once");
}
