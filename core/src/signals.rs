//! Asynchronous signals belong to the host: threads of ours are born with all of them blocked.
#![allow(unsafe_code)]

/// While this lives, threads that the current thread starts inherit a mask that blocks every signal.
pub(crate) struct Blocked {
    #[cfg(unix)]
    previous: libc::sigset_t,
}

#[cfg(unix)]
impl Blocked {
    pub(crate) fn new() -> Blocked {
        let mut previous = std::mem::MaybeUninit::<libc::sigset_t>::zeroed();
        let mut all = std::mem::MaybeUninit::<libc::sigset_t>::zeroed();
        // SAFETY: both sets are valid for writing; sigfillset initialises `all`, pthread_sigmask reads it and writes
        // `previous`. All zeroes is a valid sigset_t, should a call fail.
        unsafe {
            libc::sigfillset(all.as_mut_ptr());
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
