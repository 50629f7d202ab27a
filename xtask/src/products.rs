//! What tests and demo are built from: the C library, the Go gateway, the Java client.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result, bail};

use crate::project::{Project, cargo};
use crate::step::Step;

const FFI_CRATE: &str = "steadfast-ffi";
const FFI_LIBRARY: &str = "steadfast_ffi";
pub(crate) const GATEWAY: &str = "examples/nacos-gateway";
pub(crate) const JAVA_CLIENT: &str = "examples/nacos-client-java";

/// The C ABI in both shapes that hosts link.
pub(crate) struct Library {
    pub(crate) archive: PathBuf,
    pub(crate) shared: PathBuf,
}

impl Library {
    pub(crate) fn files(&self) -> [&Path; 2] {
        [&self.archive, &self.shared]
    }
}

/// Both libraries with everything in them, in `target/debug`.
pub(crate) fn library(project: &Project) -> Result<Library> {
    library_step(project).require(project)?;
    built(project, &project.target)
}

/// The command behind [`library`].
pub(crate) fn library_step(project: &Project) -> Step {
    rustc(project, &project.target)
}

/// Both libraries without the WebAssembly engine. They get a target folder of their own, because their file names are
/// the same.
pub(crate) fn library_without_wasm(project: &Project) -> Result<Library> {
    let target = project.target.join("no-wasm");
    rustc(project, &target).arg("--no-default-features").require(project)?;
    built(project, &target)
}

/// The static library in `target/release`, for what measures calls of it.
pub(crate) fn fast_archive(project: &Project) -> Result<()> {
    let archive = ["rustc", "--release", "--package", FFI_CRATE, "--lib", "--crate-type", "staticlib"];
    Step::new(project, cargo()).args(archive).require(project)?;
    Ok(())
}

/// The crate itself is an rlib, so that `cargo test` never links 80 MB; only this step makes the C libraries of it.
fn rustc(project: &Project, target: &Path) -> Step {
    let crate_types = ["rustc", "--package", FFI_CRATE, "--lib", "--crate-type", "cdylib,staticlib", "--target-dir"];
    Step::new(project, cargo()).args(crate_types).arg(target)
}

fn built(project: &Project, target: &Path) -> Result<Library> {
    let folder = target.join("debug");
    let library = Library {
        archive: folder.join(format!("lib{FFI_LIBRARY}.a")),
        shared: folder.join(format!("{DLL_PREFIX}{FFI_LIBRARY}{DLL_SUFFIX}")),
    };
    for file in library.files() {
        if !file.is_file() {
            bail!("cargo built {FFI_CRATE} but {} is not there", project.shown(file));
        }
    }
    Ok(library)
}

/// A Go command in one of the modules.
///
/// Go does not see that an archive named in LDFLAGS has changed and would reuse what it linked before. The archive's
/// state goes into a linker flag for a variable that nobody has: it changes nothing but the key of Go's cache.
pub(crate) fn go(project: &Project, library: &Library, module: &str, command: &str) -> Result<Step> {
    let state = fs::metadata(&library.archive).context("the C library is not built")?;
    let changed = state.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    let stamp = format!("-ldflags=-X=steadfast.archive={}.{changed}", state.len());
    Ok(Step::new(project, "go").args([command, &stamp]).folder(project.require_folder(module)?))
}

/// The gateway's program.
pub(crate) fn gateway(project: &Project, library: &Library) -> Result<PathBuf> {
    let program = project.target.join("debug/nacos-gateway");
    go(project, library, GATEWAY, "build")?.arg("-o").arg(&program).arg(".").require(project)?;
    Ok(program)
}

/// Builds the Java program on the stock Nacos client; the folder that Maven built into.
pub(crate) fn java_client(project: &Project) -> Result<PathBuf> {
    let folder = project.require_folder(JAVA_CLIENT)?;
    maven(project).folder(&folder).require(project)?;
    Ok(built_by_maven(&folder))
}

/// Where Maven puts what it builds in a module's folder.
pub(crate) fn built_by_maven(folder: &Path) -> PathBuf {
    folder.join("target")
}

/// Maven's build of the module in the current folder, tests included.
pub(crate) fn maven(project: &Project) -> Step {
    Step::new(project, "mvn").args(["--batch-mode", "--no-transfer-progress", "package"])
}
