//! Ticks: registry time moves on, and everything that time does to instances is decided.

use steadfast_policy::Input;

use crate::{
    announce::AnnouncementKind,
    barrier,
    instance::Instance,
    limits::SLICE_MAX,
    provenance::Writer,
    registry::{Inner, Registry, Ticker},
    session::Session,
    thresholds::Thresholds,
    time::{Now, Step},
    timer::Look,
    wheel::Wheel,
};

/// A withheld step shorter than this is scheduling noise, not an event.
const WITHHELD_WORTH_TELLING_MS: u64 = 1_000;
/// How many entries ahead of itself a look at the wheel asks for memory.
const AHEAD: usize = 16;
/// Room for candidates that is kept from step to step.
const CANDIDATES_KEPT: usize = 4096;

impl Registry {
    /// Tells the registry what time it is: the only way time comes in. Every other call uses the time of the last
    /// tick. Delivers every deadline up to now, in order. Ticks of several threads take turns.
    pub fn tick(&self, now: Now) {
        if self.inner.is_closed() {
            return;
        }
        let mut ticker = self.inner.ticker.lock();
        self.inner.set_wall_ms(now.wall_ms);
        let advance = ticker.clock.advance(now);
        if advance.backwards_ms > 0 || advance.withheld_ms >= WITHHELD_WORTH_TELLING_MS {
            self.inner.announce(AnnouncementKind::ClockJump, clock_text(advance.withheld_ms, advance.backwards_ms));
        }
        while ticker.wheel.now() < advance.now {
            self.inner.deliver_step(&mut ticker, advance.now);
        }
        self.inner.look_after_journal(&mut ticker);
        drop(ticker);
        self.inner.end_holds(now.wall_ms);
        self.inner.bin.empty();
        if self.inner.flush_in_tick {
            // A failure is announced where it happens, and tried again at a later tick.
            let _ = self.inner.ledger.flush(&self.inner);
        }
    }
}

fn clock_text(withheld_ms: u64, backwards_ms: u64) -> String {
    if backwards_ms > 0 {
        return format!("the monotonic clock went back by {backwards_ms} ms; registry time stood still");
    }
    format!("no tick for long: every silence is extended by {withheld_ms} ms instead of expiring everybody")
}

impl Inner {
    /// The next step of registry time at which there is anything to look at, or all of them up to `end`.
    fn deliver_step(&self, ticker: &mut Ticker, end: Step) {
        let Ticker { wheel, candidates, .. } = ticker;
        for (slot, deadline) in self.inbox.take() {
            if let Some(timer) = self.slots.timer(slot) {
                wheel.file(slot, timer, deadline);
            }
        }
        let due = wheel.advance(end);
        self.set_now(wheel.now());
        for block in due {
            self.look_at(&block, wheel, candidates);
            wheel.recycle(block);
        }
        self.expire_all(candidates);
    }

    /// Looks at entries that came up: files those that were heard of again, and names those that were not.
    fn look_at(&self, block: &[u32], wheel: &mut Wheel, candidates: &mut Vec<(u32, u32)>) {
        let now = wheel.now();
        for (at, slot) in block.iter().copied().enumerate() {
            if let Some(later) = block.get(at + AHEAD) {
                self.slots.prefetch_look(*later);
            }
            let (Some(gate), Some(timer)) = (self.slots.gate(slot), self.slots.timer(slot)) else { continue };
            match timer.look(gate.last_beat(), now) {
                Look::Nothing => {}
                Look::Again(deadline) => wheel.file(slot, timer, deadline),
                Look::Due => {
                    // A key that changes hands here belongs to a slot that is free: its service finds nothing.
                    let service = self.slots.key(slot).map_or(u32::MAX, |key| key.service);
                    candidates.push((service, slot));
                }
            }
        }
    }

    /// Decides about candidates, service by service, and leaves none.
    fn expire_all(&self, candidates: &mut Vec<(u32, u32)>) {
        if candidates.is_empty() {
            return;
        }
        // In the order of slots, neighbours come together, who often stand together in their service, too.
        candidates.sort_unstable();
        for of_service in candidates.chunk_by(|(one, _), (other, _)| one == other) {
            for slice in of_service.chunks(SLICE_MAX) {
                self.expire(slice[0].0, slice);
            }
        }
        candidates.clear();
        candidates.shrink_to(CANDIDATES_KEPT);
    }

    /// Decides about candidates of one service: silent ones, and tombstones whose time has come.
    ///
    /// The gates are shut, then one barrier makes every acknowledged beat visible, then the times are read again. A
    /// beat that comes later finds the gate shut and waits for the mutex that is held here.
    fn expire(&self, service: u32, slice: &[(u32, u32)]) {
        let Ok(service) = self.service_at(service) else { return };
        let Ok(mut session) = Session::open(self, service) else { return };
        for (_, slot) in slice {
            if session.instance(*slot).is_some() {
                self.shut_for_expiry(*slot);
            }
        }
        barrier::heavy();
        for (_, slot) in slice {
            session.deliver_crossings(*slot);
            session.refresh(*slot);
        }
        session.finish_fairly();
    }

    /// From here on the slot has no entry in the wheel; whatever is decided files it again.
    fn shut_for_expiry(&self, slot: u32) {
        self.set_open(slot, false);
        if let Some(timer) = self.slots.timer(slot) {
            timer.disarm();
        }
    }
}

impl Session<'_> {
    /// Delivers every threshold that an instance has crossed, each with its own deadline as its time.
    fn deliver_crossings(&mut self, slot: u32) {
        let now = self.now;
        // Three silence bands, then three absence bands, then the end of the tombstone: a late tick delivers all.
        for _ in 0..8 {
            let Some(gate) = self.inner.slots.gate(slot) else { break };
            let Some(instance) = self.instance(slot) else { break };
            let Some(crossing) = self.next_crossing(instance) else { break };
            let at = gate.last_beat().saturating_add(crossing.after());
            if at > now {
                break;
            }
            self.now = at;
            match crossing {
                Crossing::Silence { band, .. } => drop(self.decide(slot, Input::Silence(band), Writer::Clock)),
                Crossing::Absence { band, .. } => drop(self.decide(slot, Input::Absence(band), Writer::Clock)),
                Crossing::Forgotten { .. } => self.forget(slot),
            }
        }
        self.now = now;
    }

    fn next_crossing(&self, instance: &Instance) -> Option<Crossing> {
        let state = &instance.state;
        if state.present {
            let silence = &self.thresholds(instance).silence;
            let after = instance.lives_by_beats().then(|| Thresholds::next(silence, state.band)).flatten()?;
            return Some(Crossing::Silence { after, band: Thresholds::band(silence, after) });
        }
        if !state.remembered {
            return None;
        }
        let (absence, end) = (&self.thresholds(instance).absence, self.retain(instance));
        match Thresholds::next(absence, state.band) {
            Some(after) if after <= end => Some(Crossing::Absence { after, band: Thresholds::band(absence, after) }),
            _ => Some(Crossing::Forgotten { after: end }),
        }
    }
}

/// What time does next to an instance, and how long after its clock started.
#[derive(Clone, Copy)]
enum Crossing {
    Silence { after: Step, band: u8 },
    Absence { after: Step, band: u8 },
    Forgotten { after: Step },
}

impl Crossing {
    fn after(self) -> Step {
        match self {
            Crossing::Silence { after, .. } | Crossing::Absence { after, .. } | Crossing::Forgotten { after } => after,
        }
    }
}
