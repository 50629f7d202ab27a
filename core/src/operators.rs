//! What operators and hosts do to an instance: holds, overlays, removal, health checks.

use steadfast_policy::{Input, Probe};

use crate::{
    clients::Left,
    error::{AccessError, LeaveError, OrderError},
    handle::ServiceId,
    ledger::Ticket,
    name::Address,
    order::Order,
    orders::{Author, Field, FieldName, HoldKind, OrderReply},
    registry::Registry,
    session::Session,
};

/// A hold to place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldOrder {
    /// How strong.
    pub kind: HoldKind,
    /// Who and why.
    pub author: Author,
    /// Wall time at which it ends by itself, in milliseconds since 1970.
    pub until_ms: Option<u64>,
}

impl Registry {
    /// Places a hold; a second one by the same owner replaces the first.
    ///
    /// When this returns the hold is durable and visible, and every beat that starts later is decided with it. A hold
    /// on something that is not there yet is legal; the reply says `pending`.
    pub fn hold(&self, service: ServiceId, address: &Address, order: &HoldOrder) -> Result<OrderReply, OrderError> {
        let now_ms = self.inner.wall_ms();
        if let Some(until_ms) = order.until_ms
            && until_ms <= now_ms
        {
            return Err(OrderError::Until { until_ms, now_ms });
        }
        self.submit(service, address, &order.author, Order::Hold { kind: order.kind, until_ms: order.until_ms })
    }

    /// Releases the hold of `author.owner`. A release of nothing changes nothing; the reply says `found: false`, and
    /// what still refuses.
    pub fn release(&self, service: ServiceId, address: &Address, author: &Author) -> Result<OrderReply, OrderError> {
        self.submit(service, address, author, Order::Release)
    }

    /// Lays a value over one field of the client's claim, until it is released.
    pub fn overlay(
        &self,
        service: ServiceId,
        address: &Address,
        field: &Field,
        author: &Author,
    ) -> Result<OrderReply, OrderError> {
        field.validate()?;
        self.submit(service, address, author, Order::Overlay(field.clone()))
    }

    /// Releases an overlay: the field follows the client again.
    pub fn release_overlay(
        &self,
        service: ServiceId,
        address: &Address,
        field: &FieldName,
        author: &Author,
    ) -> Result<OrderReply, OrderError> {
        self.submit(service, address, author, Order::ReleaseOverlay(field.clone()))
    }

    fn submit(
        &self,
        service: ServiceId,
        address: &Address,
        author: &Author,
        order: Order,
    ) -> Result<OrderReply, OrderError> {
        let service = self.inner.service(service)?;
        Author::new(&author.owner, &author.actor, &author.reason)?;
        self.inner.ledger.submit(&self.inner, Ticket::new(service.index, address, author, order))
    }

    /// Deletes an instance, whoever publishes it. Orders stay; whether its client may come back is the policy's say.
    pub fn remove(&self, service: ServiceId, address: &Address, author: &Author) -> Result<Left, LeaveError> {
        let service = self.inner.service(service)?;
        let mut session = Session::open(&self.inner, service)?;
        let Some(slot) = session.find(address) else { return Ok(Left::Unknown) };
        let writer = format!("{}/{}", author.owner, author.actor);
        let removed = session.decide(slot, Input::Remove, &writer).is_some();
        session.finish();
        self.inner.ledger.flush(&self.inner)?;
        Ok(if removed { Left::Gone } else { Left::Unknown })
    }

    /// Reports an outside health check. `false`: nothing is present at the address, and the result is ignored.
    pub fn probe(&self, service: ServiceId, address: &Address, probe: Probe) -> Result<bool, AccessError> {
        let service = self.inner.service(service)?;
        let mut session = Session::open(&self.inner, service)?;
        let delivered =
            session.find(address).and_then(|slot| session.decide(slot, Input::Probe(probe), "probe")).is_some();
        session.finish();
        Ok(delivered)
    }
}
