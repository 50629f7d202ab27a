//! Breadth-first over pairs of states that look the same; a pair that does not is a difference and is not followed.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    format,
    string::String,
    vec::Vec,
};

use super::{
    Change, Diff, Difference, PAIRS_MAX, TooLarge,
    moves::{Move, Timeline},
    words,
};
use crate::{Event, State, Table};

/// Both policies' state after the same history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pair {
    pub(super) old: State,
    pub(super) new: State,
    /// The highest duration of silence or absence that has been reached.
    pub(super) elapsed_ms: u64,
}

struct Visited {
    pair: Pair,
    from: Option<(u32, Move)>,
}

/// What makes two first differences the same for an operator: the same event, and the same words for what changes.
type Group = (Event, Option<u64>, String);

pub(super) fn compare(old: &Table, new: &Table) -> Result<Diff, TooLarge> {
    let mut walk = Walk {
        timeline: Timeline::new(old, new),
        visited: Vec::new(),
        found: BTreeSet::new(),
        groups: BTreeMap::new(),
    };
    walk.visit(Pair { old: State::EMPTY, new: State::EMPTY, elapsed_ms: 0 }, None)?;
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
    found: BTreeSet<Pair>,
    groups: BTreeMap<Group, Difference>,
}

impl Walk<'_> {
    fn visit(&mut self, pair: Pair, from: Option<(u32, Move)>) -> Result<(), TooLarge> {
        if !self.found.insert(pair) {
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
        for taken in self.timeline.moves(&pair) {
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
        let what = words::what_changes(taken, &changes);
        let group = (event, after_ms, what.clone());
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
