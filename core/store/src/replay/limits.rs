//! Bounds of a replay, each with its reason.

/// Instances that are followed: some 300 bytes each, so that a replay stays below a gigabyte. Decisions about others are
/// counted.
pub(super) const INSTANCES_MAX: usize = 2 << 20;
/// Unreadable parts that are told; all are counted.
pub(super) const SKIPPED_TOLD_MAX: usize = 100;
/// Decisions between two words of progress.
pub(super) const PROGRESS_EVERY: u64 = 1 << 17;
/// Differences that are listed one by one at most: some 500 bytes each.
pub(super) const LISTED_MAX: usize = 1 << 20;
