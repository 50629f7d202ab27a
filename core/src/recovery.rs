//! A store that may fail, and the way back.
//!
//! A commit that failed may be in the store all the same. The registry has answered that its orders are not in force,
//! so before anything else is written, every record that the commit named is written again from the live state. Until
//! that has worked nothing else is tried: at most one commit is ever in doubt, and an order that is refused meanwhile
//! has certainly left nothing behind.
//!
//! Attempts are counted in registry time, so a dead disk costs one attempt per pause and not one per order.

use crate::{
    announce::AnnouncementKind,
    durable::RecordKey,
    limits::STORE_PAUSE_MS_MAX,
    registry::Inner,
    store::{Change, Store, StoreError, StoreTable},
    time::{STEP_MS, Step, steps},
};

/// The store behind the ledger.
pub(crate) struct RecoveringStore {
    /// Gone after the shutdown, so that the store is free for the next registry.
    store: Option<Box<dyn Store>>,
    trouble: Option<Trouble>,
}

/// What is known since the first failure.
struct Trouble {
    cause: String,
    failures: u32,
    retry_at: Step,
    doubt: Doubt,
}

/// What a failed commit may have left in the store.
#[derive(Default)]
struct Doubt {
    records: Vec<RecordKey>,
    audit: Vec<Vec<u8>>,
}

impl RecoveringStore {
    pub(crate) fn new(store: Box<dyn Store>) -> RecoveringStore {
        RecoveringStore { store: Some(store), trouble: None }
    }

    /// Commits `changes`, which name `records` and entries of the audit, once nothing is in doubt any more.
    pub(crate) fn commit(
        &mut self,
        inner: &Inner,
        changes: &[Change],
        records: impl IntoIterator<Item = RecordKey>,
    ) -> Result<(), StoreError> {
        if changes.is_empty() {
            return Ok(());
        }
        self.check_open()?;
        self.settle(inner)?;
        self.write(changes).inspect_err(|error| {
            let audit = changes.iter().filter(|change| change.table == StoreTable::Audit);
            let audit = audit.map(|change| change.key.clone()).collect();
            self.failed(inner, error, Doubt { records: records.into_iter().collect(), audit });
        })
    }

    /// Makes the store agree with what is live after a failure. Does nothing while there is none.
    pub(crate) fn settle(&mut self, inner: &Inner) -> Result<(), StoreError> {
        if self.trouble.is_some() {
            self.check_open()?;
        }
        if let Some(resting) = self.resting(inner) {
            return Err(resting);
        }
        let Some(trouble) = self.trouble.take() else { return Ok(()) };
        let live = trouble.doubt.records.iter().filter_map(|key| inner.live_change(key));
        // Entries of orders that were refused, and those that they pushed out: neither is kept.
        let stale = trouble.doubt.audit.iter();
        let stale = stale.map(|key| Change { table: StoreTable::Audit, key: key.clone(), value: None });
        let changes: Vec<Change> = live.chain(stale).collect();
        match self.write(&changes) {
            Ok(()) => {
                inner.announce(AnnouncementKind::StoreResumed, resumed_text(trouble.failures));
                Ok(())
            }
            Err(error) => {
                self.trouble = Some(trouble);
                self.failed(inner, &error, Doubt::default());
                Err(self.resting(inner).unwrap_or(error))
            }
        }
    }

    /// The error while the store is left alone. It also answers whoever found the store still failing: nothing of what
    /// they wanted was tried.
    fn resting(&self, inner: &Inner) -> Option<StoreError> {
        let trouble = self.trouble.as_ref()?;
        let wait = trouble.retry_at.checked_sub(inner.now()).filter(|wait| *wait > 0)?;
        Some(StoreError::Resting { cause: trouble.cause.clone(), retry_ms: u64::from(wait) * STEP_MS })
    }

    /// Lets the next attempt be made at once.
    pub(crate) fn retry_now(&mut self) {
        if let Some(trouble) = &mut self.trouble {
            trouble.retry_at = 0;
        }
    }

    pub(crate) fn close(&mut self) {
        self.store = None;
    }

    pub(crate) fn check_open(&self) -> Result<(), StoreError> {
        if self.store.is_some() { Ok(()) } else { Err(closed()) }
    }

    fn write(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        self.store.as_mut().ok_or_else(closed)?.commit(changes)
    }

    /// Notes a failure; the first one is announced.
    fn failed(&mut self, inner: &Inner, error: &StoreError, doubt: Doubt) {
        inner.counters.store_failed();
        let cause = error.to_string();
        let trouble = self.trouble.get_or_insert_with(|| {
            inner.announce(AnnouncementKind::StoreFailed, format!("{cause}; orders are refused until it works again"));
            Trouble { cause: String::new(), failures: 0, retry_at: 0, doubt }
        });
        trouble.cause = cause;
        trouble.failures = trouble.failures.saturating_add(1);
        trouble.retry_at = inner.now().saturating_add(pause(trouble.failures));
    }
}

fn closed() -> StoreError {
    StoreError::Unusable("the registry was shut down before this could be written".into())
}

/// One step after the first failure, twice as long after each further one, up to a bound.
fn pause(failures: u32) -> Step {
    1_u32.checked_shl(failures - 1).unwrap_or(Step::MAX).min(steps(STORE_PAUSE_MS_MAX))
}

fn resumed_text(failures: u32) -> String {
    let attempts = if failures == 1 { "attempt".to_owned() } else { format!("{failures} attempts") };
    format!("the store works again after {attempts} that failed; orders are taken again")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_their_bound() {
        let pauses: Vec<Step> = (1..=8).map(pause).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 50, 50]);
        assert_eq!(pause(u32::MAX), 50);
    }
}
