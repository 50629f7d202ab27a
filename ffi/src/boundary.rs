//! The one door between C and Rust: every exported function goes through here.
//!
//! It refuses a NULL or misaligned registry, one that was shut down and one that was inherited through a fork; it
//! turns a panic into a code, because a panic that left an `extern "C"` function would end the host; and it writes the
//! details of an error where the caller asked for them.

#![allow(unsafe_code, reason = "the pointers come from C")]

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
};

use crate::{
    args::Caller,
    codes,
    failure::{Answer, Failure},
    registry::Shell,
    text,
    types::{ErrorReport, Steadfast},
};

/// Runs `work` on an open registry.
///
/// # Safety
///
/// `registry` is NULL or comes from `steadfast_open` and was not freed; `error` and every pointer that `work` hands to
/// its `Caller` keep the rules of the header for as long as the call lasts.
pub(crate) unsafe fn enter(
    registry: *const Steadfast,
    error: *mut ErrorReport,
    work: impl FnOnce(&Shell, &Caller) -> Answer,
) -> i32 {
    // SAFETY: the promise of this function's caller covers all that `guard` asks for.
    unsafe {
        guard(error, |caller| {
            let shell = caller.registry(registry)?;
            let closed = || Failure::plain(codes::STEADFAST_E_CLOSED);
            if shell.is_shut_down() {
                return Err(closed());
            }
            // A call that meets the shutdown half-way may fail for want of what was just closed.
            work(shell, caller).map_err(|failure| if shell.is_shut_down() { closed() } else { failure })
        })
    }
}

/// Runs `work`, which needs no registry, or one that may be shut down already.
///
/// # Safety
///
/// As for [`enter`].
pub(crate) unsafe fn guard(error: *mut ErrorReport, work: impl FnOnce(&Caller) -> Answer) -> i32 {
    // SAFETY: forwarded from this function's caller.
    let caller = unsafe { Caller::promised() };
    let report = match caller.out_struct_optional(error, "error") {
        Ok(report) => report,
        Err(failure) => return failure.code,
    };
    // Nothing of ours is observed half-changed after a panic: the core poisons the service that it happened in, and
    // outputs are written last.
    let answer = catch_unwind(AssertUnwindSafe(|| work(&caller))).unwrap_or_else(|panic| Err(panicked(&*panic)));
    match answer {
        Ok(code) => code,
        Err(failure) => {
            report.write_with(|| describe(&failure));
            failure.code
        }
    }
}

fn panicked(panic: &(dyn Any + Send)) -> Failure {
    let said = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no text");
    Failure::new(codes::STEADFAST_E_PANIC, format!("a bug inside the library: {said}"))
}

fn describe(failure: &Failure) -> ErrorReport {
    let mut report = ErrorReport { struct_size: 0, code: failure.code, message: [0; 504] };
    text::fill(&mut report.message, &failure.message);
    report
}

#[cfg(test)]
mod tests {
    use std::{ffi::CStr, ptr};

    use super::*;

    fn call(work: impl FnOnce(&Caller) -> Answer) -> (i32, String) {
        let mut report = ErrorReport { struct_size: 512, code: 0, message: [1; 504] };
        // SAFETY: the report is ours for the whole call.
        let code = unsafe { guard(&raw mut report, work) };
        if code >= 0 {
            assert_eq!(report.code, 0, "an error report is written only on errors");
            return (code, String::new());
        }
        assert_eq!((report.code, report.struct_size), (code, 512));
        // SAFETY: the message was just written and ends in NUL.
        let message = unsafe { CStr::from_ptr(report.message.as_ptr()) };
        (code, message.to_str().unwrap().to_owned())
    }

    #[test]
    fn a_panic_becomes_a_code_with_its_text() {
        let (code, message) = call(|_| panic!("the sky fell on {}", "Monday"));
        assert_eq!(code, codes::STEADFAST_E_PANIC);
        assert!(message.contains("the sky fell on Monday"), "{message}");
    }

    #[test]
    fn answers_pass_and_errors_are_described() {
        assert_eq!(call(|_| Ok(codes::STEADFAST_PARTIAL)), (codes::STEADFAST_PARTIAL, String::new()));
        let (code, message) = call(|_| Err(Failure::new(codes::STEADFAST_E_NAME, "ü".repeat(600))));
        assert_eq!((code, message.chars().count()), (codes::STEADFAST_E_NAME, 251));
    }

    #[test]
    fn nobody_has_to_want_the_details() {
        // SAFETY: NULL is allowed.
        let code = unsafe { guard(ptr::null_mut(), |_| Err(Failure::plain(codes::STEADFAST_E_FULL))) };
        assert_eq!(code, codes::STEADFAST_E_FULL);
    }
}
