//! Breadth-first walk over everything that can happen; the first violation found is the shortest.

use alloc::{boxed::Box, vec::Vec};

use super::{
    Counterexample, Law, LawError, Origin, Proof, Witness,
    ghost::Node,
    inputs::{Menu, Move, Which, left_behind},
    predicate::holds_after,
    restores,
};
use crate::{Input, State, Table, fold, seen::Seen, step};

/// Proves the laws that speak of histories. Histories from an empty registry come first, because they explain more.
pub(super) fn prove(
    table: &Table,
    laws: &[Law],
    states_max: usize,
    proven: &mut dyn FnMut(Law),
) -> Result<Proof, LawError> {
    let mut walk = Walk::new(table, laws, states_max);
    walk.start(Node::EMPTY, Origin::Empty, None)?;
    let explored = walk.explore(0)?;
    for state in left_behind(table) {
        walk.start_after_swap(state)?;
    }
    walk.explore(explored)?;
    laws.iter().filter(|law| !law.is_static() && **law != Law::ReleaseRestores).for_each(|law| proven(*law));
    let mut states = walk.nodes.len();
    if laws.contains(&Law::ReleaseRestores) {
        let states_of_walk = walk.nodes.iter().map(|visited| visited.node.state);
        let story = |at: usize| (walk.nodes[at].origin, walk.history(at));
        states += restores::prove(table, states_of_walk, states_max, story)?;
        proven(Law::ReleaseRestores);
    }
    Ok(Proof { states, steps: walk.steps })
}

struct Walk<'a> {
    table: &'a Table,
    laws: &'a [Law],
    states_max: usize,
    menu: Menu<'a>,
    nodes: Vec<Visited>,
    found: Seen,
    /// Nodes, classes apart, from which every move was taken that names a class.
    classed: Seen,
    steps: usize,
}

/// A node and how it was first reached.
struct Visited {
    node: Node,
    origin: Origin,
    from: Option<(u32, Move)>,
    /// The swap that a history from an earlier policy starts with.
    swapped: Option<State>,
}

impl<'a> Walk<'a> {
    fn new(table: &'a Table, laws: &'a [Law], states_max: usize) -> Walk<'a> {
        let (menu, nodes) = (Menu::of(table), Vec::new());
        Walk { table, laws, states_max, menu, nodes, found: Seen::default(), classed: Seen::default(), steps: 0 }
    }

    fn start(&mut self, node: Node, origin: Origin, swapped: Option<State>) -> Result<(), LawError> {
        self.visit(Visited { node, origin, from: None, swapped })
    }

    /// An earlier policy's state, as the first decision under this table finds it.
    fn start_after_swap(&mut self, state: State) -> Result<(), LawError> {
        let before = Node::left_behind(state);
        let input = Input::Swap { band: state.band, class: state.class, memo: 0 };
        let Some(step) = step(self.table, &state, input) else { return Ok(()) };
        self.steps += 1;
        let after = before.after(input, step.next);
        if let Some(law) = self.broken(before, input, after) {
            let witness = Witness::new(self.table, step.facts, step.verdict);
            return Err(broken(law, Origin::LeftBehind, [witness].into()));
        }
        self.start(after, Origin::LeftBehind, Some(state))
    }

    fn visit(&mut self, visited: Visited) -> Result<(), LawError> {
        if !self.found.insert(visited.node.packed()) {
            return Ok(());
        }
        if self.nodes.len() >= self.states_max {
            return Err(LawError::TooLarge);
        }
        self.nodes.push(visited);
        Ok(())
    }

    /// Explores from node number `first` until nothing new is found; returns how many nodes there are.
    fn explore(&mut self, first: usize) -> Result<usize, LawError> {
        let mut at = first;
        while at < self.nodes.len() {
            let (before, origin) = (self.nodes[at].node, self.nodes[at].origin);
            let declassed = Node { state: before.state.declassed(), ..before };
            let which = if self.classed.insert(declassed.packed()) { Which::All } else { Which::Classless };
            for &taken in self.menu.moves(&before.state, which).iter() {
                self.steps += 1;
                let after = self.follow(at, before, taken)?;
                if let Some(node) = after {
                    self.visit(Visited { node, origin, from: Some((at as u32, taken)), swapped: None })?;
                }
            }
            at += 1;
        }
        Ok(at)
    }

    fn follow(&self, at: usize, before: Node, taken: Move) -> Result<Option<Node>, LawError> {
        let Move::Input(input) = taken else {
            return Ok(Some(Node { state: before.state.forgotten(), ..before }));
        };
        let Some(step) = step(self.table, &before.state, input) else { return Ok(None) };
        let after = before.after(input, step.next);
        match self.broken(before, input, after) {
            None => Ok(Some(after)),
            Some(law) => {
                let mut steps = self.history(at);
                steps.push(Witness::new(self.table, step.facts, step.verdict));
                self.show_repetition(law, input, after, &mut steps);
                Err(broken(law, self.nodes[at].origin, steps))
            }
        }
    }

    fn broken(&self, before: Node, input: Input, after: Node) -> Option<Law> {
        self.laws.iter().copied().find(|law| !holds_after(self.table, *law, before, input, after))
    }

    /// For a law about doing a thing twice, the second time belongs to the story.
    fn show_repetition(&self, law: Law, input: Input, after: Node, steps: &mut Vec<Witness>) {
        if law == Law::Idempotent
            && let Some(facts) = fold(&after.state, input)
        {
            steps.push(Witness::new(self.table, facts, self.table.decide(&facts)));
        }
    }

    /// Every decision that led to a node, first one first.
    fn history(&self, mut at: usize) -> Vec<Witness> {
        let mut steps = Vec::new();
        while let Some((from, taken)) = self.nodes[at].from {
            steps.push(self.witness(from as usize, taken));
            at = from as usize;
        }
        if let Some(state) = self.nodes[at].swapped {
            let input = Input::Swap { band: state.band, class: state.class, memo: 0 };
            if let Some(step) = step(self.table, &state, input) {
                steps.push(Witness::new(self.table, step.facts, step.verdict));
            }
        }
        steps.reverse();
        steps
    }

    fn witness(&self, from: usize, taken: Move) -> Witness {
        match taken {
            Move::Forget => Witness::unasked("its tombstone is dropped; orders stay"),
            Move::Restart => Witness::unasked("the registry restarts; orders stay"),
            Move::Input(input) => match step(self.table, &self.nodes[from].node.state, input) {
                Some(step) => Witness::new(self.table, step.facts, step.verdict),
                None => Witness::unasked("nothing"),
            },
        }
    }
}

fn broken(law: Law, origin: Origin, steps: Vec<Witness>) -> LawError {
    LawError::Broken { law, counterexample: Box::new(Counterexample::new(law, origin, steps)) }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;
    use crate::builtin::{AdminSticky, HeartbeatWins};

    #[test]
    fn nothing_that_can_happen_folds_into_facts_the_table_does_not_hold() {
        let table = Table::of(&HeartbeatWins).unwrap();
        let mut walk = Walk::new(&table, &[], usize::MAX);
        walk.start(Node::EMPTY, Origin::Empty, None).unwrap();
        left_behind(&table).for_each(|state| walk.start_after_swap(state).unwrap());
        walk.explore(0).unwrap();
        for Visited { node, .. } in &walk.nodes {
            for taken in walk.menu.moves(&node.state, Which::All).iter() {
                if let Move::Input(input) = *taken
                    && let Some(facts) = fold(&node.state, input)
                {
                    assert!(facts.possible(), "{facts}");
                    assert_ne!(table.decide(&facts).reason, 0, "{facts}");
                }
            }
        }
        assert!(walk.nodes.len() > 300, "{}", walk.nodes.len());
    }

    fn prove_within(laws: &[Law], states_max: usize) -> Result<Proof, LawError> {
        prove(&Table::of(&AdminSticky).unwrap(), laws, states_max, &mut |_| {})
    }

    #[test]
    fn a_walk_of_more_states_than_are_visited_proves_nothing() {
        let all = prove_within(&[Law::Sticky], usize::MAX).expect("no bound").states;
        assert_eq!(prove_within(&[Law::Sticky], all).expect("they fit").states, all);
        let error = prove_within(&[Law::Sticky], all - 1).expect_err("one too many");
        assert!(error.to_string().starts_with("too large to prove: more than 2000000 states"), "{error}");
    }

    #[test]
    fn the_bound_holds_for_pairs_of_runs_too() {
        let states = prove_within(&[], usize::MAX).expect("no bound").states;
        let pairs = prove_within(&[Law::ReleaseRestores], usize::MAX).expect("no bound").states - states;
        assert!(pairs > states, "{pairs} pairs, so that they are what is too much: {states} states");
        assert!(prove_within(&[Law::ReleaseRestores], pairs).is_ok());
        let error = prove_within(&[Law::ReleaseRestores], pairs - 1).expect_err("one too many");
        assert!(matches!(error, LawError::TooLarge), "{error}");
    }
}
