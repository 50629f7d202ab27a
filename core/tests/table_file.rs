//! `.table` files: what is written is read again, and nothing else is.

use std::sync::Arc;

use proptest::prelude::*;
use steadfast_core::{
    MemoryStore, Options, Policy, Registry, TableFileError, Unproven, is_table_file,
    limits::{TABLE_DIGEST_BYTES_MAX, TABLE_FILE_BYTES_MAX, TABLE_MANIFEST_BYTES_MAX},
    policy::{
        Condition, Facts, Law, Manifest, NAME_BYTES_MAX, Orders, REASONS_MAX, Rail, Selector, StatePolicy, Subject,
        TEXT_BYTES_MAX, Table, Threshold, Traffic, Verdict,
        builtin::{self, AdminSticky},
        law::LawError,
    },
};

/// Where the parts start in a file whose digest is `builtin:admin-sticky`.
const VERSION: usize = 8;
const DIGEST_LENGTH: usize = 10;
const MANIFEST_LENGTH: usize = 12;
const ENTRY_COUNT: usize = 16;
const DIGEST: usize = 20;
const MANIFEST: usize = DIGEST + "builtin:admin-sticky".len();
const ENTRY: usize = 6;
const CHECKSUM: usize = 4;

fn saved() -> Vec<u8> {
    Policy::admin_sticky().to_table_bytes().unwrap()
}

/// A file changed by somebody who keeps the checksum right.
fn forged(change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut bytes = saved();
    bytes.truncate(bytes.len() - CHECKSUM);
    change(&mut bytes);
    let sum = crc32fast::hash(&bytes);
    bytes.extend(sum.to_le_bytes());
    bytes
}

/// A file whose manifest is changed; lengths and checksum fit.
fn with_manifest(change: impl FnOnce(&mut serde_json::Value)) -> Vec<u8> {
    forged(|bytes| {
        let entries = Table::of(&AdminSticky).unwrap().entries().count() * ENTRY;
        let end = bytes.len() - entries;
        let mut manifest: serde_json::Value = serde_json::from_slice(&bytes[MANIFEST..end]).unwrap();
        change(&mut manifest);
        let manifest = serde_json::to_vec(&manifest).unwrap();
        bytes[MANIFEST_LENGTH..][..4].copy_from_slice(&u32::try_from(manifest.len()).unwrap().to_le_bytes());
        bytes.splice(MANIFEST..end, manifest);
    })
}

/// A file in which the first answer that `wanted` accepts is another one.
fn with_answer(wanted: impl Fn(&Facts) -> bool, change: impl FnOnce(u16) -> u16) -> Vec<u8> {
    let at = Table::of(&AdminSticky).unwrap().entries().position(|(facts, _)| wanted(&facts)).unwrap();
    forged(|bytes| {
        let first = bytes.len() - Table::of(&AdminSticky).unwrap().entries().count() * ENTRY;
        let verdict = &mut bytes[first + at * ENTRY + 4..][..2];
        let bits = change(u16::from_le_bytes([verdict[0], verdict[1]]));
        verdict.copy_from_slice(&bits.to_le_bytes());
    })
}

#[track_caller]
fn refused(bytes: &[u8], words: &[&str]) -> TableFileError {
    let error = Policy::from_table_bytes(bytes).expect_err("it must be refused");
    let text = error.to_string();
    for word in words {
        assert!(text.contains(word), "{word:?} is missing in: {text}");
    }
    assert!(!text.contains('\n'), "one refusal is one line: {text}");
    error
}

/// Asserts the kind and the words of a refusal at once.
macro_rules! assert_refused {
    ($bytes:expr, $pattern:pat, $words:expr) => {
        let error = refused(&$bytes, &$words);
        assert!(matches!(error, $pattern), "{error:?}");
    };
}

#[test]
fn every_built_in_policy_survives_being_saved() {
    for name in builtin::NAMES {
        let policy = Policy::builtin(name).unwrap().unwrap();
        let bytes = policy.to_table_bytes().unwrap();
        assert!(is_table_file(&bytes) && bytes.len() <= TABLE_FILE_BYTES_MAX);
        let read = Policy::from_table_bytes(&bytes).unwrap();
        assert_eq!((&read.table, &read.digest), (&policy.table, &policy.digest), "{name}");
        assert_eq!(read.to_table_bytes().unwrap(), bytes, "one policy has one file");
    }
}

#[test]
fn a_registry_takes_a_policy_from_a_table_for_the_one_it_was_made_from() {
    let registry = Registry::open(Options::default(), Box::new(MemoryStore::default())).unwrap();
    let saved = Policy::builtin("heartbeat-wins").unwrap().unwrap();
    let read = Policy::from_table_bytes(&saved.to_table_bytes().unwrap()).unwrap();
    assert!(!registry.install(read).unwrap().unchanged);
    assert_eq!(registry.policy().name, "heartbeat-wins");
    assert!(registry.install(saved).unwrap().unchanged, "the same answers under the same digest");
}

/// Made once by `steadfast table save admin-sticky.wasm`. Whoever changes the format writes a new version, and this
/// one stays readable.
#[test]
fn a_file_of_version_1_stays_readable() {
    let golden = include_bytes!("golden/version-1.table");
    let policy = Policy::from_table_bytes(golden).unwrap();
    assert_eq!((policy.name(), policy.table.manifest().version.as_str()), ("admin-sticky", "0.1.0"));
    assert_eq!((policy.digest.len(), policy.table.manifest().laws.len()), (64, 8));
    assert_eq!(policy.table.entries().count(), 1910);
    let served = policy.table.entries().filter(|(_, verdict)| verdict.traffic == Traffic::Serve).count();
    assert!(served > 100, "{served}");
    assert_eq!(policy.to_table_bytes().unwrap(), golden, "and this version is still what is written");
}

#[test]
fn what_is_no_table_is_told_from_a_table_that_is_cut() {
    assert_refused!([], TableFileError::NotATable { .. }, ["\"\"", "table save"]);
    assert_refused!(*b"\0asm\x0d\0\x01\0", TableFileError::NotATable { .. }, ["asm"]);
    let mut translated = saved();
    translated.remove(4);
    assert_refused!(translated, TableFileError::NotATable { .. }, ["no .table file"]);
    assert!(!is_table_file(&translated) && !is_table_file(b""));
    assert_refused!(saved()[..7], TableFileError::Cut { bytes: 7, .. }, ["cut off", "7 bytes of 20"]);
    let whole = saved();
    assert_refused!(whole[..whole.len() - 1], TableFileError::Cut { .. }, ["cut off", &whole.len().to_string()]);
    let longer = [&whole[..], b"\n"].concat();
    assert_refused!(longer, TableFileError::Tail { .. }, [&whole.len().to_string()]);
}

#[test]
fn another_version_is_not_guessed_at() {
    assert_refused!(
        forged(|bytes| bytes[VERSION] = 2),
        TableFileError::Version { version: 2 },
        ["version 2", "reads version 1"]
    );
}

#[test]
fn lengths_are_compared_with_limits_before_anything_else() {
    let digest = forged(|bytes| bytes[DIGEST_LENGTH + 1] = 0xFF);
    assert_refused!(digest, TableFileError::TooLarge { part: "digest", .. }, ["at most 160"]);
    let manifest = forged(|bytes| bytes[MANIFEST_LENGTH + 3] = 0xFF);
    assert_refused!(manifest, TableFileError::TooLarge { part: "manifest", .. }, ["at most 262144"]);
    let entries = forged(|bytes| bytes[ENTRY_COUNT..][..4].fill(0xFF));
    assert_refused!(entries, TableFileError::Cut { .. }, ["cut off"]);
    let mut policy = Policy::admin_sticky();
    policy.digest = "d".repeat(TABLE_DIGEST_BYTES_MAX + 1);
    assert!(matches!(policy.to_table_bytes(), Err(TableFileError::TooLarge { part: "digest", .. })));
}

#[test]
fn the_digest_is_a_line_of_text() {
    assert_refused!(forged(|bytes| bytes[DIGEST] = b'\n'), TableFileError::Digest, ["one line"]);
    assert_refused!(forged(|bytes| bytes[DIGEST] = 0xFF), TableFileError::Digest, ["UTF-8"]);
}

#[test]
fn the_manifest_is_checked_as_any_other() {
    let broken = forged(|bytes| bytes[MANIFEST] = b'[');
    assert_refused!(broken, TableFileError::Manifest(_), ["manifest"]);
    let unknown = with_manifest(|manifest| manifest["color"] = "red".into());
    assert_refused!(unknown, TableFileError::Manifest(_), ["color"]);
    let shouting = with_manifest(|manifest| manifest[format!("a\n{}", "x".repeat(5000))] = 1.into());
    assert!(refused(&shouting, &["manifest", "a x"]).to_string().len() < 300, "the file is quoted, not repeated");
    let law = with_manifest(|manifest| manifest["laws"][0] = "kind".into());
    assert_refused!(law, TableFileError::Manifest(_), ["kind"]);
    let silent = with_manifest(|manifest| manifest["unhealthy_from"] = 9.into());
    assert_refused!(silent, TableFileError::Bounds(_), ["unhealthy-from is 9"]);
    let repeated = with_manifest(|manifest| manifest["laws"] = vec!["sticky"; 2].into());
    assert_refused!(repeated, TableFileError::Bounds(_), ["sticky", "more than once"]);
}

#[test]
fn each_question_has_one_answer_in_its_place() {
    let larger = with_manifest(|manifest| manifest["memo_size"] = 2.into());
    assert_refused!(larger, TableFileError::Entries { entries: 1910, expected: 3820 }, ["1910", "3820"]);
    let exchanged = forged(|bytes| {
        let last = bytes.len() - ENTRY;
        let (before, last) = bytes.split_at_mut(last);
        let from = before.len() - ENTRY;
        before[from..].swap_with_slice(last);
    });
    assert_refused!(exchanged, TableFileError::Facts { .. }, ["are to be answered"]);
}

#[test]
fn answers_are_verdicts_within_the_guard_rails() {
    let spare = with_answer(|_| true, |bits| bits | 1 << 15);
    assert_refused!(spare, TableFileError::Verdict { .. }, ["no verdict"]);
    let traffic = with_answer(|_| true, |bits| bits | 3 << 2);
    assert_refused!(traffic, TableFileError::Verdict { .. }, ["no verdict"]);
    let unexplained = with_answer(|_| true, |bits| bits & 0x1FF);
    assert_refused!(unexplained, TableFileError::Rail { rail: Rail::Reason, .. }, ["guard rail", "reason"]);
}

#[test]
fn a_claim_is_proven_and_not_believed() {
    use steadfast_core::policy::{Event, Hold};
    let brings_back = |facts: &Facts| facts.event == Event::Beat && facts.present && facts.hold == Hold::Offline;
    let bytes = with_answer(brings_back, |bits| bits & !(3 << 2));
    let error = refused(&bytes, &["does not hold"]);
    assert!(matches!(error, TableFileError::Law(LawError::Broken { law: Law::Sticky, .. })), "{error:?}");
    let looked_at = Unproven::from_table_bytes(&bytes).unwrap();
    assert_eq!(looked_at.table().manifest().name, "admin-sticky");
}

#[test]
fn every_byte_counts() {
    let whole = saved();
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 1 << (at % 8);
        assert!(Unproven::from_table_bytes(&damaged).is_err(), "byte {at} may be anything");
        assert!(Unproven::from_table_bytes(&whole[..at]).is_err(), "{at} bytes are enough");
    }
}

proptest! {
    #[test]
    fn damage_is_refused_wherever_it_is(at in any::<prop::sample::Index>(), noise in prop::collection::vec(any::<u8>(), 1..40)) {
        let mut bytes = saved();
        let at = at.index(bytes.len());
        let end = (at + noise.len()).min(bytes.len());
        bytes.splice(at..end, noise);
        prop_assume!(bytes != saved());
        prop_assert!(Policy::from_table_bytes(&bytes).is_err());
    }

    /// Whoever keeps the checksum right can write another policy, and nothing that is none.
    #[test]
    fn a_forged_file_is_refused_or_is_a_policy(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let bytes = forged(|bytes| {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        });
        if let Ok(read) = Unproven::from_table_bytes(&bytes) {
            read.table().manifest().validate().unwrap();
            let again = Policy::new(Arc::new(read.table().clone()), read.digest()).to_table_bytes().unwrap();
            let again = Unproven::from_table_bytes(&again).unwrap();
            prop_assert_eq!(again.table(), read.table());
        }
    }
}

/// As many answers, and as much text, as a policy can have.
struct Largest;

impl StatePolicy for Largest {
    fn manifest(&self) -> Manifest {
        let name = |letter: &str| letter.repeat(NAME_BYTES_MAX);
        // In JSON each of these is two bytes.
        let text = "\"".repeat(TEXT_BYTES_MAX);
        let condition =
            Condition { subject: Subject::Metadata, key: "\"".repeat(NAME_BYTES_MAX), pattern: text.clone() };
        let class = Selector { name: "\"".repeat(NAME_BYTES_MAX), conditions: vec![condition; 16] };
        let threshold = |after_ms| Threshold { after_ms, override_key: Some(name("k")) };
        let thresholds = vec![threshold(1_000), threshold(2_000), threshold(3_000)];
        Manifest {
            silence: thresholds.clone(),
            absence: thresholds,
            lapse_ms: Some(1 << 40),
            classes: vec![class; 7],
            memo_size: 2,
            reasons: vec![text.clone(); REASONS_MAX],
            laws: Law::ALL.to_vec(),
            ..Manifest::new(&name("n"), &name("v"), &text)
        }
    }

    fn decide(&self, facts: &Facts) -> Verdict {
        let mut verdict = AdminSticky.decide(&Facts { memo: 0, class: 0, ..*facts });
        verdict.orders = Orders::Keep;
        verdict
    }
}

#[test]
fn the_largest_policy_fits() {
    let table = Table::of(&Largest).unwrap();
    let entries = table.entries().count();
    let bytes = Policy::new(Arc::new(table), "largest").to_table_bytes().unwrap();
    let manifest = bytes.len() - DIGEST - "largest".len() - entries * ENTRY - CHECKSUM;
    assert!(manifest > TABLE_MANIFEST_BYTES_MAX / 4 * 3 && manifest <= TABLE_MANIFEST_BYTES_MAX, "{manifest}");
    assert!(bytes.len() > TABLE_FILE_BYTES_MAX / 3 && bytes.len() <= TABLE_FILE_BYTES_MAX / 2, "{}", bytes.len());
    assert_eq!(Unproven::from_table_bytes(&bytes).unwrap().table().entries().count(), entries);
}
