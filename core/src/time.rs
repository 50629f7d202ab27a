//! Time comes in by `tick` alone.

use serde::{Deserialize, Serialize};

/// What a tick says: a clock that never stops and never jumps, and the wall clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Now {
    /// Milliseconds of a monotonic clock, from any origin.
    pub mono_ms: u64,
    /// Milliseconds since 1970, UTC.
    pub wall_ms: u64,
}

/// Registry time is counted in steps of this many milliseconds.
pub const STEP_MS: u64 = 100;

/// Registry time in steps since the registry opened. 32 bits last 13 years.
pub(crate) type Step = u32;

/// Where registry time stops: what is looked at on the way to a later deadline is still a step.
pub(crate) const STEP_MAX: Step = Step::MAX - 1024;

/// A duration in steps, rounded up.
pub(crate) fn steps(ms: u64) -> Step {
    Step::try_from(ms.div_ceil(STEP_MS)).unwrap_or(Step::MAX / 2).min(Step::MAX / 2)
}

/// Sums the clamped ticks.
#[derive(Debug)]
#[allow(clippy::struct_field_names, reason = "units belong into names")]
pub(crate) struct Clock {
    last_mono_ms: Option<u64>,
    elapsed_ms: u64,
    max_step_ms: u64,
}

/// What one tick did to registry time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Advance {
    /// Registry time after the tick.
    pub(crate) now: Step,
    /// Milliseconds that the tick claimed but registry time did not take.
    pub(crate) withheld_ms: u64,
    /// Milliseconds by which the monotonic clock went back.
    pub(crate) backwards_ms: u64,
}

impl Clock {
    pub(crate) fn new(max_step_ms: u64) -> Clock {
        Clock { last_mono_ms: None, elapsed_ms: 0, max_step_ms }
    }

    /// Takes a tick. The first one only sets the origin.
    pub(crate) fn advance(&mut self, now: Now) -> Advance {
        let last = self.last_mono_ms.replace(now.mono_ms).unwrap_or(now.mono_ms);
        let claimed_ms = now.mono_ms.saturating_sub(last);
        let taken_ms = if self.max_step_ms == 0 { claimed_ms } else { claimed_ms.min(self.max_step_ms) };
        self.elapsed_ms = self.elapsed_ms.saturating_add(taken_ms);
        Advance {
            now: Step::try_from(self.elapsed_ms / STEP_MS).unwrap_or(STEP_MAX).min(STEP_MAX),
            withheld_ms: claimed_ms - taken_ms,
            backwards_ms: last.saturating_sub(now.mono_ms),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(mono_ms: u64) -> Now {
        Now { mono_ms, wall_ms: 0 }
    }

    #[test]
    fn a_suspended_host_adds_one_clamped_step() {
        let mut clock = Clock::new(5_000);
        clock.advance(at(1_000));
        let advance = clock.advance(at(61_000));
        assert_eq!(advance, Advance { now: 50, withheld_ms: 55_000, backwards_ms: 0 });
    }

    #[test]
    fn a_clock_that_goes_back_counts_nothing() {
        let mut clock = Clock::new(0);
        clock.advance(at(10_000));
        assert_eq!(clock.advance(at(9_000)), Advance { now: 0, withheld_ms: 0, backwards_ms: 1_000 });
        assert_eq!(clock.advance(at(9_500)).now, 5);
    }

    #[test]
    fn durations_round_up() {
        assert_eq!((steps(0), steps(1), steps(100), steps(101)), (0, 1, 1, 2));
        assert_eq!(steps(u64::MAX), Step::MAX / 2);
    }
}
