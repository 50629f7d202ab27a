//! Who keeps an instance present: connections, and senders without one.

use super::Instance;
use crate::{
    connections::Connection,
    registration::{Liveness, Publisher},
};

/// Whether a sender without a connection keeps the instance present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keyless {
    No,
    /// A beat made us assume so.
    Assumed,
    Yes,
}

impl Instance {
    /// Whether silence runs: only for ephemeral instances without a living connection.
    pub(crate) fn lives_by_beats(&self) -> bool {
        let connected = |(_, liveness): &(Connection, Liveness)| *liveness == Liveness::Connection;
        self.state.ephemeral && !self.connections().any(connected)
    }

    pub(crate) fn publishers(&self) -> impl Iterator<Item = Publisher> {
        let keyless = (self.keyless != Keyless::No).then_some(Publisher::Keyless);
        let connections = self.connections().map(|(connection, _)| Publisher::Connection(connection.id().to_owned()));
        keyless.into_iter().chain(connections)
    }

    pub(crate) fn publisher_count(&self) -> usize {
        usize::from(self.keyless != Keyless::No) + self.connections().count()
    }

    pub(crate) fn is_published_by(&self, publisher: &Publisher) -> bool {
        match publisher {
            Publisher::Keyless => self.keyless != Keyless::No,
            Publisher::Connection(id) => self.connections().any(|(connection, _)| connection.id() == id),
        }
    }

    /// The connections, the latest last.
    fn connections(&self) -> impl Iterator<Item = &(Connection, Liveness)> {
        let first = self.aside.as_deref().and_then(|aside| aside.connection.as_ref());
        first.into_iter().chain(&self.rare().connections)
    }

    /// Adds the senders without a connection.
    pub(crate) fn attach_keyless(&mut self) {
        self.keyless = Keyless::Yes;
    }

    /// Adds a connection. Whoever was assumed to be behind a beat steps back for the first who says who it is.
    pub(crate) fn attach(&mut self, connection: Connection, liveness: Liveness) {
        if self.keyless == Keyless::Assumed {
            self.keyless = Keyless::No;
        }
        self.detach_connection(connection.id());
        let first = &mut self.aside_mut().connection;
        if first.is_none() {
            *first = Some((connection, liveness));
        } else {
            self.rare_mut().connections.push((connection, liveness));
        }
    }

    /// Removes a publisher; says whether it was there.
    pub(crate) fn detach(&mut self, publisher: &Publisher) -> bool {
        let found = self.is_published_by(publisher);
        match publisher {
            Publisher::Keyless => self.keyless = Keyless::No,
            Publisher::Connection(id) => self.detach_connection(id),
        }
        found
    }

    fn detach_connection(&mut self, id: &str) {
        let Some(aside) = self.aside.as_deref_mut() else { return };
        let further = aside.rare.as_mut().map(|rare| &mut rare.connections);
        if aside.connection.as_ref().is_some_and(|(connection, _)| connection.id() == id) {
            aside.connection = further.filter(|further| !further.is_empty()).map(|further| further.remove(0));
        } else if let Some(further) = further {
            further.retain(|(connection, _)| connection.id() != id);
        }
    }

    /// Whoever is present has a publisher, and whoever is not has none. Somebody who came back by a beat has no
    /// connection here.
    pub(crate) fn settle_publishers(&mut self) {
        if !self.state.present {
            self.keyless = Keyless::No;
            if let Some(aside) = self.aside.as_deref_mut() {
                aside.connection = None;
            }
            if let Some(rare) = self.rare_if_any() {
                rare.connections = Vec::new();
            }
        } else if self.publisher_count() == 0 {
            self.keyless = Keyless::Assumed;
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn connections_come_and_go_in_any_order_and_leave_nothing() {
        let connection = |id: &str| Publisher::Connection(id.to_owned());
        for leaving in [["a", "b", "c"], ["b", "a", "c"], ["c", "b", "a"], ["b", "c", "a"]] {
            let mut instance = Instance::new(0);
            for id in ["a", "b", "a", "c"] {
                instance.attach(Connection::new(id), Liveness::Beats);
            }
            let mut rest = vec![connection("b"), connection("a"), connection("c")];
            for id in leaving {
                assert_eq!(instance.publishers().collect::<Vec<_>>(), rest, "the latest last");
                assert!(instance.lives_by_beats());
                assert!(instance.detach(&connection(id)) && !instance.detach(&connection(id)));
                rest.retain(|publisher| *publisher != connection(id));
            }
            instance.tidy();
            assert!(instance.aside.is_none());
        }
    }

    #[test]
    fn a_connection_that_comes_again_says_anew_what_keeps_it_alive() {
        let mut instance = Instance::new(0);
        for liveness in [Liveness::Beats, Liveness::Connection, Liveness::Beats] {
            instance.attach(Connection::new("a"), liveness);
            assert_eq!(instance.lives_by_beats(), liveness == Liveness::Beats);
            assert_eq!(instance.publisher_count(), 1);
        }
    }
}
