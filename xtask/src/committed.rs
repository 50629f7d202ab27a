//! Files that are committed and generated: what is committed and what would be written now are the same.

use std::fs;

use anyhow::{Context, Result};
use similar::TextDiff;

use crate::console;
use crate::project::Project;

const DIFF_CONTEXT_LINES: usize = 3;

/// A generated file that is committed.
pub(crate) struct Committed {
    /// Its path from the root.
    pub(crate) file: &'static str,
    /// What writes it, in words: `cbindgen writes`.
    pub(crate) writer: &'static str,
    /// The task that writes it.
    pub(crate) task: &'static str,
}

impl Committed {
    /// Writes what is fresh, or with `verify` only compares. `Ok(false)`: it differs, and the difference has been
    /// printed.
    pub(crate) fn settle(&self, project: &Project, fresh: &str, verify: bool) -> Result<bool> {
        let Self { file, writer, task } = self;
        let committed = project.path(file);
        let old = fs::read_to_string(&committed).unwrap_or_default();
        if old == fresh {
            console::line(&format!("  {file} is what {writer}"));
            return Ok(true);
        }
        if verify {
            console::line(&difference(file, &old, fresh));
            console::line(&format!("  {file} is not what {writer}; run `{task}` and commit the result"));
            return Ok(false);
        }
        fs::write(&committed, fresh).with_context(|| format!("cannot write {file}"))?;
        console::line(&format!("  wrote {file}"));
        Ok(true)
    }
}

/// A unified difference from the committed text to the generated one.
fn difference(file: &str, old: &str, fresh: &str) -> String {
    TextDiff::from_lines(old, fresh)
        .unified_diff()
        .context_radius(DIFF_CONTEXT_LINES)
        .header(&format!("{file} (committed)"), &format!("{file} (generated)"))
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_difference_shows_both_sides_and_their_surroundings() {
        let shown = difference("a.h", "a\nb\nc\n", "a\nB\nc\n");
        assert!(shown.contains("a.h (committed)"), "{shown}");
        assert!(shown.contains("-b\n+B\n"), "{shown}");
        assert!(shown.contains(" a\n"), "{shown}");
    }
}
