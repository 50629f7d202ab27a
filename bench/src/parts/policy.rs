//! Loading a policy, by the facts that it is asked about, and deciding through its table.

use std::hint::black_box;

use anyhow::{Context, Result};
use steadfast_policy::{
    Condition, Event, Facts, Law, Manifest, Selector, StatePolicy, Subject, Table, Threshold, Verdict,
    builtin::{AdminSticky, HeartbeatWins},
    diff, law,
};

use super::Effort;
use crate::{
    random::Random,
    samples::tell,
    spread::{Spread, ns_each, repeated},
};

/// Decisions in one run.
const DECISIONS: usize = 1_000_000;

pub(super) fn run(effort: Effort) -> Result<()> {
    let other = Table::of(&HeartbeatWins)?;
    load("plain", &AdminSticky, &other, effort)?;
    load("largest", &Largest, &Table::of(&Largest)?, effort)?;
    let native = Table::of(&AdminSticky)?;
    tell("decide native", decide(&native, effort));
    #[cfg(feature = "wasm")]
    components::run(effort)?;
    Ok(())
}

/// Tabulate, prove and compare: each by itself, and their sum, for one of the facts.
fn load(name: &str, policy: &impl StatePolicy, other: &Table, effort: Effort) -> Result<()> {
    let table = Table::of(policy)?;
    let facts = table.entries().count();
    law::prove(&table).with_context(|| format!("the {name} policy keeps its promises"))?;
    let tabulate = || ns_each(facts, || drop(black_box(Table::of(policy))));
    let prove = || ns_each(facts, || drop(black_box(law::prove(&table))));
    let compare = || ns_each(facts, || drop(black_box(diff::compare(other, &table))));
    tell(&format!("tabulate {name}"), repeated(effort.runs, tabulate));
    tell(&format!("prove {name}"), repeated(effort.runs, prove));
    tell(&format!("compare {name}"), repeated(effort.runs, compare));
    tell(&format!("load {name}"), repeated(effort.runs, || tabulate() + prove() + compare()));
    #[allow(clippy::cast_precision_loss, reason = "some hundred thousand facts")]
    tell(&format!("facts {name}"), Spread::once(facts as f64));
    Ok(())
}

/// Nanoseconds for one decision, over facts in random order.
fn decide(table: &Table, effort: Effort) -> Spread {
    let facts: Vec<Facts> = table.entries().map(|(facts, _)| facts).collect();
    let mut random = Random(1);
    let asked: Vec<Facts> = (0..DECISIONS).map(|_| facts[random.below(facts.len())]).collect();
    repeated(effort.runs, || {
        ns_each(asked.len(), || {
            let reasons: u64 = asked.iter().map(|facts| u64::from(table.decide(facts).reason)).sum();
            black_box(reasons);
        })
    })
}

/// The default policy with as many cells as a manifest may have: two classes, eight memo values (it counts holds), all
/// thresholds.
struct Largest;

impl StatePolicy for Largest {
    fn manifest(&self) -> Manifest {
        let thresholds = |all: [u64; 3]| all.map(|after_ms| Threshold { after_ms, override_key: None }).into();
        let canary = Condition { subject: Subject::Metadata, key: "canary".into(), pattern: "true".into() };
        Manifest {
            name: "largest".into(),
            silence: thresholds([15_000, 30_000, 60_000]),
            absence: thresholds([60_000, 120_000, 180_000]),
            classes: vec![Selector { name: "canary".into(), conditions: vec![canary] }],
            memo_size: 8,
            laws: vec![Law::Sticky, Law::Available, Law::Honest, Law::ClaimRespected],
            ..AdminSticky.manifest()
        }
    }

    fn decide(&self, facts: &Facts) -> Verdict {
        let memo = if facts.event == Event::Hold { (facts.memo + 1) % 8 } else { facts.memo };
        Verdict { memo, ..AdminSticky.decide(facts) }
    }
}

#[cfg(feature = "wasm")]
mod components {
    use std::{fs, path::Path};

    use anyhow::{Context, Result};
    use steadfast_wasm::{Limits, Params, load};

    use super::{Effort, decide};
    use crate::{samples::tell, spread::Spread};

    /// The whole load of the default policy as a component, compiling included.
    pub(super) fn run(effort: Effort) -> Result<()> {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/policies/admin-sticky.wasm");
        let bytes = fs::read(&file).with_context(|| format!("{}: run `cargo xtask wasm` first", file.display()))?;
        let mut took = Vec::new();
        let mut table = None;
        for _ in 0..effort.runs {
            let policy = load(&bytes, &Params::new(), &Limits::default())?;
            took.push(policy.took.as_secs_f64() * 1e9);
            table = Some(policy.table);
        }
        tell("load component", Spread::of(took));
        let table = table.context("it was loaded")?;
        tell("decide component", decide(&table, effort));
        Ok(())
    }
}
