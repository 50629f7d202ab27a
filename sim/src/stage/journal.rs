//! What the registry takes down of its decisions is what was decided.

use std::sync::{Mutex, PoisonError};

use steadfast_core::{Decided, Journal, Opening, STEP_MS};
use steadfast_policy::{Event, Hold, Verdict};

use super::{Stage, Wrong};
use crate::world::{self, Place};

/// A journal that keeps one event's decisions.
#[derive(Debug, Default)]
pub(super) struct Notebook(Mutex<Vec<Note>>);

/// A decision as the journal tells it.
#[derive(Clone, Debug, PartialEq)]
struct Note {
    at: Option<Place>,
    event: Event,
    /// Whether it was there before, and with which hold and memo.
    before: (bool, Hold, u8),
    verdict: Verdict,
    epoch: u64,
    digest: String,
    time_ms: u64,
    ordered: bool,
}

impl Notebook {
    pub(super) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The memo that somebody came back with after a restart, if the restart decided anything about it.
    pub(super) fn memo_of_recovered(&self, at: Place) -> Option<u8> {
        let recovered = |note: &&Note| note.at == Some(at) && note.event == Event::Recover;
        self.notes().iter().find(recovered).map(|note| note.before.2)
    }

    fn notes(&self) -> Vec<Note> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Journal for Notebook {
    fn opened(&self, _: Opening) {}

    fn record(&self, decided: &Decided<'_>) {
        let place = world::place_of(decided.service, decided.address);
        let before = decided.before;
        let note = Note {
            at: place,
            event: decided.input.event(),
            before: (before.present, before.hold, before.memo),
            verdict: decided.verdict,
            epoch: decided.policy.epoch,
            digest: decided.policy.digest.to_owned(),
            time_ms: decided.time_ms,
            ordered: decided.ordered,
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(note);
    }

    fn closed(&self) {}
}

/// Puts the notes of one place together. Of several holds that end in one tick, an end that was planned under an earlier
/// policy may be looked at first, so only where the ends lead to is compared.
fn settle_ends(notes: &mut Vec<Note>) {
    notes.sort_by_key(|note| note.at);
    for note in notes.iter_mut().filter(|note| note.event == Event::Release) {
        (note.before, note.ordered) = ((note.before.0, Hold::None, 0), false);
    }
    notes.dedup_by(|later, earlier| {
        let same = later.event == Event::Release && (later.at, later.event) == (earlier.at, earlier.event);
        if same {
            *earlier = later.clone();
        }
        same
    });
}

impl Stage {
    /// Every decision of the event is in the journal, once, and nothing else; those of one place in their order.
    pub(super) fn check_journal(&self) -> Result<(), Wrong> {
        let mut taken = self.running().notebook.notes();
        let note = |decided: &crate::model::Decided| Note {
            at: Some(decided.at),
            event: decided.facts.event,
            before: decided.before,
            verdict: decided.verdict,
            epoch: decided.epoch,
            digest: decided.digest.clone(),
            time_ms: u64::from(decided.step) * STEP_MS,
            ordered: decided.ordered,
        };
        let mut made: Vec<Note> = self.model.decided.iter().filter(|decided| !decided.inert).map(note).collect();
        settle_ends(&mut taken);
        settle_ends(&mut made);
        if taken == made {
            return Ok(());
        }
        let differs = taken.iter().zip(&made).position(|(taken, made)| taken != made);
        let at = differs.unwrap_or(taken.len().min(made.len()));
        Err(Wrong::new("journal", format!("it says {:?}; decided was {:?}", taken.get(at), made.get(at))))
    }
}
