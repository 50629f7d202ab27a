//! What operators and hosts do. An order counts only if its commit did.

use std::collections::BTreeSet;

use steadfast_core::{FieldName, Hold, Overlay};
use steadfast_policy::{Event, Probe};

use super::{
    Known, LeaveReply, Model, Shown,
    books::{Key, Record, What},
};
use crate::{
    disk::Outcome,
    event::Order,
    world::{self, OWNERS, Place, Which},
};

/// What the reply to an order says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OrderShown {
    pub(crate) shown: Shown,
    pub(crate) pending: bool,
    pub(crate) found: bool,
}

/// An order as it will stand.
#[derive(Clone, Debug)]
enum Wanted {
    Hold(Hold),
    Release(String),
    Overlay(Overlay),
    ReleaseOverlay(FieldName),
}

impl Wanted {
    fn what(&self) -> What {
        match self {
            Wanted::Hold(hold) => What::Hold(hold.author.owner.clone()),
            Wanted::Release(owner) => What::Hold(owner.clone()),
            Wanted::Overlay(overlay) => What::Overlay(overlay.field.name()),
            Wanted::ReleaseOverlay(name) => What::Overlay(name.clone()),
        }
    }

    fn record(&self) -> Option<Record> {
        match self {
            Wanted::Hold(hold) => Some(Record::Hold(hold.clone())),
            Wanted::Overlay(overlay) => Some(Record::Overlay(overlay.clone())),
            Wanted::Release(_) | Wanted::ReleaseOverlay(_) => None,
        }
    }
}

impl Model {
    /// An order about one place. `None`: it was not acknowledged, and nothing of it is visible.
    pub(crate) fn order(&mut self, at: Place, owner: u8, order: &Order, outcome: Outcome) -> Option<OrderShown> {
        let shown = self.bulk(&[at], owner, order, outcome)?;
        shown.into_iter().next()
    }

    /// The places that an order about many is about: who is present or has orders, but for a release of nothing.
    pub(crate) fn selected(&self, which: Which, owner: u8, order: &Order) -> Vec<Place> {
        let owner = OWNERS[usize::from(owner)];
        let concerned = |known: &Known| match order {
            Order::Hold { .. } | Order::Overlay(_) => known.present || known.has_orders(),
            Order::Release => known.holds.contains_key(owner),
            Order::ReleaseOverlay(name) => known.overlays.contains_key(name),
        };
        let named = |at: Place, known: &Known| which.names(at, known.effective_metadata().get("zone"));
        let selected = self.places.iter().filter(|(at, known)| concerned(known) && named(**at, known));
        selected.map(|(at, _)| *at).collect()
    }

    /// The same order for several places, in one commit.
    pub(crate) fn bulk(
        &mut self,
        places: &[Place],
        owner: u8,
        order: &Order,
        outcome: Outcome,
    ) -> Option<Vec<OrderShown>> {
        let wanted: Vec<(Place, Wanted)> = places.iter().map(|at| (*at, self.wanted(*at, owner, order))).collect();
        let written = wanted.iter().map(|(at, wanted)| (*at, wanted.what(), wanted.record())).collect();
        self.write_orders(written, outcome)?;
        let enter = |(at, wanted)| {
            let found = self.enter(at, wanted);
            self.order_shown(at, found)
        };
        Some(wanted.into_iter().map(enter).collect())
    }

    fn wanted(&self, at: Place, owner: u8, order: &Order) -> Wanted {
        let author = world::author(owner);
        match order {
            Order::Hold { kind, for_ms } => {
                // An update keeps its age, unless that had made it lapse.
                let earlier = self.known(at).and_then(|known| known.holds.get(&author.owner));
                let standing = earlier.filter(|hold| !self.has_lapsed(at, hold));
                let since_ms = standing.map_or(self.wall_ms, |hold| hold.since_ms);
                let until_ms = for_ms.map(|for_ms| self.wall_ms + for_ms);
                Wanted::Hold(Hold { kind: *kind, author, since_ms, until_ms })
            }
            Order::Release => Wanted::Release(author.owner),
            Order::Overlay(field) => Wanted::Overlay(Overlay { field: field.clone(), author, since_ms: self.wall_ms }),
            Order::ReleaseOverlay(name) => Wanted::ReleaseOverlay(name.clone()),
        }
    }

    /// Puts an order in force; says whether one of the same owner, or of the same field, was there.
    fn enter(&mut self, at: Place, wanted: Wanted) -> bool {
        match wanted {
            Wanted::Hold(hold) => {
                let found = self.known_mut(at).holds.insert(hold.author.owner.clone(), hold).is_some();
                let strongest = self.strongest(at);
                self.ask(at, Event::Hold, |facts| facts.hold = strongest);
                found
            }
            Wanted::Release(owner) => {
                let found = self.places.get_mut(&at).is_some_and(|known| known.holds.remove(&owner).is_some());
                if found {
                    let rest = self.strongest(at);
                    self.ask(at, Event::Release, |facts| facts.hold = rest);
                }
                found
            }
            Wanted::Overlay(overlay) => {
                let found = self.known_mut(at).overlays.insert(overlay.field.name(), overlay).is_some();
                self.ask_about_overlay(at);
                found
            }
            Wanted::ReleaseOverlay(name) => {
                let found = self.places.get_mut(&at).is_some_and(|known| known.overlays.remove(&name).is_some());
                if found {
                    self.ask_about_overlay(at);
                }
                found
            }
        }
    }

    fn ask_about_overlay(&mut self, at: Place) {
        let class = self.class(at);
        self.ask(at, Event::Overlay, |facts| facts.class = class);
    }

    fn order_shown(&self, at: Place, found: bool) -> OrderShown {
        let known = self.known(at);
        let pending = known.is_some_and(|known| !known.present && known.has_orders());
        OrderShown { shown: self.shown(at), pending, found }
    }

    /// Orders go to the disk together, each with the program it is given to, and with what waits to be written of its
    /// address. `None` if they are not acknowledged.
    fn write_orders(&mut self, orders: Vec<(Place, What, Option<Record>)>, outcome: Outcome) -> Option<()> {
        let mut doubtful = BTreeSet::new();
        for (at, what, record) in orders {
            let ends = record.is_none();
            let process = self.known(at).and_then(|known| known.process.clone()).map(Record::Process);
            let (key, process_key) = (Key::Address(at, what), Key::Address(at, What::Process));
            let late = self.late_at(at);
            if outcome == Outcome::Doubtful {
                let program = process.map(|process| (process_key, Some(process)));
                for (key, value) in late.into_iter().chain([(key, record)]).chain(program) {
                    self.books.doubt(key.clone(), value);
                    doubtful.insert(key);
                }
                continue;
            }
            for (key, value) in late.into_iter().chain([(key, record)]) {
                self.books.write(key, value);
            }
            if ends {
                // Whether the key of a program without orders goes now or with the next flush is nobody's business.
                self.books.doubt(process_key.clone(), process);
                self.books.doubt(process_key, None);
            } else if process.is_some() {
                self.books.write(process_key, process);
            }
        }
        if outcome == Outcome::Doubtful {
            self.fail_with(doubtful);
            return None;
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

    /// The holds whose time has come since the tick before, in order of time: those that end, and those that lapse.
    pub(super) fn end_holds(&mut self, before_ms: u64) {
        self.end_floors();
        let wall_ms = self.wall_ms;
        let mut due = Vec::new();
        for (at, known) in &self.places {
            let lapse_ms = self.lapse_ms(at.service);
            for (owner, hold) in &known.holds {
                let gone_ms = lapse_ms.map(|lapse_ms| hold.since_ms.saturating_add(lapse_ms));
                let gone_ms = gone_ms.filter(|gone_ms| *gone_ms > before_ms);
                due.extend(hold.until_ms.map(|until_ms| (until_ms, *at, owner.clone(), false)));
                due.extend(gone_ms.map(|gone_ms| (gone_ms, *at, owner.clone(), true)));
            }
        }
        due.retain(|(due_ms, ..)| *due_ms <= wall_ms);
        due.sort();
        for (due_ms, at, owner, lapses) in due {
            let Some(known) = self.places.get_mut(&at) else { continue };
            let ended = !lapses && known.holds.get(&owner).is_some_and(|hold| hold.until_ms == Some(due_ms));
            if ended {
                self.moved = true;
                known.holds.remove(&owner);
            }
            let (counted, rest) = (known.counted, self.strongest(at));
            if ended || rest < counted {
                self.ask(at, Event::Release, |facts| facts.hold = rest);
            }
        }
    }
}
