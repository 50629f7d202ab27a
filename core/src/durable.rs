//! What survives a restart, record by record.
//!
//! A record's value is always written from the live state at the moment of the commit, so a record that is written
//! late cannot undo a newer one.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use steadfast_policy::{Claim, Manifest};

use crate::{
    error::OpenError,
    floors::{Floor, FloorTarget},
    instance::Instance,
    key::Key,
    metadata::Metadata,
    name::{Address, ServiceName},
    orders::{FieldName, Hold, Overlay},
    registry::Inner,
    store::{Change, StoreTable},
};

/// Which record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum RecordKey {
    /// Something of one address.
    Address(AddressKey),
    /// An owner's hold on many.
    Floor(FloorKey),
}

/// Which record, of which address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct AddressKey {
    pub(crate) service: u32,
    pub(crate) address: Address,
    pub(crate) what: What,
}

/// Which record of an address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum What {
    /// The hold of an owner.
    Hold(String),
    /// The overlay of a field.
    Overlay(FieldName),
    /// The last process key.
    Process,
    /// A persistent instance.
    Instance,
}

/// Whose hold, on which target.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct FloorKey {
    pub(crate) target: FloorTarget,
    pub(crate) owner: String,
}

impl From<AddressKey> for RecordKey {
    fn from(key: AddressKey) -> RecordKey {
        RecordKey::Address(key)
    }
}

impl From<FloorKey> for RecordKey {
    fn from(key: FloorKey) -> RecordKey {
        RecordKey::Floor(key)
    }
}

impl Inner {
    /// Has a record written from its live state at the next flush.
    pub(crate) fn durable_later(&self, key: impl Into<RecordKey>) {
        self.ledger.later(key.into());
    }

    /// The change that makes the store agree with what is live now.
    pub(crate) fn live_change(&self, key: &RecordKey) -> Option<Change> {
        match key {
            RecordKey::Address(key) => {
                let service = self.service_at(key.service).ok()?;
                let slot = Key::find(&self.names, key.service, &key.address).and_then(|found| self.find_slot(found));
                let entry = service.inspect();
                let instance = slot.and_then(|slot| entry.roster.at(&self.slots, slot));
                let name = service.name().to_name();
                let value = key.value(&name, entry.policy.table.manifest(), instance);
                Some(key.change(&name, value))
            }
            RecordKey::Floor(key) => Some(key.change(self.floor(&key.target, &key.owner).as_ref())),
        }
    }
}

impl FloorKey {
    /// The change that makes the store hold this floor, or none.
    pub(crate) fn change(&self, floor: Option<&Floor>) -> Change {
        let parts: Vec<&str> = match &self.target {
            FloorTarget::Cluster { service: ServiceName { namespace, group, name }, cluster } => {
                vec!["cluster", namespace, group, name, cluster, &self.owner]
            }
            FloorTarget::Service { service: ServiceName { namespace, group, name } } => {
                vec!["service", namespace, group, name, &self.owner]
            }
            FloorTarget::Ip { ip } => vec!["ip", ip, &self.owner],
        };
        // Names hold no NUL, so the key has one reading.
        Change { table: StoreTable::Floors, key: parts.join("\0").into_bytes(), value: floor.map(encode) }
    }
}

impl AddressKey {
    pub(crate) fn new(service: u32, address: &Address, what: What) -> AddressKey {
        AddressKey { service, address: address.clone(), what }
    }

    pub(crate) fn hold(service: u32, address: &Address, owner: &str) -> AddressKey {
        AddressKey::new(service, address, What::Hold(owner.into()))
    }

    pub(crate) fn overlay(service: u32, address: &Address, field: FieldName) -> AddressKey {
        AddressKey::new(service, address, What::Overlay(field))
    }

    /// The change that makes the store agree with what is live. Names hold no NUL, so the key has one reading.
    pub(crate) fn change(&self, service: &ServiceName, value: Option<Vec<u8>>) -> Change {
        let Address { ip, port, cluster } = &self.address;
        let port = port.to_string();
        let mut parts = vec![&service.namespace, &service.group, &service.name, cluster, ip, &port];
        let weight = String::from("weight");
        let table = match &self.what {
            What::Hold(owner) => {
                parts.push(owner);
                StoreTable::Holds
            }
            What::Overlay(FieldName::Weight) => {
                parts.push(&weight);
                StoreTable::Overlays
            }
            What::Overlay(FieldName::Metadata(key)) => {
                parts.extend([&weight, key]);
                StoreTable::Overlays
            }
            What::Process => StoreTable::Processes,
            What::Instance => StoreTable::Instances,
        };
        let key = parts.iter().map(|part| part.as_str()).collect::<Vec<_>>().join("\0").into_bytes();
        Change { table, key, value }
    }

    /// The live value; `None` deletes the record.
    fn value(&self, service: &ServiceName, manifest: &Manifest, instance: Option<&Instance>) -> Option<Vec<u8>> {
        let instance = instance?;
        let place = || Place { service: service.clone(), address: self.address.clone() };
        match &self.what {
            What::Hold(owner) => {
                let hold = instance.rare().holds.iter().find(|hold| hold.author.owner == *owner)?;
                Some(encode(&Placed { place: place(), record: hold }))
            }
            What::Overlay(name) => {
                let overlay = instance.rare().overlays.iter().find(|overlay| overlay.field.name() == *name)?;
                Some(encode(&Placed { place: place(), record: overlay }))
            }
            What::Process => {
                let process = instance.process().filter(|_| instance.has_orders())?;
                Some(encode(&Placed { place: place(), record: process }))
            }
            What::Instance => {
                let persistent = instance.state.present && !instance.state.ephemeral;
                persistent.then(|| encode(&Placed { place: place(), record: Persistent::of(instance, manifest) }))
            }
        }
    }
}

/// The address that a record belongs to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) service: ServiceName,
    pub(crate) address: Address,
}

/// A record with its address: self-contained, so that keys never have to be taken apart.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Placed<T> {
    #[serde(flatten)]
    pub(crate) place: Place,
    pub(crate) record: T,
}

/// A hold as stored.
pub(crate) type StoredHold = Placed<Hold>;
/// An overlay as stored.
pub(crate) type StoredOverlay = Placed<Overlay>;
/// A process key as stored.
pub(crate) type StoredProcess = Placed<String>;
/// A persistent instance as stored.
pub(crate) type StoredInstance = Placed<Persistent>;

/// What is stored of a persistent instance.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Persistent {
    pub(crate) claim: Claim,
    pub(crate) weight: Option<f64>,
    pub(crate) metadata: Option<Vec<(String, String)>>,
    pub(crate) process: Option<String>,
    pub(crate) memo: Memo,
}

/// What a policy stored with an instance, and who can read it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Memo {
    policy: String,
    layout: u32,
    value: u8,
}

impl Persistent {
    fn of(instance: &Instance, manifest: &Manifest) -> Persistent {
        let pairs = |metadata: &Metadata| metadata.iter().map(|(key, value)| (key.into(), value.into())).collect();
        Persistent {
            claim: instance.state.claim,
            weight: instance.weight(),
            metadata: instance.metadata().map(pairs),
            process: instance.process().map(str::to_owned),
            memo: Memo { policy: manifest.name.clone(), layout: manifest.memo_layout, value: instance.state.memo },
        }
    }
}

impl Memo {
    /// What it means to the policy of a manifest: nothing, where another one or another layout wrote it.
    pub(crate) fn under(&self, manifest: &Manifest) -> u8 {
        let means_it = self.policy == manifest.name && self.layout == manifest.memo_layout;
        if means_it && self.value < manifest.memo_size { self.value } else { 0 }
    }
}

/// Encodes a record. JSON: orders are few, and a person can read the file with any tool.
pub(crate) fn encode(record: &impl Serialize) -> Vec<u8> {
    // Our records are structs of strings and finite numbers, which always have a JSON form.
    serde_json::to_vec(record).unwrap_or_default()
}

/// Decodes a record of a table.
pub(crate) fn decode<T: DeserializeOwned>(table: StoreTable, value: &[u8]) -> Result<T, OpenError> {
    serde_json::from_slice(value).map_err(|error| OpenError::Record { table: table.name(), problem: error.to_string() })
}
