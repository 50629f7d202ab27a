//! An asymmetric fence: free for the many beats, a system call for the one sweeper.
//!
//! A beat stores its time and then reads the gate; expiry shuts the gate and then reads the time. Each must see the
//! other's store or be seen, which needs a full fence between store and load on *both* sides. `membarrier` lets the
//! rare side pay for both: it makes every running thread of the process execute a full fence. Beats then need the
//! compiler alone to keep the order. Where the kernel has no `membarrier`, and under a checker, both sides fence.

#[cfg(all(target_os = "linux", not(any(loom, shuttle))))]
pub(crate) use linux::{heavy, light, register};

#[cfg(any(not(target_os = "linux"), loom, shuttle))]
pub(crate) use portable::{heavy, light, register};

#[cfg(any(not(target_os = "linux"), loom, shuttle))]
mod portable {
    use crate::sync::{Ordering, fence};

    /// Nothing to prepare.
    pub(crate) fn register() {}

    /// The beat's side.
    #[inline]
    pub(crate) fn light() {
        fence(Ordering::SeqCst);
    }

    /// The sweeper's side.
    pub(crate) fn heavy() {
        fence(Ordering::SeqCst);
    }
}

#[cfg(all(target_os = "linux", not(any(loom, shuttle))))]
mod linux {
    use crate::sync::{AtomicBool, Ordering, compiler_fence, fence};

    const REGISTER_PRIVATE_EXPEDITED: libc::c_int = 1 << 4;
    const PRIVATE_EXPEDITED: libc::c_int = 1 << 3;

    /// Whether `membarrier` works here. Written before the registry exists and never afterwards unset, so Relaxed is
    /// enough: whoever holds a registry has synchronised with its creation.
    static EXPEDITED: AtomicBool = AtomicBool::new(false);

    /// Asks the kernel for expedited barriers; called once before the first beat can run.
    pub(crate) fn register() {
        if membarrier(REGISTER_PRIVATE_EXPEDITED) {
            EXPEDITED.store(true, Ordering::Relaxed);
        }
    }

    /// The beat's side.
    #[inline]
    pub(crate) fn light() {
        if EXPEDITED.load(Ordering::Relaxed) {
            compiler_fence(Ordering::SeqCst);
        } else {
            fence(Ordering::SeqCst);
        }
    }

    /// The sweeper's side.
    pub(crate) fn heavy() {
        if !(EXPEDITED.load(Ordering::Relaxed) && membarrier(PRIVATE_EXPEDITED)) {
            fence(Ordering::SeqCst);
        }
    }

    #[allow(unsafe_code)]
    fn membarrier(command: libc::c_int) -> bool {
        // SAFETY: membarrier(2) takes a command, flags and a cpu id by value and touches no memory of ours.
        unsafe { libc::syscall(libc::SYS_membarrier, command, 0, 0) == 0 }
    }
}
