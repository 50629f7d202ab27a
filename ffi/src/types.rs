//! The structures of the C ABI, exactly as C sees them.
//!
//! The first field of a structure that may grow is `struct_size`; whoever fills it writes the size that it was
//! compiled with. No enum type appears here: a C compiler chooses an enum's width, a `u32` is a `u32`.

use std::{ffi::c_char, mem::offset_of};

use crate::registry::Shell;

mod beats;
mod lookup;
mod many;
mod options;
mod packed;
mod routes;

pub use beats::*;
pub use lookup::*;
pub use many::*;
pub use options::*;
pub use packed::*;
pub use routes::*;

/// A registry. Made by `steadfast_open`, ended by `steadfast_shutdown`, released by `steadfast_free`.
///
/// Any thread may use it at any time between open and free.
#[allow(missing_debug_implementations)]
pub struct Steadfast(pub(crate) Shell);

/// One immutable picture of a service. Made by `steadfast_view_acquire`, released by `steadfast_view_release`; it stays
/// readable after the registry is shut down and freed.
#[derive(Debug)]
pub struct View {
    _opaque: [u8; 0],
}

/// Borrowed UTF-8, not NUL-terminated. `data` may be NULL when `len` is 0.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Text {
    /// The first byte.
    pub data: *const c_char,
    /// Length in bytes.
    pub len: usize,
}

/// Details of an error. Pass it or NULL as the last argument; it is written only when the answer is negative.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ErrorReport {
    /// `sizeof(steadfast_error_t)`.
    pub struct_size: u32,
    /// The code that the function also answers.
    pub code: i32,
    /// What went wrong and what to do, NUL-terminated UTF-8, cut where it does not fit.
    pub message: [c_char; 504],
}

/// Where an instance is inside a service.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Address {
    /// `sizeof(steadfast_address_t)`.
    pub struct_size: u32,
    /// 1 to 65535.
    pub port: u32,
    /// An ip, kept in canonical form, or a host name, which is never resolved.
    pub ip: Text,
    /// The cluster, such as `DEFAULT`.
    pub cluster: Text,
}

/// `enabled` was sent.
pub const STEADFAST_FIELD_ENABLED: u32 = 1;
/// `weight` was sent.
pub const STEADFAST_FIELD_WEIGHT: u32 = 2;
/// `metadata` was sent.
pub const STEADFAST_FIELD_METADATA: u32 = 4;

/// What a client says of itself. A field whose bit is not in `fields` was not sent and changes nothing.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Claim {
    /// `sizeof(steadfast_claim_t)`.
    pub struct_size: u32,
    /// Which of the fields below were sent: `STEADFAST_FIELD_*`, added up.
    pub fields: u32,
    /// 1 when the client wants traffic, else 0.
    pub enabled: u32,
    /// Zero.
    pub reserved: u32,
    /// 0 to 10000.
    pub weight: f64,
    /// All of its metadata, packed; `steadfast_metadata_append` packs it.
    pub metadata: *const u8,
    /// Length of `metadata` in bytes.
    pub metadata_len: usize,
}

/// The instance lives by beats or by its connection.
pub const STEADFAST_KIND_EPHEMERAL: u32 = 0;
/// The instance stays until it is deregistered or removed, and survives restarts.
pub const STEADFAST_KIND_PERSISTENT: u32 = 1;

/// Without beats the instance goes silent.
pub const STEADFAST_LIVENESS_BEATS: u32 = 0;
/// Silence does not run while the connection is there.
pub const STEADFAST_LIVENESS_CONNECTION: u32 = 1;

/// Who registers, and how the instance lives. NULL in its place means all zero.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Registration {
    /// `sizeof(steadfast_registration_t)`.
    pub struct_size: u32,
    /// `STEADFAST_KIND_*`.
    pub kind: u32,
    /// `STEADFAST_LIVENESS_*`.
    pub liveness: u32,
    /// Zero.
    pub reserved: u32,
    /// The connection that keeps the instance present; empty when the sender has none.
    pub connection: Text,
    /// What names the program behind the address and survives a reconnect (process start, pod uid), never a connection;
    /// empty when unknown.
    pub process: Text,
}

/// What a full beat carries beside the sign of life; used only when nothing is known about the address.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct FullBeat {
    /// `sizeof(steadfast_full_beat_t)`.
    pub struct_size: u32,
    /// Which of weight and metadata were sent: `STEADFAST_FIELD_*`, added up.
    pub fields: u32,
    /// `STEADFAST_KIND_*`.
    pub kind: u32,
    /// Zero.
    pub reserved: u32,
    /// 0 to 10000.
    pub weight: f64,
    /// All of its metadata, packed.
    pub metadata: *const u8,
    /// Length of `metadata` in bytes.
    pub metadata_len: usize,
}

/// Who gives an order, on whose behalf, and why. All three texts are required.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Author {
    /// `sizeof(steadfast_author_t)`.
    pub struct_size: u32,
    /// Zero.
    pub reserved: u32,
    /// The system or team that the order belongs to, such as `console`; it has one hold on an instance, and only it
    /// releases that one.
    pub owner: Text,
    /// The person or address behind the order.
    pub actor: Text,
    /// Why.
    pub reason: Text,
}

/// Finish what runs, take nothing new.
pub const STEADFAST_HOLD_DRAIN: u32 = 1;
/// Take nothing.
pub const STEADFAST_HOLD_OFFLINE: u32 = 2;
/// Take nothing and do not register.
pub const STEADFAST_HOLD_BANNED: u32 = 3;

/// The overlay is about the weight.
pub const STEADFAST_OVERLAY_WEIGHT: u32 = 1;
/// The overlay is about one metadata key.
pub const STEADFAST_OVERLAY_METADATA: u32 = 2;

/// A field of an instance that an operator sets, and its value.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Overlay {
    /// `sizeof(steadfast_overlay_t)`.
    pub struct_size: u32,
    /// `STEADFAST_OVERLAY_*`.
    pub field: u32,
    /// The weight, 0 to 10000; read only for `STEADFAST_OVERLAY_WEIGHT` and only when the overlay is set.
    pub weight: f64,
    /// The metadata key; read only for `STEADFAST_OVERLAY_METADATA`.
    pub key: Text,
    /// Its value; read only for `STEADFAST_OVERLAY_METADATA` and only when the overlay is set.
    pub value: Text,
}

/// The outside health check says nothing.
pub const STEADFAST_PROBE_UNKNOWN: u32 = 0;
/// The outside health check passes.
pub const STEADFAST_PROBE_PASSING: u32 = 1;
/// The outside health check fails.
pub const STEADFAST_PROBE_FAILING: u32 = 2;

/// The instance takes traffic as far as orders and claim go.
pub const STEADFAST_TRAFFIC_SERVE: u32 = 0;
/// It finishes what runs.
pub const STEADFAST_TRAFFIC_DRAIN: u32 = 1;
/// It takes none.
pub const STEADFAST_TRAFFIC_REFUSE: u32 = 2;

/// Where an instance stands when the call returns.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Effect {
    /// `sizeof(steadfast_effect_t)`, written by the caller.
    pub struct_size: u32,
    /// 1 when it is present.
    pub present: u32,
    /// 1 when it is healthy.
    pub healthy: u32,
    /// `STEADFAST_TRAFFIC_*`.
    pub traffic: u32,
    /// 1 when an order stands but waits for an instance that is not there.
    pub pending: u32,
    /// 1 when an order of the same owner or field was there, and was replaced or released.
    pub found: u32,
    /// 1 when `reason`, `refusing` or `hint` did not fit and was cut; `steadfast_explain` has all of it.
    pub cut: u32,
    /// Zero.
    pub reserved: u32,
    /// The service's revision afterwards; 0 where the call does not tell.
    pub revision: u64,
    /// The policy's reason, or the hold from above that leaves less than the policy would. NUL-terminated UTF-8.
    pub reason: [c_char; 256],
    /// What still keeps the instance from serving, one line each: other owners' holds, holds on its cluster, service or
    /// ip, the client's own claim. NUL-terminated UTF-8.
    pub refusing: [c_char; 1024],
    /// After an order about an address where nobody is: in which other clusters its ip and port are. NUL-terminated
    /// UTF-8, else empty.
    pub hint: [c_char; 256],
}

/// A service has moved to `revision`: acquire its view.
pub const STEADFAST_EVENT_CHANGED: u32 = 1;
/// The queue fell behind: compare the revisions of all watched services.
pub const STEADFAST_EVENT_RESYNC: u32 = 2;
/// Announcement number `object` can be read.
pub const STEADFAST_EVENT_ANNOUNCED: u32 = 3;

/// One event of a watch queue. It says that something moved, never what it holds now.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Event {
    /// `STEADFAST_EVENT_*`; ignore kinds that you do not know.
    pub kind: u32,
    /// Zero.
    pub flags: u32,
    /// What `steadfast_watch` was given.
    pub cookie: u64,
    /// The service, or the number of the announcement.
    pub object: u64,
    /// The service's revision.
    pub revision: u64,
    /// Zero.
    pub aux: u64,
}

/// What an install did.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Install {
    /// `sizeof(steadfast_install_t)`, written by the caller.
    pub struct_size: u32,
    /// 1 when the same policy with the same parameters was active already.
    pub unchanged: u32,
    /// The epoch of the policy.
    pub epoch: u64,
    /// Services that were visited.
    pub services: u64,
    /// Instances that were decided anew.
    pub instances: u64,
    /// How many of them changed.
    pub changed: u64,
    /// How many of them left.
    pub left: u64,
}

/// `ffi/tests/c/layout.c` asserts the same numbers from the other side.
const _: () = {
    assert!(cfg!(target_endian = "little") && size_of::<usize>() == 8, "64-bit little-endian targets only");
    assert!(size_of::<Text>() == 16);
    assert!(size_of::<Options>() == 128 && offset_of!(Options, retain_ms) == 56);
    assert!(offset_of!(Options, instances_max) == 80 && offset_of!(Options, journal_bytes) == 120);
    assert!(size_of::<Quota>() == 16);
    assert!(size_of::<NamedBeat>() == 56 && offset_of!(NamedBeat, full) == 48);
    assert!(size_of::<ErrorReport>() == 512 && offset_of!(ErrorReport, message) == 8);
    assert!(size_of::<Address>() == 40 && offset_of!(Address, ip) == 8);
    assert!(size_of::<Claim>() == 40 && offset_of!(Claim, weight) == 16);
    assert!(size_of::<Registration>() == 48 && offset_of!(Registration, connection) == 16);
    assert!(size_of::<FullBeat>() == 40);
    assert!(size_of::<Author>() == 56);
    assert!(size_of::<Overlay>() == 48 && offset_of!(Overlay, key) == 16);
    assert!(size_of::<Effect>() == 1576 && offset_of!(Effect, refusing) == 296 && offset_of!(Effect, hint) == 1320);
    assert!(size_of::<FloorTarget>() == 48 && offset_of!(FloorTarget, cluster) == 16);
    assert!(size_of::<FloorEffect>() == 1072 && offset_of!(FloorEffect, refusing) == 48);
    assert!(size_of::<Selector>() == 120 && offset_of!(Selector, metadata) == 104);
    assert!(size_of::<BulkOrder>() == 40 && offset_of!(BulkOrder, overlay) == 32);
    assert!(size_of::<Plan>() == 48 && size_of::<BulkEffect>() == 40);
    assert!(size_of::<Route>() == 104 && offset_of!(Route, file) == 72);
    assert!(size_of::<Routed>() == 48);
    assert!(size_of::<Lookup>() == 56 && offset_of!(Lookup, clusters) == 24);
    assert!(size_of::<Event>() == 40 && offset_of!(Event, object) == 16);
    assert!(size_of::<Install>() == 48);
    assert!(size_of::<ViewHeader>() == 40 && offset_of!(ViewHeader, total_len) == 32);
    assert!(size_of::<ViewRecord>() == 48 && offset_of!(ViewRecord, class_number) == 44);
};

/// Hosts share both between threads without asking.
const _: () = {
    const fn shared<T: Send + Sync>() {}
    shared::<Steadfast>();
    shared::<steadfast_core::Packed>();
    shared::<Report>();
};
