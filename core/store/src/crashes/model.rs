//! What must be on a disk, as far as the registry's answers say.

use std::collections::{BTreeMap, BTreeSet};

use steadfast_core::StoreError;

/// A record of the store, by what it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Record {
    Hold { port: u32, owner: usize },
    Weight { port: u32 },
    Instance { port: u32 },
}

/// What a record says: the strength of the hold, or the weight.
pub(crate) type Value = u32;

/// Everything that a disk says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Image {
    pub(crate) records: BTreeMap<Record, Value>,
    /// Ports with a process key.
    pub(crate) processes: BTreeSet<u32>,
    pub(crate) audited: usize,
}

impl Record {
    /// Where it is, if it is an order.
    fn ordered_port(self) -> Option<u32> {
        match self {
            Record::Hold { port, .. } | Record::Weight { port } => Some(port),
            Record::Instance { .. } => None,
        }
    }
}

/// An order, as it was given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Given {
    pub(crate) record: Record,
    pub(crate) value: Option<Value>,
    /// Whether the program behind the address was known by its key, which is then stored with the order.
    pub(crate) process: bool,
}

/// Follows the answers.
#[derive(Debug, Default)]
pub(crate) struct Model {
    /// What is in force.
    pub(crate) live: BTreeMap<Record, Value>,
    /// The one order of which nobody knows.
    doubt: Option<Given>,
    /// What a disk may say of persistent instances that it has not been asked to keep for sure.
    behind: BTreeMap<Record, BTreeSet<Option<Value>>>,
    audited: usize,
    /// Ports with an order and a process key.
    processes: BTreeSet<u32>,
}

impl Model {
    /// An order was answered.
    pub(crate) fn ordered(&mut self, given: Given, answer: Result<(), &StoreError>) {
        match answer {
            Ok(()) => {
                self.set(given.record, given.value);
                if given.process {
                    self.processes.extend(given.record.ordered_port());
                }
                self.processes = with_orders(&self.processes, &self.live);
                self.doubt = None;
                self.audited += 1;
            }
            Err(StoreError::InDoubt { .. }) => self.doubt = Some(given),
            // It has certainly left nothing behind.
            Err(_) => {}
        }
    }

    /// A persistent instance was changed; it shows at once, and is durable if the answer says so.
    pub(crate) fn changed(&mut self, record: Record, value: Option<Value>, stored: bool) {
        let before = self.live.get(&record).copied();
        self.set(record, value);
        if stored {
            self.flushed();
        } else {
            self.behind.entry(record).or_default().extend([before, value]);
        }
    }

    /// All that waited is durable, and nothing is in doubt.
    pub(crate) fn flushed(&mut self) {
        self.behind.clear();
        self.doubt = None;
    }

    fn set(&mut self, record: Record, value: Option<Value>) {
        match value {
            Some(value) => self.live.insert(record, value),
            None => self.live.remove(&record),
        };
    }

    /// Judges what a crash has left, and believes it from here on.
    pub(crate) fn judge(&mut self, found: &Image) {
        let known: BTreeSet<Record> = self.live.keys().chain(found.records.keys()).copied().collect();
        for record in known {
            let (now, before) = (found.records.get(&record).copied(), self.live.get(&record).copied());
            let in_doubt = self.doubt.is_some_and(|given| given.record == record && given.value == now);
            let behind = self.behind.get(&record).is_some_and(|values| values.contains(&now));
            assert!(now == before || in_doubt || behind, "{record:?} was {before:?} and is {now:?}; {self:#?}");
        }
        let doubted = usize::from(self.doubt.is_some());
        let audited = self.audited..=self.audited + doubted;
        assert!(audited.contains(&found.audited), "{} entries in the audit, not {audited:?}", found.audited);
        if let Some(given) = self.doubt
            && found.audited > self.audited
        {
            assert_eq!(found.records.get(&given.record).copied(), given.value, "audited, but not done");
            if given.process {
                self.processes.extend(given.record.ordered_port());
            }
        }
        let lost: Vec<u32> =
            with_orders(&self.processes, &found.records).difference(&found.processes).copied().collect();
        assert!(lost.is_empty(), "ports {lost:?} have orders and no process keys: {found:#?}");
        let processes = with_orders(&found.processes, &found.records);
        *self = Model { live: found.records.clone(), audited: found.audited, processes, ..Model::default() };
    }
}

/// Those of `ports` that have an order.
fn with_orders(ports: &BTreeSet<u32>, records: &BTreeMap<Record, Value>) -> BTreeSet<u32> {
    let ordered: BTreeSet<u32> = records.keys().filter_map(|record| record.ordered_port()).collect();
    ports.intersection(&ordered).copied().collect()
}
