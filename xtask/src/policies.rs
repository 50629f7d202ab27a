//! `cargo xtask wasm`: from the guests' workspace to a folder of policies that a registry can be pointed at.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::console;
use crate::guest_toolchain::{GuestToolchain, TARGET};
use crate::project::{self, Project, cargo};
use crate::step::Step;

pub(crate) const GUESTS: &str = "wasm-plugins/guests";
/// A policy's parameters in its package; they go beside the component under the policy's name.
const PARAMETERS: &str = "policy.toml";

/// One package of the guests' workspace that is a policy.
#[derive(Debug, PartialEq, Eq)]
struct Guest {
    name: String,
    /// What cargo calls the built module: the library's name.
    module: String,
    folder: PathBuf,
}

/// Builds every policy into `target/policies` and takes away those that no longer exist.
pub(crate) fn build(project: &Project) -> Result<()> {
    let manifest = project.require_folder(GUESTS)?.join("Cargo.toml");
    let metadata = project::metadata(&manifest)?;
    let guests = guests(&metadata)?;
    if guests.is_empty() {
        bail!("no package of {GUESTS} is a cdylib: there is no policy to build");
    }
    let modules = build_modules(project, &manifest, &metadata)?;
    for folder in [project.policies(), project.mutants()] {
        fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    let componentize = build_componentizer(project)?;
    for guest in &guests {
        let core = modules.join(format!("{}.wasm", guest.module));
        let folder = guest.destination(project);
        let component = folder.join(format!("{}.wasm", guest.name));
        Step::new(project, &componentize).arg(&core).arg(&component).require(project)?;
        place_parameters(guest, &folder)?;
        console::line(&format!("    {}  {} bytes", project.shown(&component), fs::metadata(&component)?.len()));
    }
    for folder in [project.policies(), project.mutants()] {
        let here = guests.iter().filter(|guest| guest.destination(project) == folder);
        remove_others(&here.map(|guest| guest.name.as_str()).collect(), &folder)?;
    }
    Ok(())
}

impl Guest {
    /// A policy with a seeded fault is named so, and must not lie among those that people pick from.
    fn destination(&self, project: &Project) -> PathBuf {
        if self.name.starts_with("mutant-") { project.mutants() } else { project.policies() }
    }
}

/// The packages that build a `cdylib`, which is what a component is made from.
fn guests(metadata: &Value) -> Result<Vec<Guest>> {
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    let mut guests = Vec::new();
    for package in packages {
        if let Some(target) = cdylib(package) {
            let name = text(package, "name")?;
            let manifest = PathBuf::from(text(package, "manifest_path")?);
            let folder = manifest.parent().context("a manifest without a folder")?.to_path_buf();
            guests.push(Guest { name, module: text(target, "name")?.replace('-', "_"), folder });
        }
    }
    guests.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(guests)
}

fn cdylib(package: &Value) -> Option<&Value> {
    let targets = package["targets"].as_array()?;
    targets.iter().find(|target| target["kind"].as_array().is_some_and(|kinds| kinds.contains(&"cdylib".into())))
}

fn text(value: &Value, key: &str) -> Result<String> {
    let text = value[key].as_str().with_context(|| format!("cargo metadata has no text in `{key}`"))?;
    Ok(text.to_owned())
}

/// Compiles all guests; the folder with the core modules.
fn build_modules(project: &Project, manifest: &Path, metadata: &Value) -> Result<PathBuf> {
    GuestToolchain::find()?
        .cargo(project, "build", "std,panic_abort")
        .args(["--release", "--workspace", "--manifest-path"])
        .arg(manifest)
        .require(project)?;
    Ok(PathBuf::from(text(metadata, "target_directory")?).join(TARGET).join("release"))
}

fn build_componentizer(project: &Project) -> Result<PathBuf> {
    Step::new(project, cargo()).args(["build", "--package", "xtask-componentize"]).require(project)?;
    Ok(project.target.join("debug/xtask-componentize"))
}

fn place_parameters(guest: &Guest, folder: &Path) -> Result<()> {
    let source = guest.folder.join(PARAMETERS);
    let target = folder.join(format!("{}.toml", guest.name));
    if source.exists() {
        fs::copy(&source, &target).with_context(|| format!("cannot copy {}", source.display()))?;
    } else if target.exists() {
        fs::remove_file(&target).with_context(|| format!("cannot remove {}", target.display()))?;
    }
    Ok(())
}

/// A policy that was renamed or deleted must not linger: tests would go on passing with it.
fn remove_others(names: &BTreeSet<&str>, folder: &Path) -> Result<()> {
    for extension in ["wasm", "toml"] {
        for file in project::files_with_extension(folder, extension)? {
            let known = file.file_stem().and_then(|stem| stem.to_str()).is_some_and(|stem| names.contains(stem));
            if !known {
                fs::remove_file(&file).with_context(|| format!("cannot remove {}", file.display()))?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_cdylibs_are_policies() {
        let metadata = json!({ "packages": [
            { "name": "heartbeat-wins", "manifest_path": "/g/heartbeat-wins/Cargo.toml",
              "targets": [{ "name": "heartbeat_wins", "kind": ["cdylib", "rlib"] }] },
            { "name": "shared", "manifest_path": "/g/shared/Cargo.toml",
              "targets": [{ "name": "shared", "kind": ["lib"] }] },
            { "name": "admin-sticky", "manifest_path": "/g/admin-sticky/Cargo.toml",
              "targets": [{ "name": "custom-name", "kind": ["cdylib"] }] },
        ]});
        let guests = guests(&metadata).unwrap();
        let names: Vec<(&str, &str)> = guests.iter().map(|g| (g.name.as_str(), g.module.as_str())).collect();
        assert_eq!(names, [("admin-sticky", "custom_name"), ("heartbeat-wins", "heartbeat_wins")]);
        assert_eq!(guests[0].folder, PathBuf::from("/g/admin-sticky"));
    }

    #[test]
    fn leftovers_of_other_policies_go() {
        let folder = std::env::temp_dir().join(format!("xtask-policies-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        for file in ["kept.wasm", "kept.toml", "renamed.wasm", "renamed.toml", "README.md"] {
            fs::write(folder.join(file), "x").unwrap();
        }
        remove_others(&BTreeSet::from(["kept"]), &folder).unwrap();
        let mut left: Vec<String> =
            fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        left.sort();
        assert_eq!(left, ["README.md", "kept.toml", "kept.wasm"]);
        fs::remove_dir_all(folder).unwrap();
    }
}
