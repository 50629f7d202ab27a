//! One instance in a replay: the recorded state and the other one.

use steadfast_core::policy::{Hold, Input, State, Traffic};

/// What is kept of an instance between two decisions.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "independent yes-or-no facts, not a state machine")]
pub(super) struct Track {
    /// What the recording says.
    pub(super) recorded: State,
    /// What the candidate would have made of it.
    pub(super) candidate: State,
    /// When the candidate's clock of silence or absence started, in registry time.
    pub(super) since_ms: u64,
    /// The same for the recording, of an instance that is absent there.
    pub(super) recorded_since_ms: u64,
    /// Whether the instance is known to be silent since `since_ms`: beats are recorded from here on.
    pub(super) silent: bool,
    /// Whether orders stand that the candidate has not cleared.
    pub(super) ordered: bool,
    /// Which start of the registry.
    pub(super) run: u32,
    /// The last recorded decision: its time, its wall time, its policy and reason.
    pub(super) time_ms: u64,
    pub(super) wall_ms: u64,
    pub(super) policy: u32,
    pub(super) reason: u8,
    /// The candidate's last reason.
    pub(super) candidate_reason: u8,
    /// The class by names alone, under the candidate.
    pub(super) class: u8,
    /// Whether it was ever decided about.
    pub(super) is_met: bool,
    /// How the two differ now, as a number; 0 where they agree.
    pub(super) differs: u16,
    pub(super) has_differed: bool,
}

impl Track {
    pub(super) fn new(class: u8) -> Track {
        Track {
            recorded: State::EMPTY,
            candidate: State::EMPTY,
            since_ms: 0,
            recorded_since_ms: 0,
            silent: false,
            ordered: false,
            run: 0,
            time_ms: 0,
            wall_ms: 0,
            policy: 0,
            reason: 0,
            candidate_reason: 0,
            class,
            is_met: false,
            differs: 0,
            has_differed: false,
        }
    }

    /// Whether a decision on `before` can follow what is recorded. Between two decisions only a tombstone is dropped, and
    /// classes are looked at anew; a swap also looks anew at which orders count.
    pub(super) fn leads_to(&self, before: &State, input: Input) -> bool {
        let recorded = match input {
            Input::Swap { .. } => State { hold: before.hold, ..self.recorded },
            _ => self.recorded,
        };
        is_same(&recorded, before) || is_same(&recorded.forgotten(), before)
    }

    /// The registry started again: ephemeral instances are gone, persistent ones come back by a recover event.
    pub(super) fn restart(&mut self, run: u32) {
        let of = |state: &State| {
            if state.present && !state.ephemeral {
                let (healthy, traffic) = (true, Traffic::Serve);
                State { band: 0, probe: State::EMPTY.probe, healthy, traffic, ..*state }
            } else {
                state.forgotten()
            }
        };
        (self.recorded, self.candidate) = (of(&self.recorded), of(&self.candidate));
        (self.run, self.since_ms, self.recorded_since_ms, self.silent) = (run, 0, 0, false);
    }

    /// Takes over the recorded outcome of a decision at `time_ms`.
    pub(super) fn record(&mut self, next: State, time_ms: u64, restarts_clock: bool, ordered: bool) {
        if restarts_clock || next.present != self.recorded.present {
            self.recorded_since_ms = time_ms;
        }
        self.recorded = next;
        if next.remembered && !next.is_worth_remembering() && !ordered {
            self.recorded = next.forgotten();
        }
    }

    /// Notes that a tombstone which was worth keeping is gone before the next decision, by time or for want of room; then
    /// the candidate's is gone too, if it stands for the same absence.
    pub(super) fn forget_alike(&mut self, before: &State) {
        let is_gone = self.recorded.remembered && is_unknown(before);
        if is_gone && !self.candidate.present && self.has_same_clock() {
            self.candidate = self.candidate.forgotten();
        }
    }

    pub(super) fn has_same_clock(&self) -> bool {
        self.since_ms == self.recorded_since_ms
    }

    /// Drops the candidate's tombstone where it would remember nothing.
    pub(super) fn drop_empty_tombstone(&mut self) {
        let state = &self.candidate;
        if state.remembered && !state.is_worth_remembering() && !self.ordered {
            self.candidate = state.forgotten();
        }
    }
}

fn is_same(one: &State, other: &State) -> bool {
    let is_gone = |state: &State| !state.present && !state.remembered;
    if is_gone(one) && is_gone(other) {
        // Of nobody, only orders are known.
        return one.hold == other.hold;
    }
    State { class: other.class, ..*one } == *other
}

/// Whether nothing is there that a policy could be asked about at a swap.
pub(super) fn is_unknown(state: &State) -> bool {
    !state.present && !state.remembered
}

/// Whether both answer the same to whoever asks.
pub(super) fn agree(one: &State, other: &State) -> bool {
    let answer = |state: &State| {
        let State { present, healthy, traffic, hold, .. } = *state;
        let shown: (bool, Option<(bool, Traffic)>, Hold) = (present, present.then_some((healthy, traffic)), hold);
        shown
    };
    answer(one) == answer(other)
}
