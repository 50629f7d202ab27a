//! Checks and tests, in lanes: what `cargo xtask check` and `cargo xtask test` run, in this order.

pub(crate) mod c;
mod checks;
mod hosts;
mod report;
pub(crate) mod rust;
mod symbols;

use anyhow::Result;

use crate::ci;
use crate::console;
use crate::doctor::Need;
use crate::lanes::report::{Report, Run};
use crate::policies::GUESTS;
use crate::products::{GATEWAY, JAVA_CLIENT};
use crate::project::Project;

pub(crate) const GO_BINDING: &str = "bindings/go";
pub(crate) const FUZZERS: &str = "fuzz";

/// One group of commands that stands or falls on its own.
pub(crate) struct Lane {
    pub(crate) name: &'static str,
    about: &'static str,
    /// Folders that must be there: a part that went missing must not look like one that passes.
    folders: &'static [&'static str],
    needs: &'static [Need],
    run: fn(&mut Run<'_>) -> Result<()>,
}

/// What needs no test run.
pub(crate) const CHECK: &[Lane] = &[
    Lane {
        name: "format",
        about: "rustfmt and gofmt",
        folders: &[GUESTS, FUZZERS, GO_BINDING, GATEWAY],
        needs: &[Need::Rust, Need::Go],
        run: checks::format,
    },
    Lane {
        name: "locks",
        about: "the lock files fit the manifests",
        folders: &[GUESTS],
        needs: &[Need::Rust],
        run: checks::locks,
    },
    Lane {
        name: "header",
        about: "include/steadfast.h is what cbindgen writes",
        folders: &["ffi", "include"],
        needs: &[Need::Rust],
        run: checks::header,
    },
    Lane {
        name: "scenarios",
        about: "docs/SCENARIOS.md is what the vectors say",
        folders: &["conformance", "docs"],
        needs: &[Need::Rust],
        run: checks::scenarios,
    },
    Lane {
        name: "lints",
        about: "clippy and rustdoc, no warning",
        folders: &[GUESTS, FUZZERS],
        needs: &[Need::Rust],
        run: checks::lints,
    },
    Lane {
        name: "licences",
        about: "licences and advisories of all dependencies",
        folders: &[],
        needs: &[Need::Rust],
        run: checks::licences,
    },
];

/// The tests. Guests come first: the tests of the policy host load what is built from them.
pub(crate) const TEST: &[Lane] = &[
    Lane {
        name: "guests",
        about: "policies as WebAssembly components",
        folders: &[GUESTS],
        needs: &[Need::Rust, Need::Guests],
        run: rust::guests,
    },
    Lane {
        name: "rust",
        about: "every Rust test",
        folders: &["core", "ffi", "wasm-plugins/host"],
        needs: &[Need::Rust, Need::Guests],
        run: rust::workspace,
    },
    Lane {
        name: "loom",
        about: "all interleavings of the lock-free parts",
        folders: &["core"],
        needs: &[Need::Rust],
        run: rust::loom,
    },
    Lane {
        name: "schedules",
        about: "the whole registry in long mixed schedules",
        folders: &["core"],
        needs: &[Need::Rust],
        run: rust::schedules,
    },
    Lane {
        name: "instructions",
        about: "no hot path takes more instructions than recorded",
        folders: &["bench/instructions"],
        needs: &[Need::Rust, Need::Valgrind],
        run: rust::instructions,
    },
    Lane {
        name: "c",
        about: "C programs under address and undefined-behaviour sanitizers",
        folders: &[c::TESTS, c::EXAMPLES, "include"],
        needs: &[Need::Rust, Need::C],
        run: c::run,
    },
    Lane {
        name: "go",
        about: "Go module and gateway, with the race detector",
        folders: &[GO_BINDING, GATEWAY],
        needs: &[Need::Rust, Need::Guests, Need::C, Need::Go],
        run: hosts::go,
    },
    Lane {
        name: "java",
        about: "users' stories with the stock Nacos client against the gateway",
        folders: &[JAVA_CLIENT, GATEWAY],
        needs: &Need::DEMO,
        run: hosts::java,
    },
];

/// Which command's lanes.
#[derive(Clone, Copy)]
pub(crate) enum Stage {
    Check,
    Test,
}

impl Stage {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Test => "test",
        }
    }

    pub(crate) fn lanes(self) -> &'static [Lane] {
        match self {
            Self::Check => CHECK,
            Self::Test => TEST,
        }
    }
}

/// Everything that the chosen lanes need from the machine. An empty choice means all of them.
pub(crate) fn needs(stage: Stage, only: &[String]) -> Vec<Need> {
    let lanes = chosen(stage, only);
    Need::ALL.into_iter().filter(|need| lanes.iter().any(|lane| lane.needs.contains(need))).collect()
}

/// Runs the chosen lanes, all of them even if one fails. `Ok(false)`: at least one failed.
pub(crate) fn run(project: &Project, stage: Stage, only: &[String]) -> Result<bool> {
    let lanes = chosen(stage, only);
    let mut reports = Vec::new();
    for (number, lane) in lanes.iter().enumerate() {
        console::stage(number + 1, lanes.len(), &format!("{}: {}", lane.name, lane.about));
        let report = run_lane(project, lane);
        console::line(&format!("  {report}"));
        reports.push(report);
    }
    let tally = report::summary(&reports);
    ci::record(project, stage.name(), tally)?;
    Ok(tally.failed == 0)
}

fn chosen(stage: Stage, only: &[String]) -> Vec<&'static Lane> {
    let wanted = |lane: &&Lane| only.is_empty() || only.iter().any(|name| name == lane.name);
    stage.lanes().iter().filter(wanted).collect()
}

fn run_lane(project: &Project, lane: &Lane) -> Report {
    let mut run = Run::start(project);
    let work = |run: &mut Run<'_>| {
        for folder in lane.folders {
            project.require_folder(folder)?;
        }
        (lane.run)(run)
    };
    if let Err(why) = work(&mut run) {
        run.broke(&why);
    }
    run.finish(lane.name)
}
