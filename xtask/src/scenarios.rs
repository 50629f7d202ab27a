//! `cargo xtask scenarios`: docs/SCENARIOS.md and what the vectors say are the same.

use std::fs;

use anyhow::{Context, Result};

use crate::committed::Committed;
use crate::project::{Project, cargo};
use crate::step::Step;

const DOCUMENT: Committed =
    Committed { file: "docs/SCENARIOS.md", writer: "the vectors say", task: "cargo xtask scenarios" };

/// Writes the document, or with `verify` only compares. `Ok(false)`: it differs, and the difference has been printed.
pub(crate) fn run(project: &Project, verify: bool) -> Result<bool> {
    let file = project.scratch("scenarios")?.join("SCENARIOS.md");
    Step::new(project, cargo())
        .args(["run", "--package", "steadfast-conformance", "--bin", "scenarios", "--"])
        .arg(&file)
        .require(project)?;
    let fresh = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    DOCUMENT.settle(project, &fresh, verify)
}
