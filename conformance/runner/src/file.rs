//! Vector files, and the list of what is no vector.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    fields::Fields,
    json,
    limits::VECTORS_PER_FILE_MAX,
    parse,
    problem::{FileError, Problem},
    vector::Vector,
};

/// The vectors of one file.
#[derive(Debug)]
pub struct VectorFile {
    /// The file, as it was named.
    pub name: String,
    /// Its vectors, in order.
    pub vectors: Vec<Vector>,
}

/// A scenario that is no vector, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Out {
    /// Its id, such as `F4`.
    pub id: String,
    /// One line for people.
    pub title: String,
    /// Why no vector can stage it.
    pub reason: String,
}

/// Everything that this repository says of how registries behave.
#[derive(Debug)]
pub struct Corpus {
    /// Scenarios, one file for each family.
    pub scenarios: Vec<VectorFile>,
    /// What each policy does on its own account, one file for each policy.
    pub policies: Vec<VectorFile>,
    /// Scenarios that are no vectors.
    pub out: Vec<Out>,
}

/// Why vectors cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// A file or folder cannot be read.
    #[error("cannot read {}: {error}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A file is not as it should be.
    #[error(transparent)]
    File(#[from] FileError),
}

const OUT: &str = "out.jsonl";

/// Reads the vectors of a text; `name` is what errors call it. Empty lines are passed over.
pub fn read_text(name: &str, text: &str) -> Result<VectorFile, FileError> {
    let wrong = |line, problem| FileError { file: name.to_owned(), line, problem };
    let mut vectors: Vec<Vector> = Vec::new();
    for (line, text) in lines(text) {
        let vector = parse::vector(text, line).map_err(|problem| wrong(line, problem))?;
        if let Some(first) = vectors.iter().find(|other| other.id == vector.id) {
            let (id, taken) = (vector.id, format!("line {}", first.line));
            return Err(wrong(line, Problem::IdTaken { id, taken }));
        }
        if vectors.len() == VECTORS_PER_FILE_MAX {
            return Err(wrong(line, Problem::TooManyVectors));
        }
        vectors.push(vector);
    }
    Ok(VectorFile { name: name.to_owned(), vectors })
}

/// Reads one vector file.
pub fn read(path: &Path) -> Result<VectorFile, ReadError> {
    Ok(read_text(&path.display().to_string(), &text_of(path)?)?)
}

impl Corpus {
    /// Reads a folder: its files, those of `policies` in it, and `out.jsonl`. Files are named by their path from there.
    pub fn read(folder: &Path) -> Result<Corpus, ReadError> {
        let corpus = Corpus {
            scenarios: files_in(folder, "")?,
            policies: files_in(&folder.join("policies"), "policies/")?,
            out: outs(&text_of(&folder.join(OUT))?)?,
        };
        corpus.check_ids()?;
        Ok(corpus)
    }

    /// Every vector, with the name of its file.
    pub fn vectors(&self) -> impl Iterator<Item = (&str, &Vector)> {
        let files = self.scenarios.iter().chain(&self.policies);
        files.flat_map(|file| file.vectors.iter().map(|vector| (file.name.as_str(), vector)))
    }

    /// An id names one thing in all files.
    fn check_ids(&self) -> Result<(), FileError> {
        let mut taken: BTreeMap<&str, String> = BTreeMap::new();
        let vectors = self.vectors().map(|(file, vector)| (file, vector.line, vector.id.as_str()));
        for (file, line, id) in vectors.chain(self.out.iter().zip(1..).map(|(out, line)| (OUT, line, out.id.as_str())))
        {
            if let Some(taken) = taken.insert(id, format!("{file}, line {line}")) {
                let problem = Problem::IdTaken { id: id.to_owned(), taken };
                return Err(FileError { file: file.to_owned(), line, problem });
            }
        }
        Ok(())
    }
}

fn files_in(folder: &Path, prefix: &str) -> Result<Vec<VectorFile>, ReadError> {
    let failed = |error| ReadError::Io { path: folder.to_owned(), error };
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
        if Path::new(&name).extension().is_some_and(|extension| extension == "jsonl") && name != OUT {
            names.push(name);
        }
    }
    names.sort();
    let read = |name: &String| Ok(read_text(&format!("{prefix}{name}"), &text_of(&folder.join(name))?)?);
    names.iter().map(read).collect()
}

fn outs(text: &str) -> Result<Vec<Out>, FileError> {
    let read = |(line, text)| out(text).map_err(|problem| FileError { file: OUT.to_owned(), line, problem });
    lines(text).map(read).collect()
}

fn out(text: &str) -> Result<Out, Problem> {
    let mut fields = Fields::of(json::read(text)?, "")?;
    let (id, title, reason) = (fields.text("id")?, fields.text("title")?, fields.text("reason")?);
    let out = Out {
        id: fields.required("id", id)?,
        title: fields.required("title", title)?,
        reason: fields.required("reason", reason)?,
    };
    fields.finish()?;
    Ok(out)
}

fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(at, line)| (at + 1, line)).filter(|(_, line)| !line.trim().is_empty())
}

fn text_of(path: &Path) -> Result<String, ReadError> {
    fs::read_to_string(path).map_err(|error| ReadError::Io { path: path.to_owned(), error })
}
