//! What a machine can judge of the house rules, over every file of the repository.

mod dependencies;
mod documents;
mod rules;
mod tree;

use tree::SourceFile;

/// Fails with one line for each offence, so that all of them can be mended at once.
fn assert_none(offences: &[String]) {
    assert!(offences.is_empty(), "\n{}\n", offences.join("\n"));
}

fn offences(files: &[SourceFile], rule: impl Fn(&SourceFile) -> Vec<String>) -> Vec<String> {
    files.iter().flat_map(|file| rule(file).into_iter().map(move |what| format!("{}: {what}", file.path))).collect()
}

#[test]
fn the_tree_is_really_read() {
    let files = tree::source_files();
    for expected in ["xtask/src/main.rs", "core/policy/src/lib.rs", "Cargo.toml", ".ci/run"] {
        assert!(files.iter().any(|file| file.path == expected), "{expected} was not found");
    }
}

#[test]
fn no_file_is_a_drawer_for_everything() {
    assert_none(&offences(&tree::source_files(), rules::drawer));
}

#[test]
fn rust_files_hold_one_idea() {
    assert_none(&offences(&tree::source_files(), rules::too_long));
}

#[test]
fn nothing_names_a_machine() {
    assert_none(&offences(&tree::source_files(), rules::machine_path));
    assert_none(&offences(&tree::source_files(), rules::registry_host));
}

#[test]
fn only_the_c_abi_says_extern() {
    assert_none(&offences(&tree::source_files(), rules::foreign_function));
}

#[test]
fn only_the_driver_reads_a_clock() {
    assert_none(&offences(&tree::source_files(), rules::clock));
}

#[test]
fn what_threads_of_the_core_share_comes_from_one_place() {
    assert_none(&offences(&tree::source_files(), rules::sharing));
}

#[test]
fn crates_depend_in_one_direction() {
    assert_none(&dependencies::offences(&tree::manifests()));
}

#[test]
fn documents_name_commands_that_exist() {
    assert_none(&documents::unknown_commands(&tree::source_files()));
}
