//! Debian's package manager.

use std::fs;
use std::process::Command;

use anyhow::Result;

use crate::project::Project;
use crate::step::Step;
use crate::version::{Version, debian_version};

pub(crate) const INSTALL: &str = "apt-get install -y --no-install-recommends";

/// Whether this machine runs Debian.
pub(crate) fn here() -> bool {
    fs::read_to_string("/etc/os-release").is_ok_and(|release| is_debian(&release))
}

/// Whether packages can be installed: on Debian, as root.
pub(crate) fn can_install() -> bool {
    here() && is_root()
}

/// Refreshes the package lists. One unreachable source among several is no reason to give up: installing will tell
/// whether it mattered.
pub(crate) fn update(project: &Project) -> Result<()> {
    apt_get(project).args(["update"]).run(project)?;
    Ok(())
}

pub(crate) fn install(project: &Project, packages: &[&str]) -> Result<()> {
    apt_get(project).args(INSTALL.split(' ').skip(1)).args(packages).require(project)?;
    Ok(())
}

/// The version of a package that would be installed.
pub(crate) fn candidate(package: &str) -> Option<Version> {
    let output = Command::new("apt-cache").args(["policy", package]).env("LC_ALL", "C").output().ok()?;
    candidate_in(&String::from_utf8_lossy(&output.stdout))
}

/// Waits for another run of the package manager instead of failing, and asks no questions.
fn apt_get(project: &Project) -> Step {
    Step::new(project, "apt-get").variable("DEBIAN_FRONTEND", "noninteractive").args([
        "-o",
        "DPkg::Lock::Timeout=300",
        "-o",
        "Acquire::Retries=3",
    ])
}

fn is_debian(os_release: &str) -> bool {
    os_release.lines().any(|line| line.trim() == "ID=debian")
}

#[cfg(unix)]
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}

fn candidate_in(policy: &str) -> Option<Version> {
    let line = policy.lines().find_map(|line| line.trim().strip_prefix("Candidate:"))?;
    debian_version(line.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_debian_itself_is_debian() {
        assert!(is_debian("PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\n"));
        assert!(!is_debian("ID=ubuntu\nID_LIKE=debian\n"));
        assert!(!is_debian("VARIANT_ID=debian\n"));
    }

    #[test]
    fn the_candidate_is_read_from_the_policy() {
        let policy = "golang-go:\n  Installed: (none)\n  Candidate: 2:1.24~2\n  Version table:\n     2:1.19~1 500\n";
        assert_eq!(candidate_in(policy), Some(Version { major: 1, minor: 24 }));
        assert_eq!(candidate_in("x:\n  Installed: (none)\n  Candidate: (none)\n"), None);
        assert_eq!(candidate_in(""), None);
    }
}
