//! The whole hostile corpus: each case is refused in a process of its own, with the error it names, within its memory.
//!
//! The tests beside this one look at errors and their texts. This one looks at the process: whether it lives, whether
//! it ends, how much memory it takes. `cargo test -p steadfast-wasm --test hostile` prints the table;
//! `-- WORDS` runs the cases whose names hold the words. There are no promises on time here, only an end to patience:
//! the machine may be busy with something else.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this test is a program that prints a table")]

#[path = "../guest/mod.rs"]
mod guest;

mod case;
mod child;
mod corpus;
mod kind;
mod memory;
mod runner;

use std::{env, process::ExitCode};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.split_first() {
        Some((first, files)) if first == child::CALL => child::run(files),
        // What `cargo test` and its relatives ask of any test program.
        _ if arguments.iter().any(|argument| argument == "--list") => runner::list(),
        _ => runner::run(&arguments.into_iter().filter(|argument| !argument.starts_with('-')).collect::<Vec<_>>()),
    }
}
