//! Numbers that hosts keep instead of pointers.

use serde::Serialize;

/// An instance: generation in the high half, slot in the low half. 0 is never valid, and a handle that outlived its
/// instance is recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Handle(u64);

impl Handle {
    pub(crate) const fn new(generation: u32, slot: u32) -> Handle {
        Handle((generation as u64) << 32 | slot as u64)
    }

    /// The handle of a number that a host kept; any number is safe to use.
    pub const fn from_u64(number: u64) -> Handle {
        Handle(number)
    }

    /// The number to keep.
    pub const fn to_u64(self) -> u64 {
        self.0
    }

    pub(crate) const fn generation(self) -> u32 {
        (self.0 >> 32) as u32
    }

    pub(crate) const fn slot(self) -> u32 {
        self.0 as u32
    }
}

/// A service of one registry. 0 is never valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ServiceId(u64);

impl ServiceId {
    pub(crate) const fn at(index: u32) -> ServiceId {
        ServiceId(index as u64 + 1)
    }

    /// The service of a number that a host kept; any number is safe to use.
    pub const fn from_u64(number: u64) -> ServiceId {
        ServiceId(number)
    }

    /// The number to keep.
    pub const fn to_u64(self) -> u64 {
        self.0
    }

    /// The place in the slab, if the number can be one.
    pub(crate) fn index(self) -> Option<u32> {
        u32::try_from(self.0.checked_sub(1)?).ok()
    }
}
