//! What is wrong with a vector is said with file, line and field.

use steadfast_conformance::{
    Action, BeatBy, Corpus, Feature, Vector,
    limits::{AT_MS_MAX, EVENTS_MAX, ID_BYTES_MAX, LINE_BYTES_MAX, POLICIES_MAX, TEXT_BYTES_MAX, VECTORS_PER_FILE_MAX},
    read, read_text,
};

const LOOK: &str = r#"{"at":0,"do":"look","expect":[{"present":false}]}"#;

/// A vector with these events.
fn line(events: &str) -> String {
    format!(r#"{{"id":"x","title":"A story","events":[{events}]}}"#)
}

/// The same with more fields of the whole vector.
fn with(fields: &str) -> String {
    line(LOOK).replacen('{', &format!("{{{fields},"), 1)
}

#[track_caller]
fn refused(text: &str, says: &str) {
    match read_text("x.jsonl", text) {
        Ok(_) => panic!("taken, although: {says}"),
        Err(error) => assert_eq!(error.to_string(), format!("x.jsonl, line 1: {says}")),
    }
}

#[track_caller]
fn taken(text: &str) -> Vector {
    let file = read_text("x.jsonl", text).unwrap_or_else(|error| panic!("{error}"));
    file.vectors.into_iter().next().expect("one vector")
}

#[test]
fn what_is_no_json_is_refused_with_its_column() {
    let error = read_text("x.jsonl", "{\"id\": }").expect_err("no JSON").to_string();
    assert!(error.starts_with("x.jsonl, line 1: no JSON: ") && error.ends_with("column 8"), "{error}");
    refused("[1]", "the line: must be an object, not [1]");
    let twice = line(&LOOK.replace("\"at\":0", "\"at\":0,\"at\":100"));
    let error = read_text("x.jsonl", &twice).expect_err("one value would be lost").to_string();
    assert!(error.contains("the key \"at\" stands twice in one object at line 1 column"), "{error}");
}

#[test]
fn the_line_is_told_and_empty_lines_count() {
    let text = format!("{}\n\n{}", line(LOOK), line(LOOK).replace("\"x\"", "7"));
    let error = read_text("x.jsonl", &text).expect_err("an id is a text");
    assert_eq!(error.to_string(), "x.jsonl, line 3: id: must be a text, not 7");
    let twice = format!("{}\n{}", line(LOOK), line(LOOK));
    let error = read_text("x.jsonl", &twice).expect_err("one id, one vector");
    assert_eq!(error.to_string(), "x.jsonl, line 2: id: \"x\" is taken already, by line 1");
}

#[test]
fn unknown_fields_are_refused_wherever_they_stand() {
    refused(&with(r#""retian":1"#), "retian: no such field here");
    refused(
        &line(r#"{"at":0,"do":"register","enable":true}"#).replace("]}", &format!(",{LOOK}]}}")),
        "events[0].enable: no such field here",
    );
    refused(
        &line(r#"{"at":0,"do":"look","expect":[{"present":false,"helthy":true}]}"#),
        "events[0].expect[0].helthy: no such field here",
    );
    refused(
        &line(r#"{"at":0,"do":"beat","full":{"enabled":true},"expect":[{"present":false}]}"#),
        "events[0].full.enabled: no such field here",
    );
}

#[test]
fn missing_fields_are_named() {
    refused(r#"{"title":"t","events":[]}"#, "events: there are 0; 1 to 256 are allowed");
    refused(&line(LOOK).replace(r#""id":"x","#, ""), "id: is missing");
    refused(&line(r#"{"do":"look"}"#), "events[0].at: is missing");
    refused(&line(r#"{"at":0}"#), "events[0].do: is missing");
    refused(&line(r#"{"at":0,"do":"hold"}"#), "events[0].kind: is missing");
    refused(&line(r#"{"at":0,"do":"look"}"#), "events[0].expect: is missing: a look that expects nothing");
    refused(&line(r#"{"at":0,"do":"look","expect":[{}]}"#), "events[0].expect[0].present: is missing");
    refused(
        &line(r#"{"at":0,"do":"look","expect":[{"present":true,"traffic":"serve"}]}"#),
        "events[0].expect[0].healthy: is missing",
    );
    refused(&line(r#"{"at":0,"do":"register"}"#), "no event has an expect, so the vector cannot fail");
}

#[test]
fn values_are_checked_where_they_stand() {
    let names = "register, beat, claim, deregister, disconnect, hold, release, overlay, release-overlay, remove, probe, \
                 install, route, restart, look";
    refused(&line(r#"{"at":0,"do":"dance"}"#), &format!("events[0].do: \"dance\" is none of: {names}"));
    refused(&line(r#"{"at":0,"do":"hold","kind":"on"}"#), "events[0].kind: \"on\" is none of: drain, offline, banned");
    refused(&line(r#"{"at":0,"do":"look","port":0}"#), "events[0].port: 0 is not between 1 and 65535");
    refused(
        &line(r#"{"at":0,"do":"register","enabled":"yes"}"#),
        "events[0].enabled: must be true or false, not \"yes\"",
    );
    refused(
        &line(r#"{"at":0,"do":"register","metadata":{"a":1}}"#),
        "events[0].metadata: must be an object of texts, not {\"a\":1}",
    );
    let both = "events[0].do: an overlay is about one field: weight, or metadata with one pair";
    refused(&line(r#"{"at":0,"do":"overlay","weight":1,"metadata":{"a":"b"}}"#), both);
    refused(&line(r#"{"at":0,"do":"overlay","metadata":{"a":"b","c":"d"}}"#), both);
    refused(
        &line(r#"{"at":0,"do":"beat","by":"handle","full":{}}"#),
        "events[0].full: a beat by handle carries nothing",
    );
    refused(
        &line(r#"{"at":0,"do":"look","expect":[{"present":false,"weight":1}]}"#),
        "events[0].expect[0].present: is false, and then there is no health, traffic, weight or metadata",
    );
}

#[test]
fn orders_say_on_what_they_are_and_whose() {
    let event = |fields: &str| line(&format!(r#"{{"at":0,{fields},"expect":[{{"present":false}}]}}"#));
    let needs = |fields: &str| taken(&event(fields)).needs().into_iter().collect::<Vec<_>>();
    assert_eq!(needs(r#""do":"hold","kind":"drain""#), []);
    assert_eq!(needs(r#""do":"hold","kind":"drain","on":"ip""#), [Feature::Floors]);
    assert_eq!(needs(r#""do":"release","on":"cluster""#), [Feature::Floors]);
    assert_eq!(needs(r#""do":"release","owner":"ann","by":"bob""#), [Feature::Force]);
    assert_eq!(needs(r#""do":"route","routes":[]"#), [Feature::Routes]);
    let on = "events[0].on: \"group\" is none of: instance, cluster, service, ip";
    refused(&event(r#""do":"hold","kind":"drain","on":"group""#), on);
    let by = "events[0].by: only a hold of the instance itself is released by force here";
    refused(&event(r#""do":"release","on":"ip","by":"bob""#), by);
    let route = |route: &str| event(&format!(r#""do":"route","routes":[{route}]"#));
    refused(&route(r#"{"namespace":"a"}"#), "events[0].routes[0].policy: is missing");
    let service = r#"{"namespace":"a","service":"b","policy":"c"}"#;
    refused(&route(service), "events[0].routes[0].group: is missing");
    refused(&route(r#"{"namespace":"a","polcy":"c","policy":"c"}"#), "events[0].routes[0].polcy: no such field here");
}

#[test]
fn time_never_goes_back() {
    let events = format!(r#"{{"at":200,"do":"register"}},{LOOK}"#);
    refused(&line(&events), "events[1].at: 0 is before 200, where the events above have come to; time never goes back");
    let events = r#"{"at":0,"do":"restart","down":500},{"at":400,"do":"look","expect":[{"present":false}]}"#;
    refused(
        &line(events),
        "events[1].at: 400 is before 500, where the events above have come to; time never goes back",
    );
    let wrong = |ms: u64| format!("events[0].at: {ms} is not a multiple of 100 up to 86400000 (one day)");
    refused(&line(&LOOK.replace("\"at\":0", "\"at\":50")), &wrong(50));
    refused(&line(&LOOK.replace("\"at\":0", &format!("\"at\":{}", AT_MS_MAX + 100))), &wrong(AT_MS_MAX + 100));
    taken(&line(&LOOK.replace("\"at\":0", &format!("\"at\":{AT_MS_MAX}"))));
}

#[test]
fn a_handle_comes_from_a_registration_of_the_same_run() {
    let beat = r#"{"at":0,"do":"beat","by":"handle","expect":[{"present":false}]}"#;
    let none = "there is no handle: nothing above registers this instance since the registry opened";
    refused(&line(beat), &format!("events[0].by: {none}"));
    let registered = r#"{"at":0,"do":"register"}"#;
    assert_eq!(taken(&line(&format!("{registered},{beat}"))).events[1].action, Action::Beat(BeatBy::Handle));
    let elsewhere = r#"{"at":0,"do":"register","port":9}"#;
    refused(&line(&format!("{elsewhere},{beat}")), &format!("events[1].by: {none}"));
    refused(&line(&format!(r#"{registered},{{"at":0,"do":"restart"}},{beat}"#)), &format!("events[2].by: {none}"));
}

#[test]
fn every_policy_is_told_one_thing() {
    let two = r#""policies":["a","b"]"#;
    let expecting = |expect: &str| with(two).replace(r#"{"present":false}"#, expect);
    refused(&expecting(r#"{"of":["a"],"present":false}"#), "events[0].expect: says nothing for b");
    refused(
        &expecting(r#"{"of":["c"],"present":false}"#),
        "events[0].expect[0].of: c is not among the vector's policies",
    );
    let twice = r#"{"of":["a"],"present":false},{"of":["a","b"],"present":false}"#;
    refused(&expecting(twice), "events[0].expect[1].of: a is named twice");
    refused(
        &expecting(r#"{"present":false},{"present":false}"#),
        "events[0].expect[1].of: two entries are for all other policies",
    );
    refused(
        &expecting(r#"{"of":[],"present":false}"#),
        "events[0].expect[0].of: names nobody; leave it out for all other policies",
    );
    refused(
        &line(r#"{"at":0,"do":"look","expect":[{"of":["a"],"present":false}]}"#),
        "events[0].expect: needs an entry without \"of\", which holds for any policy",
    );
    refused(
        &expecting(r#"{"of":["a","b"],"present":false},{"present":false}"#),
        "events[0].expect: the entry without \"of\" is for nobody: every policy is named",
    );
    let vector = taken(&expecting(r#"{"of":["b"],"present":false,"orders":1},{"present":false}"#));
    let orders = |policy| vector.events[0].expected(policy).map(|expected| expected.orders);
    assert_eq!((orders("a"), orders("b")), (Some(None), Some(Some(1))));
    assert!(vector.speaks_of("a") && !vector.speaks_of("c"));
    assert!(taken(&line(LOOK)).speaks_of("anybody"));
    refused(&with(r#""policies":["a","a"]"#), "policies: \"a\" is empty or named twice");
    refused(&with(r#""policies":["a"],"params":{"b":{}}"#), "params.b: no such field here");
}

#[test]
fn an_answer_is_one_that_the_event_can_give() {
    let event =
        |name: &str| line(&format!(r#"{{"at":0,"do":"{name}","expect":[{{"answer":"gone","present":false}}]}}"#));
    refused(&event("beat"), "events[0].expect[0].answer: \"gone\" is none of: alive, register-again");
    refused(&event("look"), "events[0].expect[0].answer: look answers nothing");
    taken(&event("deregister"));
}

#[test]
fn sizes_are_bounded() {
    let long = |bytes: usize| line(LOOK).replace("A story", &"s".repeat(bytes));
    taken(&long(TEXT_BYTES_MAX));
    let says = |field: &str, bytes: usize, max: usize| {
        format!("{field}: has {bytes} bytes; 1 to {max} without control characters are allowed")
    };
    refused(&long(TEXT_BYTES_MAX + 1), &says("title", TEXT_BYTES_MAX + 1, TEXT_BYTES_MAX));
    refused(
        &with(&format!(r#""note":"{}""#, "n".repeat(TEXT_BYTES_MAX + 1))),
        &says("note", TEXT_BYTES_MAX + 1, TEXT_BYTES_MAX),
    );
    let id = line(LOOK).replace(r#""x""#, &format!("{:?}", "i".repeat(ID_BYTES_MAX + 1)));
    refused(&id, &says("id", ID_BYTES_MAX + 1, ID_BYTES_MAX));
    taken(&line(&vec![LOOK; EVENTS_MAX].join(",")));
    refused(&line(&vec![LOOK; EVENTS_MAX + 1].join(",")), "events: there are 257; 1 to 256 are allowed");
    let policies = (0..=POLICIES_MAX).map(|number| format!("\"p{number}\"")).collect::<Vec<_>>().join(",");
    refused(&with(&format!(r#""policies":[{policies}]"#)), "policies: names 17 policies; 1 to 16 are allowed");
    let padded = format!("{}{}", line(LOOK), " ".repeat(LINE_BYTES_MAX));
    refused(&padded, &format!("the line has {} bytes; at most {LINE_BYTES_MAX} are allowed", padded.len()));
    let many: Vec<String> =
        (0..=VECTORS_PER_FILE_MAX).map(|number| line(LOOK).replace("\"x\"", &format!("\"{number}\""))).collect();
    assert!(read_text("x.jsonl", &many[..VECTORS_PER_FILE_MAX].join("\n")).is_ok());
    let error = read_text("x.jsonl", &many.join("\n")).expect_err("one too many");
    assert_eq!(error.to_string(), "x.jsonl, line 1001: more than 1000 vectors in one file");
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let missing = std::path::Path::new("no-such-folder");
    let error = read(&missing.join("x.jsonl")).expect_err("nothing is there").to_string();
    assert!(error.starts_with("cannot read no-such-folder") && error.contains("x.jsonl"), "{error}");
    assert!(Corpus::read(missing).is_err());
}
