//! One line of a vector file: read, checked, nothing unknown left over.

use std::collections::BTreeMap;

use steadfast_core::STEP_MS;

use crate::{
    action, expectation,
    fields::Fields,
    json,
    limits::{AT_MS_MAX, EVENTS_MAX, ID_BYTES_MAX, LINE_BYTES_MAX, POLICIES_MAX, TEXT_BYTES_MAX},
    problem::Problem,
    vector::{Action, BeatBy, Params, Timed, Vector},
};

/// Reads one vector. `line` is its number, for whoever has to find it again.
pub(crate) fn vector(text: &str, line: usize) -> Result<Vector, Problem> {
    if text.len() > LINE_BYTES_MAX {
        return Err(Problem::LineTooLong { bytes: text.len() });
    }
    let mut fields = Fields::of(json::read(text)?, "")?;
    let policies = policies(&mut fields)?;
    let events = events(&mut fields, policies.as_deref())?;
    let vector = Vector {
        id: bounded(&mut fields, "id", ID_BYTES_MAX)?,
        title: bounded(&mut fields, "title", TEXT_BYTES_MAX)?,
        source: fields.text("source")?,
        note: fields.text("note")?,
        params: params(&mut fields, policies.as_deref())?,
        retain_ms: fields.whole("retain")?,
        policies,
        events,
        line,
    };
    for (field, text) in [("source", &vector.source), ("note", &vector.note)] {
        check_length(field, text.as_deref().unwrap_or("-"), TEXT_BYTES_MAX)?;
    }
    fields.finish()?;
    Ok(vector)
}

fn bounded(fields: &mut Fields, field: &'static str, bytes_max: usize) -> Result<String, Problem> {
    let text = fields.text(field)?;
    let text = fields.required(field, text)?;
    check_length(field, &text, bytes_max)?;
    Ok(text)
}

fn check_length(field: &str, text: &str, bytes_max: usize) -> Result<(), Problem> {
    if (1..=bytes_max).contains(&text.len()) && !text.chars().any(char::is_control) {
        return Ok(());
    }
    let problem = format!("has {} bytes; 1 to {bytes_max} without control characters are allowed", text.len());
    Err(Problem::field(field, problem))
}

fn policies(fields: &mut Fields) -> Result<Option<Vec<String>>, Problem> {
    let Some(policies) = fields.texts("policies")? else { return Ok(None) };
    if !(1..=POLICIES_MAX).contains(&policies.len()) {
        let problem = format!("names {} policies; 1 to {POLICIES_MAX} are allowed", policies.len());
        return Err(Problem::field("policies", problem));
    }
    for (at, policy) in policies.iter().enumerate() {
        if policy.is_empty() || policies[..at].contains(policy) {
            return Err(Problem::field("policies", format!("{policy:?} is empty or named twice")));
        }
    }
    Ok(Some(policies))
}

fn params(fields: &mut Fields, policies: Option<&[String]>) -> Result<BTreeMap<String, Params>, Problem> {
    let Some(mut of) = fields.object("params")? else { return Ok(BTreeMap::new()) };
    let mut params = BTreeMap::new();
    for policy in policies.unwrap_or_default() {
        if let Some(given) = of.pairs(policy)? {
            params.insert(policy.clone(), given);
        }
    }
    // Whoever is left is not among the vector's policies.
    of.finish()?;
    Ok(params)
}

fn events(fields: &mut Fields, policies: Option<&[String]>) -> Result<Vec<Timed>, Problem> {
    let listed = fields.list("events")?;
    let listed = fields.required("events", listed)?;
    if !(1..=EVENTS_MAX).contains(&listed.len()) {
        return Err(Problem::Events { events: listed.len() });
    }
    let mut events: Vec<Timed> = Vec::new();
    let mut now_ms = 0;
    for (number, value) in listed.into_iter().enumerate() {
        let event = event(Fields::of(value, &format!("events[{number}]"))?, policies)?;
        if event.at_ms < now_ms {
            return Err(Problem::TimeGoesBack { event: number, at_ms: event.at_ms, before_ms: now_ms });
        }
        check_handle(number, &event, &events)?;
        now_ms = event.at_ms + if let Action::Restart { down_ms } = event.action { down_ms } else { 0 };
        events.push(event);
    }
    if events.iter().all(|event| event.expect.is_empty()) {
        return Err(Problem::NothingExpected);
    }
    Ok(events)
}

fn event(mut fields: Fields, policies: Option<&[String]>) -> Result<Timed, Problem> {
    let at_ms = time(&mut fields, "at")?;
    let at_ms = fields.required("at", at_ms)?;
    let place = action::place(&mut fields)?;
    let action = action::action(&mut fields, &place)?;
    let expect = expectation::expectations(&mut fields, &action, policies)?;
    if matches!(action, Action::Look) && expect.is_empty() {
        return Err(Problem::field(fields.path("expect"), "is missing: a look that expects nothing".to_owned()));
    }
    fields.finish()?;
    Ok(Timed { at_ms, place, action, expect })
}

/// A time or a duration on the vector's clock, in milliseconds.
pub(crate) fn time(fields: &mut Fields, field: &str) -> Result<Option<u64>, Problem> {
    let Some(ms) = fields.whole(field)? else { return Ok(None) };
    if ms > AT_MS_MAX || ms % STEP_MS != 0 {
        let problem = format!("{ms} is not a multiple of {STEP_MS} up to {AT_MS_MAX} (one day)");
        return Err(Problem::field(fields.path(field), problem));
    }
    Ok(Some(ms))
}

/// A handle comes from a registration of the same run of the registry.
fn check_handle(number: usize, event: &Timed, earlier: &[Timed]) -> Result<(), Problem> {
    if event.action != Action::Beat(BeatBy::Handle) {
        return Ok(());
    }
    let run = earlier.iter().rev().take_while(|earlier| !matches!(earlier.action, Action::Restart { .. }));
    let registers = |earlier: &Timed| matches!(earlier.action, Action::Register(_)) && earlier.place == event.place;
    if run.into_iter().any(registers) {
        return Ok(());
    }
    let problem = "there is no handle: nothing above registers this instance since the registry opened".to_owned();
    Err(Problem::field(format!("events[{number}].by"), problem))
}
