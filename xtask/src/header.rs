//! `cargo xtask header`: the committed C header and what cbindgen makes of the crate are the same.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use similar::TextDiff;

use crate::console;
use crate::project::{Project, cargo};
use crate::step::Step;

const CRATE: &str = "ffi";
const CONFIGURATION: &str = "ffi/cbindgen.toml";
const HEADER: &str = "include/steadfast.h";
const DIFF_CONTEXT_LINES: usize = 3;

/// Writes the header, or with `verify` only compares. `Ok(false)`: it differs, and the difference has been printed.
pub(crate) fn run(project: &Project, verify: bool) -> Result<bool> {
    let fresh = generate(project)?;
    let committed = project.path(HEADER);
    let old = fs::read_to_string(&committed).unwrap_or_default();
    if old == fresh {
        console::line(&format!("  {HEADER} is what cbindgen writes"));
        return Ok(true);
    }
    if verify {
        console::line(&difference(&old, &fresh));
        console::line(&format!(
            "  {HEADER} is not what cbindgen writes; run `cargo xtask header` and commit the result"
        ));
        return Ok(false);
    }
    fs::write(&committed, fresh).with_context(|| format!("cannot write {HEADER}"))?;
    console::line(&format!("  wrote {HEADER}"));
    Ok(true)
}

fn generate(project: &Project) -> Result<String> {
    let file: PathBuf = project.scratch("header")?.join("steadfast.h");
    Step::new(project, cargo())
        .args(["run", "--package", "xtask-header", "--", CRATE, CONFIGURATION])
        .arg(&file)
        .require(project)?;
    fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))
}

/// A unified difference from the committed text to the generated one.
fn difference(old: &str, fresh: &str) -> String {
    TextDiff::from_lines(old, fresh)
        .unified_diff()
        .context_radius(DIFF_CONTEXT_LINES)
        .header(&format!("{HEADER} (committed)"), &format!("{HEADER} (generated)"))
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_difference_shows_both_sides_and_their_surroundings() {
        let shown = difference("a\nb\nc\n", "a\nB\nc\n");
        assert!(shown.contains("(committed)"), "{shown}");
        assert!(shown.contains("-b\n+B\n"), "{shown}");
        assert!(shown.contains(" a\n"), "{shown}");
    }
}
