//! What the checker remembers beside the state: the order as the operator knows it.

use crate::{Hold, Input, Process, State, State as S, seen::STATE_BITS};

/// How many ghosts a state can have.
pub(super) const GHOSTS: usize = 2 * Hold::ALL.len();

/// A state with the ghosts that the laws speak of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) state: State,
    /// The strongest order that stands. Set by hold, lowered by release; a policy that clears orders does not clear
    /// what the operator said.
    pub(super) ordered: Hold,
    /// Whether an event of another or an unknown process came since the order.
    pub(super) foreign: bool,
}

impl Node {
    pub(super) const EMPTY: Node = Node { state: S::EMPTY, ordered: Hold::None, foreign: false };

    /// A state that an earlier policy left behind: the order is what the hold says.
    pub(super) const fn left_behind(state: State) -> Node {
        Node { state, ordered: state.hold, foreign: false }
    }

    /// Different nodes, different numbers.
    pub(super) fn packed(&self) -> u64 {
        self.state.packed() | (self.ordered as u64) << STATE_BITS | u64::from(self.foreign) << (STATE_BITS + 2)
    }

    /// What the ghosts are, as a number below [`GHOSTS`].
    pub(super) const fn ghost(&self) -> usize {
        self.ordered as usize * 2 + self.foreign as usize
    }

    /// The node of a state and the number of its ghosts.
    pub(super) fn haunted(state: State, ghost: usize) -> Node {
        Node { state, ordered: Hold::ALL[ghost / 2], foreign: ghost % 2 == 1 }
    }

    /// The node after `input` led to `next`.
    pub(super) fn after(self, input: Input, next: State) -> Node {
        let (ordered, foreign) = match input {
            Input::Hold(hold) => (hold, false),
            Input::Release(Hold::None) => (Hold::None, false),
            Input::Release(rest) => (rest, self.foreign),
            Input::Register { process, .. } | Input::Recover(process) => {
                (self.ordered, self.ordered != Hold::None && (self.foreign || process != Process::Same))
            }
            _ => (self.ordered, self.foreign),
        };
        Node { state: next, ordered, foreign }
    }
}
