//! What a restart brings back: every acknowledged order, every persistent instance, and nothing that was never said.
//!
//! Where a commit had failed, either value may be there; the model then takes what it finds, and holds the registry to
//! it from then on.

use std::collections::BTreeSet;

use steadfast_core::{Explanation, FieldName, Hold, Overlay};
use steadfast_policy::Event;

use super::{
    Clock, Decided, Model, Policies,
    books::{Key, Persistent, Record, What},
};
use crate::{
    compare,
    event::Boot,
    world::{Place, Under},
};

/// Why what came back cannot be.
type Recovered = Result<(), String>;

impl Model {
    /// The process is gone, and everything that was not on the disk with it.
    pub(crate) fn restart(&mut self, boot: Boot) {
        self.boot = boot;
        self.policies = Policies::new(boot.policy);
        self.quotas = [boot.quota; 2];
        self.clock = Clock::default();
        self.wall_ms = 0;
        self.places.clear();
        self.floors.clear();
        self.trouble = None;
        (self.stale_leaves, self.refused, self.swaps, self.store_failures) = (0, 0, 0, 0);
        self.never_reverts = self.default_policy().0.manifest.laws.contains(&steadfast_policy::Law::StickyAddress);
        self.announced.clear();
        self.decided.clear();
        self.crossed.clear();
    }

    /// Compares what came back at a place with what may be on the disk. `memo` is what the journal says that it came
    /// back with: a policy may have answered the same to two of them.
    pub(crate) fn recover(&mut self, at: Place, found: Option<&Explanation>, memo: Option<u8>) -> Recovered {
        let holds: Vec<Hold> =
            found.map_or_else(Vec::new, |found| found.holds.iter().map(|one| one.hold.clone()).collect());
        let overlays: Vec<Overlay> = found.map_or_else(Vec::new, |found| found.overlays.clone());
        self.check_orders(at, &holds, &overlays)?;
        let mut differences = Vec::new();
        let (processes, instances) = (self.allowed(at, What::Process), self.allowed(at, What::Instance));
        for instance in &instances {
            for process in &processes {
                self.put_back(at, (&holds, &overlays), process.clone(), instance.clone());
                let mut missing = compare::differences(self, at, found);
                if self.memo_of_recovered(at) != memo {
                    missing.push(format!("the journal has it come back with memo {memo:?}"));
                }
                if missing.is_empty() {
                    self.settle_books(at, process.clone(), instance.clone());
                    return Ok(());
                }
                if differences.is_empty() {
                    differences = missing;
                }
            }
        }
        Err(format!("{at} did not come back as it was written: {}", differences.join("; ")))
    }

    /// The same for the floors: all that came back, against what may be on the disk.
    pub(crate) fn recover_floors(&mut self, found: &[(Under, Hold)]) -> Recovered {
        let key = |(under, hold): &(Under, Hold)| (*under, hold.author.owner.clone());
        let mut keys = self.books.floors();
        keys.extend(found.iter().map(key));
        for (under, owner) in keys {
            let back = found.iter().find(|one| key(one) == (under, owner.clone())).map(|(_, hold)| hold.clone());
            let record = Key::Floor(under, owner);
            let (value, allowed) = (back.clone().map(Record::Hold), self.books.allowed(&record));
            if !allowed.contains(&value) {
                let seen = format!("{record:?} is {value:?} after the restart; acknowledged was {allowed:?}");
                return Err(seen);
            }
            self.books.write(record, value);
            // In the order of their owners, which is the order of the records.
            self.floors.entry(under).or_default().extend(back);
        }
        Ok(())
    }

    fn allowed(&self, at: Place, what: What) -> Vec<Option<Record>> {
        self.books.allowed(&Key::Address(at, what))
    }

    /// Every order that is there was given, and every order that was acknowledged is there.
    fn check_orders(&mut self, at: Place, holds: &[Hold], overlays: &[Overlay]) -> Recovered {
        let hold_key = |hold: &Hold| What::Hold(hold.author.owner.clone());
        let overlay_key = |overlay: &Overlay| What::Overlay(overlay.field.name());
        let mut whats: BTreeSet<What> = self.books.keys_at(at);
        whats.extend(holds.iter().map(hold_key).chain(overlays.iter().map(overlay_key)));
        for what in whats {
            let found = match &what {
                What::Hold(_) => holds.iter().find(|hold| hold_key(hold) == what).cloned().map(Record::Hold),
                What::Overlay(_) => overlays.iter().find(|one| overlay_key(one) == what).cloned().map(Record::Overlay),
                What::Process | What::Instance => continue,
            };
            let allowed = self.allowed(at, what.clone());
            if !allowed.contains(&found) {
                return Err(format!("{at}, {what:?}: after the restart it is {found:?}; acknowledged was {allowed:?}"));
            }
            self.books.write(Key::Address(at, what), found);
        }
        Ok(())
    }

    fn put_back(
        &mut self,
        at: Place,
        (holds, overlays): (&[Hold], &[Overlay]),
        process: Option<Record>,
        instance: Option<Record>,
    ) {
        self.places.remove(&at);
        self.decided.retain(|decided| decided.at != at);
        if holds.is_empty() && overlays.is_empty() && instance.is_none() {
            return;
        }
        let known = self.known_mut(at);
        known.holds = holds.iter().map(|hold| (hold.author.owner.clone(), hold.clone())).collect();
        let named = |overlay: &Overlay| -> (FieldName, Overlay) { (overlay.field.name(), overlay.clone()) };
        known.overlays = overlays.iter().map(named).collect();
        known.process = match process {
            Some(Record::Process(process)) => Some(process),
            _ => None,
        };
        let counted = self.strongest(at);
        self.known_mut(at).counted = counted;
        let class = self.class(at);
        self.known_mut(at).class = class;
        if let Some(Record::Instance(persistent)) = instance {
            self.put_instance_back(at, persistent);
        }
    }

    fn put_instance_back(&mut self, at: Place, persistent: Persistent) {
        let memo = persistent.memo.under(&self.policy_of(at.service).manifest);
        let Persistent { claim, weight, metadata, process, .. } = persistent;
        let known = self.known_mut(at);
        (known.present, known.ephemeral) = (true, false);
        (known.claim, known.weight, known.metadata, known.process) = (claim, weight, metadata, process);
        known.memo = memo;
        let class = self.class(at);
        self.known_mut(at).class = class;
        self.ask(at, Event::Recover, |facts| facts.band = 0);
    }

    fn memo_of_recovered(&self, at: Place) -> Option<u8> {
        let recovered = |one: &&Decided| one.at == at && one.facts.event == Event::Recover && !one.inert;
        self.decided.iter().find(recovered).map(|one| one.before.2)
    }

    /// From here on the disk is what was found. The program of an address without orders cannot be seen.
    fn settle_books(&mut self, at: Place, process: Option<Record>, instance: Option<Record>) {
        self.books.write(Key::Address(at, What::Instance), instance);
        if self.known(at).is_some_and(super::Known::has_orders) {
            self.books.write(Key::Address(at, What::Process), process);
        }
    }
}
