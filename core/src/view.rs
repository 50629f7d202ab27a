//! What readers see: one revision of a service, for the length of a lookup.

use std::{iter::once, slice};

use steadfast_policy::Traffic;

use crate::{chunked::Chunks, handle::Handle, interner::Interner, metadata::Metadata, row::Row, snapshot::Snapshot};

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
        self.snapshot.columns.len()
    }

    /// Whether no instance is present.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Every present instance.
    pub fn iter(&self) -> Instances<'a> {
        let chunks = self.snapshot.columns.rows.chunks();
        Instances { view: *self, chunks, rows: [].iter(), at: 0, left: self.len() }
    }

    /// The instances that take traffic now: healthy, and nothing refuses.
    pub fn serving(&self) -> impl Iterator<Item = Instance<'a>> + use<'a> {
        self.iter().filter(Instance::serves)
    }

    /// How many instances take traffic now; counted when the view was made.
    pub fn serving_len(&self) -> usize {
        self.snapshot.columns.serving as usize
    }

    /// The instances of one cluster.
    pub fn in_cluster(&self, cluster: &str) -> impl Iterator<Item = Instance<'a>> + use<'a> {
        let number = self.names.find(cluster);
        self.iter().filter(move |instance| Some(instance.row.cluster) == number)
    }

    pub(crate) fn instance(self, at: usize) -> Option<Instance<'a>> {
        self.snapshot.columns.rows.at(at).map(|row| Instance { view: self, row, at: at as u32 })
    }
}

impl<'a> IntoIterator for &View<'a> {
    type Item = Instance<'a>;
    type IntoIter = Instances<'a>;

    fn into_iter(self) -> Instances<'a> {
        self.iter()
    }
}

/// Iterator over the instances of a view.
#[derive(Clone)]
pub struct Instances<'a> {
    view: View<'a>,
    chunks: Chunks<'a, Row>,
    rows: slice::Iter<'a, Row>,
    at: u32,
    left: usize,
}

impl<'a> Iterator for Instances<'a> {
    type Item = Instance<'a>;

    #[inline]
    fn next(&mut self) -> Option<Instance<'a>> {
        let row = loop {
            if let Some(row) = self.rows.next() {
                break row;
            }
            self.rows = self.chunks.next()?.iter();
        };
        let at = self.at;
        self.at += 1;
        self.left -= 1;
        Some(Instance { view: self.view, row, at })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }

    /// Chunk by chunk: what `count`, `sum` and most adapters come down to, without a question between two rows.
    #[inline]
    fn fold<B, F: FnMut(B, Instance<'a>) -> B>(self, init: B, mut take: F) -> B {
        let Instances { view, chunks, rows, mut at, .. } = self;
        let mut taken = init;
        for rows in once(rows.as_slice()).chain(chunks) {
            for row in rows {
                taken = take(taken, Instance { view, row, at });
                at += 1;
            }
        }
        taken
    }
}

impl ExactSizeIterator for Instances<'_> {}

/// One present instance.
#[derive(Clone, Copy)]
pub struct Instance<'a> {
    view: View<'a>,
    pub(crate) row: &'a Row,
    at: u32,
}

impl<'a> Instance<'a> {
    /// The handle that beats it.
    pub fn handle(&self) -> Handle {
        self.row.handle
    }

    /// The ip or host name.
    pub fn ip(&self) -> std::borrow::Cow<'a, str> {
        self.row.host().text(self.view.names)
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.row.port
    }

    /// The cluster.
    pub fn cluster(&self) -> &'a str {
        self.view.names.text(self.row.cluster)
    }

    /// Ephemeral, or persistent.
    pub fn ephemeral(&self) -> bool {
        self.row.ephemeral()
    }

    /// The liveness answer.
    pub fn healthy(&self) -> bool {
        self.row.healthy()
    }

    /// The order's answer.
    pub fn traffic(&self) -> Traffic {
        self.row.traffic()
    }

    /// Whether a lookup for traffic takes it.
    pub fn serves(&self) -> bool {
        self.row.serves()
    }

    /// The class under the selectors of the policy that decided it; 0 for none.
    pub fn class(&self) -> u8 {
        self.row.class()
    }

    /// The effective weight, exactly as it was set.
    pub fn weight(&self) -> f64 {
        self.view.snapshot.columns.weight(self.at as usize, self.row)
    }

    /// The effective metadata.
    pub fn metadata(&self) -> &'a Metadata {
        const NONE: &Metadata = &Metadata::empty();
        self.view.snapshot.columns.metadata.at(self.at as usize).unwrap_or(NONE)
    }
}
