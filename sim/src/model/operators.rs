//! What operators and hosts do. An order counts only if its commit did.

use std::collections::BTreeSet;

use steadfast_core::{Author, Field, FieldName, Hold, HoldKind, Overlay};
use steadfast_policy::{Event, Probe};

use super::{
    Known, LeaveReply, Model, Shown,
    books::{Key, Record, What},
};
use crate::{
    disk::Outcome,
    world::{self, OWNERS, Place},
};

/// What the reply to an order says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OrderShown {
    pub(crate) shown: Shown,
    pub(crate) pending: bool,
    pub(crate) found: bool,
}

impl Model {
    /// `None`: the order was not acknowledged, and nothing of it is visible.
    pub(crate) fn hold(
        &mut self,
        at: Place,
        owner: u8,
        kind: HoldKind,
        for_ms: Option<u64>,
        outcome: Outcome,
    ) -> Option<OrderShown> {
        let author = world::author(owner);
        let earlier = self.known(at).and_then(|known| known.holds.get(&author.owner)).cloned();
        // An update keeps its age, unless that had made it lapse.
        let standing = earlier.as_ref().filter(|hold| !self.has_lapsed(hold));
        let since_ms = standing.map_or(self.wall_ms, |hold| hold.since_ms);
        let until_ms = for_ms.map(|for_ms| self.wall_ms + for_ms);
        let hold = Hold { kind, author: author.clone(), since_ms, until_ms };
        self.write_order(at, What::Hold(author.owner.clone()), Some(Record::Hold(hold.clone())), outcome)?;
        self.known_mut(at).holds.insert(author.owner, hold);
        let strongest = self.strongest(at);
        self.ask(at, Event::Hold, |facts| facts.hold = strongest);
        Some(self.order_shown(at, earlier.is_some()))
    }

    pub(crate) fn release(&mut self, at: Place, owner: u8, outcome: Outcome) -> Option<OrderShown> {
        let owner = OWNERS[usize::from(owner)];
        self.write_order(at, What::Hold(owner.into()), None, outcome)?;
        let found = self.places.get_mut(&at).is_some_and(|known| known.holds.remove(owner).is_some());
        if found {
            let rest = self.strongest(at);
            self.ask(at, Event::Release, |facts| facts.hold = rest);
        }
        Some(self.order_shown(at, found))
    }

    pub(crate) fn overlay(&mut self, at: Place, owner: u8, field: &Field, outcome: Outcome) -> Option<OrderShown> {
        let (author, name): (Author, FieldName) = (world::author(owner), field.name());
        let overlay = Overlay { field: field.clone(), author, since_ms: self.wall_ms };
        self.write_order(at, What::Overlay(name.clone()), Some(Record::Overlay(overlay.clone())), outcome)?;
        let found = self.known_mut(at).overlays.insert(name, overlay).is_some();
        self.ask_about_overlay(at);
        Some(self.order_shown(at, found))
    }

    pub(crate) fn release_overlay(&mut self, at: Place, name: &FieldName, outcome: Outcome) -> Option<OrderShown> {
        self.write_order(at, What::Overlay(name.clone()), None, outcome)?;
        let found = self.places.get_mut(&at).is_some_and(|known| known.overlays.remove(name).is_some());
        if found {
            self.ask_about_overlay(at);
        }
        Some(self.order_shown(at, found))
    }

    fn ask_about_overlay(&mut self, at: Place) {
        let class = self.class(at);
        self.ask(at, Event::Overlay, |facts| facts.class = class);
    }

    fn order_shown(&self, at: Place, found: bool) -> OrderShown {
        let known = self.known(at);
        let pending = known.is_some_and(|known| !known.present && known.has_orders());
        OrderShown { shown: known.map_or_else(Shown::nothing, Known::shown), pending, found }
    }

    /// An order goes to the disk with the program it is given to, and with what waits to be written of the address.
    /// `None` if it is not acknowledged.
    fn write_order(&mut self, at: Place, what: What, record: Option<Record>, outcome: Outcome) -> Option<()> {
        let ends = record.is_none();
        let process = self.known(at).and_then(|known| known.process.clone()).map(Record::Process);
        let key = Key { at, what };
        let process_key = Key { at, what: What::Process };
        let late = self.late_at(at);
        if outcome == Outcome::Doubtful {
            let mut keys = BTreeSet::from([key.clone()]);
            for (key, value) in late {
                self.books.doubt(key.clone(), value);
                keys.insert(key);
            }
            self.books.doubt(key, record);
            if process.is_some() {
                self.books.doubt(process_key.clone(), process);
                keys.insert(process_key);
            }
            self.fail_with(keys);
            return None;
        }
        for (key, value) in late {
            self.books.write(key, value);
        }
        self.books.write(key, record);
        if ends {
            // Whether the key of a program without orders goes now or with the next flush is nobody's business.
            self.books.doubt(process_key.clone(), process);
            self.books.doubt(process_key, None);
        } else if process.is_some() {
            self.books.write(process_key, process);
        }
        Some(())
    }

    pub(crate) fn remove(&mut self, at: Place) -> LeaveReply {
        if !self.known(at).is_some_and(|known| known.present || known.remembered) {
            return LeaveReply::Unknown;
        }
        self.ask(at, Event::Remove, |facts| facts.claim = steadfast_policy::Claim::Unset);
        LeaveReply::Gone
    }

    /// Whether somebody is there to hear of it.
    pub(crate) fn probe(&mut self, at: Place, probe: Probe) -> bool {
        let present = self.known(at).is_some_and(|known| known.present);
        if present {
            self.ask(at, Event::Probe, |facts| facts.probe = probe);
        }
        present
    }

    /// The holds whose time has come, in order of time: those that end, and those that lapse.
    pub(super) fn end_holds(&mut self) {
        let (wall_ms, lapse_ms) = (self.wall_ms, self.lapse_ms());
        let mut due = Vec::new();
        for (at, known) in &self.places {
            for (owner, hold) in &known.holds {
                let ended_ms = lapse_ms.map(|lapse_ms| hold.since_ms.saturating_add(lapse_ms));
                due.extend(hold.until_ms.map(|until_ms| (until_ms, *at, owner.clone(), true)));
                due.extend(ended_ms.map(|ended_ms| (ended_ms, *at, owner.clone(), false)));
            }
        }
        due.retain(|(due_ms, ..)| *due_ms <= wall_ms);
        due.sort();
        for (due_ms, at, owner, ends) in due {
            let Some(known) = self.places.get_mut(&at) else { continue };
            let ended = ends && known.holds.get(&owner).is_some_and(|hold| hold.until_ms == Some(due_ms));
            if ended {
                known.holds.remove(&owner);
            }
            let (counted, rest) = (known.counted, self.strongest(at));
            if ended || rest < counted {
                self.ask(at, Event::Release, |facts| facts.hold = rest);
            }
        }
    }
}
