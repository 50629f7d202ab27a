//! Whose folder it is: two processes on one, and a process that may not.
#![cfg(target_os = "linux")]

use std::{
    env, fs,
    io::{BufRead, BufReader, Write},
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{Command, Stdio},
};

use steadfast_store::RedbStore;

const FOLDER: &str = "STEADFAST_TEST_PROCESSES_FOLDER";
const OPEN: &str = "the folder is open";

fn scratch(name: &str) -> PathBuf {
    let folder = env::temp_dir().join(format!("steadfast-store-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    folder
}

#[test]
fn one_process_at_a_time_has_the_folder_and_a_killed_one_leaves_it() {
    let folder = scratch("owner");
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "owner", "--nocapture"])
        .env(FOLDER, &folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains(OPEN)));
    let why = RedbStore::open(&folder).unwrap_err().to_string();
    assert!(why.contains(&format!("is in use by process {}", child.id())), "{why}");
    child.kill().unwrap();
    child.wait().unwrap();
    RedbStore::open(&folder).unwrap();
    fs::remove_dir_all(folder).unwrap();
}

/// The child of the test above: has the folder until it is killed, or its parent is gone.
#[test]
fn owner() {
    let Some(folder) = env::var_os(FOLDER).map(PathBuf::from) else { return };
    let _store = RedbStore::open(&folder).unwrap();
    writeln!(std::io::stdout().lock(), "{OPEN}").unwrap();
    let _ = std::io::stdin().read_line(&mut String::new());
}

#[test]
fn a_file_of_somebody_else_is_an_error_that_says_what_to_do() {
    let folder = scratch("stranger");
    drop(RedbStore::open(&folder).unwrap());
    let file = folder.join("registry.redb");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).unwrap();
    // In a namespace of its own even root is nobody in particular.
    let is_allowed = Command::new("unshare").args(["--user", "true"]).output();
    let namespaces = is_allowed.is_ok_and(|output| output.status.success());
    if !namespaces && fs::File::open(&file).is_ok() {
        let _ = writeln!(std::io::stderr(), "skipped: this is root, and the system forbids user namespaces");
        return;
    }
    let wrapper: &[&str] = if namespaces { &["unshare", "--user"] } else { &["env"] };
    let mut command = Command::new(wrapper[0]);
    command.args(&wrapper[1..]).arg(env::current_exe().unwrap()).args(["--exact", "stranger", "--nocapture"]);
    let output = command.env(FOLDER, &folder).output().unwrap();
    let (out, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && out.contains("1 passed"), "{out}\n{errors}");
    fs::remove_dir_all(folder).unwrap();
}

/// The child of the test above.
#[test]
fn stranger() {
    let Some(folder) = env::var_os(FOLDER).map(PathBuf::from) else { return };
    let why = RedbStore::open(&folder).unwrap_err().to_string();
    let advice = "let the user of this process read and write it";
    assert!(why.contains("registry.redb") && why.contains(advice), "{why}");
}
