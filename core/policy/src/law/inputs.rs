//! Everything that can happen to an instance in a given state.

use alloc::{collections::BTreeMap, rc::Rc, vec::Vec};

use crate::{
    Claim, Hold, Input, Probe, Process, State, Table,
    graph::{Act, Acts},
};

/// A step of the walk: an input of the registry, or something that happens without asking the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Move {
    /// An event.
    Input(Input),
    /// The tombstone is dropped: too old, or one too many.
    Forget,
    /// The registry restarts; an ephemeral instance is gone until it shows up, its orders stay.
    Restart,
}

impl Move {
    /// The same without the class that it names.
    fn act(self) -> Option<Act> {
        match self {
            Move::Input(input) => Act::of(input),
            Move::Forget => Some(Act::FORGET),
            Move::Restart => Some(Act::RESTART),
        }
    }
}

/// Which of the moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Which {
    /// All.
    All,
    /// All but registrations and overlays.
    Claims,
    /// All but those that name a class of their own: they were taken from a state that differs in its class only.
    Classless,
}

/// The moves of states, each list made once.
pub(super) struct Menu<'a> {
    table: &'a Table,
    lists: BTreeMap<(Outlook, Which), Rc<[Move]>>,
    common: BTreeMap<(Outlook, Outlook, Which), Rc<[Move]>>,
    acts: BTreeMap<Outlook, Acts>,
}

/// What of a state decides which moves there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Outlook {
    present: bool,
    remembered: bool,
    ephemeral: bool,
    band: u8,
    hold: Hold,
}

impl<'a> Menu<'a> {
    pub(super) fn of(table: &'a Table) -> Menu<'a> {
        Menu { table, lists: BTreeMap::new(), common: BTreeMap::new(), acts: BTreeMap::new() }
    }

    /// Every move that is possible in `state`.
    pub(super) fn moves(&mut self, state: &State, which: Which) -> Rc<[Move]> {
        let (table, outlook) = (self.table, Outlook::of(state));
        let classes = table.manifest().class_count() as u8;
        let list = || moves(table, outlook, which, classes).into();
        Rc::clone(self.lists.entry((outlook, which)).or_insert_with(list))
    }

    /// The same, apart from classes.
    pub(super) fn acts(&mut self, state: &State) -> Acts {
        let (table, outlook) = (self.table, Outlook::of(state));
        *self.acts.entry(outlook).or_insert_with(|| {
            let acts = moves(table, outlook, Which::All, 1).into_iter().filter_map(Move::act);
            acts.fold(0, |acts, act| acts | act.bit())
        })
    }

    /// Every move that is possible in either state, orders apart.
    pub(super) fn common_moves(&mut self, one: &State, other: &State, which: Which) -> Rc<[Move]> {
        let (table, one, other) = (self.table, Outlook::of(one), Outlook::of(other));
        let classes = table.manifest().class_count() as u8;
        let merge = || {
            let mut all = moves(table, one, which, classes);
            all.extend(moves(table, other, which, classes));
            all.retain(|taken| !matches!(taken, Move::Input(Input::Hold(_) | Input::Release(_))));
            all.sort_unstable();
            all.dedup();
            all.into()
        };
        Rc::clone(self.common.entry((one, other, which)).or_insert_with(merge))
    }
}

impl Outlook {
    fn of(state: &State) -> Outlook {
        let State { present, remembered, ephemeral, band, hold, .. } = *state;
        Outlook { present, remembered, ephemeral, band, hold }
    }
}

fn moves(table: &Table, state: Outlook, which: Which, classes: u8) -> Vec<Move> {
    let mut inputs = Vec::with_capacity(96);
    for class in 0..classes {
        if which == Which::All {
            registrations(state, class, &mut inputs);
            inputs.push(Input::Overlay { class });
        }
        if which != Which::Classless && state.present {
            inputs.extend(READINESS.map(|enabled| Input::Claim { enabled, class }));
        }
    }
    if state.present {
        inputs.extend([Input::Deregister, Input::Disconnect]);
        inputs.extend(Probe::ALL.iter().map(|probe| Input::Probe(*probe)));
        if state.ephemeral {
            inputs.extend((state.band + 1..=table.manifest().band_max(true)).map(Input::Silence));
        } else {
            inputs.extend(Process::ALL.iter().map(|process| Input::Recover(*process)));
        }
    }
    if state.present || state.remembered {
        inputs.extend([Input::Beat, Input::Remove]);
    }
    inputs.extend([Hold::Drain, Hold::Offline, Hold::Banned].map(Input::Hold));
    if state.hold != Hold::None {
        inputs.extend(Hold::ALL.iter().filter(|rest| **rest <= state.hold).map(|rest| Input::Release(*rest)));
    }
    let mut moves: Vec<Move> = inputs.into_iter().map(Move::Input).collect();
    if !state.present && state.remembered {
        moves.extend((state.band + 1..=table.manifest().band_max(false)).map(Input::Absence).map(Move::Input));
        moves.push(Move::Forget);
    }
    if state.ephemeral && (state.present || state.remembered) {
        moves.push(Move::Restart);
    }
    moves
}

const READINESS: [Option<bool>; 3] = [None, Some(true), Some(false)];

fn registrations(state: Outlook, class: u8, inputs: &mut Vec<Input>) {
    // A present instance keeps its kind. Where nothing is known there is nothing to compare a process with.
    let kinds = if state.present { [state.ephemeral; 2] } else { [true, false] };
    let kinds = &kinds[..if state.present { 1 } else { 2 }];
    let known = state.present || state.remembered || state.hold != Hold::None;
    let processes = if known { Process::ALL } else { &Process::ALL[..1] };
    for &ephemeral in kinds {
        for &process in processes {
            inputs.extend(READINESS.map(|enabled| Input::Register { ephemeral, enabled, process, class }));
        }
    }
}

/// Every state that some earlier policy can have left in the registry, as the swap to `table` finds it.
pub(super) fn left_behind(table: &Table) -> impl Iterator<Item = State> {
    let manifest = table.manifest();
    let (classes, silence, absence) = (manifest.class_count() as u8, manifest.band_max(true), manifest.band_max(false));
    let presences = [(true, true, silence), (true, false, 0), (false, true, absence), (false, false, absence)];
    presences.into_iter().flat_map(move |(present, ephemeral, band_max)| {
        (0..=band_max).flat_map(move |band| {
            Claim::ALL.iter().flat_map(move |claim| {
                Hold::ALL.iter().flat_map(move |hold| {
                    Probe::ALL.iter().filter(move |probe| present || **probe == Probe::Unknown).flat_map(move |probe| {
                        (0..classes).map(move |class| State {
                            present,
                            remembered: !present,
                            ephemeral,
                            band,
                            claim: *claim,
                            probe: *probe,
                            hold: *hold,
                            class,
                            ..State::EMPTY
                        })
                    })
                })
            })
        })
    })
}
