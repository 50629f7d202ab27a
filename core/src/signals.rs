//! Asynchronous signals belong to the host: threads of ours are born with all of them blocked. Signals that a thread
//! raises by its own fault stay open, so that a host's crash reporter sees them.
#![allow(unsafe_code)]

/// Signals about the thread itself.
#[cfg(unix)]
const SYNCHRONOUS: [libc::c_int; 6] =
    [libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE, libc::SIGILL, libc::SIGTRAP, libc::SIGSYS];

/// While this lives, threads that the current thread starts inherit a mask that blocks every asynchronous signal.
pub(crate) struct Blocked {
    #[cfg(unix)]
    previous: libc::sigset_t,
}

#[cfg(unix)]
impl Blocked {
    pub(crate) fn new() -> Blocked {
        let mut previous = std::mem::MaybeUninit::<libc::sigset_t>::zeroed();
        let mut all = std::mem::MaybeUninit::<libc::sigset_t>::zeroed();
        // SAFETY: both sets are valid for writing; sigfillset initialises `all`, sigdelset changes it, pthread_sigmask
        // reads it and writes `previous`. All zeroes is a valid sigset_t, should a call fail.
        unsafe {
            libc::sigfillset(all.as_mut_ptr());
            for signal in SYNCHRONOUS {
                libc::sigdelset(all.as_mut_ptr(), signal);
            }
            libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), previous.as_mut_ptr());
            Blocked { previous: previous.assume_init() }
        }
    }
}

#[cfg(unix)]
impl Drop for Blocked {
    fn drop(&mut self) {
        // SAFETY: `previous` is the initialised mask of this thread from before; no old mask is asked for.
        unsafe {
            libc::pthread_sigmask(libc::SIG_SETMASK, &raw const self.previous, std::ptr::null_mut());
        }
    }
}

#[cfg(not(unix))]
impl Blocked {
    pub(crate) fn new() -> Blocked {
        Blocked {}
    }
}
