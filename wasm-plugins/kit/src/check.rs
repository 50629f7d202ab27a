//! `steadfast check`: everything that a registry checks before it takes a policy, told as it goes on.

use std::{
    io::{self, Write},
    path::Path,
};

use serde::Serialize;

use crate::{
    answer::{Answer, Outcome},
    command_line::{CheckArgs, TableCheckArgs},
    failure::Failure,
    live::{Live, terminal, write_passed},
    paint::{BAD, FAINT, GOOD, Painted, TITLE},
    policy::{Loaded, PolicyFile},
    refusal::{Refusal, RefusalReport},
    stage::{Kind, Stage},
    statement::statement,
    story,
};

/// What the loader says of one file.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    file: String,
    kind: Kind,
    accepted: bool,
    /// Checks that were passed, in order.
    passed: Vec<Stage>,
    policy: Option<Accepted>,
    refusal: Option<RefusalReport>,
    /// The checks that were passed are on the standard output already: they were written one by one.
    #[serde(skip)]
    is_told: bool,
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
    /// Fuel of the dearest single answer; of a component only.
    decide_fuel: Option<u64>,
    took_ms: u128,
}

pub(crate) fn run(args: &CheckArgs) -> Result<Report, Failure> {
    report(&args.file, PolicyFile::read(&args.file, args.params.as_deref()), !args.output.json)
}

/// The same for a file that has to be a `.table`, whatever it is called.
pub(crate) fn run_table(args: &TableCheckArgs) -> Result<Report, Failure> {
    report(&args.file, PolicyFile::read_as(Kind::Table, &args.file, None), !args.output.json)
}

fn report(path: &Path, read: Result<PolicyFile, Failure>, as_text: bool) -> Result<Report, Failure> {
    let label = path.display().to_string();
    let file = match read {
        Ok(file) => file,
        // Nothing of the component was looked at: its parameters come first.
        Err(Failure::Refused { refusal, .. }) => return Ok(Report::refused(label, Kind::Component, &refusal)),
        Err(failure) => return Err(failure),
    };
    let (loaded, passed) = load(&file, as_text)?;
    let report = match loaded {
        Ok(loaded) => {
            let policy = Some(Accepted::of(&file, &loaded));
            Report {
                file: label,
                kind: file.kind,
                accepted: true,
                passed: vec![],
                policy,
                refusal: None,
                is_told: true,
            }
        }
        Err(Failure::Refused { refusal, .. }) => Report::refused(label, file.kind, &refusal),
        Err(failure) => return Err(failure),
    };
    Ok(Report { passed, is_told: true, ..report })
}

/// Loads, and shows how it goes on; the checks that were passed are written as they are, where text is wanted.
fn load(file: &PolicyFile, as_text: bool) -> Result<(Result<Loaded, Failure>, Vec<Stage>), Failure> {
    let (mut checks, mut status) = (anstream::stdout(), terminal());
    let mut live = if as_text {
        Live::new(file.kind, Some(&mut checks), status.as_mut().map(|status| status as &mut dyn Write))
    } else {
        Live::new(file.kind, None, None)
    };
    let loaded = file.load(&mut |news| live.hear(news));
    Ok((loaded, live.end()?))
}

impl Report {
    fn refused(file: String, kind: Kind, refusal: &Refusal) -> Report {
        let refusal = Some(RefusalReport::from(refusal));
        Report { file, kind, accepted: false, passed: vec![], policy: None, refusal, is_told: false }
    }
}

impl Accepted {
    fn of(file: &PolicyFile, loaded: &Loaded) -> Accepted {
        let manifest = loaded.policy.table.manifest();
        Accepted {
            name: manifest.name.clone(),
            version: manifest.version.clone(),
            summary: manifest.summary.clone(),
            digest: loaded.policy.digest.clone(),
            size_bytes: file.size,
            facts: loaded.policy.table.entries().count(),
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
        if !self.is_told {
            self.passed.iter().try_for_each(|stage| write_passed(out, *stage, self.kind))?;
        }
        if let Some(stage) = self.refusal.as_ref().and_then(|refusal| refusal.stage) {
            writeln!(out, "  {}  {:<10}  {}", Painted(BAD, "NO"), stage.name(), stage.promise(self.kind))?;
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
        let (Some(policy), Kind::Component) = (&self.policy, self.kind) else { return Ok(()) };
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
        let work = decide_fuel.map(|fuel| format!(", at most {fuel} units of work for one answer"));
        writeln!(out, "  size    {size_bytes} bytes, {facts} facts{}", work.unwrap_or_default())?;
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
