//! What the shared library exports is exactly what ffi/symbols.txt lists: a name that vanishes breaks a host, and one
//! that slips out becomes a promise.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::console;
use crate::project::Project;

pub(crate) const LIST: &str = "ffi/symbols.txt";

/// Prints each difference. `Ok(false)`: there is one.
pub(crate) fn check(project: &Project, shared: &Path) -> Result<bool> {
    let listed = fs::read_to_string(project.path(LIST)).with_context(|| format!("cannot read {LIST}"))?;
    let exported = exported(shared)?;
    let differences = differences(&listed, &exported);
    for difference in &differences {
        console::line(&format!("    {difference}"));
    }
    Ok(differences.is_empty())
}

fn exported(shared: &Path) -> Result<String> {
    let nm = ["--dynamic", "--defined-only", "--format=posix"];
    let output = Command::new("nm").args(nm).arg(shared).output().context("cannot start nm (package binutils)")?;
    if !output.status.success() {
        bail!("nm cannot read {}: {}", shared.display(), String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// `listed` has one name a line, `#` begins a comment; `exported` is nm's portable format, the name first.
fn differences(listed: &str, exported: &str) -> Vec<String> {
    let listed: BTreeSet<&str> = listed
        .lines()
        .map(|line| line.split('#').next().unwrap_or_default().trim())
        .filter(|l| !l.is_empty())
        .collect();
    let exported: BTreeSet<&str> = exported.lines().filter_map(|line| line.split_whitespace().next()).collect();
    let missing = listed.difference(&exported).map(|name| format!("{name} is listed in {LIST} and not exported"));
    let surplus = exported.difference(&listed).map(|name| format!("{name} is exported and not listed in {LIST}"));
    missing.chain(surplus).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPORTED: &str = "steadfast_open T 1000 20\nsteadfast_free T 2000 20\n";

    #[test]
    fn equal_lists_have_no_difference() {
        assert_eq!(
            differences("# lifetime\nsteadfast_open\nsteadfast_free # last\n\n", EXPORTED),
            Vec::<String>::new()
        );
    }

    #[test]
    fn both_directions_are_seen() {
        let found = differences("steadfast_open\nsteadfast_gone\n", EXPORTED);
        assert_eq!(found.len(), 2);
        assert!(found[0].starts_with("steadfast_gone is listed"), "{found:?}");
        assert!(found[1].starts_with("steadfast_free is exported"), "{found:?}");
    }
}
