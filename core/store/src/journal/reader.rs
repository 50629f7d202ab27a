//! Reading a journal back, segment by segment. Nothing in it is believed, and nothing in it is an error.

use std::{
    fs::File,
    io::{self, Read},
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use serde::Serialize;
use steadfast_core::{
    Address, Opening, ServiceName,
    policy::{Input, Manifest, State, Verdict},
};

use super::{
    error::JournalError,
    folder::{SegmentPath, segments},
    frame::Header,
    limits::SEGMENT_BYTES_MAX,
};

mod decode;

use decode::Decoder;

const SUBFOLDER: &str = "journal";
/// A segment may be longer than it should by what came with its last decision: definitions, the largest of which is a
/// policy.
const SLACK_BYTES: u64 = 2 << 20;

/// A journal in a folder, to be read.
#[derive(Clone, Debug)]
pub struct JournalReader {
    segments: Vec<SegmentPath>,
}

/// What stands in a journal, in its order.
///
/// Definitions (`Service` to `Writer`) hold until the end of their segment; the first of each kind in it is number 0.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Record<'a> {
    /// A segment begins; all numbers start anew.
    Segment {
        /// Its place among those that are read, from 1.
        place: usize,
        /// How many there are.
        of: usize,
        /// The start of the registry that wrote it.
        opening: Opening,
    },
    /// A service is defined.
    Service(ServiceName),
    /// An instance is defined.
    Instance {
        /// The number of its service.
        service: u32,
        /// Its address.
        address: Address,
    },
    /// A policy is defined.
    Policy(Box<RecordedPolicy>),
    /// A writer is defined.
    Writer(&'a str),
    /// A decision.
    Decision(Decision),
    /// Decisions are missing here: the disk was slower than they came, or failed.
    Lost(u64),
    /// A part cannot be read.
    Skipped(&'a Skipped),
}

/// A policy as a journal knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedPolicy {
    /// The epoch of its decisions.
    pub epoch: u64,
    /// What tells it from others.
    pub digest: String,
    /// The names of its scope, from the widest to the narrowest; none for the default.
    pub scope: Vec<String>,
    /// What it declares.
    pub manifest: Manifest,
}

/// A decision as it was recorded. See [`Decided`](steadfast_core::Decided) for what the fields mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The number of the instance.
    pub instance: u32,
    /// The number of the policy that answered.
    pub policy: u32,
    /// The number of who caused it.
    pub writer: u32,
    /// Registry time, in milliseconds since the registry opened.
    pub time_ms: u64,
    /// Wall time, in milliseconds since 1970.
    pub wall_ms: u64,
    /// Since the last beat, or since the instance left, in milliseconds.
    pub elapsed_ms: u64,
    /// The state before.
    pub before: State,
    /// Whether own orders stood.
    pub ordered: bool,
    /// The event.
    pub input: Input,
    /// The answer.
    pub verdict: Verdict,
}

/// A part of a segment that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// The file's name.
    pub segment: String,
    /// From which byte on.
    pub from: u64,
    /// How many bytes.
    pub bytes: u64,
    /// What is wrong, after "the segment".
    pub problem: String,
}

impl JournalReader {
    /// Finds a journal in `folder`, or in the folder `journal` inside it. It may be in use: what is written later is not
    /// read.
    ///
    /// # Errors
    ///
    /// The folder cannot be listed, or holds no segment.
    pub fn open(folder: &Path) -> Result<JournalReader, JournalError> {
        let read = |at: &Path| segments(at).map_err(|source| JournalError::Read { folder: PathBuf::from(at), source });
        let mut found = read(folder)?;
        let inside = folder.join(SUBFOLDER);
        if found.is_empty() && inside.is_dir() {
            found = read(&inside)?;
        }
        if found.is_empty() {
            return Err(JournalError::Nothing { folder: folder.to_owned() });
        }
        Ok(JournalReader { segments: found })
    }

    /// Hands everything to `visit`, oldest first, until it breaks. Holds one segment in memory at a time.
    ///
    /// A segment that is cut or damaged is read up to there; the rest is told as [`Record::Skipped`], and reading goes
    /// on with the next one, which says how many decisions were missed.
    pub fn read(&self, visit: &mut dyn FnMut(Record<'_>) -> ControlFlow<()>) -> ControlFlow<()> {
        let of = self.segments.len();
        let mut next: Option<(u64, u64)> = None;
        for (place, segment) in (1..).zip(&self.segments) {
            let (bytes, problem) = content(segment);
            let skip = |from: usize, problem: String| {
                let (len, from) = (segment.bytes.max(bytes.len() as u64), from as u64);
                let name = segment.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                Skipped { segment: name, from, bytes: len.saturating_sub(from), problem }
            };
            let (header, rest) = match Header::read(&bytes) {
                Ok(read) => read,
                Err(found) => {
                    visit(Record::Skipped(&skip(0, problem.unwrap_or(found))))?;
                    continue;
                }
            };
            visit(Record::Segment { place, of, opening: header.opening })?;
            missing(next, &header).map_or(ControlFlow::Continue(()), |count| visit(Record::Lost(count)))?;
            let mut decoder = Decoder::new(rest, header.first);
            let found = decoder.read_all(visit)?;
            next = Some((header.opening.boot, decoder.next()));
            if let Some(problem) = found.map(str::to_owned).or(problem) {
                visit(Record::Skipped(&skip(bytes.len() - decoder.left(), problem)))?;
            }
        }
        ControlFlow::Continue(())
    }
}

/// Decisions of which no segment tells, between what was read last and what a segment begins with.
fn missing(next: Option<(u64, u64)>, header: &Header) -> Option<u64> {
    let expected = match next {
        // What stood before the oldest segment was deleted in due course.
        None => return None,
        Some((boot, next)) if boot == header.opening.boot => next,
        Some(_) => 1,
    };
    header.first.checked_sub(expected).filter(|count| *count > 0)
}

/// The bytes of a segment, and what keeps it from being read whole.
fn content(segment: &SegmentPath) -> (Vec<u8>, Option<String>) {
    let mut bytes = Vec::new();
    let read = |bytes: &mut Vec<u8>| -> io::Result<usize> {
        File::open(&segment.path)?.take(SEGMENT_BYTES_MAX + SLACK_BYTES).read_to_end(bytes)
    };
    let problem = match read(&mut bytes) {
        Ok(_) if segment.bytes > SEGMENT_BYTES_MAX + SLACK_BYTES => Some("is larger than any segment".to_owned()),
        Ok(_) => None,
        Err(error) => Some(format!("cannot be read: {error}")),
    };
    (bytes, problem)
}
