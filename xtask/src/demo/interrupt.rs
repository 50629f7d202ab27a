//! Ctrl-C and its kin: whoever waits gives up, and everything that was started ends on the way out.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Result, bail};

static ASKED: AtomicBool = AtomicBool::new(false);
static WATCHED: OnceLock<()> = OnceLock::new();

/// From now on a request to end is something that [`check`] sees, instead of the end of this process, which would leave
/// its children behind.
pub(crate) fn watch() -> Result<()> {
    if WATCHED.set(()).is_ok() {
        // The flag carries no other data, so no ordering is needed.
        ctrlc::set_handler(|| ASKED.store(true, Ordering::Relaxed))?;
    }
    Ok(())
}

/// Fails once somebody has asked this process to end.
pub(crate) fn check() -> Result<()> {
    if asked() {
        bail!("interrupted");
    }
    Ok(())
}

pub(crate) fn asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}
