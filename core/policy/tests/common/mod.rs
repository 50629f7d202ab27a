//! Stories: inputs run through a table, one after the other.

#![allow(dead_code, unreachable_pub, missing_docs, reason = "shared by several tests, each of which uses a part")]

use steadfast_policy::{
    Facts, Input, Manifest, Process, State, StatePolicy, Table, Verdict,
    builtin::{AdminSticky, EurekaChain, HeartbeatWins, MaintenanceWindow, Nacos2x, Nacos14, RestartClears},
    law::Counterexample,
    step,
};

/// The tables of all policies that ship, with default parameters.
pub fn shipped() -> Vec<Table> {
    vec![
        table(&AdminSticky),
        table(&HeartbeatWins),
        table(&RestartClears::default()),
        table(&Nacos2x::default()),
        table(&Nacos14),
        table(&EurekaChain),
        table(&MaintenanceWindow::default()),
    ]
}

pub fn table(policy: &impl StatePolicy) -> Table {
    Table::of(policy).expect("within the guard rails")
}

/// `admin-sticky` with one fault.
pub struct Faulty(pub fn(&Facts, &mut Verdict));

impl StatePolicy for Faulty {
    fn manifest(&self) -> Manifest {
        AdminSticky.manifest()
    }

    fn decide(&self, facts: &Facts) -> Verdict {
        let mut verdict = AdminSticky.decide(facts);
        (self.0)(facts, &mut verdict);
        verdict
    }
}

/// One instance under one table.
pub struct Story {
    pub table: Table,
    pub state: State,
    reason: u8,
}

impl Story {
    pub fn under(table: Table) -> Story {
        Story { table, state: State::EMPTY, reason: 0 }
    }

    /// Runs inputs, each of which must be delivered.
    pub fn inputs(&mut self, inputs: &[Input]) {
        for input in inputs {
            let step = step(&self.table, &self.state, *input).unwrap_or_else(|| panic!("{input:?} is not delivered"));
            (self.state, self.reason) = (step.next, step.verdict.reason);
        }
    }

    /// Why it is as it is, by the last decision.
    pub fn reason(&self) -> &str {
        self.table.manifest().reason(self.reason)
    }
}

/// An ephemeral instance that wants traffic.
pub fn register(process: Process) -> Input {
    Input::Register { ephemeral: true, enabled: Some(true), process, class: 0 }
}

/// The events of a counterexample, or what happened without one.
pub fn events(counterexample: &Counterexample) -> String {
    let event = |step: &steadfast_policy::law::Witness| {
        step.facts.map_or_else(|| step.text.clone(), |facts| facts.event.name().to_owned())
    };
    counterexample.steps.iter().map(event).collect::<Vec<_>>().join(" ")
}
