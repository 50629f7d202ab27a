//! What time does: silence, absence, the end of tombstones.

use steadfast_core::{AnnouncementKind, STEP_MS};
use steadfast_policy::Event;

use super::{Known, Model};
use crate::world::Place;

/// A jump of the clock that is worth an announcement.
const WITHHELD_WORTH_TELLING_MS: u64 = 1_000;

/// Registry time.
#[derive(Debug, Default)]
#[allow(clippy::struct_field_names, reason = "units belong into names")]
pub(super) struct Clock {
    last_mono_ms: Option<u64>,
    pub(super) elapsed_ms: u64,
    pub(super) step: u32,
}

/// A silence threshold that was crossed, for those who watch over time. All in milliseconds of registry time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Crossed {
    pub(crate) at: Place,
    pub(crate) threshold_ms: u64,
    /// The last sign of life.
    pub(crate) since_ms: u64,
    /// When the threshold was last changed, by the client or by a swap.
    pub(crate) rules_ms: u64,
    /// The tick before the one that found it, and that one.
    pub(crate) ticks_ms: (u64, u64),
}

/// The next thing that time does to a place, and the step at which it is due.
enum Crossing {
    Silence { band: u8, threshold_ms: u64 },
    Absence { band: u8 },
    Forgotten,
}

impl Model {
    /// A tick.
    pub(crate) fn tick(&mut self, mono_ms: u64, wall_ms: u64) {
        let clock = &mut self.clock;
        let last = clock.last_mono_ms.replace(mono_ms).unwrap_or(mono_ms);
        let claimed_ms = mono_ms.saturating_sub(last);
        let max_ms = self.boot.max_step_ms;
        let taken_ms = if max_ms == 0 { claimed_ms } else { claimed_ms.min(max_ms) };
        let before_ms = clock.elapsed_ms;
        clock.elapsed_ms += taken_ms;
        let step = (clock.elapsed_ms / STEP_MS) as u32;
        if step > clock.step {
            clock.step = step;
            self.cross_everything(before_ms);
        }
        let before_ms = std::mem::replace(&mut self.wall_ms, wall_ms);
        self.end_holds(before_ms);
        if mono_ms < last || claimed_ms - taken_ms >= WITHHELD_WORTH_TELLING_MS {
            self.announced.push(AnnouncementKind::ClockJump);
        }
    }

    fn cross_everything(&mut self, before_ms: u64) {
        let places: Vec<Place> = self.places.keys().copied().collect();
        for at in places {
            while let Some((due, crossing)) = self.known(at).and_then(|known| self.next_crossing(at, known)) {
                if due > self.clock.step {
                    break;
                }
                self.cross(at, due, &crossing, before_ms);
            }
        }
    }

    fn cross(&mut self, at: Place, due: u32, crossing: &Crossing, before_ms: u64) {
        match *crossing {
            Crossing::Silence { band, threshold_ms } => {
                let ticks_ms = (before_ms, self.clock.elapsed_ms);
                let known = self.known_mut(at);
                let (since_ms, rules_ms) = (known.clock_ms, known.rules_ms);
                self.crossed.push(Crossed { at, threshold_ms, since_ms, rules_ms, ticks_ms });
                self.ask_at(at, Event::Silence, due, |facts| facts.band = band);
            }
            Crossing::Absence { band } => drop(self.ask_at(at, Event::Absence, due, |facts| facts.band = band)),
            Crossing::Forgotten => {
                self.known_mut(at).forget();
                self.tidy(at);
            }
        }
    }

    /// Crossings at one instant are one, with the higher band; a client's own thresholds need not rise.
    fn next_crossing(&self, at: Place, known: &Known) -> Option<(u32, Crossing)> {
        let thresholds_ms = known.thresholds_ms(&self.policy_of(at.service).manifest);
        let next_ms = thresholds_ms.get(usize::from(known.band)..).and_then(|rest| rest.iter().min().copied());
        let band = next_ms.map_or(0, |next_ms| band_after(&thresholds_ms, steps_until(next_ms)));
        if known.present {
            let silent_ms = next_ms.filter(|_| known.lives_by_beats())?;
            let due = known.clock + steps_until(silent_ms) - self.impatience;
            return Some((due, Crossing::Silence { band, threshold_ms: silent_ms }));
        }
        if !known.remembered {
            return None;
        }
        let longest_ms = thresholds_ms.iter().copied().max().unwrap_or(0);
        let end = steps_until(longest_ms.max(self.boot.retain_ms));
        match next_ms.map(steps_until) {
            Some(after) if after <= end => Some((known.clock + after, Crossing::Absence { band })),
            _ => Some((known.clock.saturating_add(end), Crossing::Forgotten)),
        }
    }

    /// The band that a place is in now, whatever it was told before.
    pub(super) fn band_now(&self, at: Place) -> u8 {
        let Some(known) = self.known(at) else { return 0 };
        if known.present && !known.lives_by_beats() {
            return 0;
        }
        band_after(
            &known.thresholds_ms(&self.policy_of(at.service).manifest),
            self.clock.step.saturating_sub(known.clock),
        )
    }
}

/// The highest band whose threshold lies within `elapsed` steps.
fn band_after(thresholds_ms: &[u64], elapsed: u32) -> u8 {
    thresholds_ms.iter().rposition(|after_ms| steps_until(*after_ms) <= elapsed).map_or(0, |index| index as u8 + 1)
}

/// Rounded up, and one more: a sign of life is recorded at the tick before it.
fn steps_until(ms: u64) -> u32 {
    u32::try_from(ms.div_ceil(STEP_MS) + 1).unwrap_or(u32::MAX / 2)
}
