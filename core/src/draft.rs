//! The instances of a service as its writers keep them; publishing freezes them into a snapshot.

use crate::{
    chunked::Chunked,
    handle::Handle,
    metadata::Metadata,
    published::Published,
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
    weights: Option<Box<Chunked<f64>>>,
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

    /// Whether this is what stands at a position.
    fn shows(&self, at: usize, row: &Row, record: &Record<'_>) -> bool {
        self.rows.at(at) == Some(row)
            && self.has_weight(at, row, record)
            && self.metadata.at(at) == Some(record.metadata)
    }

    /// Whether the row at a position, which is this one, goes with the weight of a record.
    fn has_weight(&self, at: usize, row: &Row, record: &Record<'_>) -> bool {
        // Equal rows that are not odd have equal weights.
        !row.has_odd_weight() || self.weight(at, row).to_bits() == record.fields.weight.to_bits()
    }

    /// Replaces what differs.
    fn set(&mut self, at: usize, row: Row, record: &Record<'_>) {
        let Some((&old, metadata)) = self.rows.at(at).zip(self.metadata.at(at)) else { return };
        let other_weight = old != row || !self.has_weight(at, &row, record);
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
            weights.set(at, record.fields.weight);
        }
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
        self.weights = Some(Box::new(weights));
    }
}

/// Whether readers would see the same. Weights count where rows are odd, and there both have them.
impl PartialEq for Columns {
    fn eq(&self, other: &Columns) -> bool {
        let same_weights = || match (&self.weights, &other.weights) {
            (Some(one), Some(two)) => one == two,
            _ => true,
        };
        let counts = |columns: &Columns| (columns.serve, columns.serving, columns.len());
        // Compared first, because most changes that are published change one of them.
        counts(self) == counts(other) && self.rows == other.rows && self.metadata == other.metadata && same_weights()
    }
}

/// The next snapshot, from the first change on. Until then the published one says it all.
#[derive(Default)]
pub(crate) struct Draft(Option<Box<Snapshot>>);

impl Draft {
    /// Adds a record; returns its position.
    pub(crate) fn push(&mut self, published: &Published<Snapshot>, record: &Record<'_>) -> usize {
        let columns = self.columns(published);
        columns.push(Row::new(&record.fields), record);
        columns.len() - 1
    }

    /// Replaces a record if it differs.
    pub(crate) fn set(&mut self, published: &Published<Snapshot>, at: usize, record: &Record<'_>) {
        let row = Row::new(&record.fields);
        if self.0.is_some() || !published.read(|snapshot| snapshot.columns.shows(at, &row, record)) {
            self.columns(published).set(at, row, record);
        }
    }

    /// Removes a record by moving the last one into its place; returns that one's handle if it moved.
    pub(crate) fn remove(&mut self, published: &Published<Snapshot>, at: usize) -> Option<Handle> {
        let columns = self.columns(published);
        columns.swap_remove(at);
        columns.rows.at(at).map(|row| row.handle)
    }

    /// Takes the next snapshot if it shows anything else than the last one. What was changed and changed back counts as
    /// nothing, and is forgotten.
    pub(crate) fn take(&mut self, published: &Published<Snapshot>) -> Option<Box<Snapshot>> {
        self.0.take().filter(|next| published.read(|snapshot| snapshot.columns != next.columns))
    }

    fn columns(&mut self, published: &Published<Snapshot>) -> &mut Columns {
        let next = || Box::new(published.read(Snapshot::next));
        &mut self.0.get_or_insert_with(next).columns
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};
    use steadfast_policy::Traffic;

    use super::*;
    use crate::{garbage::Bin, interner::Interner, key::Host, view::View};

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

    fn nothing() -> Published<Snapshot> {
        Published::new(Snapshot::new(0, Columns::default()), &Bin::new())
    }

    /// A draft beside what it should be.
    struct Both {
        draft: Draft,
        published: Published<Snapshot>,
        model: Vec<Said>,
        slots: u32,
    }

    impl Both {
        fn play(&mut self, op: Op) {
            match op {
                Op::Push(said, count) => (0..count).for_each(|_| {
                    self.slots += 1;
                    let said = Said { handle: Handle::new(1, self.slots), ..said.clone() };
                    assert_eq!(self.draft.push(&self.published, &record(&said)), self.model.len());
                    self.model.push(said);
                }),
                Op::Set(at, said) if !self.model.is_empty() => {
                    let at = at % self.model.len();
                    self.model[at] = Said { handle: self.model[at].handle, ..said };
                    self.draft.set(&self.published, at, &record(&self.model[at]));
                }
                Op::Remove(at) if !self.model.is_empty() => {
                    let at = at % self.model.len();
                    self.model.swap_remove(at);
                    assert_eq!(self.draft.remove(&self.published, at), self.model.get(at).map(|moved| moved.handle));
                }
                Op::Set(..) | Op::Remove(_) | Op::Publish => {}
            }
        }
    }

    fn shown(snapshot: &Snapshot) -> Vec<Said> {
        let names = Interner::new(1, &Bin::new());
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
            let mut both = Both { draft: Draft::default(), published: nothing(), model: Vec::new(), slots: 0 };
            let mut kept = vec![(Snapshot::new(0, Columns::default()), Vec::new())];
            for op in ops.into_iter().chain([Op::Publish]) {
                let publish = matches!(op, Op::Publish);
                both.play(op);
                if publish {
                    let (last, last_model) = kept.last().unwrap();
                    let next = both.draft.take(&both.published);
                    prop_assert_eq!(next.is_some(), *last_model != both.model, "exactly when it differs");
                    let Some(next) = next else { continue };
                    prop_assert_eq!(next.revision(), last.revision() + 1);
                    kept.push((Snapshot::new(next.revision(), next.columns.clone()), both.model.clone()));
                    both.published.replace(next);
                }
            }
            for (snapshot, model) in &kept {
                prop_assert_eq!(&shown(snapshot), model);
                let serve = model.iter().filter(|said| said.traffic == Traffic::Serve);
                prop_assert_eq!(snapshot.columns.serve as usize, serve.clone().count());
                prop_assert_eq!(snapshot.columns.serving as usize, serve.filter(|said| said.healthy).count());
            }
        }
    }

    #[test]
    fn what_is_changed_and_changed_back_is_not_published() {
        let (mut draft, published) = (Draft::default(), nothing());
        let said = Said {
            handle: Handle::new(1, 1),
            weight: 1.0,
            healthy: true,
            traffic: Traffic::Serve,
            metadata: Metadata::empty(),
        };
        draft.push(&published, &record(&said));
        published.replace(draft.take(&published).unwrap());
        draft.set(&published, 0, &record(&said));
        assert!(draft.0.is_none(), "what is said again takes no copy");
        let other = Said { healthy: false, ..said.clone() };
        draft.set(&published, 0, &record(&other));
        draft.set(&published, 0, &record(&said));
        assert!(draft.take(&published).is_none() && draft.0.is_none());
        draft.set(&published, 0, &record(&other));
        assert!(draft.take(&published).is_some());
    }
}
