//! One order: checked, made durable by the ledger, then put into its service.

use steadfast_policy::{Claim, Input, Traffic};

use crate::{
    durable::{Place, Placed, RecordKey, What, encode},
    error::OrderError,
    instance::Instance,
    lapse::Lapse,
    ledger::Ticket,
    limits::{HOLDS_PER_INSTANCE_MAX, OVERLAYS_PER_INSTANCE_MAX},
    name::ServiceName,
    orders::{Effect, Field, FieldName, Hold, HoldKind, OrderReply, Overlay},
    registry::Inner,
    session::Session,
    store::Change,
};

/// What an operator asked for.
pub(crate) enum Order {
    Hold { kind: HoldKind, until_ms: Option<u64> },
    Release,
    Overlay(Field),
    ReleaseOverlay(FieldName),
}

/// An order that has passed every check; its instance is reserved until it is applied or abandoned.
pub(crate) struct Prepared {
    pub(crate) changes: Vec<Change>,
    /// Whose records these are.
    pub(crate) records: Vec<RecordKey>,
    pub(crate) service: ServiceName,
}

impl Order {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Order::Hold { kind, .. } => kind.name(),
            Order::Release => "release",
            Order::Overlay(_) => "overlay",
            Order::ReleaseOverlay(_) => "release-overlay",
        }
    }

    /// Checks the order against the live state and says what must be durable before it is visible.
    pub(crate) fn prepare(&self, inner: &Inner, ticket: &Ticket) -> Result<Prepared, OrderError> {
        let service = inner.service_at(ticket.service)?;
        let mut session = Session::open(inner, service)?;
        let (name, lapse) = (service.name.clone(), session.lapse());
        let creates = matches!(self, Order::Hold { .. } | Order::Overlay(_));
        let slot = if creates { Some(session.find_or_create(&ticket.address)?) } else { session.find(&ticket.address) };
        let mut records = Vec::new();
        if let Some(slot) = slot
            && let Some(instance) = session.entry().instances.get_mut(&slot)
        {
            instance.reserved += 1;
            if let Err(error) = self.within_limits(instance, &ticket.author.owner) {
                instance.reserved -= 1;
                session.refresh(slot);
                return Err(error);
            }
            records = self.records(inner, ticket, &name, instance, lapse);
        }
        session.finish();
        let changes = records.iter().map(|(key, value)| key.change(&name, value.clone())).collect();
        let records = records.into_iter().map(|(key, _)| key).collect();
        Ok(Prepared { changes, records, service: name })
    }

    /// An update of what is there takes no more room.
    fn within_limits(&self, instance: &Instance, owner: &str) -> Result<(), OrderError> {
        let (what, limit, others) = match self {
            Order::Hold { .. } => {
                let others = instance.holds.iter().filter(|hold| hold.author.owner != owner).count();
                ("holds on one instance", HOLDS_PER_INSTANCE_MAX, others)
            }
            Order::Overlay(field) => {
                let others = instance.overlays.iter().filter(|overlay| overlay.field.name() != field.name()).count();
                ("overlays on one instance", OVERLAYS_PER_INSTANCE_MAX, others)
            }
            Order::Release | Order::ReleaseOverlay(_) => return Ok(()),
        };
        if others < limit { Ok(()) } else { Err(OrderError::Full { what, limit }) }
    }

    /// The records of the order, with their values once it stands.
    fn records(
        &self,
        inner: &Inner,
        ticket: &Ticket,
        name: &ServiceName,
        instance: &Instance,
        lapse: Lapse,
    ) -> Vec<(RecordKey, Option<Vec<u8>>)> {
        let place = || Place { service: name.clone(), address: ticket.address.clone() };
        let (service, address) = (ticket.service, &ticket.address);
        let mut records = match self {
            Order::Hold { kind, until_ms } => {
                let record = hold(inner, ticket, (*kind, *until_ms), instance, lapse);
                let value = encode(&Placed { place: place(), record });
                vec![(RecordKey::hold(service, address, &ticket.author.owner), Some(value))]
            }
            Order::Release => vec![(RecordKey::hold(service, address, &ticket.author.owner), None)],
            Order::Overlay(field) => {
                let value = encode(&Placed { place: place(), record: overlay(inner, ticket, field) });
                vec![(RecordKey::overlay(service, address, field.name()), Some(value))]
            }
            Order::ReleaseOverlay(field) => {
                vec![(RecordKey::overlay(service, address, field.clone()), None)]
            }
        };
        if let Some(process) = &instance.process {
            let value = encode(&Placed { place: place(), record: process });
            records.push((RecordKey::new(service, address, What::Process), Some(value)));
        }
        records
    }

    /// Makes a durable order visible.
    pub(crate) fn apply(&self, inner: &Inner, ticket: &Ticket, _: Prepared) -> Result<OrderReply, OrderError> {
        let service = inner.service_at(ticket.service)?;
        let mut session = Session::open(inner, service)?;
        let Some(slot) = session.find(&ticket.address) else {
            let revision = session.finish();
            return Ok(OrderReply { effect: Effect::nothing(), pending: false, found: false, revision });
        };
        let found = self.put(inner, ticket, &mut session, slot);
        let (effect, pending) = match session.look().instance(slot) {
            Some(instance) => (effect(instance, &session), !instance.state.present && instance.has_orders()),
            None => (Effect::nothing(), false),
        };
        let revision = session.finish();
        Ok(OrderReply { effect, pending, found, revision })
    }

    fn put(&self, inner: &Inner, ticket: &Ticket, session: &mut Session<'_>, slot: u32) -> bool {
        let lapse = session.lapse();
        let Some(instance) = session.entry().instances.get_mut(&slot) else { return false };
        instance.reserved = instance.reserved.saturating_sub(1);
        let writer = format!("{}/{}", ticket.author.owner, ticket.author.actor);
        let owner = &ticket.author.owner;
        let found = match self {
            Order::Hold { kind, until_ms } => {
                let placed = hold(inner, ticket, (*kind, *until_ms), instance, lapse);
                let before = instance.holds.len();
                instance.holds.retain(|hold| hold.author.owner != *owner);
                let found = instance.holds.len() < before;
                instance.holds.push(placed);
                found
            }
            Order::Release => {
                let before = instance.holds.len();
                instance.holds.retain(|hold| hold.author.owner != *owner);
                instance.holds.len() < before
            }
            Order::Overlay(field) => {
                let placed = overlay(inner, ticket, field);
                let found = instance.overlay_mut(&field.name()).map(|overlay| *overlay = placed.clone()).is_some();
                if !found {
                    instance.overlays.push(placed);
                }
                found
            }
            Order::ReleaseOverlay(name) => {
                let before = instance.overlays.len();
                instance.overlays.retain(|overlay| overlay.field.name() != *name);
                instance.overlays.len() < before
            }
        };
        if !instance.has_orders() {
            inner.durable_later(RecordKey::new(ticket.service, &ticket.address, What::Process));
        }
        session.schedule_ends(slot);
        let class = session.reclassify(slot);
        match session.look().instance(slot).and_then(|instance| self.input(found, instance, class, session.lapse())) {
            Some(input) => drop(session.decide(slot, input, &writer)),
            None => session.refresh(slot),
        }
        found
    }

    /// The event of an order; a release of nothing is none.
    fn input(&self, found: bool, instance: &Instance, class: u8, lapse: Lapse) -> Option<Input> {
        match self {
            Order::Hold { .. } => Some(Input::Hold(lapse.strongest(instance))),
            Order::Release => found.then(|| Input::Release(lapse.strongest(instance))),
            Order::Overlay(_) => Some(Input::Overlay { class }),
            Order::ReleaseOverlay(_) => found.then_some(Input::Overlay { class }),
        }
    }
}

impl Prepared {
    /// The commit failed: nothing of the order remains.
    pub(crate) fn abandon(inner: &Inner, ticket: &Ticket) {
        let Ok(service) = inner.service_at(ticket.service) else { return };
        let Ok(mut session) = Session::open(inner, service) else { return };
        if let Some(slot) = session.find(&ticket.address) {
            if let Some(instance) = session.entry().instances.get_mut(&slot) {
                instance.reserved = instance.reserved.saturating_sub(1);
            }
            session.refresh(slot);
        }
        session.finish();
    }
}

/// The hold as it will stand. An update keeps its age, unless that had made it lapse: whoever says it again means it.
fn hold(
    inner: &Inner,
    ticket: &Ticket,
    (kind, until_ms): (HoldKind, Option<u64>),
    instance: &Instance,
    lapse: Lapse,
) -> Hold {
    let is_earlier = |hold: &&Hold| hold.author.owner == ticket.author.owner && !lapse.has_lapsed(hold);
    let earlier = instance.holds.iter().find(is_earlier);
    let since_ms = earlier.map_or_else(|| inner.wall_ms(), |hold| hold.since_ms);
    Hold { kind, author: ticket.author.clone(), since_ms, until_ms }
}

fn overlay(inner: &Inner, ticket: &Ticket, field: &Field) -> Overlay {
    Overlay { field: field.clone(), author: ticket.author.clone(), since_ms: inner.wall_ms() }
}

/// Where an instance stands now, and what still refuses.
pub(crate) fn effect(instance: &Instance, session: &Session<'_>) -> Effect {
    let state = &instance.state;
    let manifest = session.look().policy.table.manifest();
    let mut refusing = Vec::new();
    if !state.present || state.traffic != Traffic::Serve {
        let lapse = session.lapse();
        refusing.extend(instance.holds.iter().filter(|hold| !lapse.has_lapsed(hold)).map(|hold| {
            let crate::orders::Author { owner, actor, reason } = &hold.author;
            format!("{} by {owner} ({actor}): {reason}", hold.kind.name())
        }));
        if state.claim == Claim::Disabled {
            refusing.push("the client disabled itself".into());
        }
        if !state.present {
            refusing.push("not registered".into());
        }
    }
    let reason = match instance.decision.event {
        Some(_) => manifest.reason(instance.decision.reason).to_owned(),
        None => "not registered".to_owned(),
    };
    Effect { present: state.present, healthy: state.healthy, traffic: state.traffic, reason, refusing }
}

impl Effect {
    /// Nothing is known about the address.
    pub(crate) fn nothing() -> Effect {
        Effect {
            present: false,
            healthy: false,
            traffic: Traffic::Refuse,
            reason: "not registered".into(),
            refusing: vec!["not registered".into()],
        }
    }
}
