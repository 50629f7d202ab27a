//! Loading a policy, by the facts that it is asked about, and deciding through its table.

use std::hint::black_box;

use anyhow::{Context, Result};
use steadfast_policy::{
    Facts, StatePolicy, Table,
    builtin::{AdminSticky, HeartbeatWins},
    diff, law,
};

use super::{Effort, shapes};
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
    slowest_shape(effort)?;
    let native = Table::of(&AdminSticky)?;
    tell("decide native", decide(&native, effort));
    #[cfg(feature = "wasm")]
    components::run(effort)?;
    Ok(())
}

/// What loading a policy takes, by its steps, and in all; for one of the facts.
struct Load {
    tabulate: Spread,
    prove: Spread,
    compare: Spread,
    all: Spread,
    facts: usize,
}

impl Load {
    fn of(policy: &impl StatePolicy, other: &Table, effort: Effort) -> Result<Load> {
        let table = Table::of(policy)?;
        let facts = table.entries().count();
        law::prove(&table)?;
        let tabulate = || ns_each(facts, || drop(black_box(Table::of(policy))));
        let prove = || ns_each(facts, || drop(black_box(law::prove(&table))));
        let compare = || ns_each(facts, || drop(black_box(diff::compare(other, &table))));
        Ok(Load {
            tabulate: repeated(effort.runs, tabulate),
            prove: repeated(effort.runs, prove),
            compare: repeated(effort.runs, compare),
            all: repeated(effort.runs, || tabulate() + prove() + compare()),
            facts,
        })
    }

    fn tell(&self, name: &str) {
        tell(&format!("tabulate {name}"), self.tabulate);
        tell(&format!("prove {name}"), self.prove);
        tell(&format!("compare {name}"), self.compare);
        tell(&format!("load {name}"), self.all);
        #[allow(clippy::cast_precision_loss, reason = "some hundred thousand facts")]
        tell(&format!("facts {name}"), Spread::once(self.facts as f64));
    }
}

fn load(name: &str, policy: &impl StatePolicy, other: &Table, effort: Effort) -> Result<()> {
    Load::of(policy, other, effort).with_context(|| format!("the {name} policy"))?.tell(name);
    Ok(())
}

/// Every shape beside itself, and the one that takes longest for one of its facts.
fn slowest_shape(effort: Effort) -> Result<()> {
    let mut slowest: Option<Load> = None;
    for shape in shapes::all() {
        let load = Load::of(&shape, &Table::of(&shape)?, effort).with_context(|| shape.name())?;
        eprintln!("{}: {} facts, {:.0} ns to load one of them", shape.name(), load.facts, load.all.median);
        if slowest.as_ref().is_none_or(|slowest| load.all.median > slowest.all.median) {
            slowest = Some(load);
        }
    }
    slowest.context("there are shapes")?.tell("slowest shape");
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
