//! What a call from Go costs beside the same loop in C: Go's own benchmark, whose figures are passed on.

use std::{env, fs, path::Path, process::Command, time::UNIX_EPOCH};

use anyhow::{Context, Result, bail};

use super::Effort;
use crate::{samples::tell, spread::Spread};

const MODULE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../bindings/go");
/// The library that the Go module links, made by the same build as this program.
const ARCHIVE: &str = "libsteadfast_ffi.a";
/// Measurements of which the benchmark itself takes the fastest.
const TURNS: &str = "-benchtime=20x";
/// The units in which the benchmark reports, and what the figures are called here.
const FIGURES: [(&str, &str); 2] = [("go-ns/beat", "beat go"), ("c-ns/beat", "beat c")];

pub(super) fn run(effort: Effort) -> Result<()> {
    let archive = env::current_exe().context("this program has no file")?.with_file_name(ARCHIVE);
    if !archive.is_file() {
        bail!("{} is not there; `cargo xtask bench` builds it", archive.display());
    }
    let output = go_test(&archive, effort.runs)?;
    for (unit, key) in FIGURES {
        let figures: Vec<f64> = output.lines().filter_map(|line| figure(line, unit)).collect();
        if figures.len() != effort.runs {
            bail!("go says {} figures in {unit}, of {} runs:\n{output}", figures.len(), effort.runs);
        }
        tell(key, Spread::of(figures));
    }
    Ok(())
}

fn go_test(archive: &Path, runs: usize) -> Result<String> {
    // Go does not see that a library has changed; a flag that changes nothing else tells it.
    let file = fs::metadata(archive).context("the C library is not built")?;
    let built = file.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    let stamp = format!("-ldflags=-X=steadfast.archive={}.{built}", file.len());
    // Flags of the environment come before those of the module, so that this library is the one that is linked.
    let output = Command::new("go")
        .current_dir(MODULE)
        .env("CGO_LDFLAGS", archive)
        .args(["test", "-run=^$", "-bench=BeatBatch/instances=256$", TURNS, &format!("-count={runs}"), &stamp, "."])
        .output()
        .context("go cannot be started")?;
    if !output.status.success() {
        bail!("go test failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The figure before a unit, in a line like `BenchmarkX-2  20  1720 ns/op  2.4 c-ns/beat  2.5 go-ns/beat`.
fn figure(line: &str, unit: &str) -> Option<f64> {
    let words: Vec<&str> = line.split_whitespace().collect();
    words.windows(2).find(|pair| pair[1] == unit)?[0].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_found_by_their_units() {
        let line = "BenchmarkBeatBatch/instances=256-2   50  7272099 ns/op  2.408 c-ns/beat  2.521 go-ns/beat";
        assert_eq!((figure(line, "c-ns/beat"), figure(line, "go-ns/beat")), (Some(2.408), Some(2.521)));
        assert_eq!((figure(line, "beats"), figure("PASS", "ns/op")), (None, None));
    }
}
