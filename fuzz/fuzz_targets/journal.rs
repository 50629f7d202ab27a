//! A journal of any bytes is read to its end: what cannot be read is told, and nothing is read twice.
#![no_main]

use std::{
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use libfuzzer_sys::fuzz_target;
use steadfast_store::journal::{JournalReader, Record};

const MAGIC_AND_VERSION: &[u8] = b"\x89SFJ\r\n\x1A\n\x01\x00\x34\x00\0\0\0\0";
/// Boot, segment, first decision and retention.
const NUMBERS_BYTES: usize = 32;

fuzz_target!(|bytes: &[u8]| {
    // The first byte says whether the rest is a file as it is, or what stands in one: no fuzzer guesses a CRC.
    let Some((how, rest)) = bytes.split_first() else { return };
    let segment = if how % 2 == 0 { rest.to_vec() } else { framed(rest) };
    let folder = own_folder();
    read(&folder, &segment);
    fs::remove_dir_all(folder).expect("it was there");
});

fn read(folder: &Path, segment: &[u8]) {
    fs::write(folder.join("000001.log"), segment).expect("the folder is ours");
    let journal = JournalReader::open(folder).expect("it holds a segment");
    let mut records = 0;
    let all = journal.read(&mut |record| {
        records += 1;
        if let Record::Skipped(skipped) = record {
            assert_eq!(skipped.from + skipped.bytes, segment.len() as u64, "what is skipped goes to the end");
        }
        ControlFlow::Continue(())
    });
    assert!(all.is_continue());
    assert!(records <= segment.len() + 3, "more records than bytes");
}

/// A folder of this process for one input: nobody tells a fuzzer that it ends, so that nothing may be left to clear away.
fn own_folder() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("steadfast-fuzz-journal-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a temporary folder");
    folder
}

/// A segment whose checksums all fit, around whatever the bytes say: numbers of the header, then records of a kind, a
/// length and a payload.
fn framed(bytes: &[u8]) -> Vec<u8> {
    let (numbers, mut rest) = bytes.split_at(bytes.len().min(NUMBERS_BYTES));
    let mut segment = MAGIC_AND_VERSION.to_vec();
    segment.extend(numbers);
    segment.resize(MAGIC_AND_VERSION.len() + NUMBERS_BYTES, 0);
    segment.extend(crc32fast::hash(&segment).to_le_bytes());
    while let [kind, len, payload @ ..] = rest {
        let (payload, after) = payload.split_at(payload.len().min((*len).into()));
        let mut record = u32::try_from(payload.len() + 1).expect("a byte's length").to_le_bytes().to_vec();
        record.push(*kind);
        record.extend(payload);
        record.extend(crc32fast::hash(&record).to_le_bytes());
        segment.extend(record);
        rest = after;
    }
    segment
}
