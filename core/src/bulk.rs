//! One order about many addresses: looked at first, then carried out in large commits.

use std::ops::ControlFlow;

use serde::Serialize;

use crate::{
    error::{AccessError, OrderError},
    instance::Instance,
    limits::{BULK_TARGETS_MAX, COMMIT_MAX},
    name::{Address, ServiceName},
    operators::HoldOrder,
    order::{AddressOrder, Order},
    orders::{Author, Field, FieldName, OrderReply},
    registry::Registry,
    selector::{Selector, SelectorError},
    standing::Standing,
};

/// What shall be done at each selected address.
#[derive(Clone, Debug, PartialEq)]
pub enum BulkOrder {
    /// See [`Registry::hold`].
    Hold(HoldOrder),
    /// See [`Registry::release`]; addresses without a hold of this owner are passed by.
    Release(Author),
    /// See [`Registry::overlay`].
    Overlay {
        /// The value.
        field: Field,
        /// Who and why.
        author: Author,
    },
    /// See [`Registry::release_overlay`]; addresses without such an overlay are passed by.
    ReleaseOverlay {
        /// Which field.
        field: FieldName,
        /// Who and why.
        author: Author,
    },
}

/// One address of a service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct BulkTarget {
    /// The service.
    pub service: ServiceName,
    /// The address.
    pub address: Address,
}

/// How far a bulk order has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BulkProgress {
    /// Addresses at which the order was carried out or refused.
    pub tried: usize,
    /// Addresses in all.
    pub targets: usize,
}

/// What became of a bulk order, address by address in the order in which they were tried.
#[derive(Debug, Default)]
pub struct BulkReport {
    /// Addresses that were tried. An `Ok` is durable and visible.
    pub outcomes: Vec<BulkOutcome>,
    /// Addresses that were not, because the store failed or the caller stopped. Nothing has changed there.
    pub untried: Vec<BulkTarget>,
}

/// What became of a bulk order at one address.
#[derive(Debug)]
pub struct BulkOutcome {
    /// Where.
    pub target: BulkTarget,
    /// The reply, as to a single order.
    pub result: Result<OrderReply, OrderError>,
}

/// Why a bulk order is not begun. Nothing has changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BulkError {
    /// See [`AccessError`].
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The selector selects nothing that could be meant.
    #[error(transparent)]
    Selector(#[from] SelectorError),
    /// The order itself is out of bounds.
    #[error(transparent)]
    Order(#[from] OrderError),
    /// Too many addresses match.
    #[error(
        "the selector matches more than {limit} addresses; narrow it, or hold the service, the cluster or the ip instead"
    )]
    TooMany {
        /// The bound.
        limit: usize,
    },
}

impl BulkReport {
    /// Addresses at which the order was carried out.
    pub fn done(&self) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.result.is_ok()).count()
    }

    /// Addresses at which the order was refused, and why.
    pub fn refused(&self) -> impl Iterator<Item = (&BulkTarget, &OrderError)> {
        self.outcomes.iter().filter_map(|BulkOutcome { target, result }| Some((target, result.as_ref().err()?)))
    }
}

impl Registry {
    /// Carries out one order at every selected address: those with a present instance, and those where orders stand.
    ///
    /// The addresses are those that match when the call begins. Each address is an order of its own, durable and visible
    /// before it is reported; up to [`COMMIT_MAX`] of them share a commit. The whole is not atomic: when the store fails
    /// the report says where the order was carried out and where not. `progress` is asked before the first commit and
    /// after each, and may stop it there: whoever looked at a plan can refuse an order that has come to be about more.
    pub fn bulk(
        &self,
        selector: &Selector,
        order: &BulkOrder,
        progress: &mut dyn FnMut(BulkProgress) -> ControlFlow<()>,
    ) -> Result<BulkReport, BulkError> {
        let (author, order) = self.checked_bulk(order)?;
        let mut targets: Vec<(u32, BulkTarget)> = Vec::new();
        self.for_each_selected(selector, &order, |standing, instances| {
            let service = || standing.service.name().to_name();
            let target =
                |(address, _): &(Address, &Instance)| BulkTarget { service: service(), address: address.clone() };
            targets.extend(instances.iter().map(target).map(|target| (standing.service.index, target)));
        })?;
        let total = targets.len();
        let mut report = BulkReport::default();
        let mut waiting = targets.into_iter();
        let mut told = progress(BulkProgress { tried: 0, targets: total });
        while waiting.len() > 0 && told.is_continue() {
            let batch: Vec<(u32, BulkTarget)> = waiting.by_ref().take(COMMIT_MAX).collect();
            let failed = self.carry_out(batch, &author, &order, &mut report);
            told = progress(BulkProgress { tried: report.outcomes.len(), targets: total });
            if failed {
                break;
            }
        }
        report.untried.extend(waiting.map(|(_, target)| target));
        Ok(report)
    }

    /// One commit's worth of a bulk order; says whether the store failed.
    fn carry_out(
        &self,
        batch: Vec<(u32, BulkTarget)>,
        author: &Author,
        order: &Order,
        report: &mut BulkReport,
    ) -> bool {
        let task = |(service, target): &(u32, BulkTarget)| {
            let (name, address) = (target.service.clone(), target.address.clone());
            AddressOrder { service: *service, name, address, author: author.clone(), order: order.clone() }
        };
        let results = self.inner.ledger.submit_all(&self.inner, batch.iter().map(task));
        let failed = results.iter().any(|result| matches!(result, Err(OrderError::Store(_))));
        let outcomes = batch.into_iter().zip(results);
        report.outcomes.extend(outcomes.map(|((_, target), result)| BulkOutcome { target, result }));
        failed
    }

    /// Checks the order once for all addresses.
    pub(crate) fn checked_bulk(&self, order: &BulkOrder) -> Result<(Author, Order), BulkError> {
        self.inner.check_open()?;
        let (author, order) = match order {
            BulkOrder::Hold(hold) => {
                hold.validate(self.inner.wall_ms())?;
                (&hold.author, Order::Hold { kind: hold.kind, until_ms: hold.until_ms })
            }
            BulkOrder::Release(author) => (author, Order::Release { owner: author.owner.clone() }),
            BulkOrder::Overlay { field, author } => {
                field.validate().map_err(OrderError::from)?;
                (author, Order::Overlay(field.clone()))
            }
            BulkOrder::ReleaseOverlay { field, author } => (author, Order::ReleaseOverlay(field.clone())),
        };
        author.validate().map_err(OrderError::from)?;
        Ok((author.clone(), order))
    }

    /// Shows the selected instances of each service that has any, in order of their addresses, under its mutex.
    pub(crate) fn for_each_selected(
        &self,
        selector: &Selector,
        order: &Order,
        mut show: impl FnMut(Standing<'_>, &[(Address, &Instance)]),
    ) -> Result<(), BulkError> {
        let filter = selector.filter()?;
        let mut room = BULK_TARGETS_MAX;
        for index in 0..self.inner.service_count() {
            let service = self.inner.service_at(index)?;
            if !filter.takes_service(service.name()) {
                continue;
            }
            let entry = service.inspect();
            let standing = Standing::of(&self.inner, service, &entry);
            let known = entry.roster.iter().filter(|instance| instance.state.present || instance.has_orders());
            let concerned = known.filter(|instance| order.concerns(instance));
            let placed = concerned.map(|instance| (standing.address(instance), instance));
            let matching = placed.filter(|(address, instance)| filter.takes(service.name(), address, instance));
            let mut selected: Vec<(Address, &Instance)> = matching.take(room + 1).collect();
            room = room.checked_sub(selected.len()).ok_or(BulkError::TooMany { limit: BULK_TARGETS_MAX })?;
            if !selected.is_empty() {
                selected.sort_by(|(one, _), (other, _)| one.cmp(other));
                show(standing, &selected);
            }
        }
        Ok(())
    }
}
