//! `check`: what is accepted, and at which check everything else is refused.

use std::fs;

use serde_json::{Value, json};

use crate::{
    guest::{Guest, VERDICT, component},
    run::{Ran, compiled, folder_with, steadfast, steadfast_in},
};

fn good() -> Guest {
    Guest::named("good")
}

fn checked(bytes: &[u8]) -> Ran {
    steadfast_in(folder_with("policy.wasm", bytes).path(), "check policy.wasm --json")
}

#[track_caller]
fn refused_at(stage: &str, bytes: &[u8], words: &[&str]) -> Value {
    let ran = checked(bytes);
    ran.says(1, words);
    let report = ran.json();
    assert_eq!((&report["accepted"], &report["policy"]), (&json!(false), &Value::Null), "{report}");
    assert_eq!(report["refusal"]["stage"], json!(stage), "{report}");
    let passed = report["passed"].as_array().expect("a list");
    assert!(!passed.contains(&json!(stage)), "{report}");
    report
}

#[test]
fn a_policy_that_ships_is_accepted() {
    let file = compiled("admin-sticky");
    let ran = steadfast(&format!("check {}", file.display()));
    ran.says(0, &["accepted: admin-sticky 0.1.0", "ok  laws", "sticky-address", "bytes", "digest"]);
    assert!(!ran.out.contains("has to be called"), "{}", ran.out);
    let report = steadfast(&format!("check {} --json", file.display())).json();
    assert_eq!(report["policy"]["size_bytes"], json!(fs::metadata(&file).expect("it is there").len()));
    assert_eq!(report["passed"].as_array().map(Vec::len), Some(7), "{report}");
    let numbers = ["facts", "states_proven", "steps_proven", "decide_fuel"];
    for number in numbers {
        assert!(report["policy"][number].as_u64() > Some(10), "{number}: {report}");
    }
    assert_eq!(report["policy"]["digest"].as_str().map(str::len), Some(64));
}

#[test]
fn a_file_of_another_name_is_accepted_with_a_remark() {
    let folder = folder_with("policy.wasm", &good().component());
    let ran = steadfast_in(folder.path(), "check policy.wasm");
    ran.says(0, &["accepted: good 1.0.0", "none claimed", "has to be called good.wasm"]);
}

#[test]
fn each_check_refuses_what_is_its_own() {
    refused_at("structure", b"", &["empty"]);
    refused_at("structure", b"policy = 1", &["no WebAssembly"]);
    refused_at("structure", &good().module(), &["core module"]);
    let whole = good().component();
    refused_at("structure", &whole[..whole.len() / 2], &["cut off"]);
    let import = r#"(component (import "log" (func (param "text" string))))"#;
    refused_at("interface", &component(import), &["`log`"]);
    refused_at("interface", &component("(component)"), &["`configure`"]);
    let forever = "(loop $again (br $again))";
    refused_at("manifest", &good().configure(forever).component(), &["loops"]);
    refused_at("manifest", &good().with(|manifest| manifest.memo_size = 17).component(), &["17 memo values"]);
    refused_at("manifest", &good().with(|manifest| manifest.laws = vec!["kind".into()]).component(), &["kind"]);
    let silent = good().decide(&format!("(i32.store8 (i32.const {}) (i32.const 0))", VERDICT + 5));
    refused_at("answers", &silent.component(), &["guard rail"]);
    refused_at("answers", &good().decide("(unreachable)").component(), &["trapped"]);
    let counts = format!(
        "(if (i32.eqz (global.get $asked)) (then (i32.store8 (i32.const {}) (i32.const 2))))
         (global.set $asked (i32.const 1))",
        VERDICT + 5
    );
    let impure = good().items("(global $asked (mut i32) (i32.const 0))").decide(&counts);
    refused_at("purity", &impure.component(), &["pure function"]);
}

#[test]
fn what_is_far_too_large_is_not_read_and_its_size_is_said() {
    let folder = folder_with("large.wasm", b"");
    let file = fs::File::options().write(true).open(folder.path().join("large.wasm")).expect("it is there");
    file.set_len(1 << 40).or_else(|_| file.set_len(1 << 30)).expect("files may have holes");
    let bytes = file.metadata().expect("it is open").len().to_string();
    steadfast_in(folder.path(), "check large.wasm").says(1, &[&bytes, "at most 1048576"]);
}

#[test]
fn a_broken_law_is_told_as_a_story() {
    let boast = good().with(|manifest| manifest.laws = vec!["sticky".into()]).component();
    let report = refused_at("laws", &boast, &["it claims the law sticky"]);
    assert_eq!((&report["refusal"]["law"], report["passed"].as_array().map(Vec::len)), (&json!("sticky"), Some(6)));
    let steps = report["refusal"]["counterexample"]["steps"].as_array().expect("a story has steps").len();
    let folder = folder_with("boast.wasm", &boast);
    let ran = steadfast_in(folder.path(), "check boast.wasm");
    ran.says(1, &["NO  laws", "from what an earlier policy left behind:", "  1. swap on", "because: as it was"]);
    ran.says(1, &["So: traffic is weaker than the order that stands"]);
    assert_eq!(ran.out.matches("answer: ").count(), steps, "{}", ran.out);
}

#[test]
fn mutants_are_refused_for_the_law_that_they_break() {
    let laws = [("mutant-always-refuse", "available"), ("mutant-beat-returns", "sticky")];
    for (name, law) in laws {
        let report = steadfast(&format!("check {} --json", compiled(name).display())).json();
        assert_eq!(report["refusal"]["law"], json!(law), "{name}: {report}");
    }
    let ran = steadfast(&format!("check {}", compiled("mutant-beat-returns").display()));
    ran.says(1, &["The shortest story, from an empty registry:\n  1. register", "\n  2. hold", "\n  3. beat"]);
}

#[test]
fn parameters_are_read_from_beside_the_file_unless_others_are_given() {
    let folder = folder_with("good.wasm", &good().component());
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("a file can be written");
    write("other.toml", "[params]\n");
    write("good.toml", "[params]\nstrict = true\n");
    steadfast_in(folder.path(), "check good.wasm").says(1, &["NO  manifest", "no parameter is good enough"]);
    steadfast_in(folder.path(), "check good.wasm --params other.toml").says(0, &["accepted"]);
    write("good.toml", "strict = true\n");
    steadfast_in(folder.path(), "check good.wasm").says(1, &["NO  parameters", "good.toml", "[params]"]);
    steadfast_in(folder.path(), "check good.wasm --params gone.toml").says(3, &["gone.toml"]);
}

#[test]
fn checks_are_told_in_the_same_words_to_people_and_to_programs() {
    let folder = folder_with("good.wasm", &good().component());
    let ran = steadfast_in(folder.path(), "check good.wasm");
    let told: Vec<&str> = ran.out.lines().filter(|line| line.starts_with("  ok  ")).collect();
    let told: Vec<&str> = told.iter().filter_map(|line| line.split_whitespace().nth(1)).collect();
    let report = steadfast_in(folder.path(), "check good.wasm --json");
    assert_eq!(report.json()["passed"], json!(told));
    // Nobody watches a pipe, so nothing moves in it; one JSON value is all there is.
    assert_eq!((ran.err.as_str(), report.err.as_str()), ("", ""));
}

#[test]
fn what_cannot_be_read_is_no_refusal() {
    let folder = folder_with("good.wasm", b"");
    let ran = steadfast_in(folder.path(), "check nobody.wasm");
    ran.says(3, &["error: cannot read nobody.wasm"]);
    assert_eq!(ran.out, "", "an answer is all that goes there");
    steadfast_in(folder.path(), "check .").says(3, &["cannot read"]);
    let built_in = steadfast_in(folder.path(), "check admin-sticky");
    built_in.says(3, &["no file admin-sticky", "`steadfast laws admin-sticky` shows what it keeps"]);
}
