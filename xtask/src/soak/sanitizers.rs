//! The tests of the pure crates under the sanitizers of the compiler.
//!
//! Sanitizers are unstable options, so the compiler is told to take them (`RUSTC_BOOTSTRAP`). The one for addresses works with
//! the standard library as it comes. The one for threads must see every access, the standard library's too, or it takes a
//! mutex for a race: Debian brings the source of a standard library that fits its own compiler, and the active toolchain
//! brings the runtime, which Debian's lacks. Both are brought together in a folder of links.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::guest_toolchain::{DEBIAN_CARGO, DEBIAN_PACKAGES, DEBIAN_RUSTC, debian_library, sysroot};
use crate::project::{Project, cargo};
use crate::runner::CARGO;
use crate::soak::turn::Turn;
use crate::step::Step;

/// Not the examples in comments: those are linked without the runtime.
const CRATES: [&str; 8] = [
    "--package",
    "steadfast-policy",
    "--package",
    "steadfast-core",
    "--package",
    "steadfast-store",
    "--lib",
    "--tests",
];
/// What has threads. The rest would only be slow: under this sanitizer everything takes ten times as long.
const THREADED: [&str; 9] =
    ["--package", "steadfast-core", "--lib", "--test", "stress", "--test", "watch", "--test", "journal"];
/// The files of the runtime in a toolchain.
const RUNTIME: &str = "librustc-";
/// The epoch orders a reader before who frees what was read by fences, which this sanitizer does not see; that order is
/// checked by the models, with the epoch's own build for them, and by the other sanitizer.
const UNSEEN: &str = "race:steadfast_core::garbage::Retired*free\n";
/// What has no bound in a debug build under a sanitizer.
const FEW_CASES: &str = "32";

pub(crate) fn addresses(turn: &mut Turn<'_>) -> Result<()> {
    let step = Step::new(turn.project, cargo())
        .arg("test")
        .args(CRATES)
        .args(["--no-fail-fast", "--target", &host()?, "--target-dir"])
        .arg(turn.project.target.join("asan"))
        .variable("RUSTC_BOOTSTRAP", "1")
        .variable("RUSTFLAGS", "-Zsanitizer=address -Cunsafe-allow-abi-mismatch=sanitizer")
        .variable("PROPTEST_CASES", FEW_CASES)
        .runner(CARGO);
    turn.step(&step)
}

pub(crate) fn threads(turn: &mut Turn<'_>) -> Result<()> {
    let host = host()?;
    let linked = match instrumented(turn.project, &host) {
        Ok(linked) => linked,
        Err(why) => {
            turn.skip(format!("{why:#}; packages {} of Debian bring what is needed", DEBIAN_PACKAGES.join(" ")));
            return Ok(());
        }
    };
    let flags = format!("--sysroot {} -Zsanitizer=thread", linked.display());
    let unseen = linked.join("unseen.txt");
    fs::write(&unseen, UNSEEN).with_context(|| format!("cannot write {}", unseen.display()))?;
    let step = Step::new(turn.project, DEBIAN_CARGO)
        .args(["test", "-Zbuild-std", "--no-fail-fast", "--target", &host])
        .args(THREADED)
        .arg("--target-dir")
        .arg(turn.project.target.join("tsan"))
        .variable("RUSTC_BOOTSTRAP", "1")
        .variable("RUSTC", DEBIAN_RUSTC)
        .variable("RUSTFLAGS", flags)
        .variable("TSAN_OPTIONS", format!("suppressions={}", unseen.display()))
        // Set by `cargo run` for the active toolchain; the other compiler must not load its libraries.
        .without_variable("LD_LIBRARY_PATH")
        .runner(CARGO);
    turn.step(&step)
}

/// The target that the compiler runs on.
fn host() -> Result<String> {
    let output = Command::new("rustc").arg("-vV").output().context("cannot start rustc")?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("`rustc -vV` names no host")?.to_owned())
}

/// A folder of links that is Debian's toolchain with the active one's runtime.
fn instrumented(project: &Project, host: &str) -> Result<PathBuf> {
    let (active, debian) = (sysroot("rustc")?, debian_library()?);
    let libraries = Path::new("lib/rustlib").join(host).join("lib");
    let runtime: Vec<PathBuf> =
        entries(&active.join(&libraries))?.into_iter().filter(|path| is_runtime(path)).collect();
    if !runtime.iter().any(|path| path.to_string_lossy().contains("tsan")) {
        bail!("the active toolchain has no runtime of ThreadSanitizer");
    }
    let linked = project.scratch("tsan-sysroot")?;
    let folder = linked.join(&libraries);
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    link(&debian.join("lib/rustlib/src"), &linked.join("lib/rustlib/src"))?;
    for library in entries(&debian.join(&libraries))?.into_iter().chain(runtime) {
        link(&library, &folder.join(library.file_name().unwrap_or_default()))?;
    }
    Ok(linked)
}

fn is_runtime(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with(RUNTIME) && name.ends_with("san.a")
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let list = fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    list.map(|entry| Ok(entry?.path())).collect()
}

/// Made anew each time: the toolchain behind an old one may be gone.
#[cfg(unix)]
fn link(to: &Path, at: &Path) -> Result<()> {
    let _ = fs::remove_file(at);
    std::os::unix::fs::symlink(to, at).with_context(|| format!("cannot link {}", at.display()))
}

#[cfg(not(unix))]
fn link(_to: &Path, at: &Path) -> Result<()> {
    bail!("{} cannot be linked on this system", at.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runtimes_are_told_from_the_other_libraries_of_a_toolchain() {
        assert!(is_runtime(Path::new("lib/librustc-stable_rt.tsan.a")));
        assert!(is_runtime(Path::new("lib/librustc-nightly_rt.asan.a")));
        assert!(!is_runtime(Path::new("lib/librustc_driver.so")) && !is_runtime(Path::new("lib/libstd.rlib")));
    }
}
