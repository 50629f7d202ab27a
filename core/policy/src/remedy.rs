//! What would make an instance serve: the shortest way there, found by trying.

use alloc::{
    collections::{BTreeSet, VecDeque},
    vec::Vec,
};

use serde::Serialize;

use crate::{Hold, Input, Probe, Process, State, Table, Traffic, step};

/// One thing that somebody can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Remedy {
    /// The operators release every order.
    Release,
    /// The client sends a beat.
    Beat,
    /// A health check passes.
    Probe,
    /// The client says that it wants traffic.
    Enable,
    /// The client registers, and says that it wants traffic.
    Register,
    /// Another program registers at the address: the client was restarted.
    Restart,
}

impl Remedy {
    /// Cheapest first: what asks least of anybody is tried first.
    const ALL: [Remedy; 6] =
        [Remedy::Beat, Remedy::Probe, Remedy::Release, Remedy::Enable, Remedy::Register, Remedy::Restart];

    fn input(self, state: &State) -> Option<Input> {
        let register =
            |process| Input::Register { ephemeral: state.ephemeral, enabled: Some(true), process, class: state.class };
        match self {
            Remedy::Release => (state.hold != Hold::None).then_some(Input::Release(Hold::None)),
            Remedy::Beat => Some(Input::Beat),
            Remedy::Probe => (state.probe == Probe::Failing).then_some(Input::Probe(Probe::Passing)),
            Remedy::Enable => Some(Input::Claim { enabled: Some(true), class: state.class }),
            Remedy::Register => Some(register(Process::Same)),
            Remedy::Restart => Some(register(Process::Other)),
        }
    }
}

/// The shortest way from a state to one that takes traffic: empty if it does already, `None` if nothing of this helps.
pub fn shortest(table: &Table, state: &State) -> Option<Vec<Remedy>> {
    let mut seen = BTreeSet::from([*state]);
    let mut waiting = VecDeque::from([(*state, Vec::new())]);
    while let Some((state, way)) = waiting.pop_front() {
        if state.present && state.healthy && state.traffic == Traffic::Serve {
            return Some(way);
        }
        for remedy in Remedy::ALL {
            let next = remedy.input(&state).and_then(|input| step(table, &state, input));
            if let Some(step) = next
                && seen.insert(step.next)
            {
                let mut longer = way.clone();
                longer.push(remedy);
                waiting.push_back((step.next, longer));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{
        Remedy::{Beat, Enable, Register, Release},
        *,
    };
    use crate::builtin::{AdminSticky, HeartbeatWins};

    fn after(table: &Table, inputs: &[Input]) -> State {
        inputs.iter().fold(State::EMPTY, |state, input| step(table, &state, *input).map_or(state, |step| step.next))
    }

    #[test]
    fn the_way_depends_on_the_policy() {
        let register =
            |enabled| Input::Register { ephemeral: true, enabled: Some(enabled), process: Process::Same, class: 0 };
        let (sticky, wins) = (Table::of(&AdminSticky).unwrap(), Table::of(&HeartbeatWins).unwrap());
        let offline = Input::Hold(Hold::Offline);
        let stories: [(&[Input], &[Remedy], &[Remedy]); 6] = [
            (&[register(true)], &[], &[]),
            (&[], &[Register], &[Register]),
            (&[register(true), offline], &[Release], &[Beat]),
            (&[register(false), offline], &[Release, Enable], &[Register]),
            (&[offline], &[Release, Register], &[Register]),
            (
                &[register(true), Input::Silence(1), Input::Probe(Probe::Failing)],
                &[Beat, Remedy::Probe],
                &[Beat, Remedy::Probe],
            ),
        ];
        for (inputs, under_sticky, under_wins) in stories {
            assert_eq!(shortest(&sticky, &after(&sticky, inputs)).as_deref(), Some(under_sticky), "{inputs:?}");
            let way = shortest(&wins, &after(&wins, inputs)).unwrap();
            assert_eq!(way.len(), under_wins.len(), "{inputs:?}: {way:?}");
        }
    }
}
