//! The same as the [walk](super::walk), for all classes of a place at once, and without histories.
//!
//! It says yes or nothing. Where it finds a law broken or a bound reached it stops, and the walk that keeps histories
//! says what and how: so a proof is quick, and a refusal is told as the walk finds it.

use alloc::{collections::VecDeque, vec::Vec};

use super::{
    Law, Proof,
    ghost::{GHOSTS, Node},
    inputs::{Menu, left_behind},
    predicate::{again, holds_after},
    survey_pairs,
};
use crate::{
    Hold, Input, State, Table,
    graph::{Act, Branch, Classes, Graph, Place},
    step,
};

/// Something does not hold, or is too large.
#[derive(Debug)]
pub(super) struct Doubt;

/// Proves the laws that speak of histories, if they hold.
pub(super) fn prove(
    table: &Table,
    laws: &[Law],
    states_max: usize,
    proven: &mut dyn FnMut(Law),
) -> Result<Proof, Doubt> {
    let mut survey = Survey::new(table, laws, states_max);
    let empty = survey.graph.place(State::EMPTY);
    survey.visit(empty, Node::EMPTY.ghost(), 1)?;
    for state in left_behind(table) {
        survey.start_after_swap(state)?;
    }
    survey.explore()?;
    laws.iter().filter(|law| !law.is_static() && **law != Law::ReleaseRestores).for_each(|law| proven(*law));
    let (mut states, steps, starts) = (survey.states, survey.steps, survey.unordered());
    if laws.contains(&Law::ReleaseRestores) {
        states += survey_pairs::prove(survey.graph, survey.menu, &starts, states_max)?;
        proven(Law::ReleaseRestores);
    }
    Ok(Proof { states, steps })
}

struct Survey<'a> {
    graph: Graph<'a>,
    menu: Menu<'a>,
    /// Those that can be judged by where an act leads, and `idempotent`, which looks one act further.
    laws: Vec<Law>,
    idempotent: bool,
    states_max: usize,
    /// The classes in which a place was reached, for each of the ghosts.
    reached: Vec<[Classes; GHOSTS]>,
    /// Those of them from which nothing was taken yet.
    ahead: Vec<[Classes; GHOSTS]>,
    waiting: VecDeque<(Place, usize)>,
    states: usize,
    steps: usize,
}

impl<'a> Survey<'a> {
    fn new(table: &'a Table, laws: &[Law], states_max: usize) -> Survey<'a> {
        Survey {
            graph: Graph::of(table),
            menu: Menu::of(table),
            laws: laws.iter().copied().filter(|law| *law != Law::Idempotent).collect(),
            idempotent: laws.contains(&Law::Idempotent),
            states_max,
            reached: Vec::new(),
            ahead: Vec::new(),
            waiting: VecDeque::new(),
            states: 0,
            steps: 0,
        }
    }

    /// An earlier policy's state, as the first decision under this table finds it.
    fn start_after_swap(&mut self, state: State) -> Result<(), Doubt> {
        let (before, table) = (Node::left_behind(state), self.graph.table());
        let input = Input::Swap { band: state.band, class: state.class, memo: 0 };
        let Some(step) = step(table, &state, input) else { return Ok(()) };
        self.steps += 1;
        let after = before.after(input, step.next);
        if self.laws.iter().any(|law| !holds_after(table, *law, before, input, after)) {
            return Err(Doubt);
        }
        let to = self.graph.place(step.next);
        self.visit(to, after.ghost(), 1 << step.next.class)
    }

    fn visit(&mut self, place: Place, ghost: usize, classes: Classes) -> Result<(), Doubt> {
        let at = place as usize;
        if at >= self.reached.len() {
            self.reached.resize(at + 1, [0; GHOSTS]);
            self.ahead.resize(at + 1, [0; GHOSTS]);
        }
        let new = classes & !self.reached[at][ghost];
        if new == 0 {
            return Ok(());
        }
        self.states += new.count_ones() as usize;
        if self.states > self.states_max {
            return Err(Doubt);
        }
        if self.ahead[at][ghost] == 0 {
            self.waiting.push_back((place, ghost));
        }
        self.reached[at][ghost] |= new;
        self.ahead[at][ghost] |= new;
        Ok(())
    }

    fn explore(&mut self) -> Result<(), Doubt> {
        while let Some((place, ghost)) = self.waiting.pop_front() {
            let from = core::mem::take(&mut self.ahead[place as usize][ghost]);
            // What names a class leads from all classes to the same, so it is taken once.
            let first = self.reached[place as usize][ghost] == from;
            for act in Act::each(self.menu.acts(self.graph.state(place))) {
                let classes = match (act.names_class(), first) {
                    (false, _) => from,
                    (true, true) => self.graph.classes(),
                    (true, false) => continue,
                };
                self.steps += classes.count_ones() as usize;
                self.take(place, ghost, act, classes)?;
            }
        }
        Ok(())
    }

    fn take(&mut self, place: Place, ghost: usize, act: Act, classes: Classes) -> Result<(), Doubt> {
        let Some(branches) = self.graph.branches(place, act) else { return Ok(()) };
        let before = Node::haunted(*self.graph.state(place), ghost);
        for at in branches {
            let branch = self.graph.branch(at);
            let (to, classes) = (branch.to, branch.classes & classes);
            if classes == 0 {
                continue;
            }
            let ghost = match act.input() {
                None => ghost,
                Some(input) => self.judge(before, input, Branch { to, classes })?.ghost(),
            };
            self.visit(to, ghost, classes)?;
        }
        Ok(())
    }

    fn judge(&mut self, before: Node, input: Input, branch: Branch) -> Result<Node, Doubt> {
        let after = before.after(input, *self.graph.state(branch.to));
        let broken = |law: &Law| !holds_after(self.graph.table(), *law, before, input, after);
        if self.laws.iter().any(broken) || (self.idempotent && !self.repeats(input, branch)) {
            return Err(Doubt);
        }
        Ok(after)
    }

    /// Whether the same event once more leads nowhere else.
    fn repeats(&mut self, input: Input, Branch { to, classes }: Branch) -> bool {
        let Some(branches) = again(input).and_then(Act::of).and_then(|act| self.graph.branches(to, act)) else {
            return true;
        };
        branches.map(|at| self.graph.branch(at)).all(|second| second.to == to || second.classes & classes == 0)
    }

    /// Where nobody ordered anything, and in which classes.
    fn unordered(&self) -> Vec<Branch> {
        let any = |ghosts: &[Classes; GHOSTS]| ghosts.iter().fold(0, |all, classes| all | classes);
        let places = (0..).zip(&self.reached).map(|(to, ghosts)| Branch { to, classes: any(ghosts) });
        places.filter(|place| place.classes != 0 && self.graph.state(place.to).hold == Hold::None).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{any_policy, law::walk};

    /// Whether the law holds, if the two agree.
    fn agree(table: &Table, laws: &[Law], states_max: usize) -> bool {
        let (mut told, mut expected) = (Vec::new(), Vec::new());
        let surveyed = prove(table, laws, states_max, &mut |law| told.push(law));
        match walk::prove(table, laws, states_max, &mut |law| expected.push(law)) {
            Ok(proof) => assert_eq!(surveyed.expect("it holds"), proof, "{laws:?}"),
            Err(error) => assert!(surveyed.is_err(), "{error}"),
        }
        assert_eq!(told, expected);
        !told.is_empty()
    }

    #[test]
    fn a_survey_says_yes_where_the_walk_does_and_nowhere_else() {
        for law in Law::ALL.iter().copied().filter(|law| !law.is_static()) {
            let held: Vec<bool> = any_policy::tables(25).map(|table| agree(&table, &[law], usize::MAX)).collect();
            assert!(held.contains(&true) && held.contains(&false), "{law}: {held:?}");
        }
        assert!(any_policy::tables(10).all(|table| !agree(&table, &[], usize::MAX)), "only static laws are told of");
    }

    #[test]
    fn a_survey_counts_like_the_walk_up_to_the_bound() {
        for table in any_policy::tables(3) {
            let states = prove(&table, &[], usize::MAX, &mut |_| {}).expect("nothing to break").states;
            agree(&table, &[], states);
            agree(&table, &[], states - 1);
            assert!(prove(&table, &[], states - 1, &mut |_| {}).is_err());
        }
    }
}
