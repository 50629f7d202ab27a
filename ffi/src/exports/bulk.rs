//! One order about many addresses: looked at first, then carried out.

use std::{borrow::Cow, ffi::c_char, ops::ControlFlow, ptr};

use serde::Serialize;
use steadfast_core::{BulkOutcome, BulkReport, BulkTarget, OrderReply};

use crate::{
    args::{self, Out},
    boundary::{enter, guard},
    codes::{STEADFAST_OK, STEADFAST_PARTIAL},
    failure::{Answer, Failure},
    types::{Author, BulkEffect, BulkOrder, ErrorReport, Plan, Report, Selector, Steadfast},
};

/// What `steadfast_bulk` with the same arguments would do now, by the registry's own rules; it changes nothing.
///
/// `plan` (may be NULL) receives the numbers. `*report` (`report` may be NULL) becomes all of it, to be released with
/// `steadfast_report_release`: a JSON object of `targets` (each with its state `before` and `after`) and `services`
/// (how many of each would `stop`, `start` and be `left` serving).
///
/// More than 65536 addresses are `STEADFAST_E_TOO_MANY`: hold the service, the cluster or the ip instead.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_plan(
    registry: *const Steadfast,
    selector: *const Selector,
    order: *const BulkOrder,
    author: *const Author,
    plan: *mut Plan,
    report: *mut *const Report,
    error: *mut ErrorReport,
) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        enter(registry, error, |shell, caller| {
            let numbers = caller.out_struct_optional(plan, "plan")?;
            let report = caller.out_optional(report, "report")?;
            let bulk = caller.bulk(selector, order, author)?;
            let plan = shell.core().plan(&bulk.selector, &bulk.order)?;
            keep(report, || args::json(&plan))?;
            numbers.write_with(|| Plan::of(&plan));
            Ok(STEADFAST_OK)
        })
    }
}

/// Carries out one order at every selected address: those with a present instance, and those where orders stand. Each
/// is an order of its own, durable and visible when the call returns; up to 256 of them share one write to the disk.
///
/// `effect` (may be NULL) receives the numbers. `*report` (`report` may be NULL) becomes all of it, to be released with
/// `steadfast_report_release`: a JSON object of `outcomes` (each with a `code`, and a `reply` or an `error`) and
/// `untried`.
///
/// `STEADFAST_PARTIAL`: it was not carried out everywhere, and effect and report say where it was. With an error nothing
/// was done.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_bulk(
    registry: *const Steadfast,
    selector: *const Selector,
    order: *const BulkOrder,
    author: *const Author,
    effect: *mut BulkEffect,
    report: *mut *const Report,
    error: *mut ErrorReport,
) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        enter(registry, error, |shell, caller| {
            let effect = caller.out_struct_optional(effect, "effect")?;
            let report = caller.out_optional(report, "report")?;
            let bulk = caller.bulk(selector, order, author)?;
            let mut refusal = None;
            let done = shell.core().bulk(&bulk.selector, &bulk.order, &mut |progress| {
                refusal = bulk.over_limit(progress.targets);
                if refusal.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })?;
            match refusal {
                Some(refusal) => Err(refusal),
                None => tell(done, effect, report),
            }
        })
    }
}

fn tell(done: BulkReport, effect: args::OutStruct<'_, BulkEffect>, report: Out<'_, *const Report>) -> Answer {
    let numbers = BulkEffect::of(&done);
    keep(report, || args::json(&Told::from(done)))?;
    effect.write_with(|| numbers);
    Ok(if numbers.done == numbers.targets { STEADFAST_OK } else { STEADFAST_PARTIAL })
}

/// A bulk report as JSON has it.
#[derive(Serialize)]
struct Told {
    outcomes: Vec<Outcome>,
    untried: Vec<BulkTarget>,
}

#[derive(Serialize)]
struct Outcome {
    #[serde(flatten)]
    target: BulkTarget,
    code: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply: Option<OrderReply>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Cow<'static, str>>,
}

impl From<BulkReport> for Told {
    fn from(report: BulkReport) -> Told {
        Told { outcomes: report.outcomes.into_iter().map(Outcome::from).collect(), untried: report.untried }
    }
}

impl From<BulkOutcome> for Outcome {
    fn from(BulkOutcome { target, result }: BulkOutcome) -> Outcome {
        match result.map_err(Failure::from) {
            Ok(reply) => Outcome { target, code: STEADFAST_OK, reply: Some(reply), error: None },
            Err(Failure { code, message }) => Outcome { target, code, reply: None, error: Some(message) },
        }
    }
}

/// Makes the report only when somebody wants it.
pub(super) fn keep(
    report: Out<'_, *const Report>,
    bytes: impl FnOnce() -> Result<Vec<u8>, Failure>,
) -> Result<(), Failure> {
    if report.is_wanted() {
        report.write(Box::into_raw(Box::new(Report(bytes()?.into()))));
    }
    Ok(())
}

/// The text of a report: JSON in UTF-8 without a NUL, readable until the report is released.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_report_read(
    report: *const Report,
    data: *mut *const c_char,
    len: *mut usize,
) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        guard(ptr::null_mut(), |caller| {
            let (data, len) = (caller.out(data, "data")?, caller.out(len, "len")?);
            let report = caller.report(report)?;
            data.write(report.0.as_ptr().cast());
            len.write(report.0.len());
            Ok(STEADFAST_OK)
        })
    }
}

/// Releases a report. (transfer full) NULL is ignored. Any thread may release it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_report_release(report: *const Report) {
    if report.is_null() {
        return;
    }
    // SAFETY: it was made by `Box::into_raw` in `keep`, and this is its one release (promised).
    drop(unsafe { Box::from_raw(report.cast_mut()) });
}
