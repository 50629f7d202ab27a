//! `steadfast table save`: a policy's answers as a file.

use std::{
    ffi::OsString,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use serde::Serialize;

use crate::{
    answer::{Answer, Outcome},
    command_line::SaveArgs,
    failure::Failure,
    paint::{FAINT, GOOD, Painted},
    policy,
    refusal::Refusal,
};

/// A file that was written.
#[derive(Debug, Serialize)]
pub(crate) struct Saved {
    file: PathBuf,
    name: String,
    version: String,
    /// Of what it was made from.
    digest: String,
    size_bytes: usize,
    facts: usize,
}

pub(crate) fn run(args: &SaveArgs) -> Result<Saved, Failure> {
    let opened = policy::open(&args.policy, args.params.as_deref())?;
    let bytes = opened.policy.to_table_bytes().map_err(|error| {
        let label = opened.label.clone();
        Failure::Refused { label, refusal: Box::new(Refusal::Table(error)) }
    })?;
    let file = args.output_file.clone().unwrap_or_else(|| default_file(&args.policy));
    replace(&file, &bytes).map_err(|error| Failure::Write { path: file.clone(), error })?;
    let manifest = opened.table().manifest();
    Ok(Saved {
        file,
        name: manifest.name.clone(),
        version: manifest.version.clone(),
        digest: opened.policy.digest.clone(),
        size_bytes: bytes.len(),
        facts: opened.table().entries().count(),
    })
}

/// Beside a file; for a built-in policy in the current folder.
fn default_file(policy: &str) -> PathBuf {
    let path = Path::new(policy);
    let ending = match path.extension().and_then(|extension| extension.to_str()) {
        Some("wasm" | "table") => return path.with_extension("table"),
        _ => ".table",
    };
    let mut file = path.as_os_str().to_owned();
    file.push(ending);
    file.into()
}

/// Whole or not at all: a host that looks at the same moment never finds half a file.
fn replace(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let name = file.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
    let mut part = OsString::from(".");
    part.push(name);
    part.push(".part");
    let part = file.with_file_name(part);
    let written = fs::write(&part, bytes).and_then(|()| fs::rename(&part, file));
    if written.is_err() {
        // What is left of it is of no use to anybody; the error that counts is the first one.
        let _ = fs::remove_file(&part);
    }
    written
}

impl Answer for Saved {
    fn outcome(&self) -> Outcome {
        Outcome::Yes
    }

    fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        let Saved { file, name, version, digest, size_bytes, facts } = self;
        writeln!(out, "{}: {}", Painted(GOOD, "written"), file.display())?;
        writeln!(out, "  policy  {name} {version}")?;
        writeln!(out, "  digest  {digest}")?;
        writeln!(out, "  size    {size_bytes} bytes, {facts} facts")?;
        writeln!(out, "{}", Painted(FAINT, "A host without WebAssembly installs it as it would a .wasm file."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_lies_beside_what_it_was_made_from() {
        let cases = [
            ("x.wasm", "x.table"),
            ("a/b.c/x.wasm", "a/b.c/x.table"),
            ("x.table", "x.table"),
            ("nacos-1-4", "nacos-1-4.table"),
            ("./x.v2", "./x.v2.table"),
        ];
        for (policy, file) in cases {
            assert_eq!(default_file(policy), Path::new(file));
        }
    }
}
