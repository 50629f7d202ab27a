//! `steadfast new`: a crate for a new policy, which builds and passes every check as it is.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use serde::Serialize;

use crate::{
    answer::{Answer, Outcome},
    command_line::NewArgs,
    failure::Failure,
    paint::{GOOD, Painted},
};

const MANIFEST: &str = include_str!("../template/Cargo.toml.txt");
const SOURCE: &str = include_str!("../template/lib.rs.txt");
const README: &str = include_str!("../template/README.md.txt");
const PARAMS: &str = include_str!("../template/params.toml.txt");
const IGNORED: &str = "/target/\n";

const SDK: &str = "steadfast-policy-sdk";
/// As long as cargo's file names can be on every system.
const NAME_BYTES_MAX: usize = 64;

/// A new crate.
#[derive(Debug, Serialize)]
pub(crate) struct Scaffold {
    name: String,
    folder: PathBuf,
    /// In the folder.
    files: Vec<String>,
}

pub(crate) fn run(args: &NewArgs) -> Result<Scaffold, Failure> {
    let name = args.name.clone();
    check_name(&name)?;
    let sdk = find_sdk(args.sdk.as_deref().ok_or(Failure::NoSdk)?)?;
    let folder = args.path.clone().unwrap_or_else(|| PathBuf::from(&name));
    create(&folder)?;
    let fill = |template: &str| {
        // A JSON string is a TOML string, too.
        let sdk = serde_json::Value::from(sdk.as_str()).to_string();
        template.replace("{{name}}", &name).replace("{{module}}", &name.replace('-', "_")).replace("{{sdk}}", &sdk)
    };
    let files = [
        ("Cargo.toml".to_owned(), fill(MANIFEST)),
        ("src/lib.rs".to_owned(), fill(SOURCE)),
        ("README.md".to_owned(), fill(README)),
        (format!("{name}.toml"), fill(PARAMS)),
        (".gitignore".to_owned(), IGNORED.to_owned()),
    ];
    for (file, text) in &files {
        write(&folder.join(file), text)?;
    }
    Ok(Scaffold { name, folder, files: files.into_iter().map(|(file, _)| file).collect() })
}

/// The name of the crate, of the policy and of its file.
fn check_name(name: &str) -> Result<(), Failure> {
    let is_allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let problem = if name.is_empty() || name.len() > NAME_BYTES_MAX {
        "it has 1 to 64 characters"
    } else if !name.chars().all(is_allowed) {
        "it has lower-case letters, digits and hyphens only, such as night-shift"
    } else if !name.starts_with(|c: char| c.is_ascii_lowercase()) || name.ends_with('-') {
        "it starts with a letter and does not end with a hyphen"
    } else {
        return Ok(());
    };
    Err(Failure::Name { name: name.into(), problem })
}

/// The absolute path of the SDK, once it is certain that this is the SDK.
fn find_sdk(path: &Path) -> Result<String, Failure> {
    let refusal = |problem: String| Failure::Sdk { path: path.into(), problem };
    let manifest = path.join("Cargo.toml");
    let text = fs::read_to_string(&manifest).map_err(|error| refusal(format!("its Cargo.toml: {error}")))?;
    let parsed: toml::Table = text.parse().map_err(|_| refusal("its Cargo.toml is no TOML".into()))?;
    let name = parsed.get("package").and_then(|package| package.get("name")).and_then(toml::Value::as_str);
    if name != Some(SDK) {
        let found = name.map_or_else(|| "no package".to_owned(), |name| format!("the package {name}"));
        return Err(refusal(format!("there is {found}, not {SDK}")));
    }
    let absolute = fs::canonicalize(path).map_err(|error| refusal(error.to_string()))?;
    absolute.to_str().map(str::to_owned).ok_or_else(|| refusal("its path is not UTF-8, which cargo needs".into()))
}

/// A new or empty folder: nothing of anybody's is overwritten.
fn create(folder: &Path) -> Result<(), Failure> {
    let failed = |error| Failure::Write { path: folder.into(), error };
    fs::create_dir_all(folder).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Failure::Exists { path: folder.into() },
        _ => failed(error),
    })?;
    let is_empty = fs::read_dir(folder).map_err(failed)?.next().is_none();
    if is_empty { Ok(()) } else { Err(Failure::Exists { path: folder.into() }) }
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let attempt = || {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, text)
    };
    attempt().map_err(|error| Failure::Write { path: path.into(), error })
}

impl Answer for Scaffold {
    fn outcome(&self) -> Outcome {
        Outcome::Yes
    }

    fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        let folder = self.folder.display();
        writeln!(out, "{}: {folder}", Painted(GOOD, "written"))?;
        for file in &self.files {
            writeln!(out, "  {file}")?;
        }
        writeln!(out, "Next: change {folder}/src/lib.rs, run `cargo test` there; README.md says how it becomes a file.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_crates_and_files() {
        for good in ["a", "night-shift", "nacos-2x"] {
            assert!(check_name(good).is_ok(), "{good}");
        }
        let long = "a".repeat(NAME_BYTES_MAX + 1);
        for bad in ["", "Night", "night_shift", "2x", "-x", "x-", "a b", "../x", "ä", &long] {
            assert!(check_name(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn every_placeholder_is_known() {
        for template in [MANIFEST, SOURCE, README, PARAMS] {
            let rest = template.replace("{{name}}", "").replace("{{module}}", "").replace("{{sdk}}", "");
            assert!(!rest.contains("{{"), "{rest}");
        }
    }
}
