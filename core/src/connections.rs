//! Which instances a connection publishes.
//!
//! An id is kept once, by its connection, and shared by the instances that it publishes: they hold a thin pointer each. Most
//! connections publish one instance or a few, so one needs no set.

use std::{
    borrow::Borrow,
    collections::{HashMap, HashSet, hash_map::Entry},
    sync::Arc,
};

use crate::{hashing::RandomState, sync::Mutex};

/// The id of a connection. Equal ids are equal, whether the connection closed and came back in between or not.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Connection(Arc<Box<str>>);

impl Connection {
    pub(crate) fn new(id: &str) -> Connection {
        Connection(Arc::new(id.into()))
    }

    pub(crate) fn id(&self) -> &str {
        &self.0
    }
}

/// A boxed text hashes like the text.
impl Borrow<str> for Connection {
    fn borrow(&self) -> &str {
        self.id()
    }
}

/// An instance by service and slot.
type Place = (u32, u32);

/// What every connection publishes, or published once and did not take back. A leaf lock, taken at register, deregister
/// and disconnect only.
#[derive(Default)]
pub(crate) struct Connections(Mutex<HashMap<Connection, Published, RandomState>>);

impl Connections {
    /// A connection publishes an instance from now on.
    pub(crate) fn publish(&self, id: &str, place: Place) -> Connection {
        let mut known = self.0.lock();
        let connection = known.get_key_value(id).map_or_else(|| Connection::new(id), |(known, _)| known.clone());
        match known.entry(connection.clone()) {
            Entry::Occupied(entry) => entry.into_mut().insert(place),
            Entry::Vacant(entry) => {
                entry.insert(Published::One(place));
            }
        }
        connection
    }

    /// It does not publish that instance any more.
    pub(crate) fn withdraw(&self, id: &str, place: Place) {
        let mut known = self.0.lock();
        if known.get_mut(id).is_some_and(|published| published.remove(place)) {
            known.remove(id);
        }
    }

    /// Forgets a connection; what it published.
    pub(crate) fn close(&self, id: &str) -> Vec<Place> {
        match self.0.lock().remove(id) {
            None => Vec::new(),
            Some(Published::One(place)) => vec![place],
            Some(Published::Many(places)) => places.into_iter().collect(),
        }
    }
}

/// Never empty.
enum Published {
    One(Place),
    #[allow(clippy::box_collection, reason = "a box keeps the usual case small")]
    Many(Box<HashSet<Place, RandomState>>),
}

const _: () = assert!(size_of::<Published>() <= 16, "each connection has one");

impl Published {
    fn insert(&mut self, place: Place) {
        match self {
            Published::One(one) if *one == place => {}
            Published::One(one) => *self = Published::Many(Box::new([*one, place].into_iter().collect())),
            Published::Many(places) => {
                places.insert(place);
            }
        }
    }

    /// Removes an instance; says whether nothing is left, and then this goes too.
    fn remove(&mut self, place: Place) -> bool {
        match self {
            Published::One(one) => *one == place,
            Published::Many(places) => {
                places.remove(&place);
                places.is_empty()
            }
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn what_a_connection_publishes_comes_back_when_it_closes() {
        let connections = Connections::default();
        for count in [1, 2, 30] {
            let ids: Vec<_> = (0..count).chain(0..count).map(|slot| connections.publish("c", (7, slot))).collect();
            assert!(ids.iter().all(|connection| Arc::ptr_eq(&connection.0, &ids[0].0)), "one id for all of them");
            let mut published = connections.close("c");
            published.sort_unstable();
            assert_eq!(published, (0..count).map(|slot| (7, slot)).collect::<Vec<_>>());
            assert!(connections.close("c").is_empty());
        }
    }

    #[test]
    fn a_connection_that_withdraws_everything_leaves_nothing() {
        let connections = Connections::default();
        for count in [1, 2, 30] {
            for slot in 0..count {
                connections.publish("c", (7, slot));
            }
            connections.withdraw("c", (8, 0));
            connections.withdraw("other", (7, 0));
            for slot in 0..count {
                assert_eq!(connections.0.lock().len(), 1);
                connections.withdraw("c", (7, slot));
            }
            assert!(connections.0.lock().is_empty());
        }
    }
}
