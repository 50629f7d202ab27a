//! What a simulation exercised: each kind of event, and each decision, under each policy.

use std::fmt;

use steadfast_policy::Event as Decision;

use crate::{event::Event, menu::Menu, model::Model};

/// Counts by kind and policy.
#[derive(Clone, Debug)]
pub struct Coverage {
    policies: Vec<String>,
    events: Vec<Vec<u64>>,
    decisions: Vec<Vec<u64>>,
}

impl Coverage {
    pub(crate) fn new(menu: &Menu) -> Coverage {
        let policies: Vec<String> = menu.labels().map(str::to_owned).collect();
        let zeros = |kinds: usize| vec![vec![0; policies.len()]; kinds];
        Coverage { events: zeros(Event::KINDS.len()), decisions: zeros(Decision::ALL.len()), policies }
    }

    /// Counts an event that was played, under the policy of its place or the default one.
    pub(crate) fn count(&mut self, event: &Event, model: &Model) {
        let policy = usize::from(model.policy_number(event.place().map(|at| at.service)));
        let kind = Event::KINDS.iter().position(|kind| *kind == event.kind()).expect("every kind is listed");
        self.events[kind][policy] += 1;
        for decided in &model.decided {
            let policy = usize::from(model.policy_number(Some(decided.at.service)));
            self.decisions[decided.facts.event as usize][policy] += 1;
        }
    }

    /// Adds the counts of another run with the same menu.
    pub fn add(&mut self, other: &Coverage) {
        let rows = self.events.iter_mut().zip(&other.events).chain(self.decisions.iter_mut().zip(&other.decisions));
        for (row, others) in rows {
            row.iter_mut().zip(others).for_each(|(count, other)| *count += other);
        }
    }

    /// Kinds of events and decisions that never happened under some policy, in words.
    pub fn missing(&self) -> Vec<String> {
        let mut missing = Vec::new();
        for (kind, row) in self.rows() {
            let never = row.iter().zip(&self.policies).filter(|(count, _)| **count == 0);
            missing.extend(never.map(|(_, policy)| format!("{kind} under {policy}")));
        }
        missing
    }

    /// Kinds of events that never happened at all.
    pub fn never(&self) -> Vec<String> {
        let never = self.rows().filter(|(_, row)| row.iter().all(|count| *count == 0));
        never.map(|(kind, _)| kind).collect()
    }

    fn rows(&self) -> impl Iterator<Item = (String, &Vec<u64>)> {
        let events = Event::KINDS.iter().map(|kind| format!("event {kind}")).zip(&self.events);
        let decisions = Decision::ALL.iter().map(|kind| format!("decision {kind}")).zip(&self.decisions);
        events.chain(decisions)
    }
}

impl fmt::Display for Coverage {
    /// One line for each kind, one column for each policy.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, policy) in self.policies.iter().enumerate() {
            writeln!(f, "  policy {number}: {policy}")?;
        }
        write!(f, "  {:25}", "")?;
        (0..self.policies.len()).try_for_each(|number| write!(f, "{number:>8}"))?;
        for (kind, row) in self.rows() {
            write!(f, "\n  {kind:25}")?;
            row.iter().try_for_each(|count| write!(f, "{count:>8}"))?;
        }
        Ok(())
    }
}
