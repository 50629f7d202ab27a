//! What operators do: about one address, about many, and by force.

use steadfast_core::{Field, HoldKind};

use super::Cast;
use crate::{
    event::{Event, Order},
    model::{Known, Model},
    world::{self, OWNERS, Place, Under, Which},
};

impl Cast {
    pub(super) fn operator_acts(&mut self, model: &Model) -> Event {
        let at = self.ordered_place(model);
        let owner = self.owner();
        match self.rng.u8(..26) {
            0..6 => {
                let (kind, for_ms) = self.hold();
                Event::Hold { at, owner, kind, for_ms }
            }
            6..10 => Event::Release { at, owner, by: owner },
            10..12 => Event::Release { at, owner, by: self.owner() },
            12..14 => Event::Overlay { at, owner, field: self.field() },
            14..16 => Event::ReleaseOverlay { at, owner, name: self.field().name() },
            16 => Event::Remove { at, owner },
            17..19 => {
                let (kind, for_ms) = self.hold();
                Event::HoldFloor { under: self.target(), owner, kind, for_ms }
            }
            19..23 => self.floor_release(model),
            _ => Event::Bulk { which: self.which(), owner, order: self.order() },
        }
    }

    /// Operators come back to where they have been, or nothing would ever be released.
    fn ordered_place(&mut self, model: &Model) -> Place {
        let ordered: Vec<Place> = Place::all().filter(|at| model.known(*at).is_some_and(Known::has_orders)).collect();
        if ordered.is_empty() || self.rng.bool() { self.place() } else { self.pick(&ordered) }
    }

    fn owner(&mut self) -> u8 {
        self.rng.u8(..OWNERS.len() as u8)
    }

    fn hold(&mut self) -> (HoldKind, Option<u64>) {
        let kind = self.pick(&[HoldKind::Drain, HoldKind::Offline, HoldKind::Banned]);
        (kind, self.rng.bool().then(|| self.rng.u64(1..60_000)))
    }

    /// Of a floor that stands, most of the time: one that stays keeps everything else from being seen.
    fn floor_release(&mut self, model: &Model) -> Event {
        let standing: Vec<(Under, u8)> = model.floor_owners().collect();
        let (under, owner) = if standing.is_empty() || self.rng.u8(..8) == 0 {
            (self.target(), self.owner())
        } else {
            self.pick(&standing)
        };
        let by = if self.rng.u8(..3) == 0 { self.owner() } else { owner };
        Event::ReleaseFloor { under, owner, by }
    }

    fn target(&mut self) -> Under {
        let targets: Vec<Under> = Under::all().collect();
        self.pick(&targets)
    }

    fn which(&mut self) -> Which {
        let services: Vec<u8> = world::services().collect();
        Which {
            service: self.rng.bool().then(|| self.pick(&services)),
            cluster: self.rng.bool().then(|| self.rng.u8(..world::clusters())),
            of_net: self.rng.u8(..4) == 0,
            of_zone: self.rng.u8(..6) == 0,
        }
    }

    fn order(&mut self) -> Order {
        match self.rng.u8(..8) {
            0..3 => {
                let (kind, for_ms) = self.hold();
                Order::Hold { kind, for_ms }
            }
            3..6 => Order::Release,
            6 => Order::Overlay(self.field()),
            _ => Order::ReleaseOverlay(self.field().name()),
        }
    }

    fn field(&mut self) -> Field {
        if self.rng.bool() {
            return Field::Weight(self.pick(&[0.0, 2.0, 7.5]));
        }
        let (key, value) = self.pick(&[("zone", "east"), ("zone", "north"), ("version", "8")]);
        Field::Metadata { key: key.into(), value: value.into() }
    }
}
