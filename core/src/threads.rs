//! Threads of a library inside somebody else's process: named, with a stack of known size, blind to the host's signals.

use std::{
    io,
    thread::{Builder, JoinHandle, Scope, ScopedJoinHandle},
};

/// Runs `spawn` with all asynchronous signals blocked; a thread that starts in it inherits that.
///
/// The host's handlers (a JVM's, a Go runtime's) must never run on a thread that the host does not know. Signals that
/// a thread raises by its own fault stay as they are.
#[cfg(unix)]
fn without_signals<T>(spawn: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    use nix::sys::signal::{SigSet, SigmaskHow, Signal};
    let mut blocked = SigSet::all();
    for raised_by_a_fault in [
        Signal::SIGSEGV,
        Signal::SIGBUS,
        Signal::SIGFPE,
        Signal::SIGILL,
        Signal::SIGTRAP,
        Signal::SIGABRT,
        Signal::SIGSYS,
    ] {
        blocked.remove(raised_by_a_fault);
    }
    let before = blocked.thread_swap_mask(SigmaskHow::SIG_SETMASK)?;
    let spawned = spawn();
    before.thread_set_mask()?;
    spawned
}

/// There are no asynchronous signals elsewhere.
#[cfg(not(unix))]
fn without_signals<T>(spawn: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    spawn()
}

/// A named thread with its own stack that sees no asynchronous signal.
pub fn spawn_scoped<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    name: &str,
    stack_bytes: usize,
    work: impl FnOnce() -> T + Send + 'scope,
) -> io::Result<ScopedJoinHandle<'scope, T>> {
    without_signals(|| Builder::new().name(name.into()).stack_size(stack_bytes).spawn_scoped(scope, work))
}

/// The same for a thread that outlives its caller's frame.
pub fn spawn(name: &str, stack_bytes: usize, work: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    without_signals(|| Builder::new().name(name.into()).stack_size(stack_bytes).spawn(work))
}
