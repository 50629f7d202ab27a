//! The repository's files.

use std::fs;
use std::path::{Path, PathBuf};

/// Built, fetched or private: not ours to judge.
const SKIPPED_FOLDERS: [&str; 3] = ["target", ".git", "node_modules"];
const SOURCE_EXTENSIONS: [&str; 17] = [
    "rs",
    "toml",
    "md",
    "go",
    "mod",
    "java",
    "xml",
    "c",
    "h",
    "cpp",
    "wit",
    "sh",
    "txt",
    "json",
    "yml",
    "yaml",
    "properties",
];
const SCRIPTS: [&str; 1] = [".ci/run"];

/// One text file, by its path from the root with `/` between folders.
pub(crate) struct SourceFile {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl SourceFile {
    pub(crate) fn is_rust(&self) -> bool {
        Path::new(&self.path).extension().is_some_and(|extension| extension == "rs")
    }

    pub(crate) fn stem(&self) -> &str {
        Path::new(&self.path).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default()
    }
}

pub(crate) fn source_files() -> Vec<SourceFile> {
    let root = root();
    let mut files = Vec::new();
    collect(&root, &root, &mut files);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// Every manifest of our own crates, the guests' included.
pub(crate) fn manifests() -> Vec<SourceFile> {
    source_files().into_iter().filter(|file| file.path.ends_with("Cargo.toml")).collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the task crate lies below the root").to_owned()
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<SourceFile>) {
    for entry in fs::read_dir(folder).expect("a readable folder").flatten() {
        let path = entry.path();
        let name = entry.file_name();
        if path.is_dir() {
            if !SKIPPED_FOLDERS.iter().any(|skipped| name == *skipped) {
                collect(root, &path, files);
            }
            continue;
        }
        let relative = path.strip_prefix(root).expect("below the root").to_string_lossy().replace('\\', "/");
        if is_source(&relative) {
            let text = fs::read_to_string(&path).unwrap_or_else(|why| panic!("{relative} is no text: {why}"));
            files.push(SourceFile { path: relative, text });
        }
    }
}

fn is_source(relative: &str) -> bool {
    let extension = Path::new(relative).extension().and_then(|extension| extension.to_str());
    SCRIPTS.contains(&relative) || extension.is_some_and(|extension| SOURCE_EXTENSIONS.contains(&extension))
}
