//! `run vectors`.

use std::path::Path;

use serde_json::{Value, json};

use crate::run::{compiled, folder_with, steadfast, steadfast_in};

/// Registered, held offline, and a beat after which this traffic is expected.
fn story(fields: &str, traffic: &str) -> String {
    let expect = format!(r#"{{"present":true,"healthy":true,"traffic":"{traffic}"}}"#);
    let events = format!(
        r#"{{"at":0,"do":"register"}},{{"at":1000,"do":"hold","kind":"offline"}},{{"at":2000,"do":"beat","expect":[{expect}]}}"#
    );
    format!(r#"{{"id":"{traffic}","title":"A beat while offline",{fields}"events":[{events}]}}"#)
}

/// A vector file of this repository.
fn vectors(name: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance").join(name);
    file.display().to_string()
}

#[test]
fn components_do_what_the_vectors_of_this_repository_say() {
    for name in ["admin-sticky", "nacos-2x"] {
        let (own, file) = (vectors(&format!("policies/{name}.jsonl")), compiled(name).display().to_string());
        let ran = steadfast(&format!("run vectors {own} {} --policy {file} --json", vectors("stuck.jsonl")));
        let report = ran.json();
        assert_eq!((ran.code, &report["policy"], &report["failed"]), (0, &json!(name), &json!(0)), "{report}");
        // Some of them with parameters of their own.
        assert!(report["files"][0]["runs"].as_u64() >= Some(8), "{report}");
    }
}

#[test]
fn without_a_policy_each_vector_runs_under_those_that_it_names() {
    let text = story(r#""policies":["admin-sticky","nacos-2x"],"#, "refuse");
    let folder = folder_with("x.jsonl", text.as_bytes());
    steadfast_in(folder.path(), "run vectors x.jsonl").says(0, &["ok  x.jsonl: 1 vectors, 2 runs", "held: 2 runs"]);
    let other = "run vectors x.jsonl --policy heartbeat-wins";
    steadfast_in(folder.path(), other).says(2, &["none of the vectors speaks of heartbeat-wins"]);
}

#[test]
fn what_does_not_hold_is_told_with_event_and_difference() {
    let text = format!("{}\n{}", story("", "refuse"), story("", "serve"));
    let folder = folder_with("x.jsonl", text.as_bytes());
    let here = |line: &str| steadfast_in(folder.path(), line);
    let told = [
        "NO  x.jsonl: 2 vectors, 2 runs",
        "serve under admin-sticky, line 2: A beat while offline",
        "events[2] (beat at 2000 ms): traffic is \"refuse\", expected \"serve\"",
        "not held: 1 of 2 runs under admin-sticky",
    ];
    here("run vectors x.jsonl --policy admin-sticky").says(1, &told);
    here("run vectors x.jsonl --policy heartbeat-wins").says(1, &["refuse under heartbeat-wins, line 1"]);
    let report = here("run vectors x.jsonl --policy admin-sticky --json").json();
    let failure = &report["files"][0]["failures"][0];
    assert_eq!((&failure["id"], &failure["line"]), (&json!("serve"), &json!(2)));
    assert_eq!(failure["event"], json!("events[2] (beat at 2000 ms)"));
}

#[test]
fn a_wrong_policy_is_caught_by_a_story() {
    let folder = folder_with("x.jsonl", story("", "refuse").as_bytes());
    let mutant = compiled("mutant-beat-returns").display().to_string();
    // Its claim is refused before any story is run.
    let ran = steadfast_in(folder.path(), &format!("run vectors x.jsonl --policy {mutant}"));
    ran.says(4, &["is refused", "sticky"]);
    assert_eq!(ran.out, "");
}

#[test]
fn mistakes_in_a_file_are_told_with_line_and_field() {
    let text = format!("{}\n\n{}", story("", "refuse"), story("", "serve").replace("\"hold\"", "\"halt\""));
    let folder = folder_with("x.jsonl", text.as_bytes());
    let here = |line: &str| steadfast_in(folder.path(), line);
    here("run vectors x.jsonl --policy admin-sticky").says(4, &["x.jsonl, line 3: events[1].do: \"halt\" is none of"]);
    here("run vectors missing.jsonl").says(3, &["cannot read missing.jsonl"]);
    here("run vectors").says(2, &["<FILE>"]);
    let folder = folder_with("x.jsonl", story("", "refuse").as_bytes());
    steadfast_in(folder.path(), "run vectors x.jsonl")
        .says(2, &["x.jsonl, line 1: refuse is for any policy", "--policy"]);
    let report: Value = steadfast_in(folder.path(), "run vectors x.jsonl --policy admin-sticky --json").json();
    assert_eq!((&report["runs"], &report["failed"]), (&json!(1), &json!(0)));
}
