//! From batches to segments: numbers, rotation, and a disk that fails.

use std::{
    io,
    path::PathBuf,
    time::{Duration, Instant},
};

use steadfast_core::Opening;

use crate::failure::with_advice;

use super::{
    batch::{Batch, Entry},
    file_journal::JournalOptions,
    frame::Header,
    segment::Segment,
};

/// Writes batches. After a failure the disk is left alone for a while; what comes meanwhile is lost, and the numbers of
/// the segments say how much.
#[derive(Debug)]
pub(super) struct Sink {
    folder: PathBuf,
    options: JournalOptions,
    retry: Duration,
    opening: Opening,
    /// The number of the next decision.
    next: u64,
    segment: Option<Segment>,
    resting: Option<Instant>,
    pub(super) written: u64,
    pub(super) lost: u64,
    pub(super) failure: Option<String>,
}

impl Sink {
    pub(super) fn new(folder: PathBuf, options: JournalOptions, retry: Duration) -> Sink {
        let opening = Opening { boot: 0, retain_ms: 0 };
        let (segment, resting, failure) = (None, None, None);
        Sink { folder, options, retry, opening, next: 1, segment, resting, written: 0, lost: 0, failure }
    }

    pub(super) fn write(&mut self, batch: &Batch) {
        if let Some(opening) = batch.opening.filter(|opening| *opening != self.opening) {
            (self.opening, self.next, self.segment) = (opening, 1, None);
        }
        for entry in batch.entries() {
            let count = if let Entry::Lost(count) = entry { count } else { 1 };
            if self.is_resting() {
                self.lost += u64::from(matches!(entry, Entry::Decision(_)));
            } else if let Err(error) = self.push(&entry, batch) {
                self.lost += u64::from(matches!(entry, Entry::Decision(_)));
                self.fail(&error);
            }
            self.next = self.next.saturating_add(count);
        }
        if let Err(error) = self.flush() {
            self.fail(&error);
        }
    }

    fn push(&mut self, entry: &Entry<'_>, batch: &Batch) -> io::Result<()> {
        if self.segment.as_ref().is_none_or(|segment| segment.bytes() >= self.options.segment_bytes) {
            self.rotate()?;
        }
        if let Some(segment) = &mut self.segment {
            match entry {
                Entry::Decision(raw) => segment.push(raw, &batch.policies),
                Entry::Lost(count) => segment.push_lost(*count),
            }
        }
        Ok(())
    }

    fn rotate(&mut self) -> io::Result<()> {
        self.flush()?;
        let header = Header { opening: self.opening, segment: 0, first: self.next };
        let JournalOptions { segment_bytes, total_bytes } = self.options;
        self.segment = Some(Segment::begin(&self.folder, header, segment_bytes, total_bytes)?);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        let Some(segment) = &mut self.segment else { return Ok(()) };
        let decisions = segment.pending_decisions;
        segment.flush()?;
        self.written += decisions;
        if decisions > 0 {
            self.failure = None;
        }
        Ok(())
    }

    fn fail(&mut self, error: &io::Error) {
        // The next segment says with which decision it begins, and so how many are missing.
        self.lost += self.segment.take().map_or(0, Segment::abandon);
        self.failure = Some(format!("writing the journal in {}: {}", self.folder.display(), with_advice(error)));
        self.resting = Some(Instant::now());
    }

    fn is_resting(&mut self) -> bool {
        let rests = self.resting.is_some_and(|since| since.elapsed() < self.retry);
        if !rests {
            self.resting = None;
        }
        rests
    }
}

#[cfg(test)]
#[path = "sink_tests.rs"]
mod tests;
