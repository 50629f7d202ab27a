//! What a lane found, counted while it runs.

use std::fmt;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Error, Result};

use crate::console;
use crate::project::Project;
use crate::runner::Tally;
use crate::step::Step;

/// A lane at work.
pub(crate) struct Run<'p> {
    pub(crate) project: &'p Project,
    tally: Tally,
    started: Instant,
}

impl<'p> Run<'p> {
    pub(crate) fn start(project: &'p Project) -> Self {
        Self { project, tally: Tally::NONE, started: Instant::now() }
    }

    /// Runs a command that is a check as a whole. What follows in the lane still runs when it fails.
    pub(crate) fn check(&mut self, step: &Step) -> Result<bool> {
        let outcome = step.run(self.project)?;
        let passed = outcome.success && outcome.tally.failed == 0;
        if outcome.tally == Tally::NONE || passed != outcome.success {
            self.verdict(passed);
        } else {
            self.tally += outcome.tally;
        }
        Ok(passed)
    }

    /// Runs a command that runs tests. None at all is a failure, and so is an end that no failed test explains.
    pub(crate) fn tests(&mut self, step: &Step) -> Result<bool> {
        let outcome = step.run(self.project)?;
        self.tally += outcome.tally;
        let ran = outcome.tally != Tally::NONE;
        if outcome.success && !ran {
            console::line("    FAILED: no test ran");
        }
        let explained = outcome.success || outcome.tally.failed > 0;
        if !ran || !explained {
            self.verdict(false);
        }
        Ok(outcome.success && ran && outcome.tally.failed == 0)
    }

    /// Counts something that the lane judged itself.
    pub(crate) fn verdict(&mut self, passed: bool) {
        self.tally += Tally::one(passed);
    }

    /// Counts one program that stands for one test, and names it.
    pub(crate) fn program(&mut self, source: &Path, passed: bool) {
        let mark = if passed { "ok" } else { "FAILED" };
        console::line(&format!("    {} ... {mark}", self.project.shown(source)));
        self.verdict(passed);
    }

    /// The lane could not go on.
    pub(crate) fn broke(&mut self, why: &Error) {
        console::line(&format!("    FAILED: {why:#}"));
        self.verdict(false);
    }

    pub(crate) fn finish(self, lane: &'static str) -> Report {
        Report { lane, tally: self.tally, took: self.started.elapsed() }
    }
}

/// What a lane found.
pub(crate) struct Report {
    lane: &'static str,
    tally: Tally,
    took: Duration,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.tally.failed == 0 { "ok" } else { "FAILED" };
        let Tally { passed, failed } = self.tally;
        write!(f, "{:<9} {mark:<6} {passed:>5} passed, {failed} failed, {}", self.lane, console::elapsed(self.took))
    }
}

/// Prints all lanes and their sum.
pub(crate) fn summary(reports: &[Report]) -> Tally {
    let mut total = Tally::NONE;
    let mut took = Duration::ZERO;
    console::line("");
    for report in reports {
        console::line(&report.to_string());
        total += report.tally;
        took += report.took;
    }
    console::line(&format!(
        "{} passed, {} failed in {} lanes, {}",
        total.passed,
        total.failed,
        reports.len(),
        console::elapsed(took)
    ));
    total
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner::{CARGO, GOFMT};
    use std::path::PathBuf;

    fn project(name: &str) -> Project {
        let root = std::env::temp_dir().join(format!("xtask-report-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&root).unwrap();
        Project { target: root.join("target"), root }
    }

    fn counted(name: &str, work: impl FnOnce(&mut Run<'_>, &dyn Fn(&str) -> Step)) -> Tally {
        let project = project(name);
        let mut run = Run::start(&project);
        work(&mut run, &|script| Step::new(&project, "sh").args(["-c", script]));
        let tally = run.finish("lane").tally;
        std::fs::remove_dir_all(project.root).unwrap();
        tally
    }

    #[test]
    fn a_runner_without_tests_has_failed() {
        let tally = counted("none", |run, shell| assert!(!run.tests(&shell("true").runner(CARGO)).unwrap()));
        assert_eq!(tally, Tally { passed: 0, failed: 1 });
    }

    #[test]
    fn an_end_that_no_test_explains_is_one_more_failure() {
        let script = "echo 'test result: ok. 4 passed; 0 failed'; exit 1";
        let tally = counted("unexplained", |run, shell| assert!(!run.tests(&shell(script).runner(CARGO)).unwrap()));
        assert_eq!(tally, Tally { passed: 4, failed: 1 });
    }

    #[test]
    fn a_check_fails_by_its_exit_code_or_by_what_it_says() {
        let tally = counted("check", |run, shell| {
            assert!(run.check(&shell("true")).unwrap());
            assert!(!run.check(&shell("false")).unwrap());
            assert!(!run.check(&shell("echo view.go").runner(GOFMT)).unwrap());
        });
        assert_eq!(tally, Tally { passed: 1, failed: 2 });
    }

    #[test]
    fn programs_count_one_by_one() {
        let tally = counted("programs", |run, _| {
            run.program(&PathBuf::from("a.c"), true);
            run.program(&PathBuf::from("b.c"), false);
        });
        assert_eq!(tally, Tally { passed: 1, failed: 1 });
    }
}
