//! `table`, and tables wherever a policy is named.

use std::{fs, path::Path};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    guest::Guest,
    run::{Ran, compiled, folder_with, steadfast_in},
};

/// A folder with `admin-sticky` as a component and as a table.
fn saved() -> TempDir {
    let folder = TempDir::new().expect("a folder can be made");
    fs::copy(compiled("admin-sticky"), folder.path().join("admin-sticky.wasm")).expect("a file can be copied");
    let ran = steadfast_in(folder.path(), "table save admin-sticky.wasm");
    ran.says(0, &["written: admin-sticky.table", "admin-sticky 0.1.0", "1910 facts"]);
    folder
}

fn files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("it is there").flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// A table in which one byte is another.
fn damage(folder: &TempDir, at: usize) {
    let file = folder.path().join("admin-sticky.table");
    let mut bytes = fs::read(&file).expect("it was saved");
    bytes[at] ^= 1;
    fs::write(&file, bytes).expect("it can be written");
}

#[track_caller]
fn passed(ran: &Ran) -> (Value, Value) {
    let report = ran.json();
    (report["passed"].clone(), report["refusal"]["stage"].clone())
}

#[test]
fn a_table_is_loaded_without_its_component() {
    let folder = saved();
    fs::remove_file(folder.path().join("admin-sticky.wasm")).expect("it is there");
    for command in ["check", "table check"] {
        let ran = steadfast_in(folder.path(), &format!("{command} admin-sticky.table"));
        ran.says(0, &["ok  structure", "checksum", "ok  laws", "accepted: admin-sticky 0.1.0", "458 states"]);
        let report = steadfast_in(folder.path(), &format!("{command} admin-sticky.table --json")).json();
        assert_eq!(report["passed"], json!(["structure", "manifest", "answers", "laws"]));
        assert_eq!((&report["kind"], &report["policy"]["decide_fuel"]), (&json!("table"), &Value::Null));
    }
}

#[test]
fn it_says_what_it_was_made_from() {
    let folder = saved();
    let digest = steadfast_in(folder.path(), "check admin-sticky.wasm --json").json()["policy"]["digest"].clone();
    for command in ["check admin-sticky.table", "table save admin-sticky.table -o again.table"] {
        let report = steadfast_in(folder.path(), &format!("{command} --json")).json();
        assert_eq!(report["digest"].as_str().or(report["policy"]["digest"].as_str()), digest.as_str(), "{report}");
    }
    let read = |name: &str| fs::read(folder.path().join(name)).expect("it was saved");
    assert_eq!(read("admin-sticky.table"), read("again.table"));
}

#[test]
fn it_stands_wherever_a_policy_is_named() {
    let folder = saved();
    let here = |line: &str| steadfast_in(folder.path(), line);
    here("diff admin-sticky.wasm admin-sticky.table").says(0, &["equal: "]);
    here("diff admin-sticky.table heartbeat-wins").says(1, &["\nbeat\n"]);
    here("laws admin-sticky.table").says(0, &["sticky            proven"]);
    let question = "--event beat --present --hold offline";
    here(&format!("explain-facts admin-sticky.table {question}")).says(0, &["answer:  present, healthy, refuse"]);
}

#[test]
fn it_can_be_inspected() {
    let folder = saved();
    let ran = steadfast_in(folder.path(), "table inspect admin-sticky.table");
    ran.says(0, &["admin-sticky 0.1.0", "version 1 of the format", "claims   sticky, ", "1. in service"]);
    ran.says(0, &["silence  15000 ms (or metadata \"preserved.heart.beat.timeout\")", "memo     1 value,"]);
    let report = steadfast_in(folder.path(), "table inspect admin-sticky.table --json").json();
    assert_eq!((&report["facts"], &report["answers"]), (&json!(1910), &Value::Null));
    assert_eq!(report["manifest"]["name"], json!("admin-sticky"));
    let all = steadfast_in(folder.path(), "table inspect admin-sticky.table --facts --json").json();
    assert_eq!(all["answers"].as_array().map(Vec::len), Some(1910));
    let some = steadfast_in(folder.path(), "table inspect admin-sticky.table --event hold --json").json();
    let some = some["answers"].as_array().expect("a list");
    assert!(!some.is_empty() && some.iter().all(|answer| answer["facts"]["event"] == json!("hold")));
    steadfast_in(folder.path(), "table inspect admin-sticky.table --event hold").says(
        0,
        &["hold on a present ephemeral instance, hold offline\n  answer: present, healthy, refuse, because: "],
    );
}

#[test]
fn damage_is_refused_and_said() {
    let folder = saved();
    damage(&folder, 5000);
    let ran = steadfast_in(folder.path(), "check admin-sticky.table --json");
    ran.says(1, &["damaged", "checksum"]);
    assert_eq!(passed(&ran), (json!([]), json!("structure")));
    steadfast_in(folder.path(), "check admin-sticky.table").says(1, &["NO  structure", "Copy it again"]);
    for command in
        ["table inspect admin-sticky.table", "laws admin-sticky.table", "diff admin-sticky admin-sticky.table"]
    {
        steadfast_in(folder.path(), command).says(4, &["admin-sticky.table is refused", "damaged"]);
    }
    damage(&folder, 8);
    steadfast_in(folder.path(), "table check admin-sticky.table").says(1, &["version 0 of the format"]);
    let other = folder_with("text.table", b"hello");
    steadfast_in(other.path(), "table check text.table").says(1, &["no .table file", "hello"]);
    steadfast_in(other.path(), "table inspect text.table")
        .says(4, &["no .table file", "`steadfast table check text.table` tells it in full"]);
    steadfast_in(other.path(), "table check nobody.table").says(3, &["cannot read"]);
}

#[test]
fn what_is_refused_is_not_saved() {
    let folder = folder_with("text.wasm", b"hello");
    fs::copy(compiled("mutant-beat-returns"), folder.path().join("mutant.wasm")).expect("a file can be copied");
    steadfast_in(folder.path(), "table save text.wasm").says(4, &["text.wasm is refused"]);
    steadfast_in(folder.path(), "table save mutant.wasm").says(4, &["the law sticky, which does not hold"]);
    steadfast_in(folder.path(), "table save admin-sticky -o nowhere/x.table")
        .says(3, &["cannot write nowhere/x.table"]);
    assert_eq!(files(folder.path()), ["mutant.wasm", "text.wasm"], "and nothing half written is left");
}

#[test]
fn a_built_in_policy_is_saved_under_its_name() {
    let folder = TempDir::new().expect("a folder can be made");
    let saved = steadfast_in(folder.path(), "table save nacos-1-4 --json").json();
    assert_eq!((&saved["file"], &saved["digest"]), (&json!("nacos-1-4.table"), &json!("builtin:nacos-1-4")));
    assert_eq!(files(folder.path()), ["nacos-1-4.table"]);
    steadfast_in(folder.path(), "diff nacos-1-4 nacos-1-4.table").says(0, &["equal"]);
    steadfast_in(folder.path(), "table save nacos-1-4").says(0, &["written"]);
    assert_eq!(files(folder.path()), ["nacos-1-4.table"], "one that is there is replaced");
}

#[test]
fn parameters_are_in_the_answers_and_not_beside_them() {
    let any = "(local.set $count (i32.const 0))";
    let folder = folder_with("good.wasm", &Guest::named("good").configure(any).component());
    fs::write(folder.path().join("other.toml"), "[params]\nstrict = true\n").expect("a file can be written");
    let digest = |line: &str| steadfast_in(folder.path(), line).json()["digest"].clone();
    let plain = digest("table save good.wasm --json");
    let strict = digest("table save good.wasm --params other.toml -o strict.table --json");
    assert_ne!(plain, strict);
    // A .toml beside a table is for the component of that name.
    fs::write(folder.path().join("strict.toml"), "this is no TOML").expect("a file can be written");
    steadfast_in(folder.path(), "check strict.table").says(0, &["accepted"]);
    for command in ["check", "laws", "table save"] {
        let line = format!("{command} strict.table --params other.toml");
        steadfast_in(folder.path(), &line).says(2, &["was saved with its parameters"]);
    }
}
