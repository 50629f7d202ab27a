//! The stage: the real registry and the model beside it. Every event is played on both, and then they are compared.

mod check;
mod clients;
mod journal;
mod many;
mod misdeeds;
mod operators;
mod policies;
mod readers;
mod starts;

use std::{collections::BTreeMap, sync::Arc};

use steadfast_core::{Handle, Registry, ServiceId, WatchQueue};

use self::{journal::Notebook, readers::Slow};
use crate::{
    Fault,
    compare::Record,
    disk::Disk,
    event::{Boot, Event, Order},
    menu::Menu,
    model::{Attempt, Model},
    monitor::{self, Monitors},
    world::{self, Place},
};

/// How many clients keep handles.
pub(crate) const CLIENTS: u8 = 8;
/// After so many events everything is explained, not only what was touched.
const EVERYTHING_EVERY: u64 = 16;

/// A promise that was not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// The promise, always in the same words.
    pub(crate) rule: String,
    /// What was seen.
    pub(crate) seen: String,
}

impl Wrong {
    pub(crate) fn new(rule: impl Into<String>, seen: impl Into<String>) -> Wrong {
        Wrong { rule: rule.into(), seen: seen.into() }
    }
}

/// What whoever caused an event hears.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Heard {
    /// The client is told to register again.
    pub(crate) register_again: bool,
}

/// A handle, and what it was given for.
#[derive(Clone, Copy, Debug)]
struct Token {
    handle: Handle,
    boot: u64,
    at: Place,
    incarnation: u64,
}

/// Registry and model.
pub(crate) struct Stage {
    menu: Menu,
    disk: Disk,
    fault: Option<Fault>,
    /// `None` only between two lives of the process.
    running: Option<Running>,
    pub(crate) model: Model,
    monitors: Monitors,
    boots: u64,
    mono_ms: u64,
    wall_ms: u64,
    tokens: Vec<Option<Token>>,
    /// The latest revision and records of each service.
    latest: BTreeMap<u8, (u64, Vec<Record>)>,
    events: u64,
    pub(crate) digest: Digest,
}

/// One life of the process.
struct Running {
    registry: Registry,
    services: Vec<ServiceId>,
    watch: WatchQueue,
    announced: u64,
    slow: Slow,
    notebook: Arc<Notebook>,
    /// Each handle belongs to one entry, and each entry to one handle.
    handles: BTreeMap<u64, (Place, u64)>,
}

/// A number that two equal histories share: FNV-1a over everything that was observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Digest(pub(crate) u64);

impl Digest {
    const START: Digest = Digest(0xcbf2_9ce4_8422_2325);

    pub(crate) fn add(&mut self, text: &str) {
        for byte in text.bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}

impl Stage {
    pub(crate) fn open(menu: Menu, boot: Boot, fault: Option<Fault>) -> Result<Stage, Wrong> {
        let vice = match fault {
            Some(Fault::Store(vice)) => Some(vice),
            _ => None,
        };
        let impatience = u32::from(fault == Some(Fault::Impatience));
        let mut stage = Stage {
            disk: Disk::new(vice),
            fault,
            running: None,
            model: Model::new(menu.clone(), boot, impatience),
            menu,
            monitors: Monitors::default(),
            boots: 0,
            mono_ms: 1_000_000,
            wall_ms: 1_700_000_000_000,
            tokens: vec![None; usize::from(CLIENTS)],
            latest: BTreeMap::new(),
            events: 0,
            digest: Digest::START,
        };
        stage.start(boot, None)?;
        Ok(stage)
    }

    /// Plays one event on both sides and compares them.
    pub(crate) fn play(&mut self, event: &Event) -> Result<Heard, Wrong> {
        if let Event::Twice(event) = event { self.play_twice(event) } else { self.play_once(event) }
    }

    /// The same event twice is as it is once, where the policy claims that.
    fn play_twice(&mut self, event: &Event) -> Result<Heard, Wrong> {
        let at = event.place();
        let known = |stage: &Stage| at.and_then(|at| stage.model.known(at).cloned());
        // An answer to a question of ours is read otherwise than the same words without a question.
        let asked = known(self).is_some_and(|known| known.asked);
        let life = (self.boots, self.model.store_failures());
        self.play_once(event)?;
        let once = known(self);
        let heard = self.play_once(event)?;
        let undisturbed = life == (self.boots, self.model.store_failures()) && !asked && !self.model.is_in_trouble();
        match at.filter(|_| undisturbed) {
            Some(at) if !monitor::was_idempotent(&self.model, at, once.as_ref()) => {
                Err(Wrong::new("law idempotent", format!("{at}: the second time it changed again")))
            }
            _ => Ok(heard),
        }
    }

    fn play_once(&mut self, event: &Event) -> Result<Heard, Wrong> {
        self.events += 1;
        self.model.decided.clear();
        self.model.crossed.clear();
        self.model.moved = true;
        self.running().notebook.clear();
        let heard = self.perform(event)?;
        if self.disk.is_dead() {
            self.die(self.model.boot(), None)?;
        }
        let everything = self.events.is_multiple_of(EVERYTHING_EVERY)
            || matches!(event, Event::Install { .. } | Event::Crash { .. } | Event::Shutdown { .. });
        self.check(event.place(), everything)?;
        Ok(heard)
    }

    /// How often a process was started.
    pub(crate) fn starts(&self) -> u64 {
        self.boots
    }

    fn perform(&mut self, event: &Event) -> Result<Heard, Wrong> {
        match event {
            Event::Register(registering) => return self.register(registering),
            Event::Beat { client } => return self.beat(*client),
            Event::BeatBatch => self.beat_batch()?,
            Event::NamedBatch { beats } => self.named_batch(beats)?,
            Event::LightBeat { at } => return self.light_beat(*at),
            Event::FullBeat { at, ephemeral, says } => return self.full_beat(*at, *ephemeral, says),
            Event::Claim { at, says } => self.claim(*at, says)?,
            Event::Deregister { at, connection } => self.deregister(*at, *connection)?,
            Event::Disconnect { connection } => self.disconnect(*connection)?,
            Event::Hold { at, owner, kind, for_ms } => {
                self.order(*at, (*owner, *owner), &Order::Hold { kind: *kind, for_ms: *for_ms })?;
            }
            Event::Release { at, owner, by } => self.order(*at, (*owner, *by), &Order::Release)?,
            Event::Overlay { at, owner, field } => {
                self.order(*at, (*owner, *owner), &Order::Overlay(field.clone()))?;
            }
            Event::ReleaseOverlay { at, owner, name } => {
                self.order(*at, (*owner, *owner), &Order::ReleaseOverlay(name.clone()))?;
            }
            Event::HoldFloor { under, owner, kind, for_ms } => self.hold_floor(*under, *owner, *kind, *for_ms)?,
            Event::ReleaseFloor { under, owner, by } => self.release_floor(*under, *owner, *by)?,
            Event::Bulk { which, owner, order } => self.bulk(*which, *owner, order)?,
            Event::Remove { at, owner } => self.remove(*at, *owner)?,
            Event::Probe { at, probe } => self.probe(*at, *probe)?,
            Event::Pass { ms, step_ms } => self.pass(*ms, *step_ms)?,
            Event::Suspend { ms } => {
                self.mono_ms += ms;
                self.wall_ms += ms;
                self.tick()?;
            }
            Event::ClockBack { ms } => {
                self.mono_ms = self.mono_ms.saturating_sub(*ms);
                self.tick()?;
            }
            Event::WallJump { ms } => {
                self.wall_ms = self.wall_ms.saturating_add_signed(*ms);
                self.tick()?;
            }
            Event::Install { policy } => self.install(*policy)?,
            Event::Route { routes } => self.route(routes)?,
            Event::Quota { namespace, most } => self.set_quota(*namespace, *most)?,
            Event::LookUp { service, question } => self.look_up(*service, question)?,
            Event::Watch { service, on } => self.watch(*service, *on)?,
            Event::Drain { max } => self.drain(*max)?,
            Event::Storm { at } => self.storm(*at)?,
            Event::Twice(event) => return self.play_twice(event),
            Event::Flush => self.flush()?,
            Event::StoreFault { fault, commits } => self.disk.arm(*fault, *commits),
            Event::Crash { boot, start_fails } => self.die(*boot, *start_fails)?,
            Event::Shutdown { boot } => self.shut_down(*boot)?,
            Event::Misbehave(misdeed) => self.misbehave(*misdeed)?,
        }
        Ok(Heard::default())
    }

    fn running(&self) -> &Running {
        self.running.as_ref().expect("a process runs whenever an event is played")
    }

    fn registry(&self) -> &Registry {
        &self.running().registry
    }

    fn service(&self, at: Place) -> ServiceId {
        self.running().services[usize::from(at.service)]
    }

    /// What the store did in the call that just returned.
    fn attempt(&mut self) -> Result<Attempt, Wrong> {
        let outcomes = self.disk.take_outcomes();
        let attempt = self.model.attempt(&outcomes, false);
        attempt.map_err(|seen| Wrong::new("a store that failed is tried again after a pause", seen))
    }

    /// A call that flushed returned: whether what it flushed is durable.
    fn flushed(&mut self) -> Result<bool, Wrong> {
        let attempt = self.attempt()?;
        Ok(self.model.flush(attempt))
    }

    /// A call answered as it had to, unless the process died in it and nobody heard the answer.
    fn answered<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, reply: &T, expected: &T) -> Result<(), Wrong> {
        self.digest.add(&format!("{expected:?}"));
        if reply == expected || self.disk.is_dead() {
            return Ok(());
        }
        Err(Wrong::new(format!("reply to {what}"), format!("{reply:?}, it must be {expected:?}")))
    }
}

/// The ids of all services, in the order of the world's.
fn services_of(registry: &Registry) -> Result<Vec<ServiceId>, Wrong> {
    let of = |service| registry.service(&world::service_name(service));
    world::services().map(of).collect::<Result<_, _>>().map_err(|error| Wrong::new("services", error.to_string()))
}
