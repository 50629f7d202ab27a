//! What the README of each policy says about laws is what its manifest claims.

mod common;

use std::{fs, path::Path};

use steadfast_policy::{Law, Manifest};

fn readme(policy: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wasm-plugins/guests").join(policy).join("README.md");
    fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// The laws in the first sentence after "Laws claimed".
fn said(readme: &str) -> Vec<&str> {
    let (_, after) = readme.split_once("Laws claimed").expect("a README says which laws are claimed");
    let (sentence, _) = after.split_once('.').expect("a sentence ends");
    sentence.split('`').skip(1).step_by(2).collect()
}

#[test]
fn the_readme_of_each_policy_lists_exactly_the_laws_that_it_claims() {
    for table in common::shipped() {
        let Manifest { name, laws, .. } = table.manifest();
        let claimed: Vec<&str> = laws.iter().map(|law| law.name()).collect();
        assert_eq!(said(&readme(name)), claimed, "{name}");
    }
}

#[test]
fn a_law_that_is_not_claimed_is_explained_where_an_order_can_be_lost() {
    for table in common::shipped().iter().filter(|table| !table.manifest().laws.contains(&Law::Sticky)) {
        let name = &table.manifest().name;
        let text = readme(name).split_whitespace().collect::<Vec<_>>().join(" ");
        let told = text.contains("Not `sticky`") || text.contains("does not claim `sticky`");
        assert!(told, "{name} says why it does not claim sticky");
    }
}

#[test]
fn each_readme_says_what_its_policy_does_not_do() {
    for table in common::shipped() {
        let name = &table.manifest().name;
        let copies = name.starts_with("nacos") || name == "eureka-chain";
        let wanted = if copies { "\nNot reproduced" } else { "\nWhat it does not do: " };
        assert!(readme(name).contains(wanted), "{name} needs a paragraph that starts with {wanted:?}");
    }
}
