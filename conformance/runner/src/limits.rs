//! Every bound of a vector file, with the reason for its size.

/// Longest line, in bytes: a vector that needs more tells more than one story.
pub const LINE_BYTES_MAX: usize = 64 * 1024;
/// Most vectors in one file.
pub const VECTORS_PER_FILE_MAX: usize = 1_000;
/// Most events of one vector.
pub const EVENTS_MAX: usize = 256;
/// Latest time of an event, in milliseconds: one day. Time passes in ticks of 100 ms, so a day is 864 000 of them.
pub const AT_MS_MAX: u64 = 24 * 60 * 60 * 1000;
/// Longest id, in bytes: it stands in the first column of a table.
pub const ID_BYTES_MAX: usize = 64;
/// Longest title, source or note, in bytes.
pub const TEXT_BYTES_MAX: usize = 1_024;
/// Most policies that one vector names.
pub const POLICIES_MAX: usize = 16;
