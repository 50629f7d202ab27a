//! One visit to a service: decide as often as needed, publish once.
//!
//! Everything that changes an instance goes through [`Session::decide`], so there is one place where a verdict becomes
//! presence, gate, deadline and published record.

use steadfast_policy::{Event, Input, Orders, State, Step as Decision, beat_is_inert, step};

use crate::{
    draft::Record,
    durable::{AddressKey, What},
    error::{AccessError, Unplaceable},
    handle::Handle,
    instance::Instance,
    key::Key,
    name::Address,
    provenance::Writer as By,
    registry::Inner,
    row::Fields,
    service::{Entry, Service, Writer},
    standing::{Standing, over_floors},
    thresholds::Thresholds,
    time::Step,
};

/// A service under its mutex, and what a decision needs besides it.
pub(crate) struct Session<'a> {
    pub(crate) inner: &'a Inner,
    pub(crate) service: &'a Service,
    writer: Writer<'a>,
    /// The time of the decisions: that of the last tick, or the deadline that is being delivered.
    pub(crate) now: Step,
}

impl<'a> Session<'a> {
    pub(crate) fn open(inner: &'a Inner, service: &'a Service) -> Result<Session<'a>, AccessError> {
        let writer = service.write()?;
        Ok(Session { inner, service, writer, now: inner.now() })
    }

    pub(crate) fn entry(&mut self) -> &mut Entry {
        &mut self.writer.entry
    }

    pub(crate) fn look(&self) -> &Entry {
        &self.writer.entry
    }

    pub(crate) fn instance(&self, slot: u32) -> Option<&Instance> {
        self.look().roster.at(&self.inner.slots, slot)
    }

    pub(crate) fn instance_mut(&mut self, slot: u32) -> Option<&mut Instance> {
        self.writer.entry.roster.at_mut(&self.inner.slots, slot)
    }

    /// The address of a slot of this service.
    pub(crate) fn address(&self, slot: u32) -> Address {
        self.inner.address(slot)
    }

    pub(crate) fn standing(&self) -> Standing<'_> {
        Standing::of(self.inner, self.service, self.look())
    }

    /// Publishes what changed. Dropping a session without this would leave readers behind until the next one.
    pub(crate) fn finish(mut self) -> u64 {
        self.publish();
        self.service.revision()
    }

    /// The same for somebody who will be back at once: whoever waits for the service goes first.
    pub(crate) fn finish_fairly(mut self) {
        self.publish();
        self.writer.let_others_in();
    }

    fn publish(&mut self) {
        let service = self.service;
        if service.publish(&mut self.entry().draft) {
            self.inner.ring.push(service.index);
        }
    }

    /// The slot of an address, if anything is known about it.
    pub(crate) fn find(&self, address: &Address) -> Option<u32> {
        let key = Key::find(&self.inner.names, self.service.index, address)?;
        self.inner.find_slot(key)
    }

    /// The slot of an address, taken into use if nothing is known about it yet.
    pub(crate) fn find_or_create(&mut self, address: &Address) -> Result<u32, Unplaceable> {
        if let Some(slot) = self.find(address) {
            return Ok(slot);
        }
        // Its fields are public; an order or an instance must never stand under a name that cannot be stored.
        address.validate().map_err(Unplaceable::Name)?;
        let namespace = &self.service.namespace;
        namespace.take_instance().map_err(Unplaceable::Quota)?;
        let (key, handle) = self.occupy(address).inspect_err(|_| namespace.give_instance_back())?;
        self.inner.insert_key(key, handle.slot());
        self.writer.entry.roster.push(&self.inner.slots, Instance::new(handle.slot()));
        Ok(handle.slot())
    }

    /// A slot for an address. Names are never given back, so whoever finds no slot has interned none.
    fn occupy(&self, address: &Address) -> Result<(Key, Handle), Unplaceable> {
        let slots = &self.inner.slots;
        let full = || Unplaceable::Full { what: "instances", limit: slots.max() };
        if !slots.has_room(self.now) {
            return Err(full());
        }
        let key = Key::intern(&self.inner.names, self.service.index, address).ok_or(Unplaceable::NAMES)?;
        let handle = slots.occupy(key, self.now).ok_or_else(full)?;
        Ok((key, handle))
    }

    /// Runs one event through the policy. `None` when it is not delivered; then nothing has changed.
    pub(crate) fn decide(&mut self, slot: u32, input: Input, writer: By<'_>) -> Option<Decision> {
        let policy = std::sync::Arc::clone(&self.look().policy);
        let before = self.instance(slot)?.state;
        let decision = step(&policy.table, &before, input)?;
        policy.count(decision.verdict.reason);
        self.inner.counters.decided(&before, &decision);
        self.journal(slot, &before, input, &decision, writer);
        self.note(slot, &before, &decision, policy.epoch, writer);
        if decision.verdict.orders == Orders::Clear {
            self.clear_orders(slot);
        }
        let starts_clock = matches!(decision.facts.event, Event::Register | Event::Beat | Event::Recover);
        if before.present != decision.next.present || starts_clock {
            self.inner.restart_clock(slot, self.now);
        }
        if [before, decision.next].iter().any(|state| state.present && !state.ephemeral) {
            self.store_instance(slot);
        }
        self.settle(slot, before, decision.next);
        Some(decision)
    }

    /// Keeps who decided what. A decision that changes nothing keeps the earlier one, which is the interesting one.
    fn note(&mut self, slot: u32, before: &State, decision: &Decision, epoch: u64, writer: By<'_>) {
        let wall_ms = self.inner.wall_ms();
        let Some(instance) = self.instance_mut(slot) else { return };
        let (event, reason, earlier) = (decision.facts.event, decision.verdict.reason, instance.decision());
        let reason_changed = earlier.reason != reason || earlier.epoch != epoch.into();
        if *before != decision.next || reason_changed {
            instance.decided(event, reason, epoch, wall_ms, writer);
        }
        if before.claim != decision.next.claim {
            instance.claim_changed(wall_ms, writer);
        }
    }

    /// Has a persistent instance written, or deleted, as it will stand after this decision.
    fn store_instance(&self, slot: u32) {
        if self.instance(slot).is_some() {
            self.inner.durable_later(AddressKey::new(self.service.index, &self.address(slot), What::Instance));
        }
    }

    fn clear_orders(&mut self, slot: u32) {
        let index = self.service.index;
        let Some(instance) = self.instance_mut(slot) else { return };
        let Some(rare) = instance.rare_if_any().filter(|rare| rare.orders() > 0) else { return };
        let (holds, overlays) = (std::mem::take(&mut rare.holds), std::mem::take(&mut rare.overlays));
        instance.refresh_effective();
        let address = self.address(slot);
        for hold in holds {
            self.inner.durable_later(AddressKey::hold(index, &address, &hold.author.owner));
        }
        for overlay in overlays {
            self.inner.durable_later(AddressKey::overlay(index, &address, overlay.field.name()));
        }
    }

    /// Makes a state real: publishers, tombstone, record, gate, deadline.
    fn settle(&mut self, slot: u32, before: State, next: State) {
        let Some(instance) = self.instance_mut(slot) else { return };
        instance.state = next;
        instance.settle_publishers();
        let counted = u64::from(next.remembered);
        self.inner.counters.tombstones_changed(u64::from(before.remembered), counted);
        let worth = self.instance(slot).is_some_and(Instance::is_worth_remembering);
        let full = self.inner.counters.tombstones() > self.inner.tombstones_max;
        if next.remembered && (!worth || full) {
            if worth {
                self.inner.counters.tombstone_dropped();
            }
            return self.forget(slot);
        }
        self.refresh(slot);
    }

    /// Drops a tombstone. Orders stay; without any, the slot is given back.
    pub(crate) fn forget(&mut self, slot: u32) {
        let Some(instance) = self.instance_mut(slot) else { return };
        let remembered = instance.state.remembered;
        instance.state = instance.state.forgotten();
        instance.set_asked(false);
        instance.set_weight(None);
        instance.set_metadata(None);
        instance.refresh_effective();
        self.inner.counters.tombstones_changed(u64::from(remembered), 0);
        self.refresh(slot);
    }

    /// Recomputes what follows from metadata: effective pairs, thresholds, class; returns the class.
    pub(crate) fn reclassify(&mut self, slot: u32) -> u8 {
        let (inner, service) = (self.inner, self.service);
        let Entry { roster, policy, .. } = &mut *self.writer.entry;
        let manifest = policy.table.manifest();
        roster.at_mut(&inner.slots, slot).map_or(0, |instance| {
            instance.refresh_effective();
            instance.refresh_thresholds(manifest);
            instance.class(manifest, service.name(), || inner.address(slot))
        })
    }

    /// Brings record, gate and deadline in line with the state; gives the slot back when nothing is left.
    pub(crate) fn refresh(&mut self, slot: u32) {
        self.count_orders(slot);
        self.refresh_record(slot);
        if let Some(instance) = self.instance_mut(slot) {
            instance.tidy();
        }
        let Some(instance) = self.instance(slot) else { return };
        if instance.is_nothing() {
            return self.free(slot);
        }
        let open = beat_is_inert(&self.look().policy.table, &instance.state);
        let timeout = self.timeout(instance);
        self.inner.arm(slot, timeout);
        self.inner.set_open(slot, open);
    }

    /// Brings the published record in line with verdict and floors.
    fn refresh_record(&mut self, slot: u32) {
        let (inner, key) = (self.inner, self.inner.key(slot));
        let Service { namespace, snapshot, .. } = self.service;
        let Entry { roster, draft, floors, .. } = &mut *self.writer.entry;
        let Some(instance) = roster.at_mut(&inner.slots, slot) else { return };
        instance.shown = over_floors(inner, floors, instance, key);
        match (instance.state.present, instance.position()) {
            (true, Some(at)) => draft.set(snapshot, at, &record(inner, instance, key)),
            (true, None) => {
                let at = draft.push(snapshot, &record(inner, instance, key));
                instance.set_position(Some(at));
                self.inner.counters.came();
                namespace.came();
            }
            (false, Some(at)) => {
                instance.set_position(None);
                self.inner.counters.went();
                namespace.went();
                if let Some(moved) = draft.remove(snapshot, at)
                    && let Some(moved) = roster.at_mut(&inner.slots, moved.slot())
                {
                    moved.set_position(Some(at));
                }
            }
            (false, None) => {}
        }
    }

    /// Steps from the start of its clock to the next thing that time does to an instance.
    fn timeout(&self, instance: &Instance) -> Option<Step> {
        let State { present, remembered, band, .. } = instance.state;
        if present {
            let silence = &self.thresholds(instance).silence;
            return instance.lives_by_beats().then(|| Thresholds::next(silence, band)).flatten();
        }
        if !remembered {
            return None;
        }
        let crossing = Thresholds::next(&self.thresholds(instance).absence, band);
        Some(crossing.unwrap_or(Step::MAX).min(self.retain(instance)))
    }

    /// How long an instance may be silent, and absent.
    pub(crate) fn thresholds<'i>(&'i self, instance: &'i Instance) -> &'i Thresholds {
        instance.thresholds(&self.look().policy.thresholds)
    }

    /// How long a tombstone stands.
    pub(crate) fn retain(&self, instance: &Instance) -> Step {
        self.thresholds(instance).absence.iter().copied().max().unwrap_or(0).max(self.inner.retain)
    }

    fn free(&mut self, slot: u32) {
        let inner = self.inner;
        if self.entry().roster.remove(&inner.slots, slot).is_some() {
            inner.remove_key(inner.key(slot), slot);
            inner.slots.release(slot, self.now);
            self.service.namespace.give_instance_back();
        }
    }

    /// The handle of a slot of this service.
    pub(crate) fn handle(&self, slot: u32) -> Option<Handle> {
        self.instance(slot).map(|instance| self.inner.handle(instance.slot))
    }
}

/// What is published of an instance, under its service's mutex.
pub(crate) fn record<'a>(inner: &Inner, instance: &'a Instance, key: Key) -> Record<'a> {
    let fields = Fields {
        handle: inner.handle(instance.slot),
        host: key.host,
        cluster: key.cluster,
        weight: instance.effective_weight(),
        port: key.port,
        ephemeral: instance.state.ephemeral,
        healthy: instance.state.healthy,
        traffic: instance.shown,
        class: instance.state.class,
    };
    Record { fields, metadata: instance.effective() }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use crate::{Address, MemoryStore, NamespaceQuota, Options, Registration, Registry, ServiceName};

    #[test]
    fn who_finds_no_place_leaves_no_name_behind() {
        let full = Options { instances_max: 1, ..Options::default() };
        let namespace_quota = NamespaceQuota { instances_max: Some(1), services_max: None };
        let bounded = Options { namespace_quota, ..Options::default() };
        for options in [full, bounded] {
            let registry = Registry::open(options, Box::new(MemoryStore::new())).unwrap();
            let service = registry.service(&ServiceName::new("public", "g", "s").unwrap()).unwrap();
            let register = |host: &str, cluster: &str| {
                registry.register(service, &Registration::new(Address::new(host, 1, cluster).unwrap()))
            };
            register("one.example", "one").unwrap();
            register("two.example", "two").unwrap_err();
            assert!(registry.inner.names.find("one").is_some() && registry.inner.names.find("one.example").is_some());
            assert!(registry.inner.names.find("two").is_none() && registry.inner.names.find("two.example").is_none());
        }
    }
}
