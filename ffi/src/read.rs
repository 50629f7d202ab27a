//! From the structures of C to the types of the core.

use std::collections::BTreeMap;

use steadfast_core::{self as core, Metadata, limits};
use steadfast_policy::Probe;

use crate::{
    args::Caller,
    codes,
    failure::Failure,
    types::{
        self, Address, Author, Claim, FullBeat, Overlay, Registration, STEADFAST_FIELD_ENABLED,
        STEADFAST_FIELD_METADATA, STEADFAST_FIELD_WEIGHT, Text,
    },
};

/// Bytes of the two lengths before each packed pair.
const PAIR_HEAD_BYTES: usize = 4;
const METADATA_PACKED_BYTES_MAX: usize = limits::METADATA_BYTES_MAX + limits::METADATA_PAIRS_MAX * PAIR_HEAD_BYTES;

impl Caller {
    pub(crate) fn service_name(&self, namespace: Text, group: Text, name: Text) -> Result<core::ServiceName, Failure> {
        let (namespace, group) = (self.text(namespace, "namespace")?, self.text(group, "group")?);
        Ok(core::ServiceName::new(namespace, group, self.text(name, "service name")?)?)
    }

    pub(crate) fn address(&self, place: *const Address) -> Result<core::Address, Failure> {
        let address = self.structure(place, "address")?;
        let (ip, cluster) = (self.text(address.ip, "ip")?, self.text(address.cluster, "cluster")?);
        Ok(core::Address::new(ip, address.port, cluster)?)
    }

    pub(crate) fn claim(&self, place: *const Claim) -> Result<core::Claim, Failure> {
        let Some(claim) = self.structure_optional(place, "claim")? else { return Ok(core::Claim::default()) };
        zero(claim.reserved, "claim.reserved")?;
        let known = STEADFAST_FIELD_ENABLED | STEADFAST_FIELD_WEIGHT | STEADFAST_FIELD_METADATA;
        let sent = fields(claim.fields, known, "claim.fields")?;
        let enabled = sent(STEADFAST_FIELD_ENABLED).then(|| flag(claim.enabled, "claim.enabled")).transpose()?;
        let metadata =
            sent(STEADFAST_FIELD_METADATA).then(|| self.metadata(claim.metadata, claim.metadata_len)).transpose()?;
        Ok(core::Claim { enabled, weight: sent(STEADFAST_FIELD_WEIGHT).then_some(claim.weight), metadata })
    }

    pub(crate) fn registration(
        &self,
        address: *const Address,
        registration: *const Registration,
        claim: *const Claim,
    ) -> Result<core::Registration, Failure> {
        let mut read = core::Registration::new(self.address(address)?);
        read.claim = self.claim(claim)?;
        let Some(given) = self.structure_optional(registration, "registration")? else { return Ok(read) };
        zero(given.reserved, "registration.reserved")?;
        read.ephemeral = ephemeral(given.kind, "registration.kind")?;
        read.publisher = self.publisher(given.connection)?;
        read.liveness = match given.liveness {
            types::STEADFAST_LIVENESS_BEATS => core::Liveness::Beats,
            types::STEADFAST_LIVENESS_CONNECTION => core::Liveness::Connection,
            other => return Err(unknown_value(other, "registration.liveness")),
        };
        let process = self.text(given.process, "process")?;
        read.process = (!process.is_empty()).then(|| process.to_owned());
        Ok(read)
    }

    pub(crate) fn full_beat(&self, place: *const FullBeat) -> Result<Option<core::FullBeat>, Failure> {
        let Some(full) = self.structure_optional(place, "full beat")? else { return Ok(None) };
        zero(full.reserved, "full_beat.reserved")?;
        let sent = fields(full.fields, STEADFAST_FIELD_WEIGHT | STEADFAST_FIELD_METADATA, "full_beat.fields")?;
        let metadata =
            sent(STEADFAST_FIELD_METADATA).then(|| self.metadata(full.metadata, full.metadata_len)).transpose()?;
        Ok(Some(core::FullBeat {
            weight: sent(STEADFAST_FIELD_WEIGHT).then_some(full.weight),
            metadata,
            ephemeral: ephemeral(full.kind, "full_beat.kind")?,
        }))
    }

    /// An empty connection is a sender without one.
    pub(crate) fn publisher(&self, connection: Text) -> Result<core::Publisher, Failure> {
        let connection = self.text(connection, "connection")?;
        if connection.is_empty() {
            return Ok(core::Publisher::Keyless);
        }
        Ok(core::Publisher::Connection(connection.to_owned()))
    }

    pub(crate) fn author(&self, place: *const Author) -> Result<core::Author, Failure> {
        let author = self.structure(place, "author")?;
        zero(author.reserved, "author.reserved")?;
        let (owner, actor) = (self.text(author.owner, "owner")?, self.text(author.actor, "actor")?);
        Ok(core::Author::new(owner, actor, self.text(author.reason, "reason")?)?)
    }

    pub(crate) fn overlay(&self, place: *const Overlay) -> Result<core::Field, Failure> {
        let overlay = self.structure(place, "overlay")?;
        match overlay.field {
            types::STEADFAST_OVERLAY_WEIGHT => Ok(core::Field::Weight(overlay.weight)),
            types::STEADFAST_OVERLAY_METADATA => Ok(core::Field::Metadata {
                key: self.text(overlay.key, "overlay.key")?.to_owned(),
                value: self.text(overlay.value, "overlay.value")?.to_owned(),
            }),
            other => Err(unknown_value(other, "overlay.field")),
        }
    }

    pub(crate) fn overlay_name(&self, place: *const Overlay) -> Result<core::FieldName, Failure> {
        let overlay = self.structure(place, "overlay")?;
        match overlay.field {
            types::STEADFAST_OVERLAY_WEIGHT => Ok(core::FieldName::Weight),
            types::STEADFAST_OVERLAY_METADATA => {
                Ok(core::FieldName::Metadata(self.text(overlay.key, "overlay.key")?.to_owned()))
            }
            other => Err(unknown_value(other, "overlay.field")),
        }
    }

    fn metadata(&self, packed: *const u8, len: usize) -> Result<Metadata, Failure> {
        Ok(Metadata::new(self.metadata_pairs(packed, len)?)?)
    }

    /// Packed pairs, whatever they mean.
    pub(crate) fn metadata_pairs(&self, packed: *const u8, len: usize) -> Result<BTreeMap<&str, &str>, Failure> {
        let packed = self.array(packed, len, "metadata")?;
        if packed.len() > METADATA_PACKED_BYTES_MAX {
            return Err(malformed(format!(
                "metadata has {len} bytes; at most {METADATA_PACKED_BYTES_MAX} can be within its bounds"
            )));
        }
        unpack(packed)
    }
}

pub(crate) fn hold_kind(value: u32) -> Result<core::HoldKind, Failure> {
    match value {
        types::STEADFAST_HOLD_DRAIN => Ok(core::HoldKind::Drain),
        types::STEADFAST_HOLD_OFFLINE => Ok(core::HoldKind::Offline),
        types::STEADFAST_HOLD_BANNED => Ok(core::HoldKind::Banned),
        other => Err(unknown_value(other, "kind of the hold")),
    }
}

pub(crate) fn probe(value: u32) -> Result<Probe, Failure> {
    match value {
        types::STEADFAST_PROBE_UNKNOWN => Ok(Probe::Unknown),
        types::STEADFAST_PROBE_PASSING => Ok(Probe::Passing),
        types::STEADFAST_PROBE_FAILING => Ok(Probe::Failing),
        other => Err(unknown_value(other, "probe")),
    }
}

pub(crate) fn zero(value: impl Into<u64>, name: &str) -> Result<(), Failure> {
    match value.into() {
        0 => Ok(()),
        other => Err(Failure::new(codes::STEADFAST_E_RESERVED, format!("{name} is {other}; it has to be zero"))),
    }
}

fn flag(value: u32, name: &str) -> Result<bool, Failure> {
    match value {
        0 => Ok(false),
        1 => Ok(true),
        other => Err(unknown_value(other, name)),
    }
}

fn ephemeral(kind: u32, name: &str) -> Result<bool, Failure> {
    match kind {
        types::STEADFAST_KIND_EPHEMERAL => Ok(true),
        types::STEADFAST_KIND_PERSISTENT => Ok(false),
        other => Err(unknown_value(other, name)),
    }
}

/// A mask, as a question about its bits.
pub(crate) fn fields(mask: u32, known: u32, name: &str) -> Result<impl Fn(u32) -> bool, Failure> {
    if mask & !known != 0 { Err(unknown_value(mask, name)) } else { Ok(move |bit| mask & bit != 0) }
}

pub(crate) fn unknown_value(value: u32, name: &str) -> Failure {
    Failure::new(codes::STEADFAST_E_RESERVED, format!("{name} is {value}, which this version does not know"))
}

fn malformed(why: String) -> Failure {
    Failure::new(codes::STEADFAST_E_METADATA, why)
}

/// The pairs; of a key that comes twice the last value counts.
fn unpack(mut packed: &[u8]) -> Result<BTreeMap<&str, &str>, Failure> {
    let mut pairs = BTreeMap::new();
    while !packed.is_empty() {
        let cut = || malformed("metadata ends in the middle of a pair".into());
        let (head, rest) = packed.split_at_checked(PAIR_HEAD_BYTES).ok_or_else(cut)?;
        let key_bytes = usize::from(u16::from_le_bytes([head[0], head[1]]));
        let value_bytes = usize::from(u16::from_le_bytes([head[2], head[3]]));
        let (key, rest) = rest.split_at_checked(key_bytes).ok_or_else(cut)?;
        let (value, rest) = rest.split_at_checked(value_bytes).ok_or_else(cut)?;
        pairs.insert(utf8(key)?, utf8(value)?);
        packed = rest;
    }
    Ok(pairs)
}

fn utf8(bytes: &[u8]) -> Result<&str, Failure> {
    std::str::from_utf8(bytes)
        .map_err(|error| Failure::new(codes::STEADFAST_E_UTF8, format!("metadata is not UTF-8: {error}")))
}
