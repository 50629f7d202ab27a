//! One revision of a service, and what was made from it on demand.
//!
//! Invariants:
//! - A snapshot never changes. What is made from it (packed copy, answers, sums) is made once and lives as long as it.
//! - Equal revision, equal columns: the revision grows exactly when a published column changes.

use std::sync::Arc;

use crate::{
    answers::Answers, draft::Columns, interner::Interner, packed::Packed, row::Row, sync::OnceLock, view::View,
};

/// The columns of one revision.
pub(crate) struct Snapshot {
    revision: u64,
    pub(crate) columns: Columns,
    /// Most services of most revisions never need it.
    made: OnceLock<Box<Made>>,
}

#[cfg(not(any(loom, shuttle)))]
const _: () = assert!(size_of::<Snapshot>() <= 88, "design 6: the memory of a service is budgeted");

/// What readers had made from a snapshot.
#[derive(Default)]
struct Made {
    packed: OnceLock<Arc<Packed>>,
    answers: Answers,
    weights: OnceLock<Box<[u64]>>,
}

impl Snapshot {
    pub(crate) fn new(revision: u64, columns: Columns) -> Snapshot {
        Snapshot { revision, columns, made: OnceLock::new() }
    }

    /// The same columns under the next revision, to be changed and published.
    pub(crate) fn next(&self) -> Snapshot {
        Snapshot::new(self.revision + 1, self.columns.clone())
    }

    #[inline]
    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    /// The refcounted copy for other languages, built once.
    pub(crate) fn packed(&self, names: &Interner) -> Arc<Packed> {
        let view = View { snapshot: self, names };
        Arc::clone(self.made().packed.get_or_init(|| Arc::new(Packed::of(&view))))
    }

    pub(crate) fn answers(&self) -> &Answers {
        &self.made().answers
    }

    /// The sum of the weights of each chunk's serving instances.
    pub(crate) fn serving_weights(&self) -> &[u64] {
        let place = &self.made().weights;
        if let Some(sums) = place.get() {
            return sums;
        }
        let sum = |chunk: &[Row]| chunk.iter().filter(|row| row.serves()).map(|row| u64::from(row.weight)).sum();
        // Summed outside the cell, so that nobody waits for a reader that is preempted meanwhile.
        let sums = self.columns.rows.chunks().map(sum).collect();
        place.get_or_init(|| sums)
    }

    fn made(&self) -> &Made {
        self.made.get_or_init(Box::default)
    }
}
