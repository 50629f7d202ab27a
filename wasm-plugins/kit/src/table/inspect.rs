//! `steadfast table inspect`: what a file says of itself, without proving any of it.

use std::io::{self, Write};

use serde::Serialize;
use steadfast_core::TABLE_FILE_VERSION;
use steadfast_policy::{Event, Facts, Manifest, Selector, Table, Threshold, Verdict};

use crate::{
    answer::{Answer, Outcome},
    command_line::InspectArgs,
    failure::Failure,
    paint::{FAINT, Painted, TITLE},
    policy::PolicyFile,
    stage::Kind,
    story::{circumstances, verdict_words},
};

/// A file as it was read.
#[derive(Debug, Serialize)]
pub(crate) struct Inspection {
    file: String,
    size_bytes: usize,
    format_version: u16,
    /// Of what it was made from, as it says.
    digest: String,
    facts: usize,
    manifest: Manifest,
    /// With `--facts` or `--event`: every answer that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    answers: Option<Vec<AnswerTo>>,
}

/// One question and its answer.
#[derive(Debug, Serialize)]
struct AnswerTo {
    facts: Facts,
    verdict: Verdict,
    reason: String,
}

pub(crate) fn run(args: &InspectArgs) -> Result<Inspection, Failure> {
    let file = PolicyFile::read_as(Kind::Table, &args.file, None)?;
    let unproven = file.load_unproven()?;
    let table = unproven.table();
    let wanted = args.facts || args.event.is_some();
    Ok(Inspection {
        file: args.file.display().to_string(),
        size_bytes: file.size,
        format_version: TABLE_FILE_VERSION,
        digest: unproven.digest().to_owned(),
        facts: table.entries().count(),
        manifest: table.manifest().clone(),
        answers: wanted.then(|| answers(table, args.event)),
    })
}

fn answers(table: &Table, event: Option<Event>) -> Vec<AnswerTo> {
    let asked = table.entries().filter(|(facts, _)| event.is_none_or(|event| facts.event == event));
    let reason = |verdict: Verdict| table.manifest().reason(verdict.reason).to_owned();
    asked.map(|(facts, verdict)| AnswerTo { facts, verdict, reason: reason(verdict) }).collect()
}

impl Answer for Inspection {
    fn outcome(&self) -> Outcome {
        Outcome::Yes
    }

    fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        let Inspection { size_bytes, format_version, digest, facts, manifest, .. } = self;
        let title = format!("{} {}", manifest.name, manifest.version);
        writeln!(out, "{}: {}", Painted(TITLE, &title), manifest.summary)?;
        writeln!(out, "  digest   {digest}")?;
        writeln!(out, "  size     {size_bytes} bytes, {facts} facts, version {format_version} of the format")?;
        print_manifest(out, manifest)?;
        self.answers.iter().flatten().try_for_each(|answer| answer.print(out))
    }
}

fn print_manifest(out: &mut dyn Write, manifest: &Manifest) -> io::Result<()> {
    let laws = manifest.laws.iter().map(|law| law.name().to_owned());
    writeln!(out, "  claims   {}", listed(laws, "no law"))?;
    writeln!(out, "  silence  {}", listed(manifest.silence.iter().map(threshold), "no threshold"))?;
    writeln!(out, "  absence  {}", listed(manifest.absence.iter().map(threshold), "no threshold"))?;
    if let Some(lapse_ms) = manifest.lapse_ms {
        writeln!(out, "  lapse    orders stop counting after {lapse_ms} ms")?;
    }
    writeln!(out, "  classes  {}", listed(manifest.classes.iter().map(class), "none"))?;
    let values = if manifest.memo_size == 1 { "value" } else { "values" };
    writeln!(out, "  memo     {} {values}, layout {}", manifest.memo_size, manifest.memo_layout)?;
    for (number, reason) in (1..).zip(&manifest.reasons) {
        let heading = if number == 1 { "reasons" } else { "" };
        writeln!(out, "  {heading:<7}  {number}. {reason}")?;
    }
    Ok(())
}

fn listed(items: impl Iterator<Item = String>, none: &str) -> String {
    let items: Vec<String> = items.collect();
    if items.is_empty() { none.to_owned() } else { items.join(", ") }
}

fn threshold(threshold: &Threshold) -> String {
    let key = threshold.override_key.as_ref().map(|key| format!(" (or metadata {key:?})"));
    format!("{} ms{}", threshold.after_ms, key.unwrap_or_default())
}

fn class(class: &Selector) -> String {
    class.name.clone()
}

impl AnswerTo {
    fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        let AnswerTo { facts, verdict, reason } = self;
        writeln!(out, "{} {}", Painted(TITLE, facts.event.name()), Painted(FAINT, &circumstances(facts)))?;
        writeln!(out, "  answer: {}, because: {reason}", verdict_words(*verdict))
    }
}
