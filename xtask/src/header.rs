//! `cargo xtask header`: the committed C header and what cbindgen makes of the crate are the same.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::committed::Committed;
use crate::project::{Project, cargo};
use crate::step::Step;

const CRATE: &str = "ffi";
const CONFIGURATION: &str = "ffi/cbindgen.toml";
const HEADER: Committed =
    Committed { file: "include/steadfast.h", writer: "cbindgen writes", task: "cargo xtask header" };

/// Writes the header, or with `verify` only compares. `Ok(false)`: it differs, and the difference has been printed.
pub(crate) fn run(project: &Project, verify: bool) -> Result<bool> {
    HEADER.settle(project, &generate(project)?, verify)
}

fn generate(project: &Project) -> Result<String> {
    let file: PathBuf = project.scratch("header")?.join("steadfast.h");
    Step::new(project, cargo())
        .args(["run", "--package", "xtask-header", "--", CRATE, CONFIGURATION])
        .arg(&file)
        .require(project)?;
    fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))
}
