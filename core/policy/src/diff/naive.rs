//! The comparison without sets: pair of states by pair of states, input by input. Slow, and easy to believe.

use alloc::{collections::BTreeMap, format, string::String, vec::Vec};

use super::{
    Diff, Difference,
    circumstances::Asked,
    moves::{Move, Timeline},
    walk::changes,
    words,
};
use crate::{Event, Hold, Input, State, Step, Table, seen::Seen, step};

struct Pair {
    old: State,
    new: State,
    reached: u8,
    history: Vec<String>,
}

type Group = (Event, Option<u64>, String);

pub(super) fn compare(old: &Table, new: &Table) -> Diff {
    let mut timeline = Timeline::of(old, new);
    let (mut seen, mut classed) = (Seen::default(), Seen::default());
    let mut differences: BTreeMap<Group, (Difference, Move, Asked)> = BTreeMap::new();
    let mut pairs = [Pair { old: State::EMPTY, new: State::EMPTY, reached: 0, history: Vec::new() }]
        .into_iter()
        .collect::<Vec<_>>();
    seen.insert(packed(&State::EMPTY, &State::EMPTY, 0));
    let mut at = 0;
    while at < pairs.len() {
        let all = classed.insert(packed(&pairs[at].old.declassed(), &pairs[at].new.declassed(), pairs[at].reached));
        for (taken, classes) in moves(&mut timeline, &pairs[at], all, old, new) {
            let Pair { old: before, new: other, reached, history } = &pairs[at];
            let (one, two) = match taken {
                Move::Forget | Move::Restart => (None, None),
                _ => (lead(old, before, taken, classes.0), lead(new, other, taken, classes.1)),
            };
            let mut history = history.clone();
            history.push(words::happened(taken));
            let next = match (taken, one, two) {
                (Move::Forget | Move::Restart, ..) => (before.forgotten(), other.forgotten()),
                (_, None, None) => continue,
                (_, one, two) => (one.map_or(*before, |step| step.next), two.map_or(*other, |step| step.next)),
            };
            let reached = timeline.reached_after(*reached, taken, before, one.map(|step| step.next).as_ref());
            let changes = changes(&next.0, &next.1);
            if changes.is_empty() {
                if seen.insert(packed(&next.0, &next.1, reached)) {
                    pairs.push(Pair { old: next.0, new: next.1, reached, history });
                }
                continue;
            }
            let (event, after_ms) = words::event(taken);
            let group = (event, after_ms, words::what_changes(taken, before.present, &changes));
            let circumstances = Asked::default().circumstances();
            let first =
                Difference { event, after_ms, changes, circumstances, text: String::new(), occurrences: 0, history };
            let (difference, _, asked) = differences.entry(group).or_insert((first, taken, Asked::default()));
            difference.occurrences += 1;
            if let Some(step) = one.or(two) {
                asked.add(Asked::of(&step.facts));
            }
        }
        at += 1;
    }
    let told = differences.into_iter().map(|((_, _, what), (mut difference, taken, asked))| {
        difference.circumstances = asked.circumstances();
        let when = words::when(taken, &difference.circumstances, &difference.changes);
        difference.text = format!("{when}: {what}");
        difference
    });
    let mut differences: Vec<Difference> = told.collect();
    differences.sort_by_key(|difference| (difference.event, difference.history.len()));
    let name = |table: &Table| table.manifest().name.clone();
    Diff { old: name(old), new: name(new), differences, pairs: pairs.len() }
}

fn packed(old: &State, new: &State, reached: u8) -> u64 {
    old.packed() | new.packed() << 21 | u64::from(reached) << 42
}

/// The moves of a pair, each with the classes that it names: by classes first, and those that name none last.
fn moves(timeline: &mut Timeline, pair: &Pair, all: bool, old: &Table, new: &Table) -> Vec<(Move, (u8, u8))> {
    let list = timeline.moves(&pair.old, &pair.new, pair.reached);
    let (named, rest): (Vec<Move>, Vec<Move>) = list.iter().partition(|taken| taken.names_class());
    let mut moves = Vec::new();
    for one in 0..old.manifest().class_count() as u8 {
        for other in 0..new.manifest().class_count() as u8 {
            moves.extend(named.iter().filter(|_| all).map(|taken| (*taken, (one, other))));
        }
    }
    moves.extend(rest.into_iter().map(|taken| (taken, (0, 0))));
    moves
}

fn lead(table: &Table, state: &State, taken: Move, named: u8) -> Option<Step> {
    let band = |thresholds: &[crate::Threshold], after_ms| {
        thresholds.iter().filter(|threshold| threshold.after_ms <= after_ms).count() as u8
    };
    let manifest = table.manifest();
    let input = match taken {
        Move::Silence(after_ms) => Input::Silence(band(&manifest.silence, after_ms)),
        Move::Absence(after_ms) => Input::Absence(band(&manifest.absence, after_ms)),
        Move::Lapse(after_ms) => {
            manifest.lapse_ms.filter(|lapse_ms| *lapse_ms <= after_ms)?;
            Input::Release(Hold::None)
        }
        Move::Input(Input::Register { ephemeral, enabled, process, .. }) => {
            Input::Register { ephemeral, enabled, process, class: named }
        }
        Move::Input(Input::Claim { enabled, .. }) => Input::Claim { enabled, class: named },
        Move::Input(Input::Overlay { .. }) => Input::Overlay { class: named },
        Move::Input(input) => input,
        Move::Forget | Move::Restart => return None,
    };
    step(table, state, input)
}
