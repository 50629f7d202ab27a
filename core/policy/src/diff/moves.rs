//! What can happen to both policies at once, apart from classes.

use alloc::{collections::BTreeMap, rc::Rc, vec::Vec};

use crate::{Facts, Hold, Input, Manifest, Probe, Process, State, Table, Threshold, fold, graph::Act};

/// One event, as both policies see it; where it names a class, that is 0 here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Move {
    /// An input.
    Input(Input),
    /// Silence has reached a duration, in milliseconds.
    Silence(u64),
    /// Absence has reached a duration, in milliseconds.
    Absence(u64),
    /// An order has reached an age, in milliseconds.
    Lapse(u64),
    /// The tombstone is dropped.
    Forget,
    /// The registry restarts.
    Restart,
}

impl Move {
    /// Whether the classes after it are those that it names.
    pub(super) fn names_class(self) -> bool {
        matches!(self, Move::Input(Input::Register { .. } | Input::Claim { .. } | Input::Overlay { .. }))
    }

    /// What it is to one of the policies; `None` where that policy does not notice.
    pub(super) fn act(self, table: &Table) -> Option<Act> {
        let Manifest { silence, absence, lapse_ms, .. } = table.manifest();
        match self {
            Move::Input(input) => Act::of(input),
            Move::Silence(after_ms) => Act::of(Input::Silence(crossed(silence, after_ms))),
            Move::Absence(after_ms) => Act::of(Input::Absence(crossed(absence, after_ms))),
            Move::Lapse(after_ms) => {
                let lapses = lapse_ms.is_some_and(|lapse_ms| lapse_ms <= after_ms);
                if lapses { Act::of(Input::Release(Hold::None)) } else { None }
            }
            Move::Forget => Some(Act::FORGET),
            Move::Restart => Some(Act::RESTART),
        }
    }
}

/// The durations at which either of two policies crosses a threshold.
pub(super) struct Timeline {
    silence: Vec<u64>,
    absence: Vec<u64>,
    lapses: Vec<u64>,
    /// Of silence and of absence, in order.
    durations: Vec<u64>,
    lists: BTreeMap<Outlook, Rc<[Move]>>,
}

/// What of two states that look the same decides which moves there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Outlook {
    present: bool,
    remembered: (bool, bool),
    ephemeral: bool,
    hold: Hold,
    reached: u8,
}

impl Timeline {
    pub(super) fn of(old: &Table, new: &Table) -> Timeline {
        let merged = |old: &[Threshold], new: &[Threshold]| {
            let mut durations: Vec<u64> = old.iter().chain(new).map(|threshold| threshold.after_ms).collect();
            durations.sort_unstable();
            durations.dedup();
            durations
        };
        let (first, second) = (old.manifest(), new.manifest());
        let (silence, absence) = (merged(&first.silence, &second.silence), merged(&first.absence, &second.absence));
        let mut durations = [silence.as_slice(), absence.as_slice()].concat();
        durations.sort_unstable();
        durations.dedup();
        let lapses = [first.lapse_ms, second.lapse_ms].into_iter().flatten().collect();
        Timeline { silence, absence, lapses, durations, lists: BTreeMap::new() }
    }

    /// Every move that is possible for two states that look the same to everybody, those that name a class first; each
    /// list is made once.
    pub(super) fn moves(&mut self, old: &State, new: &State, reached: u8) -> Rc<[Move]> {
        let State { present, ephemeral, hold, remembered, .. } = *old;
        let outlook = Outlook { present, remembered: (remembered, new.remembered), ephemeral, hold, reached };
        if let Some(list) = self.lists.get(&outlook) {
            return Rc::clone(list);
        }
        let list: Rc<[Move]> = self.list(outlook).into();
        self.lists.insert(outlook, Rc::clone(&list));
        list
    }

    fn list(&self, state: Outlook) -> Vec<Move> {
        let mut inputs = Vec::with_capacity(64);
        classed(state, &mut inputs);
        if state.present {
            inputs.extend([Input::Deregister, Input::Disconnect]);
            inputs.extend(Probe::ALL.iter().copied().map(Input::Probe));
            if !state.ephemeral {
                inputs.extend(Process::ALL.iter().copied().map(Input::Recover));
            }
        }
        inputs.extend([Input::Beat, Input::Remove]);
        inputs.extend([Hold::Drain, Hold::Offline, Hold::Banned].map(Input::Hold));
        if state.hold != Hold::None {
            inputs.extend(Hold::ALL.iter().filter(|rest| **rest <= state.hold).copied().map(Input::Release));
        }
        let mut moves = inputs.into_iter().map(Move::Input).collect();
        self.timed(state, &mut moves);
        moves
    }

    fn timed(&self, state: Outlook, moves: &mut Vec<Move>) {
        let remembered = state.remembered.0 || state.remembered.1;
        if state.hold != Hold::None {
            moves.extend(self.lapses.iter().copied().map(Move::Lapse));
        }
        let is_later = |after_ms: &u64| self.reached(*after_ms) > state.reached;
        if state.present && state.ephemeral {
            moves.extend(self.silence.iter().copied().filter(is_later).map(Move::Silence));
        }
        if remembered {
            moves.extend(self.absence.iter().copied().filter(is_later).map(Move::Absence));
            moves.push(Move::Forget);
        }
        if state.ephemeral && (state.present || remembered) {
            moves.push(Move::Restart);
        }
    }

    /// How many durations of the timeline are reached with this one.
    fn reached(&self, after_ms: u64) -> u8 {
        self.durations.partition_point(|duration_ms| *duration_ms <= after_ms) as u8
    }

    /// How many are reached after a move that led the old policy's state from `before` to `next`, if it noticed.
    pub(super) fn reached_after(&self, reached: u8, taken: Move, before: &State, next: Option<&State>) -> u8 {
        let restarts = next.is_some_and(|next| restarts_clock(before, next, taken));
        match taken {
            _ if restarts => 0,
            Move::Silence(after_ms) | Move::Absence(after_ms) => self.reached(after_ms),
            Move::Forget | Move::Restart => 0,
            Move::Input(_) | Move::Lapse(_) => reached,
        }
    }
}

fn classed(state: Outlook, inputs: &mut Vec<Input>) {
    let known = state.present || state.remembered.0 || state.hold != Hold::None;
    let kinds = if state.present { &[state.ephemeral][..] } else { &[true, false] };
    let processes = if known { Process::ALL } else { &Process::ALL[..1] };
    let class = 0;
    for enabled in [None, Some(true), Some(false)] {
        for &ephemeral in kinds {
            let register = |process: &Process| Input::Register { ephemeral, enabled, process: *process, class };
            inputs.extend(processes.iter().map(register));
        }
        inputs.push(Input::Claim { enabled, class });
    }
    inputs.push(Input::Overlay { class });
}

fn crossed(thresholds: &[Threshold], after_ms: u64) -> u8 {
    thresholds.iter().filter(|threshold| threshold.after_ms <= after_ms).count() as u8
}

fn restarts_clock(before: &State, next: &State, taken: Move) -> bool {
    let is_life = matches!(taken, Move::Input(Input::Beat | Input::Recover(_) | Input::Register { .. }));
    before.present != next.present || (next.present && is_life)
}

/// What a policy is asked at an act, its class apart.
pub(super) fn asked(state: &State, act: Option<Act>) -> Option<Facts> {
    act.and_then(Act::input).and_then(|input| fold(state, input))
}
