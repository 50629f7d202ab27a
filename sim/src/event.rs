//! What can happen. An event says everything that it needs, so a history is a list and can be replayed without chance.

use std::{collections::BTreeMap, fmt};

use steadfast_core::{Field, FieldName, HoldKind};
use steadfast_policy::Probe;

use crate::{
    disk::Fault,
    world::{OWNERS, Place},
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

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Event {
    Register(Registering),
    Beat { client: u8 },
    BeatBatch,
    LightBeat { at: Place },
    FullBeat { at: Place, ephemeral: bool, says: Says },
    Claim { at: Place, says: Says },
    Deregister { at: Place, connection: Option<u8> },
    Disconnect { connection: u8 },
    Hold { at: Place, owner: u8, kind: HoldKind, for_ms: Option<u64> },
    Release { at: Place, owner: u8 },
    Overlay { at: Place, owner: u8, field: Field },
    ReleaseOverlay { at: Place, owner: u8, name: FieldName },
    Remove { at: Place, owner: u8 },
    Probe { at: Place, probe: Probe },
    Pass { ms: u64, step_ms: u64 },
    Suspend { ms: u64 },
    ClockBack { ms: u64 },
    WallJump { ms: i64 },
    Install { policy: u8 },
    Flush,
    StoreFault { fault: Fault, commits: u8 },
    Crash { boot: Boot, start_fails: Option<bool> },
    Shutdown { boot: Boot },
    Misbehave(Misdeed),
}

impl Event {
    /// Every kind, in the order of the coverage report.
    pub(crate) const KINDS: [&'static str; 24] = [
        "register",
        "beat",
        "beat-batch",
        "light-beat",
        "full-beat",
        "claim",
        "deregister",
        "disconnect",
        "hold",
        "release",
        "overlay",
        "release-overlay",
        "remove",
        "probe",
        "pass",
        "suspend",
        "clock-back",
        "wall-jump",
        "install",
        "flush",
        "store-fault",
        "crash",
        "shutdown",
        "misbehave",
    ];

    /// Its place in [`Event::KINDS`].
    pub(crate) fn kind(&self) -> usize {
        match self {
            Event::Register(_) => 0,
            Event::Beat { .. } => 1,
            Event::BeatBatch => 2,
            Event::LightBeat { .. } => 3,
            Event::FullBeat { .. } => 4,
            Event::Claim { .. } => 5,
            Event::Deregister { .. } => 6,
            Event::Disconnect { .. } => 7,
            Event::Hold { .. } => 8,
            Event::Release { .. } => 9,
            Event::Overlay { .. } => 10,
            Event::ReleaseOverlay { .. } => 11,
            Event::Remove { .. } => 12,
            Event::Probe { .. } => 13,
            Event::Pass { .. } => 14,
            Event::Suspend { .. } => 15,
            Event::ClockBack { .. } => 16,
            Event::WallJump { .. } => 17,
            Event::Install { .. } => 18,
            Event::Flush => 19,
            Event::StoreFault { .. } => 20,
            Event::Crash { .. } => 21,
            Event::Shutdown { .. } => 22,
            Event::Misbehave(_) => 23,
        }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Event::Register(registering) => registering.fmt(f),
            Event::Beat { client } => write!(f, "client {client} beats by the handle it was given last"),
            Event::BeatBatch => f.write_str("every client beats by its handle, in one batch"),
            Event::LightBeat { at } => write!(f, "{at} beats by name"),
            Event::FullBeat { at, ephemeral, says } => write!(f, "{at} beats in full{}{says}", kind(*ephemeral)),
            Event::Claim { at, says } => write!(f, "{at} updates its claim{says}"),
            Event::Deregister { at, connection } => write!(f, "{at} is deregistered by {}", sender(*connection)),
            Event::Disconnect { connection } => write!(f, "connection {connection} closes"),
            Event::Hold { at, owner, kind, for_ms } => {
                write!(f, "{} holds {at}: {}", owned(*owner), kind.name())?;
                for_ms.map_or(Ok(()), |for_ms| write!(f, ", for {for_ms} ms"))
            }
            Event::Release { at, owner } => write!(f, "{} releases its hold on {at}", owned(*owner)),
            Event::Overlay { at, owner, field } => write!(f, "{} lays {field:?} over {at}", owned(*owner)),
            Event::ReleaseOverlay { at, owner, name } => {
                write!(f, "{} takes its overlay of {name:?} from {at}", owned(*owner))
            }
            Event::Remove { at, owner } => write!(f, "{} removes {at}", owned(*owner)),
            Event::Probe { at, probe } => write!(f, "a health check of {at} says {probe}"),
            Event::Pass { ms, step_ms } => write!(f, "{ms} ms pass, a tick each {step_ms} ms"),
            Event::Suspend { ms } => write!(f, "the host is suspended for {ms} ms"),
            Event::ClockBack { ms } => write!(f, "the monotonic clock goes back by {ms} ms"),
            Event::WallJump { ms } => write!(f, "the wall clock jumps by {ms} ms"),
            Event::Install { policy } => write!(f, "policy {policy} of the menu is installed"),
            Event::Flush => f.write_str("the host flushes"),
            Event::StoreFault { fault, commits } => write!(f, "commit {commits} from here will go wrong: {fault:?}"),
            Event::Crash { boot, start_fails } => {
                write!(f, "the process dies and starts with policy {} of the menu", boot.policy)?;
                if start_fails.is_some() { f.write_str(", the first start fails") } else { Ok(()) }
            }
            Event::Shutdown { boot } => {
                write!(f, "the host shuts down and starts with policy {} of the menu", boot.policy)
            }
            Event::Misbehave(misdeed) => write!(f, "somebody misbehaves: {misdeed:?}"),
        }
    }
}

impl fmt::Display for Registering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Registering { client, at, connection, living, ephemeral, process, says } = self;
        write!(f, "client {client} registers {at} by {}{}", sender(*connection), kind(*ephemeral))?;
        if *living {
            f.write_str(", alive while the connection is")?;
        }
        process.map_or(Ok(()), |process| write!(f, ", program {process}"))?;
        says.fmt(f)
    }
}

impl fmt::Display for Says {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Says { enabled, weight, metadata } = self;
        enabled.map_or(Ok(()), |enabled| write!(f, ", enabled={enabled}"))?;
        weight.map_or(Ok(()), |weight| write!(f, ", weight={weight}"))?;
        metadata.as_ref().map_or(Ok(()), |metadata| write!(f, ", metadata={metadata:?}"))
    }
}

fn sender(connection: Option<u8>) -> String {
    connection.map_or("a keyless sender".into(), |number| format!("connection {number}"))
}

fn kind(ephemeral: bool) -> &'static str {
    if ephemeral { "" } else { ", persistent" }
}

fn owned(owner: u8) -> &'static str {
    OWNERS[usize::from(owner)]
}
