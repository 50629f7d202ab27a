//! Holds on many at once: a floor lies under what a policy answers, and no policy hears of it.

use std::collections::BTreeSet;

use steadfast_core::{Floor, Hold, HoldKind};
use steadfast_policy::Traffic;

use super::{
    Known, Model, Shown,
    books::{Key, Record},
};
use crate::{
    disk::Outcome,
    world::{self, OWNERS, Place, Under},
};

/// What the reply to an order about a floor says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct FloorShown {
    pub(crate) found: bool,
    pub(crate) instances: u64,
    pub(crate) changed: u64,
    pub(crate) serving: u64,
    pub(crate) refusing: Vec<String>,
}

impl Model {
    /// Every floor over a place, the narrowest target first.
    pub(crate) fn floors(&self, at: Place) -> Vec<Floor> {
        let over = self.floors.iter().filter(|(under, _)| under.covers(at));
        over.flat_map(|(under, holds)| floors_on(*under, holds)).collect()
    }

    pub(crate) fn has_floor(&self, under: Under) -> bool {
        self.floors.get(&under).is_some_and(|holds| !holds.is_empty())
    }

    /// The owners of holds on many, with what they hold.
    pub(crate) fn floor_owners(&self) -> impl Iterator<Item = (Under, u8)> {
        let owner = |hold: &Hold| OWNERS.iter().position(|owner| *owner == hold.author.owner).unwrap_or(0) as u8;
        self.floors.iter().flat_map(move |(under, holds)| holds.iter().map(move |hold| (*under, owner(hold))))
    }

    /// Who takes traffic in a service.
    pub(crate) fn serving(&self, service: u8) -> impl Iterator<Item = Place> {
        let serves =
            |at: Place, known: &Known| known.present && known.healthy && self.traffic(at, known) == Traffic::Serve;
        let here = self.places.iter().filter(move |(at, known)| at.service == service && serves(**at, known));
        here.map(|(at, _)| *at)
    }

    /// Every floor there is.
    pub(crate) fn all_floors(&self) -> Vec<Floor> {
        self.floors.iter().flat_map(|(under, holds)| floors_on(*under, holds)).collect()
    }

    /// A ban that keeps somebody from registering at a place.
    pub(crate) fn ban(&self, at: Place) -> Option<Floor> {
        self.floors(at).into_iter().find(|floor| floor.hold.kind == HoldKind::Banned)
    }

    /// What lookups show of a place: the verdict, or a floor that is more restrictive.
    pub(crate) fn traffic(&self, at: Place, known: &Known) -> Traffic {
        let over = self.floors.iter().filter(|(under, _)| under.covers(at)).flat_map(|(_, holds)| holds);
        over.map(|hold| hold.kind.fact().traffic()).fold(known.traffic, Traffic::max)
    }

    /// Where a place stands, as a reply says it.
    pub(crate) fn shown(&self, at: Place) -> Shown {
        let Some(known) = self.known(at) else { return Shown::nothing() };
        let traffic = self.traffic(at, known);
        let mut shown = Shown { traffic, ..known.shown() };
        if known.present && traffic > known.traffic {
            let floors = self.floors(at);
            let deciding = floors.iter().find(|floor| floor.hold.kind.fact().traffic() == traffic);
            shown.reason = deciding.map_or(shown.reason, Floor::to_string);
        }
        shown
    }

    /// `None`: the order was not acknowledged.
    pub(crate) fn hold_floor(
        &mut self,
        under: Under,
        owner: u8,
        (kind, for_ms): (HoldKind, Option<u64>),
        outcome: Outcome,
    ) -> Option<FloorShown> {
        let author = world::author(owner);
        let holds = self.floors.get(&under);
        let earlier = holds.and_then(|holds| holds.iter().find(|hold| hold.author.owner == author.owner));
        let since_ms = earlier.map_or(self.wall_ms, |hold| hold.since_ms);
        let until_ms = for_ms.map(|for_ms| self.wall_ms + for_ms);
        self.change_floor(under, owner, Some(Hold { kind, author, since_ms, until_ms }), outcome)
    }

    pub(crate) fn release_floor(&mut self, under: Under, owner: u8, outcome: Outcome) -> Option<FloorShown> {
        self.change_floor(under, owner, None, outcome)
    }

    fn change_floor(&mut self, under: Under, owner: u8, hold: Option<Hold>, outcome: Outcome) -> Option<FloorShown> {
        let owner = OWNERS[usize::from(owner)];
        let (key, record) = (Key::Floor(under, owner.to_owned()), hold.clone().map(Record::Hold));
        if outcome == Outcome::Doubtful {
            self.books.doubt(key.clone(), record);
            self.fail_with(BTreeSet::from([key]));
            return None;
        }
        self.books.write(key, record);
        let before = self.shown_under(under);
        let holds = self.floors.entry(under).or_default();
        let stood = holds.len();
        holds.retain(|other| other.author.owner != owner);
        let found = holds.len() < stood;
        holds.extend(hold);
        let after = self.shown_under(under);
        let changed = before.iter().zip(&after).filter(|(before, after)| before != after).count() as u64;
        let serving = after.iter().filter(|(healthy, traffic)| *healthy && *traffic == Traffic::Serve).count() as u64;
        Some(FloorShown { found, instances: after.len() as u64, changed, serving, refusing: self.refusing(under) })
    }

    /// Health and published traffic of everybody present under a target.
    fn shown_under(&self, under: Under) -> Vec<(bool, Traffic)> {
        let here = self.places.iter().filter(|(at, known)| known.present && under.covers(**at));
        here.map(|(at, known)| (known.healthy, self.traffic(*at, known))).collect()
    }

    /// The floors that lie under everything that a target has: its own, and that of its service.
    fn refusing(&self, under: Under) -> Vec<String> {
        let wider = under.service().map(Under::Service).filter(|wider| *wider != under);
        let targets = [Some(under), wider].into_iter().flatten();
        let floors = targets.flat_map(|under| floors_on(under, self.floors.get(&under).into_iter().flatten()));
        floors.map(|floor| floor.to_string()).collect()
    }

    /// Floors whose time has come.
    pub(super) fn end_floors(&mut self) {
        let wall_ms = self.wall_ms;
        for holds in self.floors.values_mut() {
            let stood = holds.len();
            holds.retain(|hold| hold.until_ms.is_none_or(|until_ms| until_ms > wall_ms));
            self.moved |= holds.len() < stood;
        }
    }
}

fn floors_on<'h>(under: Under, holds: impl IntoIterator<Item = &'h Hold>) -> impl Iterator<Item = Floor> {
    let floor = move |hold: &Hold| Floor { target: under.target(), hold: hold.clone() };
    holds.into_iter().map(floor)
}
