//! Breadth-first over pairs of states that look the same; a pair that does not is a difference and is not followed.

use alloc::{collections::BTreeMap, string::String, vec::Vec};
use core::ops::Range;

use super::{
    Change, Diff, Difference, TooLarge,
    circumstances::Asked,
    moves::Move,
    pairs::{Edge, Pairs, To},
    words,
};
use crate::{Event, State, Table, class_pairs::ClassPairs, graph::bits};

/// A pair of places in one pair of classes, and how it was first reached.
struct Visited {
    pair: u32,
    /// The pair of classes, as the number of its bit.
    classes: u32,
    from: Option<(u32, Move)>,
}

/// What makes two first differences the same for an operator: the same event, and the same words for what changes.
type Group = (Event, Option<u64>, String);

/// The first differences of a group: how the first one came about, and what all of them were asked.
struct Found {
    from: usize,
    taken: Move,
    changes: Vec<Change>,
    occurrences: usize,
    asked: Asked,
}

pub(super) fn compare(old: &Table, new: &Table, pairs_max: usize) -> Result<Diff, TooLarge> {
    walk(Pairs::of(old, new), pairs_max).map(|walk| walk.diff(old, new))
}

fn walk(pairs: Pairs<'_>, pairs_max: usize) -> Result<Walk<'_>, TooLarge> {
    let mut walk = Walk { pairs_max, pairs, visited: Vec::new(), found: Vec::new(), kinds: BTreeMap::new() };
    let empty = walk.pairs.empty();
    walk.visit(empty, 0, None)?;
    let mut at = 0;
    while at < walk.visited.len() {
        walk.explore(at)?;
        at += 1;
    }
    Ok(walk)
}

struct Walk<'a> {
    pairs_max: usize,
    pairs: Pairs<'a>,
    visited: Vec<Visited>,
    found: Vec<(Group, Found)>,
    /// To which group a kind of difference belongs, by their numbers.
    kinds: BTreeMap<u32, usize>,
}

impl Walk<'_> {
    fn visit(&mut self, pair: u32, classes: u32, from: Option<(u32, Move)>) -> Result<(), TooLarge> {
        let visited = &mut self.pairs.pair_mut(pair).visited;
        if *visited >> classes & 1 == 1 {
            return Ok(());
        }
        if self.visited.len() >= self.pairs_max {
            return Err(TooLarge);
        }
        *visited |= 1 << classes;
        self.visited.push(Visited { pair, classes, from });
        Ok(())
    }

    fn explore(&mut self, at: usize) -> Result<(), TooLarge> {
        let Visited { pair, classes, .. } = self.visited[at];
        let mut edges = self.pairs.edges(pair);
        let named = edges.clone().take_while(|edge| self.pairs.edge(*edge).taken.names_class()).count();
        let named = edges.start..edges.start + named;
        edges.start = named.end;
        // What names classes leads from all classes to the same, so it is taken from the first that came here.
        if self.pairs.pair(pair).is_new {
            self.pairs.pair_mut(pair).is_new = false;
            for (classes, _, edge) in self.in_order(named) {
                self.take(at, edge, classes)?;
            }
        }
        for edge in edges {
            let edge = self.pairs.edge(edge);
            if edge.classes >> classes & 1 == 1 {
                self.take(at, edge, 1 << classes)?;
            }
        }
        Ok(())
    }

    /// Edges that name classes, in the order in which a walk that knows nothing of sets would take them: by classes,
    /// then by move. Only that order makes the first story of a difference the same as that walk's.
    fn in_order(&self, edges: Range<usize>) -> Vec<(ClassPairs, u8, Edge)> {
        let mut ordered = Vec::new();
        for edge in edges.map(|edge| self.pairs.edge(edge)) {
            match edge.to {
                To::Pair(to) => {
                    let new = edge.classes & !self.pairs.pair(to).visited;
                    ordered.extend(bits(new).map(|bit| (1 << bit, edge.nth, edge)));
                }
                To::Difference(..) => ordered.push((edge.classes, edge.nth, edge)),
            }
        }
        ordered.sort_unstable_by_key(|(classes, nth, _)| (classes.trailing_zeros(), *nth));
        ordered
    }

    fn take(&mut self, at: usize, edge: Edge, classes: ClassPairs) -> Result<(), TooLarge> {
        match edge.to {
            To::Pair(to) => self.visit(to, classes.trailing_zeros(), Some((at as u32, edge.taken)))?,
            To::Difference(kind, asked) => {
                let found = self.group(kind, at, edge.taken);
                found.occurrences += classes.count_ones() as usize;
                found.asked.add(asked);
            }
        }
        Ok(())
    }

    /// The group of a kind of difference. The first one of a group has the shortest history: the walk is
    /// breadth-first.
    fn group(&mut self, kind: u32, from: usize, taken: Move) -> &mut Found {
        let at = self.kinds.get(&kind).copied().unwrap_or_else(|| {
            let at = self.new_group(kind, from, taken);
            self.kinds.insert(kind, at);
            at
        });
        &mut self.found[at].1
    }

    fn new_group(&mut self, kind: u32, from: usize, taken: Move) -> usize {
        let (event, after_ms) = words::event(taken);
        let (changes, present) = (self.pairs.changes_of(kind), self.pairs.is_present(self.visited[from].pair));
        let group = (event, after_ms, words::what_changes(taken, present, &changes));
        if let Some(at) = self.found.iter().position(|(found, _)| *found == group) {
            return at;
        }
        self.found.push((group, Found { from, taken, changes, occurrences: 0, asked: Asked::default() }));
        self.found.len() - 1
    }

    fn diff(mut self, old: &Table, new: &Table) -> Diff {
        let mut found = core::mem::take(&mut self.found);
        found.sort_by(|(one, _), (other, _)| one.cmp(other));
        let mut differences: Vec<Difference> =
            found.into_iter().map(|(group, found)| self.tell(group, found)).collect();
        differences.sort_by_key(|difference| (difference.event, difference.history.len()));
        let name = |table: &Table| table.manifest().name.clone();
        Diff { old: name(old), new: name(new), differences, pairs: self.visited.len() }
    }

    fn tell(&self, group: Group, found: Found) -> Difference {
        let Found { from, taken, changes, occurrences, asked } = found;
        let (event, after_ms, what) = group;
        let circumstances = asked.circumstances();
        let text = alloc::format!("{}: {what}", words::when(taken, &circumstances, &changes));
        let mut history = self.history(from);
        history.push(words::happened(taken));
        Difference { event, after_ms, changes, circumstances, text, occurrences, history }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        any_policy,
        builtin::{AdminSticky, HeartbeatWins},
        diff::naive,
    };

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

    #[test]
    fn sets_of_classes_find_what_a_walk_without_them_finds() {
        let tables: Vec<Table> = any_policy::tables(20).collect();
        let mut differences = 0;
        for (old, new) in tables.iter().zip(tables.iter().cycle().skip(7)).chain(tables[..4].iter().zip(&tables)) {
            let found = compare(old, new, usize::MAX).expect("no bound");
            assert_eq!(found, naive::compare(old, new));
            differences += found.differences.len();
        }
        assert!(differences > 100, "{differences}");
    }

    #[test]
    fn edges_that_were_dropped_are_found_again() {
        let tables: Vec<Table> = any_policy::tables(5).collect();
        let (old, new) = (&tables[4], &tables[3]);
        let mut forgetful = Pairs::of(old, new);
        forgetful.edges_kept = 0;
        let found = walk(forgetful, usize::MAX).expect("no bound").diff(old, new);
        assert_eq!(found, compare(old, new, usize::MAX).expect("no bound"));
    }
}
