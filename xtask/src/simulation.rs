//! `cargo xtask sim`: the simulator has a binary of its own, so that this one stays quick to build.

use anyhow::{Context, Result};

use crate::project::{Project, cargo};

/// Plays a history and shows what the simulator says. `Ok(false)`: a promise was not kept, and its story was told.
pub(crate) fn run(project: &Project, seed: Option<u64>, events: u64, quiet: bool, release: bool) -> Result<bool> {
    let mut command = std::process::Command::new(cargo());
    command.current_dir(project.path(".")).args(["run", "--quiet", "--package", "steadfast-sim"]);
    command.args(release.then_some("--release"));
    command.args(["--", "--events", &events.to_string()]);
    if let Some(seed) = seed {
        command.args(["--seed", &seed.to_string()]);
    }
    command.args(quiet.then_some("--quiet"));
    let status = command.status().context("cannot start the simulator")?;
    Ok(status.success())
}
