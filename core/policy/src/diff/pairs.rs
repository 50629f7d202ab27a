//! Where the two policies' places lead together, for all pairs of classes at once.

use alloc::{collections::BTreeMap, vec::Vec};
use core::ops::Range;

use super::{
    Change,
    circumstances::Asked,
    moves::{Move, Timeline, asked},
    walk::changes,
    words,
};
use crate::{
    Event, State, Table,
    class_pairs::{ClassPairs, first_in, second_in},
    graph::{Act, Branch, Graph, Place},
    seen::{Numbers, STATE_BITS},
};

/// A place of each policy that look the same, and how many of the timeline's durations have been reached.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    old: Place,
    new: Place,
    reached: u8,
    /// The classes in which the walk came here.
    pub(super) visited: ClassPairs,
    /// Whether nothing was taken from here yet.
    pub(super) is_new: bool,
    /// Its edges, if they are kept: those of an older generation were dropped.
    edges: Option<(u32, u32, u32)>,
}

/// Where a move leads for some pairs of classes: those after it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub(super) taken: Move,
    /// Which of its pair's moves, counted from 0.
    pub(super) nth: u8,
    pub(super) classes: ClassPairs,
    pub(super) to: To,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum To {
    /// To another pair, by number.
    Pair(u32),
    /// To a difference, by the number of its kind, and what was asked there.
    Difference(u32, Asked),
}

/// What makes two first differences the same without words: the same event, a lapse or not, somebody present or not,
/// the same changes.
pub(super) type Kind = (Event, Option<u64>, bool, bool, Vec<Change>);

/// All pairs that were met.
pub(super) struct Pairs<'a> {
    old: Graph<'a>,
    new: Graph<'a>,
    timeline: Timeline,
    numbers: Numbers,
    met: Vec<Pair>,
    edges: Vec<Edge>,
    generation: u32,
    pub(super) edges_kept: usize,
    kinds: BTreeMap<Kind, u32>,
}

/// Most edges that are kept; beyond that they are looked up again, so that memory stays small.
const EDGES_KEPT: usize = 1 << 18;

impl<'a> Pairs<'a> {
    pub(super) fn of(old: &'a Table, new: &'a Table) -> Pairs<'a> {
        Pairs {
            old: Graph::of(old),
            new: Graph::of(new),
            timeline: Timeline::of(old, new),
            numbers: Numbers::default(),
            met: Vec::new(),
            edges: Vec::new(),
            generation: 0,
            edges_kept: EDGES_KEPT,
            kinds: BTreeMap::new(),
        }
    }

    /// The pair of an address that nobody has mentioned.
    pub(super) fn empty(&mut self) -> u32 {
        let (old, new) = (self.old.place(State::EMPTY), self.new.place(State::EMPTY));
        self.number(old, new, 0)
    }

    pub(super) fn pair(&self, number: u32) -> &Pair {
        &self.met[number as usize]
    }

    pub(super) fn pair_mut(&mut self, number: u32) -> &mut Pair {
        &mut self.met[number as usize]
    }

    /// Whether somebody is there.
    pub(super) fn is_present(&self, number: u32) -> bool {
        self.old.state(self.met[number as usize].old).present
    }

    pub(super) fn edge(&self, at: usize) -> Edge {
        self.edges[at]
    }

    /// The edges from a pair, in the order of its moves.
    pub(super) fn edges(&mut self, number: u32) -> Range<usize> {
        match self.met[number as usize].edges {
            Some((generation, first, end)) if generation == self.generation => first as usize..end as usize,
            _ => self.look_up(number),
        }
    }

    fn number(&mut self, old: Place, new: Place, reached: u8) -> u32 {
        // A place is one of fewer than 2^21 states.
        let key = u64::from(old) | u64::from(new) << STATE_BITS | u64::from(reached) << (2 * STATE_BITS);
        *self.numbers.entry(key).or_insert_with(|| {
            self.met.push(Pair { old, new, reached, visited: 0, is_new: true, edges: None });
            (self.met.len() - 1) as u32
        })
    }

    fn look_up(&mut self, number: u32) -> Range<usize> {
        if self.edges.len() > self.edges_kept {
            self.edges.clear();
            self.generation += 1;
        }
        let (first, pair) = (self.edges.len(), self.met[number as usize]);
        let moves = self.timeline.moves(self.old.state(pair.old), self.new.state(pair.new), pair.reached);
        for (nth, taken) in (0..).zip(moves.iter()) {
            self.follow(pair, nth, *taken);
        }
        self.met[number as usize].edges = Some((self.generation, first as u32, self.edges.len() as u32));
        first..self.edges.len()
    }

    /// Adds the edges of a move; none when neither policy is asked about it.
    fn follow(&mut self, pair: Pair, nth: u8, taken: Move) {
        let acts = [&self.old, &self.new].map(|graph| taken.act(graph.table()));
        let old = acts[0].and_then(|act| self.old.branches(pair.old, act));
        let new = acts[1].and_then(|act| self.new.branches(pair.new, act));
        if old.is_none() && new.is_none() {
            return;
        }
        for at in old.clone().unwrap_or(0..1) {
            let noticed = old.is_some().then(|| self.old.branch(at));
            let next = noticed.map(|branch| self.old.state(branch.to));
            let reached = self.timeline.reached_after(pair.reached, taken, self.old.state(pair.old), next);
            let one = noticed.unwrap_or(Branch::staying(pair.old));
            for at in new.clone().unwrap_or(0..1) {
                let other = if new.is_some() { self.new.branch(at) } else { Branch::staying(pair.new) };
                let classes = first_in(one.classes) & second_in(other.classes);
                let to = self.to(pair, taken, acts, (one.to, other.to, reached));
                self.edges.push(Edge { taken, nth, classes, to });
            }
        }
    }

    fn to(&mut self, pair: Pair, taken: Move, acts: [Option<Act>; 2], next: (Place, Place, u8)) -> To {
        let (old, new, reached) = next;
        let changes = changes(self.old.state(old), self.new.state(new));
        if changes.is_empty() {
            return To::Pair(self.number(old, new, reached));
        }
        let (event, after_ms) = words::event(taken);
        let before = self.old.state(pair.old);
        let facts = asked(before, acts[0]).or_else(|| asked(self.new.state(pair.new), acts[1]));
        let kind = (event, after_ms, matches!(taken, Move::Lapse(_)), before.present, changes);
        let next = self.kinds.len() as u32;
        let kind = *self.kinds.entry(kind).or_insert(next);
        To::Difference(kind, facts.as_ref().map(Asked::of).unwrap_or_default())
    }

    /// All kinds of differences, by number.
    pub(super) fn changes_of(&self, kind: u32) -> Vec<Change> {
        let found = self.kinds.iter().find(|(_, number)| **number == kind);
        found.map(|(kind, _)| kind.4.clone()).unwrap_or_default()
    }
}
