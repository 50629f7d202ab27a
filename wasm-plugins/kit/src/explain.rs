//! `steadfast explain-facts`: what a policy answers to one facts value.

use std::io::{self, Write};

use serde::Serialize;
use steadfast_policy::{Facts, Manifest, Verdict};

use crate::{
    answer::{Answer, Outcome},
    command_line::{ExplainArgs, FactsArgs},
    failure::Failure,
    impossible::{beyond, why_impossible},
    paint::{BAD, FAINT, GOOD, Painted, TITLE},
    policy,
    story::{circumstances, verdict_words},
};

/// One question and its answer, or why nobody ever asks it.
#[derive(Debug, Serialize)]
pub(crate) struct Explanation {
    policy: String,
    facts: Facts,
    /// What a band and a class mean to this policy.
    notes: Vec<String>,
    impossible: Vec<String>,
    verdict: Option<Verdict>,
    reason: Option<String>,
}

pub(crate) fn run(args: &ExplainArgs) -> Result<Explanation, Failure> {
    let policy = policy::open(&args.policy, args.params.as_deref())?;
    let facts = Facts::from(&args.facts);
    let manifest = policy.table().manifest();
    let mut impossible: Vec<String> = why_impossible(&facts).into_iter().map(str::to_owned).collect();
    impossible.extend(beyond(&facts, manifest));
    let verdict = impossible.is_empty().then(|| policy.table().decide(&facts));
    let reason = verdict.map(|verdict| manifest.reason(verdict.reason).to_owned());
    let notes = notes(&facts, manifest);
    Ok(Explanation { policy: policy.label, facts, notes, impossible, verdict, reason })
}

impl From<&FactsArgs> for Facts {
    fn from(args: &FactsArgs) -> Facts {
        Facts {
            event: args.event,
            present: args.present,
            ephemeral: !args.persistent,
            band: args.band,
            claim: args.claim,
            probe: args.probe,
            hold: args.hold,
            process: args.process,
            class: args.class,
            memo: args.memo,
        }
    }
}

fn notes(facts: &Facts, manifest: &Manifest) -> Vec<String> {
    let (kind, thresholds) =
        if facts.present { ("silence", &manifest.silence) } else { ("absence", &manifest.absence) };
    let band = usize::from(facts.band).checked_sub(1).and_then(|index| thresholds.get(index)).map(|threshold| {
        let key = threshold.override_key.as_ref().map(|key| format!(", or what its metadata {key:?} says"));
        format!("band {}: {kind} of {} ms or more{}", facts.band, threshold.after_ms, key.unwrap_or_default())
    });
    let class = usize::from(facts.class).checked_sub(1).and_then(|index| manifest.classes.get(index));
    let class = class.map(|selector| format!("class {}: {}", facts.class, selector.name));
    band.into_iter().chain(class).collect()
}

impl Answer for Explanation {
    fn outcome(&self) -> Outcome {
        if self.impossible.is_empty() { Outcome::Yes } else { Outcome::No }
    }

    fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        let Explanation { policy, facts, .. } = self;
        writeln!(out, "{} is asked: {} {}", Painted(TITLE, policy), facts.event, circumstances(facts))?;
        for note in &self.notes {
            writeln!(out, "  {}", Painted(FAINT, note))?;
        }
        if let (Some(verdict), Some(reason)) = (self.verdict, &self.reason) {
            writeln!(out, "{}:  {}", Painted(GOOD, "answer"), verdict_words(verdict))?;
            return writeln!(out, "because: {reason}");
        }
        writeln!(out, "{}: these facts cannot occur", Painted(BAD, "never asked"))?;
        self.impossible.iter().try_for_each(|why| writeln!(out, "  - {why}"))
    }
}
