//! Every budget of the registry beside its limit or its peer, measured in the same run: `cargo xtask bench`.
//!
//! A *part* is what is measured together, in a process of its own, so that each town is built once and memory is what
//! the process really holds. Parts say figures ([`samples`]); [`rows`] puts them beside each other and beside what was
//! promised; [`table`] prints, [`document`] and [`plot`] write.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this program prints a table")]

mod document;
mod machine;
mod naive;
mod parts;
mod plot;
mod random;
mod rows;
mod samples;
mod spread;
mod table;
mod town;

use std::{
    env,
    process::{Command, ExitCode, Stdio},
};

use anyhow::{Context, Result, bail};
use clap::Parser;

use crate::{
    parts::{Effort, Part, parts},
    rows::rows,
    samples::Samples,
    table::table,
};

/// Measure every budget beside its limit or its peer
#[derive(Debug, Parser)]
#[command(name = "cargo xtask bench")]
struct CommandLine {
    /// Measure only parts whose name holds this (may be repeated)
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Small towns and few runs: whether everything works, not how fast it is
    #[arg(long)]
    quick: bool,
    /// Write docs/BENCHMARKS.md and its curves
    #[arg(long, conflicts_with_all = ["only", "quick"])]
    write: bool,
    /// Measure this part in this process
    #[arg(long, hide = true, value_name = "NAME")]
    part: Option<String>,
}

fn main() -> ExitCode {
    match run(&CommandLine::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("error: {why:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(line: &CommandLine) -> Result<()> {
    let effort = Effort::new(line.quick);
    if let Some(name) = &line.part {
        let part = parts(effort).into_iter().find(|part| part.name == *name);
        return part.with_context(|| format!("there is no part {name:?}"))?.run();
    }
    let machine = machine::description();
    let mut samples = Samples::default();
    let chosen = chosen(effort, &line.only)?;
    let number = chosen.len();
    for (at, part) in chosen.iter().enumerate() {
        eprintln!("[{}/{number}] {}", at + 1, part.name);
        measure(part, line.quick, &mut samples)?;
    }
    let mut rows = rows(effort);
    if !line.only.is_empty() {
        rows.retain(|row| row.measured(&samples).is_some());
    }
    let table = table(&rows, &samples);
    let typed = typed(line);
    println!("{typed}\n{machine}\n\n{table}");
    if line.write {
        document::write(&typed, &machine, &table)?;
        plot::write(effort, &samples)?;
    }
    Ok(())
}

fn chosen(effort: Effort, only: &[String]) -> Result<Vec<Part>> {
    let mut all = parts(effort);
    let names: Vec<String> = all.iter().map(|part| part.name.clone()).collect();
    all.retain(|part| only.is_empty() || only.iter().any(|name| part.name.contains(name.as_str())));
    if all.is_empty() {
        bail!("no part has that name; there are: {}", names.join(", "));
    }
    Ok(all)
}

/// Runs a part in a process of its own and takes what it says. A part that needs more memory than there is, is left out.
fn measure(part: &Part, quick: bool, samples: &mut Samples) -> Result<()> {
    if let Some(available) = machine::available_bytes()
        && available < part.memory
    {
        eprintln!("    left out: it needs {} GiB, {} are free", part.memory >> 30, available >> 30);
        return Ok(());
    }
    let mut child = Command::new(env::current_exe().context("this program has no file")?);
    child.args(["--part", &part.name]).stdin(Stdio::null()).stderr(Stdio::inherit());
    if quick {
        child.arg("--quick");
    }
    let output = child.output().with_context(|| format!("part {} cannot be started", part.name))?;
    if !output.status.success() {
        bail!("part {} failed: {}", part.name, output.status);
    }
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        if !samples.take(line) {
            eprintln!("    {line}");
        }
    }
    Ok(())
}

/// The command as a person would type it.
fn typed(line: &CommandLine) -> String {
    let mut words = vec!["$ cargo xtask bench".to_owned()];
    words.extend(line.only.iter().map(|name| format!("--only '{name}'")));
    words.extend(line.quick.then(|| "--quick".to_owned()));
    words.extend(line.write.then(|| "--write".to_owned()));
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn a_name_that_no_part_has_is_answered_with_all_names() {
        let effort = Effort::new(false);
        let error = chosen(effort, &["nothing".into()]).err().unwrap().to_string();
        assert!(error.contains("lookups") && error.contains("town 10 M"), "{error}");
        assert_eq!(chosen(effort, &["town".into()]).unwrap().len(), 3);
    }
}
