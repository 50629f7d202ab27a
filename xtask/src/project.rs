//! Where things are.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// Cargo builds into `target` even where a person told it otherwise: the Go module and the tests of the policy host
/// look there for the C library and the policies.
pub(crate) const TARGET_VARIABLES: [&str; 2] = ["CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR"];

/// The repository and the folder that cargo builds into.
#[derive(Debug)]
pub(crate) struct Project {
    pub(crate) root: PathBuf,
    pub(crate) target: PathBuf,
}

impl Project {
    pub(crate) fn find() -> Result<Self> {
        // Cargo sets the variable for `cargo run`. The compiled-in value serves a binary that is started by hand.
        let crate_dir = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let root = Path::new(&crate_dir).parent().context("the task crate has no parent folder")?.to_path_buf();
        Ok(Self { target: root.join("target"), root })
    }

    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Where `cargo xtask wasm` puts the policies.
    pub(crate) fn policies(&self) -> PathBuf {
        self.target.join("policies")
    }

    /// Where it puts the policies with a seeded fault, which no registry may load.
    pub(crate) fn mutants(&self) -> PathBuf {
        self.target.join("mutants")
    }

    /// A folder for logs and other things that only tasks use.
    pub(crate) fn scratch(&self, name: &str) -> Result<PathBuf> {
        let folder = self.target.join("xtask").join(name);
        fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        Ok(folder)
    }

    /// The path as a person in the repository's root would type it.
    pub(crate) fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }

    /// Fails when a folder that a task works on is not there: a missing part must not look like a passing one.
    pub(crate) fn require_folder(&self, relative: &str) -> Result<PathBuf> {
        let path = self.path(relative);
        if !path.is_dir() {
            bail!("the folder {relative} is missing");
        }
        Ok(path)
    }

    /// The same for a file.
    pub(crate) fn require_file(&self, relative: &str) -> Result<PathBuf> {
        let path = self.path(relative);
        if !path.is_file() {
            bail!("the file {relative} is missing");
        }
        Ok(path)
    }
}

/// The cargo that started this task.
pub(crate) fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// `cargo metadata` of one workspace, without dependencies.
pub(crate) fn metadata(manifest: &Path) -> Result<Value> {
    let mut command = Command::new(cargo());
    command.args(["metadata", "--no-deps", "--format-version", "1", "--manifest-path"]).arg(manifest);
    for variable in TARGET_VARIABLES {
        command.env_remove(variable);
    }
    let output = command.output().context("cannot start cargo")?;
    if !output.status.success() {
        bail!("cargo cannot read {}: {}", manifest.display(), String::from_utf8_lossy(&output.stderr).trim());
    }
    serde_json::from_slice(&output.stdout).context("cargo metadata is no JSON")
}

/// Files directly in `folder` with this extension, sorted by name.
pub(crate) fn files_with_extension(folder: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|found| found == extension) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
