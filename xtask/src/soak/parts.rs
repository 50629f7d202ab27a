//! The parts of a soak, in order: what is found soonest comes first.

use std::time::Duration;

use anyhow::{Context, Result};

use crate::lanes::rust::{LOOM_TEST, PRODUCT, SCHEDULES, SCHEDULES_FLAGS, SCHEDULES_TEST};
use crate::policies;
use crate::project::{Project, cargo, files_with_extension};
use crate::runner::{CARGO, Runner, Tally, number_after, number_before};
use crate::soak::sanitizers;
use crate::soak::turn::Turn;
use crate::step::Step;

/// One thing that a soak does.
pub(crate) struct Part {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    /// What it counts.
    pub(crate) unit: &'static str,
    /// Its share of the minutes; none for a part of one length.
    pub(crate) share: u32,
    pub(crate) run: fn(&mut Turn<'_>) -> Result<()>,
}

pub(crate) const PARTS: &[Part] = &[
    Part {
        name: "simulation",
        about: "clients, operators, clocks and crashes of fresh seeds against the core and a model",
        unit: "events",
        share: 4,
        run: simulation,
    },
    Part {
        name: "histories",
        about: "random histories of orders and routes against models",
        unit: "histories",
        share: 2,
        run: histories,
    },
    Part {
        name: "crashes",
        about: "registries on a simulated disk that fails, tears and forgets",
        unit: "runs",
        share: 0,
        run: crashes,
    },
    Part { name: "kills", about: "kill -9 of a real process on a real disk", unit: "kills", share: 0, run: kills },
    Part { name: "models", about: "all interleavings of the lock-free parts", unit: "models", share: 0, run: models },
    Part {
        name: "schedules",
        about: "the whole registry in long mixed schedules of fresh seeds, and registries with a fault",
        unit: "schedules",
        share: 2,
        run: schedules,
    },
    Part { name: "hostile", about: "policy components that mean harm", unit: "tests", share: 0, run: hostile },
    Part {
        name: "fuzz",
        about: "bytes that nobody would write, for everything that reads files",
        unit: "inputs",
        share: 2,
        run: fuzz,
    },
    Part {
        name: "addresses",
        about: "the tests of the core and the store under AddressSanitizer",
        unit: "tests",
        share: 0,
        run: sanitizers::addresses,
    },
    Part {
        name: "threads",
        about: "their threads under ThreadSanitizer, the standard library included",
        unit: "tests",
        share: 0,
        run: sanitizers::threads,
    },
    Part {
        name: "full",
        about: "as many instances as a registry takes, and one more",
        unit: "instances",
        share: 0,
        run: full,
    },
    Part { name: "bench", about: "every budget, up to ten million instances", unit: "parts", share: 0, run: bench },
];

/// Some seconds of an optimised simulation, so that seeds change often and time is kept.
const EVENTS: &str = "200000";
const CASES: u64 = 5000;
const CRASH_RUNS: &str = "5000";
const KILLS: &str = "100";
const SCHEDULES_PER_TURN: &str = "5000";
/// The longest that one command of a part may take, compiling included. A hang ends here.
const LIMIT: Duration = Duration::from_hours(2);
const FUZZ_TARGETS: &str = "fuzz/fuzz_targets";
/// Where a fuzzer finds files as they should be; without them it would spend its life guessing the first bytes.
const EXAMPLES: [(&str, &str); 2] = [("table", "core/tests/golden"), ("vectors", "conformance/policies")];

/// Larger than the examples, and small enough for thousands of tries a second.
const FILE_BYTES: &str = "-max_len=20000";

const SIMULATOR: Runner = Runner { shows: |line| line.starts_with("every promise"), counts: events_played };
const FUZZER: Runner = Runner { shows: |line| line.starts_with("Done "), counts: inputs_tried };
/// Every test of the two files plays as many histories.
const HISTORIES: Runner = Runner {
    shows: CARGO.shows,
    counts: |line| {
        let tests = (CARGO.counts)(line);
        Tally { passed: tests.passed * CASES, ..tests }
    },
};
const HELD: Runner = Runner { shows: |line| (CARGO.shows)(line) || held_of(line) > 0, counts: counts_held };
const BENCHMARKS: Runner = Runner {
    shows: |line| line.starts_with('|') || line.starts_with('['),
    counts: |line| Tally { passed: u64::from(line.starts_with('[')), failed: 0 },
};

fn simulation(turn: &mut Turn<'_>) -> Result<()> {
    turn.until_spent(|turn| {
        let seed = turn.seed().to_string();
        let arguments = ["--quiet", "--package", "steadfast-sim", "--", "--quiet", "--events", EVENTS, "--seed", &seed];
        pure(turn.project, "run").arg("--release").args(arguments).runner(SIMULATOR)
    })
}

/// proptest takes its seeds from the system, and prints the history that fails.
fn histories(turn: &mut Turn<'_>) -> Result<()> {
    turn.until_spent(|turn| {
        let tests = ["--package", "steadfast-core", "--test", "random", "--test", "routes_random"];
        pure(turn.project, "test")
            .arg("--release")
            .args(tests)
            .variable("PROPTEST_CASES", CASES.to_string())
            .runner(HISTORIES)
    })
}

fn crashes(turn: &mut Turn<'_>) -> Result<()> {
    let seed = turn.seed().to_string();
    let step = pure(turn.project, "test")
        .args(["--package", "steadfast-store", "--lib", "crashes"])
        .variable("STEADFAST_CRASH_SEED", seed)
        .variable("STEADFAST_CRASH_RUNS", CRASH_RUNS)
        .runner(HELD);
    turn.step(&step)
}

fn kills(turn: &mut Turn<'_>) -> Result<()> {
    let step = pure(turn.project, "test")
        .args(["--package", "steadfast-store", "--test", "killed"])
        .variable("STEADFAST_KILLS", KILLS)
        .runner(HELD);
    turn.step(&step)
}

fn full(turn: &mut Turn<'_>) -> Result<()> {
    let step = pure(turn.project, "test")
        .args(["--release", "--package", "steadfast-core", "--test", "full", "--", "--ignored", "--nocapture"])
        .runner(HELD);
    turn.step(&step)
}

fn models(turn: &mut Turn<'_>) -> Result<()> {
    turn.project.require_file(LOOM_TEST)?;
    let step = Step::new(turn.project, cargo())
        .args(["test", "--package", "steadfast-core", "--release", "--test", "loom", "--target-dir"])
        .arg(turn.project.target.join("loom"))
        .variable("RUSTFLAGS", "--cfg loom --cfg crossbeam_loom")
        .runner(CARGO)
        .limit(LIMIT);
    turn.step(&step)
}

/// shuttle takes its seeds from the system, and keeps the schedule that fails in a file.
fn schedules(turn: &mut Turn<'_>) -> Result<()> {
    turn.project.require_file(SCHEDULES_TEST)?;
    turn.until_spent(|turn| {
        Step::new(turn.project, cargo())
            .arg("test")
            .args(SCHEDULES)
            .arg("--target-dir")
            .arg(turn.project.target.join("shuttle"))
            .args(["--", "--nocapture"])
            .variable("RUSTFLAGS", SCHEDULES_FLAGS)
            .variable("STEADFAST_SCHEDULES", SCHEDULES_PER_TURN)
            .runner(HELD)
            .limit(LIMIT)
    })
}

/// Chosen among the whole product, so that the engine is not compiled a second time with other features.
fn hostile(turn: &mut Turn<'_>) -> Result<()> {
    policies::build(turn.project)?;
    let step = Step::new(turn.project, cargo())
        .arg("test")
        .args(PRODUCT)
        .args(["--test", "hostile"])
        .runner(CARGO)
        .limit(LIMIT);
    turn.step(&step)
}

/// Each target for the same time.
fn fuzz(turn: &mut Turn<'_>) -> Result<()> {
    let targets = files_with_extension(&turn.project.require_folder(FUZZ_TARGETS)?, "rs")?;
    let installed = std::process::Command::new(cargo()).args(["fuzz", "--version"]).output();
    if !installed.is_ok_and(|said| said.status.success()) {
        turn.skip("cargo-fuzz is not installed (`cargo install --locked cargo-fuzz`)");
        return Ok(());
    }
    let seconds = (turn.budget.as_secs() / targets.len().max(1) as u64).max(1);
    for target in targets {
        let name = target.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let found = format!("fuzz/corpus/{name}");
        std::fs::create_dir_all(turn.project.path(&found)).with_context(|| format!("cannot create {found}"))?;
        let examples = EXAMPLES.iter().filter(|(target, _)| *target == name).map(|(_, folder)| *folder);
        let (time, seed) = (format!("-max_total_time={seconds}"), format!("-seed={}", turn.seed()));
        let step = Step::new(turn.project, cargo())
            .args(["fuzz", "run", &name, &found])
            .args(examples)
            .args(["--", &time, &seed, FILE_BYTES])
            .variable("RUSTC_BOOTSTRAP", "1")
            .runner(FUZZER)
            .limit(LIMIT.max(turn.budget * 2));
        turn.step(&step)?;
    }
    Ok(())
}

fn bench(turn: &mut Turn<'_>) -> Result<()> {
    let step = Step::new(turn.project, cargo()).args(["xtask", "bench", "--no-install"]);
    turn.step(&step.runner(BENCHMARKS).limit(LIMIT))
}

/// A cargo command for crates without the engine. Alone they are built with other features of common dependencies than
/// the product, so they have a target folder of their own.
fn pure(project: &Project, command: &str) -> Step {
    let target = project.target.join("soak");
    Step::new(project, cargo()).arg(command).arg("--target-dir").arg(target).limit(LIMIT)
}

/// `every promise was kept: 200000 events, 12 starts, 40000 a second, digest 0123456789abcdef`
fn events_played(line: &str) -> Tally {
    let events = if line.starts_with("every promise was kept") { number_before(line, " events") } else { 0 };
    Tally { passed: events, failed: 0 }
}

/// `Done 123456 runs in 31 second(s)`
fn inputs_tried(line: &str) -> Tally {
    let inputs = if line.starts_with("Done ") { number_after(line, "Done ") } else { 0 };
    Tally { passed: inputs, failed: 0 }
}

/// `5000 crash runs held: ...` and the like, which tests say that were told how much to do.
fn held_of(line: &str) -> u64 {
    let said = [" crash runs held", " kills held", " schedules held", " instances held"]
        .iter()
        .find(|said| line.contains(**said));
    said.map_or(0, |said| number_before(line, said))
}

/// What was played, not the number of tests that played it.
fn counts_held(line: &str) -> Tally {
    Tally { passed: held_of(line), failed: (CARGO.counts)(line).failed }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_programs_say_at_their_end_is_counted() {
        let said = "every promise was kept: 200000 events, 12 starts, 40000 a second, digest 0123456789abcdef";
        assert_eq!((SIMULATOR.counts)(said), Tally { passed: 200_000, failed: 0 });
        assert_eq!((SIMULATOR.counts)("seed 7, 200000 events"), Tally::NONE);
        assert_eq!((FUZZER.counts)("Done 4096 runs in 31 second(s)"), Tally { passed: 4096, failed: 0 });
        assert_eq!((FUZZER.counts)("#4096 pulse cov: 12"), Tally::NONE);
        assert_eq!((HELD.counts)("100 kills held, 4711 answers kept"), Tally { passed: 100, failed: 0 });
        assert_eq!((HELD.counts)("5000 crash runs held: Tally"), Tally { passed: 5000, failed: 0 });
        assert_eq!((HELD.counts)("5000 schedules held"), Tally { passed: 5000, failed: 0 });
        assert_eq!((HELD.counts)("test result: FAILED. 1 passed; 1 failed;"), Tally { passed: 0, failed: 1 });
        assert_eq!((HISTORIES.counts)("test result: ok. 1 passed; 0 failed;"), Tally { passed: CASES, failed: 0 });
        assert_eq!((BENCHMARKS.counts)("[2/9] lookups"), Tally { passed: 1, failed: 0 });
    }

    #[test]
    fn only_what_can_go_on_has_a_share_of_the_minutes() {
        let timed: Vec<&str> = PARTS.iter().filter(|part| part.share > 0).map(|part| part.name).collect();
        assert_eq!(timed, ["simulation", "histories", "schedules", "fuzz"]);
    }
}
