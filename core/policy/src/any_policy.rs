//! Policies by chance, for tests that compare two ways to find out the same about any of them.

use alloc::{
    string::{String, ToString},
    vec,
};

use crate::{
    Condition, Event, Facts, Manifest, Orders, Selector, StatePolicy, Subject, Table, Threshold, Traffic, Verdict,
    builtin::{AdminSticky, RestartClears},
    guard,
};

/// A policy that ships, with classes and a memory, and some answers changed.
pub(crate) struct AnyPolicy {
    seed: u64,
    classes: u8,
    memos: u8,
    /// One answer in so many is another one; 0: none.
    faults: u64,
}

/// The tables of policies of several shapes: some without faults, some with few, some with many. One has as many classes
/// as there can be; walks without sets take long for it.
pub(crate) fn tables(count: u64) -> impl Iterator<Item = Table> {
    const SHAPES: [(u8, u8); 5] = [(1, 1), (1, 3), (2, 1), (2, 2), (3, 1)];
    (0..count).map(|seed| {
        let (classes, memos) = if seed == 4 { (8, 1) } else { SHAPES[seed as usize % SHAPES.len()] };
        let faults = [0, 5000, 500, 50, 7][mixed(seed) as usize % 5];
        Table::of(&AnyPolicy { seed, classes, memos, faults }).expect("within the guard rails")
    })
}

/// splitmix64.
fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ z >> 31
}

impl AnyPolicy {
    fn original(&self) -> (Manifest, fn(&Facts) -> Verdict) {
        if mixed(self.seed ^ 1).is_multiple_of(2) {
            (AdminSticky.manifest(), |facts| AdminSticky.decide(facts))
        } else {
            (RestartClears::default().manifest(), |facts| RestartClears::default().decide(facts))
        }
    }

    /// Some number that depends on everything in these facts.
    fn dice(&self, facts: &Facts) -> u64 {
        let fields = [
            facts.event as u8,
            facts.present.into(),
            facts.ephemeral.into(),
            facts.band,
            facts.claim as u8,
            facts.probe as u8,
            facts.hold as u8,
            facts.process as u8,
            facts.class,
            facts.memo,
        ];
        fields.into_iter().fold(mixed(self.seed), |dice, field| mixed(dice ^ u64::from(field)))
    }
}

impl StatePolicy for AnyPolicy {
    fn manifest(&self) -> Manifest {
        let class = |number: u8| {
            let condition = Condition { subject: Subject::Port, key: String::new(), pattern: number.to_string() };
            Selector { name: number.to_string(), conditions: vec![condition] }
        };
        let after = |after_ms| Threshold { after_ms, override_key: None };
        let odd = mixed(self.seed ^ 2) % 2;
        Manifest {
            silence: [15_000, 30_000 + 5_000 * odd, 60_000].map(after).into(),
            unhealthy_from: 2,
            absence: [60_000].map(after).into(),
            lapse_ms: (odd == 1).then_some(3_600_000),
            classes: (1..self.classes).map(class).collect(),
            memo_size: self.memos,
            ..self.original().0
        }
    }

    /// Every other class is patient; the memory is of what the client said last.
    fn decide(&self, facts: &Facts) -> Verdict {
        let patience = if facts.present { facts.class % 2 } else { 0 };
        let asked = Facts { band: facts.band.saturating_sub(patience), memo: 0, ..*facts };
        let mut verdict = self.original().1(&asked);
        let says =
            matches!(facts.event, Event::Claim | Event::Probe) || (facts.event == Event::Register && verdict.present);
        let said = if says { 1 + facts.claim as u8 + facts.probe as u8 } else { facts.memo };
        verdict.memo = said % self.memos;
        let dice = self.dice(facts);
        if self.faults > 0 && dice.is_multiple_of(self.faults) {
            let dice = (dice >> 32) as u8;
            let faulty = Verdict {
                present: dice & 1 == 0,
                healthy: dice.is_multiple_of(4),
                traffic: if dice & 1 == 0 { Traffic::ALL[usize::from(dice >> 2) % 3] } else { Traffic::Refuse },
                orders: Orders::ALL[usize::from(dice >> 5) % 2],
                memo: dice % self.memos,
                ..verdict
            };
            if guard::check(&self.manifest(), facts, &faulty).is_ok() {
                return faulty;
            }
        }
        verdict
    }
}
