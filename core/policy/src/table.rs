//! A policy evaluated on everything it can be asked: decisions become one load.

use alloc::{vec, vec::Vec};

use crate::{
    Claim, Event, Facts, Hold, Manifest, ManifestError, Probe, Process, Rail, StatePolicy, Verdict, facts::BANDS,
    guard, verdict::Cell,
};

/// A policy's answers to all possible facts, checked against the guard rails.
///
/// Two tables are equal when their manifests and all their answers are; a policy written in Rust and the same policy
/// as a component give equal tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    manifest: Manifest,
    layout: Layout,
    cells: Vec<Cell>,
}

impl Table {
    /// Asks `policy` about every possible facts value.
    pub fn of(policy: &impl StatePolicy) -> Result<Table, TableError> {
        let never = |facts: &Facts| Ok::<_, core::convert::Infallible>(policy.decide(facts));
        Table::tabulate(policy.manifest(), Order::Forward, never).map_err(|error| match error {
            TabulateError::Table(error) => error,
            TabulateError::Decide { error, .. } => match error {},
        })
    }

    /// The same for a policy whose answers can fail to come, such as a sandboxed guest. Stops at the first failure.
    pub fn tabulate<E>(
        manifest: Manifest,
        order: Order,
        mut decide: impl FnMut(&Facts) -> Result<Verdict, E>,
    ) -> Result<Table, TabulateError<E>> {
        manifest.validate().map_err(TableError::from)?;
        let layout = Layout::of(&manifest);
        let mut cells = vec![Cell::IMPOSSIBLE; layout.len()];
        let mut fill = |index: usize| -> Result<(), TabulateError<E>> {
            let facts = layout.facts(index);
            if !layout.possible(&facts) {
                return Ok(());
            }
            let verdict = decide(&facts).map_err(|error| TabulateError::Decide { facts, error })?;
            guard::check(&manifest, &facts, &verdict).map_err(|rail| TableError::Rail { rail, facts, verdict })?;
            cells[index] = Cell::pack(verdict);
            Ok(())
        };
        match order {
            Order::Forward => (0..layout.len()).try_for_each(&mut fill)?,
            Order::Backward => (0..layout.len()).rev().try_for_each(&mut fill)?,
        }
        Ok(Table { manifest, layout, cells })
    }

    /// How many facts values a policy with this manifest is asked about.
    pub fn questions(manifest: &Manifest) -> Result<usize, ManifestError> {
        manifest.validate()?;
        let layout = Layout::of(manifest);
        Ok((0..layout.len()).filter(|index| layout.possible(&layout.facts(*index))).count())
    }

    /// What the policy declares about itself.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The decision: an index computation and one load.
    ///
    /// Facts that cannot occur change nothing but say so: present as before, traffic refused, reason 0.
    #[inline]
    pub fn decide(&self, facts: &Facts) -> Verdict {
        match self.cells.get(self.layout.index(facts)) {
            Some(&cell) if cell != Cell::IMPOSSIBLE => cell.unpack(),
            _ => undecided(facts),
        }
    }

    /// Every possible facts value with its verdict, in a fixed order.
    pub fn entries(&self) -> impl Iterator<Item = (Facts, Verdict)> + '_ {
        self.cells
            .iter()
            .enumerate()
            .filter(|(_, cell)| **cell != Cell::IMPOSSIBLE)
            .map(|(index, cell)| (self.layout.facts(index), cell.unpack()))
    }
}

fn undecided(facts: &Facts) -> Verdict {
    use crate::{Orders, Traffic};
    let (present, memo) = (facts.present, facts.memo);
    Verdict { present, healthy: false, traffic: Traffic::Refuse, orders: Orders::Keep, memo, reason: 0 }
}

/// In which order a policy is asked. A pure policy gives the same table in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// From the first facts value to the last.
    Forward,
    /// From the last to the first.
    Backward,
}

/// Why a policy gives no table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// The manifest is out of bounds.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A verdict broke a guard rail.
    #[error("guard rail: {rail}; asked about [{facts}], answered [{verdict}]")]
    Rail {
        /// The rule.
        rail: Rail,
        /// What was asked.
        facts: Facts,
        /// What was answered.
        verdict: Verdict,
    },
}

/// Why a policy whose answers can fail to come gives no table.
#[derive(Debug, thiserror::Error)]
pub enum TabulateError<E> {
    /// It answered, but not as it must.
    #[error(transparent)]
    Table(#[from] TableError),
    /// It did not answer.
    #[error("no answer to [{facts}]")]
    Decide {
        /// What was asked.
        facts: Facts,
        /// What happened instead.
        error: E,
    },
}

/// Where the answer to each facts value stands: mixed radix, event first. Only register and recover spend room on
/// `process`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Layout {
    bases: [u32; Event::ALL.len()],
    classes: u8,
    memos: u8,
    bands: [u8; 2],
}

impl Layout {
    fn of(manifest: &Manifest) -> Layout {
        let (classes, memos) = (manifest.class_count() as u8, manifest.memo_size);
        let block = (2 * 2 * BANDS * Claim::ALL.len() * Probe::ALL.len() * Hold::ALL.len()) as u32
            * u32::from(classes)
            * u32::from(memos);
        let mut bases = [0; Event::ALL.len()];
        let mut next = 0;
        for (event, base) in Event::ALL.iter().zip(&mut bases) {
            *base = next;
            next += block * processes(*event);
        }
        Layout { bases, classes, memos, bands: [manifest.band_max(false), manifest.band_max(true)] }
    }

    fn len(&self) -> usize {
        let last = Event::ALL[Event::ALL.len() - 1];
        self.bases[last as usize] as usize + self.block() * processes(last) as usize
    }

    fn block(&self) -> usize {
        // Register is the first event and holds one block for each process.
        self.bases[1] as usize / Process::ALL.len()
    }

    fn possible(&self, facts: &Facts) -> bool {
        facts.possible() && facts.band <= self.bands[usize::from(facts.present)]
    }

    #[inline]
    fn index(&self, facts: &Facts) -> usize {
        let mut index = facts.process as usize;
        index = index * 2 + usize::from(facts.present);
        index = index * 2 + usize::from(facts.ephemeral);
        index = index * BANDS + usize::from(facts.band);
        index = index * Claim::ALL.len() + facts.claim as usize;
        index = index * Probe::ALL.len() + facts.probe as usize;
        index = index * Hold::ALL.len() + facts.hold as usize;
        index = index * usize::from(self.classes) + usize::from(facts.class);
        index = index * usize::from(self.memos) + usize::from(facts.memo);
        self.bases[facts.event as usize] as usize + index
    }

    fn facts(&self, index: usize) -> Facts {
        let at = self.bases.partition_point(|base| *base as usize <= index) - 1;
        let mut rest = index - self.bases[at] as usize;
        let mut digit = |radix: usize| {
            let value = rest % radix;
            rest /= radix;
            value
        };
        let memo = digit(usize::from(self.memos)) as u8;
        let class = digit(usize::from(self.classes)) as u8;
        let hold = Hold::ALL[digit(Hold::ALL.len())];
        let probe = Probe::ALL[digit(Probe::ALL.len())];
        let claim = Claim::ALL[digit(Claim::ALL.len())];
        let band = digit(BANDS) as u8;
        let ephemeral = digit(2) == 1;
        let present = digit(2) == 1;
        let process = Process::ALL[digit(Process::ALL.len())];
        Facts { event: Event::ALL[at], present, ephemeral, band, claim, probe, hold, process, class, memo }
    }
}

fn processes(event: Event) -> u32 {
    if matches!(event, Event::Register | Event::Recover) { Process::ALL.len() as u32 } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin::AdminSticky;

    #[test]
    fn index_and_facts_are_inverse() {
        let mut manifest = AdminSticky.manifest();
        manifest.memo_size = 8;
        manifest.classes = vec![crate::Selector { name: "all".into(), conditions: vec![] }];
        let layout = Layout::of(&manifest);
        for index in 0..layout.len() {
            assert_eq!(layout.index(&layout.facts(index)), index);
        }
    }

    #[test]
    fn every_question_is_counted() {
        let table = Table::of(&AdminSticky).unwrap();
        assert_eq!(Table::questions(table.manifest()), Ok(table.entries().count()));
        let without_reasons = Manifest::new("a", "1", "");
        assert_eq!(Table::questions(&without_reasons), Err(ManifestError::Reasons(0)));
    }

    #[test]
    fn the_order_of_asking_does_not_matter_to_a_pure_policy() {
        let decide = |facts: &Facts| Ok::<_, ()>(AdminSticky.decide(facts));
        let forward = Table::tabulate(AdminSticky.manifest(), Order::Forward, decide).unwrap();
        let backward = Table::tabulate(AdminSticky.manifest(), Order::Backward, decide).unwrap();
        assert_eq!(forward, backward);
    }

    #[test]
    fn impossible_facts_get_a_harmless_answer() {
        let table = Table::of(&AdminSticky).unwrap();
        let (mut facts, _) = table.entries().next().unwrap();
        facts.class = 7;
        facts.memo = 15;
        facts.event = Event::Remove;
        assert_eq!(table.decide(&facts).reason, 0);
    }
}
