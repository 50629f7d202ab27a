//! One part of a soak at work, and what came of it.

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::{Error, Result};

use crate::console;
use crate::project::Project;
use crate::runner::Tally;
use crate::soak::leftovers::Scratch;
use crate::soak::parts::Part;
use crate::step::Step;

/// A part at work.
pub(crate) struct Turn<'p> {
    pub(crate) project: &'p Project,
    /// How long to go on; nothing for parts of one length.
    pub(crate) budget: Duration,
    started: Instant,
    seeds: Seeds,
    scratch: Scratch,
    command: Option<String>,
    tally: Tally,
    problems: Vec<String>,
    skipped: Option<String>,
}

/// The seeds of a part: each is used once.
struct Seeds {
    first: u32,
    used: u32,
}

impl<'p> Turn<'p> {
    pub(crate) fn start(project: &'p Project, part: &Part, budget: Duration, seed: u32) -> Result<Self> {
        Ok(Self {
            project,
            budget,
            started: Instant::now(),
            seeds: Seeds { first: seed, used: 0 },
            scratch: Scratch::make(project, part.name)?,
            command: None,
            tally: Tally::NONE,
            problems: Vec::new(),
            skipped: None,
        })
    }

    /// A seed that this part has not used yet.
    pub(crate) fn seed(&mut self) -> u32 {
        self.seeds.used += 1;
        self.seeds.first.wrapping_add(self.seeds.used - 1)
    }

    /// Runs a command that says how much it did; nothing at all is a failure.
    pub(crate) fn step(&mut self, step: &Step) -> Result<()> {
        let command = step.command_line(self.project);
        let outcome = step.clone().temporary_files(&self.scratch.folder).run(self.project)?;
        self.tally += outcome.tally;
        let did_nothing = outcome.tally.passed == 0;
        if outcome.success && did_nothing {
            console::line("    FAILED: it did nothing");
        }
        if !outcome.success || outcome.tally.failed > 0 || did_nothing {
            self.problems.push(command.clone());
        }
        self.command.get_or_insert(command);
        Ok(())
    }

    /// Runs one step after another until the time is spent, at least one. The first that fails is the last: the others
    /// would find the same.
    pub(crate) fn until_spent(&mut self, mut next: impl FnMut(&mut Self) -> Step) -> Result<()> {
        loop {
            let step = next(self);
            self.step(&step)?;
            if !self.problems.is_empty() || self.started.elapsed() >= self.budget {
                return Ok(());
            }
        }
    }

    /// This machine lacks what the part needs.
    pub(crate) fn skip(&mut self, why: impl Into<String>) {
        self.skipped = Some(why.into());
    }

    /// The part could not go on.
    pub(crate) fn broke(&mut self, why: &Error) {
        console::line(&format!("    FAILED: {why:#}"));
        self.problems.push(format!("{why:#}"));
    }

    pub(crate) fn finish(mut self, part: &Part) -> Finding {
        for left in self.scratch.clear() {
            console::line(&format!("    FAILED: {left}"));
            self.problems.push(left);
        }
        let verdict = match self.skipped {
            _ if !self.problems.is_empty() => Verdict::Failed(self.problems),
            Some(why) => Verdict::Skipped(why),
            None => Verdict::Held,
        };
        Finding {
            part: part.name,
            unit: part.unit,
            done: self.tally.passed,
            took: self.started.elapsed(),
            seed: (self.seeds.used > 0).then_some(self.seeds.first),
            command: self.command.unwrap_or_default(),
            verdict,
        }
    }
}

/// What came of a part.
pub(crate) struct Finding {
    pub(crate) part: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) done: u64,
    pub(crate) took: Duration,
    pub(crate) seed: Option<u32>,
    /// The first that it ran.
    pub(crate) command: String,
    pub(crate) verdict: Verdict,
}

impl Finding {
    /// What was not run is no success.
    pub(crate) fn held(&self) -> bool {
        matches!(self.verdict, Verdict::Held)
    }
}

pub(crate) enum Verdict {
    Held,
    /// The commands that repeat it, or why there was nothing to run.
    Failed(Vec<String>),
    /// Not run, and why.
    Skipped(String),
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Held => f.write_str("held"),
            Self::Failed(_) => f.write_str("FAILED"),
            Self::Skipped(_) => f.write_str("skipped"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner::CARGO;
    use crate::soak::parts::PARTS;

    fn played(name: &str, play: impl FnOnce(&mut Turn<'_>, &dyn Fn(&str) -> Step)) -> Finding {
        let root = std::env::temp_dir().join(format!("xtask-turn-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&root).unwrap();
        let project = Project { target: root.join("target"), root };
        let mut turn = Turn::start(&project, &PARTS[0], Duration::ZERO, 7).unwrap();
        play(&mut turn, &|script| Step::new(&project, "sh").args(["-c", script]).runner(CARGO));
        let finding = turn.finish(&PARTS[0]);
        std::fs::remove_dir_all(&project.root).unwrap();
        finding
    }

    const PASSES: &str = "echo 'test result: ok. 3 passed; 0 failed'";

    #[test]
    fn what_was_done_is_summed_and_the_first_command_is_kept() {
        let finding = played("sum", |turn, shell| {
            turn.step(&shell(PASSES)).unwrap();
            turn.step(&shell(&format!("{PASSES} again"))).unwrap();
        });
        assert!(matches!(finding.verdict, Verdict::Held));
        assert_eq!((finding.done, finding.seed), (6, None));
        assert!(!finding.command.contains("again"), "{}", finding.command);
    }

    #[test]
    fn a_command_that_does_nothing_has_failed() {
        let finding = played("nothing", |turn, shell| turn.step(&shell("true")).unwrap());
        assert!(matches!(finding.verdict, Verdict::Failed(commands) if commands == ["sh -c true"]));
    }

    #[test]
    fn a_spent_budget_still_buys_one_turn() {
        let mut seeds = Vec::new();
        let finding = played("once", |turn, shell| {
            let play = |turn: &mut Turn<'_>| {
                seeds.push(turn.seed());
                shell(PASSES)
            };
            turn.until_spent(play).unwrap();
        });
        assert_eq!(seeds, [7]);
        assert_eq!(finding.seed, Some(7));
    }

    #[test]
    fn nothing_is_tried_again_after_a_failure() {
        let mut turns = 0;
        played("failure", |turn, shell| {
            turn.budget = Duration::from_hours(1);
            let play = |_: &mut Turn<'_>| {
                turns += 1;
                shell("exit 1")
            };
            turn.until_spent(play).unwrap();
        });
        assert_eq!(turns, 1);
    }

    #[test]
    fn a_failure_outweighs_what_was_skipped() {
        let finding = played("both", |turn, shell| {
            turn.step(&shell("exit 1")).unwrap();
            turn.skip("the rest needs a tool");
        });
        assert!(matches!(finding.verdict, Verdict::Failed(_)));
    }

    #[test]
    fn a_part_that_leaves_something_behind_has_failed() {
        let script = format!("touch \"$TMPDIR/forgotten\"; {PASSES}");
        let finding = played("left", |turn, shell| turn.step(&shell(&script)).unwrap());
        let left = "it left temporary files behind: forgotten";
        assert!(matches!(finding.verdict, Verdict::Failed(problems) if problems == [left]));
    }
}
