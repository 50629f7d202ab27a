//! What a subcommand found out, for people and for programs, and the exit code that goes with it.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use serde::Serialize;

use crate::failure::Failure;

/// Whether the answer is the one hoped for. Scripts test it without reading anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Accepted, proven, equal, possible, written: exit code 0.
    Yes,
    /// Refused, broken, different, impossible: exit code 1.
    No,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> ExitCode {
        match outcome {
            Outcome::Yes => ExitCode::SUCCESS,
            Outcome::No => ExitCode::from(1),
        }
    }
}

/// What a subcommand found out. Its fields, serialized, are the `--json` form.
pub(crate) trait Answer: Serialize {
    fn outcome(&self) -> Outcome;

    /// The text for people.
    fn print(&self, out: &mut dyn Write) -> io::Result<()>;
}

/// Writes an answer to the standard output: colours on a terminal only, and not where `NO_COLOR` is set.
pub(crate) fn show(answer: &impl Answer, json: bool) -> Result<Outcome, Failure> {
    let mut text = Vec::new();
    if json {
        serde_json::to_writer_pretty(&mut text, answer).map_err(io::Error::from)?;
        text.push(b'\n');
    } else {
        answer.print(&mut text)?;
    }
    let mut out = anstream::stdout().lock();
    out.write_all(&text)?;
    out.flush()?;
    Ok(answer.outcome())
}
