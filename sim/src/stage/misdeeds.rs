//! What must be refused, and change nothing.

use steadfast_core::{
    Address, Author, Beat, Claim, Field, FullBeat, Handle, HoldKind, HoldOrder, Liveness, Registration, ServiceId,
};

use super::{Stage, Wrong};
use crate::{
    event::Misdeed,
    world::{self, Place},
};

const TOO_HEAVY: f64 = 10_001.0;

impl Stage {
    pub(super) fn misbehave(&mut self, misdeed: Misdeed) -> Result<(), Wrong> {
        if self.is_refused(misdeed) {
            return Ok(());
        }
        Err(Wrong::new("nonsense is refused", format!("{misdeed:?} was taken")))
    }

    fn is_refused(&self, misdeed: Misdeed) -> bool {
        match misdeed {
            // Who is banned is refused for that, whatever else is wrong.
            Misdeed::PortZero(at) | Misdeed::MisshapenBeat(at) | Misdeed::OtherKind(at)
                if self.model.ban(at).is_some() =>
            {
                true
            }
            // The upper half is a generation that no entry has: generations have 30 bits.
            Misdeed::ForgedHandle(number) => {
                self.registry().beat(Handle::from_u64(number | 3 << 62)) == Beat::RegisterAgain
            }
            Misdeed::HeavyWeight(at) => self.is_registration_refused(at, |registration| {
                registration.claim = Claim { weight: Some(TOO_HEAVY), ..Claim::default() };
            }),
            Misdeed::LivingWithoutConnection(at) => {
                self.is_registration_refused(at, |registration| registration.liveness = Liveness::Connection)
            }
            Misdeed::OtherKind(at) => {
                let Some(known) = self.model.known(at).filter(|known| known.present) else { return true };
                self.is_registration_refused(at, |registration| registration.ephemeral = !known.ephemeral)
            }
            Misdeed::UnknownService(number) => {
                let nobody = ServiceId::from_u64(number | 1 << 40);
                self.registry().register(nobody, &Registration::new(world_address())).is_err()
                    && self.registry().view(nobody, |_| ()).is_err()
            }
            Misdeed::PortZero(at) => {
                let address = Address { port: 0, ..at.address() };
                self.registry().register(self.service(at), &Registration::new(address.clone())).is_err()
                    && self.registry().hold(self.service(at), &address, &order(None)).is_err()
            }
            Misdeed::HoldInThePast(at) => {
                let until_ms = Some(self.model.wall_ms);
                self.registry().hold(self.service(at), &at.address(), &order(until_ms)).is_err()
            }
            Misdeed::HoldWithoutReason(at) => {
                let author = Author { reason: String::new(), ..world::author(0) };
                let order = HoldOrder { author, ..order(None) };
                self.registry().hold(self.service(at), &at.address(), &order).is_err()
            }
            Misdeed::OverlayOutOfBounds(at) => {
                let field = Field::Weight(-1.0);
                self.registry().overlay(self.service(at), &at.address(), &field, &world::author(0)).is_err()
            }
            Misdeed::MisshapenBeat(at) => self.is_misshapen_beat_refused(at),
        }
    }

    /// What a beat carries is looked at only where nothing is known of its address.
    fn is_misshapen_beat_refused(&self, at: Place) -> bool {
        if self.model.known(at).is_some_and(|known| known.present || known.remembered) {
            return true;
        }
        let full = FullBeat { weight: Some(TOO_HEAVY), metadata: None, ephemeral: true };
        self.registry().beat_at(self.service(at), &at.address(), Some(&full)).is_err()
    }

    fn is_registration_refused(&self, at: Place, spoil: impl FnOnce(&mut Registration)) -> bool {
        let mut registration = Registration::new(at.address());
        spoil(&mut registration);
        self.registry().register(self.service(at), &registration).is_err()
    }
}

fn order(until_ms: Option<u64>) -> HoldOrder {
    HoldOrder { kind: HoldKind::Offline, author: world::author(0), until_ms }
}

fn world_address() -> Address {
    Place { service: 0, address: 0 }.address()
}
