//! The lanes that test Rust: guests, workspace, loom, schedules, instructions.

use std::time::Duration;

use anyhow::Result;

use crate::guest_toolchain::GuestToolchain;
use crate::instructions as counted;
use crate::lanes::report::Run;
use crate::policies;
use crate::products;
use crate::project::{Project, cargo, files_with_extension};
use crate::runner::{CARGO, ONE_ENGINE};
use crate::step::Step;

/// Everything that links the WebAssembly engine or is linked with it. The rest is never selected together with it: cargo
/// would unite the features of common dependencies, and wasmtime would be compiled a second time for the C library, which
/// is built alone.
///
/// The benchmarks are among the rest: they are tested without the engine, and measured in release only.
pub(crate) const PRODUCT: [&str; 9] = [
    "--workspace",
    "--exclude",
    "steadfast-bench",
    "--exclude",
    "xtask",
    "--exclude",
    "xtask-componentize",
    "--exclude",
    "xtask-header",
];
pub(crate) const TOOLS: [&str; 8] =
    ["-p", "steadfast-bench", "-p", "xtask", "-p", "xtask-componentize", "-p", "xtask-header"];

/// Compiling included. A test that hangs ends here, and the end of the log names it.
const TESTS_LIMIT: Duration = Duration::from_mins(20);
pub(crate) const LOOM_TEST: &str = "core/tests/loom.rs";
pub(crate) const SCHEDULES_TEST: &str = "core/tests/shuttle/main.rs";
/// What builds and runs the schedules, without their number. shuttle takes the place of atomics and locks everywhere.
pub(crate) const SCHEDULES: [&str; 7] =
    ["--package", "steadfast-core", "--no-default-features", "--profile", "schedules", "--test", "shuttle"];
pub(crate) const SCHEDULES_FLAGS: &str = "--cfg shuttle";

/// Builds every policy, tests their sources on the host, and proves that the decision kernel builds for guests.
pub(crate) fn guests(run: &mut Run<'_>) -> Result<()> {
    policies::build(run.project)?;
    for _ in files_with_extension(&run.project.policies(), "wasm")? {
        run.verdict(true);
    }
    let manifest = format!("{}/Cargo.toml", policies::GUESTS);
    // Policies are tested through their tables, by the host; a guest without tests of its own still has to compile here.
    run.check(&cargo_test(run.project).args(["--workspace", "--manifest-path", &manifest]))?;
    let target = run.project.target.join("kernel");
    let kernel = GuestToolchain::find()?.cargo(run.project, "check", "core,alloc");
    run.check(&kernel.args(["--package", "steadfast-policy", "--target-dir"]).arg(target))?;
    Ok(())
}

pub(crate) fn workspace(run: &mut Run<'_>) -> Result<()> {
    policies::build(run.project)?;
    run.tests(&cargo_test(run.project).args(PRODUCT))?;
    run.tests(&cargo_test(run.project).args(TOOLS))?;
    let library = products::library_step(run.project).runner(ONE_ENGINE);
    run.check(&library)?;
    Ok(())
}

/// The models need `loom` in place of the standard atomics everywhere, so they have a target folder of their own.
/// They are optimised: loom tries every interleaving.
pub(crate) fn loom(run: &mut Run<'_>) -> Result<()> {
    run.project.require_file(LOOM_TEST)?;
    let target = run.project.target.join("loom");
    let models = cargo_test(run.project)
        .args(["--package", "steadfast-core", "--release", "--test", "loom", "--target-dir"])
        .arg(target)
        .variable("RUSTFLAGS", "--cfg loom --cfg crossbeam_loom");
    run.tests(&models)?;
    Ok(())
}

/// Long mixed schedules of the whole registry, some hundred of them; a soak plays more.
pub(crate) fn schedules(run: &mut Run<'_>) -> Result<()> {
    run.project.require_file(SCHEDULES_TEST)?;
    let target = run.project.target.join("shuttle");
    let schedules =
        cargo_test(run.project).args(SCHEDULES).arg("--target-dir").arg(target).variable("RUSTFLAGS", SCHEDULES_FLAGS);
    run.tests(&schedules)?;
    Ok(())
}

/// On a system where nothing is counted this passes: the record says of which it is.
pub(crate) fn instructions(run: &mut Run<'_>) -> Result<()> {
    let kept = counted::run(run.project, true)?;
    run.verdict(kept);
    Ok(())
}

fn cargo_test(project: &Project) -> Step {
    Step::new(project, cargo()).arg("test").args(["--no-fail-fast"]).runner(CARGO).limit(TESTS_LIMIT)
}
