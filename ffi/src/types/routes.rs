//! Which policy decides where.

use super::Text;

/// A policy for a part of the registry. The narrowest route that holds a service wins; what none holds is decided by
/// the active policy.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// `sizeof(steadfast_route_t)`, the same in all elements of an array.
    pub struct_size: u32,
    /// Zero.
    pub reserved: u32,
    /// The namespace.
    pub name_space: Text,
    /// The group in it; empty for the whole namespace.
    pub group: Text,
    /// The service in that; empty for the whole group. It need not be there yet.
    pub service: Text,
    /// The name of a built-in policy; empty when `file` is given.
    pub policy: Text,
    /// The bytes of a `.wasm` component or of a `.table` file; not given when `policy` is.
    pub file: *const u8,
    /// Length of `file` in bytes.
    pub file_len: usize,
    /// The parameters of `file`, a JSON object of texts, or empty.
    pub params: Text,
}

/// What a change of the routes did.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Routed {
    /// `sizeof(steadfast_routed_t)`, written by the caller.
    pub struct_size: u32,
    /// 1 when the same routes stood already; nothing happened.
    pub unchanged: u32,
    /// Routes that stand now.
    pub routes: u64,
    /// Services that moved to another policy.
    pub services: u64,
    /// Instances that were decided anew.
    pub instances: u64,
    /// How many of them changed.
    pub changed: u64,
    /// How many of them left.
    pub left: u64,
}
