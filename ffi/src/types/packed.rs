//! The bytes of a view.

/// The first four bytes of a view: "STF1" read as a little-endian number.
pub const STEADFAST_VIEW_MAGIC: u32 = 0x3146_5453;

/// The first bytes of a view. Step by `header_size` and `record_size`, which later versions may enlarge.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ViewHeader {
    /// `STEADFAST_VIEW_MAGIC`.
    pub magic: u32,
    /// 1.
    pub version: u16,
    /// Bytes from one record to the next.
    pub record_size: u16,
    /// Records.
    pub count: u32,
    /// Bytes from the start of the view to the first record.
    pub header_size: u32,
    /// The service's revision.
    pub revision: u64,
    /// Bytes from the start of the view to the arena.
    pub arena_offset: u64,
    /// Bytes of the whole view.
    pub total_len: u64,
}

/// In `flags` of a record: healthy.
pub const STEADFAST_VIEW_HEALTHY: u8 = 1;
/// In `flags` of a record: ephemeral.
pub const STEADFAST_VIEW_EPHEMERAL: u8 = 2;

/// One instance of a view. Offsets count from the start of the arena; texts are UTF-8 without NUL.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ViewRecord {
    /// Its handle, for beats.
    pub handle: u64,
    /// Its effective weight.
    pub weight: f64,
    /// Where its ip or host name is.
    pub ip_off: u32,
    /// Length in bytes.
    pub ip_len: u32,
    /// Where its cluster is.
    pub cluster_off: u32,
    /// Length in bytes.
    pub cluster_len: u32,
    /// Where its effective metadata is: pairs in order of their keys, packed as `steadfast_metadata_append` does.
    pub metadata_off: u32,
    /// Length in bytes.
    pub metadata_len: u32,
    /// Its port.
    pub port: u16,
    /// `STEADFAST_VIEW_*`, added up.
    pub flags: u8,
    /// `STEADFAST_TRAFFIC_*`.
    pub traffic: u8,
    /// Its class under the selectors of the policy that decided it, 1 to 7; 0 for none.
    pub class_number: u8,
    /// Zero.
    pub reserved: [u8; 3],
}
