//! Damage anywhere in a file is refused as the file's fault, never as ours, and never hangs.

mod guest;

use std::time::Duration;

use guest::Guest;
use steadfast_wasm::{Limits, LoadError, Params, load};

/// Quick to run into: most damage that compiles loops or does nothing.
fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.configure_fuel_max = 1_000_000;
    limits.decide_fuel_max = 10_000;
    limits.time_max = Duration::from_mins(1);
    limits
}

/// Some damage leaves a policy that is as good as before: in a name that nobody reads, say.
fn is_the_files_fault(bytes: &[u8], what: &str) {
    let refusal = load(bytes, &Params::new(), &limits()).err();
    let ours = |error: &LoadError| {
        matches!(error, LoadError::Internal { .. } | LoadError::TimedOut { .. } | LoadError::Cancelled)
    };
    assert!(!refusal.as_ref().is_some_and(ours), "{what}: {refusal:?}");
}

#[test]
fn bits_flipped_everywhere() {
    let whole = Guest::named("whole").component();
    for at in (0..whole.len()).step_by(19) {
        // Low, high and all bits: another index, another opcode, another everything.
        for bits in [0x01, 0x40, 0xFF] {
            let mut damaged = whole.clone();
            damaged[at] ^= bits;
            is_the_files_fault(&damaged, &format!("byte {at} xor {bits:#x}"));
        }
    }
}

#[test]
fn every_length() {
    let whole = Guest::named("whole").component();
    for length in 0..whole.len() {
        is_the_files_fault(&whole[..length], &format!("cut off at {length}"));
    }
    let mut longer = whole.clone();
    for extra in [0x00, 0x01, 0x0B, 0xFF] {
        longer.push(extra);
        is_the_files_fault(&longer, &format!("{extra:#x} appended"));
    }
}
