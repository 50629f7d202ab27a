//! What a load is doing, while it does it.
//!
//! Each check that is passed is a line of the answer, written as soon as it is known. On a terminal one more line below
//! them says what is going on, and goes away when it is over.

use std::{
    env,
    io::{self, IsTerminal, Write},
};

use steadfast_policy::Order;
use steadfast_wasm::Progress;

use crate::{
    paint::{GOOD, Painted},
    stage::{Kind, Stage},
};

/// Takes back the line that the cursor is in.
pub(crate) const ERASE: &str = "\r\x1b[K";

/// One piece of news.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum News {
    Passed(Stage),
    Busy(Stage, String),
}

/// Writes news where they are wanted, and remembers which checks were passed.
pub(crate) struct Live<'a> {
    kind: Kind,
    passed: Vec<Stage>,
    /// Where passed checks are written; `None` where the answer is one JSON value.
    checks: Option<&'a mut dyn Write>,
    /// A terminal, for the line that goes away.
    status: Option<&'a mut dyn Write>,
    written: io::Result<()>,
}

impl<'a> Live<'a> {
    pub(crate) fn new(kind: Kind, checks: Option<&'a mut dyn Write>, status: Option<&'a mut dyn Write>) -> Live<'a> {
        Live { kind, passed: Vec::new(), checks, status, written: Ok(()) }
    }

    pub(crate) fn hear(&mut self, news: &News) {
        match news {
            News::Passed(stage) => {
                self.erase();
                self.passed.push(*stage);
                if let (Some(checks), Ok(())) = (&mut self.checks, &self.written) {
                    self.written = write_passed(*checks, *stage, self.kind).and_then(|()| checks.flush());
                }
            }
            News::Busy(stage, what) => self.show(*stage, what),
        }
    }

    /// The checks that were passed; fails where a line could not be written.
    pub(crate) fn end(mut self) -> io::Result<Vec<Stage>> {
        self.erase();
        self.written.map(|()| self.passed)
    }

    fn show(&mut self, stage: Stage, what: &str) {
        if let Some(status) = &mut self.status {
            // Only a sign of life: the work goes on without it.
            let _ = write!(status, "{ERASE}  ..  {:<10}  {what}", stage.name()).and_then(|()| status.flush());
        }
    }

    fn erase(&mut self) {
        if let Some(status) = &mut self.status {
            let _ = write!(status, "{ERASE}").and_then(|()| status.flush());
        }
    }
}

/// The line of a check that was passed.
pub(crate) fn write_passed(out: &mut dyn Write, stage: Stage, kind: Kind) -> io::Result<()> {
    writeln!(out, "  {}  {:<10}  {}", Painted(GOOD, "ok"), stage.name(), stage.promise(kind))
}

/// The standard error, if somebody watches it and it can take a line back.
pub(crate) fn terminal() -> Option<io::Stderr> {
    let stderr = io::stderr();
    let is_dumb = env::var_os("TERM").is_none_or(|term| term == "dumb");
    (stderr.is_terminal() && !is_dumb).then_some(stderr)
}

/// Makes news of what the loader tells.
#[derive(Debug, Default)]
pub(crate) struct Reporter {
    laws: usize,
    proven: usize,
}

impl Reporter {
    /// What has passed by now, and what goes on.
    pub(crate) fn news(&mut self, progress: Progress) -> Vec<News> {
        let begins =
            |passed: Stage, next: Stage, what: &str| vec![News::Passed(passed), News::Busy(next, what.to_owned())];
        match progress {
            Progress::Scan => begins(Stage::Parameters, Stage::Structure, "reads it"),
            Progress::Compile => vec![News::Busy(Stage::Structure, "compiles it".into())],
            Progress::Interface => begins(Stage::Structure, Stage::Interface, "looks at imports and exports"),
            Progress::Configure => begins(Stage::Interface, Stage::Manifest, "asks for it"),
            Progress::Ask { order, asked, of } => asked_so_far(order, asked, of),
            Progress::Compare => begins(Stage::Answers, Stage::Purity, "compares both passes"),
            Progress::Prove { laws } => {
                self.laws = laws;
                begins(Stage::Purity, Stage::Laws, &format!("proves {laws}"))
            }
            Progress::Proven(law) => {
                self.proven += 1;
                let what = format!("{} of {} proven: {law}", self.proven, self.laws);
                vec![News::Busy(Stage::Laws, what)]
            }
            Progress::Done => vec![News::Passed(Stage::Laws)],
            // A later loader may tell more.
            _ => Vec::new(),
        }
    }
}

fn asked_so_far(order: Order, asked: usize, of: usize) -> Vec<News> {
    let pass = if order == Order::Forward { "first" } else { "second" };
    let busy = News::Busy(Stage::Answers, format!("{asked} of {of}, {pass} pass"));
    if order == Order::Forward && asked == 0 { vec![News::Passed(Stage::Manifest), busy] } else { vec![busy] }
}

#[cfg(test)]
mod tests {
    use steadfast_policy::Law;

    use super::*;

    fn a_load() -> Vec<Progress> {
        let ask = |order, asked| Progress::Ask { order, asked, of: 20 };
        vec![
            Progress::Scan,
            Progress::Compile,
            Progress::Interface,
            Progress::Configure,
            ask(Order::Forward, 0),
            ask(Order::Forward, 20),
            ask(Order::Backward, 0),
            ask(Order::Backward, 20),
            Progress::Compare,
            Progress::Prove { laws: 2 },
            Progress::Proven(Law::Honest),
            Progress::Proven(Law::Sticky),
            Progress::Done,
        ]
    }

    /// What is written of checks and to the terminal, and what has passed.
    fn watched(load: &[Progress]) -> (String, String, Vec<Stage>) {
        let (mut checks, mut status) = (Vec::new(), Vec::new());
        let (mut live, mut reporter) =
            (Live::new(Kind::Component, Some(&mut checks), Some(&mut status)), Reporter::default());
        load.iter().flat_map(|progress| reporter.news(*progress)).for_each(|news| live.hear(&news));
        let passed = live.end().expect("memory takes everything");
        let text = |bytes| String::from_utf8(bytes).expect("the text is UTF-8");
        (anstream::adapter::strip_str(&text(checks)).to_string(), text(status), passed)
    }

    #[test]
    fn every_check_is_a_line_and_each_in_its_turn() {
        let (lines, _, passed) = watched(&a_load());
        assert_eq!(passed, Kind::Component.stages());
        let names: Vec<_> = lines.lines().filter_map(|line| line.split_whitespace().nth(1)).collect();
        assert_eq!(names, passed.iter().map(|stage| stage.name()).collect::<Vec<_>>());
    }

    #[test]
    fn a_load_that_ends_early_has_passed_what_came_before() {
        let (_, _, passed) = watched(&a_load()[..6]);
        assert_eq!(passed, [Stage::Parameters, Stage::Structure, Stage::Interface, Stage::Manifest]);
    }

    #[test]
    fn a_terminal_shows_what_goes_on_and_is_clean_afterwards() {
        let (_, line, _) = watched(&a_load());
        for part in ["compiles it", "20 of 20, second pass", "proves 2", "2 of 2 proven: sticky"] {
            assert!(line.contains(part), "{part:?} is missing in {line:?}");
        }
        assert!(line.ends_with(ERASE) && !line.contains('\n'), "{line:?}");
    }

    #[test]
    fn a_reader_that_is_gone_is_said_once_at_the_end() {
        struct Gone;
        impl Write for Gone {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let (mut gone, mut reporter) = (Gone, Reporter::default());
        let mut live = Live::new(Kind::Component, Some(&mut gone), None);
        a_load().into_iter().flat_map(|progress| reporter.news(progress)).for_each(|news| live.hear(&news));
        assert_eq!(live.end().expect_err("nobody reads").kind(), io::ErrorKind::BrokenPipe);
    }
}
