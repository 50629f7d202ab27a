//! The lanes of `cargo xtask check`.

use std::process::Command;

use anyhow::Result;

use crate::console;
use crate::header as c_header;
use crate::lanes::report::Run;
use crate::lanes::rust::{PRODUCT, TOOLS};
use crate::lanes::{FUZZERS, GO_BINDING};
use crate::policies::GUESTS;
use crate::products::GATEWAY;
use crate::project::cargo;
use crate::runner::GOFMT;
use crate::scenarios as document;
use crate::step::Step;

pub(crate) fn format(run: &mut Run<'_>) -> Result<()> {
    let plain = ["--check", "--", "--color", "never"];
    run.check(&Step::new(run.project, cargo()).args(["fmt", "--all"]).args(plain))?;
    // Without `--all`, which would judge the crates that guests depend on a second time; only then does the folder count.
    run.check(&Step::new(run.project, cargo()).arg("fmt").args(plain).folder(run.project.path(GUESTS)))?;
    run.check(&Step::new(run.project, cargo()).arg("fmt").args(plain).folder(run.project.path(FUZZERS)))?;
    run.check(&Step::new(run.project, "gofmt").args(["-l", GO_BINDING, GATEWAY]).runner(GOFMT))?;
    Ok(())
}

/// A manifest that changed without its lock file would be resolved anew on each machine.
pub(crate) fn locks(run: &mut Run<'_>) -> Result<()> {
    let tree = ["--workspace", "--locked", "--quiet", "--depth", "0"];
    run.check(&Step::new(run.project, cargo()).arg("tree").args(tree))?;
    run.check(&guests(run, "tree").args(tree))?;
    Ok(())
}

pub(crate) fn header(run: &mut Run<'_>) -> Result<()> {
    let fresh = c_header::run(run.project, true)?;
    run.verdict(fresh);
    Ok(())
}

pub(crate) fn scenarios(run: &mut Run<'_>) -> Result<()> {
    let fresh = document::run(run.project, true)?;
    run.verdict(fresh);
    Ok(())
}

/// Lints see each crate in every shape that is shipped: with and without the WebAssembly engine.
pub(crate) fn lints(run: &mut Run<'_>) -> Result<()> {
    let deny = ["--all-targets", "--", "-D", "warnings"];
    run.check(&clippy(run).args(PRODUCT).args(deny))?;
    run.check(&clippy(run).args(["--package", "steadfast-ffi", "--no-default-features"]).args(deny))?;
    run.check(&clippy(run).args(TOOLS).args(deny))?;
    run.check(&clippy(run).args(["--package", "steadfast-bench", "--features", "wasm"]).args(deny))?;
    run.check(&guests(run, "clippy").arg("--workspace").args(deny))?;
    let fuzzers = format!("{FUZZERS}/Cargo.toml");
    run.check(&clippy(run).args(["--manifest-path", &fuzzers, "--locked", "--no-default-features"]).args(deny))?;
    let doc = Step::new(run.project, cargo()).args(["doc", "--no-deps"]).args(PRODUCT);
    run.check(&doc.variable("RUSTDOCFLAGS", "-D warnings"))?;
    Ok(())
}

/// Only where cargo-deny is installed: it takes longer to build than everything else here.
pub(crate) fn licences(run: &mut Run<'_>) -> Result<()> {
    let installed = Command::new(cargo()).args(["deny", "--version"]).output().is_ok_and(|out| out.status.success());
    if !installed {
        console::line("    not checked: cargo-deny is not installed (`cargo install --locked cargo-deny`)");
        return Ok(());
    }
    run.check(&Step::new(run.project, cargo()).args(["deny", "check"]))?;
    Ok(())
}

fn clippy(run: &Run<'_>) -> Step {
    Step::new(run.project, cargo()).arg("clippy")
}

/// A cargo command in the guests' own workspace, on the host's target.
fn guests(run: &Run<'_>, command: &str) -> Step {
    let manifest = format!("{GUESTS}/Cargo.toml");
    Step::new(run.project, cargo()).args([command, "--manifest-path", &manifest])
}
