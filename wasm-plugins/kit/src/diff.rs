//! `steadfast diff`: what another policy would do differently, exactly.

use std::io::{self, Write};

use serde::Serialize;
use steadfast_policy::{
    Manifest,
    diff::{Diff, Difference, compare},
};

use crate::{
    answer::{Answer, Outcome},
    command_line::DiffArgs,
    declared,
    failure::Failure,
    paint::{FAINT, GOOD, Painted, TITLE},
    policy::{self, Opened},
};

/// Two policies as they were named, and every first difference between them.
#[derive(Debug, Serialize)]
pub(crate) struct Comparison {
    old: Side,
    new: Side,
    equal: bool,
    /// Pairs of states in which both were compared.
    pairs: usize,
    differences: Vec<Difference>,
    /// What the manifests declare differently and no answer shows, in sentences.
    declared: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Side {
    argument: String,
    name: String,
    version: String,
    summary: String,
}

pub(crate) fn run(args: &DiffArgs) -> Result<Comparison, Failure> {
    let old = policy::open(&args.old, args.old_params.as_deref())?;
    let new = policy::open(&args.new, args.new_params.as_deref())?;
    let diff = compare(old.table(), new.table())?;
    let declared = declared::differences(old.table().manifest(), new.table().manifest());
    let equal = diff.is_empty() && declared.is_empty();
    let Diff { differences, pairs, .. } = diff;
    let (old, new) = (Side::of(&old), Side::of(&new));
    Ok(Comparison { old, new, equal, pairs, differences, declared })
}

impl Side {
    fn of(opened: &Opened) -> Side {
        let Manifest { name, version, summary, .. } = opened.table().manifest().clone();
        Side { argument: opened.label.clone(), name, version, summary }
    }

    /// What was named, and what that is where the name does not say it.
    fn print(&self, which: &str, out: &mut dyn Write) -> io::Result<()> {
        let Side { argument, name, version, summary } = self;
        let file = if argument == name { String::new() } else { format!("{argument}, ") };
        writeln!(out, "{which}: {file}{name} {version}: {summary}")
    }
}

impl Answer for Comparison {
    fn outcome(&self) -> Outcome {
        if self.equal { Outcome::Yes } else { Outcome::No }
    }

    fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        let Comparison { old, new, pairs, .. } = self;
        if self.equal {
            let (old, new) = (&old.argument, &new.argument);
            let equal = Painted(GOOD, "equal");
            return writeln!(out, "{equal}: {new} answers like {old}, whatever happens ({pairs} pairs of states)");
        }
        old.print("old", out)?;
        new.print("new", out)?;
        writeln!(out, "What NEW does with an instance where the two part for the first time (was: what OLD does):")?;
        if !self.declared.is_empty() {
            writeln!(out, "\n{}", Painted(TITLE, "declared"))?;
            self.declared.iter().try_for_each(|sentence| writeln!(out, "  {sentence}"))?;
        }
        let mut event = None;
        for difference in &self.differences {
            if event.replace(difference.event) != Some(difference.event) {
                writeln!(out, "\n{}", Painted(TITLE, difference.event.name()))?;
            }
            writeln!(out, "  {}", difference.text)?;
            let history = format!("    for example: {}", difference.history.join("; "));
            writeln!(out, "{}", Painted(FAINT, &history))?;
        }
        let count = self.differences.len() + self.declared.len();
        let noun = if count == 1 { "difference" } else { "differences" };
        writeln!(out, "\n{count} {noun} in {pairs} pairs of states")
    }
}
