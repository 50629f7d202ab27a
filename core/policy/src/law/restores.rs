//! `release-restores`: an order that came and went leaves no trace.
//!
//! Two runs see the same events from the same state, one of them with a hold in between. After the release both must be
//! in the same state; after a ban, which kept the client out, after the next registration that names `enabled`.

use alloc::{boxed::Box, rc::Rc, vec::Vec};

use super::{
    Counterexample, Law, LawError, Origin, Witness,
    inputs::{Menu, Move, Which},
};
use crate::{
    Hold, Input, Process, State, Step, Table,
    seen::{STATE_BITS, Seen},
    step,
};

/// A run with the hold and one without it.
#[derive(Clone, Copy)]
struct Pair {
    held: State,
    free: State,
    hold: Hold,
}

struct Visited {
    pair: Pair,
    from: From,
}

/// How a pair was first reached.
#[derive(Clone, Copy)]
enum From {
    /// By a hold in a state of the main walk.
    Start(usize),
    /// By a move from another pair.
    Pair(u32, Move),
}

/// Proves the law from every state of `starts` that nobody ordered anything in; `story` tells how a start is reached.
pub(super) fn prove(
    table: &Table,
    starts: impl Iterator<Item = State>,
    pairs_max: usize,
    story: impl Fn(usize) -> (Origin, Vec<Witness>),
) -> Result<usize, LawError> {
    let (menu, pairs) = (Menu::of(table), Vec::new());
    let mut walk = Walk { table, pairs_max, menu, pairs, found: Seen::default(), classed: Seen::default() };
    for (start, free) in starts.enumerate().filter(|(_, state)| state.hold == Hold::None) {
        for hold in [Hold::Drain, Hold::Offline, Hold::Banned] {
            if let Some(step) = step(table, &free, Input::Hold(hold)) {
                walk.visit(Pair { held: step.next, free, hold }, From::Start(start))?;
            }
        }
    }
    match walk.explore()? {
        None => Ok(walk.pairs.len()),
        Some((at, released)) => Err(walk.broken(at, released, story)),
    }
}

struct Walk<'a> {
    table: &'a Table,
    pairs_max: usize,
    menu: Menu<'a>,
    pairs: Vec<Visited>,
    found: Seen,
    /// Pairs, classes apart, from which every move was taken that names a class.
    classed: Seen,
}

impl Pair {
    /// Different pairs, different numbers.
    fn packed(&self) -> u64 {
        self.held.packed() | self.free.packed() << STATE_BITS | (self.hold as u64) << (2 * STATE_BITS)
    }

    fn declassed(self) -> Pair {
        Pair { held: self.held.declassed(), free: self.free.declassed(), ..self }
    }
}

impl Walk<'_> {
    fn visit(&mut self, pair: Pair, from: From) -> Result<(), LawError> {
        if !self.found.insert(pair.packed()) {
            return Ok(());
        }
        if self.pairs.len() >= self.pairs_max {
            return Err(LawError::TooLarge);
        }
        self.pairs.push(Visited { pair, from });
        Ok(())
    }

    /// Looks at every pair; the first one that a release does not make equal, with that release.
    fn explore(&mut self) -> Result<Option<(usize, Step)>, LawError> {
        let mut at = 0;
        while at < self.pairs.len() {
            let pair = self.pairs[at].pair;
            if let Some(released) = self.scarring_release(pair) {
                return Ok(Some((at, released)));
            }
            for &taken in self.common_moves(&pair).iter() {
                let next = Pair { held: self.follow(pair.held, taken), free: self.follow(pair.free, taken), ..pair };
                self.visit(next, From::Pair(at as u32, taken))?;
            }
            at += 1;
        }
        Ok(None)
    }

    /// What can happen to either of the two, orders apart: those are what the law is about.
    ///
    /// A claim reaches only who is present. Where that is one of the two, the other keeps its class, so it counts.
    fn common_moves(&mut self, pair: &Pair) -> Rc<[Move]> {
        let new = self.classed.insert(pair.declassed().packed());
        let which = match pair.held.present == pair.free.present {
            _ if new => Which::All,
            true => Which::Classless,
            false => Which::Claims,
        };
        self.menu.common_moves(&pair.held, &pair.free, which)
    }

    fn follow(&self, state: State, taken: Move) -> State {
        match taken {
            Move::Input(input) => step(self.table, &state, input).map_or(state, |step| step.next),
            // Whether a tombstone is dropped is decided for each run by itself, but at the same time.
            Move::Forget if state.present => state,
            Move::Restart if !state.ephemeral => state,
            Move::Forget | Move::Restart => state.forgotten(),
        }
    }

    /// The release after which the two runs still differ, if they do.
    fn scarring_release(&self, pair: Pair) -> Option<Step> {
        let released = step(self.table, &pair.held, Input::Release(Hold::None))?;
        let (mut held, mut free) = (released.next, pair.free);
        if pair.hold == Hold::Banned {
            let register = Input::Register {
                ephemeral: free.ephemeral,
                enabled: Some(true),
                process: Process::Same,
                class: free.class,
            };
            // A ban can make the instance leave, and with it goes the last check; the next one reports the same.
            let probe = Input::Probe(free.probe);
            for input in [register, probe].map(Move::Input) {
                (held, free) = (self.follow(held, input), self.follow(free, input));
            }
        }
        (!same(&held, &free)).then_some(released)
    }

    fn broken(&self, at: usize, released: Step, story: impl Fn(usize) -> (Origin, Vec<Witness>)) -> LawError {
        let (start, held) = self.history(at);
        let (origin, mut steps) = story(start);
        steps.extend(held);
        steps.push(Witness::new(self.table, released.facts, released.verdict));
        let counterexample = Counterexample::new(Law::ReleaseRestores, origin, steps);
        LawError::Broken { law: Law::ReleaseRestores, counterexample: Box::new(counterexample) }
    }

    /// What happened to the held run from its start on, first event first, and that start.
    fn history(&self, mut at: usize) -> (usize, Vec<Witness>) {
        let mut steps = Vec::new();
        while let From::Pair(from, taken) = self.pairs[at].from {
            let held = self.pairs[from as usize].pair.held;
            steps.push(match taken {
                Move::Forget => Witness::unasked("its tombstone is dropped; orders stay"),
                Move::Restart => Witness::unasked("the registry restarts; orders stay"),
                Move::Input(input) => match step(self.table, &held, input) {
                    Some(step) => Witness::new(self.table, step.facts, step.verdict),
                    None => Witness::unasked("something happens that only an instance without the hold would notice"),
                },
            });
            at = from as usize;
        }
        let Pair { free, hold, .. } = self.pairs[at].pair;
        if let Some(step) = step(self.table, &free, Input::Hold(hold)) {
            steps.push(Witness::new(self.table, step.facts, step.verdict));
        }
        steps.reverse();
        let start = if let From::Start(start) = self.pairs[at].from { start } else { 0 };
        (start, steps)
    }
}

/// Equal in everything that anybody can see or that a later decision can depend on. Where nobody is present and
/// nothing is remembered, there is nothing to compare.
fn same(held: &State, free: &State) -> bool {
    let nothing = |state: &State| !state.present && !state.is_worth_remembering();
    held == free || (nothing(held) && nothing(free))
}
