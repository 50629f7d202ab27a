//! Slots by the step at which the ticker looks at them.
//!
//! Invariants:
//! - Every bucket is looked at less than a lap after anything was put there: a deadline that lies further away is looked
//!   at on the way. So a bucket holds entries of one step, and those that are not live, which a look at the slot's
//!   [`Timer`] tells; an entry is the number of a slot and nothing else.
//! - Room that is not needed is given back. Entries are in blocks of fixed size, which move from bucket to bucket.

use crate::{sync::Mutex, time::Step, timer::Timer};

/// Steps in a lap.
pub(crate) const BUCKETS: Step = 512;
/// The furthest step for which anything is filed, from now.
const AHEAD_MAX: Step = BUCKETS - 1;
/// A page.
const BLOCK_BYTES: usize = 4096;
/// Blocks at hand: a step of ten million instances empties and fills some hundred of them.
const SPARE_MAX: usize = 128;

/// Part of a chain; never grows.
type Block<T> = Vec<T>;

/// Entries in blocks, so that adding one never moves the others.
struct Chain<T>(Vec<Block<T>>);

impl<T> Default for Chain<T> {
    fn default() -> Chain<T> {
        Chain(Vec::new())
    }
}

impl<T> Chain<T> {
    const BLOCK: usize = BLOCK_BYTES / size_of::<T>();

    #[inline]
    fn push(&mut self, entry: T, spare: &mut Vec<Block<T>>) {
        match self.0.last_mut() {
            Some(last) if last.len() < Self::BLOCK => last.push(entry),
            _ => self.push_block(entry, spare),
        }
    }

    #[cold]
    fn push_block(&mut self, entry: T, spare: &mut Vec<Block<T>>) {
        let mut block = spare.pop().unwrap_or_else(|| Vec::with_capacity(Self::BLOCK));
        block.push(entry);
        self.0.push(block);
    }
}

/// Deadlines that writers hand to the ticker.
#[derive(Default)]
pub(crate) struct Inbox(Mutex<Chain<(u32, Step)>>);

impl Inbox {
    pub(crate) fn push(&self, slot: u32, deadline: Step) {
        self.0.lock().push((slot, deadline), &mut Vec::new());
    }

    pub(crate) fn take(&self) -> impl Iterator<Item = (u32, Step)> {
        std::mem::take(&mut *self.0.lock()).0.into_iter().flatten()
    }
}

/// Slots by step. Only the ticker has it.
pub(crate) struct Wheel {
    buckets: Vec<Chain<u32>>,
    spare: Vec<Block<u32>>,
    now: Step,
}

impl Wheel {
    pub(crate) fn new() -> Wheel {
        Wheel { buckets: (0..BUCKETS).map(|_| Chain::default()).collect(), spare: Vec::new(), now: 0 }
    }

    /// The step that was delivered last.
    pub(crate) fn now(&self) -> Step {
        self.now
    }

    /// Has a slot looked at when its deadline has come: at the next step if that is past, on the way if it is far.
    #[inline]
    pub(crate) fn file(&mut self, slot: u32, timer: &Timer, deadline: Step) {
        let at = deadline.clamp(self.now + 1, self.now + AHEAD_MAX);
        if timer.file(at, self.now) {
            self.buckets[(at % BUCKETS) as usize].push(slot, &mut self.spare);
        }
    }

    /// Moves on to the next step at which there is anything to look at, at most to `end`, and takes what is there.
    pub(crate) fn advance(&mut self, end: Step) -> Vec<Block<u32>> {
        let lap = self.now + 1..=end.min(self.now + AHEAD_MAX);
        let busy = lap.into_iter().find(|step| !self.buckets[(step % BUCKETS) as usize].0.is_empty());
        self.now = busy.unwrap_or(end);
        std::mem::take(&mut self.buckets[(self.now % BUCKETS) as usize]).0
    }

    /// Takes a block back, for other entries.
    pub(crate) fn recycle(&mut self, mut block: Block<u32>) {
        if self.spare.len() < SPARE_MAX {
            block.clear();
            self.spare.push(block);
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::timer::Look;

    /// A ticker, and instances whose clocks started when they beat last.
    struct Town {
        wheel: Wheel,
        timers: Vec<Timer>,
        beats: Vec<Step>,
        /// Who was silent, and when that was seen.
        silent: Vec<(u32, Step)>,
        looks: usize,
    }

    impl Town {
        fn of(timeouts: &[Step]) -> Town {
            let timers: Vec<Timer> = timeouts.iter().map(|_| Timer::default()).collect();
            let beats = vec![0; timeouts.len()];
            let mut town = Town { wheel: Wheel::new(), timers, beats, silent: Vec::new(), looks: 0 };
            for (slot, timeout) in (0..).zip(timeouts) {
                town.arm(slot, *timeout);
            }
            town
        }

        fn arm(&mut self, slot: u32, timeout: Step) {
            let timer = &self.timers[slot as usize];
            if timer.arm(Some(timeout)) {
                self.wheel.file(slot, timer, self.beats[slot as usize] + timeout);
            }
        }

        /// Delivers one busy step, or all that is left up to `end` if there is none.
        fn pass(&mut self, end: Step) {
            for block in self.wheel.advance(end) {
                for slot in &block {
                    self.looks += 1;
                    let timer = &self.timers[*slot as usize];
                    match timer.look(self.beats[*slot as usize], self.wheel.now()) {
                        Look::Nothing => {}
                        Look::Again(deadline) => self.wheel.file(*slot, timer, deadline),
                        Look::Due => self.silent.push((*slot, self.wheel.now())),
                    }
                }
                self.wheel.recycle(block);
            }
        }

        fn pass_until(&mut self, end: Step) {
            while self.wheel.now() < end {
                self.pass(end);
            }
        }

        fn blocks(&self) -> usize {
            self.wheel.spare.len() + self.wheel.buckets.iter().map(|chain| chain.0.len()).sum::<usize>()
        }
    }

    #[test]
    fn every_deadline_is_met_at_its_step_whatever_the_distance() {
        let timeouts = [1, 2, 511, 512, 513, 1_024, 5_000, 65_534];
        let mut town = Town::of(&timeouts);
        town.pass_until(70_000);
        let expected: Vec<(u32, Step)> = (0..).zip(timeouts).collect();
        assert_eq!(town.silent, expected);
    }

    #[test]
    fn years_in_which_nothing_is_due_take_no_time() {
        let mut town = Town::of(&[100]);
        town.pass_until(100);
        assert_eq!(town.silent, [(0, 100)]);
        town.pass(4_000_000_000);
        assert_eq!((town.wheel.now(), town.looks), (4_000_000_000, 1));
    }

    #[test]
    fn what_is_filed_late_comes_up_at_the_next_step() {
        let mut town = Town::of(&[150]);
        town.pass_until(1_000);
        town.timers[0].disarm();
        town.arm(0, 5);
        town.pass_until(1_002);
        assert_eq!(town.silent, [(0, 150), (0, 1_001)]);
    }

    #[test]
    fn deadlines_that_come_and_go_leave_one_live_entry() {
        let mut town = Town::of(&[500]);
        for turn in 0..100 {
            town.beats[0] = town.wheel.now();
            town.arm(0, 300 - turn);
            town.arm(0, 512);
            town.pass_until(town.wheel.now() + 3);
        }
        let (begun, looks) = (town.wheel.now(), town.looks);
        // Multiples of a lap would be filed in the bucket that they come from.
        town.beats[0] = begun;
        town.pass_until(begun + 511);
        assert_eq!(town.silent, []);
        assert!(town.looks - looks <= 102, "each push is looked at once: {}", town.looks - looks);
        let looks = town.looks;
        for _ in 0..20 {
            town.beats[0] = town.wheel.now();
            town.pass_until(town.wheel.now() + 500);
        }
        assert!(town.looks - looks <= 40, "and the live one once a lap: {}", town.looks - looks);
        assert_eq!(town.silent, []);
        town.pass_until(town.wheel.now() + 600);
        assert_eq!(town.silent.len(), 1);
    }

    #[test]
    fn an_hour_of_beats_takes_no_more_room_than_the_first_minute() {
        let slots = 20_000;
        let mut town = Town::of(&vec![150; slots]);
        let mut room = 0;
        for step in 1..36_000 {
            for slot in (step as usize % 50..slots).step_by(50) {
                town.beats[slot] = step;
            }
            town.pass_until(step);
            if step == 600 {
                room = town.blocks();
            }
        }
        assert_eq!(town.silent, []);
        assert!(town.blocks() <= room + room / 4 && room < 1_200, "{} blocks, then {room}", town.blocks());
        town.beats.fill(0);
        town.pass_until(40_000);
        assert_eq!(town.silent.len(), slots);
        assert!(town.blocks() <= SPARE_MAX, "{} blocks for nobody", town.blocks());
    }
}
