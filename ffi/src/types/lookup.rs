//! Which instances of a service a reader takes.

use super::Text;

/// Those that take traffic now: healthy, and traffic is serve.
pub const STEADFAST_SHOW_SERVING: u32 = 0;
/// Those whose traffic is serve, healthy or not.
pub const STEADFAST_SHOW_SERVE: u32 = 1;
/// Everybody who is present.
pub const STEADFAST_SHOW_PRESENT: u32 = 2;

/// `policy_class` was given.
pub const STEADFAST_LOOKUP_CLASS: u32 = 1;

/// What a reader looks for. All zero beside `struct_size`: everybody who takes traffic now.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Lookup {
    /// `sizeof(steadfast_lookup_t)`.
    pub struct_size: u32,
    /// `STEADFAST_SHOW_*`.
    pub show: u32,
    /// Which of the fields that cannot be empty were given: `STEADFAST_LOOKUP_*`, added up.
    pub fields: u32,
    /// The class that the service's policy gives an instance, 0 (none) to 7; read only if `fields` has its bit.
    pub policy_class: u32,
    /// The protect threshold, 0 (off) to 1, for `STEADFAST_SHOW_SERVING`: when the share of healthy ones among the
    /// instances that are looked for and whose traffic is serve is below it, the reader gets all of these.
    pub protect: f64,
    /// Any of these clusters, at most 16; NULL for all.
    pub clusters: *const Text,
    /// How many clusters there are.
    pub cluster_count: usize,
    /// All of these pairs of effective metadata, at most 16, packed as `steadfast_metadata_append` does.
    pub metadata: *const u8,
    /// Length of `metadata` in bytes.
    pub metadata_len: usize,
}
