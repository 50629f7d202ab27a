//! Deadlines: a word beside each gate and a lazy wheel.
//!
//! A beat never touches the wheel. An entry that comes up is compared with the last beat and filed again when it came
//! too early, so each instance is looked at once per timeout, not once per beat.
//!
//! Invariants:
//! - `timer` holds when its one live entry is due and how long after the last beat the next deadline lies. An entry
//!   that comes up at any other time than `due` is dropped.
//! - Whoever makes a deadline *earlier* moves `due` and pushes an entry to the inbox; a later deadline only changes
//!   the timeout, and the entry that comes up too early finds out.

use crate::{
    sync::{AtomicU64, Mutex, Ordering},
    time::Step,
};

const NEVER: Step = Step::MAX;
const BUCKETS: usize = 512;

/// Due time and timeout of one slot.
pub(crate) struct Timer(AtomicU64);

impl Default for Timer {
    fn default() -> Timer {
        Timer(AtomicU64::new(pack(NEVER, NEVER)))
    }
}

fn pack(due: Step, timeout: Step) -> u64 {
    u64::from(due) << 32 | u64::from(timeout)
}

fn unpack(word: u64) -> (Step, Step) {
    ((word >> 32) as Step, word as Step)
}

/// What to do with an entry that came up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Popped {
    /// It is not the live one.
    Stale,
    /// A beat came meanwhile; file it at this time.
    Again(Step),
    /// Nothing came: a candidate for a decision. The slot has no live entry any more.
    Due,
}

impl Timer {
    /// Sets the next deadline `timeout` after `base`, `None` for never; an entry to file, if one is needed.
    pub(crate) fn arm(&self, base: Step, timeout: Option<Step>) -> Option<Step> {
        let timeout = timeout.unwrap_or(NEVER);
        let wanted = base.saturating_add(timeout);
        let mut word = self.0.load(Ordering::Relaxed);
        loop {
            let (due, _) = unpack(word);
            let earlier = wanted < due;
            let next = pack(if earlier { wanted } else { due }, timeout);
            // Relaxed: the wheel's locks order the entry; the word only has to change atomically against `pop`.
            match self.0.compare_exchange_weak(word, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return earlier.then_some(wanted),
                Err(now) => word = now,
            }
        }
    }

    /// The entry filed for `filed` came up at `now`, and the last beat was at `base`.
    pub(crate) fn pop(&self, filed: Step, now: Step, base: Step) -> Popped {
        let mut word = self.0.load(Ordering::Relaxed);
        loop {
            let (due, timeout) = unpack(word);
            if due != filed {
                return Popped::Stale;
            }
            let deadline = base.saturating_add(timeout);
            let (next, popped) = if timeout == NEVER {
                (pack(NEVER, timeout), Popped::Stale)
            } else if deadline > now {
                (pack(deadline, timeout), Popped::Again(deadline))
            } else {
                (pack(NEVER, timeout), Popped::Due)
            };
            match self.0.compare_exchange_weak(word, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return popped,
                Err(now) => word = now,
            }
        }
    }
}

/// A slot and when to look at it.
type Entry = (u32, Step);

/// Entries that writers hand to the ticker.
#[derive(Default)]
pub(crate) struct Inbox(Mutex<Vec<Entry>>);

impl Inbox {
    pub(crate) fn push(&self, slot: u32, due: Step) {
        self.0.lock().push((slot, due));
    }

    fn take(&self) -> Vec<Entry> {
        std::mem::take(&mut *self.0.lock())
    }
}

/// Entries by due time. Only the ticker has it.
pub(crate) struct Wheel {
    buckets: Vec<Vec<Entry>>,
    now: Step,
}

impl Wheel {
    pub(crate) fn new() -> Wheel {
        Wheel { buckets: vec![Vec::new(); BUCKETS], now: 0 }
    }

    pub(crate) fn now(&self) -> Step {
        self.now
    }

    /// Files an entry; one that is already due comes up at the next step.
    pub(crate) fn file(&mut self, slot: u32, due: Step) {
        let at = due.max(self.now + 1);
        self.buckets[at as usize % BUCKETS].push((slot, due));
    }

    /// Moves on by one step and takes what is due.
    pub(crate) fn advance(&mut self, inbox: &Inbox) -> Vec<Entry> {
        for (slot, due) in inbox.take() {
            self.file(slot, due);
        }
        self.now += 1;
        let now = self.now;
        let bucket = &mut self.buckets[now as usize % BUCKETS];
        if bucket.is_empty() {
            return Vec::new();
        }
        bucket.extract_if(.., |(_, due)| *due <= now).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_live_only_at_its_own_time() {
        let timer = Timer::default();
        assert_eq!(timer.arm(10, Some(150)), Some(160));
        assert_eq!(timer.arm(20, Some(150)), None, "later: the entry finds out");
        assert_eq!(timer.pop(100, 100, 20), Popped::Stale);
        assert_eq!(timer.pop(160, 160, 20), Popped::Again(170));
        assert_eq!(timer.pop(160, 160, 20), Popped::Stale);
        assert_eq!(timer.arm(20, Some(50)), Some(70), "earlier: a new entry");
        assert_eq!(timer.pop(170, 170, 20), Popped::Stale);
        assert_eq!(timer.pop(70, 75, 20), Popped::Due);
        assert_eq!(timer.arm(70, None), None);
    }

    #[test]
    fn the_wheel_delivers_in_time_whatever_the_distance() {
        let (mut wheel, inbox) = (Wheel::new(), Inbox::default());
        for due in [1, 2, 511, 512, 513, 5_000] {
            inbox.push(due, due);
        }
        let mut delivered = Vec::new();
        for _ in 0..6_000 {
            let entries = wheel.advance(&inbox);
            delivered.extend(entries.into_iter().map(|(slot, due)| (slot, due, wheel.now())));
        }
        assert_eq!(delivered.len(), 6);
        assert!(delivered.iter().all(|(slot, due, at)| slot == due && due == at), "{delivered:?}");
    }
}
