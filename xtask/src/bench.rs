//! `cargo xtask bench`: builds the benchmarks in release and hands them the terminal.

use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::doctor::Need;
use crate::policies;
use crate::products;
use crate::project::{Project, cargo};
use crate::step::Step;

pub(crate) const NEEDS: &[Need] = &[Need::Rust, Need::Guests, Need::Go];
const CRATE: &str = "steadfast-bench";

/// What to measure, handed on as it is.
#[derive(Debug, Args)]
pub(crate) struct Choice {
    /// Measure only parts whose name holds this (may be repeated); a name that none has is answered with all of them
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Small towns and few runs: whether everything works, not how fast it is
    #[arg(long)]
    quick: bool,
    /// Write docs/BENCHMARKS.md and its curves
    #[arg(long, conflicts_with_all = ["only", "quick"])]
    write: bool,
}

pub(crate) fn run(project: &Project, choice: &Choice) -> Result<bool> {
    policies::build(project)?;
    Step::new(project, cargo())
        .args(["build", "--release", "--package", CRATE, "--features", "wasm"])
        .require(project)?;
    // The Go module names the library in `target/debug` and is given the fast one besides, which comes first.
    products::library(project)?;
    products::fast_archive(project)?;
    let program = project.target.join("release").join(CRATE);
    let mut bench = Command::new(&program);
    for name in &choice.only {
        bench.args(["--only", name]);
    }
    let flags = [("--quick", choice.quick), ("--write", choice.write)];
    bench.args(flags.into_iter().filter_map(|(flag, chosen)| chosen.then_some(flag)));
    let status = bench.status().with_context(|| format!("cannot start {}", project.shown(&program)))?;
    if !status.success() {
        bail!("the benchmarks ended with {status}");
    }
    Ok(true)
}
