//! Outages of the journal: told when one begins, and when it is over.
//!
//! The journal's thread holds nothing of the registry, so the registry looks at it, once in each tick. An outage between
//! two ticks is not told; what it lost is counted all the same.

use crate::{
    announce::AnnouncementKind,
    journal::JournalStatus,
    limits::JOURNAL_WELL_MS,
    registry::{Inner, Ticker},
    time::{Step, steps},
};

/// What the ticker remembers of the journal.
#[derive(Debug, Default)]
pub(crate) struct Outage {
    /// What was lost when the journal was last well: what is lost beyond that is lost in the outage.
    lost_before: u64,
    is_told: bool,
    well_since: Option<Step>,
}

impl Inner {
    /// Tells what has become of the journal since the last tick.
    pub(crate) fn look_after_journal(&self, ticker: &mut Ticker) {
        let Some(journal) = &self.journal else { return };
        if let Some((kind, text)) = ticker.outage.turn(journal.status(), self.now()) {
            self.announce(kind, text);
        }
    }
}

impl Outage {
    /// What there is to tell, if anything.
    fn turn(&mut self, status: JournalStatus, now: Step) -> Option<(AnnouncementKind, String)> {
        if let Some(failure) = status.failure {
            self.well_since = None;
            return self.begin(&failure);
        }
        if self.is_told {
            let since = *self.well_since.get_or_insert(now);
            if now.saturating_sub(since) < steps(JOURNAL_WELL_MS) {
                return None;
            }
        }
        self.end(status.lost)
    }

    fn begin(&mut self, failure: &str) -> Option<(AnnouncementKind, String)> {
        let is_new = !std::mem::replace(&mut self.is_told, true);
        let text = || format!("{failure}; what is decided is missing in it until it works again");
        is_new.then(|| (AnnouncementKind::JournalFailed, text()))
    }

    fn end(&mut self, lost: u64) -> Option<(AnnouncementKind, String)> {
        self.well_since = None;
        let missing = lost.saturating_sub(std::mem::replace(&mut self.lost_before, lost));
        let text = || format!("the journal is written again; decisions that are missing in it: {missing}");
        std::mem::take(&mut self.is_told).then(|| (AnnouncementKind::JournalResumed, text()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn well(lost: u64) -> JournalStatus {
        JournalStatus { lost, ..JournalStatus::default() }
    }

    fn ill(lost: u64) -> JournalStatus {
        JournalStatus { failure: Some("its disk is full".into()), ..well(lost) }
    }

    fn told(outage: &mut Outage, story: impl IntoIterator<Item = (JournalStatus, Step)>) -> Vec<String> {
        let turns = story.into_iter().filter_map(|(status, now)| outage.turn(status, now));
        turns.map(|(kind, text)| format!("{kind:?}: {text}")).collect()
    }

    #[test]
    fn an_outage_is_told_once_and_its_end_says_what_it_cost() {
        let again = 4 + steps(JOURNAL_WELL_MS);
        let story = [(well(4), 1), (ill(7), 2), (ill(9), 3), (well(9), 4), (well(9), again - 1), (well(9), again)];
        let failed = "JournalFailed: its disk is full; what is decided is missing in it until it works again";
        let resumed = "JournalResumed: the journal is written again; decisions that are missing in it: 5";
        let mut outage = Outage::default();
        assert_eq!(told(&mut outage, story), [failed, resumed]);
        let later = [(well(9), 1_000), (ill(10), 1_001)];
        assert_eq!(told(&mut outage, later), [failed], "the next one is told again");
    }

    #[test]
    fn a_disk_that_fails_and_works_by_turns_is_one_outage() {
        let by_turns = (1..1_000).map(|turn| if turn % 2 == 0 { (well(9), turn) } else { (ill(9), turn) });
        assert_eq!(told(&mut Outage::default(), by_turns).len(), 1);
    }

    #[test]
    fn what_is_lost_without_a_failure_is_counted_only() {
        let mut outage = Outage::default();
        assert_eq!(told(&mut outage, [(well(0), 1), (well(100), 2), (well(200), 3)]), [""; 0]);
    }
}
