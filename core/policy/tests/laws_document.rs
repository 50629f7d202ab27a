//! `docs/LAWS.md` says what the manifests, the proofs and the printed counterexamples say.

mod common;

use common::{Faulty, events, shipped, table};
use steadfast_policy::{
    Event, Law, Table,
    law::{self, LawError},
};

fn document() -> String {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/LAWS.md");
    std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// What stands in a row of the table for a law: `yes`, or the shortest story that breaks it.
fn cell(table: &Table, law: Law) -> String {
    if table.manifest().laws.contains(&law) {
        return "yes".into();
    }
    match law::prove_all(table, &[law]) {
        Err(LawError::Broken { counterexample, .. }) => format!("*{}*", events(&counterexample).replace(' ', ", ")),
        other => panic!("{}: {law}: {other:?}", table.manifest().name),
    }
}

fn cells(row: &str) -> Vec<String> {
    row.trim_matches('|').split('|').map(|cell| cell.trim().replace('`', "")).collect()
}

#[test]
fn the_table_is_what_the_policies_claim_and_break() {
    let document = document();
    let mut rows = document.lines().filter(|line| line.starts_with('|')).map(cells);
    let header = rows.next().expect("a table");
    assert!(
        rows.next().is_some_and(|rule| rule.iter().all(|cell| cell.starts_with("---"))),
        "the rule below the header"
    );

    let policies = shipped();
    let names = policies.iter().map(|table| table.manifest().name.clone());
    assert_eq!(header, ["law".to_owned()].into_iter().chain(names).collect::<Vec<_>>());
    let rows: Vec<_> = rows.collect();
    assert_eq!(rows.len(), Law::ALL.len(), "one row for each law");
    for (row, law) in rows.iter().zip(Law::ALL) {
        let answers = policies.iter().map(|table| cell(table, *law));
        assert_eq!(*row, [law.name().to_owned()].into_iter().chain(answers).collect::<Vec<_>>());
    }
}

#[test]
fn every_law_has_its_section_and_its_example() {
    let document = document();
    let sections: Vec<_> = document.split("\n## ").skip(1).filter(|text| !text.starts_with("Who keeps what")).collect();
    let names: Vec<_> = sections.iter().map(|text| text.lines().next().unwrap_or_default()).collect();
    assert_eq!(names, Law::ALL.iter().map(|law| law.name()).collect::<Vec<_>>());
    for (text, law) in sections.iter().zip(Law::ALL) {
        for part in ["\n**", "\n*Why an operator cares.*", "\n*Kind.*"] {
            assert!(text.contains(part), "{law} has no {part:?}");
        }
        let example = text.split("```text").nth(1).and_then(|rest| rest.split("```").next());
        let example = example.unwrap_or_else(|| panic!("{law} has no example"));
        let shown = example.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(shown, printed(&shown, *law));
    }
}

/// What a refusal prints for the policy that an example begins with.
fn printed(example: &str, law: Law) -> String {
    let name = example.split(':').next().unwrap_or_default();
    let table = examples().into_iter().find(|(known, _)| known == name);
    let (_, table) = table.unwrap_or_else(|| panic!("{law}: no policy named {name:?}"));
    match law::prove_all(&table, &[law]) {
        Err(error @ LawError::Broken { .. }) => format!("{name}: {error}"),
        other => panic!("{name} does not break {law}: {other:?}"),
    }
}

/// The policies that ship, and mutants for the laws that all of those keep.
fn examples() -> Vec<(String, Table)> {
    let healthy_while_silent = Faulty(|facts, verdict| {
        if facts.event == Event::Silence && verdict.present {
            verdict.healthy = true;
        }
    });
    let second_registration_is_a_restart = Faulty(|facts, verdict| {
        if facts.event == Event::Register && facts.present {
            verdict.healthy = false;
        }
    });
    let mutants = [
        ("healthy-while-silent", table(&healthy_while_silent)),
        ("second-registration-is-a-restart", table(&second_registration_is_a_restart)),
    ];
    let shipped = shipped().into_iter().map(|table| (table.manifest().name.clone(), table));
    shipped.chain(mutants.map(|(name, table)| (name.to_owned(), table))).collect()
}
