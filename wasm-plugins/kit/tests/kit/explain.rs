//! `explain-facts`.

use serde_json::{Value, json};

use crate::run::steadfast;

#[test]
fn an_answer_comes_with_its_reason() {
    let question = "explain-facts admin-sticky --event beat --present --hold offline";
    steadfast(question).says(0, &["answer:  present, healthy, refuse", "because: taken offline by an operator"]);
    let report = steadfast(&format!("{question} --json")).json();
    assert_eq!(report["verdict"]["traffic"], json!("refuse"));
    assert_eq!(report["reason"], json!("taken offline by an operator"));
    assert_eq!(report["impossible"], json!([]));
    let other = "explain-facts heartbeat-wins --event beat --present --hold offline";
    steadfast(other).says(0, &["answer:  present, healthy, serve"]);
}

#[test]
fn every_flag_reaches_the_facts() {
    let flags = "--event register --persistent --claim disabled --hold drain --process other";
    let facts = steadfast(&format!("explain-facts admin-sticky {flags} --json")).json()["facts"].clone();
    let expected = json!({
        "event": "register", "present": false, "ephemeral": false, "band": 0, "claim": "disabled",
        "probe": "unknown", "hold": "drain", "process": "other", "class": 0, "memo": 0,
    });
    assert_eq!(facts, expected);
    let flags = "--event silence --present --band 2 --probe failing --memo 3 --class 2";
    let facts = steadfast(&format!("explain-facts admin-sticky {flags} --json")).json()["facts"].clone();
    let numbers = [&facts["band"], &facts["memo"], &facts["class"]].map(Value::as_u64);
    assert_eq!((numbers, &facts["probe"]), ([Some(2), Some(3), Some(2)], &json!("failing")));
}

#[test]
fn a_band_is_said_as_a_duration() {
    let ran = steadfast("explain-facts admin-sticky --event silence --present --band 1");
    ran.says(0, &["band 1: silence of 15000 ms or more", "preserved.heart.beat.timeout", "unhealthy"]);
}

#[test]
fn impossible_facts_are_explained() {
    let ran = steadfast("explain-facts admin-sticky --event silence --hold offline");
    ran.says(1, &["never asked", "this event happens to present instances only", "the band is 1 or more"]);
    let report = steadfast("explain-facts admin-sticky --event absence --band 3 --memo 9 --json").json();
    assert_eq!(report["verdict"], Value::Null);
    assert_eq!(report["impossible"].as_array().map(Vec::len), Some(2), "the band and the memo: {report}");
}
