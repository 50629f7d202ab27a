//! `steadfast replay`: a registry's journal through another policy.

use std::io::{self, Write};

use serde::Serialize;
use steadfast_core::Policy;
use steadfast_policy::{Orders, Verdict, builtin};
use steadfast_store::{
    journal::JournalReader,
    replay::{Answer as Answered, Difference, Group, Progress, Replay, ReplayOptions, ReplayedPolicy, replay},
};

use crate::{
    answer::{Answer, Outcome},
    command_line::ReplayArgs,
    failure::Failure,
    live::{ERASE, terminal},
    paint::{CAUTION, FAINT, GOOD, Painted, TITLE},
    policy,
    story::verdict_words,
    utc::utc,
};

/// What a journal says of a policy.
#[derive(Debug, Serialize)]
pub(crate) struct Replayed {
    journal: String,
    /// The policy that was tried, as it was named.
    policy: String,
    #[serde(flatten)]
    replay: Replay,
}

pub(crate) fn run(args: &ReplayArgs) -> Result<Replayed, Failure> {
    let candidate = policy::open(&args.policy, args.params.as_deref())?;
    let mut originals = built_in();
    for recorded in &args.recorded {
        originals.push(policy::open(recorded, None)?.policy);
    }
    let journal = JournalReader::open(&args.folder)?;
    let mut status = terminal().filter(|_| !args.output.json);
    let options = ReplayOptions { listed_max: args.limit, originals };
    let replay = replay(&journal, candidate.table(), &options, &mut |progress| show(status.as_mut(), progress));
    if let Some(status) = &mut status {
        let _ = write!(status, "{ERASE}").and_then(|()| status.flush());
    }
    Ok(Replayed { journal: args.folder.display().to_string(), policy: candidate.label, replay })
}

/// The policies that every registry has.
fn built_in() -> Vec<Policy> {
    builtin::NAMES.iter().filter_map(|name| Policy::builtin(name)?.ok()).collect()
}

/// Only a sign of life: the work goes on without it.
fn show(status: Option<&mut io::Stderr>, progress: Progress) {
    let Progress { segment, segments, decisions, differing } = progress;
    if let Some(status) = status {
        let so_far = format!("segment {segment} of {segments}, {decisions} decisions, {differing} would have differed");
        let _ = write!(status, "{ERASE}  ..  {so_far}").and_then(|()| status.flush());
    }
}

impl Answer for Replayed {
    fn outcome(&self) -> Outcome {
        if self.replay.differing == 0 { Outcome::Yes } else { Outcome::No }
    }

    fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        let Replayed { journal, policy, replay } = self;
        self.print_journal(out)?;
        writeln!(out, "tried:   {}", Painted(TITLE, policy))?;
        for caution in cautions(replay) {
            writeln!(out, "{}: {caution}", Painted(CAUTION, "caution"))?;
        }
        let mut event = None;
        let mut groups: Vec<&Group> = replay.groups.iter().collect();
        groups.sort_by_key(|group| group.event);
        for group in groups {
            if event.replace(group.event) != Some(group.event) {
                writeln!(out, "\n{}", Painted(TITLE, group.event.name()))?;
            }
            print_group(out, group)?;
        }
        if !replay.listed.is_empty() {
            let (listed, all) = (replay.listed.len() as u64, replay.differing);
            let title = if listed < all { format!("the first {listed} of {all}") } else { "one by one".to_owned() };
            writeln!(out, "\n{}", Painted(TITLE, &title))?;
            replay.listed.iter().try_for_each(|difference| print_difference(out, difference))?;
        }
        if replay.differing == 0 {
            let same = Painted(GOOD, "same");
            return writeln!(out, "{same}: {policy} would have decided everything in {journal} alike");
        }
        let Replay { differing, decisions, differing_instances, instances, .. } = replay;
        let (answers, decisions) = (counted(*differing, "answer"), counted(*decisions, "decision"));
        let instances = counted(*instances, "instance");
        writeln!(out, "\n{answers} would have differed in {decisions}, about {differing_instances} of {instances}")
    }
}

impl Replayed {
    fn print_journal(&self, out: &mut dyn Write) -> io::Result<()> {
        let Replay { decisions, instances, boots, from_wall_ms, to_wall_ms, .. } = self.replay;
        let (made, about, starts) =
            (counted(decisions, "decision"), counted(instances, "instance"), counted(boots, "start"));
        writeln!(out, "journal: {}, {made} about {about}, {starts} of the registry", Painted(TITLE, &self.journal))?;
        if decisions > 0 {
            writeln!(out, "time:    {} to {} UTC", utc(from_wall_ms), utc(to_wall_ms))?;
        }
        for ReplayedPolicy { name, version, epoch, scope, decisions, at_hand, .. } in &self.replay.recorded {
            let scope = if scope.is_empty() { String::new() } else { format!(" for {}", scope.join("/")) };
            let checked = if *at_hand { "" } else { ", which were not checked (--recorded <POLICY>)" };
            let decisions = counted(*decisions, "decision");
            writeln!(out, "decided: {name} {version}{scope} (epoch {epoch}), {decisions}{checked}")?;
        }
        Ok(())
    }
}

fn counted(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// What makes the answer less certain than it looks.
fn cautions(replay: &Replay) -> Vec<String> {
    let mut cautions = Vec::new();
    let mut add = |count: u64, what: &str| {
        if count > 0 {
            cautions.push(format!("{count} {what}"));
        }
    };
    add(replay.lost, "decisions are missing in the journal");
    add(replay.taken_over, "times an instance was met in the middle of its life, and taken over as it was");
    add(replay.untracked, "decisions about more instances than a replay follows were left out");
    add(replay.contradicted, "recorded decisions are not those of the policy that is said to have made them");
    let skipped = replay.skipped.iter().map(|skipped| {
        let (segment, problem) = (&skipped.segment, &skipped.problem);
        format!("{segment} {problem}: from byte {} on {} bytes were not read", skipped.from, skipped.bytes)
    });
    cautions.extend(skipped);
    cautions.extend(replay.notes.iter().cloned());
    cautions
}

fn print_group(out: &mut dyn Write, group: &Group) -> io::Result<()> {
    let times = |count: u64| if count == 1 { "once".to_owned() } else { format!("{count} times") };
    let went_on = if group.went_on == 0 { String::new() } else { format!(", and goes on {}", times(group.went_on)) };
    let began = if group.began == 0 { "not here for the first time".to_owned() } else { times(group.began) };
    writeln!(out, "  {}: {began}{went_on}", group.text)?;
    let Difference { wall_ms, service, address, writer, .. } = &group.example;
    let example = format!("    first: {} {address} of {service}, by {writer}", utc(*wall_ms));
    writeln!(out, "{}", Painted(FAINT, &example))
}

fn print_difference(out: &mut dyn Write, difference: &Difference) -> io::Result<()> {
    let Difference { wall_ms, service, address, event, writer, was, would_be, .. } = difference;
    let again = if difference.goes_on { ", as before" } else { "" };
    let source = if difference.is_recorded { "" } else { ", a threshold of the policy that was tried" };
    let time = Painted(FAINT, &utc(*wall_ms)).to_string();
    writeln!(out, "  {time} {} on {address} of {service}, by {writer}{source}{again}", event.name())?;
    writeln!(out, "    was:      {}", words(was))?;
    writeln!(out, "    would be: {}", words(would_be))
}

fn words(answer: &Answered) -> String {
    let Answered { present, healthy, traffic, hold, reason } = answer;
    let (present, healthy, traffic) = (*present, *healthy, *traffic);
    let shown = verdict_words(Verdict { present, healthy, traffic, orders: Orders::Keep, memo: 0, reason: 0 });
    let order = if *hold == steadfast_policy::Hold::None { String::new() } else { format!(", order {hold}") };
    format!("{shown}{order}, because: {reason}")
}
