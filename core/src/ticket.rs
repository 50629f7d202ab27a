//! What the ledger knows of an order: how it is checked, what must be durable, and how it becomes visible.

use crate::{
    audit::AuditEntry,
    durable::RecordKey,
    error::{AccessError, OrderError},
    name::{Address, ServiceName},
    registry::Inner,
    session::Session,
    store::Change,
    sync::Mutex,
};

/// What an order is about, as far as sharing a commit goes: no two orders of one batch have the same scope, because
/// each is checked on the state that the one before it left. So every bound holds exactly.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Scope {
    /// One address of a service.
    Address(u32, Address),
    /// The floors of a service and its clusters, which share a bound.
    Floors(ServiceName),
    /// The floors of whole ips, which share one too.
    Ips,
}

/// One order on its way.
pub(crate) trait Task: Send + Sync {
    /// What its caller is told.
    type Reply: Send;

    fn scope(&self) -> Scope;

    /// What the audit keeps of it.
    fn audit(&self, wall_ms: u64) -> AuditEntry;

    /// Checks the order against the live state and says which records must be durable before it is visible.
    fn prepare(&self, inner: &Inner) -> Result<Vec<(RecordKey, Change)>, OrderError>;

    /// Puts a durable order into its service. It is visible when the visit has gone on.
    fn apply(&self, visit: &mut Visit<'_>) -> Result<Self::Reply, OrderError>;

    /// Completes the reply after everything was published.
    fn published(&self, inner: &Inner, reply: &mut Self::Reply);

    /// The commit failed: nothing of the order remains.
    fn abandon(&self, inner: &Inner);
}

/// A task and the place where its caller finds the reply.
pub(crate) struct Ticket<T: Task> {
    task: T,
    reply: Mutex<Option<Result<T::Reply, OrderError>>>,
}

impl<T: Task> Ticket<T> {
    pub(crate) fn new(task: T) -> Ticket<T> {
        Ticket { task, reply: Mutex::new(None) }
    }

    pub(crate) fn take_reply(&self) -> Option<Result<T::Reply, OrderError>> {
        self.reply.lock().take()
    }
}

/// A ticket of any kind, as the ledger's queue holds it.
pub(crate) trait Waiting: Send + Sync {
    fn scope(&self) -> Scope;
    fn audit(&self, wall_ms: u64) -> AuditEntry;
    /// `None`: the order is refused, and its caller has been told.
    fn prepare(&self, inner: &Inner) -> Option<Vec<(RecordKey, Change)>>;
    fn apply(&self, visit: &mut Visit<'_>);
    fn published(&self, inner: &Inner);
    fn abandon(&self, inner: &Inner, error: OrderError);
}

impl<T: Task> Waiting for Ticket<T> {
    fn scope(&self) -> Scope {
        self.task.scope()
    }

    fn audit(&self, wall_ms: u64) -> AuditEntry {
        self.task.audit(wall_ms)
    }

    fn prepare(&self, inner: &Inner) -> Option<Vec<(RecordKey, Change)>> {
        self.task.prepare(inner).map_err(|error| *self.reply.lock() = Some(Err(error))).ok()
    }

    fn apply(&self, visit: &mut Visit<'_>) {
        let reply = self.task.apply(visit);
        *self.reply.lock() = Some(reply);
    }

    fn published(&self, inner: &Inner) {
        if let Some(Ok(reply)) = &mut *self.reply.lock() {
            self.task.published(inner, reply);
        }
    }

    fn abandon(&self, inner: &Inner, error: OrderError) {
        self.task.abandon(inner);
        *self.reply.lock() = Some(Err(error));
    }
}

/// A walk over services, one open at a time: orders of one batch that follow each other in one service are published
/// together, once.
pub(crate) struct Visit<'a> {
    pub(crate) inner: &'a Inner,
    open: Option<Session<'a>>,
}

impl<'a> Visit<'a> {
    pub(crate) fn new(inner: &'a Inner) -> Visit<'a> {
        Visit { inner, open: None }
    }

    /// The service under its mutex; the one before it is published.
    pub(crate) fn session(&mut self, service: u32) -> Result<&mut Session<'a>, AccessError> {
        let session = match self.open.take() {
            Some(session) if session.service.index == service => session,
            before => {
                before.map(Session::finish);
                Session::open(self.inner, self.inner.service_at(service)?)?
            }
        };
        Ok(self.open.insert(session))
    }

    /// Publishes what is open.
    pub(crate) fn close(&mut self) {
        self.open.take().map(Session::finish);
    }
}
