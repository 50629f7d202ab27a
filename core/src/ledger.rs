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

use parking_lot::Mutex;

use crate::{
    durable::{Audited, RecordKey, encode},
    error::OrderError,
    limits::COMMIT_MAX,
    name::Address,
    order::{Order, Prepared},
    orders::{Author, OrderReply},
    recovery::RecoveringStore,
    registry::Inner,
    store::{Change, Store, StoreError, StoreTable},
};

/// Entries of the audit that are kept.
const AUDIT_MAX: usize = 10_000;

/// The store and everything that waits for it.
pub(crate) struct Ledger {
    store: Mutex<Books>,
    queue: Mutex<VecDeque<Arc<Ticket>>>,
    later: Mutex<HashSet<RecordKey>>,
    /// Ends of holds by wall time. A leaf lock.
    ends: Mutex<BTreeSet<(u64, RecordKey)>>,
}

struct Books {
    store: RecoveringStore,
    audit: VecDeque<Vec<u8>>,
    next_audit: u64,
    boot: u64,
}

/// An order on its way.
pub(crate) struct Ticket {
    pub(crate) service: u32,
    pub(crate) address: Address,
    pub(crate) author: Author,
    pub(crate) order: Order,
    reply: Mutex<Option<Result<OrderReply, OrderError>>>,
}

impl Ticket {
    pub(crate) fn new(service: u32, address: &Address, author: &Author, order: Order) -> Ticket {
        Ticket { service, address: address.clone(), author: author.clone(), order, reply: Mutex::new(None) }
    }
}

impl Ledger {
    /// `audit` holds the keys of earlier boots, oldest first.
    pub(crate) fn new(store: Box<dyn Store>, boot: u64, audit: VecDeque<Vec<u8>>) -> Ledger {
        Ledger {
            store: Mutex::new(Books { store: RecoveringStore::new(store), audit, next_audit: 0, boot }),
            queue: Mutex::default(),
            later: Mutex::default(),
            ends: Mutex::default(),
        }
    }

    /// Makes an order durable and visible; returns when both are done.
    pub(crate) fn submit(&self, inner: &Inner, order: Ticket) -> Result<OrderReply, OrderError> {
        let ticket = Arc::new(order);
        self.queue.lock().push_back(Arc::clone(&ticket));
        loop {
            let mut books = self.store.lock();
            if let Some(reply) = ticket.reply.lock().take() {
                return reply;
            }
            self.commit_waiting(inner, &mut books);
        }
    }

    fn commit_waiting(&self, inner: &Inner, books: &mut Books) {
        let batch = self.take_batch();
        let mut prepared: Vec<(Arc<Ticket>, Prepared)> = Vec::with_capacity(batch.len());
        for ticket in batch {
            match ticket.order.prepare(inner, &ticket) {
                Ok(ready) => prepared.push((ticket, ready)),
                Err(error) => *ticket.reply.lock() = Some(Err(error)),
            }
        }
        let mut changes: Vec<Change> = prepared.iter().flat_map(|(_, ready)| ready.changes.iter().cloned()).collect();
        for (ticket, ready) in &prepared {
            changes.extend(books.audit(inner, ticket, &ready.service));
        }
        let records = prepared.iter().flat_map(|(_, ready)| ready.records.iter().cloned());
        let committed = books.store.commit(inner, &changes, records).map_err(Arc::new);
        for (ticket, ready) in prepared {
            let reply = match &committed {
                Ok(()) => ticket.order.apply(inner, &ticket, ready),
                Err(error) => {
                    Prepared::abandon(inner, &ticket);
                    Err(OrderError::Store(Arc::clone(error)))
                }
            };
            *ticket.reply.lock() = Some(reply);
        }
    }

    /// What waits, up to the first second order for one address: each order is prepared on the state that the one
    /// before it left.
    fn take_batch(&self) -> Vec<Arc<Ticket>> {
        let mut queue = self.queue.lock();
        let mut addresses = HashSet::new();
        let fits = |ticket: &Arc<Ticket>| addresses.insert((ticket.service, ticket.address.clone()));
        let len = queue.iter().take(COMMIT_MAX).map(fits).take_while(|first| *first).count();
        queue.drain(..len).collect()
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
    /// The audit entry of an order, and the oldest one's deletion when there are too many.
    fn audit(&mut self, inner: &Inner, ticket: &Ticket, service: &crate::name::ServiceName) -> Vec<Change> {
        let key = [self.boot.to_be_bytes(), self.next_audit.to_be_bytes()].concat();
        self.next_audit += 1;
        let audited = Audited {
            wall_ms: inner.wall_ms(),
            order: ticket.order.name(),
            service,
            address: &ticket.address,
            author: &ticket.author,
        };
        let table = StoreTable::Audit;
        let mut changes = vec![Change { table, key: key.clone(), value: Some(encode(&audited)) }];
        self.audit.push_back(key);
        if self.audit.len() > AUDIT_MAX {
            changes.extend(self.audit.pop_front().map(|key| Change { table, key, value: None }));
        }
        changes
    }
}
