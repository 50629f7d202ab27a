//! `laws` and `diff`.

use serde_json::{Value, json};

use crate::{
    guest::Guest,
    run::{Ran, compiled, folder_with, steadfast, steadfast_in},
};

fn status(report: &Value, law: &str) -> Value {
    let laws = report["laws"].as_array().expect("a list");
    laws.iter().find(|report| report["law"] == json!(law)).expect("every law is listed")["status"].clone()
}

#[test]
fn without_a_policy_all_nine_laws_are_stated() {
    let ran = steadfast("laws");
    ran.says(0, &["release-restores", "another program inherits no order"]);
    assert_eq!(ran.out.lines().count(), 9, "{}", ran.out);
}

#[test]
fn a_policy_s_laws_are_proven_or_tried() {
    let report = steadfast("laws heartbeat-wins --json").json();
    let expected =
        [("available", "proven"), ("honest", "proven"), ("sticky", "would-not-hold"), ("inert-beat", "would-not-hold")];
    for (law, expected) in expected {
        assert_eq!(status(&report, law), json!(expected), "{law}");
    }
    assert_eq!(report["laws"].as_array().map(Vec::len), Some(9));
    steadfast("laws heartbeat-wins").says(0, &["not claimed, fails", "for example: register, hold drain, beat"]);
}

#[test]
fn a_law_that_is_kept_without_a_claim_is_worth_knowing() {
    let folder = folder_with("modest.wasm", &Guest::named("modest").component());
    let report = steadfast_in(folder.path(), "laws modest.wasm --json").json();
    assert_eq!(status(&report, "inert-beat"), json!("would-hold"), "{report}");
    steadfast_in(folder.path(), "laws modest.wasm").says(0, &["not claimed, holds"]);
}

#[test]
fn a_broken_law_is_marked_and_told() {
    let file = compiled("mutant-beat-returns");
    let ran = steadfast(&format!("laws {}", file.display()));
    ran.says(1, &["BROKEN", "The shortest story", "  3. beat", "refused: a registry does not take"]);
    let report = steadfast(&format!("laws {} --json", file.display())).json();
    assert_eq!(report["refusal"]["law"], json!("sticky"), "the one that the loader names");
    // Every claim is tried, and so is what is not claimed.
    for broken in ["sticky", "sticky-address", "inert-beat"] {
        assert_eq!(status(&report, broken), json!("broken"), "{report}");
        assert!(ran.out.contains(&format!("broken: {broken}, which it claims")), "{}", ran.out);
    }
    for proven in ["available", "honest", "claim-respected", "idempotent", "release-restores"] {
        assert_eq!(status(&report, proven), json!("proven"), "{report}");
    }
    assert_eq!(status(&report, "no-inheritance"), json!("would-not-hold"));
    let stories = report["laws"].as_array().expect("a list").iter().filter(|law| law["counterexample"].is_object());
    assert_eq!((stories.count(), ran.out.matches("The shortest story").count()), (4, 3), "{}", ran.out);
}

#[test]
fn a_file_that_is_no_policy_has_no_laws() {
    let folder = folder_with("text.wasm", b"hello");
    steadfast_in(folder.path(), "laws text.wasm").says(4, &["text.wasm is refused", "no WebAssembly"]);
    steadfast_in(folder.path(), "diff admin-sticky text.wasm").says(4, &["text.wasm is refused"]);
}

#[test]
fn a_guest_is_equal_to_its_native_twin() {
    let file = compiled("admin-sticky");
    steadfast(&format!("diff admin-sticky {}", file.display())).says(0, &["equal: ", "whatever happens"]);
    let report = steadfast(&format!("diff {} admin-sticky --json", file.display())).json();
    assert_eq!((&report["equal"], &report["differences"]), (&json!(true), &json!([])));
    assert!(report["pairs"].as_u64() > Some(100), "{report}");
}

#[test]
fn differences_are_grouped_by_event_with_their_histories() {
    let ran = steadfast("diff admin-sticky heartbeat-wins");
    ran.says(1, &["\nbeat\n  when a beat comes, while ordered to drain: serves (was: drains)\n    for example: the client registers; "]);
    assert_eq!(ran.out.matches("\nbeat\n").count(), 1, "one heading for one event: {}", ran.out);
    let report = steadfast("diff admin-sticky heartbeat-wins --json").json();
    let differences = report["differences"].as_array().expect("a list");
    assert_eq!(ran.out.matches("for example: ").count(), differences.len());
    assert!(ran.out.contains(&format!("\n{} differences in ", differences.len())), "{}", ran.out);
    assert!(
        differences.iter().all(|difference| difference["history"].as_array().is_some_and(|steps| !steps.is_empty()))
    );
}

#[test]
fn an_order_that_lapses_is_a_difference() {
    let ran = steadfast("diff admin-sticky maintenance-window");
    ran.says(1, &["\nrelease\n  when the order is 8 h old: ", "the order stops counting (was: it counts)"]);
    let report = steadfast("diff admin-sticky maintenance-window --json").json();
    assert_eq!((&report["equal"], report["declared"].as_array().map(Vec::len)), (&json!(false), Some(0)), "{report}");
}

#[test]
fn the_other_direction_is_the_other_story() {
    let back: Ran = steadfast("diff heartbeat-wins admin-sticky");
    back.says(1, &["when a beat comes, while ordered offline: refuses traffic (was: serves)"]);
}
