//! Starts a process for each case, prints a line for it, and counts what is not as it must be.

use std::{
    collections::BTreeMap,
    env, fs,
    io::Read,
    path::{Path, PathBuf},
    process::{Child, Command, ExitCode, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use steadfast_wasm::LOAD_BYTES_MAX;
use tempfile::TempDir;

use crate::{
    case::{Case, Expect},
    child::{CALL, Outcome},
    corpus,
    guest::Guest,
};

/// A load gives up after two and a half seconds of its own. This is for one that does not, on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);
const GLANCE: Duration = Duration::from_millis(5);
/// An error is one entry of a log.
const TEXT_BYTES_MAX: usize = 4000;

pub(crate) fn list() -> ExitCode {
    for case in corpus::cases() {
        println!("{}: test", case.name);
    }
    ExitCode::SUCCESS
}

/// Runs every case whose name holds one of the words; all of them without words.
pub(crate) fn run(words: &[String]) -> ExitCode {
    let folder = TempDir::new().expect("a folder for the files");
    let harmless = folder.path().join("harmless.wasm");
    fs::write(&harmless, Guest::named("harmless").component()).expect("a file can be written");
    println!("{:<58} {:<22} {:>9} {:>10}", "case", "outcome", "time", "memory");
    let (mut passed, mut failed) = (0, 0);
    for case in corpus::cases() {
        if !words.is_empty() && !words.iter().any(|word| case.name.contains(word.as_str())) {
            continue;
        }
        let objections = play(&case, &harmless);
        for objection in &objections {
            println!("    FAILED: {objection}");
        }
        if objections.is_empty() { passed += 1 } else { failed += 1 }
    }
    let verdict = if failed == 0 { "ok" } else { "FAILED" };
    println!("\nmemory: peak above a process that has loaded one policy; the bound is {} MiB", LOAD_BYTES_MAX >> 20);
    println!("\ntest result: {verdict}. {passed} passed; {failed} failed; 0 ignored; 0 measured; 0 filtered out");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs one case and prints its line; what is wrong with it.
fn play(case: &Case, harmless: &Path) -> Vec<String> {
    let folder = TempDir::new().expect("a folder for the files");
    let files = write(&(case.files)(), folder.path());
    let (outcomes, end) = load_elsewhere(case, harmless, &files);
    print_line(case, &outcomes);
    let mut objections: Vec<String> = outcomes.iter().filter_map(|outcome| objection(case.expect, outcome)).collect();
    if outcomes.len() != files.len() {
        objections.push(format!("{} of {} files have an outcome; {end}", outcomes.len(), files.len()));
    }
    objections
}

fn write(files: &[Vec<u8>], folder: &Path) -> Vec<PathBuf> {
    let write = |(number, bytes): (usize, &Vec<u8>)| {
        let path = folder.join(format!("{number}.wasm"));
        fs::write(&path, bytes).expect("a file can be written");
        path
    };
    files.iter().enumerate().map(write).collect()
}

/// What became of each file, and how the process that loaded them ended.
fn load_elsewhere(case: &Case, harmless: &Path, files: &[PathBuf]) -> (Vec<Outcome>, String) {
    let mut child = Command::new(env::current_exe().expect("this program has a file"))
        .arg(CALL)
        .arg(harmless)
        .arg(if case.parameter { "yes" } else { "no" })
        .args(files)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this program can be started");
    let mut output = child.stdout.take().expect("it is piped");
    // Read meanwhile: a child that fills the pipe would wait for ever.
    let reader = thread::spawn(move || {
        let mut text = String::new();
        let _ = output.read_to_string(&mut text);
        text
    });
    let end = match end_of(&mut child) {
        Some(status) => format!("the process ended with {status}"),
        None => format!("the process was still busy after {PATIENCE:?}"),
    };
    let text = reader.join().unwrap_or_default();
    (text.lines().filter_map(Outcome::read).collect(), end)
}

fn end_of(child: &mut Child) -> Option<ExitStatus> {
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        if let Ok(Some(status)) = child.try_wait() {
            return Some(status);
        }
        thread::sleep(GLANCE);
    }
    let _ = child.kill();
    let _ = child.wait();
    None
}

fn objection(expect: Expect, outcome: &Outcome) -> Option<String> {
    let Outcome { grown, refused, text, .. } = outcome;
    let wrong = expect.objection(refused.as_deref()).or_else(|| {
        if text.len() > TEXT_BYTES_MAX {
            Some(format!("its text has {} bytes", text.len()))
        } else if text.contains("\\n") || text.contains("\\u{202e}") {
            Some("its text is not one line of plain text".into())
        } else if grown.is_some_and(|bytes| bytes > LOAD_BYTES_MAX as u64) {
            Some("it took too much memory".into())
        } else {
            None
        }
    });
    wrong.map(|wrong| format!("{wrong}: {}: {}", refused.as_deref().unwrap_or("loaded"), cut(text)))
}

fn cut(text: &str) -> String {
    text.chars().take(400).collect()
}

/// The case, each kind of outcome with how many files had it, the longest time and the most memory.
fn print_line(case: &Case, outcomes: &[Outcome]) {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for outcome in outcomes {
        *kinds.entry(outcome.refused.as_deref().unwrap_or("loaded")).or_default() += 1;
    }
    let kinds: Vec<String> = match kinds.len() {
        1 => kinds.into_keys().map(str::to_owned).collect(),
        _ => kinds.into_iter().map(|(kind, count)| format!("{count} {kind}")).collect(),
    };
    let took = outcomes.iter().map(|outcome| outcome.took_us).max().unwrap_or(0);
    let grown = outcomes.iter().filter_map(|outcome| outcome.grown).max();
    let grown = grown.map_or("?".into(), |bytes| format!("{}.{} MiB", bytes >> 20, ((bytes & 0xF_FFFF) * 10) >> 20));
    println!("{:<58} {:<22} {:>6} ms {grown:>10}", case.name, kinds.join(", "), took.div_ceil(1000));
}
