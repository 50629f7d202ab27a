//! Tests that run as a child of the test process, in a world that a shell prepares for them.

use std::{
    env,
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output},
};

const FOLDER: &str = "STEADFAST_TEST_FULL_FOLDER";

/// The child's folder; nothing in a test process that is no child.
pub fn folder() -> Option<PathBuf> {
    env::var_os(FOLDER).map(PathBuf::from)
}

/// Runs a test as a child whose files may be told not to grow.
pub fn run_limited(test: &str) {
    // Without the trap a write beyond the limit kills the process.
    in_scratch(test, |folder| run(test, folder, &["env"], "trap '' XFSZ; exec \"$@\""));
}

/// Runs a test as a child whose folder is a disk of 2 MiB.
pub fn run_on_small_disk(test: &str) {
    let namespace = ["unshare", "--user", "--map-root-user", "--mount"];
    let is_allowed = Command::new(namespace[0]).args(&namespace[1..]).arg("true").output();
    if !is_allowed.is_ok_and(|output| output.status.success()) {
        // Some containers forbid namespaces; the limit on the file's size is tested there all the same.
        let _ = writeln!(std::io::stderr(), "skipped: this system forbids user namespaces");
        return;
    }
    let script = format!("mount -t tmpfs -o size=2m tmpfs \"${FOLDER}\" && exec \"$@\"");
    in_scratch(test, |folder| run(test, folder, &namespace, &script));
}

fn in_scratch(test: &str, run: impl FnOnce(&Path) -> Output) {
    let name = format!("steadfast-{}-{}", test.replace("::", "-"), std::process::id());
    let folder = env::temp_dir().join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let output = run(&folder);
    fs::remove_dir_all(folder).unwrap();
    let (out, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && out.contains("1 passed"), "{out}\n{errors}");
}

fn run(test: &str, folder: &Path, shell: &[&str], script: &str) -> Output {
    let (program, arguments) = shell.split_first().unwrap();
    let mut command = Command::new(program);
    command.args(arguments).args(["sh", "-c", script, "sh"]);
    command.arg(env::current_exe().unwrap()).args(["--exact", test, "--nocapture"]).env(FOLDER, folder);
    command.output().unwrap()
}

/// No file of this process may grow beyond so many bytes.
pub fn limit_files(bytes: &str) {
    let process = std::process::id().to_string();
    let limited = Command::new("prlimit").args(["--pid", &process, &format!("--fsize={bytes}:")]).status();
    assert!(limited.unwrap().success());
}

/// Leaves no byte free on the disk that `filler` is on.
pub fn fill_disk(filler: &Path) {
    let mut file = File::create(filler).unwrap();
    while file.write_all(&[0; 4096]).is_ok() {}
}
