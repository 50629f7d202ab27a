//! The README shows the demo's lines; they have to be the ones that it prints.

use std::fs;

use anyhow::{Context, Result};
use similar::TextDiff;

use crate::console;
use crate::demo::lines::comparable;
use crate::project::Project;

const FILE: &str = "README.md";
const BEGIN: &str = "<!-- demo -->";
const END: &str = "<!-- /demo -->";
const FENCE: &str = "```";

/// Whether the README shows these lines, but for times, revisions and digests. If not, the difference is printed and
/// the whole block is left beside the logs, ready to be pasted.
pub(crate) fn shows(project: &Project, printed: &[String]) -> Result<bool> {
    let text = fs::read_to_string(project.path(FILE)).with_context(|| format!("cannot read {FILE}"))?;
    let shown = block(&text).with_context(|| format!("{FILE} has no lines between {BEGIN} and {END}"))?;
    let (shown, wanted) = (whole(&shown), whole(printed));
    if shown == wanted {
        return Ok(true);
    }
    let fresh = project.target.join("demo/README-block.md");
    fs::write(&fresh, fenced(printed)).with_context(|| format!("cannot write {}", fresh.display()))?;
    let diff = TextDiff::from_lines(&shown, &wanted);
    console::line("");
    console::line(&diff.unified_diff().header(FILE, "this run").to_string());
    console::line(&format!("{FILE} shows another story; {} has this one's lines", project.shown(&fresh)));
    Ok(false)
}

/// The lines between the marks, without the fence around them.
fn block(text: &str) -> Option<Vec<String>> {
    let from = text.find(BEGIN)? + BEGIN.len();
    let to = from + text[from..].find(END)?;
    let lines = text[from..to].lines().filter(|line| !line.trim().is_empty() && !line.starts_with(FENCE));
    Some(lines.map(str::to_owned).collect())
}

fn whole(lines: &[String]) -> String {
    lines.iter().map(|line| comparable(line) + "\n").collect()
}

fn fenced(lines: &[String]) -> String {
    format!("{BEGIN}\n{FENCE}text\n{}\n{FENCE}\n{END}\n", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pasted_is_what_is_read() {
        let lines = vec!["  sec  what happens".to_owned(), "  0.1  gateway starts".to_owned()];
        let text = format!("# Title\n\n{}\nmore\n", fenced(&lines));
        assert_eq!(block(&text), Some(lines));
    }

    #[test]
    fn a_missing_mark_is_not_an_empty_block() {
        assert_eq!(block("# Title\n"), None);
        assert_eq!(block("<!-- demo -->\nno end"), None);
        assert_eq!(block("<!-- demo --><!-- /demo -->"), Some(Vec::new()));
    }
}
