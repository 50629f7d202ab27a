//! Reading `[params]`: what most policies need is none, or one.

use alloc::{format, string::String};

use crate::{DURATION_MS_MAX, THRESHOLD_MS_MIN};

/// Refuses every parameter: for policies that have none.
pub fn no_params(params: &[(String, String)]) -> Result<(), String> {
    match params.first() {
        None => Ok(()),
        Some((name, _)) => Err(format!("unknown parameter {name:?}: this policy has none")),
    }
}

/// The value of the only parameter that a policy has; `None` when it is not given.
pub fn only_param<'a>(params: &'a [(String, String)], name: &str) -> Result<Option<&'a str>, String> {
    match params {
        [] => Ok(None),
        [(given, value)] if given == name => Ok(Some(value)),
        _ => Err(match params.iter().find(|(given, _)| given != name) {
            Some((other, _)) => format!("unknown parameter {other:?}: this policy has only {name:?}"),
            None => format!("parameter {name:?} is given more than once"),
        }),
    }
}

/// The same for a duration in milliseconds, as long as a threshold may be.
pub fn only_duration_ms(params: &[(String, String)], name: &str, default_ms: u64) -> Result<u64, String> {
    let Some(value) = only_param(params, name)? else { return Ok(default_ms) };
    let bounds = THRESHOLD_MS_MIN..=DURATION_MS_MAX;
    value.parse().ok().filter(|duration_ms| bounds.contains(duration_ms)).ok_or_else(|| {
        format!("parameter {name:?} is {value:?}; it takes milliseconds, from {THRESHOLD_MS_MIN} to {DURATION_MS_MAX}")
    })
}
