//! The compiler that builds policies for `wasm32-unknown-unknown`.
//!
//! Normally that is the active toolchain with the target installed. Where the target cannot be had, Debian's
//! `rustc-web`, `cargo-web` and `rust-web-src` build the standard library themselves; their own `rust-lld` is a link to
//! a package that they do not bring, so the linker of the active toolchain is used.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow};

use crate::project::{Project, cargo};
use crate::step::Step;
use crate::version::{Version, first_version};

pub(crate) const TARGET: &str = "wasm32-unknown-unknown";
pub(crate) const DEBIAN_PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];
pub(crate) const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
pub(crate) const DEBIAN_CARGO: &str = "/usr/bin/cargo";
/// What the crates of the workspace ask for.
const RUST_MIN: Version = Version { major: 1, minor: 95 };

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum GuestToolchain {
    /// The active toolchain has the target.
    Installed,
    /// The system's own compiler builds the standard library from source.
    FromSource { linker: PathBuf },
}

impl GuestToolchain {
    /// The error says what each of the two ways lacks.
    pub(crate) fn find() -> Result<Self> {
        let sysroot = sysroot("rustc")?;
        if has_target(&sysroot) {
            return Ok(Self::Installed);
        }
        let linker = from_source(&sysroot)
            .map_err(|why| anyhow!("the active toolchain lacks the target {TARGET}, and {why}"))?;
        Ok(Self::FromSource { linker })
    }

    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Installed => format!("target {TARGET} of the active toolchain"),
            Self::FromSource { .. } => format!("{TARGET} by {DEBIAN_RUSTC}, its standard library from source"),
        }
    }

    /// A cargo command for the target. `std_parts` are the crates of the standard library that it needs.
    pub(crate) fn cargo(&self, project: &Project, command: &str, std_parts: &str) -> Step {
        let step = match self {
            Self::Installed => Step::new(project, cargo()).arg(command),
            Self::FromSource { linker } => Step::new(project, DEBIAN_CARGO)
                .args([command, &format!("-Zbuild-std={std_parts}")])
                .variable("RUSTC", DEBIAN_RUSTC)
                .variable("RUSTC_BOOTSTRAP", "1")
                .variable("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker)
                // Set by `cargo run` for the active toolchain; the other compiler must not load its libraries.
                .without_variable("LD_LIBRARY_PATH"),
        };
        step.args(["--target", TARGET])
    }
}

pub(crate) fn sysroot(rustc: &str) -> Result<PathBuf> {
    let output = Command::new(rustc)
        .args(["--print", "sysroot"])
        .env_remove("LD_LIBRARY_PATH")
        .output()
        .with_context(|| format!("cannot start {rustc}"))?;
    let text = String::from_utf8(output.stdout).context("the path of the toolchain is not UTF-8")?;
    Ok(PathBuf::from(text.trim()))
}

fn has_target(sysroot: &Path) -> bool {
    sysroot.join("lib/rustlib").join(TARGET).join("lib").is_dir()
}

/// Finds the linker once everything else is there.
fn from_source(active_sysroot: &Path) -> Result<PathBuf> {
    debian_library()?;
    linker(active_sysroot).context("no linker for it was found: neither rust-lld of the active toolchain nor wasm-ld")
}

/// The sysroot of Debian's compiler, which builds the standard library from source.
pub(crate) fn debian_library() -> Result<PathBuf> {
    let packages = DEBIAN_PACKAGES.join(" ");
    if !Path::new(DEBIAN_RUSTC).exists() || !Path::new(DEBIAN_CARGO).exists() {
        return Err(anyhow!("{DEBIAN_RUSTC} or {DEBIAN_CARGO} of the packages {packages} is missing"));
    }
    let version = debian_rustc_version()?;
    if version < RUST_MIN {
        return Err(anyhow!("{DEBIAN_RUSTC} is {version}, older than {RUST_MIN}"));
    }
    let sysroot = sysroot(DEBIAN_RUSTC)?;
    if !sysroot.join("lib/rustlib/src/rust/library").is_dir() {
        return Err(anyhow!("the source of the standard library (package {}) is missing", DEBIAN_PACKAGES[2]));
    }
    Ok(sysroot)
}

fn debian_rustc_version() -> Result<Version> {
    let output = Command::new(DEBIAN_RUSTC).arg("--version").env_remove("LD_LIBRARY_PATH").output()?;
    first_version(&String::from_utf8_lossy(&output.stdout)).with_context(|| format!("{DEBIAN_RUSTC} does not work"))
}

fn linker(active_sysroot: &Path) -> Option<PathBuf> {
    let rust_lld = bundled_linker(active_sysroot);
    let on_path = || env::split_paths(&env::var_os("PATH")?).map(|dir| dir.join("wasm-ld")).find(|path| path.exists());
    rust_lld.or_else(on_path)
}

/// `rust-lld` lies below the folder of the host's target, whatever the host is.
fn bundled_linker(sysroot: &Path) -> Option<PathBuf> {
    let targets = sysroot.join("lib/rustlib").read_dir().ok()?;
    targets.flatten().map(|target| target.path().join("bin/rust-lld")).find(|path| path.exists())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn sysroot_with(name: &str, files: &[&str]) -> PathBuf {
        let root = env::temp_dir().join(format!("xtask-sysroot-{name}-{}", std::process::id()));
        for file in files {
            let path = root.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        root
    }

    #[test]
    fn the_target_is_found_by_its_library_folder() {
        let with = sysroot_with("with", &["lib/rustlib/wasm32-unknown-unknown/lib/libstd.rlib"]);
        let without = sysroot_with("without", &["lib/rustlib/x86_64-unknown-linux-gnu/lib/libstd.rlib"]);
        assert!(has_target(&with));
        assert!(!has_target(&without));
        fs::remove_dir_all(with).unwrap();
        fs::remove_dir_all(without).unwrap();
    }

    #[test]
    fn the_linker_is_found_below_any_host() {
        let root = sysroot_with("linker", &["lib/rustlib/riscv64gc-unknown-linux-gnu/bin/rust-lld"]);
        assert_eq!(bundled_linker(&root), Some(root.join("lib/rustlib/riscv64gc-unknown-linux-gnu/bin/rust-lld")));
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn each_way_has_its_own_command() {
        let project = Project { root: "/repo".into(), target: "/repo/target".into() };
        let source = GuestToolchain::FromSource { linker: "/lld".into() };
        let line = source.cargo(&project, "build", "core,alloc").command_line(&project);
        assert!(line.contains("RUSTC_BOOTSTRAP=1"), "{line}");
        assert!(line.ends_with("-Zbuild-std=core,alloc --target wasm32-unknown-unknown"), "{line}");
        let line = GuestToolchain::Installed.cargo(&project, "build", "core,alloc").command_line(&project);
        assert!(!line.contains("-Z"), "{line}");
    }
}
