//! How other threads reach the one that watches: a bell with a note, bounded whatever happens in the folder.

use std::{
    sync::{Condvar, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// What the watching thread is told.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Note {
    /// End.
    pub(crate) stop: bool,
    /// Make this the active policy.
    pub(crate) select: Option<String>,
    /// Something may have changed in the folder.
    pub(crate) look: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Bell {
    note: Mutex<Note>,
    rung: Condvar,
}

impl Bell {
    pub(crate) fn ring(&self, write: impl FnOnce(&mut Note)) {
        write(&mut self.note.lock().unwrap_or_else(PoisonError::into_inner));
        self.rung.notify_all();
    }

    /// Waits for a ring or until `deadline`, and takes the note.
    pub(crate) fn wait_until(&self, deadline: Instant) -> Note {
        let note = self.note.lock().unwrap_or_else(PoisonError::into_inner);
        let patience = deadline.saturating_duration_since(Instant::now());
        let waited = self.rung.wait_timeout_while(note, patience, |note| *note == Note::default());
        std::mem::take(&mut waited.unwrap_or_else(PoisonError::into_inner).0)
    }

    /// Lets some time pass, so that a storm of changes is looked at once. A stop ends the pause.
    pub(crate) fn pause(&self, time: Duration) {
        let note = self.note.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.rung.wait_timeout_while(note, time, |note| !note.stop));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_gather_until_they_are_taken() {
        let bell = Bell::default();
        bell.ring(|note| note.look = true);
        bell.ring(|note| note.select = Some("a".into()));
        bell.ring(|note| note.select = Some("b".into()));
        let note = bell.wait_until(Instant::now() + Duration::from_mins(1));
        assert_eq!(note, Note { stop: false, select: Some("b".into()), look: true });
        assert_eq!(bell.wait_until(Instant::now()), Note::default());
    }
}
