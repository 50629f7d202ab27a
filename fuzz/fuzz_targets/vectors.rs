//! A vector file of any text is refused with an error that names the line, or is a story that a registry can play.
#![no_main]

use libfuzzer_sys::fuzz_target;
use steadfast_conformance::{BuiltIn, Native, Vector, read_text, run};

/// A story of days is right, and takes a second to play.
const PLAYED_MS_MAX: u64 = 10 * 60 * 1_000;

fuzz_target!(|text: &str| {
    let Ok(file) = read_text("fuzz.jsonl", text) else { return };
    for vector in file.vectors.iter().filter(|vector| is_short(vector)) {
        // What must be seen is the author's business; that the story can be played is ours.
        let _ = run(vector, "admin-sticky", &mut Native::new(BuiltIn));
    }
});

fn is_short(vector: &Vector) -> bool {
    vector.events.iter().all(|event| event.at_ms <= PLAYED_MS_MAX)
}
