//! One segment being written: what it has defined, and what waits for the file.

use std::{
    collections::HashMap,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use foldhash::fast::RandomState;

use super::{
    batch::{Policy, RawDecision},
    fields::put_text,
    folder::{delete_oldest, path_of, segments},
    frame::{HEADER_BYTES, Header, Kind, put_record},
};

/// Numbers of what was defined, by its bytes.
type Numbers = HashMap<Box<[u8]>, u32, RandomState>;

#[derive(Debug)]
pub(super) struct Segment {
    file: File,
    path: PathBuf,
    /// Bytes written and waiting.
    bytes: u64,
    /// Bytes written.
    written: u64,
    pending: Vec<u8>,
    /// Decisions in `pending`.
    pub(super) pending_decisions: u64,
    services: Numbers,
    instances: Numbers,
    writers: Numbers,
    policies: HashMap<u64, u32, RandomState>,
}

impl Segment {
    /// Begins the next segment of a folder, and deletes the oldest where all together would have more than
    /// `total_bytes`.
    pub(super) fn begin(folder: &Path, header: Header, segment_bytes: u64, total_bytes: u64) -> io::Result<Segment> {
        fs::create_dir_all(folder)?;
        let before = segments(folder)?;
        let number = before.last().map_or(1, |last| last.number.saturating_add(1));
        delete_oldest(before, total_bytes.saturating_sub(segment_bytes))?;
        let path = path_of(folder, number);
        let file = OpenOptions::new().write(true).create_new(true).open(&path)?;
        Ok(Segment {
            file,
            path,
            written: 0,
            bytes: HEADER_BYTES as u64,
            pending: Header { segment: number, ..header }.to_bytes(),
            pending_decisions: 0,
            services: Numbers::default(),
            instances: Numbers::default(),
            writers: Numbers::default(),
            policies: HashMap::default(),
        })
    }

    /// Bytes that this segment has, or will have when what waits is written.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(super) fn push(&mut self, raw: &RawDecision<'_>, policies: &[Policy]) {
        let start = self.pending.len();
        let (instance, writer) = (self.instance(raw), self.writer(raw.writer));
        let policy = policies.get(raw.policy as usize).map_or(u32::MAX, |policy| self.policy(policy));
        put_record(&mut self.pending, Kind::Decision, |bytes| {
            for number in [instance, policy, writer] {
                bytes.extend_from_slice(&number.to_le_bytes());
            }
            bytes.extend_from_slice(raw.decision);
        });
        self.pending_decisions += 1;
        self.bytes += (self.pending.len() - start) as u64;
    }

    pub(super) fn push_lost(&mut self, count: u64) {
        let start = self.pending.len();
        put_record(&mut self.pending, Kind::Lost, |bytes| bytes.extend_from_slice(&count.to_le_bytes()));
        self.bytes += (self.pending.len() - start) as u64;
    }

    /// Writes what waits.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.file.write_all(&self.pending)?;
        self.written += self.pending.len() as u64;
        self.pending.clear();
        self.pending_decisions = 0;
        Ok(())
    }

    /// Ends a segment whose disk has failed; says how many decisions are lost with it.
    ///
    /// What was written in part is taken back, and a segment without a whole one goes: a disk that is full for a day
    /// would else be left with a file for each attempt. Where the disk refuses that too, a reader skips the part.
    pub(super) fn abandon(self) -> u64 {
        let _ = if self.written == 0 { fs::remove_file(&self.path) } else { self.file.set_len(self.written) };
        self.pending_decisions
    }

    fn instance(&mut self, raw: &RawDecision<'_>) -> u32 {
        if let Some(number) = self.instances.get(raw.place) {
            return *number;
        }
        let service = define(&mut self.services, &mut self.pending, Kind::Service, raw.service, |bytes| {
            bytes.extend_from_slice(raw.service);
        });
        define(&mut self.instances, &mut self.pending, Kind::Instance, raw.place, |bytes| {
            bytes.extend_from_slice(&service.to_le_bytes());
            bytes.extend_from_slice(raw.instance);
        })
    }

    fn writer(&mut self, text: &[u8]) -> u32 {
        define(&mut self.writers, &mut self.pending, Kind::Writer, text, |bytes| bytes.extend_from_slice(text))
    }

    fn policy(&mut self, policy: &Policy) -> u32 {
        let next = self.policies.len() as u32;
        *self.policies.entry(policy.epoch).or_insert_with(|| {
            put_record(&mut self.pending, Kind::Policy, |bytes| put_policy(bytes, policy));
            next
        })
    }
}

fn put_policy(bytes: &mut Vec<u8>, policy: &Policy) {
    use steadfast_core::Scope;
    bytes.extend_from_slice(&policy.epoch.to_le_bytes());
    put_text(bytes, &policy.digest);
    let scope: Vec<&str> = match &policy.scope {
        None => vec![],
        Some(Scope::Namespace { namespace }) => vec![namespace],
        Some(Scope::Group { namespace, group }) => vec![namespace, group],
        Some(Scope::Service { namespace, group, name }) => vec![namespace, group, name],
    };
    bytes.push(scope.len() as u8);
    for text in scope {
        put_text(bytes, text);
    }
    // A manifest is plain data, so it can be written; a table has one within its bounds, so it fits into a record.
    bytes.extend(serde_json::to_vec(policy.table.manifest()).unwrap_or_default());
}

/// The number of something, defined before it is used.
fn define(
    numbers: &mut Numbers,
    pending: &mut Vec<u8>,
    kind: Kind,
    key: &[u8],
    payload: impl FnOnce(&mut Vec<u8>),
) -> u32 {
    if let Some(number) = numbers.get(key) {
        return *number;
    }
    put_record(pending, kind, payload);
    let number = numbers.len() as u32;
    numbers.insert(key.into(), number);
    number
}
