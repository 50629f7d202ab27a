//! Orders about many instances: holds on a service, a cluster or an ip, and bulk orders.

use std::ffi::c_char;

use super::{Overlay, Text};

/// Every instance of a service.
pub const STEADFAST_FLOOR_SERVICE: u32 = 1;
/// Every instance of one cluster of a service.
pub const STEADFAST_FLOOR_CLUSTER: u32 = 2;
/// Every instance on an ip, in every service.
pub const STEADFAST_FLOOR_IP: u32 = 3;

/// Whom a hold lies under as a floor: those who are there, and those who come later.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct FloorTarget {
    /// `sizeof(steadfast_floor_target_t)`.
    pub struct_size: u32,
    /// `STEADFAST_FLOOR_*`.
    pub kind: u32,
    /// The service; not read for `STEADFAST_FLOOR_IP`.
    pub service: u64,
    /// The cluster; read only for `STEADFAST_FLOOR_CLUSTER`.
    pub cluster: Text,
    /// The ip, or the host name as instances register it; read only for `STEADFAST_FLOOR_IP`.
    pub ip: Text,
}

/// What became of an order about a floor.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct FloorEffect {
    /// `sizeof(steadfast_floor_effect_t)`, written by the caller.
    pub struct_size: u32,
    /// 1 when a hold of the same owner was there, and was replaced or released.
    pub found: u32,
    /// 1 when `refusing` did not fit and was cut.
    pub cut: u32,
    /// Zero.
    pub reserved: u32,
    /// Present instances under the target.
    pub instances: u64,
    /// Those of them whose published traffic changed.
    pub changed: u64,
    /// Those of them that take traffic now.
    pub serving: u64,
    /// The service's revision afterwards; 0 for an ip, which may be in many services.
    pub revision: u64,
    /// Holds that still lie on the same target, one line each. NUL-terminated UTF-8.
    pub refusing: [c_char; 1024],
}

/// Which addresses an order about many is about: globs, in which `*` is any text and `?` any one character, and all of
/// which must match. An empty field asks for nothing, and one at least asks for something: for everything, `name_space`
/// is `*`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Selector {
    /// `sizeof(steadfast_selector_t)`.
    pub struct_size: u32,
    /// Zero.
    pub reserved: u32,
    /// The namespace.
    pub name_space: Text,
    /// The group.
    pub group: Text,
    /// The service's name.
    pub service: Text,
    /// The cluster.
    pub cluster: Text,
    /// The ip in its canonical form, or the host name.
    pub ip: Text,
    /// The port in decimal digits.
    pub port: Text,
    /// Effective metadata: keys with globs for their values, packed as `steadfast_metadata_append` does.
    pub metadata: *const u8,
    /// Length of `metadata` in bytes.
    pub metadata_len: usize,
}

/// As `steadfast_hold_place`.
pub const STEADFAST_BULK_HOLD: u32 = 1;
/// As `steadfast_hold_release`; addresses without a hold of the owner are passed by.
pub const STEADFAST_BULK_RELEASE: u32 = 2;
/// As `steadfast_overlay_set`.
pub const STEADFAST_BULK_OVERLAY: u32 = 3;
/// As `steadfast_overlay_release`; addresses without such an overlay are passed by.
pub const STEADFAST_BULK_OVERLAY_RELEASE: u32 = 4;

/// What shall be done at each selected address.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct BulkOrder {
    /// `sizeof(steadfast_bulk_order_t)`.
    pub struct_size: u32,
    /// `STEADFAST_BULK_*`.
    pub order: u32,
    /// `STEADFAST_HOLD_*`; read only for `STEADFAST_BULK_HOLD`.
    pub kind: u32,
    /// Zero.
    pub reserved: u32,
    /// The wall time at which the holds end by themselves, 0 for never; read only for `STEADFAST_BULK_HOLD`.
    pub until_ms: u64,
    /// The most addresses that may be meant, such as the number that a plan told. When more match, nothing is done:
    /// `STEADFAST_E_TOO_MANY`. 0 for the library's own bound, 65536. A plan does not read it.
    pub limit: u64,
    /// The field and its value; read only for `STEADFAST_BULK_OVERLAY` and `STEADFAST_BULK_OVERLAY_RELEASE`.
    pub overlay: *const Overlay,
}

/// What a bulk order would do, in numbers.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// `sizeof(steadfast_plan_t)`, written by the caller.
    pub struct_size: u32,
    /// Zero.
    pub reserved: u32,
    /// Addresses that match.
    pub targets: u64,
    /// Services with such an address.
    pub services: u64,
    /// Instances that would stop taking traffic.
    pub stop: u64,
    /// Instances that would start.
    pub start: u64,
    /// Services that serve now, and of which nothing would be left serving.
    pub empties: u64,
}

/// What a bulk order did, in numbers.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct BulkEffect {
    /// `sizeof(steadfast_bulk_effect_t)`, written by the caller.
    pub struct_size: u32,
    /// Zero.
    pub reserved: u32,
    /// Addresses that matched.
    pub targets: u64,
    /// Those at which the order was carried out: durable and visible.
    pub done: u64,
    /// Those at which it was refused, and changed nothing.
    pub refused: u64,
    /// Those that were not tried, because the data folder failed.
    pub untried: u64,
}

/// An answer in JSON that is kept until `steadfast_report_release`; it stays readable after the registry is freed.
#[derive(Debug)]
pub struct Report(pub(crate) Box<[u8]>);
