//! `release-restores` for all pairs of classes at once: what [`restores`](super::restores) looks at, without histories.

use alloc::{collections::VecDeque, vec::Vec};
use core::ops::Range;

use super::{inputs::Menu, survey::Doubt};
use crate::{
    Hold, Input, Process,
    class_pairs::{ALIKE, ClassPairs, first_in, firsts, second_in, seconds},
    graph::{Act, Branch, Classes, Graph, Place},
    seen::Numbers,
};

/// The holds of which the held run can have one.
const HOLDS: [Hold; 3] = [Hold::Drain, Hold::Offline, Hold::Banned];

/// Pairs of classes for each of the holds. Where the runs go from two places does not depend on which hold it was.
type ByHold = [ClassPairs; HOLDS.len()];

/// Proves the law from every place of `starts`; says how many pairs of runs there are.
pub(super) fn prove(graph: Graph<'_>, menu: Menu<'_>, starts: &[Branch], pairs_max: usize) -> Result<usize, Doubt> {
    let (numbers, pairs, waiting) = (Numbers::default(), Vec::new(), VecDeque::new());
    let mut survey = Survey { graph, menu, pairs_max, numbers, pairs, waiting, count: 0 };
    for &Branch { to: free, classes } in starts {
        for (nth, hold) in HOLDS.into_iter().enumerate() {
            for at in survey.branches(free, Input::Hold(hold)).into_iter().flatten() {
                let held = survey.graph.branch(at);
                let mut runs = ByHold::default();
                runs[nth] = ALIKE & first_in(held.classes & classes);
                survey.visit(held.to, free, runs)?;
            }
        }
    }
    while let Some(at) = survey.waiting.pop_front() {
        survey.explore(at as usize)?;
    }
    Ok(survey.count)
}

struct Survey<'a> {
    graph: Graph<'a>,
    menu: Menu<'a>,
    pairs_max: usize,
    numbers: Numbers,
    pairs: Vec<Pair>,
    waiting: VecDeque<u32>,
    count: usize,
}

/// Places of a run with a hold and of one without it.
#[derive(Clone, Copy)]
struct Pair {
    held: Place,
    free: Place,
    /// The classes in which it was reached: the held run's first.
    reached: ByHold,
    /// Those of them from which nothing was taken yet.
    ahead: ByHold,
}

impl Survey<'_> {
    fn branches(&mut self, place: Place, input: Input) -> Option<Range<usize>> {
        Act::of(input).and_then(|act| self.graph.branches(place, act))
    }

    fn visit(&mut self, held: Place, free: Place, runs: ByHold) -> Result<(), Doubt> {
        if runs == ByHold::default() {
            return Ok(());
        }
        let at = *self.numbers.entry(u64::from(held) << 32 | u64::from(free)).or_insert_with(|| {
            self.pairs.push(Pair { held, free, reached: ByHold::default(), ahead: ByHold::default() });
            (self.pairs.len() - 1) as u32
        });
        let pair = &mut self.pairs[at as usize];
        let waits = pair.ahead != ByHold::default();
        let mut count = 0;
        for (nth, runs) in runs.into_iter().enumerate() {
            let new = runs & !pair.reached[nth];
            pair.reached[nth] |= new;
            pair.ahead[nth] |= new;
            count += new.count_ones() as usize;
        }
        if count > 0 && !waits {
            self.waiting.push_back(at);
        }
        self.count += count;
        if self.count > self.pairs_max { Err(Doubt) } else { Ok(()) }
    }

    fn explore(&mut self, at: usize) -> Result<(), Doubt> {
        let pair = self.pairs[at];
        self.pairs[at].ahead = ByHold::default();
        if HOLDS.iter().zip(pair.ahead).any(|(hold, ahead)| self.is_scarred(pair, *hold, ahead)) {
            return Err(Doubt);
        }
        // What both are told names one class for both, whatever theirs was; so it is taken once.
        let first = |nth: usize| if pair.ahead[nth] != 0 && pair.ahead[nth] == pair.reached[nth] { ALIKE } else { 0 };
        let told = [0, 1, 2].map(first);
        let acts = [pair.held, pair.free].map(|place| self.menu.acts(self.graph.state(place)));
        for act in Act::each(acts[0] | acts[1]).filter(|act| !act.is_order()) {
            let (held, free) = (self.graph.branches(pair.held, act), self.graph.branches(pair.free, act));
            let from = match (&held, &free) {
                (None, None) => continue,
                _ if !act.names_class() => pair.ahead,
                (Some(_), Some(_)) => told,
                // A claim reaches only who is present; the other one keeps its class.
                (Some(_), None) => pair.ahead.map(|ahead| second_in(seconds(ahead))),
                (None, Some(_)) => pair.ahead.map(|ahead| first_in(firsts(ahead))),
            };
            self.take(pair, from, held.as_ref(), free.as_ref())?;
        }
        Ok(())
    }

    /// Both runs take what can happen to either; where it cannot, nothing changes.
    fn take(
        &mut self,
        pair: Pair,
        from: ByHold,
        held: Option<&Range<usize>>,
        free: Option<&Range<usize>>,
    ) -> Result<(), Doubt> {
        for at in held.cloned().unwrap_or(0..1) {
            let one = if held.is_some() { self.graph.branch(at) } else { Branch::staying(pair.held) };
            for at in free.cloned().unwrap_or(0..1) {
                let other = if free.is_some() { self.graph.branch(at) } else { Branch::staying(pair.free) };
                let classes = first_in(one.classes) & second_in(other.classes);
                self.visit(one.to, other.to, from.map(|from| from & classes))?;
            }
        }
        Ok(())
    }

    /// Whether the release of a hold leaves a difference in one of these pairs of classes.
    fn is_scarred(&mut self, pair: Pair, hold: Hold, runs: ClassPairs) -> bool {
        for at in self.branches(pair.held, Input::Release(Hold::None)).into_iter().flatten() {
            let released = self.graph.branch(at);
            let classes = runs & first_in(released.classes);
            let scarred = match hold {
                _ if classes == 0 => false,
                Hold::Banned => self.is_scarred_after_registering(released.to, pair.free, seconds(classes)),
                _ => classes & !self.alike(released.to, pair.free) != 0,
            };
            if scarred {
                return true;
            }
        }
        false
    }

    /// The same once the client has registered again, in one of `classes`, and its check has reported again.
    fn is_scarred_after_registering(&mut self, held: Place, free: Place, classes: Classes) -> bool {
        let before = *self.graph.state(free);
        let (ephemeral, enabled, process) = (before.ephemeral, Some(true), Process::Same);
        for class in (0..Classes::BITS as u8).filter(|class| classes >> class & 1 == 1) {
            let again = [Input::Register { ephemeral, enabled, process, class }, Input::Probe(before.probe)];
            let (mut held, mut free) = (held, free);
            for input in again {
                (held, free) = (self.follow(held, input, class), self.follow(free, input, class));
            }
            if self.alike(held, free) & ALIKE & first_in(1 << class) == 0 {
                return true;
            }
        }
        false
    }

    fn follow(&mut self, place: Place, input: Input, class: u8) -> Place {
        let mut branches = self.branches(place, input).into_iter().flatten().map(|at| self.graph.branch(at));
        branches.find(|branch| branch.classes >> class & 1 == 1).map_or(place, |branch| branch.to)
    }

    /// In which pairs of classes two places are equal in everything that anybody can see or that a later decision can
    /// depend on.
    fn alike(&self, held: Place, free: Place) -> ClassPairs {
        let nothing = |place| {
            let state = self.graph.state(place);
            !state.present && !state.is_worth_remembering()
        };
        match held == free {
            _ if nothing(held) && nothing(free) => ClassPairs::MAX,
            true => ALIKE,
            false => 0,
        }
    }
}
