//! What can happen to both policies at once.

use alloc::{collections::BTreeMap, rc::Rc, vec::Vec};

use super::walk::Pair;
use crate::{Facts, Hold, Input, Probe, Process, State, Table, Threshold, step};

/// One event, as each of the two policies sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Move {
    /// An input; the two differ in the class at most.
    Inputs(Input, Input),
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

/// Which of the moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Which {
    /// All.
    All,
    /// All but those that name classes of their own: they were taken from a pair that differs in its classes only.
    Classless,
}

/// The two tables, and the durations at which either of them crosses a threshold.
pub(super) struct Timeline<'a> {
    old: &'a Table,
    new: &'a Table,
    silence: Vec<u64>,
    absence: Vec<u64>,
    /// Both, in order.
    durations: Vec<u64>,
    lists: BTreeMap<(Outlook, Which), Rc<[Move]>>,
}

/// What of a pair decides which moves there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Outlook {
    present: bool,
    remembered: (bool, bool),
    ephemeral: bool,
    hold: Hold,
    reached: u8,
}

impl Outlook {
    fn of(pair: &Pair) -> Outlook {
        let State { present, ephemeral, hold, remembered, .. } = pair.old;
        Outlook { present, remembered: (remembered, pair.new.remembered), ephemeral, hold, reached: pair.reached }
    }
}

impl<'a> Timeline<'a> {
    pub(super) fn new(old: &'a Table, new: &'a Table) -> Timeline<'a> {
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
        Timeline { old, new, silence, absence, durations, lists: BTreeMap::new() }
    }

    /// Every move that is possible for a pair that looks the same to everybody; each list is made once.
    pub(super) fn moves(&mut self, pair: &Pair, which: Which) -> Rc<[Move]> {
        let outlook = Outlook::of(pair);
        if let Some(list) = self.lists.get(&(outlook, which)) {
            return Rc::clone(list);
        }
        let list: Rc<[Move]> = self.list(outlook, which).into();
        self.lists.insert((outlook, which), Rc::clone(&list));
        list
    }

    fn list(&self, state: Outlook, which: Which) -> Vec<Move> {
        let mut moves = Vec::with_capacity(128);
        if which == Which::All {
            self.classed(state, &mut moves);
        }
        let mut both = |input| moves.push(Move::Inputs(input, input));
        if state.present {
            [Input::Deregister, Input::Disconnect].into_iter().for_each(&mut both);
            Probe::ALL.iter().copied().map(Input::Probe).for_each(&mut both);
            if !state.ephemeral {
                Process::ALL.iter().copied().map(Input::Recover).for_each(&mut both);
            }
        }
        [Input::Beat, Input::Remove].into_iter().for_each(&mut both);
        [Hold::Drain, Hold::Offline, Hold::Banned].map(Input::Hold).into_iter().for_each(&mut both);
        if state.hold != Hold::None {
            Hold::ALL.iter().filter(|rest| **rest <= state.hold).copied().map(Input::Release).for_each(&mut both);
        }
        self.timed(state, &mut moves);
        moves
    }

    fn classed(&self, state: Outlook, moves: &mut Vec<Move>) {
        let known = state.present || state.remembered.0 || state.hold != Hold::None;
        let kinds = if state.present { &[state.ephemeral][..] } else { &[true, false] };
        let processes = if known { Process::ALL } else { &Process::ALL[..1] };
        for old in 0..self.old.manifest().class_count() as u8 {
            for new in 0..self.new.manifest().class_count() as u8 {
                for enabled in [None, Some(true), Some(false)] {
                    for &ephemeral in kinds {
                        for &process in processes {
                            let register = |class| Input::Register { ephemeral, enabled, process, class };
                            moves.push(Move::Inputs(register(old), register(new)));
                        }
                    }
                    let claim = |class| Input::Claim { enabled, class };
                    moves.push(Move::Inputs(claim(old), claim(new)));
                }
                moves.push(Move::Inputs(Input::Overlay { class: old }, Input::Overlay { class: new }));
            }
        }
    }

    fn timed(&self, state: Outlook, moves: &mut Vec<Move>) {
        let remembered = state.remembered.0 || state.remembered.1;
        if state.hold != Hold::None {
            let lapses = [self.old, self.new].map(|table| table.manifest().lapse_ms);
            moves.extend(lapses.into_iter().flatten().map(Move::Lapse));
        }
        let later = |durations: &[u64]| {
            let rest = durations.iter().copied().filter(|after_ms| self.reached(*after_ms) > state.reached);
            rest.collect::<Vec<_>>()
        };
        if state.present && state.ephemeral {
            moves.extend(later(&self.silence).into_iter().map(Move::Silence));
        }
        if remembered {
            moves.extend(later(&self.absence).into_iter().map(Move::Absence));
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

    /// The pair after a move, and what was asked on the way; `None` when neither policy is asked about it.
    pub(super) fn follow(&self, pair: &Pair, taken: Move) -> Option<(Pair, Option<Facts>)> {
        let (old, new) = match taken {
            Move::Inputs(old, new) => (step(self.old, &pair.old, old), step(self.new, &pair.new, new)),
            Move::Silence(after_ms) => {
                let crossed = |table: &Table| Input::Silence(crossed(&table.manifest().silence, after_ms));
                (step(self.old, &pair.old, crossed(self.old)), step(self.new, &pair.new, crossed(self.new)))
            }
            Move::Absence(after_ms) => {
                let crossed = |table: &Table| Input::Absence(crossed(&table.manifest().absence, after_ms));
                (step(self.old, &pair.old, crossed(self.old)), step(self.new, &pair.new, crossed(self.new)))
            }
            Move::Lapse(after_ms) => {
                let lapsed = |table: &Table, state: &State| {
                    let lapses = table.manifest().lapse_ms.is_some_and(|lapse_ms| lapse_ms <= after_ms);
                    lapses.then(|| step(table, state, Input::Release(Hold::None))).flatten()
                };
                (lapsed(self.old, &pair.old), lapsed(self.new, &pair.new))
            }
            Move::Forget | Move::Restart => {
                return Some((Pair { old: pair.old.forgotten(), new: pair.new.forgotten(), reached: 0 }, None));
            }
        };
        let facts = old.as_ref().or(new.as_ref())?.facts;
        let restarts = old.is_some_and(|step| restarts_clock(&pair.old, &step.next, step.facts.event));
        let reached = match taken {
            Move::Silence(after_ms) | Move::Absence(after_ms) if !restarts => self.reached(after_ms),
            _ if restarts => 0,
            _ => pair.reached,
        };
        let next = |before: State, step: Option<crate::Step>| step.map_or(before, |step| step.next);
        Some((Pair { old: next(pair.old, old), new: next(pair.new, new), reached }, Some(facts)))
    }
}

fn crossed(thresholds: &[Threshold], after_ms: u64) -> u8 {
    thresholds.iter().filter(|threshold| threshold.after_ms <= after_ms).count() as u8
}

fn restarts_clock(before: &State, next: &State, event: crate::Event) -> bool {
    use crate::Event::{Beat, Recover, Register};
    before.present != next.present || (next.present && matches!(event, Beat | Recover | Register))
}
