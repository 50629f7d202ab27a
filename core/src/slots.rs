//! Slots of all instances, remembered ones included: gates, keys, and what the clock and the roster keep, in arrays of
//! their own.
//!
//! Invariants:
//! - Chunks never move and stay until the registry is freed, so a slot number is always safe to look at.
//! - A slot's key is written while its gate is FREE and stays until the gate is FREE again.
//! - A freed slot rests before it is used again, so a beat that stalls between its two instructions cannot land on
//!   somebody else.
#![allow(unsafe_code)]

use std::{array::from_fn, collections::VecDeque, ptr::null_mut};

use crate::{
    gate::Gate,
    handle::Handle,
    key::Key,
    limits::{INSTANCES_MAX, SLOT_REST_MS},
    pages::{Blank, Pages},
    prefetch::prefetch,
    sync::{AtomicPtr, AtomicU32, AtomicU64, Mutex, OnceLock, Ordering},
    time::{STEP_MS, Step},
    timer::Timer,
};

/// Gates of a chunk fill a large page. Few where every schedule of a checker makes its own.
const CHUNK: usize = if cfg!(shuttle) { 16 } else { 256 * 1024 };
const CHUNKS: usize = if cfg!(shuttle) { 64 } else { INSTANCES_MAX / CHUNK };
const REST: Step = (SLOT_REST_MS / STEP_MS) as Step;

/// All slots of a registry.
pub(crate) struct Slots {
    /// The first gate of each chunk that is there: all that a beat has to know.
    gates: [AtomicPtr<Gate>; CHUNKS],
    chunks: [OnceLock<Chunk>; CHUNKS],
    free: Mutex<FreeList>,
    /// How many there may be; at most [`INSTANCES_MAX`].
    max: usize,
    /// Where generations start.
    seed: u32,
}

struct Chunk {
    gates: Pages<Gate>,
    keys: Pages<[AtomicU64; 2]>,
    notes: Pages<Note>,
}

/// What the ticker and the service keep of a slot.
#[derive(Default)]
struct Note {
    timer: Timer,
    /// Where the instance stands in its service's roster.
    place: AtomicU32,
}

// SAFETY: two atomic integers, and an atomic integer is as good as the integer in it; the default is two zeros.
unsafe impl Blank for Gate {}
// SAFETY: the same.
unsafe impl Blank for Timer {}
// SAFETY: two values of which zero bytes are the default.
unsafe impl Blank for Note {}

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
            gates: from_fn(|_| AtomicPtr::new(null_mut())),
            chunks: from_fn(|_| OnceLock::new()),
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
        let (slot, is_new) = self.free.lock().take(now, self.max)?;
        let (chunk, at) = self.chunk_or_create(slot);
        if is_new {
            chunk.gates[at].begin(self.seed);
        }
        let [first, second] = key.to_words();
        // Relaxed: `occupy` below releases them.
        chunk.keys[at][0].store(first, Ordering::Relaxed);
        chunk.keys[at][1].store(second, Ordering::Relaxed);
        // The deadline of whoever had the slot before is nobody's.
        chunk.notes[at].timer.disarm();
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
        // Acquire pairs with the Release of `chunk_or_create`: who sees the pointer sees blank gates.
        let gates = self.gates.get(slot as usize / CHUNK)?.load(Ordering::Acquire);
        if gates.is_null() {
            return None;
        }
        // SAFETY: a pointer that is not null is the first of CHUNK gates, which live as long as `self`.
        Some(unsafe { &*gates.add(slot as usize % CHUNK) })
    }

    #[inline]
    pub(crate) fn timer(&self, slot: u32) -> Option<&Timer> {
        self.chunk(slot).map(|(chunk, at)| &chunk.notes[at].timer)
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
        self.chunk(slot).map(|(chunk, at)| chunk.notes[at].place.load(Ordering::Relaxed) as usize)
    }

    /// Under the service's mutex.
    pub(crate) fn set_place(&self, slot: u32, place: usize) {
        if let Some((chunk, at)) = self.chunk(slot) {
            chunk.notes[at].place.store(place as u32, Ordering::Relaxed);
        }
    }

    /// Has the gate of a slot brought near, for a beat that comes soon.
    #[inline]
    pub(crate) fn prefetch_gate(&self, slot: u32) {
        if let Some(gate) = self.gate(slot) {
            prefetch(gate);
        }
    }

    /// The same for gate and timer, for the ticker.
    #[inline]
    pub(crate) fn prefetch_look(&self, slot: u32) {
        if let Some((chunk, at)) = self.chunk(slot) {
            prefetch(&chunk.gates[at]);
            prefetch(&chunk.notes[at]);
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

    fn chunk_or_create(&self, slot: u32) -> (&Chunk, usize) {
        let number = slot as usize / CHUNK;
        let chunk = self.chunks[number].get_or_init(|| Chunk::new(number));
        // Release: see `gate`. Whoever else stores, stores the same.
        self.gates[number].store(chunk.gates.as_ptr().cast_mut(), Ordering::Release);
        (chunk, slot as usize % CHUNK)
    }
}

impl Chunk {
    fn new(number: usize) -> Chunk {
        // The first one may be all that a small registry ever has.
        let large = number > 0;
        Chunk { gates: Pages::new(CHUNK, large), keys: Pages::new(CHUNK, large), notes: Pages::new(CHUNK, large) }
    }
}

impl FreeList {
    /// Whether one has rested long enough.
    fn rested(&self, now: Step) -> bool {
        self.resting.front().is_some_and(|(_, freed)| now.saturating_sub(*freed) >= REST)
    }

    /// A slot, and whether it was never used.
    fn take(&mut self, now: Step, max: usize) -> Option<(u32, bool)> {
        if self.rested(now) {
            return self.resting.pop_front().map(|(slot, _)| (slot, false));
        }
        if (self.next as usize) < max {
            self.next += 1;
            return Some((self.next - 1, true));
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
            assert!(slots.gate(slot).is_none() && slots.key(slot).is_none());
        }
        slots.occupy(Key::from_words([7, 9]), 0).unwrap();
        assert_eq!(slots.gate(1).map(Gate::generation), Some(0), "never used");
        assert!(slots.gate(CHUNK as u32).is_none());
    }
}
