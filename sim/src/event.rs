//! What can happen. An event says everything that it needs, so a history is a list and can be replayed without chance.

mod words;

use std::collections::BTreeMap;

use steadfast_core::{Field, FieldName, HoldKind, Show};
use steadfast_policy::Probe;

use crate::{
    disk::Fault,
    world::{Place, Under, Which},
};

/// Metadata as clients send it.
pub(crate) type Pairs = BTreeMap<String, String>;

/// What a client says of itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Says {
    pub(crate) enabled: Option<bool>,
    pub(crate) weight: Option<f64>,
    pub(crate) metadata: Option<Pairs>,
}

/// A registration.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Registering {
    /// Who sends it and keeps the handle.
    pub(crate) client: u8,
    pub(crate) at: Place,
    pub(crate) connection: Option<u8>,
    /// The connection keeps it alive instead of beats.
    pub(crate) living: bool,
    pub(crate) ephemeral: bool,
    pub(crate) process: Option<u8>,
    pub(crate) says: Says,
}

/// What a registry is started with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Boot {
    pub(crate) policy: u8,
    pub(crate) retain_ms: u64,
    pub(crate) max_step_ms: u64,
    pub(crate) flush_in_tick: bool,
    /// Most instances of each namespace.
    pub(crate) quota: Option<u32>,
}

/// Nonsense that a registry has to survive and refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Misdeed {
    ForgedHandle(u64),
    HeavyWeight(Place),
    LivingWithoutConnection(Place),
    OtherKind(Place),
    UnknownService(u64),
    PortZero(Place),
    HoldInThePast(Place),
    HoldWithoutReason(Place),
    OverlayOutOfBounds(Place),
    MisshapenBeat(Place),
}

/// What a reader looks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Question {
    pub(crate) show: Show,
    pub(crate) cluster: Option<u8>,
    pub(crate) class: Option<u8>,
    pub(crate) zone: Option<&'static str>,
    /// The protect threshold.
    pub(crate) protect_percent: u8,
    /// For the pick.
    pub(crate) random: u64,
}

/// What an operator may order for many addresses.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Order {
    Hold { kind: HoldKind, for_ms: Option<u64> },
    Release,
    Overlay(Field),
    ReleaseOverlay(FieldName),
}

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Event {
    Register(Registering),
    Beat {
        client: u8,
    },
    BeatBatch,
    /// Beats by name in one batch; some carry weight and metadata.
    NamedBatch {
        beats: Vec<(Place, Option<Says>)>,
    },
    LightBeat {
        at: Place,
    },
    FullBeat {
        at: Place,
        ephemeral: bool,
        says: Says,
    },
    Claim {
        at: Place,
        says: Says,
    },
    Deregister {
        at: Place,
        connection: Option<u8>,
    },
    Disconnect {
        connection: u8,
    },
    Hold {
        at: Place,
        owner: u8,
        kind: HoldKind,
        for_ms: Option<u64>,
    },
    /// The release of an owner's hold, by that owner or by somebody who forces it.
    Release {
        at: Place,
        owner: u8,
        by: u8,
    },
    Overlay {
        at: Place,
        owner: u8,
        field: Field,
    },
    ReleaseOverlay {
        at: Place,
        owner: u8,
        name: FieldName,
    },
    HoldFloor {
        under: Under,
        owner: u8,
        kind: HoldKind,
        for_ms: Option<u64>,
    },
    ReleaseFloor {
        under: Under,
        owner: u8,
        by: u8,
    },
    /// One order about many addresses: looked at first, then carried out.
    Bulk {
        which: Which,
        owner: u8,
        order: Order,
    },
    Remove {
        at: Place,
        owner: u8,
    },
    Probe {
        at: Place,
        probe: Probe,
    },
    Pass {
        ms: u64,
        step_ms: u64,
    },
    Suspend {
        ms: u64,
    },
    ClockBack {
        ms: u64,
    },
    WallJump {
        ms: i64,
    },
    Install {
        policy: u8,
    },
    /// Scopes and their policies.
    Route {
        routes: BTreeMap<u8, u8>,
    },
    Quota {
        namespace: u8,
        most: Option<u32>,
    },
    /// A reader's question.
    LookUp {
        service: u8,
        question: Question,
    },
    /// The slow watcher watches a service, or stops.
    Watch {
        service: u8,
        on: bool,
    },
    /// The slow watcher hears what there is, so many events at a time.
    Drain {
        max: usize,
    },
    /// An instance changes its weight more often than watchers can remember.
    Storm {
        at: Place,
    },
    /// The same event two times.
    Twice(Box<Event>),
    Flush,
    StoreFault {
        fault: Fault,
        commits: u8,
    },
    Crash {
        boot: Boot,
        start_fails: Option<bool>,
    },
    Shutdown {
        boot: Boot,
    },
    Misbehave(Misdeed),
}

impl Event {
    /// Every kind, in the order of the coverage report.
    pub(crate) const KINDS: [&'static str; 37] = [
        "register",
        "beat",
        "beat-batch",
        "named-batch",
        "light-beat",
        "full-beat",
        "claim",
        "deregister",
        "disconnect",
        "hold",
        "force-release",
        "release",
        "overlay",
        "release-overlay",
        "hold-floor",
        "force-release-floor",
        "release-floor",
        "bulk",
        "remove",
        "probe",
        "pass",
        "suspend",
        "clock-back",
        "wall-jump",
        "install",
        "route",
        "quota",
        "look-up",
        "watch",
        "drain",
        "storm",
        "twice",
        "flush",
        "store-fault",
        "crash",
        "shutdown",
        "misbehave",
    ];

    /// The place that it is about.
    pub(crate) fn place(&self) -> Option<Place> {
        match self {
            Event::Register(registering) => Some(registering.at),
            Event::LightBeat { at }
            | Event::FullBeat { at, .. }
            | Event::Claim { at, .. }
            | Event::Deregister { at, .. }
            | Event::Hold { at, .. }
            | Event::Release { at, .. }
            | Event::Overlay { at, .. }
            | Event::ReleaseOverlay { at, .. }
            | Event::Remove { at, .. }
            | Event::Probe { at, .. }
            | Event::Storm { at } => Some(*at),
            Event::Twice(event) => event.place(),
            _ => None,
        }
    }

    /// Its name among [`Event::KINDS`].
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Event::Register(_) => "register",
            Event::Beat { .. } => "beat",
            Event::BeatBatch => "beat-batch",
            Event::NamedBatch { .. } => "named-batch",
            Event::LightBeat { .. } => "light-beat",
            Event::FullBeat { .. } => "full-beat",
            Event::Claim { .. } => "claim",
            Event::Deregister { .. } => "deregister",
            Event::Disconnect { .. } => "disconnect",
            Event::Hold { .. } => "hold",
            Event::Release { owner, by, .. } if owner != by => "force-release",
            Event::Release { .. } => "release",
            Event::Overlay { .. } => "overlay",
            Event::ReleaseOverlay { .. } => "release-overlay",
            Event::HoldFloor { .. } => "hold-floor",
            Event::ReleaseFloor { owner, by, .. } if owner != by => "force-release-floor",
            Event::ReleaseFloor { .. } => "release-floor",
            Event::Bulk { .. } => "bulk",
            Event::Remove { .. } => "remove",
            Event::Probe { .. } => "probe",
            Event::Pass { .. } => "pass",
            Event::Suspend { .. } => "suspend",
            Event::ClockBack { .. } => "clock-back",
            Event::WallJump { .. } => "wall-jump",
            Event::Install { .. } => "install",
            Event::Route { .. } => "route",
            Event::Quota { .. } => "quota",
            Event::LookUp { .. } => "look-up",
            Event::Watch { .. } => "watch",
            Event::Drain { .. } => "drain",
            Event::Storm { .. } => "storm",
            Event::Twice(_) => "twice",
            Event::Flush => "flush",
            Event::StoreFault { .. } => "store-fault",
            Event::Crash { .. } => "crash",
            Event::Shutdown { .. } => "shutdown",
            Event::Misbehave(_) => "misbehave",
        }
    }
}
