//! What the other policy would have made of the recorded events.

use steadfast_core::{
    STEP_MS,
    policy::{Event, Input, Orders, State, Table, Threshold, step},
};

use super::{
    known::Known,
    track::{Track, is_unknown},
};
use crate::journal::Decision;

/// The policy that is tried.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate<'a> {
    pub(super) table: &'a Table,
    /// [`Options::retain_ms`](steadfast_core::Options::retain_ms) of the run.
    pub(super) retain_ms: u64,
}

/// Something that time does to the candidate's instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    Crossing(Input),
    Forgotten,
}

impl Candidate<'_> {
    /// Begins with what the recorded policy left behind, as an install does.
    pub(super) fn take_over(self, track: &mut Track, decision: &Decision, known: &Known) {
        let (before, manifest) = (&decision.before, self.table.manifest());
        let memo = if known.keeps_memo && before.memo < manifest.memo_size { before.memo } else { 0 };
        let class = if known.same_classes { before.class } else { track.class };
        let (same, thresholds) = if before.present {
            (known.same_silence, &manifest.silence)
        } else {
            (known.same_absence, &manifest.absence)
        };
        let band = match before.band {
            band if same => band,
            0 => 0,
            _ => band_of(thresholds, decision.elapsed_ms),
        };
        track.candidate = State { memo, class, ..*before };
        if !is_unknown(before)
            && let Some(step) = step(self.table, before, Input::Swap { band, class, memo })
        {
            (track.candidate, track.candidate_reason) = (step.next, step.verdict.reason);
        }
        (track.recorded, track.ordered) = (*before, decision.ordered);
        track.since_ms = decision.time_ms.saturating_sub(decision.elapsed_ms);
        track.recorded_since_ms = track.since_ms;
        track.silent = before.present && before.band > 0;
    }

    /// Applies a recorded event.
    pub(super) fn follow(self, track: &mut Track, decision: &Decision, known: &Known, by_lapse: bool) {
        let since_ms = decision.time_ms.saturating_sub(decision.elapsed_ms);
        if let Input::Silence(_) = decision.input {
            // The first crossing tells since when there is silence.
            track.silent = true;
            if track.candidate.present {
                track.since_ms = since_ms;
            }
        }
        track.ordered = decision.ordered && (track.ordered || track.candidate.hold == track.recorded.hold);
        let class = |recorded: u8| if known.same_classes { recorded } else { track.class };
        let input = match decision.input {
            // The candidate is there all the time: nothing is installed.
            Input::Swap { .. } => return,
            Input::Release(_) if by_lapse && !known.same_lapse => return,
            Input::Silence(_) if !known.same_silence => return,
            // Its clock of absence may have started at another time.
            Input::Absence(_) if !known.same_absence || track.since_ms != since_ms => return,
            Input::Register { ephemeral, enabled, process, class: recorded } => {
                Input::Register { ephemeral, enabled, process, class: class(recorded) }
            }
            Input::Claim { enabled, class: recorded } => Input::Claim { enabled, class: class(recorded) },
            Input::Overlay { class: recorded } => Input::Overlay { class: class(recorded) },
            input => input,
        };
        self.apply(track, input, decision.time_ms);
        if matches!(input.event(), Event::Register | Event::Beat | Event::Recover) {
            (track.since_ms, track.silent) = (decision.time_ms, false);
        }
    }

    /// Lets time pass up to `until_ms` for the candidate; calls `crossed` at each threshold that the recording does not
    /// have.
    pub(super) fn pass(
        self,
        track: &mut Track,
        known: &Known,
        until_ms: u64,
        crossed: &mut dyn FnMut(&mut Track, Event, u64),
    ) {
        // Three bands of silence, three of absence, and the end of the tombstone.
        for _ in 0..8 {
            let Some((at_ms, due)) = self.next_due(track, known) else { return };
            if at_ms > until_ms {
                return;
            }
            match due {
                Due::Forgotten => track.candidate = track.candidate.forgotten(),
                Due::Crossing(input) => {
                    self.apply(track, input, at_ms);
                    crossed(track, input.event(), at_ms);
                }
            }
        }
    }

    fn next_due(self, track: &Track, known: &Known) -> Option<(u64, Due)> {
        let (state, recorded, manifest) = (&track.candidate, &track.recorded, self.table.manifest());
        let at = |thresholds: &[Threshold]| {
            let after_ms = fires_after_ms(thresholds.get(usize::from(state.band))?);
            Some((track.since_ms.saturating_add(after_ms), band_of(thresholds, after_ms)))
        };
        if state.present {
            // Where the recording crosses the same thresholds it says so itself, with the clients' own values.
            let is_told = known.same_silence && recorded.present;
            let runs = track.silent && state.ephemeral && !is_told;
            return runs
                .then(|| at(&manifest.silence))
                .flatten()
                .map(|(at, band)| (at, crossing(Input::Silence(band))));
        }
        // Somebody whom the recording has is beating, and each beat would start the clock of the absence anew.
        if !state.remembered || recorded.present {
            return None;
        }
        let last_ms = manifest.absence.last().map_or(0, fires_after_ms);
        let end_ms = track.since_ms.saturating_add(last_ms.max(self.retain_ms.saturating_add(STEP_MS)));
        let is_told = known.same_absence && recorded.remembered && track.has_same_clock();
        match at(&manifest.absence).filter(|_| !is_told) {
            Some((at_ms, band)) if at_ms <= end_ms => Some((at_ms, crossing(Input::Absence(band)))),
            _ => Some((end_ms, Due::Forgotten)),
        }
    }

    fn apply(self, track: &mut Track, input: Input, at_ms: u64) {
        let Some(step) = step(self.table, &track.candidate, input) else { return };
        if step.next.present != track.candidate.present {
            (track.since_ms, track.silent) = (at_ms, false);
        }
        if step.verdict.orders == Orders::Clear {
            track.ordered = false;
        }
        (track.candidate, track.candidate_reason) = (step.next, step.verdict.reason);
        track.drop_empty_tombstone();
    }
}

fn crossing(input: Input) -> Due {
    Due::Crossing(input)
}

/// When a threshold fires, as in the registry: rounded up to a step, and one step later, so that nothing fires early.
fn fires_after_ms(threshold: &Threshold) -> u64 {
    threshold.after_ms.next_multiple_of(STEP_MS) + STEP_MS
}

/// The highest band whose threshold has fired. Thresholds are at most three.
fn band_of(thresholds: &[Threshold], elapsed_ms: u64) -> u8 {
    thresholds.iter().filter(|threshold| fires_after_ms(threshold) <= elapsed_ms).count() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_fire_when_the_registry_fires_them() {
        let threshold = |after_ms| Threshold { after_ms, override_key: None };
        assert_eq!(fires_after_ms(&threshold(15_000)), 15_100);
        assert_eq!(fires_after_ms(&threshold(15_001)), 15_200);
        let thresholds = [threshold(15_000), threshold(30_000)];
        assert_eq!([0, 15_000, 15_100, 30_100].map(|elapsed_ms| band_of(&thresholds, elapsed_ms)), [0, 0, 1, 2]);
    }
}
