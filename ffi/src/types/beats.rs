//! Beats by name, many in one call.

use super::{FullBeat, Text};

/// A sign of life by service and address.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct NamedBeat {
    /// `sizeof(steadfast_named_beat_t)`, the same in all elements of an array.
    pub struct_size: u32,
    /// 1 to 65535.
    pub port: u32,
    /// The service.
    pub service: u64,
    /// An ip or host name, as for `steadfast_register`.
    pub ip: Text,
    /// The cluster.
    pub cluster: Text,
    /// What the beat carries, or NULL; see `steadfast_beat_at`.
    pub full: *const FullBeat,
}
