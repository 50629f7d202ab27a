//! `cargo xtask demo`: builds every part, then plays the story.

pub(crate) mod acceptance;
mod acts;
mod gateway;
mod interrupt;
mod lines;
mod patience;
mod process;
mod readme;
mod seen;
mod stage;
mod story;
mod web;

use std::path::PathBuf;

use anyhow::Result;

use crate::ci;
use crate::console;
use crate::doctor::Need;
use crate::policies;
use crate::products;
use crate::project::Project;
use crate::runner::Tally;

pub(crate) const NAME: &str = "demo";
pub(crate) const NEEDS: &[Need] = &Need::DEMO;

/// What the story is played with.
pub(crate) struct Parts {
    /// The folder with every policy that ships, as components.
    pub(crate) policies: PathBuf,
    /// The gateway's program, with the registry linked in.
    pub(crate) gateway: PathBuf,
    /// Where Maven put the Java client.
    pub(crate) java_client: PathBuf,
}

/// `Ok(false)`: the story went differently; the line that did has been printed.
pub(crate) fn run(project: &Project, stay: bool) -> Result<bool> {
    let parts = build(project)?;
    let passed = story::play(project, &parts, stay)?;
    ci::record(project, NAME, Tally::one(passed))?;
    Ok(passed)
}

fn build(project: &Project) -> Result<Parts> {
    const STAGES: usize = 4;
    console::stage(1, STAGES, "policies as WebAssembly components");
    policies::build(project)?;
    console::stage(2, STAGES, "the registry as a C library");
    let library = products::library(project)?;
    console::stage(3, STAGES, "the Nacos gateway in Go");
    let gateway = products::gateway(project, &library)?;
    console::stage(4, STAGES, "the stock Nacos client in Java");
    let java_client = products::java_client(project)?;
    Ok(Parts { policies: project.policies(), gateway, java_client })
}
