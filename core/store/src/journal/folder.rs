//! The segments in a folder.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

const ENDING: &str = "log";

/// The file of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SegmentPath {
    pub(super) number: u64,
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
}

/// Every segment, oldest first. Files with other names are left alone.
pub(super) fn segments(folder: &Path) -> io::Result<Vec<SegmentPath>> {
    let mut segments = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // One that goes away while it is looked at is not listed.
        let (Some(number), Ok(metadata)) = (number_of(&entry.path()), entry.metadata()) else { continue };
        if metadata.is_file() {
            segments.push(SegmentPath { number, path: entry.path(), bytes: metadata.len() });
        }
    }
    segments.sort_by_key(|segment| segment.number);
    Ok(segments)
}

fn number_of(path: &Path) -> Option<u64> {
    let is_segment = path.extension().is_some_and(|ending| ending == ENDING);
    let stem = path.file_stem()?.to_str()?;
    (is_segment && stem.len() >= 6 && stem.bytes().all(|byte| byte.is_ascii_digit())).then(|| stem.parse().ok())?
}

pub(super) fn path_of(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:06}.{ENDING}"))
}

/// Deletes the oldest segments until the rest has at most `bytes_max` bytes.
pub(super) fn delete_oldest(mut segments: Vec<SegmentPath>, bytes_max: u64) -> io::Result<()> {
    let mut total: u64 = segments.iter().map(|segment| segment.bytes).sum();
    segments.reverse();
    while total > bytes_max
        && let Some(oldest) = segments.pop()
    {
        match fs::remove_file(&oldest.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => total -= oldest.bytes,
        }
    }
    Ok(())
}
