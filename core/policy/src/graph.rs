//! Where every event leads, for all classes at once.
//!
//! A [`Place`] is a state without its class. An event keeps the class or names a new one, and settling looks at no
//! class; so where it leads from a place depends on one class only, the one after it. That is looked up once for each
//! place and event, and classes that lead to the same place are one [`Branch`]. Walks that use branches treat sets of
//! classes as bits of a word.

use alloc::{vec, vec::Vec};
use core::ops::Range;

use crate::{
    Hold, Input, Probe, Process, State, Table,
    facts::{BANDS, CLASSES_MAX},
    fold,
    seen::Numbers,
    state::settle,
};

/// A state without its class, by number.
pub(crate) type Place = u32;
/// A set of classes: one bit for each.
pub(crate) type Classes = u8;

const _: () = assert!(CLASSES_MAX <= Classes::BITS as usize, "a bit for each class");

/// Something that can happen, apart from the class that it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Act(u8);

const PROBE: u8 = 2;
const RECOVER: u8 = PROBE + Probe::ALL.len() as u8;
const SILENCE: u8 = RECOVER + Process::ALL.len() as u8;
const ABSENCE: u8 = SILENCE + BANDS as u8;
const HOLD: u8 = ABSENCE + BANDS as u8;
const RELEASE: u8 = HOLD + Hold::ALL.len() as u8;
const BEAT: u8 = RELEASE + Hold::ALL.len() as u8;
/// From here on acts name a class.
const OVERLAY: u8 = BEAT + 4;
const CLAIM: u8 = OVERLAY + 1;
const REGISTER: u8 = CLAIM + READINESS.len() as u8;
const ACTS: usize = REGISTER as usize + 2 * READINESS.len() * Process::ALL.len();

const _: () = assert!(ACTS <= Acts::BITS as usize, "a bit for each act");

const READINESS: [Option<bool>; 3] = [None, Some(true), Some(false)];

/// A set of acts: one bit for each.
pub(crate) type Acts = u64;

impl Act {
    pub(crate) const FORGET: Act = Act(BEAT + 2);
    pub(crate) const RESTART: Act = Act(BEAT + 3);

    /// The act of an input. A swap is none: it is where walks begin.
    pub(crate) fn of(input: Input) -> Option<Act> {
        let readiness = |enabled: Option<bool>| enabled.map_or(0, |enabled| if enabled { 1 } else { 2 });
        Some(Act(match input {
            Input::Deregister => 0,
            Input::Disconnect => 1,
            Input::Probe(probe) => PROBE + probe as u8,
            Input::Recover(process) => RECOVER + process as u8,
            Input::Silence(band) => SILENCE + band,
            Input::Absence(band) => ABSENCE + band,
            Input::Hold(hold) => HOLD + hold as u8,
            Input::Release(rest) => RELEASE + rest as u8,
            Input::Beat => BEAT,
            Input::Remove => BEAT + 1,
            Input::Overlay { .. } => OVERLAY,
            Input::Claim { enabled, .. } => CLAIM + readiness(enabled),
            Input::Register { ephemeral, enabled, process, .. } => {
                REGISTER + (u8::from(ephemeral) * 3 + readiness(enabled)) * 3 + process as u8
            }
            Input::Swap { .. } => return None,
        }))
    }

    /// The input, with class 0 where it names one; `None` for what is no input.
    pub(crate) fn input(self) -> Option<Input> {
        let at = |first: u8| usize::from(self.0 - first);
        Some(match self.0 {
            0 => Input::Deregister,
            1 => Input::Disconnect,
            PROBE..RECOVER => Input::Probe(Probe::ALL[at(PROBE)]),
            RECOVER..SILENCE => Input::Recover(Process::ALL[at(RECOVER)]),
            SILENCE..ABSENCE => Input::Silence(self.0 - SILENCE),
            ABSENCE..HOLD => Input::Absence(self.0 - ABSENCE),
            HOLD..RELEASE => Input::Hold(Hold::ALL[at(HOLD)]),
            RELEASE..BEAT => Input::Release(Hold::ALL[at(RELEASE)]),
            BEAT => Input::Beat,
            OVERLAY => Input::Overlay { class: 0 },
            CLAIM..REGISTER => Input::Claim { enabled: READINESS[at(CLAIM)], class: 0 },
            number if number >= REGISTER => {
                let (rest, process) = (at(REGISTER) / 3, Process::ALL[at(REGISTER) % 3]);
                Input::Register { ephemeral: rest >= 3, enabled: READINESS[rest % 3], process, class: 0 }
            }
            _ if self == Act::FORGET || self == Act::RESTART => return None,
            _ => Input::Remove,
        })
    }

    /// Whether the class after it is one that it names, and not the one before it.
    pub(crate) const fn names_class(self) -> bool {
        self.0 >= OVERLAY
    }

    /// Whether it is an order or the end of one.
    pub(crate) const fn is_order(self) -> bool {
        matches!(self.0, HOLD..BEAT)
    }

    pub(crate) const fn bit(self) -> Acts {
        1 << self.0
    }

    /// The acts of a set.
    pub(crate) fn each(acts: Acts) -> impl Iterator<Item = Act> {
        bits(acts).map(|number| Act(number as u8))
    }
}

/// The numbers of the bits that are set, lowest first.
pub(crate) fn bits(mut set: u64) -> impl Iterator<Item = u32> {
    core::iter::from_fn(move || {
        let lowest = (set != 0).then(|| set.trailing_zeros())?;
        set &= set - 1;
        Some(lowest)
    })
}

/// Where an act leads for some classes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Branch {
    pub(crate) to: Place,
    pub(crate) classes: Classes,
}

impl Branch {
    /// Where nothing happens.
    pub(crate) const fn staying(place: Place) -> Branch {
        Branch { to: place, classes: Classes::MAX }
    }
}

/// The branches of one act, once they were looked up.
#[derive(Clone, Copy)]
enum Known {
    Not,
    /// It is not delivered.
    Nowhere,
    At(u32, u8),
}

/// The places that were met, and their branches.
pub(crate) struct Graph<'a> {
    table: &'a Table,
    states: Vec<State>,
    numbers: Numbers,
    known: Vec<Known>,
    branches: Vec<Branch>,
}

impl<'a> Graph<'a> {
    pub(crate) fn of(table: &'a Table) -> Graph<'a> {
        Graph { table, states: vec![], numbers: Numbers::default(), known: vec![], branches: vec![] }
    }

    pub(crate) fn table(&self) -> &'a Table {
        self.table
    }

    /// All classes of the policy.
    pub(crate) fn classes(&self) -> Classes {
        Classes::MAX >> (Classes::BITS as usize - self.table.manifest().class_count())
    }

    /// Where a state is.
    pub(crate) fn place(&mut self, state: State) -> Place {
        let state = state.declassed();
        let Graph { states, known, numbers, .. } = self;
        *numbers.entry(state.packed()).or_insert_with(|| {
            states.push(state);
            known.resize(states.len() * ACTS, Known::Not);
            (states.len() - 1) as Place
        })
    }

    /// The state of a place, with class 0.
    pub(crate) fn state(&self, place: Place) -> &State {
        &self.states[place as usize]
    }

    pub(crate) fn branch(&self, at: usize) -> Branch {
        self.branches[at]
    }

    /// Where an act leads: together its branches are for all classes. `None` when it is not delivered.
    pub(crate) fn branches(&mut self, place: Place, act: Act) -> Option<Range<usize>> {
        let at = place as usize * ACTS + usize::from(act.0);
        if let Known::Not = self.known[at] {
            self.known[at] = self.look_up(place, act);
        }
        match self.known[at] {
            Known::At(first, count) => Some(first as usize..first as usize + usize::from(count)),
            Known::Not | Known::Nowhere => None,
        }
    }

    fn look_up(&mut self, place: Place, act: Act) -> Known {
        let (before, first) = (*self.state(place), self.branches.len());
        let Some(input) = act.input() else {
            // Whether a tombstone is dropped, or who is gone after a restart, is the registry's doing.
            let happens = if act == Act::FORGET { !before.present } else { before.ephemeral };
            if !happens {
                return Known::Nowhere;
            }
            let (to, classes) = (self.place(before.forgotten()), self.classes());
            self.branches.push(Branch { to, classes });
            return Known::At(first as u32, 1);
        };
        let Some(mut facts) = fold(&before, input) else { return Known::Nowhere };
        let mut last = None;
        for class in 0..self.table.manifest().class_count() as u8 {
            facts.class = class;
            let verdict = self.table.decide(&facts);
            match last {
                Some((same, branch)) if same == verdict => self.add(branch, class),
                _ => {
                    let to = self.place(settle(&before, &facts, verdict));
                    let branch = self.branches[first..].iter().position(|branch| branch.to == to);
                    let branch = branch.map_or(self.branches.len(), |nth| first + nth);
                    if branch == self.branches.len() {
                        self.branches.push(Branch { to, classes: 0 });
                    }
                    self.add(branch, class);
                    last = Some((verdict, branch));
                }
            }
        }
        Known::At(first as u32, (self.branches.len() - first) as u8)
    }

    fn add(&mut self, branch: usize, class: u8) {
        self.branches[branch].classes |= 1 << class;
    }
}
