//! `cargo xtask ci`: the README's commands, one after the other, as a person would type them.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::console;
use crate::demo;
use crate::lanes::Stage;
use crate::project::{Project, cargo};
use crate::runner::Tally;

/// Runs all of them even if one fails. `Ok(false)`: at least one failed.
pub(crate) fn run(project: &Project) -> Result<bool> {
    let mut total = Tally::NONE;
    for name in [Stage::Check.name(), Stage::Test.name(), demo::NAME] {
        total += command(project, name)?;
    }
    console::line("");
    console::line(&format!("{} passed, {} failed", total.passed, total.failed));
    Ok(total.failed == 0)
}

/// Leaves what a command counted where the run that started it finds it.
pub(crate) fn record(project: &Project, name: &str, tally: Tally) -> Result<()> {
    let file = record_of(project, name)?;
    fs::write(&file, format!("{} {}", tally.passed, tally.failed))
        .with_context(|| format!("cannot write {}", file.display()))
}

/// What `cargo xtask <name>` counted. A command that ended badly without counting it is one failure.
fn command(project: &Project, name: &str) -> Result<Tally> {
    let record = record_of(project, name)?;
    let _ = fs::remove_file(&record);
    console::line("");
    console::line(&format!("$ cargo xtask {name} --no-install"));
    let status = Command::new(cargo())
        .args(["xtask", name, "--no-install"])
        .current_dir(&project.root)
        .stdin(Stdio::null())
        .status()
        .context("cannot start cargo")?;
    let counted = fs::read_to_string(&record).ok().as_deref().and_then(parse);
    Ok(settle(counted, status.success()))
}

/// The count is believed only where it agrees with the exit code.
fn settle(counted: Option<Tally>, success: bool) -> Tally {
    match counted {
        Some(tally) if success == (tally.failed == 0) => tally,
        _ => Tally::one(success),
    }
}

fn record_of(project: &Project, name: &str) -> Result<PathBuf> {
    Ok(project.scratch("counts")?.join(name))
}

fn parse(text: &str) -> Option<Tally> {
    let (passed, failed) = text.trim().split_once(' ')?;
    Some(Tally { passed: passed.parse().ok()?, failed: failed.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_must_agree_with_the_exit_code() {
        let good = Tally { passed: 7, failed: 0 };
        let bad = Tally { passed: 6, failed: 1 };
        assert_eq!(settle(Some(good), true), good);
        assert_eq!(settle(Some(bad), false), bad);
        assert_eq!(settle(Some(good), false), Tally::one(false));
        assert_eq!(settle(Some(bad), true), Tally::one(true));
        assert_eq!(settle(None, false), Tally::one(false));
    }

    #[test]
    fn counts_survive_the_file() {
        assert_eq!(parse("12 3\n"), Some(Tally { passed: 12, failed: 3 }));
        assert_eq!(parse("12"), None);
    }
}
