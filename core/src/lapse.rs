//! Holds that end by time: at their own `until`, or by growing older than the installed policy lets them count.
//!
//! A lapsed hold is not deleted: it is listed as lapsed, and counts again under a policy that does not declare `lapse`.

use steadfast_policy::{Hold as Strongest, Input, Manifest};

use crate::{
    durable::{AddressKey, RecordKey, What},
    instance::Instance,
    orders::Hold,
    provenance::Writer,
    registry::Inner,
    session::Session,
};

/// When holds stop counting, as of now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lapse {
    after_ms: Option<u64>,
    now_ms: u64,
}

impl Lapse {
    pub(crate) fn of(manifest: &Manifest, now_ms: u64) -> Lapse {
        Lapse { after_ms: manifest.lapse_ms, now_ms }
    }

    /// The wall time from which a hold does not count.
    fn time_of(self, hold: &Hold) -> Option<u64> {
        self.after_ms.map(|after_ms| hold.since_ms.saturating_add(after_ms))
    }

    /// Whether a hold has stopped counting.
    pub(crate) fn has_lapsed(self, hold: &Hold) -> bool {
        self.time_of(hold).is_some_and(|time_ms| time_ms <= self.now_ms)
    }

    /// The strongest own hold that counts.
    pub(crate) fn strongest(self, instance: &Instance) -> Strongest {
        let counting = instance.rare().holds.iter().filter(|hold| !self.has_lapsed(hold));
        counting.map(|hold| hold.kind.fact()).max().unwrap_or(Strongest::None)
    }
}

impl Inner {
    /// Looks at holds whose time may have come.
    pub(crate) fn end_holds(&self, wall_ms: u64) {
        for (due_ms, key) in self.ledger.take_ended(wall_ms) {
            match key {
                RecordKey::Address(key) => self.end_hold(due_ms, key),
                RecordKey::Floor(key) => self.end_floor(due_ms, key),
            }
        }
    }

    fn end_hold(&self, due_ms: u64, key: AddressKey) {
        let AddressKey { service, address, what: What::Hold(owner) } = &key else { return };
        let Ok(service) = self.service_at(*service) else { return };
        let Ok(mut session) = Session::open(self, service) else { return };
        if let Some(slot) = session.find(address) {
            if session.end_hold(slot, owner, due_ms) {
                self.durable_later(key);
            } else {
                session.review_lapse(slot);
            }
        }
        session.finish();
    }
}

impl Session<'_> {
    /// How the installed policy lets holds lapse.
    pub(crate) fn lapse(&self) -> Lapse {
        self.standing().lapse()
    }

    /// Has every hold of an instance looked at when its time comes. More often than needed does no harm.
    pub(crate) fn schedule_ends(&self, slot: u32) {
        let (lapse, index) = (self.lapse(), self.service.index);
        let Some(instance) = self.instance(slot) else { return };
        if instance.rare().holds.is_empty() {
            return;
        }
        let address = self.address(slot);
        for hold in &instance.rare().holds {
            let lapses_ms = lapse.time_of(hold).filter(|_| !lapse.has_lapsed(hold));
            for due_ms in hold.until_ms.into_iter().chain(lapses_ms) {
                let key = AddressKey::hold(index, &address, &hold.author.owner);
                self.inner.ledger.schedule_end(due_ms, key.into());
            }
        }
    }

    /// Ends one owner's hold because its `until` has come; says whether there was one.
    fn end_hold(&mut self, slot: u32, owner: &str, until_ms: u64) -> bool {
        let lapse = self.lapse();
        let Some(instance) = self.instance_mut(slot) else { return false };
        let Some(rare) = instance.rare_if_any() else { return false };
        let before = rare.holds.len();
        rare.holds.retain(|hold| !(hold.author.owner == owner && hold.until_ms == Some(until_ms)));
        let ended = rare.holds.len() < before;
        if ended {
            let rest = lapse.strongest(instance);
            self.decide(slot, Input::Release(rest), Writer::Named(&format!("until, set by {owner}")));
        }
        ended
    }

    /// Asks the policy about a release where the strongest hold has stopped counting.
    fn review_lapse(&mut self, slot: u32) {
        let lapse = self.lapse();
        let Some(instance) = self.instance(slot) else { return };
        let rest = lapse.strongest(instance);
        if rest < instance.state.hold {
            self.decide(slot, Input::Release(rest), Writer::Lapse);
        }
    }
}
