//! `new`: what it writes builds, and the policy in it keeps its promises.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::json;
use tempfile::TempDir;

use crate::run::{folder_with, steadfast_in};

fn beside_the_kit(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn new(folder: &Path, rest: &str) -> crate::run::Ran {
    steadfast_in(folder, &format!("new {rest} --sdk {}", beside_the_kit("sdk").display()))
}

#[test]
fn a_new_policy_builds_and_passes_its_own_tests() {
    let folder = TempDir::new().expect("a folder can be made");
    new(folder.path(), "night-shift").says(0, &["written: night-shift", "night-shift.toml"]);
    let policy = folder.path().join("night-shift");
    // The guests' lock file and target folder: nothing is fetched, and what the SDK needs is built already.
    fs::copy(beside_the_kit("guests/Cargo.lock"), policy.join("Cargo.lock")).expect("guests have a lock file");
    let output = Command::new(env::var_os("CARGO").expect("cargo runs the tests"))
        .args(["test", "--offline"])
        .current_dir(&policy)
        .env("CARGO_TARGET_DIR", beside_the_kit("guests/target"))
        .output()
        .expect("cargo can be started");
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{text}");
    assert!(text.contains("keeps_the_guard_rails_and_its_laws ... ok") && !text.contains("warning"), "{text}");
}

#[test]
fn its_folder_and_its_files_are_reported() {
    let folder = TempDir::new().expect("a folder can be made");
    let report = new(folder.path(), "night-shift --path here/it/is --json").json();
    assert_eq!((&report["name"], &report["folder"]), (&json!("night-shift"), &json!("here/it/is")));
    for file in report["files"].as_array().expect("a list") {
        let path = folder.path().join("here/it/is").join(file.as_str().expect("a name"));
        assert!(fs::read_to_string(&path).is_ok_and(|text| !text.contains("{{")), "{}", path.display());
    }
}

#[test]
fn nothing_is_overwritten() {
    let folder = folder_with("kept", b"mine");
    new(folder.path(), "night-shift --path .").says(2, &["is there already"]);
    new(folder.path(), "night-shift --path kept").says(2, &["is there already"]);
    assert_eq!(fs::read(folder.path().join("kept")).expect("it is still there"), b"mine");
    new(folder.path(), "night-shift --path kept/below").says(3, &["cannot write"]);
}

#[test]
fn a_wrong_name_or_sdk_is_said_and_leaves_nothing() {
    let folder = TempDir::new().expect("a folder can be made");
    new(folder.path(), "Night_Shift").says(2, &["lower-case letters"]);
    steadfast_in(folder.path(), "new night-shift").says(2, &["not on crates.io", "wasm-plugins/sdk"]);
    steadfast_in(folder.path(), "new night-shift --sdk nowhere").says(2, &["--sdk nowhere", "Cargo.toml"]);
    let kit = env!("CARGO_MANIFEST_DIR");
    steadfast_in(folder.path(), &format!("new night-shift --sdk {kit}")).says(2, &["the package steadfast-kit"]);
    assert_eq!(fs::read_dir(folder.path()).expect("it is there").count(), 0);
}
