//! The command line itself: mistakes, help, colours, completions.

use std::{path::Path, process::Stdio};

use crate::run::{command, run, steadfast};

#[test]
fn mistakes_are_told_with_code_2() {
    steadfast("").says(2, &["Usage: steadfast"]);
    steadfast("fly").says(2, &["fly"]);
    steadfast("laws nobody").says(2, &["neither a file nor a built-in policy", "admin-sticky", "heartbeat-wins"]);
    steadfast("laws admin-sticky --params x.toml").says(2, &["for a .wasm file", "default parameters"]);
    let both = steadfast("diff admin-sticky nacos-2x --new-params x.toml");
    both.says(2, &["for a .wasm file; the built-in nacos-2x runs"]);
    assert!(!both.err.contains("--params"), "nobody typed that: {}", both.err);
    steadfast("diff admin-sticky").says(2, &["<NEW>"]);
    steadfast("table").says(2, &["save", "inspect", "check"]);
    steadfast("table inspect x.table --event fly").says(2, &["register, beat, claim"]);
    steadfast("explain-facts admin-sticky").says(2, &["--event"]);
    steadfast("explain-facts admin-sticky --event beat --band 4").says(2, &["0..=3"]);
    steadfast("explain-facts admin-sticky --event fly").says(2, &["register, beat, claim"]);
}

#[test]
fn help_has_examples_and_exit_codes() {
    steadfast("--help").says(0, &["Exit codes:", "3  a file cannot be read or written"]);
    let nested = ["table save", "table inspect", "table check", "run vectors"];
    for subcommand in ["new", "check", "laws", "diff", "explain-facts", "completions"].into_iter().chain(nested) {
        steadfast(&format!("{subcommand} --help")).says(0, &["Example", &format!("\n  steadfast {subcommand} ")]);
    }
}

#[test]
fn colours_are_for_those_who_see_them() {
    let colours = |variables: &[&str]| {
        let mut command = command(Path::new("."), "laws heartbeat-wins");
        command.envs(variables.iter().map(|name| (name, "1")));
        run(command).out.contains('\x1b')
    };
    assert!(!colours(&[]), "this is a pipe");
    assert!(colours(&["CLICOLOR_FORCE"]));
    assert!(!colours(&["CLICOLOR_FORCE", "NO_COLOR"]));
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let mut command = command(Path::new("."), "diff nacos-2x admin-sticky");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the command can be started");
    // Closed before anything is written: comparing takes longer than this, and if not, the pipe holds the answer.
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(0 | 1)) && complaint.is_empty(), "{complaint}");
}

#[test]
fn shells_learn_all_subcommands() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        steadfast(&format!("completions {shell}")).says(0, &["explain-facts", "old-params", "inspect"]);
    }
    steadfast("completions bash").says(0, &["deregister", "persistent"]);
    steadfast("completions csh").says(2, &["bash"]);
}
