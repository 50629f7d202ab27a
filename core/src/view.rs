//! What readers see: an immutable list of packed records for each revision of a service.
//!
//! Invariants:
//! - A snapshot never changes; a change copies the chunks it touches and the list of chunks.
//! - Equal revision, equal records: the revision grows exactly when a published record changes.

use std::sync::{Arc, OnceLock};

use steadfast_policy::Traffic;

use crate::{handle::Handle, interner::Interner, key::Host, metadata::Metadata, packed::Packed};

/// Records in one chunk; a flip copies one chunk.
const CHUNK: usize = 256;

/// One published instance.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Record {
    pub(crate) handle: Handle,
    pub(crate) host: Host,
    pub(crate) cluster: u32,
    pub(crate) weight: f64,
    pub(crate) port: u16,
    pub(crate) ephemeral: bool,
    pub(crate) healthy: bool,
    pub(crate) traffic: Traffic,
    pub(crate) metadata: Metadata,
}

type Chunk = Arc<Vec<Record>>;

/// The records of one revision.
pub(crate) struct Snapshot {
    revision: u64,
    len: usize,
    chunks: Box<[Chunk]>,
    packed: OnceLock<Arc<Packed>>,
}

impl Snapshot {
    pub(crate) fn empty(revision: u64) -> Snapshot {
        Snapshot { revision, len: 0, chunks: Box::default(), packed: OnceLock::new() }
    }

    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    /// The refcounted copy for other languages, built once.
    pub(crate) fn packed(&self, names: &Interner) -> Arc<Packed> {
        let view = View { snapshot: self, names };
        Arc::clone(self.packed.get_or_init(|| Arc::new(Packed::of(&view))))
    }
}

/// The records of a service as its writers see them; publishing freezes them into a snapshot.
#[derive(Default)]
pub(crate) struct Draft {
    chunks: Vec<Chunk>,
    len: usize,
    changed: bool,
}

impl Draft {
    /// Adds a record; returns its position.
    pub(crate) fn push(&mut self, record: Record) -> usize {
        let at = self.len;
        if at / CHUNK == self.chunks.len() {
            self.chunks.push(Arc::default());
        }
        Arc::make_mut(&mut self.chunks[at / CHUNK]).push(record);
        self.len += 1;
        self.changed = true;
        at
    }

    /// Replaces a record if it differs.
    pub(crate) fn set(&mut self, at: usize, record: Record) {
        if self.chunks[at / CHUNK][at % CHUNK] != record {
            Arc::make_mut(&mut self.chunks[at / CHUNK])[at % CHUNK] = record;
            self.changed = true;
        }
    }

    /// Removes a record by moving the last one into its place; returns that one's handle if it moved.
    pub(crate) fn remove(&mut self, at: usize) -> Option<Handle> {
        self.changed = true;
        self.len -= 1;
        let last = Arc::make_mut(&mut self.chunks[self.len / CHUNK]).pop()?;
        if self.len.is_multiple_of(CHUNK) {
            self.chunks.pop();
        }
        if at == self.len {
            return None;
        }
        let moved = last.handle;
        Arc::make_mut(&mut self.chunks[at / CHUNK])[at % CHUNK] = last;
        Some(moved)
    }

    pub(crate) fn changed(&self) -> bool {
        self.changed
    }

    /// Freezes the records under a revision.
    pub(crate) fn publish(&mut self, revision: u64) -> Snapshot {
        self.changed = false;
        Snapshot { revision, len: self.len, chunks: self.chunks.clone().into(), packed: OnceLock::new() }
    }
}

/// One revision of a service, borrowed for the length of a lookup.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) names: &'a Interner,
}

impl<'a> View<'a> {
    /// The revision; equal revisions of a service have equal instances.
    pub fn revision(&self) -> u64 {
        self.snapshot.revision()
    }

    /// How many instances are present.
    pub fn len(&self) -> usize {
        self.snapshot.len
    }

    /// Whether no instance is present.
    pub fn is_empty(&self) -> bool {
        self.snapshot.len == 0
    }

    /// Every present instance.
    pub fn iter(&self) -> impl Iterator<Item = Instance<'a>> + use<'a> {
        let names = self.names;
        self.snapshot.chunks.iter().flat_map(|chunk| chunk.iter()).map(move |record| Instance { record, names })
    }

    /// The instances that take traffic now: healthy, and nothing refuses.
    pub fn serving(&self) -> impl Iterator<Item = Instance<'a>> + use<'a> {
        self.iter().filter(Instance::serves)
    }

    /// The instances of one cluster.
    pub fn in_cluster(&self, cluster: &str) -> impl Iterator<Item = Instance<'a>> + use<'a> {
        let number = self.names.find(cluster);
        self.iter().filter(move |instance| Some(instance.record.cluster) == number)
    }
}

/// One present instance.
#[derive(Clone, Copy)]
pub struct Instance<'a> {
    record: &'a Record,
    names: &'a Interner,
}

impl<'a> Instance<'a> {
    /// The handle that beats it.
    pub fn handle(&self) -> Handle {
        self.record.handle
    }

    /// The ip or host name.
    pub fn ip(&self) -> std::borrow::Cow<'a, str> {
        self.record.host.text(self.names)
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.record.port
    }

    /// The cluster.
    pub fn cluster(&self) -> &'a str {
        self.names.text(self.record.cluster)
    }

    /// Ephemeral, or persistent.
    pub fn ephemeral(&self) -> bool {
        self.record.ephemeral
    }

    /// The liveness answer.
    pub fn healthy(&self) -> bool {
        self.record.healthy
    }

    /// The order's answer.
    pub fn traffic(&self) -> Traffic {
        self.record.traffic
    }

    /// Whether a lookup for traffic takes it.
    pub fn serves(&self) -> bool {
        self.record.healthy && self.record.traffic == Traffic::Serve
    }

    /// The effective weight.
    pub fn weight(&self) -> f64 {
        self.record.weight
    }

    /// The effective metadata.
    pub fn metadata(&self) -> &'a Metadata {
        &self.record.metadata
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(slot: u32) -> Record {
        Record {
            handle: Handle::new(1, slot),
            host: Host::V4([10, 0, 0, 1].into()),
            cluster: 0,
            weight: 1.0,
            port: 1,
            ephemeral: true,
            healthy: true,
            traffic: Traffic::Serve,
            metadata: Metadata::empty(),
        }
    }

    #[test]
    fn a_snapshot_does_not_see_later_changes() {
        let mut draft = Draft::default();
        for slot in 0..600 {
            assert_eq!(draft.push(record(slot)), slot as usize);
        }
        let snapshot = draft.publish(1);
        assert_eq!(draft.remove(3), Some(Handle::new(1, 599)));
        assert_eq!(draft.remove(598), None);
        draft.set(0, Record { healthy: false, ..record(0) });
        let names = Interner::new(1);
        let view = View { snapshot: &snapshot, names: &names };
        assert_eq!((view.len(), view.serving().count()), (600, 600));
        let later = draft.publish(2);
        let view = View { snapshot: &later, names: &names };
        assert_eq!((view.len(), view.serving().count()), (598, 597));
    }

    #[test]
    fn setting_an_equal_record_changes_nothing() {
        let mut draft = Draft::default();
        draft.push(record(0));
        draft.publish(1);
        draft.set(0, record(0));
        assert!(!draft.changed());
    }
}
