//! What operators and hosts do to an instance: holds, overlays, removal, health checks.

use steadfast_policy::{Input, Probe};

use crate::{
    clients::Left,
    error::{AccessError, LeaveError, OrderError},
    handle::ServiceId,
    limits::{KEY_BYTES_MAX, NEAR_MAX},
    name::{Address, check_bounded},
    order::{AddressOrder, Order},
    orders::{Author, Field, FieldName, HoldKind, OrderReply},
    provenance::Writer,
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

impl HoldOrder {
    pub(crate) fn validate(&self, now_ms: u64) -> Result<(), OrderError> {
        self.author.validate()?;
        match self.until_ms {
            Some(until_ms) if until_ms <= now_ms => Err(OrderError::Until { until_ms, now_ms }),
            _ => Ok(()),
        }
    }
}

impl Registry {
    /// Places a hold; a second one by the same owner replaces the first.
    ///
    /// When this returns the hold is durable and visible, and every beat that starts later is decided with it. A hold
    /// on something that is not there yet is legal; the reply says `pending`, and what is near.
    pub fn hold(&self, service: ServiceId, address: &Address, order: &HoldOrder) -> Result<OrderReply, OrderError> {
        order.validate(self.inner.wall_ms())?;
        self.submit(service, address, &order.author, Order::Hold { kind: order.kind, until_ms: order.until_ms })
    }

    /// Releases the hold of `author.owner`. A release of nothing changes nothing; the reply says `found: false`, and
    /// what still refuses.
    pub fn release(&self, service: ServiceId, address: &Address, author: &Author) -> Result<OrderReply, OrderError> {
        self.force_release(service, address, &author.owner, author)
    }

    /// Releases the hold of another owner. The audit keeps both names, and `explain` shows who forced it.
    pub fn force_release(
        &self,
        service: ServiceId,
        address: &Address,
        owner: &str,
        author: &Author,
    ) -> Result<OrderReply, OrderError> {
        check_bounded("owner of the hold", owner, KEY_BYTES_MAX)?;
        self.submit(service, address, author, Order::Release { owner: owner.to_owned() })
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
        id: ServiceId,
        address: &Address,
        author: &Author,
        order: Order,
    ) -> Result<OrderReply, OrderError> {
        let service = self.inner.service(id)?;
        author.validate()?;
        let (name, author) = (service.name().to_name(), author.clone());
        let order = AddressOrder { service: service.index, name, address: address.clone(), author, order };
        let mut reply = self.inner.ledger.submit(&self.inner, order)?;
        if !reply.effect.present {
            // The order was carried out; a registry that is shut down just now has nobody near.
            reply.near = self.near(id, address).unwrap_or_default();
        }
        Ok(reply)
    }

    /// Present instances with the ip and port of an address in other clusters.
    fn near(&self, service: ServiceId, address: &Address) -> Result<Vec<Address>, AccessError> {
        let Address { ip, port, cluster } = address;
        self.view(service, |view| {
            let same = view.iter().filter(|other| other.port() == *port && other.ip() == *ip);
            let others = same.filter(|other| other.cluster() != cluster).take(NEAR_MAX);
            others.map(|other| Address { cluster: other.cluster().into(), ..address.clone() }).collect()
        })
    }

    /// Deletes an instance, whoever publishes it. Orders stay; whether its client may come back is the policy's say.
    pub fn remove(&self, service: ServiceId, address: &Address, author: &Author) -> Result<Left, LeaveError> {
        let service = self.inner.service(service)?;
        let mut session = Session::open(&self.inner, service)?;
        let Some(slot) = session.find(address) else { return Ok(Left::Unknown) };
        let writer = format!("{}/{}", author.owner, author.actor);
        let persistent = session.is_persistent(slot);
        let removed = session.decide(slot, Input::Remove, Writer::Named(&writer)).is_some();
        session.finish();
        if persistent {
            self.inner.ledger.flush(&self.inner)?;
        }
        Ok(if removed { Left::Gone } else { Left::Unknown })
    }

    /// Reports an outside health check. `false`: nothing is present at the address, and the result is ignored.
    pub fn probe(&self, service: ServiceId, address: &Address, probe: Probe) -> Result<bool, AccessError> {
        let service = self.inner.service(service)?;
        let mut session = Session::open(&self.inner, service)?;
        let delivered =
            session.find(address).and_then(|slot| session.decide(slot, Input::Probe(probe), Writer::Probe)).is_some();
        session.finish();
        Ok(delivered)
    }
}
