//! Slots of all instances, remembered ones included: gates, timers, keys and places in arrays of their own.
//!
//! Invariants:
//! - Chunks never move and stay until the registry is freed, so a slot number is always safe to look at.
//! - A slot's key is written while its gate is FREE and stays until the gate is FREE again.
//! - A freed slot rests before it is used again, so a beat that stalls between its two instructions cannot land on
//!   somebody else.

use std::collections::VecDeque;

use crate::{
    gate::Gate,
    handle::Handle,
    key::Key,
    limits::{INSTANCES_MAX, SLOT_REST_MS},
    prefetch::prefetch,
    sync::{AtomicU32, AtomicU64, Mutex, OnceLock, Ordering},
    time::{STEP_MS, Step},
    timer::Timer,
};

const CHUNK: usize = 16 * 1024;
const REST: Step = (SLOT_REST_MS / STEP_MS) as Step;

/// All slots of a registry.
pub(crate) struct Slots {
    chunks: Box<[OnceLock<Chunk>]>,
    free: Mutex<FreeList>,
    /// How many there may be; at most [`INSTANCES_MAX`].
    max: usize,
    /// Where generations start.
    seed: u32,
}

struct Chunk {
    gates: Box<[Gate]>,
    timers: Box<[Timer]>,
    keys: Box<[[AtomicU64; 2]]>,
    /// Where the instance stands in its service's roster.
    places: Box<[AtomicU32]>,
}

#[derive(Default)]
struct FreeList {
    next: u32,
    /// Freed slots and when, oldest first.
    resting: VecDeque<(u32, Step)>,
}

impl Slots {
    pub(crate) fn new(seed: u32, max: usize) -> Slots {
        let max = max.min(INSTANCES_MAX);
        Slots {
            chunks: (0..max.div_ceil(CHUNK)).map(|_| OnceLock::new()).collect(),
            free: Mutex::new(FreeList::default()),
            max,
            seed,
        }
    }

    pub(crate) fn max(&self) -> usize {
        self.max
    }

    /// Whether a slot can be had now.
    pub(crate) fn has_room(&self, now: Step) -> bool {
        let free = self.free.lock();
        free.rested(now) || (free.next as usize) < self.max
    }

    /// Takes a slot for the instance at `key`; its gate is shut. `None` when the registry is full.
    pub(crate) fn occupy(&self, key: Key, now: Step) -> Option<Handle> {
        let slot = self.free.lock().take(now, self.max)?;
        let chunk = self.chunks[slot as usize / CHUNK].get_or_init(|| Chunk::new(self.seed));
        let at = slot as usize % CHUNK;
        let [first, second] = key.to_words();
        // Relaxed: `occupy` below releases them.
        chunk.keys[at][0].store(first, Ordering::Relaxed);
        chunk.keys[at][1].store(second, Ordering::Relaxed);
        // The deadline of whoever had the slot before is nobody's.
        chunk.timers[at].disarm();
        Some(Handle::new(chunk.gates[at].occupy(now), slot))
    }

    /// Gives a slot back.
    pub(crate) fn release(&self, slot: u32, now: Step) {
        if let Some(gate) = self.gate(slot) {
            gate.free();
            self.free.lock().resting.push_back((slot, now));
        }
    }

    #[inline]
    pub(crate) fn gate(&self, slot: u32) -> Option<&Gate> {
        self.chunk(slot).map(|(chunk, at)| &chunk.gates[at])
    }

    pub(crate) fn timer(&self, slot: u32) -> Option<&Timer> {
        self.chunk(slot).map(|(chunk, at)| &chunk.timers[at])
    }

    /// The key of a slot. Whoever must be sure that it belongs to a generation compares that before and after.
    #[inline]
    pub(crate) fn key(&self, slot: u32) -> Option<Key> {
        let (chunk, at) = self.chunk(slot)?;
        let [first, second] = &chunk.keys[at];
        Some(Key::from_words([first.load(Ordering::Relaxed), second.load(Ordering::Relaxed)]))
    }

    /// Where the instance of a slot stands in its service's roster. Relaxed, here and below: the service's mutex orders
    /// everything about a place, and whoever has another service's slot compares what stands there.
    pub(crate) fn place(&self, slot: u32) -> Option<usize> {
        self.chunk(slot).map(|(chunk, at)| chunk.places[at].load(Ordering::Relaxed) as usize)
    }

    /// Under the service's mutex.
    pub(crate) fn set_place(&self, slot: u32, place: usize) {
        if let Some((chunk, at)) = self.chunk(slot) {
            chunk.places[at].store(place as u32, Ordering::Relaxed);
        }
    }

    /// Has the gate of a slot brought near, for a beat that comes soon.
    #[inline]
    pub(crate) fn prefetch_gate(&self, slot: u32) {
        if let Some((chunk, at)) = self.chunk(slot) {
            prefetch(&chunk.gates[at]);
        }
    }

    /// The same for gate and timer, for the ticker.
    #[inline]
    pub(crate) fn prefetch_look(&self, slot: u32) {
        if let Some((chunk, at)) = self.chunk(slot) {
            prefetch(&chunk.gates[at]);
            prefetch(&chunk.timers[at]);
        }
    }

    /// The same for the key.
    #[inline]
    pub(crate) fn prefetch_key(&self, slot: u32) {
        if let Some((chunk, at)) = self.chunk(slot) {
            prefetch(&chunk.keys[at]);
        }
    }

    #[inline]
    fn chunk(&self, slot: u32) -> Option<(&Chunk, usize)> {
        let chunk = self.chunks.get(slot as usize / CHUNK)?.get()?;
        Some((chunk, slot as usize % CHUNK))
    }
}

impl Chunk {
    fn new(seed: u32) -> Chunk {
        Chunk {
            gates: (0..CHUNK).map(|_| Gate::new(seed)).collect(),
            timers: (0..CHUNK).map(|_| Timer::default()).collect(),
            keys: (0..CHUNK).map(|_| Default::default()).collect(),
            places: (0..CHUNK).map(|_| AtomicU32::default()).collect(),
        }
    }
}

impl FreeList {
    /// Whether one has rested long enough.
    fn rested(&self, now: Step) -> bool {
        self.resting.front().is_some_and(|(_, freed)| now.saturating_sub(*freed) >= REST)
    }

    fn take(&mut self, now: Step, max: usize) -> Option<u32> {
        if self.rested(now) {
            return self.resting.pop_front().map(|(slot, _)| slot);
        }
        if (self.next as usize) < max {
            self.next += 1;
            return Some(self.next - 1);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_freed_slot_rests_and_its_old_handle_is_stale() {
        let slots = Slots::new(7, INSTANCES_MAX);
        let key = Key::from_words([7, 9]);
        let first = slots.occupy(key, 0).unwrap();
        slots.release(first.slot(), 10);
        let second = slots.occupy(key, 10 + REST - 1).unwrap();
        assert_ne!(second.slot(), first.slot(), "still resting");
        let third = slots.occupy(key, 10 + REST).unwrap();
        assert_eq!(third.slot(), first.slot());
        assert_ne!(third.generation(), first.generation());
        assert_eq!(slots.key(third.slot()), Some(key));
    }

    #[test]
    fn any_number_is_safe_to_look_at() {
        let slots = Slots::new(7, INSTANCES_MAX);
        for slot in [0, 1, CHUNK as u32, INSTANCES_MAX as u32, u32::MAX] {
            assert!(slots.gate(slot).is_none());
        }
    }
}
