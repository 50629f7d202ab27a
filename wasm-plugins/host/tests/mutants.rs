//! Components that claim a law and break it are refused for that law, with the story.

use std::{fs, path::Path};

use steadfast_policy::{
    Law,
    law::{LawError, Origin},
};
use steadfast_wasm::{Limits, LoadError, Params, load};

/// What `cargo xtask wasm` has built.
fn compiled(name: &str) -> Vec<u8> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../target/mutants/{name}.wasm"));
    fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}; run `cargo xtask wasm` first", file.display()))
}

#[test]
fn mutants_are_refused_for_the_law_that_they_break() {
    for (name, law, story) in [
        ("mutant-beat-returns", Law::Sticky, &["register", "hold", "beat"][..]),
        ("mutant-always-refuse", Law::Available, &["register"][..]),
    ] {
        let refusal = load(&compiled(name), &Params::new(), &Limits::default()).expect_err("it breaks a law");
        let LoadError::Law(LawError::Broken { law: broken, counterexample }) = &refusal else {
            panic!("{name}: {refusal}");
        };
        assert_eq!((*broken, counterexample.origin), (law, Origin::Empty), "{name}: {refusal}");
        let events: Vec<_> =
            counterexample.steps.iter().filter_map(|step| step.facts).map(|facts| facts.event.name()).collect();
        assert_eq!(events, story, "{name}: {refusal}");
        assert!(refusal.to_string().contains(&format!("law {law} does not hold")), "{refusal}");
    }
}
