//! Every task of the repository, for people and for CI: `cargo xtask --help`.

mod bench;
mod ci;
mod command_line;
mod committed;
mod console;
mod demo;
mod doctor;
mod guest_toolchain;
mod header;
mod instructions;
mod lanes;
mod policies;
mod products;
mod project;
mod runner;
mod scenarios;
mod simulation;
mod soak;
mod step;
mod transcript;
mod version;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

use crate::command_line::{CommandLine, Task};
use crate::lanes::Stage;
use crate::project::Project;

fn main() -> ExitCode {
    let task = CommandLine::parse().task;
    match run(&task) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            console::line(&format!("error: {why:#}"));
            ExitCode::FAILURE
        }
    }
}

/// `Ok(false)`: the task ran to its end, and its report names what failed.
fn run(task: &Task) -> Result<bool> {
    let project = Project::find()?;
    match task {
        Task::Doctor { install } => doctor::run(&project, *install),
        Task::Wasm => policies::build(&project).map(|()| true),
        Task::Lib { no_wasm } => library(&project, *no_wasm),
        Task::Header { verify } => header::run(&project, *verify),
        Task::Scenarios { verify } => scenarios::run(&project, *verify),
        Task::Check { no_install, only } => run_lanes(&project, Stage::Check, only, *no_install),
        Task::Test { no_install, only } => run_lanes(&project, Stage::Test, only, *no_install),
        Task::Ci => ci::run(&project),
        Task::Sim { seed, events, quiet, release } => simulation::run(&project, *seed, *events, *quiet, *release),
        Task::Soak { choice, no_install } => {
            doctor::prepare(&project, bench::NEEDS, *no_install)?;
            soak::run(&project, choice)
        }
        Task::Instructions { verify } => instructions::run(&project, *verify),
        Task::Bench { choice, no_install } => {
            doctor::prepare(&project, bench::NEEDS, *no_install)?;
            bench::run(&project, choice)
        }
        Task::Demo { stay, no_install } => {
            doctor::prepare(&project, demo::NEEDS, *no_install)?;
            demo::run(&project, *stay)
        }
    }
}

fn run_lanes(project: &Project, stage: Stage, only: &[String], no_install: bool) -> Result<bool> {
    doctor::prepare(project, &lanes::needs(stage, only), no_install)?;
    lanes::run(project, stage, only)
}

fn library(project: &Project, no_wasm: bool) -> Result<bool> {
    let library = if no_wasm { products::library_without_wasm(project)? } else { products::library(project)? };
    for file in library.files() {
        console::line(&project.shown(file));
    }
    Ok(true)
}
