//! Journals that are cut and flipped anywhere: what is read is true, what is missing is said, and a start takes no notice.

use std::{fs, path::PathBuf, sync::Arc};

use proptest::prelude::*;
use steadfast_core::{MemoryStore, Options, Registry};
use tempfile::TempDir;

use super::{
    FileJournal, JournalOptions,
    folder::segments,
    frame::HEADER_BYTES,
    samples::{batch, found, sink},
};

const DECISIONS: u64 = 120;

/// Three segments or more, of some 40 decisions and their definitions each.
fn journal() -> (TempDir, Vec<PathBuf>) {
    let folder = TempDir::new().unwrap();
    sink(folder.path(), 4_500).write(&batch(0..DECISIONS));
    let paths: Vec<PathBuf> = segments(folder.path()).unwrap().into_iter().map(|segment| segment.path).collect();
    assert!(paths.len() >= 3, "{paths:?}");
    (folder, paths)
}

/// What is read must be of what was written, in its order; and whatever is missing must be said.
fn judge(folder: &TempDir, is_last: bool) -> Result<(), TestCaseError> {
    let found = found(folder.path());
    prop_assert!(found.times_ms.is_sorted_by(|one, next| one < next), "{found:?}");
    prop_assert!(found.times_ms.iter().all(|time| *time < DECISIONS));
    let missing = DECISIONS - found.times_ms.len() as u64;
    // What the last segment has lost nobody can count, and at the very beginning older segments are deleted in due
    // course; then it is only said that something was skipped.
    prop_assert!(found.lost <= missing, "{found:?}");
    prop_assert!(missing == 0 || found.lost > 0 || !found.skipped.is_empty() || is_last, "{found:?}");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_flipped_byte_hides_the_rest_of_one_segment_at_most(at in any::<prop::sample::Index>(), of in any::<prop::sample::Index>(), bit in 0..8_u32) {
        let (folder, paths) = journal();
        let path = &paths[of.index(paths.len())];
        let mut bytes = fs::read(path).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        fs::write(path, bytes).unwrap();
        prop_assert_eq!(found(folder.path()).skipped.len(), 1, "no flip stays unseen");
        judge(&folder, false)?;
    }

    #[test]
    fn a_cut_hides_the_rest_of_one_segment_at_most(at in any::<prop::sample::Index>(), of in any::<prop::sample::Index>()) {
        let (folder, paths) = journal();
        let of = of.index(paths.len());
        let bytes = fs::read(&paths[of]).unwrap();
        fs::write(&paths[of], &bytes[..at.index(bytes.len())]).unwrap();
        judge(&folder, of + 1 == paths.len())?;
    }

    #[test]
    fn any_bytes_are_read_without_harm(bytes in proptest::collection::vec(any::<u8>(), 0..300), keeps_header: bool) {
        let (folder, paths) = journal();
        let header = fs::read(&paths[1]).unwrap()[..HEADER_BYTES].to_vec();
        let content = if keeps_header { [header, bytes].concat() } else { bytes };
        fs::write(&paths[1], content).unwrap();
        judge(&folder, false)?;
    }
}

#[test]
fn a_segment_that_is_gone_is_counted() {
    let (folder, paths) = journal();
    fs::remove_file(&paths[1]).unwrap();
    let found = found(folder.path());
    assert_eq!((found.times_ms.len() as u64 + found.lost, found.skipped.len()), (DECISIONS, 0), "{found:?}");
}

#[test]
fn a_start_takes_no_notice_of_what_is_in_the_folder() {
    let (folder, paths) = journal();
    for path in &paths {
        fs::write(path, b"\x89SFJ\r\n\x1A\nnonsense").unwrap();
    }
    fs::write(folder.path().join("notes.log"), b"not ours").unwrap();
    let journal = Arc::new(FileJournal::start(folder.path(), JournalOptions::default()).unwrap());
    let options = Options { journal: Some(journal), ..Options::default() };
    Registry::open(options, Box::new(MemoryStore::new())).unwrap().shutdown();
    assert_eq!(fs::read(folder.path().join("notes.log")).unwrap(), b"not ours");
}
