//! A descriptor that is readable while a queue has something to say: for hosts that wait for many things at once.
//!
//! Level-triggered, and settled under the queue's own lock: whoever looks at the queue there (its poll, or the herald)
//! brings the descriptor in line with what it found. So the one thing that could go wrong is that nobody looks, and the
//! bell rules that out.

use std::os::fd::{AsFd, BorrowedFd};

use nix::sys::eventfd::{EfdFlags, EventFd};

use crate::{
    error::WatchError,
    sync::{AtomicBool, OnceLock, Ordering},
    watch::WatchQueue,
};

/// The descriptor of a queue, once it was asked for.
#[derive(Default)]
pub(crate) struct Signal {
    fd: OnceLock<EventFd>,
    /// Read and written under the queue's lock, so Relaxed is enough.
    raised: AtomicBool,
}

impl WatchQueue {
    /// A descriptor for `poll`, `epoll` and the like: readable while [`poll`](WatchQueue::poll) would return at once,
    /// also after [`wake`](WatchQueue::wake) and when the registry is shut down. Poll the queue until it has no more
    /// events and it is quiet again; never read from it or write to it. It is closed with the queue.
    ///
    /// A thread raises the descriptors of all queues; it starts with the first one and ends with the last one, so
    /// publishers make no system call for them.
    pub fn wakeup_fd(&self) -> Result<BorrowedFd<'_>, WatchError> {
        let queue = &self.queue;
        queue.inner.herald.attend(queue)?;
        let fd = queue.signal.fd.get().ok_or(WatchError::Descriptor(std::io::ErrorKind::NotFound))?;
        queue.raise_if_pending();
        Ok(fd.as_fd())
    }
}

impl Signal {
    pub(crate) fn is_made(&self) -> bool {
        self.fd.get().is_some()
    }

    /// Makes the descriptor, if there is none yet; says whether there was none.
    pub(crate) fn make(&self) -> Result<bool, WatchError> {
        if self.is_made() {
            return Ok(false);
        }
        let flags = EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK;
        let fd =
            EventFd::from_flags(flags).map_err(|errno| WatchError::Descriptor(std::io::Error::from(errno).kind()))?;
        Ok(self.fd.set(fd).is_ok())
    }

    /// Makes it readable, if it is not. The caller holds the queue's lock.
    pub(crate) fn raise(&self) {
        if let Some(fd) = self.fd.get()
            && !self.raised.swap(true, Ordering::Relaxed)
        {
            // It fails only if its 64 bits are full, and then it is readable.
            let _ = fd.write(1);
        }
    }

    /// Somebody has polled: it is quiet unless something is left. The caller holds the queue's lock.
    pub(crate) fn polled(&self, is_pending: impl FnOnce() -> bool) {
        let Some(fd) = self.fd.get() else { return };
        if self.raised.swap(false, Ordering::Relaxed) {
            // It fails if the host has read it against the rules; then it is quiet already.
            let _ = fd.read();
        }
        if is_pending() {
            self.raise();
        }
    }
}
