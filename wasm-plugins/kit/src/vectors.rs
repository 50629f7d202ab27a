//! `steadfast run vectors`: does a policy do in a registry what the vectors say?
//!
//! The registry runs in this process, in virtual time; nothing is waited for.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use serde::Serialize;
use steadfast_conformance::{Broken, BuiltIn, Chosen, Native, Policies, Vector, VectorFile, read, run};
use steadfast_core::Policy;
use steadfast_wasm::{Limits, load};

use crate::{
    answer::{Answer, Outcome},
    command_line::VectorsArgs,
    failure::Failure,
    live,
    paint::{BAD, FAINT, GOOD, Painted},
    policy,
};

/// Takes back the line that the cursor is in.
const ERASE: &str = "\r\x1b[K";

/// What became of all files.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// The policy that was given, by its name; `None` where each vector named its own.
    policy: Option<String>,
    files: Vec<FileReport>,
    /// Vectors times policies.
    runs: usize,
    failed: usize,
}

#[derive(Debug, Serialize)]
struct FileReport {
    file: String,
    vectors: usize,
    runs: usize,
    /// Vectors that do not speak of the policy that was given.
    passed_over: usize,
    failures: Vec<RunFailure>,
}

#[derive(Debug, Serialize)]
struct RunFailure {
    id: String,
    title: String,
    line: usize,
    policy: String,
    /// The event, in words; `None` before the first one.
    event: Option<String>,
    why: String,
}

pub(crate) fn answer(args: &VectorsArgs) -> Result<Report, Failure> {
    let files: Vec<VectorFile> = args.files.iter().map(|file| read(file)).collect::<Result<_, _>>()?;
    let given = Given::open(args)?;
    let policy = given.as_ref().map(|given| given.policy.name().to_owned());
    let vectors: Vec<(&VectorFile, &Vector)> =
        files.iter().flat_map(|file| file.vectors.iter().map(move |vector| (file, vector))).collect();
    let nameless = vectors.iter().find(|(_, vector)| vector.policies.is_none());
    match (&policy, nameless) {
        (None, Some((file, vector))) => {
            return Err(Failure::AnyPolicy { file: file.name.clone(), line: vector.line, id: vector.id.clone() });
        }
        (Some(name), _) if !vectors.iter().any(|(_, vector)| vector.speaks_of(name)) => {
            return Err(Failure::NothingSaid { policy: name.clone() });
        }
        _ => {}
    }
    let mut face = Native::new(Sources { given });
    let mut progress = Progress::new(vectors.len());
    let files: Vec<FileReport> =
        files.iter().map(|file| run_file(file, policy.as_deref(), &mut face, &mut progress)).collect();
    progress.end();
    let runs = files.iter().map(|file| file.runs).sum();
    let failed = files.iter().map(|file| file.failures.len()).sum();
    Ok(Report { policy, files, runs, failed })
}

fn run_file(
    file: &VectorFile,
    policy: Option<&str>,
    face: &mut Native<Sources>,
    progress: &mut Progress,
) -> FileReport {
    let name = file.name.clone();
    let mut report =
        FileReport { file: name, vectors: file.vectors.len(), runs: 0, passed_over: 0, failures: Vec::new() };
    for vector in &file.vectors {
        progress.show(&vector.id);
        let policies: Vec<&str> = match policy {
            Some(policy) if vector.speaks_of(policy) => vec![policy],
            Some(_) => Vec::new(),
            None => vector.policies.iter().flatten().map(String::as_str).collect(),
        };
        report.passed_over += usize::from(policies.is_empty());
        for policy in policies {
            report.runs += 1;
            if let Err(failure) = run(vector, policy, face) {
                let (why, event) = (failure.why.to_string(), failure.event);
                let (id, title, line) = (vector.id.clone(), vector.title.clone(), vector.line);
                report.failures.push(RunFailure { id, title, line, policy: policy.to_owned(), event, why });
            }
        }
    }
    report
}

/// The policy that was given, and where it can be had with other parameters.
struct Given {
    policy: Policy,
    argument: String,
}

impl Given {
    fn open(args: &VectorsArgs) -> Result<Option<Given>, Failure> {
        let Some(argument) = &args.policy else { return Ok(None) };
        let policy = policy::open(argument, args.params.as_deref())?.policy;
        Ok(Some(Given { policy, argument: argument.clone() }))
    }

    /// The same policy with the parameters of a vector.
    fn configured(&self, chosen: &Chosen) -> Result<Policy, Broken> {
        let path = Path::new(&self.argument);
        if path.extension().is_none_or(|extension| extension != "wasm") {
            return Err(Broken::new("the vector sets parameters, which only a .wasm file or a built-in policy takes"));
        }
        let bytes = fs::read(path).map_err(Broken::new)?;
        let loaded = load(&bytes, &chosen.params, &Limits::default()).map_err(Broken::new)?;
        Ok(Policy::from(&loaded))
    }
}

/// The policy that was given under its name; all others are built in.
struct Sources {
    given: Option<Given>,
}

impl Policies for Sources {
    fn policy(&self, chosen: &Chosen) -> Result<Policy, Broken> {
        match &self.given {
            Some(given) if given.policy.name() == chosen.name && given.argument != chosen.name => {
                if chosen.params.is_empty() { Ok(given.policy.clone()) } else { given.configured(chosen) }
            }
            _ => BuiltIn.policy(chosen),
        }
    }
}

/// On a terminal, one line that says how far it is and goes away again.
struct Progress {
    terminal: Option<io::Stderr>,
    at: usize,
    of: usize,
}

impl Progress {
    fn new(of: usize) -> Progress {
        Progress { terminal: live::terminal(), at: 0, of }
    }

    fn show(&mut self, id: &str) {
        self.at += 1;
        if let Some(terminal) = &mut self.terminal {
            // Only a sign of life: the work goes on without it.
            let _ = write!(terminal, "{ERASE}  ..  {} of {}: {id}", self.at, self.of).and_then(|()| terminal.flush());
        }
    }

    fn end(&mut self) {
        if let Some(terminal) = &mut self.terminal {
            let _ = write!(terminal, "{ERASE}").and_then(|()| terminal.flush());
        }
    }
}

impl Answer for Report {
    fn outcome(&self) -> Outcome {
        if self.failed == 0 { Outcome::Yes } else { Outcome::No }
    }

    fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        for file in &self.files {
            file.print(out)?;
        }
        let under = self.policy.as_ref().map(|policy| format!(" under {policy}")).unwrap_or_default();
        let runs = if self.runs == 1 { "1 run".to_owned() } else { format!("{} runs", self.runs) };
        match self.failed {
            0 => writeln!(out, "{}: {runs}{under}", Painted(GOOD, "held")),
            failed => writeln!(out, "{}: {failed} of {runs}{under}", Painted(BAD, "not held")),
        }
    }
}

impl FileReport {
    fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        let mark = if self.failures.is_empty() { Painted(GOOD, "ok") } else { Painted(BAD, "NO") };
        let passed_over = match self.passed_over {
            0 => String::new(),
            vectors => format!(", {vectors} passed over: they do not speak of it"),
        };
        writeln!(out, "  {mark}  {}: {} vectors, {} runs{passed_over}", self.file, self.vectors, self.runs)?;
        for failure in &self.failures {
            let RunFailure { id, title, line, policy, event, why } = failure;
            writeln!(out, "      {id} under {policy}, line {line}: {title}")?;
            let event = event.as_ref().map(|event| format!("{event}: ")).unwrap_or_default();
            writeln!(out, "        {}", Painted(FAINT, &format!("{event}{why}")))?;
        }
        Ok(())
    }
}

impl From<steadfast_conformance::ReadError> for Failure {
    fn from(error: steadfast_conformance::ReadError) -> Failure {
        match error {
            steadfast_conformance::ReadError::Io { path, error } => Failure::Read { path, error },
            error => Failure::Vectors(error),
        }
    }
}
