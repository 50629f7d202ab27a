//! What test runners print: which lines a reader wants to see, and how many tests they report.

use std::ops::AddAssign;

/// Tests and checks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl Tally {
    pub(crate) const NONE: Self = Self { passed: 0, failed: 0 };

    pub(crate) fn one(passed: bool) -> Self {
        Self { passed: u64::from(passed), failed: u64::from(!passed) }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// How to read one runner's output, a line at a time.
#[derive(Clone, Copy)]
pub(crate) struct Runner {
    pub(crate) shows: fn(&str) -> bool,
    pub(crate) counts: fn(&str) -> Tally,
}

/// A command without tests: nothing but signs of life.
pub(crate) const QUIET: Runner = Runner { shows: |_| false, counts: |_| Tally::NONE };
pub(crate) const CARGO: Runner = Runner { shows: cargo_shows, counts: cargo_counts };
/// A build after the tests: the engine that they compiled has to do, a second one costs minutes.
pub(crate) const ONE_ENGINE: Runner =
    Runner { shows: compiles_engine, counts: |line| Tally { passed: 0, failed: u64::from(compiles_engine(line)) } };
pub(crate) const GO: Runner = Runner { shows: go_shows, counts: go_counts };
/// `gofmt -l` always succeeds; each line names a file that it would change.
pub(crate) const GOFMT: Runner = Runner { shows: |line| !line.is_empty(), counts: |line| Tally::one(line.is_empty()) };
pub(crate) const MAVEN: Runner = Runner { shows: maven_shows, counts: maven_counts };

fn cargo_shows(line: &str) -> bool {
    let line = line.trim_start();
    let failed_test = line.starts_with("test ") && line.ends_with("FAILED");
    failed_test || ["test result:", "Running ", "Doc-tests "].iter().any(|start| line.starts_with(start))
}

/// `test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.10s`
fn cargo_counts(line: &str) -> Tally {
    let Some(counts) = line.trim_start().strip_prefix("test result:") else { return Tally::NONE };
    Tally { passed: number_before(counts, " passed"), failed: number_before(counts, " failed") }
}

fn compiles_engine(line: &str) -> bool {
    line.trim_start().starts_with("Compiling wasmtime v")
}

fn go_shows(line: &str) -> bool {
    ["ok ", "FAIL", "--- FAIL", "panic:", "WARNING: DATA RACE"].iter().any(|start| line.starts_with(start))
}

/// Subtests are indented; only whole tests count.
fn go_counts(line: &str) -> Tally {
    Tally { passed: u64::from(line.starts_with("--- PASS:")), failed: u64::from(line.starts_with("--- FAIL:")) }
}

fn maven_shows(line: &str) -> bool {
    line.contains("Tests run:") || line.starts_with("[ERROR]")
}

/// `Tests run: 3, Failures: 1, Errors: 0, Skipped: 0`. The same line with a time is about one class and not counted.
fn maven_counts(line: &str) -> Tally {
    if !line.contains("Tests run:") || line.contains("Time elapsed") {
        return Tally::NONE;
    }
    let failed = number_after(line, "Failures: ") + number_after(line, "Errors: ");
    let run = number_after(line, "Tests run: ") - number_after(line, "Skipped: ");
    Tally { passed: run.saturating_sub(failed), failed }
}

pub(crate) fn number_before(text: &str, word: &str) -> u64 {
    let Some(end) = text.find(word) else { return 0 };
    let start = text[..end].rfind(|c: char| !c.is_ascii_digit()).map_or(0, |at| at + 1);
    text[start..end].parse().unwrap_or(0)
}

pub(crate) fn number_after(text: &str, word: &str) -> u64 {
    let Some(at) = text.find(word) else { return 0 };
    let rest = &text[at + word.len()..];
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(runner: Runner, lines: &[&str]) -> Tally {
        let mut tally = Tally::NONE;
        for line in lines {
            tally += (runner.counts)(line);
        }
        tally
    }

    #[test]
    fn cargo_reports_are_summed() {
        let lines = [
            "     Running unittests src/lib.rs (target/debug/deps/core-1)",
            "test facts::tests::bands ... ok",
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.10s",
            "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.10s",
        ];
        assert_eq!(tally(CARGO, &lines), Tally { passed: 15, failed: 2 });
        let shown: Vec<bool> = lines.iter().map(|line| (CARGO.shows)(line)).collect();
        assert_eq!(shown, [true, false, true, true]);
        assert!((CARGO.shows)("test facts::tests::bands ... FAILED"));
    }

    #[test]
    fn a_second_engine_is_a_failure() {
        let lines = [
            "   Compiling steadfast-ffi v0.1.0",
            "   Compiling wasmtime v48.0.8",
            "   Compiling wasmtime-environ v48.0.8",
        ];
        assert_eq!(tally(ONE_ENGINE, &lines), Tally { passed: 0, failed: 1 });
    }

    #[test]
    fn go_counts_tests_and_not_subtests() {
        let lines =
            ["=== RUN   TestA", "    --- PASS: TestA/sub (0.00s)", "--- PASS: TestA (0.00s)", "--- FAIL: TestB"];
        assert_eq!(tally(GO, &lines), Tally { passed: 1, failed: 1 });
        assert!((GO.shows)("ok  \tsteadfast\t0.4s"));
        assert!(!(GO.shows)("--- PASS: TestA (0.00s)"));
    }

    #[test]
    fn maven_counts_its_last_line_only() {
        let lines = [
            "[INFO] Tests run: 3, Failures: 1, Errors: 0, Skipped: 1, Time elapsed: 0.1 s - in ClientTest",
            "[ERROR] Tests run: 3, Failures: 1, Errors: 0, Skipped: 1",
        ];
        assert_eq!(tally(MAVEN, &lines), Tally { passed: 1, failed: 1 });
    }

    #[test]
    fn every_file_that_gofmt_names_is_a_failure() {
        assert_eq!(tally(GOFMT, &["registry.go", "view.go"]), Tally { passed: 0, failed: 2 });
    }
}
