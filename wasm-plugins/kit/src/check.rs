//! `steadfast check`: everything that a registry checks before it takes a policy.

use std::{
    io::{self, IsTerminal, Write},
    path::Path,
};

use serde::Serialize;
use steadfast_wasm::LoadedPolicy;

use crate::{
    answer::{Answer, Outcome},
    command_line::CheckArgs,
    failure::Failure,
    paint::{BAD, FAINT, GOOD, Painted, TITLE},
    policy,
    refusal::{RefusalReport, Stage},
    statement::statement,
    story,
};

/// What the loader says of one file.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    file: String,
    accepted: bool,
    /// Checks that were passed, in order.
    passed: Vec<Stage>,
    policy: Option<Accepted>,
    refusal: Option<RefusalReport>,
}

/// A policy that passed everything, in numbers.
#[derive(Debug, Serialize)]
struct Accepted {
    name: String,
    version: String,
    summary: String,
    digest: String,
    size_bytes: usize,
    facts: usize,
    laws: Vec<steadfast_policy::Law>,
    states_proven: usize,
    steps_proven: usize,
    /// Fuel of the dearest single answer.
    decide_fuel: u64,
    took_ms: u128,
}

pub(crate) fn run(args: &CheckArgs) -> Result<Report, Failure> {
    let file = args.file.display().to_string();
    let loaded = while_waiting(&file, || policy::open_file(&args.file, args.params.as_deref()));
    match loaded {
        Ok(loaded) => Ok(Report {
            file,
            accepted: true,
            passed: Stage::ALL.to_vec(),
            policy: Some(Accepted::from(&loaded)),
            refusal: None,
        }),
        Err(Failure::Refused { refusal, .. }) => {
            let refusal = RefusalReport::from(&*refusal);
            let passed = Stage::ALL.into_iter().filter(|stage| refusal.stage.is_some_and(|at| *stage < at)).collect();
            Ok(Report { file, accepted: false, passed, policy: None, refusal: Some(refusal) })
        }
        Err(failure) => Err(failure),
    }
}

/// Says on a terminal what takes so long, and takes it back when it is done.
fn while_waiting<T>(file: &str, work: impl FnOnce() -> T) -> T {
    let mut terminal = io::stderr();
    if !terminal.is_terminal() {
        return work();
    }
    // Only a sign of life: the check goes on without it.
    let _ = write!(terminal, "checking {file} ...");
    let _ = terminal.flush();
    let done = work();
    let _ = write!(terminal, "\r\x1b[K");
    done
}

impl From<&LoadedPolicy> for Accepted {
    fn from(loaded: &LoadedPolicy) -> Accepted {
        let manifest = loaded.table.manifest();
        Accepted {
            name: loaded.name.clone(),
            version: manifest.version.clone(),
            summary: manifest.summary.clone(),
            digest: loaded.digest.to_string(),
            size_bytes: loaded.size,
            facts: loaded.facts,
            laws: manifest.laws.clone(),
            states_proven: loaded.proof.states,
            steps_proven: loaded.proof.steps,
            decide_fuel: loaded.decide_fuel,
            took_ms: loaded.took.as_millis(),
        }
    }
}

impl Answer for Report {
    fn outcome(&self) -> Outcome {
        if self.accepted { Outcome::Yes } else { Outcome::No }
    }

    fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        for stage in &self.passed {
            writeln!(out, "  {}  {:<10}  {}", Painted(GOOD, "ok"), stage.name(), stage.promise())?;
        }
        if let Some(stage) = self.refusal.as_ref().and_then(|refusal| refusal.stage) {
            writeln!(out, "  {}  {:<10}  {}", Painted(BAD, "NO"), stage.name(), stage.promise())?;
        }
        match (&self.policy, &self.refusal) {
            (Some(policy), _) => policy.print(out)?,
            (None, Some(refusal)) => print_refusal(out, &self.file, refusal)?,
            (None, None) => {}
        }
        self.print_name_hint(out)
    }
}

impl Report {
    /// A registry finds its active policy by the file's name.
    fn print_name_hint(&self, out: &mut dyn Write) -> io::Result<()> {
        let Some(policy) = &self.policy else { return Ok(()) };
        let stem = Path::new(&self.file).file_stem().map(|stem| stem.to_string_lossy());
        if stem.as_deref() == Some(policy.name.as_str()) {
            return Ok(());
        }
        let name = &policy.name;
        writeln!(out, "{}", Painted(FAINT, &format!("In a policies folder it has to be called {name}.wasm.")))
    }
}

impl Accepted {
    fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        let Accepted { name, version, summary, digest, size_bytes, facts, decide_fuel, took_ms, .. } = self;
        let title = format!("{name} {version}");
        writeln!(out, "{}: {}: {summary}", Painted(GOOD, "accepted"), Painted(TITLE, &title))?;
        writeln!(out, "  digest  {digest}")?;
        writeln!(
            out,
            "  size    {size_bytes} bytes, {facts} facts, at most {decide_fuel} units of work for one answer"
        )?;
        let claimed: Vec<&str> = self.laws.iter().map(|law| law.name()).collect();
        let claimed = if claimed.is_empty() { "none claimed".to_owned() } else { claimed.join(", ") };
        writeln!(out, "  laws    {claimed}")?;
        writeln!(
            out,
            "  proof   {} states, {} steps; all of it took {took_ms} ms",
            self.states_proven, self.steps_proven
        )
    }
}

/// Why a file is refused, in full.
pub(crate) fn print_refusal(out: &mut dyn Write, file: &str, refusal: &RefusalReport) -> io::Result<()> {
    writeln!(out, "{}: {file}: {}", Painted(BAD, "refused"), refusal.message)?;
    let (Some(law), Some(counterexample)) = (refusal.law, &refusal.counterexample) else { return Ok(()) };
    writeln!(out, "{law} means: {}.", statement(law))?;
    story::tell(out, counterexample)
}
