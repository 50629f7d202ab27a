//! What few instances have: orders, connections, a process key, durations of their own.

use crate::{
    connections::Connection,
    counters::CountedOrders,
    metadata::Metadata,
    orders::{FieldName, Hold, Overlay},
    registration::Liveness,
    thresholds::Thresholds,
};

/// What stands apart from an instance. The one connection that most clients of today have stands alone, because all the
/// rest together is large.
#[derive(Clone, Debug, Default)]
pub(crate) struct Aside {
    /// There if any connection publishes the instance.
    pub(crate) connection: Option<(Connection, Liveness)>,
    pub(crate) rare: Option<Box<Rare>>,
}

const _: () = assert!(size_of::<Aside>() <= 24, "with what malloc adds, a block of 32 bytes");

/// What few instances have. [`Rare::NOTHING`] says nothing at all.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rare {
    pub(crate) holds: Vec<Hold>,
    pub(crate) overlays: Vec<Overlay>,
    /// The client's metadata under the overlays, where that is something else.
    pub(crate) effective: Option<Metadata>,
    /// The connections that publish it beside the first one, the latest last.
    pub(crate) connections: Vec<(Connection, Liveness)>,
    pub(crate) process: Option<Box<str>>,
    /// The client's weight, if it is odd (module `weight` of the instance).
    pub(crate) odd_weight: Option<f64>,
    /// Where the client overrides the policy's own.
    pub(crate) thresholds: Option<Box<Thresholds>>,
    /// The name behind the last decision, and behind the last change of the client's word.
    pub(crate) decided_by: Option<Box<str>>,
    pub(crate) claimed_by: Option<Box<str>>,
    /// Orders on their way here; keeps the entry from being given back meanwhile.
    pub(crate) reserved: u32,
    /// As what its orders were last counted.
    pub(crate) counted: CountedOrders,
    pub(crate) asked: bool,
}

impl Rare {
    pub(crate) const NOTHING: Rare = Rare {
        holds: Vec::new(),
        overlays: Vec::new(),
        effective: None,
        connections: Vec::new(),
        process: None,
        odd_weight: None,
        thresholds: None,
        decided_by: None,
        claimed_by: None,
        reserved: 0,
        counted: CountedOrders::NONE,
        asked: false,
    };

    pub(crate) fn overlay_mut(&mut self, name: &FieldName) -> Option<&mut Overlay> {
        self.overlays.iter_mut().find(|overlay| overlay.field.name() == *name)
    }

    /// How many orders of an operator stand.
    pub(crate) fn orders(&self) -> usize {
        self.holds.len() + self.overlays.len()
    }
}
