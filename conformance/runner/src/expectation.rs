//! What must be seen after an event, under which policy.

use steadfast_policy::Traffic;

use crate::{
    fields::Fields,
    problem::Problem,
    vector::{Action, Answer, Expected, Picture},
};

/// The `expect` of an event. Every policy of the vector must find what it must see, and only one such entry.
pub(crate) fn expectations(
    fields: &mut Fields,
    action: &Action,
    policies: Option<&[String]>,
) -> Result<Vec<Expected>, Problem> {
    let path = fields.path("expect");
    let Some(listed) = fields.list("expect")? else { return Ok(Vec::new()) };
    let mut all: Vec<Expected> = Vec::new();
    for (number, value) in listed.into_iter().enumerate() {
        let mut entry = Fields::of(value, &format!("{path}[{number}]"))?;
        let expected = expected(&mut entry, action)?;
        check_names(&entry, &expected, &all, policies)?;
        entry.finish()?;
        all.push(expected);
    }
    let has_rest = all.iter().any(|expected| expected.of.is_empty());
    let is_named = |policy: &&String| all.iter().any(|expected| expected.of.contains(policy));
    match policies {
        Some(policies) if has_rest && policies.iter().all(|policy| is_named(&policy)) => {
            Err(Problem::field(path, "the entry without \"of\" is for nobody: every policy is named".to_owned()))
        }
        _ if has_rest => Ok(all),
        Some(policies) => match policies.iter().find(|policy| !is_named(policy)) {
            Some(missing) => Err(Problem::field(path, format!("says nothing for {missing}"))),
            None => Ok(all),
        },
        None => Err(Problem::field(path, "needs an entry without \"of\", which holds for any policy".to_owned())),
    }
}

fn check_names(
    entry: &Fields,
    expected: &Expected,
    earlier: &[Expected],
    policies: Option<&[String]>,
) -> Result<(), Problem> {
    let wrong = |problem: String| Err(Problem::field(entry.path("of"), problem));
    if expected.of.is_empty() && earlier.iter().any(|other| other.of.is_empty()) {
        return wrong("two entries are for all other policies".to_owned());
    }
    for policy in &expected.of {
        if policies.is_some_and(|policies| !policies.contains(policy)) {
            return wrong(format!("{policy} is not among the vector's policies"));
        }
        if earlier.iter().any(|other| other.of.contains(policy)) {
            return wrong(format!("{policy} is named twice"));
        }
    }
    Ok(())
}

fn expected(entry: &mut Fields, action: &Action) -> Result<Expected, Problem> {
    let of = entry.texts("of")?;
    if of.as_ref().is_some_and(Vec::is_empty) {
        return Err(Problem::field(entry.path("of"), "names nobody; leave it out for all other policies".to_owned()));
    }
    let orders = entry.whole("orders")?;
    let expected = Expected {
        of: of.unwrap_or_default(),
        answer: answer(entry, action)?,
        picture: picture(entry)?,
        notifications: entry.whole("notifications")?,
        orders: orders.map(|orders| usize::try_from(orders).unwrap_or(usize::MAX)),
    };
    Ok(expected)
}

fn answer(entry: &mut Fields, action: &Action) -> Result<Option<Answer>, Problem> {
    let possible = action.answers();
    if possible.is_empty() {
        return match entry.value("answer") {
            Some(_) => Err(Problem::field(entry.path("answer"), format!("{} answers nothing", action.name()))),
            None => Ok(None),
        };
    }
    entry.one_of("answer", possible, Answer::name)
}

fn picture(entry: &mut Fields) -> Result<Picture, Problem> {
    let present = entry.flag("present")?;
    let present = entry.required("present", present)?;
    let picture = Picture {
        present,
        healthy: entry.flag("healthy")?,
        traffic: entry.one_of("traffic", Traffic::ALL, Traffic::name)?,
        reason: entry.text("reason")?,
        weight: entry.number("weight")?,
        metadata: entry.pairs("metadata")?,
    };
    let Picture { healthy, traffic, weight, metadata, .. } = &picture;
    if present {
        entry.required("healthy", *healthy)?;
        entry.required("traffic", *traffic)?;
    } else if healthy.is_some() || traffic.is_some() || weight.is_some() || metadata.is_some() {
        let problem = "is false, and then there is no health, traffic, weight or metadata".to_owned();
        return Err(Problem::field(entry.path("present"), problem));
    }
    Ok(picture)
}
