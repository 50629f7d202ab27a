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
