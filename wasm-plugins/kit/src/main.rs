//! `steadfast`: the command for people who write policies.
//!
//! It loads a policy as a registry does, by the same code, and says in words what came of it: `check` what the loader
//! checks, `laws` which promises hold, `diff` what another policy would do differently, `replay` what it would have done, `explain-facts` one single
//! answer, `table` the same answers as a file for hosts without WebAssembly, `run` stories in
//! a registry, `new` a policy to begin with.
//!
//! Each subcommand makes one [`Answer`](answer::Answer), from which both the text for people and the JSON for programs
//! are written, so the two cannot disagree.

#![forbid(unsafe_code)]

mod answer;
mod check;
mod command_line;
mod declared;
mod diff;
mod explain;
mod failure;
mod impossible;
mod laws;
mod live;
mod paint;
mod policy;
mod refusal;
mod replay;
mod scaffold;
mod stage;
mod statement;
mod story;
mod table;
mod utc;
mod vectors;

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::{CommandFactory, Parser};

use crate::{
    answer::{Outcome, show},
    command_line::{Command, CommandLine, RunCommand},
    failure::Failure,
    paint::{BAD, Painted},
};

fn main() -> ExitCode {
    // Answers a mistake on the command line, and `--help`, by itself.
    let command = CommandLine::parse().command;
    match run(command) {
        Ok(outcome) => outcome.into(),
        // A reader that has seen enough, such as `head`, is no failure.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(failure) => {
            // Where the message cannot be written there is nobody left to tell; the code still says it.
            let _ = writeln!(anstream::stderr(), "{} {failure}", Painted(BAD, "error:"));
            failure.code()
        }
    }
}

fn run(command: Command) -> Result<Outcome, Failure> {
    match command {
        Command::Check(args) => show(&check::run(&args)?, args.output.json),
        Command::Laws(args) => show(&laws::run(&args)?, args.output.json),
        Command::Diff(args) => show(&diff::run(&args)?, args.output.json),
        Command::Replay(args) => show(&replay::run(&args)?, args.output.json),
        Command::ExplainFacts(args) => show(&explain::run(&args)?, args.output.json),
        Command::Table { command } => table::run(&command),
        Command::Run { command: RunCommand::Vectors(args) } => show(&vectors::answer(&args)?, args.output.json),
        Command::New(args) => show(&scaffold::run(&args)?, args.output.json),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut CommandLine::command(), "steadfast", &mut script);
            io::stdout().write_all(&script).map_err(Failure::Output)?;
            Ok(Outcome::Yes)
        }
    }
}
