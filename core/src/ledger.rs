//! The path of an order: durable first, then visible, then acknowledged.
//!
//! Callers queue their orders; whoever gets the store takes everything that waits, commits it at once, puts it into
//! the services in the order of the queue and leaves each caller its reply. So concurrent orders share a commit
//! without a thread of its own or a delay, and a host without threads gets batches of one by the same code.
//!
//! Invariants:
//! - Orders enter a service only here, under the store's mutex, after their commit.
//! - A failed commit was never visible, and the store forgets it before it takes the next one (module `recovery`).
//! - What policies clear is written later from the live state; a crash may bring a cleared order back, never lose one.

use std::{
    collections::{BTreeSet, HashSet, VecDeque},
    sync::Arc,
};

#[cfg(shuttle)]
use crate::faults;
use crate::{
    audit::{Audit, AuditEntry, StoredAudit},
    durable::{RecordKey, encode},
    error::OrderError,
    hashing::RandomState,
    limits::{AUDIT_STORED_MAX, COMMIT_MAX},
    name::Address,
    recovery::RecoveringStore,
    registry::Inner,
    store::{Change, Store, StoreError, StoreTable},
    sync::Mutex,
    ticket::{Task, Ticket, Visit, Waiting},
};

/// The store and everything that waits for it.
pub(crate) struct Ledger {
    store: Mutex<Books>,
    queue: Mutex<VecDeque<Arc<dyn Waiting>>>,
    later: Mutex<HashSet<RecordKey, RandomState>>,
    /// Ends of holds by wall time. A leaf lock.
    ends: Mutex<BTreeSet<(u64, RecordKey)>>,
    /// The latest orders that were carried out.
    pub(crate) audit: Audit,
}

struct Books {
    store: RecoveringStore,
    /// Keys of the audit, oldest first.
    audit: VecDeque<Vec<u8>>,
    next_audit: u64,
    boot: u64,
}

impl Ledger {
    pub(crate) fn new(store: Box<dyn Store>, boot: u64, audit: StoredAudit) -> Ledger {
        Ledger {
            store: Mutex::new(Books { store: RecoveringStore::new(store), audit: audit.keys, next_audit: 0, boot }),
            queue: Mutex::default(),
            later: Mutex::default(),
            ends: Mutex::default(),
            audit: Audit::new(audit.latest),
        }
    }

    /// Makes an order durable and visible; returns when both are done.
    pub(crate) fn submit<T: Task + 'static>(&self, inner: &Inner, task: T) -> Result<T::Reply, OrderError> {
        let ticket = Arc::new(Ticket::new(task));
        let waiting: Arc<dyn Waiting> = ticket.clone();
        self.queue.lock().push_back(waiting);
        self.wait(inner, &ticket)
    }

    /// Makes many orders durable and visible, with as few commits as there can be; replies in the same order.
    pub(crate) fn submit_all<T: Task + 'static>(
        &self,
        inner: &Inner,
        tasks: impl Iterator<Item = T>,
    ) -> Vec<Result<T::Reply, OrderError>> {
        let tickets: Vec<Arc<Ticket<T>>> = tasks.map(|task| Arc::new(Ticket::new(task))).collect();
        let waiting = tickets.iter().cloned().map(|ticket| ticket as Arc<dyn Waiting>);
        self.queue.lock().extend(waiting);
        tickets.iter().map(|ticket| self.wait(inner, ticket)).collect()
    }

    fn wait<T: Task>(&self, inner: &Inner, ticket: &Ticket<T>) -> Result<T::Reply, OrderError> {
        loop {
            #[cfg(shuttle)]
            let looks = faults::looks(faults::Fault::AnsweredBeforePublished);
            #[cfg(shuttle)]
            if let Some(reply) = (0..looks).find_map(|_| ticket.take_reply()) {
                return reply;
            }
            let mut books = self.store.lock();
            if let Some(reply) = ticket.take_reply() {
                return reply;
            }
            self.commit_waiting(inner, &mut books);
        }
    }

    fn commit_waiting(&self, inner: &Inner, books: &mut Books) {
        let batch = self.take_batch();
        let (mut records, mut changes) = (Vec::new(), Vec::new());
        let mut prepared: Vec<(Arc<dyn Waiting>, AuditEntry)> = Vec::with_capacity(batch.len());
        for ticket in batch {
            if let Some(ready) = ticket.prepare(inner) {
                let entry = ticket.audit(inner.wall_ms());
                for (record, change) in ready {
                    records.push(record);
                    changes.push(change);
                }
                changes.extend(books.audit(&entry));
                prepared.push((ticket, entry));
            }
        }
        let late = self.take_late(&records);
        // Before what the orders write: where both write a record, it is the order's word that stands.
        let mut all: Vec<Change> = late.iter().filter_map(|key| inner.live_change(key)).collect();
        all.append(&mut changes);
        records.extend(late.iter().cloned());
        if let Err(error) = books.store.commit(inner, &all, records).map_err(Arc::new) {
            self.later.lock().extend(late);
            for (ticket, _) in prepared {
                ticket.abandon(inner, OrderError::Store(Arc::clone(&error)));
            }
            return;
        }
        let mut visit = Visit::new(inner);
        for (ticket, _) in &prepared {
            ticket.apply(&mut visit);
        }
        visit.close();
        // The replies lie ready, but nobody can take one before the store's mutex is free again.
        for (ticket, entry) in prepared {
            ticket.published(inner);
            self.audit.keep(entry);
        }
    }

    /// What waits, up to the first second order of one scope: each order is prepared on the state that the one before
    /// it left.
    fn take_batch(&self) -> Vec<Arc<dyn Waiting>> {
        let mut queue = self.queue.lock();
        let mut scopes = HashSet::new();
        let fits = |ticket: &Arc<dyn Waiting>| scopes.insert(ticket.scope());
        let len = queue.iter().take(COMMIT_MAX).map(fits).take_while(|first| *first).count();
        queue.drain(..len).collect()
    }

    /// What waits to be written of the addresses that a commit is about. It goes with the commit: an order that a policy
    /// cleared must not come back after a crash without the program that it was given to.
    fn take_late(&self, records: &[RecordKey]) -> Vec<RecordKey> {
        let address = |record: &RecordKey| match record {
            RecordKey::Address(key) => Some((key.service, key.address.clone())),
            RecordKey::Floor(_) => None,
        };
        let addresses: HashSet<(u32, Address)> = records.iter().filter_map(address).collect();
        let mut later = self.later.lock();
        later.extract_if(|waiting| address(waiting).is_some_and(|place| addresses.contains(&place))).collect()
    }

    /// Has a record written from its live state at the next flush.
    pub(crate) fn later(&self, key: RecordKey) {
        self.later.lock().insert(key);
    }

    /// Writes what waits for it, and tries a store that failed again. Records that could not be written wait on.
    pub(crate) fn flush(&self, inner: &Inner) -> Result<(), StoreError> {
        let mut books = self.store.lock();
        books.store.settle(inner)?;
        if self.later.lock().is_empty() {
            return Ok(());
        }
        books.store.check_open()?;
        let keys: Vec<RecordKey> = self.later.lock().drain().collect();
        let changes: Vec<Change> = keys.iter().filter_map(|key| inner.live_change(key)).collect();
        books.store.commit(inner, &changes, keys)
    }

    /// Writes what waits and lets go of the store. Waits for a commit that is under way; later ones fail.
    pub(crate) fn close(&self, inner: &Inner) {
        self.store.lock().store.retry_now();
        // What could not be written is as lost as in a crash: cleared orders come back, none is lost.
        let _ = self.flush(inner);
        self.store.lock().store.close();
    }

    /// Ends a hold at a wall time.
    pub(crate) fn schedule_end(&self, until_ms: u64, key: RecordKey) {
        self.ends.lock().insert((until_ms, key));
    }

    /// The holds whose end has come.
    pub(crate) fn take_ended(&self, wall_ms: u64) -> Vec<(u64, RecordKey)> {
        let mut ends = self.ends.lock();
        let mut ended = Vec::new();
        while ends.first().is_some_and(|(until_ms, _)| *until_ms <= wall_ms) {
            ended.extend(ends.pop_first());
        }
        ended
    }
}

impl Books {
    /// Writes an entry of the audit, and deletes the oldest one when there are too many.
    fn audit(&mut self, entry: &AuditEntry) -> Vec<Change> {
        let key = [self.boot.to_be_bytes(), self.next_audit.to_be_bytes()].concat();
        self.next_audit += 1;
        let table = StoreTable::Audit;
        let mut changes = vec![Change { table, key: key.clone(), value: Some(encode(entry)) }];
        self.audit.push_back(key);
        if self.audit.len() > AUDIT_STORED_MAX {
            changes.extend(self.audit.pop_front().map(|key| Change { table, key, value: None }));
        }
        changes
    }
}
