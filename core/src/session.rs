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
    instance::{Instance, Provenance, Thresholds},
    key::Key,
    limits::TOMBSTONES_MAX,
    name::Address,
    registration::{Liveness, Publisher},
    registry::Inner,
    row::Fields,
    service::{Entry, Service, Writer},
    standing::{Standing, over_floors},
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

    pub(crate) fn standing(&self) -> Standing<'_> {
        Standing::of(self.inner, self.service, self.look())
    }

    /// Publishes what changed. Dropping a session without this would leave readers behind until the next one.
    pub(crate) fn finish(mut self) -> u64 {
        let service = self.service;
        if service.publish(&mut self.entry().draft) {
            self.inner.ring.push(service.index);
        }
        self.service.revision()
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
        let key = Key::intern(&self.inner.names, self.service.index, address).ok_or(Unplaceable::NAMES)?;
        let handle = self.inner.slots.occupy(key, self.now).ok_or(Unplaceable::INSTANCES)?;
        self.inner.insert_key(key, handle.slot());
        let mut instance = Instance::new(handle, key, address.clone());
        instance.thresholds = Thresholds::of(self.look().policy.table.manifest(), None);
        self.entry().instances.insert(handle.slot(), instance);
        Ok(handle.slot())
    }

    /// Runs one event through the policy. `None` when it is not delivered; then nothing has changed.
    pub(crate) fn decide(&mut self, slot: u32, input: Input, writer: &str) -> Option<Decision> {
        let policy = std::sync::Arc::clone(&self.look().policy);
        let before = self.look().instance(slot)?.state;
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
    fn note(&mut self, slot: u32, before: &State, decision: &Decision, epoch: u64, writer: &str) {
        let wall_ms = self.inner.wall_ms();
        let Some(instance) = self.entry().instances.get_mut(&slot) else { return };
        let provenance = || Provenance {
            event: Some(decision.facts.event),
            writer: writer.to_owned(),
            wall_ms,
            epoch,
            reason: decision.verdict.reason,
        };
        let reason_changed = instance.decision.reason != decision.verdict.reason || instance.decision.epoch != epoch;
        if *before != decision.next || reason_changed {
            instance.decision = provenance();
        }
        if before.claim != decision.next.claim {
            instance.claimed = provenance();
        }
    }

    /// Has a persistent instance written, or deleted, as it will stand after this decision.
    fn store_instance(&self, slot: u32) {
        if let Some(instance) = self.look().instance(slot) {
            self.inner.durable_later(AddressKey::new(self.service.index, &instance.address, What::Instance));
        }
    }

    fn clear_orders(&mut self, slot: u32) {
        let index = self.service.index;
        let Some(instance) = self.entry().instances.get_mut(&slot) else { return };
        let holds = std::mem::take(&mut instance.holds);
        let overlays = std::mem::take(&mut instance.overlays);
        instance.refresh_effective();
        let address = instance.address.clone();
        for hold in holds {
            self.inner.durable_later(AddressKey::hold(index, &address, &hold.author.owner));
        }
        for overlay in overlays {
            self.inner.durable_later(AddressKey::overlay(index, &address, overlay.field.name()));
        }
    }

    /// Makes a state real: publishers, tombstone, record, gate, deadline.
    fn settle(&mut self, slot: u32, before: State, next: State) {
        let Some(instance) = self.entry().instances.get_mut(&slot) else { return };
        instance.state = next;
        if next.present && instance.publishers.is_empty() {
            // It came back by a beat; whoever sends that has no connection here.
            instance.publishers.push((Publisher::Keyless, Liveness::Beats));
            instance.assumed_publisher = true;
        }
        if !next.present {
            instance.publishers.clear();
        }
        let counted = u64::from(next.remembered);
        self.inner.counters.tombstones_changed(u64::from(before.remembered), counted);
        let worth = self.look().instance(slot).is_some_and(Instance::is_worth_remembering);
        let full = self.inner.counters.tombstones() > TOMBSTONES_MAX as u64;
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
        let Some(instance) = self.entry().instances.get_mut(&slot) else { return };
        let remembered = instance.state.remembered;
        instance.state = instance.state.forgotten();
        instance.asked = false;
        instance.weight = None;
        instance.metadata = None;
        instance.refresh_effective();
        self.inner.counters.tombstones_changed(u64::from(remembered), 0);
        self.refresh(slot);
    }

    /// Recomputes what follows from metadata: effective pairs, thresholds, class; returns the class.
    pub(crate) fn reclassify(&mut self, slot: u32) -> u8 {
        let service = self.service;
        let Entry { instances, policy, .. } = &mut *self.writer.entry;
        let manifest = policy.table.manifest();
        instances.get_mut(&slot).map_or(0, |instance| {
            instance.refresh_effective();
            instance.thresholds = Thresholds::of(manifest, instance.metadata.as_ref());
            instance.class(manifest, &service.name)
        })
    }

    /// Brings record, gate and deadline in line with the state; gives the slot back when nothing is left.
    pub(crate) fn refresh(&mut self, slot: u32) {
        self.count_orders(slot);
        self.refresh_record(slot);
        let Some(instance) = self.look().instance(slot) else { return };
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
        let Entry { instances, draft, floors, .. } = &mut *self.writer.entry;
        let Some(instance) = instances.get_mut(&slot) else { return };
        instance.shown = over_floors(self.inner, floors, instance);
        match (instance.state.present, instance.position) {
            (true, Some(at)) => draft.set(at, &record(instance)),
            (true, None) => {
                instance.position = Some(draft.push(&record(instance)));
                self.inner.counters.came();
            }
            (false, Some(at)) => {
                instance.position = None;
                self.inner.counters.went();
                if let Some(moved) = draft.remove(at)
                    && let Some(moved) = instances.get_mut(&moved.slot())
                {
                    moved.position = Some(at);
                }
            }
            (false, None) => {}
        }
    }

    /// Steps from the start of its clock to the next thing that time does to an instance.
    fn timeout(&self, instance: &Instance) -> Option<Step> {
        let State { present, remembered, band, .. } = instance.state;
        if present {
            return instance.lives_by_beats().then(|| Thresholds::next(&instance.thresholds.silence, band)).flatten();
        }
        if !remembered {
            return None;
        }
        let crossing = Thresholds::next(&instance.thresholds.absence, band);
        Some(crossing.unwrap_or(Step::MAX).min(self.retain(instance)))
    }

    /// How long a tombstone stands.
    pub(crate) fn retain(&self, instance: &Instance) -> Step {
        instance.thresholds.absence.iter().copied().max().unwrap_or(0).max(self.inner.retain)
    }

    fn free(&mut self, slot: u32) {
        if let Some(instance) = self.entry().instances.remove(&slot) {
            self.inner.remove_key(instance.key, slot);
            self.inner.slots.release(slot, self.now);
        }
    }

    pub(crate) fn handle(&self, slot: u32) -> Option<Handle> {
        self.look().instance(slot).map(|instance| instance.handle)
    }
}

pub(crate) fn record(instance: &Instance) -> Record<'_> {
    let fields = Fields {
        handle: instance.handle,
        host: instance.key.host,
        cluster: instance.key.cluster,
        weight: instance.effective_weight(),
        port: instance.address.port,
        ephemeral: instance.state.ephemeral,
        healthy: instance.state.healthy,
        traffic: instance.shown,
        class: instance.state.class,
    };
    Record { fields, metadata: &instance.effective }
}
