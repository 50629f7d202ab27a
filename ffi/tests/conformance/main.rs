//! The conformance vectors through the C ABI: every call is one that a host in C would make.
#![cfg(feature = "wasm")]
#![allow(unsafe_code, reason = "the functions of the C ABI")]

mod face;
mod given;
mod running;
mod seen;

use std::path::Path;

use steadfast_conformance::{Corpus, run};

use face::Foreign;

#[test]
fn every_vector_holds_through_the_c_abi() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../conformance");
    let corpus = Corpus::read(&folder).unwrap_or_else(|error| panic!("{error}"));
    let (mut face, mut runs, mut failures) = (Foreign::new(), 0, Vec::new());
    for (file, vector) in corpus.vectors() {
        for policy in vector.policies.as_deref().expect("every vector of this repository names its policies") {
            runs += 1;
            if let Err(failure) = run(vector, policy, &mut face) {
                failures.push(format!("{file}, line {}: {failure}", vector.line));
            }
        }
    }
    assert!(failures.is_empty(), "{} of {runs} runs do not hold:\n{}", failures.len(), failures.join("\n"));
    assert!(runs > 300, "only {runs} runs: vectors have gone missing");
}
