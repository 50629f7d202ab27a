//! What documents and scripts tell people to type exists.

use std::collections::BTreeMap;
use std::process::Command;

use crate::tree::SourceFile;

const INTRODUCTION: &str = "cargo xtask ";

/// Every `cargo xtask <task> --flag` in a document, a script or a Rust text, against the task's own `--help`.
pub(crate) fn unknown_commands(files: &[SourceFile]) -> Vec<String> {
    let mut help = Help::default();
    let mut offences = Vec::new();
    // This file's own tests name commands that do not exist.
    for file in files.iter().filter(|file| !file.path.ends_with("tidy/documents.rs")) {
        for (at, line) in file.text.lines().enumerate() {
            let unknown = commands_in(line).into_iter().filter_map(|command| help.unknown_part(&command));
            offences.extend(unknown.map(|part| format!("{}: line {}: no such `{part}`", file.path, at + 1)));
        }
    }
    offences
}

/// A task and the flags that stand right after it.
#[derive(Debug, PartialEq, Eq)]
struct Typed {
    task: String,
    flags: Vec<String>,
}

fn commands_in(line: &str) -> Vec<Typed> {
    line.match_indices(INTRODUCTION).filter_map(|(at, _)| typed(&line[at + INTRODUCTION.len()..])).collect()
}

fn typed(rest: &str) -> Option<Typed> {
    // A closing quote, bracket or full stop ends what is typed.
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "-_ ".contains(c))).unwrap_or(rest.len());
    let mut words = rest[..end].split_whitespace();
    let task = words.next()?.to_owned();
    let flags = words.take_while(|word| word.starts_with("--") && word.len() > 2).map(str::to_owned).collect();
    Some(Typed { task, flags })
}

/// What the built program says about its tasks, asked once for each.
#[derive(Default)]
struct Help {
    texts: BTreeMap<String, Option<String>>,
}

impl Help {
    fn unknown_part(&mut self, command: &Typed) -> Option<String> {
        if command.task.starts_with("--") {
            return (command.task != "--help").then(|| command.task.clone());
        }
        let Some(text) = self.of(&command.task) else {
            return Some(format!("{INTRODUCTION}{}", command.task));
        };
        command.flags.iter().find(|flag| !text.contains(flag.as_str())).cloned()
    }

    fn of(&mut self, task: &str) -> Option<&String> {
        self.texts.entry(task.to_owned()).or_insert_with(|| ask(task)).as_ref()
    }
}

fn ask(task: &str) -> Option<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args([task, "--help"])
        .output()
        .expect("the built task program can be started");
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(text: &str) -> SourceFile {
        SourceFile { path: "README.md".into(), text: text.into() }
    }

    #[test]
    fn commands_are_found_in_prose_and_code() {
        let found = commands_in("run `cargo xtask doctor --install` or $ cargo xtask test, or both");
        let tasks: Vec<(&str, usize)> = found.iter().map(|typed| (typed.task.as_str(), typed.flags.len())).collect();
        assert_eq!(tasks, [("doctor", 1), ("test", 0)]);
    }

    #[test]
    fn unknown_tasks_and_flags_are_seen() {
        assert_eq!(unknown_commands(&[document("cargo xtask fly")]).len(), 1);
        assert_eq!(unknown_commands(&[document("cargo xtask demo --loud")]).len(), 1);
        assert_eq!(unknown_commands(&[document("cargo xtask demo --stay")]), Vec::<String>::new());
    }
}
