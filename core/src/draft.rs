//! The instances of a service as its writers keep them; publishing freezes them into a snapshot.

use crate::{
    chunked::Chunked,
    handle::Handle,
    metadata::Metadata,
    row::{Fields, Row},
    snapshot::Snapshot,
};

/// What is published of one instance.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record<'a> {
    pub(crate) fields: Fields,
    pub(crate) metadata: &'a Metadata,
}

/// Equally long columns; position n of each is about the same instance. A copy shares all of it.
///
/// Metadata is apart from the rows because its references are counted: a flip then copies numbers only, and only a
/// change of metadata, or somebody who comes or goes, touches the counts of a chunk's neighbours.
#[derive(Clone, Default)]
pub(crate) struct Columns {
    pub(crate) rows: Chunked<Row>,
    pub(crate) metadata: Chunked<Metadata>,
    /// The weights as they were set. There from the first odd one on.
    weights: Option<Chunked<f64>>,
    /// How many have traffic `serve`, and how many of those are healthy too.
    pub(crate) serve: u32,
    pub(crate) serving: u32,
}

impl Columns {
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn weight(&self, at: usize, row: &Row) -> f64 {
        let exact = || self.weights.as_ref().and_then(|weights| weights.at(at).copied());
        row.exact_weight().or_else(exact).unwrap_or_default()
    }

    fn push(&mut self, row: Row, record: &Record<'_>) {
        self.make_room_for_odd_weights(&row);
        self.count(&row, true);
        self.rows.push(row);
        self.metadata.push(record.metadata.clone());
        if let Some(weights) = &mut self.weights {
            weights.push(record.fields.weight);
        }
    }

    /// Replaces what differs; says whether anything did.
    fn set(&mut self, at: usize, row: Row, record: &Record<'_>) -> bool {
        let Some((&old, metadata)) = self.rows.at(at).zip(self.metadata.at(at)) else { return false };
        let weight = record.fields.weight;
        // Equal rows that are not odd have equal weights.
        let other_weight = old != row || row.has_odd_weight() && self.weight(at, &old).to_bits() != weight.to_bits();
        let other_metadata = metadata != record.metadata;
        self.make_room_for_odd_weights(&row);
        if old != row {
            self.count(&old, false);
            self.count(&row, true);
            self.rows.set(at, row);
        }
        if other_metadata {
            self.metadata.set(at, record.metadata.clone());
        }
        if let (true, Some(weights)) = (other_weight, &mut self.weights) {
            weights.set(at, weight);
        }
        other_weight || other_metadata
    }

    fn swap_remove(&mut self, at: usize) {
        if let Some(row) = self.rows.at(at).copied() {
            self.count(&row, false);
        }
        self.rows.swap_remove(at);
        self.metadata.swap_remove(at);
        if let Some(weights) = &mut self.weights {
            weights.swap_remove(at);
        }
    }

    fn count(&mut self, row: &Row, more: bool) {
        let step = |count: &mut u32, counts: bool| match (counts, more) {
            (true, true) => *count += 1,
            (true, false) => *count -= 1,
            (false, _) => {}
        };
        step(&mut self.serve, row.is_serve());
        step(&mut self.serving, row.serves());
    }

    fn make_room_for_odd_weights(&mut self, row: &Row) {
        if !row.has_odd_weight() || self.weights.is_some() {
            return;
        }
        let mut weights = Chunked::default();
        for row in self.rows.chunks().flatten() {
            weights.push(row.exact_weight().unwrap_or_default());
        }
        self.weights = Some(weights);
    }
}

/// Whether readers would see the same. Weights count where rows are odd, and there both have them.
impl PartialEq for Columns {
    fn eq(&self, other: &Columns) -> bool {
        let same_weights = || match (&self.weights, &other.weights) {
            (Some(one), Some(two)) => one == two,
            _ => true,
        };
        self.rows == other.rows && self.metadata == other.metadata && same_weights()
    }
}

/// The columns that the next snapshot will show.
#[derive(Default)]
pub(crate) struct Draft {
    columns: Columns,
    touched: bool,
}

impl Draft {
    /// Adds a record; returns its position.
    pub(crate) fn push(&mut self, record: &Record<'_>) -> usize {
        self.touched = true;
        self.columns.push(Row::new(&record.fields), record);
        self.columns.len() - 1
    }

    /// Replaces a record if it differs.
    pub(crate) fn set(&mut self, at: usize, record: &Record<'_>) {
        self.touched |= self.columns.set(at, Row::new(&record.fields), record);
    }

    /// Removes a record by moving the last one into its place; returns that one's handle if it moved.
    pub(crate) fn remove(&mut self, at: usize) -> Option<Handle> {
        self.touched = true;
        self.columns.swap_remove(at);
        self.columns.rows.at(at).map(|row| row.handle)
    }

    /// Whether the next snapshot would show anything else than the last one. What was changed and changed back counts
    /// as nothing, and is forgotten.
    pub(crate) fn differs(&mut self, published: &Snapshot) -> bool {
        if self.touched && self.columns == published.columns {
            self.columns = published.columns.clone();
            self.touched = false;
        }
        self.touched
    }

    /// Freezes the columns under a revision.
    pub(crate) fn publish(&mut self, revision: u64) -> Snapshot {
        self.touched = false;
        Snapshot::new(revision, self.columns.clone())
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};
    use steadfast_policy::Traffic;

    use super::*;
    use crate::{interner::Interner, key::Host, view::View};

    /// What a test says of one instance.
    #[derive(Clone, Debug, PartialEq)]
    struct Said {
        handle: Handle,
        weight: f64,
        healthy: bool,
        traffic: Traffic,
        metadata: Metadata,
    }

    fn said() -> impl Strategy<Value = Said> {
        let weight = prop_oneof![Just(1.0), Just(0.1), Just(0.0), 0.0..100.0];
        let metadata = prop_oneof![
            Just(Metadata::empty()),
            "[a-c]".prop_map(|zone| { Metadata::new([("zone", zone.as_str())]).unwrap() })
        ];
        (weight, any::<bool>(), 0..3_usize, metadata).prop_map(|(weight, healthy, traffic, metadata)| Said {
            handle: Handle::new(1, 0),
            weight,
            healthy,
            traffic: [Traffic::Serve, Traffic::Drain, Traffic::Refuse][traffic],
            metadata,
        })
    }

    fn record(said: &Said) -> Record<'_> {
        let fields = Fields {
            handle: said.handle,
            host: Host::V4([10, 0, 0, 1].into()),
            cluster: 0,
            weight: said.weight,
            port: 1,
            ephemeral: true,
            healthy: said.healthy,
            traffic: said.traffic,
            class: 0,
        };
        Record { fields, metadata: &said.metadata }
    }

    #[derive(Clone, Debug)]
    enum Op {
        Push(Said, u32),
        Set(usize, Said),
        Remove(usize),
        Publish,
    }

    fn op() -> impl Strategy<Value = Op> {
        prop_oneof![
            (said(), prop_oneof![4 => Just(1), 1 => 2..300_u32]).prop_map(|(said, count)| Op::Push(said, count)),
            (any::<usize>(), said()).prop_map(|(at, said)| Op::Set(at, said)),
            any::<usize>().prop_map(Op::Remove),
            Just(Op::Publish),
        ]
    }

    /// A draft beside what it should be.
    #[derive(Default)]
    struct Both {
        draft: Draft,
        model: Vec<Said>,
        slots: u32,
    }

    impl Both {
        fn play(&mut self, op: Op) {
            match op {
                Op::Push(said, count) => (0..count).for_each(|_| {
                    self.slots += 1;
                    let said = Said { handle: Handle::new(1, self.slots), ..said.clone() };
                    assert_eq!(self.draft.push(&record(&said)), self.model.len());
                    self.model.push(said);
                }),
                Op::Set(at, said) if !self.model.is_empty() => {
                    let at = at % self.model.len();
                    self.model[at] = Said { handle: self.model[at].handle, ..said };
                    self.draft.set(at, &record(&self.model[at]));
                }
                Op::Remove(at) if !self.model.is_empty() => {
                    let at = at % self.model.len();
                    self.model.swap_remove(at);
                    assert_eq!(self.draft.remove(at), self.model.get(at).map(|moved| moved.handle));
                }
                Op::Set(..) | Op::Remove(_) | Op::Publish => {}
            }
        }
    }

    fn shown(snapshot: &Snapshot) -> Vec<Said> {
        let names = Interner::new(1, &crate::garbage::Bin::new());
        View { snapshot, names: &names }
            .iter()
            .map(|instance| Said {
                handle: instance.handle(),
                weight: instance.weight(),
                healthy: instance.healthy(),
                traffic: instance.traffic(),
                metadata: instance.metadata().clone(),
            })
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn snapshots_are_what_the_model_was_when_they_were_taken(ops in vec(op(), 1..50)) {
            let mut both = Both::default();
            let mut published = vec![(Snapshot::new(0, Columns::default()), Vec::new())];
            for op in ops.into_iter().chain([Op::Publish]) {
                let publish = matches!(op, Op::Publish);
                both.play(op);
                let (last, last_model) = published.last().unwrap();
                if publish {
                    prop_assert_eq!(both.draft.differs(last), *last_model != both.model, "exactly when it differs");
                    let revision = last.revision() + 1;
                    published.push((both.draft.publish(revision), both.model.clone()));
                }
            }
            for (snapshot, model) in &published {
                prop_assert_eq!(&shown(snapshot), model);
                let serve = model.iter().filter(|said| said.traffic == Traffic::Serve);
                prop_assert_eq!(snapshot.columns.serve as usize, serve.clone().count());
                prop_assert_eq!(snapshot.columns.serving as usize, serve.filter(|said| said.healthy).count());
            }
        }
    }

    #[test]
    fn what_is_changed_and_changed_back_is_not_published() {
        let mut draft = Draft::default();
        let said = Said {
            handle: Handle::new(1, 1),
            weight: 1.0,
            healthy: true,
            traffic: Traffic::Serve,
            metadata: Metadata::empty(),
        };
        draft.push(&record(&said));
        let published = draft.publish(1);
        draft.set(0, &record(&said));
        assert!(!draft.differs(&published));
        draft.set(0, &record(&Said { healthy: false, ..said.clone() }));
        assert!(draft.differs(&published));
        draft.set(0, &record(&said));
        assert!(!draft.differs(&published));
        assert!(!draft.touched);
    }
}
