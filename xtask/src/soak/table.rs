//! The end of a soak: one row for each part, made to be pasted into a note.

use std::time::Duration;

use crate::console;
use crate::soak::turn::{Finding, Verdict};

const HEAD: &str = "| part | done | took | verdict | seed | command |\n|---|---|---|---|---|---|\n";

/// All findings as a Markdown table, and below it what failed or was left out.
pub(crate) fn table(findings: &[Finding]) -> String {
    let rows: String = findings.iter().map(row).collect();
    let notes: String = findings.iter().map(notes).collect();
    format!("{HEAD}{rows}{notes}")
}

/// All findings in one line.
pub(crate) fn sum(findings: &[Finding]) -> String {
    let mut units: Vec<(&str, u64)> = Vec::new();
    for finding in findings {
        match units.iter_mut().find(|(unit, _)| *unit == finding.unit) {
            Some((_, done)) => *done += finding.done,
            None => units.push((finding.unit, finding.done)),
        }
    }
    let done: Vec<String> = units.iter().map(|(unit, done)| format!("{} {unit}", grouped(*done))).collect();
    let minutes = findings.iter().map(|finding| finding.took).sum::<Duration>().as_secs() / 60;
    let of = |word: &str, is_it: fn(&Verdict) -> bool| {
        let parts: Vec<&str> =
            findings.iter().filter(|finding| is_it(&finding.verdict)).map(|part| part.part).collect();
        if parts.is_empty() { String::new() } else { format!("; {word}: {}", parts.join(", ")) }
    };
    let failed = of("FAILED", |verdict| matches!(verdict, Verdict::Failed(_)));
    let skipped = of("not run", |verdict| matches!(verdict, Verdict::Skipped(_)));
    format!("in all {minutes} minutes: {}{failed}{skipped}\n", done.join(", "))
}

fn row(finding: &Finding) -> String {
    let Finding { part, unit, done, took, seed, command, verdict } = finding;
    let seed = seed.map_or_else(String::new, |seed| seed.to_string());
    let took = console::elapsed(*took);
    // A bar would end the cell.
    let command = if command.is_empty() { String::new() } else { format!("`{}`", command.replace('|', "\\|")) };
    format!("| {part} | {} {unit} | {took} | {verdict} | {seed} | {command} |\n", grouped(*done))
}

fn notes(finding: &Finding) -> String {
    let part = finding.part;
    match &finding.verdict {
        Verdict::Held => String::new(),
        Verdict::Failed(problems) => {
            let again = problems.join("\n    ");
            format!("\n{part} failed; again:\n    {again}\n")
        }
        Verdict::Skipped(why) => format!("\n{part} was not run: {why}\n"),
    }
}

/// `1 234 567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(verdict: Verdict) -> Finding {
        let (part, unit, command) = ("fuzz", "runs", "a | b".to_owned());
        Finding { part, unit, done: 1_234_567, took: Duration::from_secs(75), seed: Some(7), command, verdict }
    }

    #[test]
    fn a_row_says_everything_that_a_note_needs() {
        let table = table(&[finding(Verdict::Held)]);
        assert_eq!(table, format!("{HEAD}| fuzz | 1 234 567 runs | 1m15s | held | 7 | `a \\| b` |\n"));
    }

    #[test]
    fn what_failed_says_how_to_repeat_it_and_what_was_left_out_says_why() {
        let text =
            table(&[finding(Verdict::Failed(vec!["again".into()])), finding(Verdict::Skipped("no tool".into()))]);
        assert!(
            text.contains("fuzz failed; again:\n    again\n") && text.contains("fuzz was not run: no tool\n"),
            "{text}"
        );
    }

    #[test]
    fn the_last_line_adds_up_what_is_of_one_kind_and_names_what_did_not_hold() {
        let other = Finding { part: "kills", unit: "kills", done: 100, ..finding(Verdict::Skipped("why".into())) };
        let failed = Finding { part: "threads", ..finding(Verdict::Failed(vec![])) };
        let line = sum(&[finding(Verdict::Held), other, failed]);
        assert_eq!(line, "in all 3 minutes: 2 469 134 runs, 100 kills; FAILED: threads; not run: kills\n");
    }

    #[test]
    fn digits_stand_in_threes() {
        assert_eq!([0, 999, 1_000, 25_000_000].map(grouped), ["0", "999", "1 000", "25 000 000"]);
    }
}
