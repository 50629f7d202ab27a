//! Who ordered what, and when: in the store for long, the latest also at hand.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::{
    error::AccessError,
    floors::FloorTarget,
    limits::AUDIT_LISTED_MAX,
    name::{Address, ServiceName},
    orders::Author,
    registry::Registry,
    sync::Mutex,
};

/// One order that was carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Wall time, in milliseconds since 1970.
    pub wall_ms: u64,
    /// `drain`, `offline`, `banned`, `release`, `force-release`, `overlay` or `release-overlay`.
    pub order: String,
    /// What it was about.
    #[serde(flatten)]
    pub target: OrderTarget,
    /// Who gave it, and why.
    pub author: Author,
    /// Whose hold it ended, if that was somebody else's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forced_owner: Option<String>,
}

/// What an order is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum OrderTarget {
    /// One address of a service.
    Address {
        /// The service.
        service: ServiceName,
        /// The address.
        address: Address,
    },
    /// Everything under a floor.
    Floor(FloorTarget),
}

/// What the store has of the audit when a registry opens.
#[derive(Default)]
pub(crate) struct StoredAudit {
    /// All keys, oldest first.
    pub(crate) keys: VecDeque<Vec<u8>>,
    /// The latest entries, oldest first.
    pub(crate) latest: VecDeque<AuditEntry>,
}

impl StoredAudit {
    /// Takes the next entry. One that cannot be read is left out of the listing only: it is not an order that stands.
    pub(crate) fn take(&mut self, key: &[u8], value: &[u8]) {
        self.keys.push_back(key.to_vec());
        self.latest.extend(serde_json::from_slice::<AuditEntry>(value));
        if self.latest.len() > AUDIT_LISTED_MAX {
            self.latest.pop_front();
        }
    }
}

/// The latest entries. A leaf lock.
pub(crate) struct Audit(Mutex<VecDeque<AuditEntry>>);

impl Audit {
    pub(crate) fn new(latest: VecDeque<AuditEntry>) -> Audit {
        Audit(Mutex::new(latest))
    }

    /// Takes an entry, the latest; the oldest goes when there are too many.
    pub(crate) fn keep(&self, entry: AuditEntry) {
        let mut latest = self.0.lock();
        latest.push_back(entry);
        if latest.len() > AUDIT_LISTED_MAX {
            latest.pop_front();
        }
    }
}

impl Registry {
    /// The latest orders that were carried out, at most `limit`, oldest first, those before a restart included. Only the
    /// latest [`AUDIT_LISTED_MAX`] are at hand; the store keeps more.
    pub fn audit(&self, limit: usize) -> Result<Vec<AuditEntry>, AccessError> {
        self.inner.check_open()?;
        let latest = self.inner.ledger.audit.0.lock();
        Ok(latest.iter().skip(latest.len().saturating_sub(limit)).cloned().collect())
    }
}
