//! Orders about many instances, from the structures of C.

use steadfast_core::{self as core, FloorTarget, ServiceId, limits::BULK_TARGETS_MAX};

use crate::{
    args::Caller,
    codes::STEADFAST_E_TOO_MANY,
    failure::Failure,
    read::{hold_kind, unknown_value, zero},
    types::{self, Author, BulkOrder, Selector, Text},
};

/// A bulk order, and the most addresses that it may be about.
pub(crate) struct Bulk {
    pub(crate) selector: core::Selector,
    pub(crate) order: core::BulkOrder,
    pub(crate) limit: usize,
}

impl Bulk {
    /// The refusal of an order that has come to be about more addresses than its giver meant.
    pub(crate) fn over_limit(&self, targets: usize) -> Option<Failure> {
        let text = || format!("{targets} addresses match, and the limit is {}; nothing was done", self.limit);
        (targets > self.limit).then(|| Failure::new(STEADFAST_E_TOO_MANY, text()))
    }
}

impl Caller {
    /// Whom a floor lies under. The registry knows the service's name.
    pub(crate) fn floor_target(
        &self,
        registry: &core::Registry,
        place: *const types::FloorTarget,
    ) -> Result<FloorTarget, Failure> {
        let target = self.structure(place, "target")?;
        let service = || registry.service_name(ServiceId::from_u64(target.service));
        Ok(match target.kind {
            types::STEADFAST_FLOOR_SERVICE => FloorTarget::Service { service: service()? },
            types::STEADFAST_FLOOR_CLUSTER => {
                let cluster = self.text(target.cluster, "target.cluster")?.to_owned();
                FloorTarget::Cluster { service: service()?, cluster }
            }
            types::STEADFAST_FLOOR_IP => FloorTarget::Ip { ip: self.text(target.ip, "target.ip")?.to_owned() },
            other => return Err(unknown_value(other, "target.kind")),
        })
    }

    pub(crate) fn hold_order(
        &self,
        kind: u32,
        author: *const Author,
        until_ms: u64,
    ) -> Result<core::HoldOrder, Failure> {
        let until_ms = (until_ms != 0).then_some(until_ms);
        Ok(core::HoldOrder { kind: hold_kind(kind)?, author: self.author(author)?, until_ms })
    }

    pub(crate) fn bulk(
        &self,
        selector: *const Selector,
        order: *const BulkOrder,
        author: *const Author,
    ) -> Result<Bulk, Failure> {
        let selector = self.selector(selector)?;
        let given = self.structure(order, "order")?;
        zero(given.reserved, "order.reserved")?;
        let order = match given.order {
            types::STEADFAST_BULK_HOLD => core::BulkOrder::Hold(self.hold_order(given.kind, author, given.until_ms)?),
            types::STEADFAST_BULK_RELEASE => core::BulkOrder::Release(self.author(author)?),
            types::STEADFAST_BULK_OVERLAY => {
                core::BulkOrder::Overlay { field: self.overlay(given.overlay)?, author: self.author(author)? }
            }
            types::STEADFAST_BULK_OVERLAY_RELEASE => {
                let field = self.overlay_name(given.overlay)?;
                core::BulkOrder::ReleaseOverlay { field, author: self.author(author)? }
            }
            other => return Err(unknown_value(other, "order.order")),
        };
        let limit = match given.limit {
            0 => BULK_TARGETS_MAX,
            limit => usize::try_from(limit).unwrap_or(usize::MAX),
        };
        Ok(Bulk { selector, order, limit })
    }

    fn selector(&self, place: *const Selector) -> Result<core::Selector, Failure> {
        let given = self.structure(place, "selector")?;
        zero(given.reserved, "selector.reserved")?;
        let glob = |text: Text, name: &str| {
            let text = self.text(text, name)?;
            Ok::<_, Failure>((!text.is_empty()).then(|| text.to_owned()))
        };
        let pairs = self.metadata_pairs(given.metadata, given.metadata_len)?;
        Ok(core::Selector {
            namespace: glob(given.name_space, "selector.name_space")?,
            group: glob(given.group, "selector.group")?,
            service: glob(given.service, "selector.service")?,
            cluster: glob(given.cluster, "selector.cluster")?,
            ip: glob(given.ip, "selector.ip")?,
            port: glob(given.port, "selector.port")?,
            metadata: pairs.into_iter().map(|(key, glob)| (key.to_owned(), glob.to_owned())).collect(),
        })
    }
}
