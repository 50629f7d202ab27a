//! When the clock next has to look at an instance: four bytes beside each gate.
//!
//! A beat never touches a timer. Whoever decides about an instance says how long after the start of its clock the next
//! deadline lies; the ticker knows at which step of the wheel it will look. When it looks, it compares the two with the
//! last beat, and mostly files the slot again: each instance is looked at once per timeout, not once per beat.
//!
//! Invariants:
//! - `timeout` is written under the service's mutex, or before the slot belongs to a service; `filed` by the ticker.
//! - While there is a timeout, the slot is in the wheel or in the inbox, or it is a candidate of the step that is being
//!   delivered, and then whoever decides about it disarms it first. So a deadline that only moves away needs no entry:
//!   the ticker comes too early and finds out. One that comes nearer, or is the first, is pushed to the inbox.
//! - `filed` names the bucket that holds the slot's one live entry. In any other bucket its entries are dropped.

use crate::{
    sync::{AtomicU16, Ordering},
    time::Step,
    wheel::BUCKETS,
};

/// No deadline, or no entry. Zero, so that fresh memory is a timer.
const NONE: u16 = 0;
/// At least as many steps: the deadline is further away than the field can say.
const LONG: u16 = u16::MAX;

/// What a look at an instance found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// Nothing to wait for any more, or another entry is the live one.
    Nothing,
    /// A beat came meanwhile: look again at this step.
    Again(Step),
    /// Nothing came: a candidate for a decision. The slot has no live entry any more.
    Due,
}

/// Timeout and whereabouts of one slot.
pub(crate) struct Timer {
    timeout: AtomicU16,
    filed: AtomicU16,
}

impl Default for Timer {
    fn default() -> Timer {
        Timer { timeout: AtomicU16::new(NONE), filed: AtomicU16::new(NONE) }
    }
}

// Relaxed everywhere: `filed` has one writer, who alone reads it. The ticker may see an older `timeout`; a newer one that
// is shorter comes with an entry in the inbox, whose lock orders it, and one that is longer costs a look.
impl Timer {
    /// Sets the next deadline this long after the start of the clock, `None` for never; says whether the inbox must be
    /// told. Under the service's mutex.
    pub(crate) fn arm(&self, timeout: Option<Step>) -> bool {
        let next = timeout.map_or(NONE, |steps| steps.clamp(1, LONG.into()) as u16);
        let last = self.timeout.load(Ordering::Relaxed);
        self.timeout.store(next, Ordering::Relaxed);
        // Of two long ones nobody knows here which comes first.
        next != NONE && (last == NONE || next < last || next == LONG)
    }

    /// Forgets the deadline, so that the next one is told to the inbox whatever it is. Under the service's mutex.
    pub(crate) fn disarm(&self) {
        self.timeout.store(NONE, Ordering::Relaxed);
    }

    /// What an entry that comes up at `now` means, if the clock started at `base`. Only for the ticker.
    #[inline]
    pub(crate) fn look(&self, base: Step, now: Step) -> Look {
        if self.filed.load(Ordering::Relaxed) != mark(now) {
            return Look::Nothing;
        }
        self.filed.store(NONE, Ordering::Relaxed);
        let timeout = self.timeout.load(Ordering::Relaxed);
        let deadline = base.saturating_add(timeout.into());
        match timeout {
            NONE => Look::Nothing,
            _ if deadline > now => Look::Again(deadline),
            _ => Look::Due,
        }
    }

    /// Files the slot for a step unless it is filed for an earlier one; says whether. Both lie less than a lap after
    /// `now`. Only for the ticker.
    #[inline]
    pub(crate) fn file(&self, at: Step, now: Step) -> bool {
        let filed = self.filed.load(Ordering::Relaxed);
        let ahead = |mark: u16| Step::from(mark).wrapping_sub(now.wrapping_add(1)) % BUCKETS;
        if filed != NONE && ahead(filed) <= at - now {
            return false;
        }
        self.filed.store(mark(at), Ordering::Relaxed);
        true
    }
}

/// The bucket of a step, told from `NONE`.
fn mark(step: Step) -> u16 {
    (step % BUCKETS) as u16 + 1
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn only_a_deadline_that_comes_nearer_is_told() {
        let timer = Timer::default();
        assert!(timer.arm(Some(150)), "the first");
        assert!(!timer.arm(Some(150)) && !timer.arm(Some(300)), "the look that comes too early finds out");
        assert!(timer.arm(Some(50)), "nearer");
        assert!(!timer.arm(None));
        assert!(timer.arm(Some(300)), "after never");
        timer.disarm();
        assert!(timer.arm(Some(400)), "after a candidate was decided");
        assert!(timer.arm(Some(100_000)) && timer.arm(Some(90_000)) && timer.arm(Some(100_000)), "who knows");
    }

    #[test]
    fn an_entry_is_live_in_one_bucket() {
        let timer = Timer::default();
        timer.arm(Some(150));
        assert!(timer.file(160, 10));
        assert!(!timer.file(160, 10) && !timer.file(200, 10), "it will be looked at before");
        assert_eq!(timer.look(20, 100), Look::Nothing);
        assert_eq!(timer.look(20, 160), Look::Again(170));
        assert_eq!(timer.look(20, 160), Look::Nothing, "a duplicate");
        assert!(timer.file(170, 160));
        assert!(timer.file(165, 160), "earlier");
        assert_eq!(timer.look(15, 165), Look::Due);
        assert_eq!(timer.look(15, 170), Look::Nothing);
        assert!(timer.file(BUCKETS * 3 - 1, BUCKETS * 2) && timer.file(BUCKETS * 2 + 1, BUCKETS * 2));
        timer.arm(None);
        assert_eq!(timer.look(15, BUCKETS * 2 + 1), Look::Nothing, "nothing to wait for");
    }
}
