//! One order about one address: checked, made durable by the ledger, then put into its service.

use steadfast_policy::Input;

use crate::{
    audit::{AuditEntry, OrderTarget},
    durable::{AddressKey, Place, Placed, RecordKey, What, encode},
    error::OrderError,
    instance::Instance,
    lapse::Lapse,
    limits::{HOLDS_PER_INSTANCE_MAX, OVERLAYS_PER_INSTANCE_MAX},
    name::{Address, ServiceName},
    orders::{Author, Field, FieldName, Hold, HoldKind, OrderReply, Overlay},
    provenance::Writer,
    rare::Rare,
    registry::Inner,
    service::Service,
    session::Session,
    store::Change,
    ticket::{Scope, Task, Visit},
};

/// What an operator asked for.
#[derive(Clone, Debug)]
pub(crate) enum Order {
    Hold {
        kind: HoldKind,
        until_ms: Option<u64>,
    },
    /// Ends the hold of an owner, who need not be the author.
    Release {
        owner: String,
    },
    Overlay(Field),
    ReleaseOverlay(FieldName),
}

/// An order about one address.
pub(crate) struct AddressOrder {
    pub(crate) service: u32,
    pub(crate) name: ServiceName,
    pub(crate) address: Address,
    pub(crate) author: Author,
    pub(crate) order: Order,
}

impl Task for AddressOrder {
    type Reply = OrderReply;

    fn scope(&self) -> Scope {
        Scope::Address(self.service, self.address.clone())
    }

    fn audit(&self, wall_ms: u64) -> AuditEntry {
        let (service, address) = (self.name.clone(), self.address.clone());
        AuditEntry {
            wall_ms,
            order: self.verb().into(),
            target: OrderTarget::Address { service, address },
            author: self.author.clone(),
            forced_owner: self.forced_owner().map(str::to_owned),
        }
    }

    /// The instance is reserved until the order is applied or abandoned.
    fn prepare(&self, inner: &Inner) -> Result<Vec<(RecordKey, Change)>, OrderError> {
        let service = inner.service_at(self.service)?;
        let mut session = Session::open(inner, service)?;
        let lapse = session.lapse();
        let creates = matches!(self.order, Order::Hold { .. } | Order::Overlay(_));
        let slot = if creates { Some(session.find_or_create(&self.address)?) } else { session.find(&self.address) };
        let mut records = self.deletions();
        if let Some(slot) = slot
            && let Some(instance) = session.instance_mut(slot)
        {
            if let Err(error) = self.within_limits(instance) {
                session.refresh(slot);
                return Err(error);
            }
            instance.rare_mut().reserved += 1;
            records = self.records(inner, instance, lapse);
        }
        session.finish();
        Ok(records.into_iter().map(|(key, value)| (key.clone().into(), key.change(&self.name, value))).collect())
    }

    fn apply(&self, visit: &mut Visit<'_>) -> Result<OrderReply, OrderError> {
        let session = visit.session(self.service)?;
        let found = session.find(&self.address).is_some_and(|slot| self.put(session, slot));
        let standing = session.standing();
        // The order may have been the last thing that was known of the address.
        let instance = session.find(&self.address).and_then(|slot| session.instance(slot));
        let effect = instance.map_or_else(|| standing.nothing(&self.address), |instance| standing.effect(instance));
        let pending = instance.is_some_and(|instance| !instance.state.present && instance.has_orders());
        Ok(OrderReply { effect, pending, found, revision: 0, near: Vec::new() })
    }

    fn published(&self, inner: &Inner, reply: &mut OrderReply) {
        reply.revision = inner.service_at(self.service).map_or(0, Service::revision);
    }

    fn abandon(&self, inner: &Inner) {
        let Ok(service) = inner.service_at(self.service) else { return };
        let Ok(mut session) = Session::open(inner, service) else { return };
        if let Some(slot) = session.find(&self.address) {
            if let Some(instance) = session.instance_mut(slot) {
                instance.unreserve();
            }
            session.refresh(slot);
        }
        session.finish();
    }
}

impl AddressOrder {
    /// Whose hold it ends, if that is somebody else's.
    fn forced_owner(&self) -> Option<&str> {
        match &self.order {
            Order::Release { owner } if *owner != self.author.owner => Some(owner),
            _ => None,
        }
    }

    fn verb(&self) -> &'static str {
        match &self.order {
            Order::Hold { kind, .. } => kind.name(),
            Order::Release { .. } if self.forced_owner().is_some() => "force-release",
            Order::Release { .. } => "release",
            Order::Overlay(_) => "overlay",
            Order::ReleaseOverlay(_) => "release-overlay",
        }
    }

    /// Who stands in the provenance of what the order changes.
    fn writer(&self) -> String {
        let Author { owner, actor, .. } = &self.author;
        match self.forced_owner() {
            Some(forced) => format!("{owner}/{actor}, forcing the release of {forced}"),
            None => format!("{owner}/{actor}"),
        }
    }

    /// An update of what is there takes no more room.
    fn within_limits(&self, instance: &Instance) -> Result<(), OrderError> {
        let (what, limit, others) = match &self.order {
            Order::Hold { .. } => {
                let others = instance.rare().holds.iter().filter(|hold| hold.author.owner != self.author.owner).count();
                ("holds on one instance", HOLDS_PER_INSTANCE_MAX, others)
            }
            Order::Overlay(field) => {
                let others =
                    instance.rare().overlays.iter().filter(|overlay| overlay.field.name() != field.name()).count();
                ("overlays on one instance", OVERLAYS_PER_INSTANCE_MAX, others)
            }
            Order::Release { .. } | Order::ReleaseOverlay(_) => return Ok(()),
        };
        if others < limit { Ok(()) } else { Err(OrderError::Full { what, limit }) }
    }

    /// What a release deletes where nothing is live. A hold that a policy cleared, or that time ended, may still wait to
    /// be deleted from the store: whoever was told that nothing holds must not find it there after a crash.
    fn deletions(&self) -> Vec<(AddressKey, Option<Vec<u8>>)> {
        let (service, address) = (self.service, &self.address);
        let key = match &self.order {
            _ if address.validate().is_err() => return Vec::new(),
            Order::Release { owner } => AddressKey::hold(service, address, owner),
            Order::ReleaseOverlay(name) => AddressKey::overlay(service, address, name.clone()),
            Order::Hold { .. } | Order::Overlay(_) => return Vec::new(),
        };
        vec![(key, None), (AddressKey::new(service, address, What::Process), None)]
    }

    /// The records of the order, with their values once it stands.
    fn records(&self, inner: &Inner, instance: &Instance, lapse: Lapse) -> Vec<(AddressKey, Option<Vec<u8>>)> {
        let (service, address, name) = (self.service, &self.address, &self.name);
        let place = || Place { service: name.clone(), address: address.clone() };
        let mut records = vec![match &self.order {
            Order::Hold { kind, until_ms } => {
                let record = hold(inner, &self.author, (*kind, *until_ms), instance, lapse);
                let value = encode(&Placed { place: place(), record });
                (AddressKey::hold(service, address, &self.author.owner), Some(value))
            }
            Order::Release { owner } => (AddressKey::hold(service, address, owner), None),
            Order::Overlay(field) => {
                let value = encode(&Placed { place: place(), record: overlay(inner, &self.author, field) });
                (AddressKey::overlay(service, address, field.name()), Some(value))
            }
            Order::ReleaseOverlay(field) => (AddressKey::overlay(service, address, field.clone()), None),
        }];
        // The program goes with the orders that it was given: a key that stayed behind without any would be taken for
        // that of whoever has the address when the next order comes.
        let process = instance.process().filter(|_| self.leaves_orders(instance));
        let value = process.map(|process| encode(&Placed { place: place(), record: process }));
        records.push((AddressKey::new(service, address, What::Process), value));
        records
    }

    /// Whether an order stands at the address once this one is in force.
    fn leaves_orders(&self, instance: &Instance) -> bool {
        let Rare { holds, overlays, .. } = instance.rare();
        match &self.order {
            Order::Hold { .. } | Order::Overlay(_) => true,
            Order::Release { owner } => !overlays.is_empty() || holds.iter().any(|hold| hold.author.owner != *owner),
            Order::ReleaseOverlay(name) => {
                !holds.is_empty() || overlays.iter().any(|overlay| overlay.field.name() != *name)
            }
        }
    }

    fn put(&self, session: &mut Session<'_>, slot: u32) -> bool {
        let (inner, lapse) = (session.inner, session.lapse());
        let Some(instance) = session.instance_mut(slot) else { return false };
        instance.unreserve();
        let found = self.order.change(inner, &self.author, instance, lapse);
        if !instance.has_orders() {
            inner.durable_later(AddressKey::new(self.service, &self.address, What::Process));
        }
        session.schedule_ends(slot);
        let class = session.reclassify(slot);
        match session.instance(slot).and_then(|instance| self.order.input(found, instance, class, lapse)) {
            Some(input) => drop(session.decide(slot, input, Writer::Named(&self.writer()))),
            None => session.refresh(slot),
        }
        found
    }
}

impl Order {
    /// Changes the orders of an instance; says whether one of the same owner (or field) was there.
    pub(crate) fn change(&self, inner: &Inner, author: &Author, instance: &mut Instance, lapse: Lapse) -> bool {
        let (holds, overlays) = (instance.rare().holds.len(), instance.rare().overlays.len());
        match self {
            Order::Hold { kind, until_ms } => {
                let placed = hold(inner, author, (*kind, *until_ms), instance, lapse);
                let rare = instance.rare_mut();
                rare.holds.retain(|hold| hold.author.owner != author.owner);
                rare.holds.push(placed);
                rare.holds.len() == holds
            }
            Order::Release { owner } => {
                let rare = instance.rare_mut();
                rare.holds.retain(|hold| hold.author.owner != *owner);
                rare.holds.len() < holds
            }
            Order::Overlay(field) => {
                let placed = overlay(inner, author, field);
                let rare = instance.rare_mut();
                match rare.overlay_mut(&field.name()) {
                    Some(overlay) => *overlay = placed,
                    None => rare.overlays.push(placed),
                }
                rare.overlays.len() == overlays
            }
            Order::ReleaseOverlay(name) => {
                let rare = instance.rare_mut();
                rare.overlays.retain(|overlay| overlay.field.name() != *name);
                rare.overlays.len() < overlays
            }
        }
    }

    /// Whether an order about many changes anything here: a release of nothing does not.
    pub(crate) fn concerns(&self, instance: &Instance) -> bool {
        match self {
            Order::Hold { .. } | Order::Overlay(_) => true,
            Order::Release { owner } => instance.rare().holds.iter().any(|hold| hold.author.owner == *owner),
            Order::ReleaseOverlay(name) => instance.has_overlay(name),
        }
    }

    /// The event of an order; a release of nothing is none.
    pub(crate) fn input(&self, found: bool, instance: &Instance, class: u8, lapse: Lapse) -> Option<Input> {
        match self {
            Order::Hold { .. } => Some(Input::Hold(lapse.strongest(instance))),
            Order::Release { .. } => found.then(|| Input::Release(lapse.strongest(instance))),
            Order::Overlay(_) => Some(Input::Overlay { class }),
            Order::ReleaseOverlay(_) => found.then_some(Input::Overlay { class }),
        }
    }
}

/// The hold as it will stand. An update keeps its age, unless that had made it lapse: whoever says it again means it.
fn hold(
    inner: &Inner,
    author: &Author,
    (kind, until_ms): (HoldKind, Option<u64>),
    instance: &Instance,
    lapse: Lapse,
) -> Hold {
    let is_earlier = |hold: &&Hold| hold.author.owner == author.owner && !lapse.has_lapsed(hold);
    let earlier = instance.rare().holds.iter().find(is_earlier);
    let since_ms = earlier.map_or_else(|| inner.wall_ms(), |hold| hold.since_ms);
    Hold { kind, author: author.clone(), since_ms, until_ms }
}

fn overlay(inner: &Inner, author: &Author, field: &Field) -> Overlay {
    Overlay { field: field.clone(), author: author.clone(), since_ms: inner.wall_ms() }
}
