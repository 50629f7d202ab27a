//! Bounds of the journal, each with its reason.

/// What waits for the writer, in bytes: some 60 000 decisions, which is more than a disk that works leaves behind in
/// half a second.
pub(crate) const WAITING_BYTES_MAX: usize = 8 << 20;
/// Smallest segment, in bytes: some 16 000 decisions of 64 bytes, what they define included.
pub(crate) const SEGMENT_BYTES_MIN: u64 = 1 << 20;
/// The largest. A reader holds one in memory.
pub(crate) const SEGMENT_BYTES_MAX: u64 = 256 << 20;
/// Segments of one journal at least: fewer would lose half of it with each one that is deleted.
pub(crate) const SEGMENTS_MIN: u64 = 4;
/// Longest record, in bytes: the largest manifest that a table file may have, twice.
pub(crate) const RECORD_BYTES_MAX: usize = 512 << 10;
/// How long the writer leaves a disk alone that has failed, in milliseconds: one attempt is a folder's listing and a file,
/// and what is decided meanwhile is lost.
pub(crate) const RETRY_MS: u64 = 1_000;
/// How long a decision waits for company before it is written, in milliseconds.
pub(crate) const WRITE_EVERY_MS: u64 = 250;
