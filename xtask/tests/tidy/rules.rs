//! Rules about one file at a time. Each returns what is wrong with it.

use crate::tree::SourceFile;

const RUST_LINES_MAX: usize = 400;
/// Policies are read by people who write one a year.
const POLICY_LINES_MAX: usize = 150;
const POLICIES: &str = "wasm-plugins/guests/";
/// Tables and stories that would not read better in two files. Keep it short.
const LONG_FILES: [&str; 0] = [];
const DRAWERS: [&str; 6] = ["util", "utils", "utilities", "helper", "helpers", "misc"];
/// The only crate that C sees.
const FOREIGN_FOLDERS: [&str; 1] = ["ffi/"];
/// The only file of the core that may name a clock; tests may.
const CLOCK_FILE: &str = "core/src/driver.rs";
const CLOCKLESS_FOLDERS: [&str; 2] = ["core/src/", "core/policy/src/"];
const CLOCKS: [&str; 2] = ["Instant::now", "SystemTime::now"];

/// The only folder of the core that may say where atomics and locks come from, so that no model misses one.
const SHARING_FOLDER: &str = "core/src/sync/";
/// What no product has, and asks the scheduler for its numbers.
const FAULTS: &str = "core/src/faults.rs";
const SHARING_USERS: &str = "core/src/";
/// What orders nothing that a model would try.
const SHARED_FREELY: [&str; 2] = ["Arc", "Weak"];

pub(crate) fn drawer(file: &SourceFile) -> Vec<String> {
    let found = DRAWERS.contains(&file.stem()) || DRAWERS.iter().any(|name| file.path.contains(&format!("/{name}/")));
    found.then(|| "a name for everything; name it after its one idea".to_owned()).into_iter().collect()
}

pub(crate) fn too_long(file: &SourceFile) -> Vec<String> {
    let lines = file.text.lines().count();
    let most = if file.path.starts_with(POLICIES) { POLICY_LINES_MAX } else { RUST_LINES_MAX };
    let long = file.is_rust() && lines > most && !LONG_FILES.contains(&file.path.as_str());
    long.then(|| format!("{lines} lines, at most {most}; split it by idea")).into_iter().collect()
}

pub(crate) fn machine_path(file: &SourceFile) -> Vec<String> {
    // Put together here, so that this file does not name what it forbids.
    let folders = ["work", "tmp", "home", "root", "Users"].map(|name| format!("/{name}/"));
    offending_lines(file, |line| folders.iter().any(|folder| starts_a_path(line, folder)))
}

pub(crate) fn registry_host(file: &SourceFile) -> Vec<String> {
    let hosts =
        [["static.", "crates.io"], ["index.", "crates.io"], ["proxy.", "golang.org"], ["repo", ".maven.apache.org"]]
            .map(|parts| parts.concat());
    offending_lines(file, |line| hosts.iter().any(|host| line.contains(host.as_str())))
}

pub(crate) fn foreign_function(file: &SourceFile) -> Vec<String> {
    if !file.is_rust() || FOREIGN_FOLDERS.iter().any(|folder| file.path.starts_with(folder)) {
        return Vec::new();
    }
    let words = ["extern \"", "C\""].concat();
    offending_lines(file, |line| line.contains(&words))
}

pub(crate) fn clock(file: &SourceFile) -> Vec<String> {
    let clockless = CLOCKLESS_FOLDERS.iter().any(|folder| file.path.starts_with(folder)) && file.path != CLOCK_FILE;
    if !clockless {
        return Vec::new();
    }
    offending_lines(file, |line| CLOCKS.iter().any(|clock| line.contains(clock)))
}

/// What threads of the core share comes from its module `sync`; tests may take it from anywhere.
pub(crate) fn sharing(file: &SourceFile) -> Vec<String> {
    let exempt = file.path.starts_with(SHARING_FOLDER) || file.path == FAULTS;
    if !file.is_rust() || !file.path.starts_with(SHARING_USERS) || exempt {
        return Vec::new();
    }
    let product = file.text.split("\nmod tests {").next().unwrap_or_default();
    let code = product.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code: String = code.flat_map(str::chars).filter(|c| !c.is_whitespace()).collect();
    let offences = code.split(';').flat_map(shared_names).filter(|name| !SHARED_FREELY.contains(&name.as_str()));
    offences.map(|name| format!("`{name}` does not come from crate::sync")).collect()
}

/// What a statement takes from a module called `sync` that is not the core's, or from a crate of locks or checkers.
fn shared_names(statement: &str) -> Vec<String> {
    let sources = ["parking_lot::", "loom::", "shuttle::"].into_iter().filter(|source| statement.contains(source));
    let mut names: Vec<String> = sources.map(str::to_owned).collect();
    if statement.contains("usecrate::") {
        return names;
    }
    for (at, module) in statement.match_indices("sync::").filter(|(at, _)| !statement[..*at].ends_with("crate::")) {
        let taken = &statement[at + module.len()..];
        let taken = match taken.strip_prefix('{') {
            Some(list) => list.split('}').next(),
            None => taken.split(|c: char| !c.is_alphanumeric() && c != '_').next(),
        };
        names.extend(taken.into_iter().flat_map(|list| list.split(',')).map(str::to_owned));
    }
    names.retain(|name| !name.is_empty());
    names
}

fn offending_lines(file: &SourceFile, is_offence: impl Fn(&str) -> bool) -> Vec<String> {
    let numbered = file.text.lines().enumerate().filter(|(_, line)| is_offence(line));
    numbered.map(|(at, line)| format!("line {}: {}", at + 1, line.trim())).collect()
}

/// Whether `folder` stands at the start of a path: `https://host/home/` and `docs/work/` are none.
fn starts_a_path(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|c| c.is_whitespace() || "\"'`(=:,<".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rust(text: &str) -> SourceFile {
        SourceFile { path: "core/src/slot.rs".into(), text: text.into() }
    }

    #[test]
    fn drawers_are_seen() {
        assert_eq!(drawer(&SourceFile { path: "core/src/utils.rs".into(), text: String::new() }).len(), 1);
        assert_eq!(drawer(&SourceFile { path: "bindings/go/helpers/x.go".into(), text: String::new() }).len(), 1);
        assert_eq!(drawer(&rust("")), Vec::<String>::new());
    }

    #[test]
    fn long_files_are_seen() {
        assert_eq!(too_long(&rust(&"x\n".repeat(RUST_LINES_MAX))), Vec::<String>::new());
        assert_eq!(too_long(&rust(&"x\n".repeat(RUST_LINES_MAX + 1))).len(), 1);
    }

    #[test]
    fn machine_paths_are_seen_and_addresses_are_not() {
        let path = ["/", "tmp/x"].concat();
        assert_eq!(machine_path(&rust(&format!("let folder = \"{path}\";"))).len(), 1);
        assert_eq!(machine_path(&rust(&format!("https://host{path}"))), Vec::<String>::new());
    }

    #[test]
    fn registry_hosts_are_seen() {
        assert_eq!(registry_host(&rust(&["https://static.", "crates.io/x"].concat())).len(), 1);
    }

    #[test]
    fn foreign_functions_and_clocks_are_seen() {
        assert_eq!(foreign_function(&rust(&["extern \"", "C\" fn f() {}"].concat())).len(), 1);
        assert_eq!(clock(&rust("let now = Instant::now();")).len(), 1);
        let driver = SourceFile { path: CLOCK_FILE.into(), text: "Instant::now()".into() };
        assert_eq!(clock(&driver), Vec::<String>::new());
    }
    #[test]
    fn atomics_and_locks_from_elsewhere_are_seen() {
        assert_eq!(sharing(&rust("use std::sync::atomic::AtomicU64;")).len(), 1);
        assert_eq!(sharing(&rust("use std::{\n    fmt,\n    sync::{Arc, OnceLock},\n};")).len(), 1);
        assert_eq!(sharing(&rust("let lock: std::sync::Mutex<u8>;")).len(), 1);
        assert_eq!(sharing(&rust("use parking_lot::Mutex;")).len(), 1);
        let fine = "use std::{fmt, sync::Arc};\nuse crate::{sync::{Mutex, OnceLock}, time::Step};";
        assert_eq!(sharing(&rust(fine)), Vec::<String>::new());
        assert_eq!(sharing(&rust("\nmod tests {\n    use std::sync::Barrier;")), Vec::<String>::new());
    }
}
