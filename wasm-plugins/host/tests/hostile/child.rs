//! The process in which a case runs: loads files and says what became of each, one line for each.

use std::{
    fs,
    process::ExitCode,
    time::{Duration, Instant},
};

use steadfast_wasm::{Limits, Params, load};

use crate::{kind::kind, memory};

/// The first argument that makes this program a child; a harmless policy, `yes` or `no` for a parameter, and the case's
/// files come after it.
pub(crate) const CALL: &str = "--load-in-this-process";
/// A line that is not of this form is noise, such as a panic's message.
const MARK: &str = "loaded|";

/// What became of one file.
pub(crate) struct Outcome {
    /// Most memory beyond what the process held before, in bytes.
    pub(crate) grown: Option<u64>,
    pub(crate) took_us: u64,
    /// The error's kind; `None`: it was loaded.
    pub(crate) refused: Option<String>,
    /// The error's text, or the policy's name.
    pub(crate) text: String,
}

pub(crate) fn run(arguments: &[String]) -> ExitCode {
    let [harmless, parameter, files @ ..] = arguments else { return ExitCode::FAILURE };
    let params = Params::from_iter((parameter == "yes").then(|| ("name".into(), "value".into())));
    // What the first load of any policy takes (the engine's code, its tables) is no case's fault.
    let _ = load(&fs::read(harmless).expect("the runner wrote it"), &Params::new(), &Limits::default());
    // Only what a file does may decide, not how busy the machine is.
    let mut limits = Limits::default();
    limits.time_max = Duration::from_mins(1);
    for file in files {
        let bytes = fs::read(file).expect("the runner wrote it");
        println!("{}", outcome(&bytes, &params, &limits).line());
    }
    ExitCode::SUCCESS
}

fn outcome(bytes: &[u8], params: &Params, limits: &Limits) -> Outcome {
    memory::forget_peak();
    let before = memory::resident();
    let started = Instant::now();
    let result = load(bytes, params, limits);
    let took_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    let grown = memory::peak().zip(before).map(|(peak, before)| peak.saturating_sub(before));
    match result {
        Ok(policy) => Outcome { grown, took_us, refused: None, text: policy.name },
        Err(error) => Outcome { grown, took_us, refused: Some(kind(&error)), text: error.to_string() },
    }
}

impl Outcome {
    fn line(&self) -> String {
        let Outcome { grown, took_us, refused, text } = self;
        let grown = grown.map_or(String::new(), |bytes| bytes.to_string());
        // Escaped, so that a text with a line end shows as one and not as two outcomes.
        format!("{MARK}{grown}|{took_us}|{}|{}", refused.as_deref().unwrap_or_default(), text.escape_debug())
    }

    pub(crate) fn read(line: &str) -> Option<Outcome> {
        let mut parts = line.strip_prefix(MARK)?.splitn(4, '|');
        let grown = parts.next()?.parse().ok();
        let took_us = parts.next()?.parse().ok()?;
        let refused = Some(parts.next()?.to_owned()).filter(|kind| !kind.is_empty());
        Some(Outcome { grown, took_us, refused, text: parts.next()?.to_owned() })
    }
}
