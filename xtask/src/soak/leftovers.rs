//! What a part leaves behind. Each gets a folder of its own for temporary files, so that two soaks do not meet, and
//! afterwards nothing may be in it and no process may know of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{self, Command};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::project::Project;
use crate::step::TEMPORARY_FILES;

/// A process that was told to end may take so long.
const GRACE: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(100);

/// Where a part puts its temporary files.
pub(crate) struct Scratch {
    pub(crate) folder: PathBuf,
}

impl Scratch {
    pub(crate) fn make(project: &Project, part: &str) -> Result<Self> {
        let folder = project.scratch("soak")?.join(format!("{part}-{}", process::id()));
        fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        Ok(Self { folder })
    }

    /// Ends and removes what is left, and says what it was.
    pub(crate) fn clear(self) -> Vec<String> {
        let mut left: Vec<String> = stray_processes(&self.folder).iter().map(|pid| end(pid)).collect();
        let files = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let names: Vec<String> = files.map(|file| file.file_name().to_string_lossy().into_owned()).collect();
        if !names.is_empty() {
            left.push(format!("it left temporary files behind: {}", names.join(", ")));
        }
        let _ = fs::remove_dir_all(&self.folder);
        left
    }
}

/// Processes that were started for a part and have not ended after a while.
fn stray_processes(folder: &Path) -> Vec<String> {
    let asked = Instant::now();
    loop {
        let strays = processes_of(folder);
        if strays.is_empty() || asked.elapsed() > GRACE {
            return strays;
        }
        thread::sleep(POLL);
    }
}

/// Whoever has the folder in its environment. Known on Linux only; elsewhere there is no such list, and it is empty.
fn processes_of(folder: &Path) -> Vec<String> {
    let variable = format!("{TEMPORARY_FILES}={}", folder.display());
    let knows = |process: &Path| {
        let environment = fs::read(process.join("environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|entry| entry == variable.as_bytes())
    };
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten().map(|entry| entry.path());
    let strays = processes.filter(|process| knows(process));
    strays.filter_map(|process| Some(process.file_name()?.to_string_lossy().into_owned())).collect()
}

fn end(pid: &str) -> String {
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    let _ = Command::new("kill").args(["-9", pid]).status();
    format!("it left a process behind: {pid} {}", name.trim())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    fn scratch(name: &str) -> (PathBuf, Scratch) {
        let root = std::env::temp_dir().join(format!("xtask-leftovers-{name}-{}", process::id()));
        let project = Project { target: root.join("target"), root: root.clone() };
        (root, Scratch::make(&project, "part").unwrap())
    }

    #[test]
    fn whoever_cleans_up_leaves_nothing() {
        let (root, scratch) = scratch("clean");
        assert_eq!(scratch.clear(), [""; 0]);
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn files_and_processes_that_stay_are_told_and_go() {
        let (root, scratch) = scratch("stray");
        fs::write(scratch.folder.join("forgotten"), "").unwrap();
        let mut child = Command::new("sleep").arg("60").env(TEMPORARY_FILES, &scratch.folder).spawn().unwrap();
        // A process that has only just begun does not show what it was given yet.
        while processes_of(&scratch.folder).is_empty() && child.try_wait().unwrap().is_none() {
            thread::sleep(POLL);
        }
        let left = scratch.clear();
        assert!(!child.wait().unwrap().success(), "it was ended");
        assert_eq!(left[0], format!("it left a process behind: {} sleep", child.id()));
        assert_eq!(left[1], "it left temporary files behind: forgotten");
        assert!(!root.join("target/xtask/soak").read_dir().unwrap().any(|_| true), "the folder is gone");
        fs::remove_dir_all(root).unwrap();
    }
}
