//! Runs the built command.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;
use tempfile::TempDir;

/// What came of one command.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// The `--json` form.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}{}", self.out, self.err))
    }

    #[track_caller]
    pub(crate) fn says(&self, code: i32, words: &[&str]) {
        let text = format!("{}{}", self.out, self.err);
        assert_eq!(self.code, code, "{text}");
        for word in words {
            assert!(text.contains(word), "{word:?} is missing in: {text}");
        }
    }
}

/// In a folder, with arguments as they would be typed.
pub(crate) fn steadfast_in(folder: &Path, line: &str) -> Ran {
    run(command(folder, line))
}

/// The same, anywhere.
pub(crate) fn steadfast(line: &str) -> Ran {
    steadfast_in(Path::new(env!("CARGO_MANIFEST_DIR")), line)
}

pub(crate) fn command(folder: &Path, line: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_steadfast"));
    command.args(line.split_whitespace()).current_dir(folder);
    // Whoever runs the tests may have wishes of their own.
    for variable in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        command.env_remove(variable);
    }
    command
}

pub(crate) fn run(mut command: Command) -> Ran {
    let output = command.output().expect("the built command can be started");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the command writes UTF-8");
    let code = output.status.code().expect("the command ends by itself");
    Ran { code, out: text(output.stdout), err: text(output.stderr) }
}

/// A policy that the guests' workspace gave; those with a seeded fault lie in a folder of their own.
pub(crate) fn compiled(name: &str) -> PathBuf {
    let folder = if name.starts_with("mutant-") { "mutants" } else { "policies" };
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../target/{folder}/{name}.wasm"));
    assert!(file.is_file(), "{} is missing; run `cargo xtask wasm` first", file.display());
    file
}

/// A folder with one file in it.
pub(crate) fn folder_with(name: &str, bytes: &[u8]) -> TempDir {
    let folder = TempDir::new().expect("a folder can be made");
    fs::write(folder.path().join(name), bytes).expect("a file can be written");
    folder
}
