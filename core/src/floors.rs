//! Holds on many instances at once: a whole service, one cluster of it, or everything on one ip.
//!
//! A floor lies under the verdict: what is published is at least as restrictive. Policies neither see nor clear it, and
//! it does not lapse. A floor of [`HoldKind::Banned`](crate::HoldKind::Banned) also refuses registrations before any
//! policy is asked; who is present already stays present, and is refused.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    limits::NAME_BYTES_MAX,
    name::{NameError, ServiceName, canonical_ip, check_bounded},
    orders::{Author, Hold},
};

/// Whom a floor lies under.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum FloorTarget {
    /// One cluster of a service.
    Cluster {
        /// The service.
        service: ServiceName,
        /// The cluster.
        cluster: String,
    },
    /// Every instance of a service.
    Service {
        /// The service.
        service: ServiceName,
    },
    /// Every instance on an ip (or host name), in every service.
    Ip {
        /// The ip or host name, as its instances register it.
        ip: String,
    },
}

impl FloorTarget {
    /// The service that it names.
    pub fn service(&self) -> Option<&ServiceName> {
        match self {
            FloorTarget::Cluster { service, .. } | FloorTarget::Service { service } => Some(service),
            FloorTarget::Ip { .. } => None,
        }
    }

    /// The same target with its names checked and its ip in canonical form.
    pub(crate) fn checked(&self) -> Result<FloorTarget, NameError> {
        if let Some(service) = self.service() {
            service.validate()?;
        }
        match self {
            FloorTarget::Cluster { cluster, .. } => check_bounded("cluster", cluster, NAME_BYTES_MAX)?,
            FloorTarget::Service { .. } => {}
            FloorTarget::Ip { ip } => return Ok(FloorTarget::Ip { ip: canonical_ip(ip)? }),
        }
        Ok(self.clone())
    }
}

impl fmt::Display for FloorTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FloorTarget::Cluster { service, cluster } => write!(f, "cluster {cluster} of service {service}"),
            FloorTarget::Service { service } => write!(f, "service {service}"),
            FloorTarget::Ip { ip } => write!(f, "ip {ip}"),
        }
    }
}

/// A hold that lies as a floor under many instances.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Floor {
    /// Under whom.
    pub target: FloorTarget,
    /// How strong, who, why and until when.
    pub hold: Hold,
}

impl fmt::Display for Floor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Hold { kind, author: Author { owner, actor, reason }, .. } = &self.hold;
        write!(f, "{} by {owner} ({actor}) on {}: {reason}", kind.name(), self.target)
    }
}

/// What became of an order about a floor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FloorReply {
    /// Whether a hold of the same owner was already there and was replaced or released.
    pub found: bool,
    /// Present instances under the target.
    pub instances: u64,
    /// Those of them whose published traffic changed.
    pub changed: u64,
    /// Those of them that take traffic now.
    pub serving: u64,
    /// Holds that still lie on the same target, one line each.
    pub refusing: Vec<String>,
    /// The service's revision after the order; `None` for an ip, which may be in many services.
    pub revision: Option<u64>,
}
