//! Reading: views without a lock, packed copies, revisions.

use std::sync::Arc;

use crate::{error::AccessError, handle::ServiceId, packed::Packed, registry::Registry, service::Service, view::View};

impl Registry {
    /// Reads the current view of a service. `read` sees one revision, whatever happens meanwhile, and holds nobody up;
    /// what is unlinked meanwhile is freed after it.
    pub fn view<R>(&self, service: ServiceId, read: impl FnOnce(&View<'_>) -> R) -> Result<R, AccessError> {
        let service = self.inner.service(service)?;
        Ok(service.read(|snapshot| read(&View { snapshot, names: &self.inner.names })))
    }

    /// A refcounted packed copy of the current view, built once for each revision: whoever asks while it is being built
    /// waits for it.
    pub fn packed(&self, service: ServiceId) -> Result<Arc<Packed>, AccessError> {
        let service = self.inner.service(service)?;
        Ok(service.read(|snapshot| snapshot.packed(&self.inner.names)))
    }

    /// The revision of a service: it grows exactly when something in its view changes, across restarts too.
    pub fn revision(&self, service: ServiceId) -> Result<u64, AccessError> {
        self.inner.service(service).map(Service::revision)
    }
}
