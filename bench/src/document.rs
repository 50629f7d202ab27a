//! `docs/BENCHMARKS.md`: a head that people write, and a table that this program writes.

use std::{fs, path::PathBuf, process::Command};

use anyhow::{Context, Result};

const FILE: &str = "docs/BENCHMARKS.md";
/// Everything after this line is written anew.
const MARK: &str = "<!-- Everything below is written by `cargo xtask bench --write`. -->";

pub(crate) fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs"))
}

/// Puts the table below the head.
pub(crate) fn write(typed: &str, machine: &str, table: &str) -> Result<()> {
    let path = folder().join("BENCHMARKS.md");
    let before = fs::read_to_string(&path).with_context(|| format!("{FILE} cannot be read"))?;
    let after = replaced(&before, &generated(typed, machine, table))?;
    fs::write(&path, after).with_context(|| format!("{FILE} cannot be written"))
}

fn replaced(before: &str, generated: &str) -> Result<String> {
    let (head, _) = before.split_once(MARK).with_context(|| format!("{FILE} has lost its line {MARK}"))?;
    Ok(format!("{head}{MARK}\n\n{generated}"))
}

fn generated(typed: &str, machine: &str, table: &str) -> String {
    let commit = commit().unwrap_or_else(|| "unknown".into());
    format!(
        "## Figures\n\n```text\n{typed}\n```\n\nMachine: {machine}. Commit: {commit}.\n\n{table}\n## Growth\n\n\
         ![Time of a beat by number of instances](benchmarks-beats.svg)\n\n\
         ![Memory by number of instances](benchmarks-memory.svg)\n"
    )
}

/// What was measured, and a plus if it was changed since.
fn commit() -> Option<String> {
    let git = |args: &[&str]| {
        let output = Command::new("git").args(args).current_dir(folder()).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let changed = git(&["status", "--porcelain", "--untracked-files=no"]).is_some_and(|files| !files.is_empty());
    Some(git(&["rev-parse", "--short", "HEAD"])? + if changed { "+" } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_stays() {
        let before = format!("# Benchmarks\n\nby hand\n\n{MARK}\n\nold figures\n");
        let after = replaced(&before, "new figures\n").unwrap();
        assert_eq!(after, format!("# Benchmarks\n\nby hand\n\n{MARK}\n\nnew figures\n"));
        assert!(replaced("no mark", "new figures").is_err());
    }
}
