//! `cargo xtask soak`: everything that takes longer than CI allows.
//!
//! Some parts could go on for ever: they share the minutes that they are given and start from fresh seeds each time.
//! The others have one length. Every part runs even if one before it failed; the table at the end says what each did,
//! and the command that repeats what failed. Soaks with different parts can run at once.

mod leftovers;
mod parts;
mod sanitizers;
mod table;
mod turn;

use std::collections::hash_map::RandomState;
use std::fs;
use std::hash::BuildHasher;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::console;
use crate::project::Project;
use crate::soak::parts::{PARTS, Part};
use crate::soak::turn::{Finding, Turn};

/// What to run, and for how long.
#[derive(Debug, Args)]
pub(crate) struct Choice {
    /// How long simulation, random histories, schedules and fuzzing go on, together; the other parts take what they take
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=10_080))]
    minutes: u32,
    /// Run this part only (may be repeated)
    #[arg(long, value_name = "PART", value_parser = names())]
    only: Vec<String>,
    /// Where the seeds start; a fresh number if it is not given
    #[arg(long)]
    seed: Option<u32>,
}

/// Runs the chosen parts and sums them up: whether all of them were run and held.
pub(crate) fn run(project: &Project, choice: &Choice) -> Result<bool> {
    let seed = choice.seed.unwrap_or_else(fresh_seed);
    let parts: Vec<&Part> = PARTS.iter().filter(|part| is_chosen(part, &choice.only)).collect();
    let shares: u32 = parts.iter().map(|part| part.share).sum();
    let summary = project.scratch("soaks")?.join(summary_name(seed, &choice.only));
    console::line(&format!("seeds start at {seed}; the summary grows in {}", project.shown(&summary)));
    let mut findings = Vec::new();
    for (number, part) in parts.iter().enumerate() {
        console::stage(number + 1, parts.len(), &format!("{}: {}", part.name, part.about));
        let budget = Duration::from_mins(choice.minutes.into()) * part.share / shares.max(1);
        let finding = run_part(project, part, budget, seed)?;
        console::line(&format!("  {}", finding.verdict));
        findings.push(finding);
        // After each part: a soak that is cut short has something to show.
        let text = table::table(&findings) + "\n" + &table::sum(&findings);
        fs::write(&summary, text).with_context(|| format!("cannot write {}", summary.display()))?;
    }
    console::line("");
    console::line(&table::table(&findings));
    console::line(&table::sum(&findings));
    Ok(findings.iter().all(Finding::held))
}

fn run_part(project: &Project, part: &Part, budget: Duration, seed: u32) -> Result<Finding> {
    let mut turn = Turn::start(project, part, budget, seed)?;
    if let Err(why) = (part.run)(&mut turn) {
        turn.broke(&why);
    }
    Ok(turn.finish(part))
}

/// Soaks that run at once have other parts or another seed, and so another file.
fn summary_name(seed: u32, only: &[String]) -> String {
    let parts = if only.is_empty() { "all".to_owned() } else { only.join("-") };
    format!("{seed}-{parts}.md")
}

fn is_chosen(part: &Part, only: &[String]) -> bool {
    only.is_empty() || only.iter().any(|name| name == part.name)
}

fn names() -> PossibleValuesParser {
    PARTS.iter().map(|part| part.name).collect::<Vec<_>>().into()
}

/// Chance without a dependency: the standard library seeds its maps from the system. Small, so that it can be retyped.
fn fresh_seed() -> u32 {
    u32::try_from(RandomState::new().hash_one("seed") >> 40).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_chosen_by_its_whole_name_or_by_silence() {
        let part = &PARTS[0];
        assert!(is_chosen(part, &[]));
        assert!(is_chosen(part, &["other".into(), part.name.into()]));
        assert!(!is_chosen(part, &[part.name[1..].into()]));
    }

    #[test]
    fn names_are_given_once() {
        let mut names: Vec<&str> = PARTS.iter().map(|part| part.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), PARTS.len());
    }
}
