//! Where decisions wait for the writer: two batches that change places.
//!
//! One leaf lock, held to append some hundred bytes or to exchange two batches. Under it the place of a loss is known,
//! so it is marked where it happened. In steady state nothing is allocated.

use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use steadfast_core::{Decided, Opening};

use super::{batch::Batch, limits::WAITING_BYTES_MAX};

#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    wake: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    batch: Batch,
    /// Decisions that found no room, and are not marked yet.
    unmarked: u64,
    lost: u64,
    closed: bool,
}

impl Queue {
    pub(super) fn open(&self, opening: Opening) {
        self.waiting.lock().batch.opening = Some(opening);
    }

    /// Takes a decision in, or counts it as lost.
    pub(super) fn push(&self, decided: &Decided<'_>) {
        let mut waiting = self.waiting.lock();
        if waiting.closed || waiting.batch.len() >= WAITING_BYTES_MAX {
            waiting.unmarked += 1;
            waiting.lost += 1;
            return;
        }
        waiting.mark();
        waiting.batch.push(decided);
        if waiting.batch.len() >= WAITING_BYTES_MAX / 2 {
            // Before it is full. The writer also wakes by itself.
            self.wake.notify_one();
        }
    }

    pub(super) fn close(&self) {
        self.waiting.lock().closed = true;
        self.wake.notify_all();
    }

    /// How many decisions found no room.
    pub(super) fn lost(&self) -> u64 {
        self.waiting.lock().lost
    }

    /// Exchanges what waits for an empty batch, after `pause` or when much waits; says whether the end has come.
    pub(super) fn take(&self, batch: &mut Batch, pause: Duration) -> bool {
        let mut waiting = self.waiting.lock();
        if !waiting.closed && waiting.batch.len() < WAITING_BYTES_MAX / 2 {
            self.wake.wait_for(&mut waiting, pause);
        }
        waiting.mark();
        batch.clear();
        batch.opening = waiting.batch.opening;
        std::mem::swap(&mut waiting.batch, batch);
        waiting.closed
    }
}

impl Waiting {
    fn mark(&mut self) {
        if self.unmarked > 0 {
            self.batch.push_lost(std::mem::take(&mut self.unmarked));
        }
    }
}
