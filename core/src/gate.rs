//! The hot eight bytes of an instance: a gate that beats pass without asking anybody.
//!
//! `word` holds the slot's generation and its gate. While the gate is OPEN a beat would change nothing, so it only
//! stores its time. Everything that could make a beat matter (silence, an order that a beat overrules, a memo that
//! counts) shuts the gate, and the beat takes the service's mutex instead.
//!
//! Invariants:
//! - `word` is written under the service's mutex only, before the decision it belongs to is published.
//! - `beat` never goes backwards while the slot belongs to one instance.
//! - A beat that was acknowledged through an open gate is seen by the expiry that follows, or expiry shut the gate
//!   before the beat looked at it a second time and the beat was not acknowledged here: never both. The model in
//!   `tests/loom.rs` checks this, and that the variants without the barrier or without the mutex break it.

#![allow(unreachable_pub, reason = "the models in tests/loom.rs use it from outside")]

#[cfg(shuttle)]
use crate::faults;
use crate::{
    barrier,
    sync::{AtomicU32, Ordering},
    time::Step,
};

/// Nobody is here.
const FREE: u32 = 0;
/// A beat would change nothing.
const OPEN: u32 = 1;
/// A beat must be decided.
const SHUT: u32 = 2;
const GATE_BITS: u32 = 2;
const GENERATION_MAX: u32 = (1 << (32 - GATE_BITS)) - 1;

/// Generation, gate and time of the last beat.
#[derive(Debug)]
pub struct Gate {
    word: AtomicU32,
    beat: AtomicU32,
}

/// Of a slot that was never used: no handle fits generation 0.
impl Default for Gate {
    fn default() -> Gate {
        Gate { word: AtomicU32::new(FREE), beat: AtomicU32::new(0) }
    }
}

impl Gate {
    /// A free slot, for tests and models.
    #[cfg(any(test, loom))]
    pub fn new(seed: u32) -> Gate {
        let gate = Gate::default();
        gate.begin(seed);
        gate
    }

    /// Gives a slot that was never used its first generation, that of `seed`: a handle that outlived its registry is
    /// then as unlikely to fit the next one as any forged number.
    pub fn begin(&self, seed: u32) {
        let generation = (seed & GENERATION_MAX).max(1);
        // Relaxed: it is free before and after, and `occupy` releases.
        self.word.store(generation << GATE_BITS | FREE, Ordering::Relaxed);
    }

    /// Takes a beat if the gate is open. No lock, no read-modify-write, no allocation, no clock.
    #[inline]
    pub fn beat(&self, generation: u32, now: Step) -> bool {
        let open = generation << GATE_BITS | OPEN;
        // Acquire pairs with the Release of `write`: a beat that finds the gate of a new table or order open runs
        // after everything that the writer did before opening it.
        if self.word.load(Ordering::Acquire) != open {
            return false;
        }
        // Relaxed: the time is a number of its own; its order against `word` is the barrier's business. The check
        // keeps clients that beat too often from dirtying the cache line, and the time from going backwards. Where
        // another beat's time is found, the barrier orders that load, so the sweeper sees the other's store too.
        if self.beat.load(Ordering::Relaxed) < now {
            self.beat.store(now, Ordering::Relaxed);
        }
        #[cfg(shuttle)]
        if faults::is(faults::Fault::BeatLooksOnce) {
            return true;
        }
        barrier::light();
        // Relaxed: the barrier orders this load after the store above; equality is all that matters.
        self.word.load(Ordering::Relaxed) == open
    }

    /// The generation now.
    pub fn generation(&self) -> u32 {
        // Acquire: whoever reads a generation goes on to read the slot's key, which was written before it.
        self.word.load(Ordering::Acquire) >> GATE_BITS
    }

    /// Opens or shuts the gate. Under the service's mutex.
    pub fn set_open(&self, open: bool) {
        self.write(if open { OPEN } else { SHUT });
    }

    /// Takes the slot into use, shut. Under the service's mutex.
    pub fn occupy(&self, now: Step) -> u32 {
        self.beat.store(now, Ordering::Relaxed);
        self.write(SHUT);
        self.generation()
    }

    /// Gives the slot back: every handle to it is stale from here on. Under the service's mutex.
    pub fn free(&self) {
        let generation = self.generation();
        let next = if generation == GENERATION_MAX { 1 } else { generation + 1 };
        self.word.store(next << GATE_BITS | FREE, Ordering::Release);
    }

    fn write(&self, gate: u32) {
        // Relaxed load: only the holder of the mutex writes `word`. Release: see `beat`.
        let generation = self.word.load(Ordering::Relaxed) >> GATE_BITS;
        self.word.store(generation << GATE_BITS | gate, Ordering::Release);
    }

    /// When the last beat came, in registry time. Reliable only while the gate is shut and `barrier::heavy` ran since.
    pub fn last_beat(&self) -> Step {
        self.beat.load(Ordering::Relaxed)
    }

    /// Starts the silence (or absence) clock. Under the service's mutex. A beat that came through the open gate since
    /// the caller read the time is not taken back: deadlines only move away.
    pub fn restart_clock(&self, now: Step) {
        if self.beat.load(Ordering::Relaxed) < now {
            self.beat.store(now, Ordering::Relaxed);
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn only_an_open_gate_of_the_right_generation_takes_beats() {
        let gate = Gate::new(1);
        assert!(!gate.beat(gate.generation(), 5), "free");
        let generation = gate.occupy(3);
        assert!(!gate.beat(generation, 5), "shut");
        gate.set_open(true);
        assert!(gate.beat(generation, 5));
        assert!(gate.beat(generation, 4), "an older time is acknowledged");
        assert_eq!(gate.last_beat(), 5, "but does not go backwards");
        gate.free();
        assert!(!gate.beat(generation, 6), "stale");
        assert_ne!(gate.generation(), generation);
    }

    #[test]
    fn generations_wrap_around_zero() {
        let gate = Gate { word: AtomicU32::new(GENERATION_MAX << GATE_BITS | SHUT), beat: AtomicU32::new(0) };
        gate.free();
        assert_eq!(gate.generation(), 1);
    }
}
