//! What the tasks need from the machine, how to see whether it is there, and what to do when it is not.

use std::env;
use std::ffi::OsStr;
use std::fmt;
use std::process::Command;

use anyhow::Result;

use crate::console;
use crate::doctor::debian;
use crate::guest_toolchain::{self, GuestToolchain};
use crate::instructions;
use crate::lanes::c;
use crate::project::{Project, cargo};
use crate::version::{Version, first_version};

/// Go's `#cgo noescape` and `runtime.AddCleanup` came with this version.
const GO_MIN: Version = Version { major: 1, minor: 24 };
/// Java 8 calls itself 1.8.
const JDK_MIN: Version = Version { major: 1, minor: 8 };
const GO_DOWNLOAD: &str = "https://go.dev/dl/";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    Rust,
    Guests,
    C,
    Go,
    Jdk,
    Maven,
    Valgrind,
}

/// Who installs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum System {
    Debian,
    Other,
}

impl System {
    pub(crate) fn here() -> Self {
        if debian::here() { Self::Debian } else { Self::Other }
    }
}

/// One way to get what is missing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Remedy {
    Packages(Vec<&'static str>),
    Command(Vec<&'static str>),
    ByHand(String),
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Packages(packages) => write!(f, "{} {}", debian::INSTALL, packages.join(" ")),
            Self::Command(words) => f.write_str(&words.join(" ")),
            Self::ByHand(text) => f.write_str(text),
        }
    }
}

impl Need {
    pub(crate) const ALL: [Self; 7] =
        [Self::Rust, Self::Guests, Self::C, Self::Go, Self::Jdk, Self::Maven, Self::Valgrind];
    /// What it takes to build everything and to play the demo.
    pub(crate) const DEMO: [Self; 6] = [Self::Rust, Self::Guests, Self::C, Self::Go, Self::Jdk, Self::Maven];

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Rust => "Rust with rustfmt and clippy",
            Self::Guests => "WebAssembly target for policies",
            Self::C => "C and C++ compiler with sanitizers",
            Self::Go => "Go",
            Self::Jdk => "JDK",
            Self::Maven => "Maven",
            Self::Valgrind => "Valgrind",
        }
    }

    /// What was found, or why it does not do.
    pub(crate) fn check(self, project: &Project) -> Result<String, String> {
        match self {
            Self::Rust => check_rust(),
            Self::Guests => GuestToolchain::find().map(|found| found.describe()).map_err(|why| format!("{why:#}")),
            Self::C => c::check_compilers(project).map_err(|why| format!("{why:#}")),
            Self::Go => at_least(GO_MIN, version_of("go", &["version"])?, "Go"),
            Self::Jdk => at_least(JDK_MIN, version_of("javac", &["-version"])?, "the JDK"),
            Self::Maven => version_of("mvn", &["--version"]).map(|version| version.to_string()),
            Self::Valgrind if !instructions::are_counted_here() => Ok("nothing is counted on this system".into()),
            Self::Valgrind => version_of(instructions::COUNTER, &["--version"]).map(|version| version.to_string()),
        }
    }

    pub(crate) fn report(self, finding: &Result<String, String>) {
        let (mark, text) = match finding {
            Ok(found) => ("ok     ", found),
            Err(why) => ("missing", why),
        };
        console::line(&format!("{mark}  {}: {text}", self.title()));
    }

    pub(crate) fn remedy(self, system: System) -> Remedy {
        match system {
            System::Debian => self.remedy_on_debian(),
            System::Other => self.remedy_elsewhere(),
        }
    }

    fn remedy_on_debian(self) -> Remedy {
        match self {
            Self::Rust => self.remedy_elsewhere(),
            Self::Guests => Remedy::Packages(guest_toolchain::DEBIAN_PACKAGES.to_vec()),
            Self::C => Remedy::Packages(vec!["gcc", "g++", "libc6-dev"]),
            Self::Go => debian_go(debian::candidate("golang-go")),
            Self::Jdk => Remedy::Packages(vec!["default-jdk-headless"]),
            Self::Maven => Remedy::Packages(vec!["maven"]),
            // It wants the symbols of the C library, and Debian only recommends them.
            Self::Valgrind => Remedy::Packages(vec!["valgrind", "libc6-dbg"]),
        }
    }

    fn remedy_elsewhere(self) -> Remedy {
        match self {
            Self::Rust => Remedy::Command(vec!["rustup", "component", "add", "rustfmt", "clippy"]),
            Self::Guests => Remedy::Command(vec!["rustup", "target", "add", guest_toolchain::TARGET]),
            Self::C => Remedy::ByHand("install gcc or clang, for C and C++, with their sanitizers".into()),
            Self::Go => Remedy::ByHand(format!("install Go {GO_MIN} or newer: {GO_DOWNLOAD}")),
            Self::Jdk => Remedy::ByHand("install any JDK from 8 on and put `javac` on PATH".into()),
            Self::Maven => Remedy::ByHand("install Maven and put `mvn` on PATH".into()),
            Self::Valgrind => Remedy::ByHand("install Valgrind and put `valgrind` on PATH".into()),
        }
    }
}

/// Debian's Go does when it is new enough; older releases of Debian need Go's own archive.
fn debian_go(candidate: Option<Version>) -> Remedy {
    match candidate {
        Some(version) if version >= GO_MIN => Remedy::Packages(vec!["golang-go"]),
        _ => Remedy::ByHand(format!(
            "unpack Go {GO_MIN} or newer from {GO_DOWNLOAD} and put its bin folder on PATH (this Debian's is too old)"
        )),
    }
}

fn check_rust() -> Result<String, String> {
    for tool in ["fmt", "clippy"] {
        version_of(cargo(), &[tool, "--version"])?;
    }
    version_of("rustc", &["--version"]).map(|version| version.to_string())
}

fn at_least(min: Version, found: Version, name: &str) -> Result<String, String> {
    if found < min {
        return Err(format!("{name} on PATH is {found}, at least {min} is needed"));
    }
    Ok(found.to_string())
}

/// What a tool says about its version. Old JDKs say it on standard error.
fn version_of(program: impl AsRef<OsStr>, args: &[&str]) -> Result<Version, String> {
    let name = program.as_ref().to_string_lossy().into_owned();
    let spoken = format!("`{name} {}`", args.join(" "));
    let output = Command::new(program.as_ref())
        .args(args)
        .current_dir(env::temp_dir())
        .output()
        .map_err(|_| format!("`{name}` is not on PATH"))?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{spoken} fails: {}", complaint.trim().lines().next().unwrap_or_default()));
    }
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).join(" ");
    first_version(&said).ok_or_else(|| format!("{spoken} names no version"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_must_reach_the_minimum() {
        assert!(at_least(GO_MIN, Version { major: 1, minor: 19 }, "Go").unwrap_err().contains("1.19"));
        assert_eq!(at_least(GO_MIN, Version { major: 1, minor: 26 }, "Go").unwrap(), "1.26");
    }

    #[test]
    fn old_packages_of_go_are_not_offered() {
        assert_eq!(debian_go(Some(Version { major: 1, minor: 24 })), Remedy::Packages(vec!["golang-go"]));
        for candidate in [Some(Version { major: 1, minor: 19 }), None] {
            assert!(matches!(debian_go(candidate), Remedy::ByHand(text) if text.contains("1.24")));
        }
    }

    #[test]
    fn a_tool_that_is_not_there_is_named() {
        assert!(version_of("no-such-tool-here", &["--version"]).unwrap_err().contains("no-such-tool-here"));
    }
}
