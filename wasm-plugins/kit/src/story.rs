//! Facts, verdicts and counterexamples in words.

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use steadfast_policy::{
    Claim, Facts, Hold, Orders, Probe, Process, Verdict,
    law::{Counterexample, Origin, Witness},
};

use crate::paint::{FAINT, Painted, TITLE};

/// A counterexample as a numbered story: what happened, what the policy answered, and what is wrong with it.
pub(crate) fn tell(out: &mut dyn Write, counterexample: &Counterexample) -> io::Result<()> {
    let start = match counterexample.origin {
        Origin::Empty => "The shortest story, from an empty registry:",
        Origin::LeftBehind => "The shortest story, from what an earlier policy left behind:",
        Origin::AnyState => "One answer shows it, whatever came before:",
    };
    writeln!(out, "{start}")?;
    for (number, witness) in (1..).zip(&counterexample.steps) {
        step(out, number, witness)?;
    }
    if !counterexample.broken.is_empty() {
        writeln!(out, "  {}", Painted(TITLE, &format!("So: {}.", counterexample.broken)))?;
    }
    Ok(())
}

/// The same in one line: the events alone.
pub(crate) fn events(counterexample: &Counterexample) -> String {
    if let (Origin::AnyState, [Witness { facts: Some(facts), .. }]) = (counterexample.origin, &counterexample.steps[..])
    {
        return format!("{} {}", facts.event, circumstances(facts));
    }
    let event = |witness: &Witness| witness.facts.map_or_else(|| witness.text.clone(), |facts| moment(&facts));
    let events: Vec<String> = counterexample.steps.iter().map(event).collect();
    match counterexample.origin {
        Origin::LeftBehind => format!("left behind by an earlier policy, {}", events.join(", ")),
        _ => events.join(", "),
    }
}

fn step(out: &mut dyn Write, number: usize, witness: &Witness) -> io::Result<()> {
    let (Some(facts), Some(verdict)) = (&witness.facts, &witness.verdict) else {
        return writeln!(out, "  {number}. {}", witness.text);
    };
    writeln!(out, "  {number}. {} {}", Painted(TITLE, facts.event.name()), Painted(FAINT, &circumstances(facts)))?;
    writeln!(out, "     answer: {}, because: {}", verdict_words(*verdict), witness.text)
}

/// An event with what it brings.
fn moment(facts: &Facts) -> String {
    use steadfast_policy::Event;
    match facts.event {
        Event::Hold => format!("hold {}", facts.hold),
        Event::Release if facts.hold != Hold::None => format!("release ({} remains)", facts.hold),
        Event::Register | Event::Claim if facts.claim == Claim::Disabled => format!("{} disabled", facts.event),
        Event::Probe => format!("probe {}", facts.probe),
        Event::Register | Event::Recover if facts.process != Process::Same => {
            format!("{} (process {})", facts.event, facts.process)
        }
        event => event.to_string(),
    }
}

/// Everything about facts but the event; what is as it mostly is goes without saying.
pub(crate) fn circumstances(facts: &Facts) -> String {
    let presence = if facts.present { "a present" } else { "an absent" };
    let kind = if facts.ephemeral { "ephemeral" } else { "persistent" };
    let mut words = format!("on {presence} {kind} instance");
    let mut add = |is_said: bool, name: &str, value: &dyn std::fmt::Display| {
        if is_said {
            // Writing to a string does not fail.
            let _ = write!(words, ", {name} {value}");
        }
    };
    add(facts.band > 0, "band", &facts.band);
    add(facts.claim != Claim::Unset, "claim", &facts.claim);
    add(facts.probe != Probe::Unknown, "probe", &facts.probe);
    add(facts.hold != Hold::None, "hold", &facts.hold);
    add(facts.process != Process::Same, "process", &facts.process);
    add(facts.class > 0, "class", &facts.class);
    add(facts.memo > 0, "memo", &facts.memo);
    words
}

/// An answer; that it keeps orders and remembers nothing goes without saying.
pub(crate) fn verdict_words(verdict: Verdict) -> String {
    let health = if verdict.healthy { "healthy" } else { "unhealthy" };
    let mut words =
        if verdict.present { format!("present, {health}, {}", verdict.traffic) } else { "not present".to_owned() };
    if verdict.orders == Orders::Clear {
        words.push_str(", clears the orders");
    }
    if verdict.memo > 0 {
        let _ = write!(words, ", memo {}", verdict.memo);
    }
    words
}
