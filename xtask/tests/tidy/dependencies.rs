//! Which crate may depend on which: policy on none, core on policy, hosts on core. Only the policy host knows wasmtime.

use std::collections::BTreeMap;

use toml::{Table, Value};

use crate::tree::SourceFile;

/// Our crates that a crate may name as ordinary dependencies. A crate that is not listed may name none of them.
const ALLOWED: [(&str, &[&str]); 12] = [
    ("steadfast-policy", &[]),
    ("steadfast-core", &["steadfast-policy"]),
    ("steadfast-store", &["steadfast-core", "steadfast-policy"]),
    ("steadfast-wasm", &["steadfast-core", "steadfast-policy"]),
    ("steadfast-policy-sdk", &["steadfast-policy"]),
    ("steadfast-conformance", &["steadfast-core", "steadfast-policy"]),
    ("steadfast-sim", &["steadfast-core", "steadfast-policy"]),
    (
        "steadfast-kit",
        &["steadfast-conformance", "steadfast-core", "steadfast-policy", "steadfast-store", "steadfast-wasm"],
    ),
    ("steadfast-bench", &["steadfast-core", "steadfast-policy", "steadfast-store", "steadfast-wasm"]),
    ("steadfast-instructions", &["steadfast-core"]),
    ("steadfast-fuzz", &["steadfast-conformance", "steadfast-core", "steadfast-store"]),
    ("steadfast-ffi", &["steadfast-core", "steadfast-policy", "steadfast-store", "steadfast-wasm"]),
];
/// Policies are written against the SDK alone.
const GUESTS: &str = "wasm-plugins/guests/";
const GUEST_MAY_NAME: [&str; 1] = ["steadfast-policy-sdk"];
const OURS: &str = "steadfast-";
const ENGINE: &str = "wasmtime";
const ENGINE_OWNER: &str = "steadfast-wasm";

pub(crate) fn offences(manifests: &[SourceFile]) -> Vec<String> {
    let mut offences = Vec::new();
    for manifest in manifests {
        let parsed: Table = match manifest.text.parse() {
            Ok(parsed) => parsed,
            Err(why) => panic!("{} is no TOML: {why}", manifest.path),
        };
        if let Some(name) = parsed.get("package").and_then(|package| package.get("name")).and_then(Value::as_str) {
            offences.extend(judge(&manifest.path, name, &parsed));
        }
    }
    offences
}

fn judge(path: &str, name: &str, manifest: &Table) -> Vec<String> {
    let mut offences = Vec::new();
    for dependency in dependencies(manifest) {
        if dependency.starts_with(OURS) && !may_name(path, name, &dependency) {
            offences.push(format!("{path}: {name} must not depend on {dependency}"));
        }
        if dependency.starts_with(ENGINE) && name != ENGINE_OWNER {
            offences.push(format!("{path}: only {ENGINE_OWNER} may depend on {dependency}"));
        }
    }
    offences
}

fn may_name(path: &str, name: &str, dependency: &str) -> bool {
    if path.starts_with(GUESTS) {
        return GUEST_MAY_NAME.contains(&dependency);
    }
    let allowed: BTreeMap<&str, &[&str]> = ALLOWED.into_iter().collect();
    allowed.get(name).is_some_and(|names| names.contains(&dependency))
}

/// Names of ordinary and build dependencies, those for one target included. What tests use is their own business.
fn dependencies(manifest: &Table) -> Vec<String> {
    let mut names = names_in(manifest);
    let targets = manifest.get("target").and_then(Value::as_table);
    for target in targets.into_iter().flat_map(Table::values).filter_map(Value::as_table) {
        names.extend(names_in(target));
    }
    names
}

fn names_in(table: &Table) -> Vec<String> {
    let sections = ["dependencies", "build-dependencies"];
    let tables = sections.iter().filter_map(|section| table.get(*section)).filter_map(Value::as_table);
    tables.flat_map(Table::iter).map(|(key, value)| renamed(value).unwrap_or(key).to_owned()).collect()
}

/// `alias = { package = "real-name" }` is about the real name.
fn renamed(value: &Value) -> Option<&str> {
    value.get("package").and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(path: &str, text: &str) -> Vec<String> {
        offences(&[SourceFile { path: path.into(), text: text.into() }])
    }

    #[test]
    fn wrong_directions_are_seen() {
        let policy = "[package]\nname = \"steadfast-policy\"\n[dependencies]\nsteadfast-core.workspace = true\n";
        assert_eq!(judged("core/policy/Cargo.toml", policy).len(), 1);
        let alias = "[package]\nname = \"steadfast-core\"\n[dependencies]\nx = { package = \"steadfast-store\" }\n";
        assert_eq!(judged("core/Cargo.toml", alias).len(), 1);
        let fine = "[package]\nname = \"steadfast-core\"\n[dependencies]\nsteadfast-policy.workspace = true\n";
        assert_eq!(judged("core/Cargo.toml", fine), Vec::<String>::new());
    }

    #[test]
    fn the_engine_has_one_owner_on_every_target() {
        let hidden = "[package]\nname = \"steadfast-ffi\"\n[target.\"cfg(unix)\".dependencies]\nwasmtime = \"48\"\n";
        assert_eq!(judged("ffi/Cargo.toml", hidden).len(), 1);
        let owner = "[package]\nname = \"steadfast-wasm\"\n[dependencies]\nwasmtime.workspace = true\n";
        assert_eq!(judged("wasm-plugins/host/Cargo.toml", owner), Vec::<String>::new());
    }

    #[test]
    fn guests_know_the_sdk_alone() {
        let guest = "[package]\nname = \"sticky\"\n[dependencies]\nsteadfast-policy = { path = \"x\" }\n";
        assert_eq!(judged("wasm-plugins/guests/sticky/Cargo.toml", guest).len(), 1);
    }
}
