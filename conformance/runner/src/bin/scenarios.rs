//! Writes `docs/SCENARIOS.md` to the file that is named. `cargo xtask scenarios` runs it.

use std::{
    env, fs,
    io::{self, Write},
    path::Path,
    process::ExitCode,
};

use steadfast_conformance::{Corpus, document};

fn main() -> ExitCode {
    match write() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            // Where the message cannot be written there is nobody left to tell.
            let _ = writeln!(io::stderr(), "error: {why}");
            ExitCode::FAILURE
        }
    }
}

fn write() -> Result<(), String> {
    let file = env::args_os().nth(1).ok_or("name the file to write")?;
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let corpus = Corpus::read(&vectors).map_err(|error| error.to_string())?;
    fs::write(&file, document(&corpus)).map_err(|error| format!("cannot write {}: {error}", Path::new(&file).display()))
}
