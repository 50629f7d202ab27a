//! Breadth-first over pairs of states that look the same; a pair that does not is a difference and is not followed.

use alloc::{collections::BTreeMap, format, string::String, vec::Vec};

use super::{
    Change, Diff, Difference, PAIRS_MAX, TooLarge,
    moves::{Move, Timeline, Which},
    words,
};
use crate::{
    Event, State, Table,
    seen::{STATE_BITS, Seen},
};

/// Both policies' state after the same history.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    pub(super) old: State,
    pub(super) new: State,
    /// How many of the timeline's durations of silence or absence have been reached.
    pub(super) reached: u8,
}

impl Pair {
    /// Different pairs, different numbers.
    fn packed(&self) -> u64 {
        self.old.packed() | self.new.packed() << STATE_BITS | u64::from(self.reached) << (2 * STATE_BITS)
    }

    fn declassed(self) -> Pair {
        Pair { old: self.old.declassed(), new: self.new.declassed(), ..self }
    }
}

struct Visited {
    pair: Pair,
    from: Option<(u32, Move)>,
}

/// What makes two first differences the same for an operator: the same event, and the same words for what changes.
type Group = (Event, Option<u64>, String);
/// What makes them the same without words: the same event, a lapse or not, and the same changes.
type Kind = (Event, Option<u64>, bool, Vec<Change>);

pub(super) fn compare(old: &Table, new: &Table) -> Result<Diff, TooLarge> {
    let mut walk = Walk {
        timeline: Timeline::new(old, new),
        visited: Vec::new(),
        found: Seen::default(),
        classed: Seen::default(),
        groups: BTreeMap::new(),
        kinds: BTreeMap::new(),
    };
    walk.visit(Pair { old: State::EMPTY, new: State::EMPTY, reached: 0 }, None)?;
    let mut at = 0;
    while at < walk.visited.len() {
        walk.explore(at)?;
        at += 1;
    }
    let mut differences: Vec<Difference> = walk.groups.into_values().collect();
    differences.sort_by_key(|difference| (difference.event, difference.history.len()));
    let name = |table: &Table| table.manifest().name.clone();
    Ok(Diff { old: name(old), new: name(new), differences, pairs: walk.visited.len() })
}

struct Walk<'a> {
    timeline: Timeline<'a>,
    visited: Vec<Visited>,
    found: Seen,
    /// Pairs, classes apart, from which every move was taken that names a class.
    classed: Seen,
    groups: BTreeMap<Group, Difference>,
    kinds: BTreeMap<Kind, Group>,
}

impl Walk<'_> {
    fn visit(&mut self, pair: Pair, from: Option<(u32, Move)>) -> Result<(), TooLarge> {
        if !self.found.insert(pair.packed()) {
            return Ok(());
        }
        if self.visited.len() >= PAIRS_MAX {
            return Err(TooLarge);
        }
        self.visited.push(Visited { pair, from });
        Ok(())
    }

    fn explore(&mut self, at: usize) -> Result<(), TooLarge> {
        let pair = self.visited[at].pair;
        let new = self.classed.insert(pair.declassed().packed());
        let which = if new { Which::All } else { Which::Classless };
        for &taken in self.timeline.moves(&pair, which).iter() {
            let Some(next) = self.timeline.follow(&pair, taken) else { continue };
            let changes = changes(&next.old, &next.new);
            if changes.is_empty() {
                self.visit(next, Some((at as u32, taken)))?;
            } else {
                self.note(at, taken, changes);
            }
        }
        Ok(())
    }

    /// The first one of a group has the shortest history: the walk is breadth-first.
    fn note(&mut self, at: usize, taken: Move, changes: Vec<Change>) {
        let (event, after_ms) = words::event(taken);
        let kind = (event, after_ms, matches!(taken, Move::Lapse(_)), changes);
        if let Some(difference) = self.kinds.get(&kind).and_then(|group| self.groups.get_mut(group)) {
            difference.occurrences += 1;
            return;
        }
        let changes = kind.3.clone();
        let what = words::what_changes(taken, &changes);
        let group = (event, after_ms, what.clone());
        self.kinds.insert(kind, group.clone());
        if let Some(difference) = self.groups.get_mut(&group) {
            difference.occurrences += 1;
            return;
        }
        let text = format!("{}: {what}", words::when(taken));
        let mut history = self.history(at);
        history.push(words::happened(taken));
        self.groups.insert(group, Difference { event, after_ms, changes, text, occurrences: 1, history });
    }

    fn history(&self, mut at: usize) -> Vec<String> {
        let mut history = Vec::new();
        while let Some((from, taken)) = self.visited[at].from {
            history.push(words::happened(taken));
            at = from as usize;
        }
        history.reverse();
        history
    }
}

pub(super) fn changes(old: &State, new: &State) -> Vec<Change> {
    let mut changes = Vec::new();
    if old.present != new.present {
        changes.push(Change::Present { old: old.present, new: new.present });
    } else if old.present {
        // Of somebody who is absent, health and traffic say nothing.
        if old.healthy != new.healthy {
            changes.push(Change::Healthy { old: old.healthy, new: new.healthy });
        }
        if old.traffic != new.traffic {
            changes.push(Change::Traffic { old: old.traffic, new: new.traffic });
        }
    }
    if old.hold != new.hold {
        changes.push(Change::Orders { old: old.hold, new: new.hold });
    }
    changes
}
