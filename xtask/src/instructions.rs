//! `cargo xtask instructions`: how many instructions the hot paths take, against what `bench/instructions.txt` says.
//!
//! Time depends on who else uses the machine, the number of instructions does not. It says little about how fast a path is,
//! and very reliably that somebody has made it longer. Valgrind counts; its figures are those of one compiler and one
//! architecture.

use std::env::consts::{ARCH, OS};
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::console;
use crate::project::{Project, cargo};
use crate::step::Step;

const CRATE: &str = "steadfast-instructions";
const RECORD: &str = "bench/instructions.txt";
pub(crate) const COUNTER: &str = "valgrind";
/// The function of the program whose instructions count, with everything that it calls.
const COUNTED: &str = "steadfast_instructions::counted";
/// What the record is of.
const RECORDED_ARCH: &str = "x86_64";
const RECORDED_OS: &str = "linux";
/// Tenths of an instruction more than recorded that still pass, or a part of the recorded number if that is more. Maps
/// are seeded anew in each process, and another libc copies a little differently.
const TOLERATED_TENTHS: u64 = 5;
const TOLERATED_PERCENT: u64 = 3;

/// Writes the record, or with `verify` only compares. `Ok(false)`: a path has become longer.
pub(crate) fn run(project: &Project, verify: bool) -> Result<bool> {
    if !are_counted_here() {
        console::line(&format!("  not counted: {RECORD} is about {RECORDED_ARCH} {RECORDED_OS}, this is {ARCH} {OS}"));
        return Ok(true);
    }
    let fresh = count(project)?;
    for Count { path, tenths } in &fresh {
        console::line(&format!("    {path:<16} {:>8}", in_words(*tenths)));
    }
    if !verify {
        fs::write(project.path(RECORD), text(&fresh)).with_context(|| format!("cannot write {RECORD}"))?;
        console::line(&format!("  wrote {RECORD}"));
        return Ok(true);
    }
    let file = project.require_file(RECORD)?;
    let recorded = read(&fs::read_to_string(file)?)?;
    let (worse, better) = compare(&recorded, &fresh);
    for line in worse.iter().chain(&better) {
        console::line(&format!("  {line}"));
    }
    Ok(worse.is_empty())
}

/// Whether this machine is of the kind that the record is about.
pub(crate) fn are_counted_here() -> bool {
    (ARCH, OS) == (RECORDED_ARCH, RECORDED_OS)
}

/// Instructions for one operation of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Count {
    path: String,
    tenths: u64,
}

fn count(project: &Project) -> Result<Vec<Count>> {
    let target = project.target.join("instructions");
    Step::new(project, cargo())
        .args(["build", "--release", "--package", CRATE, "--target-dir"])
        .arg(&target)
        .require(project)?;
    let program = target.join("release").join(CRATE);
    let names = said(&mut Command::new(&program))?.0;
    names.lines().map(|path| Ok(Count { path: path.to_owned(), tenths: tenths(project, &program, path)? })).collect()
}

fn tenths(project: &Project, program: &Path, path: &str) -> Result<u64> {
    let mut command = Command::new(COUNTER);
    let report = project.scratch("instructions")?.join("callgrind.out");
    command.args(["--tool=callgrind", &format!("--toggle-collect={COUNTED}")]);
    command.arg(format!("--callgrind-out-file={}", report.display())).arg(program).arg(path);
    let (operations, counter) = said(&mut command)?;
    let operations: u64 =
        operations.trim().parse().with_context(|| format!("{path}: the program says {operations:?}"))?;
    let instructions = collected(&counter).with_context(|| format!("{path}: {COUNTER} has counted nothing"))?;
    Ok(instructions * 10 / operations.max(1))
}

/// Both outputs of a command that must succeed.
fn said(command: &mut Command) -> Result<(String, String)> {
    let output = command.output().with_context(|| format!("cannot start {command:?}"))?;
    let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    if !output.status.success() {
        bail!("{command:?} fails: {}", err.trim());
    }
    Ok((out, err))
}

/// `==12345== Collected : 48042`
fn collected(said: &str) -> Option<u64> {
    let line = said.lines().find_map(|line| line.split_once("Collected :"))?;
    line.1.trim().parse().ok().filter(|instructions| *instructions > 0)
}

fn text(counts: &[Count]) -> String {
    let head = "# Instructions of one operation on x86_64 Linux, with the compiler of rust-toolchain.toml.\n\
                # Written by `cargo xtask instructions`; with `--verify` it fails when a path takes more.\n";
    let lines = counts.iter().map(|Count { path, tenths }| format!("{path:<16} {:>8}\n", in_words(*tenths)));
    [head.to_owned()].into_iter().chain(lines).collect()
}

fn read(text: &str) -> Result<Vec<Count>> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| count_in(line).with_context(|| format!("{RECORD} has the line {line:?}"))).collect()
}

fn count_in(line: &str) -> Option<Count> {
    let (path, number) = line.rsplit_once(' ')?;
    let (whole, tenth) = number.split_once('.')?;
    let tenths = whole.parse::<u64>().ok()?.checked_mul(10)? + tenth.parse::<u64>().ok().filter(|tenth| *tenth < 10)?;
    Some(Count { path: path.trim().to_owned(), tenths })
}

/// What has become longer, or went missing, and what has become shorter.
fn compare(recorded: &[Count], fresh: &[Count]) -> (Vec<String>, Vec<String>) {
    let (mut worse, mut better) = (Vec::new(), Vec::new());
    for Count { path, tenths: before } in recorded {
        let Some(now) = fresh.iter().find(|count| count.path == *path).map(|count| count.tenths) else {
            worse.push(format!("{path}: {RECORD} has it and the program does not; run `cargo xtask instructions`"));
            continue;
        };
        let tolerated = TOLERATED_TENTHS.max(before * TOLERATED_PERCENT / 100);
        let both = format!("{path}: {} instructions, {} are recorded", in_words(now), in_words(*before));
        if now > before + tolerated {
            worse.push(format!("{both}; shorten it, or say why in the commit and run `cargo xtask instructions`"));
        } else if now + tolerated < *before {
            better.push(format!("{both}; run `cargo xtask instructions` to keep that"));
        }
    }
    let is_new = |count: &&Count| !recorded.iter().any(|before| before.path == count.path);
    worse.extend(
        fresh.iter().filter(is_new).map(|new| format!("{}: not recorded; run `cargo xtask instructions`", new.path)),
    );
    (worse, better)
}

fn in_words(tenths: u64) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(counts: &[(&str, u64)]) -> Vec<Count> {
        counts.iter().map(|(path, tenths)| Count { path: (*path).into(), tenths: *tenths }).collect()
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let all = counts(&[("beat in a batch", 123), ("walk of twenty", 90_001)]);
        assert_eq!(read(&text(&all)).unwrap(), all);
        for damaged in ["beat", "beat 12", "beat x.1", "beat 1.25"] {
            assert!(read(damaged).unwrap_err().to_string().contains(damaged));
        }
    }

    #[test]
    fn the_counter_is_heard() {
        assert_eq!(collected("==1== Events    : Ir\n==1== Collected : 48042\n"), Some(48_042));
        assert_eq!(collected("==1== Collected : 0\n"), None, "the function was never entered");
        assert_eq!(collected("valgrind: no such program"), None);
    }

    #[test]
    fn a_longer_path_fails_and_a_shorter_one_is_told() {
        let recorded = counts(&[("beat", 100), ("walk", 10_000)]);
        let verdict = |beat, walk| {
            let (worse, better) = compare(&recorded, &counts(&[("beat", beat), ("walk", walk)]));
            (worse.len(), better.len())
        };
        assert_eq!(verdict(105, 10_300), (0, 0), "within the tolerance");
        assert_eq!(verdict(106, 10_301), (2, 0));
        assert_eq!(verdict(94, 9_699), (0, 2));
    }

    #[test]
    fn a_path_on_one_side_only_fails() {
        let (worse, _) = compare(&counts(&[("old", 10)]), &counts(&[("new", 10)]));
        assert!(worse[0].starts_with("old") && worse[1].starts_with("new"), "{worse:?}");
    }
}
