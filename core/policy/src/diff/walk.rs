//! Breadth-first over pairs of states that look the same; a pair that does not is a difference and is not followed.

use alloc::{collections::BTreeMap, format, string::String, vec::Vec};

use super::{
    Change, Diff, Difference, TooLarge,
    circumstances::Asked,
    moves::{Move, Timeline, Which},
    words,
};
use crate::{
    Event, Facts, State, Table,
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
/// What makes them the same without words: the same event, a lapse or not, somebody present or not, the same changes.
type Kind = (Event, Option<u64>, bool, bool, Vec<Change>);

/// The first differences of a group: how the first one came about, and what all of them were asked.
struct Found {
    from: usize,
    taken: Move,
    changes: Vec<Change>,
    occurrences: usize,
    asked: Asked,
}

pub(super) fn compare(old: &Table, new: &Table, pairs_max: usize) -> Result<Diff, TooLarge> {
    let mut walk = Walk {
        pairs_max,
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
    let mut differences: Vec<Difference> = walk.groups.iter().map(|(group, found)| walk.tell(group, found)).collect();
    differences.sort_by_key(|difference| (difference.event, difference.history.len()));
    let name = |table: &Table| table.manifest().name.clone();
    Ok(Diff { old: name(old), new: name(new), differences, pairs: walk.visited.len() })
}

struct Walk<'a> {
    pairs_max: usize,
    timeline: Timeline<'a>,
    visited: Vec<Visited>,
    found: Seen,
    /// Pairs, classes apart, from which every move was taken that names a class.
    classed: Seen,
    groups: BTreeMap<Group, Found>,
    kinds: BTreeMap<Kind, Group>,
}

impl Walk<'_> {
    fn visit(&mut self, pair: Pair, from: Option<(u32, Move)>) -> Result<(), TooLarge> {
        if !self.found.insert(pair.packed()) {
            return Ok(());
        }
        if self.visited.len() >= self.pairs_max {
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
            let Some((next, facts)) = self.timeline.follow(&pair, taken) else { continue };
            let changes = changes(&next.old, &next.new);
            if changes.is_empty() {
                self.visit(next, Some((at as u32, taken)))?;
            } else {
                self.note(at, taken, facts, changes);
            }
        }
        Ok(())
    }

    /// The first one of a group has the shortest history: the walk is breadth-first.
    fn note(&mut self, from: usize, taken: Move, facts: Option<Facts>, changes: Vec<Change>) {
        let (event, after_ms) = words::event(taken);
        let present = self.visited[from].pair.old.present;
        let kind = (event, after_ms, matches!(taken, Move::Lapse(_)), present, changes);
        if let Some(found) = self.kinds.get(&kind).and_then(|group| self.groups.get_mut(group)) {
            return found.again(facts);
        }
        let changes = kind.4.clone();
        let group = (event, after_ms, words::what_changes(taken, present, &changes));
        self.kinds.insert(kind, group.clone());
        let new = Found { from, taken, changes, occurrences: 0, asked: Asked::default() };
        self.groups.entry(group).or_insert(new).again(facts);
    }

    fn tell(&self, group: &Group, found: &Found) -> Difference {
        let Found { from, taken, changes, occurrences, asked } = found;
        let (event, after_ms, what) = group;
        let circumstances = asked.circumstances();
        let text = format!("{}: {what}", words::when(*taken, &circumstances, changes));
        let mut history = self.history(*from);
        history.push(words::happened(*taken));
        let (event, after_ms, occurrences) = (*event, *after_ms, *occurrences);
        Difference { event, after_ms, changes: changes.clone(), circumstances, text, occurrences, history }
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

impl Found {
    fn again(&mut self, facts: Option<Facts>) {
        self.occurrences += 1;
        if let Some(facts) = facts {
            self.asked.add(&facts);
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin::{AdminSticky, HeartbeatWins};

    #[test]
    fn a_comparison_of_more_pairs_than_are_visited_is_given_up() {
        let (old, new) = (Table::of(&AdminSticky).unwrap(), Table::of(&HeartbeatWins).unwrap());
        let all = compare(&old, &new, usize::MAX).expect("no bound").pairs;
        assert_eq!(compare(&old, &new, all).expect("they fit").pairs, all);
        let error = compare(&old, &new, all - 1).expect_err("one too many");
        assert_eq!(
            alloc::string::ToString::to_string(&error),
            "too large to compare: more than 250000 pairs of states"
        );
    }
}
