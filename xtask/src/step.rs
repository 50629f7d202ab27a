//! One command that a task runs: quiet while it works, complete when it fails.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::console::{self, Pulse};
use crate::project::{Project, TARGET_VARIABLES, cargo};
use crate::runner::{QUIET, Runner, Tally};
use crate::transcript::{Transcript, lines_of};

/// A command that took longer says how long.
const LONG: Duration = Duration::from_secs(5);
const LIBRARY_PATH: &str = "LD_LIBRARY_PATH";
/// Where programs put what they need for a moment.
pub(crate) const TEMPORARY_FILES: &str = "TMPDIR";
const LOG_NAME_MAX: usize = 100;
const POLL: Duration = Duration::from_millis(200);

/// A command with everything that a person needs to repeat it.
#[derive(Clone)]
pub(crate) struct Step {
    program: OsString,
    args: Vec<OsString>,
    variables: Vec<(String, Option<OsString>)>,
    folder: PathBuf,
    temporary: Option<PathBuf>,
    runner: Runner,
    limit: Option<Duration>,
}

/// What a command left behind.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) success: bool,
    /// What the runner reported.
    pub(crate) tally: Tally,
}

impl Step {
    /// A command in the repository's root that prints nothing but signs of life.
    pub(crate) fn new(project: &Project, program: impl AsRef<OsStr>) -> Self {
        Self {
            program: program.as_ref().to_owned(),
            args: Vec::new(),
            variables: Vec::new(),
            folder: project.root.clone(),
            temporary: None,
            runner: QUIET,
            limit: None,
        }
    }

    pub(crate) fn args<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(mut self, args: I) -> Self {
        self.args.extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    pub(crate) fn arg(self, arg: impl AsRef<OsStr>) -> Self {
        self.args([arg])
    }

    pub(crate) fn variable(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.variables.push((name.to_owned(), Some(value.as_ref().to_owned())));
        self
    }

    pub(crate) fn without_variable(mut self, name: &str) -> Self {
        self.variables.push((name.to_owned(), None));
        self
    }

    pub(crate) fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = folder.into();
        self
    }

    /// Where the command puts temporary files. Whoever repeats it has a place of their own, so it is not shown.
    pub(crate) fn temporary_files(mut self, folder: impl Into<PathBuf>) -> Self {
        self.temporary = Some(folder.into());
        self
    }

    /// How to read the output: what of it to print, and which tests it reports.
    pub(crate) fn runner(mut self, runner: Runner) -> Self {
        self.runner = runner;
        self
    }

    /// The command is killed, and has failed, when it takes longer.
    pub(crate) fn limit(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Runs the command with its output in a log file, and explains a failure.
    pub(crate) fn run(&self, project: &Project) -> Result<Outcome> {
        console::line(&format!("  $ {}", self.command_line(project)));
        let log_path = self.log_path(project)?;
        let mut log = Transcript::create(&log_path)?;
        let mut pulse = Pulse::start();
        let outcome = self.follow(project, &mut log, &mut pulse)?;
        pulse.clear();
        if !outcome.success {
            self.explain_failure(project, &log);
        } else if pulse.elapsed() >= LONG {
            console::line(&format!("    done in {}", console::elapsed(pulse.elapsed())));
        }
        Ok(outcome)
    }

    /// Runs the command; its failure is an error.
    pub(crate) fn require(&self, project: &Project) -> Result<Outcome> {
        let outcome = self.run(project)?;
        if !outcome.success {
            bail!("`{}` failed", self.command_line(project));
        }
        Ok(outcome)
    }

    /// The command as a person in the repository's root would type it.
    pub(crate) fn command_line(&self, project: &Project) -> String {
        let mut words: Vec<String> = Vec::new();
        for (name, value) in &self.variables {
            if let Some(value) = value {
                words.push(format!("{name}={}", quoted(&value.to_string_lossy())));
            }
        }
        words.push(self.shown_program());
        let here = self.folder == project.root;
        let shown =
            |arg: &OsString| if here { project.shown(Path::new(arg)) } else { arg.to_string_lossy().into_owned() };
        words.extend(self.args.iter().map(|arg| quoted(&shown(arg))));
        let line = words.join(" ");
        if here { line } else { format!("(cd {} && {line})", quoted(&project.shown(&self.folder))) }
    }

    /// `cargo`, not the path at which rustup keeps it.
    fn shown_program(&self) -> String {
        if self.program == cargo() { "cargo".to_owned() } else { quoted(&self.program.to_string_lossy()) }
    }

    /// Named after what is run, without the variables: they would fill the name.
    fn log_path(&self, project: &Project) -> Result<PathBuf> {
        let program = Path::new(&self.program).file_name().unwrap_or(&self.program);
        let words = [self.folder.as_os_str(), program].into_iter().chain(self.args.iter().map(OsString::as_os_str));
        let words: Vec<String> = words.map(|word| project.shown(Path::new(word))).collect();
        let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
        let name: String = words.join(" ").chars().map(plain).take(LOG_NAME_MAX).collect();
        Ok(project.scratch("logs")?.join(format!("{}.log", name.trim_matches('-'))))
    }

    fn follow(&self, project: &Project, log: &mut Transcript, pulse: &mut Pulse) -> Result<Outcome> {
        let mut child = self.spawn(project)?;
        let lines = lines_of(&mut child);
        let mut tally = Tally::NONE;
        let mut status = None;
        loop {
            match lines.recv_timeout(POLL) {
                Ok(line) => {
                    log.add(&line)?;
                    tally += (self.runner.counts)(&line);
                    if (self.runner.shows)(&line) {
                        pulse.say(&format!("    {}", line.trim()));
                    }
                }
                // The command has ended but something that it started still holds its output open: do not wait for it.
                Err(RecvTimeoutError::Timeout) if status.is_some() => break,
                Err(RecvTimeoutError::Timeout) => status = child.try_wait()?,
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if status.is_none() && self.limit.is_some_and(|limit| pulse.elapsed() > limit) {
                log.add(&format!("xtask: killed after {}, its time limit", console::elapsed(pulse.elapsed())))?;
                child.kill()?;
                status = Some(child.wait()?);
            }
            pulse.beat(log.last());
        }
        let status = match status {
            Some(status) => status,
            None => child.wait().context("cannot wait for a command")?,
        };
        if let Some(reason) = unusual_end(status) {
            log.add(&reason)?;
        }
        Ok(Outcome { success: status.success(), tally })
    }

    fn spawn(&self, project: &Project) -> Result<Child> {
        let mut command = Command::new(&self.program);
        command.args(&self.args).current_dir(&self.folder);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        for variable in TARGET_VARIABLES {
            command.env_remove(variable);
        }
        // Cargo put the target folder there for this program. A host that links the shared library by accident must
        // fail here as it would for a person.
        if let Some(paths) = env::var_os(LIBRARY_PATH) {
            let others = env::split_paths(&paths).filter(|path| !path.starts_with(&project.target));
            command.env(LIBRARY_PATH, env::join_paths(others)?);
        }
        if let Some(folder) = &self.temporary {
            command.env(TEMPORARY_FILES, folder);
        }
        for (name, value) in &self.variables {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command.spawn().with_context(|| format!("cannot start {} in {}", self.shown_program(), self.folder.display()))
    }

    fn explain_failure(&self, project: &Project, log: &Transcript) {
        console::line(&format!("    FAILED. The end of {}:", project.shown(&log.path)));
        for line in &log.tail {
            console::line(&format!("    | {line}"));
        }
        console::line(&format!("    repeat it with: {}", self.command_line(project)));
    }
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Step").field("program", &self.program).field("args", &self.args).finish_non_exhaustive()
    }
}

#[cfg(unix)]
fn unusual_end(status: ExitStatus) -> Option<String> {
    use std::os::unix::process::ExitStatusExt;
    status.signal().map(|signal| format!("xtask: the command was ended by signal {signal}"))
}

#[cfg(not(unix))]
fn unusual_end(_status: ExitStatus) -> Option<String> {
    None
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner::CARGO;

    fn project() -> Project {
        Project { root: PathBuf::from("/repo"), target: PathBuf::from("/repo/target") }
    }

    #[test]
    fn the_shown_command_can_be_pasted() {
        let step = Step::new(&project(), "go")
            .args(["test", "-run", "A|B"])
            .variable("GODEBUG", "cgocheck=1")
            .folder("/repo/bindings/go");
        assert_eq!(step.command_line(&project()), "(cd bindings/go && GODEBUG=cgocheck=1 go test -run 'A|B')");
    }

    fn scratch_project(name: &str) -> Project {
        let root = env::temp_dir().join(format!("xtask-step-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&root).unwrap();
        Project { target: root.join("target"), root }
    }

    fn shell(project: &Project, script: &str) -> Step {
        Step::new(project, "sh").args(["-c", script]).runner(CARGO)
    }

    #[test]
    fn both_outputs_are_read_and_filtered() {
        let project = scratch_project("outputs");
        let script = "echo noise; echo 'test result: ok. 1 passed'; echo 'test result: ok. 2 passed; 1 failed' >&2";
        let outcome = shell(&project, script).run(&project).unwrap();
        assert!(outcome.success);
        assert_eq!(outcome.tally, Tally { passed: 3, failed: 1 });
        std::fs::remove_dir_all(project.root).unwrap();
    }

    #[test]
    fn a_failure_is_an_outcome_and_a_required_failure_an_error() {
        let project = scratch_project("failure");
        let step = shell(&project, "exit 3");
        assert!(!step.run(&project).unwrap().success);
        assert!(step.require(&project).unwrap_err().to_string().contains("sh -c 'exit 3'"));
        std::fs::remove_dir_all(project.root).unwrap();
    }

    #[test]
    fn a_command_past_its_limit_is_killed_even_while_it_talks() {
        let project = scratch_project("limit");
        let step = shell(&project, "while :; do echo talk; done").limit(Duration::from_millis(300));
        assert!(!step.run(&project).unwrap().success);
        std::fs::remove_dir_all(project.root).unwrap();
    }

    #[test]
    fn a_missing_program_is_named() {
        let project = scratch_project("missing");
        let why = Step::new(&project, "no-such-program-here").run(&project).err().unwrap();
        assert!(format!("{why:#}").contains("no-such-program-here"));
        std::fs::remove_dir_all(project.root).unwrap();
    }

    #[test]
    fn quotes_survive_quoting() {
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
        assert_eq!(quoted("a=b/c.d"), "a=b/c.d");
    }
}
