//! What is handed to C: structures that point into what they were made from, and live no longer.

use std::{marker::PhantomData, ptr};

use steadfast_core::{self as core, Field, FieldName, HoldKind, Liveness, Metadata, Publisher, Scope};
use steadfast_ffi::types::{
    Address, Author, Claim, FloorTarget, FullBeat, Overlay, Registration, Route, STEADFAST_FIELD_ENABLED,
    STEADFAST_FIELD_METADATA, STEADFAST_FIELD_WEIGHT, STEADFAST_FLOOR_CLUSTER, STEADFAST_FLOOR_IP,
    STEADFAST_FLOOR_SERVICE, STEADFAST_HOLD_BANNED, STEADFAST_HOLD_DRAIN, STEADFAST_HOLD_OFFLINE,
    STEADFAST_KIND_EPHEMERAL, STEADFAST_KIND_PERSISTENT, STEADFAST_LIVENESS_BEATS, STEADFAST_LIVENESS_CONNECTION,
    STEADFAST_OVERLAY_METADATA, STEADFAST_OVERLAY_WEIGHT, Text,
};

use crate::running::Source;

/// A structure that borrows from `'a` by plain pointers.
pub(crate) struct Given<'a, T> {
    structure: T,
    /// Metadata in the form that the structure points to.
    _packed: Vec<u8>,
    lends: PhantomData<&'a ()>,
}

impl<T> Given<'_, T> {
    pub(crate) fn pointer(&self) -> *const T {
        &raw const self.structure
    }
}

impl<T> Given<'_, Vec<T>> {
    pub(crate) fn slice(&self) -> &[T] {
        &self.structure
    }
}

fn given<'a, T>(structure: T) -> Given<'a, T> {
    given_with(structure, Vec::new())
}

fn given_with<'a, T>(structure: T, packed: Vec<u8>) -> Given<'a, T> {
    Given { structure, _packed: packed, lends: PhantomData }
}

/// The size that a C program writes into a structure's first field.
pub(crate) fn size<T>() -> u32 {
    u32::try_from(size_of::<T>()).expect("structures are small")
}

pub(crate) fn text(text: &str) -> Text {
    Text { data: text.as_ptr().cast(), len: text.len() }
}

pub(crate) fn address(address: &core::Address) -> Given<'_, Address> {
    let (port, ip, cluster) = (u32::from(address.port), text(&address.ip), text(&address.cluster));
    given(Address { struct_size: size::<Address>(), port, ip, cluster })
}

pub(crate) fn connection(publisher: &Publisher) -> Text {
    match publisher {
        Publisher::Keyless => text(""),
        Publisher::Connection(id) => text(id),
    }
}

pub(crate) fn registration(registration: &core::Registration) -> Given<'_, Registration> {
    given(Registration {
        struct_size: size::<Registration>(),
        kind: kind(registration.ephemeral),
        liveness: match registration.liveness {
            Liveness::Beats => STEADFAST_LIVENESS_BEATS,
            Liveness::Connection => STEADFAST_LIVENESS_CONNECTION,
        },
        reserved: 0,
        connection: connection(&registration.publisher),
        process: text(registration.process.as_deref().unwrap_or_default()),
    })
}

pub(crate) fn claim(claim: &core::Claim) -> Given<'_, Claim> {
    let packed = packed(claim.metadata.as_ref());
    let enabled = if claim.enabled.is_some() { STEADFAST_FIELD_ENABLED } else { 0 };
    let structure = Claim {
        struct_size: size::<Claim>(),
        fields: enabled | sent(claim.weight, claim.metadata.as_ref()),
        enabled: u32::from(claim.enabled == Some(true)),
        reserved: 0,
        weight: claim.weight.unwrap_or_default(),
        metadata: packed.as_ptr(),
        metadata_len: packed.len(),
    };
    given_with(structure, packed)
}

pub(crate) fn full_beat(beat: &core::FullBeat) -> Given<'_, FullBeat> {
    let packed = packed(beat.metadata.as_ref());
    let structure = FullBeat {
        struct_size: size::<FullBeat>(),
        fields: sent(beat.weight, beat.metadata.as_ref()),
        kind: kind(beat.ephemeral),
        reserved: 0,
        weight: beat.weight.unwrap_or_default(),
        metadata: packed.as_ptr(),
        metadata_len: packed.len(),
    };
    given_with(structure, packed)
}

pub(crate) fn author(author: &core::Author) -> Given<'_, Author> {
    let (owner, actor, reason) = (text(&author.owner), text(&author.actor), text(&author.reason));
    given(Author { struct_size: size::<Author>(), reserved: 0, owner, actor, reason })
}

pub(crate) fn hold_kind(kind: HoldKind) -> u32 {
    match kind {
        HoldKind::Drain => STEADFAST_HOLD_DRAIN,
        HoldKind::Offline => STEADFAST_HOLD_OFFLINE,
        HoldKind::Banned => STEADFAST_HOLD_BANNED,
    }
}

/// Whom a hold lies under; `service` is the id of the one that it names, if it names one.
pub(crate) fn floor(target: &core::FloorTarget, service: u64) -> Given<'_, FloorTarget> {
    let (kind, cluster, ip) = match target {
        core::FloorTarget::Service { .. } => (STEADFAST_FLOOR_SERVICE, "", ""),
        core::FloorTarget::Cluster { cluster, .. } => (STEADFAST_FLOOR_CLUSTER, cluster.as_str(), ""),
        core::FloorTarget::Ip { ip } => (STEADFAST_FLOOR_IP, "", ip.as_str()),
    };
    let (struct_size, cluster, ip) = (size::<FloorTarget>(), text(cluster), text(ip));
    given(FloorTarget { struct_size, kind, service, cluster, ip })
}

pub(crate) fn routes<'a>(routes: impl Iterator<Item = (&'a Scope, &'a Source<'a>)>) -> Given<'a, Vec<Route>> {
    given(routes.map(|(scope, source)| route(scope, source)).collect())
}

fn route(scope: &Scope, source: &Source<'_>) -> Route {
    let (namespace, group, service) = match scope {
        Scope::Namespace { namespace } => (namespace.as_str(), "", ""),
        Scope::Group { namespace, group } => (namespace.as_str(), group.as_str(), ""),
        Scope::Service { namespace, group, name } => (namespace.as_str(), group.as_str(), name.as_str()),
    };
    let file = if source.file.is_empty() { ptr::null() } else { source.file.as_ptr() };
    Route {
        struct_size: size::<Route>(),
        reserved: 0,
        name_space: text(namespace),
        group: text(group),
        service: text(service),
        policy: text(source.name),
        file,
        file_len: source.file.len(),
        params: text(&source.params),
    }
}

pub(crate) fn overlay(field: &Field) -> Given<'_, Overlay> {
    given(match field {
        Field::Weight(weight) => Overlay { weight: *weight, ..plain(STEADFAST_OVERLAY_WEIGHT, "") },
        Field::Metadata { key, value } => Overlay { value: text(value), ..plain(STEADFAST_OVERLAY_METADATA, key) },
    })
}

pub(crate) fn overlay_name(field: &FieldName) -> Given<'_, Overlay> {
    given(match field {
        FieldName::Weight => plain(STEADFAST_OVERLAY_WEIGHT, ""),
        FieldName::Metadata(key) => plain(STEADFAST_OVERLAY_METADATA, key),
    })
}

fn plain(field: u32, key: &str) -> Overlay {
    Overlay { struct_size: size::<Overlay>(), field, weight: 0.0, key: text(key), value: text("") }
}

fn kind(ephemeral: bool) -> u32 {
    if ephemeral { STEADFAST_KIND_EPHEMERAL } else { STEADFAST_KIND_PERSISTENT }
}

fn sent(weight: Option<f64>, metadata: Option<&Metadata>) -> u32 {
    let weight = if weight.is_some() { STEADFAST_FIELD_WEIGHT } else { 0 };
    weight | if metadata.is_some() { STEADFAST_FIELD_METADATA } else { 0 }
}

fn packed(metadata: Option<&Metadata>) -> Vec<u8> {
    let mut packed = Vec::new();
    if let Some(metadata) = metadata {
        metadata.write_packed(&mut packed);
    }
    packed
}
