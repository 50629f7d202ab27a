//! The vectors of this repository, against the registry in Rust.

use std::{collections::BTreeSet, path::Path};

use steadfast_conformance::{Broken, BuiltIn, Chosen, Corpus, Native, Policies, Vector, read_text, run};
use steadfast_core::Policy;
use steadfast_policy::builtin;

fn corpus() -> Corpus {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the runner lies in the folder of the vectors");
    Corpus::read(folder).unwrap_or_else(|error| panic!("{error}"))
}

fn policies(vector: &Vector) -> &[String] {
    vector.policies.as_deref().expect("every vector of this repository names its policies")
}

#[test]
fn every_vector_holds_in_rust() {
    let corpus = corpus();
    let (mut face, mut runs, mut failures) = (Native::new(BuiltIn), 0, Vec::new());
    for (file, vector) in corpus.vectors() {
        for policy in policies(vector) {
            runs += 1;
            if let Err(failure) = run(vector, policy, &mut face) {
                failures.push(format!("{file}, line {}: {failure}", vector.line));
            }
        }
    }
    assert!(failures.is_empty(), "{} of {runs} runs do not hold:\n{}", failures.len(), failures.join("\n"));
    assert!(runs > 300, "only {runs} runs: vectors have gone missing");
}

/// The families of the scenarios, as the facts about Nacos number them.
#[test]
fn every_scenario_is_a_vector_or_is_out_with_a_reason() {
    let corpus = corpus();
    let vectors = corpus.scenarios.iter().flat_map(|file| &file.vectors);
    let told: BTreeSet<&str> =
        vectors.map(|vector| vector.id.as_str()).chain(corpus.out.iter().map(|out| out.id.as_str())).collect();
    let with_letters = [("F1", 3), ("F5", 4), ("F7", 3), ("F10", 6), ("F11", 5), ("F13", 2)];
    for (family, count) in [('F', 22), ('R', 4), ('A', 16)] {
        for number in 1..=count {
            let id = format!("{family}{number}");
            let letters = with_letters.iter().find(|(name, _)| *name == id).map_or(0, |(_, letters)| *letters);
            let cases: Vec<String> = ('a'..).take(letters).map(|letter| format!("{id}{letter}")).collect();
            for case in &cases {
                assert!(told.contains(case.as_str()), "{case} is neither a vector nor in out.jsonl");
            }
            let is_case =
                |told: &&str| told.strip_prefix(&id).is_some_and(|rest| rest.chars().all(|c| c.is_ascii_lowercase()));
            assert!(told.iter().any(is_case), "{id} is neither a vector nor in out.jsonl");
        }
    }
    assert!(corpus.out.iter().all(|out| !out.reason.is_empty() && !out.title.is_empty()));
}

#[test]
fn every_policy_has_a_file_of_its_own() {
    let corpus = corpus();
    for name in builtin::NAMES {
        let file = corpus.policies.iter().find(|file| file.name == format!("policies/{name}.jsonl"));
        let file = file.unwrap_or_else(|| panic!("conformance/policies/{name}.jsonl is missing"));
        assert!(file.vectors.iter().all(|vector| policies(vector) == [name]), "{} is about {name} alone", file.name);
        assert!(file.vectors.len() >= 4, "{} tells too little", file.name);
    }
    assert_eq!(corpus.policies.len(), builtin::NAMES.len(), "a file for a policy that is not built in");
}

/// What the README shows and lists is what the runner takes.
#[test]
fn the_readme_is_about_this_runner() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = std::fs::read_to_string(file).expect("there is a README");
    let (_, example) = readme.split_once("```json\n").expect("it shows a vector");
    let (example, _) = example.split_once("```").expect("the example ends");
    let read = read_text("README.md", &example.replace('\n', " ")).unwrap_or_else(|error| panic!("{error}"));
    for policy in policies(&read.vectors[0]) {
        run(&read.vectors[0], policy, &mut Native::new(BuiltIn)).unwrap_or_else(|failure| panic!("{failure}"));
    }
    let corpus = corpus();
    for event in corpus.vectors().flat_map(|(_, vector)| &vector.events) {
        let row = format!("\n| `{}` |", event.action.name());
        let (_, row) = readme.split_once(&row).unwrap_or_else(|| panic!("no row for {}", event.action.name()));
        let row = row.lines().next().unwrap_or_default();
        for answer in event.action.answers() {
            assert!(row.contains(&format!("`{answer}`")), "{} can answer {answer}", event.action.name());
        }
    }
}

/// Answers as another policy where this one is asked for.
struct Pretender {
    wanted: String,
    given: &'static str,
}

impl Policies for Pretender {
    fn policy(&self, chosen: &Chosen) -> Result<Policy, Broken> {
        if chosen.name == self.wanted && self.wanted != self.given {
            return BuiltIn.policy(&Chosen { name: self.given.to_owned(), ..Chosen::default() });
        }
        BuiltIn.policy(chosen)
    }
}

/// The stories of a policy tell it from every other one: a policy that does what another does is found out.
#[test]
fn no_policy_passes_for_another() {
    let corpus = corpus();
    for file in &corpus.policies {
        for given in builtin::NAMES {
            let own = &policies(&file.vectors[0])[0];
            let mut face = Native::new(Pretender { wanted: own.clone(), given });
            // The first story that does not hold is enough; one that takes eight hours is not needed for that.
            let short = file.vectors.iter().filter(|vector| vector.events.iter().all(|event| event.at_ms < 1_000_000));
            let found_out = short.map(|vector| run(vector, own, &mut face)).any(|held| held.is_err());
            assert_eq!(found_out, given != own, "{given} under the stories of {own}");
        }
    }
}

/// A vector with one expectation turned around does not hold: the runner really looks.
#[test]
fn what_is_expected_is_looked_at() {
    let story = |expected: &str| {
        format!(
            r#"{{"id":"x","title":"x","events":[{{"at":0,"do":"register","weight":2,"metadata":{{"a":"b"}}}},
            {{"at":100,"do":"hold","kind":"drain","expect":[{expected}]}}]}}"#
        )
        .replace('\n', " ")
    };
    let whole = r#"{"answer":"stands","present":true,"healthy":true,"traffic":"drain","reason":"drained by an operator",
        "weight":2,"metadata":{"a":"b"},"notifications":2,"orders":1}"#;
    let mut face = Native::new(BuiltIn);
    let mut why = |expected: &str| {
        let file = read_text("x", &story(expected)).unwrap_or_else(|error| panic!("{error}"));
        run(&file.vectors[0], "admin-sticky", &mut face).err().map(|failure| failure.to_string())
    };
    assert_eq!(why(whole), None);
    let turned = [
        (r#""answer":"stands""#, r#""answer":"pending""#, "answer is \"stands\", expected \"pending\""),
        (r#""healthy":true"#, r#""healthy":false"#, "healthy is true, expected false"),
        (r#""drain""#, r#""refuse""#, "traffic is \"drain\", expected \"refuse\""),
        ("drained by", "taken by", "reason is \"drained by an operator\", expected \"taken by an operator\""),
        (r#""weight":2"#, r#""weight":3"#, "weight is 2.0, expected 3.0"),
        (r#""a":"b""#, r#""a":"c""#, "metadata is {\"a\": \"b\"}, expected {\"a\": \"c\"}"),
        (r#""notifications":2"#, r#""notifications":1"#, "notifications is 2, expected 1"),
        (r#""orders":1"#, r#""orders":0"#, "orders is 1, expected 0"),
    ];
    for (from, to, says) in turned {
        let told = why(&whole.replace(from, to)).unwrap_or_else(|| panic!("{to} must not hold"));
        assert_eq!(told, format!("x under admin-sticky: events[1] (hold at 100 ms): {says}"));
    }
    assert!(why(r#"{"present":false}"#).is_some_and(|told| told.contains("present is true, expected false")));
}
