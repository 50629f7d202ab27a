//! What an event is: its place, its name, its arguments.

use std::collections::BTreeMap;

use steadfast_core::{
    Address, Author, Claim, Field, FieldName, FloorTarget, FullBeat, HoldKind, Liveness, Metadata, Publisher,
    Registration, Scope, ServiceName,
};
use steadfast_policy::Probe;

use crate::{
    fields::Fields,
    parse::time,
    problem::Problem,
    vector::{Action, BeatBy, Chosen, Place},
};

const NAMES: [&str; 15] = [
    "register",
    "beat",
    "claim",
    "deregister",
    "disconnect",
    "hold",
    "release",
    "overlay",
    "release-overlay",
    "remove",
    "probe",
    "install",
    "route",
    "restart",
    "look",
];

/// Where the event happens; what is not named is as it mostly is.
pub(crate) fn place(fields: &mut Fields) -> Result<Place, Problem> {
    let mut named = |field: &str, usual: &str| fields.text(field).map(|text| text.unwrap_or_else(|| usual.to_owned()));
    let (namespace, group) = (named("namespace", "public")?, named("group", "DEFAULT_GROUP")?);
    let (service, ip, cluster) = (named("service", "orders")?, named("ip", "10.0.0.1")?, named("cluster", "DEFAULT")?);
    let port = fields.whole("port")?.unwrap_or(8080);
    let wrong = |fields: &Fields, field: &str, why: String| Problem::field(fields.path(field), why);
    let in_range = u32::try_from(port).ok().filter(|port| (1..=65_535).contains(port));
    let port = in_range.ok_or_else(|| wrong(fields, "port", format!("{port} is not between 1 and 65535")))?;
    let service = ServiceName::new(&namespace, &group, &service);
    let service = service.map_err(|error| wrong(fields, "service", error.to_string()))?;
    let address = Address::new(&ip, port, &cluster).map_err(|error| wrong(fields, "ip", error.to_string()))?;
    Ok(Place { service, address })
}

pub(crate) fn action(fields: &mut Fields, place: &Place) -> Result<Action, Problem> {
    let name = fields.one_of("do", &NAMES, |name| name)?;
    Ok(match fields.required("do", name)? {
        "register" => Action::Register(registration(fields, &place.address)?),
        "beat" => Action::Beat(beat(fields)?),
        "claim" => Action::Claim(claim(fields)?),
        "deregister" => {
            Action::Deregister(fields.text("connection")?.map_or(Publisher::Keyless, Publisher::Connection))
        }
        "disconnect" => {
            let connection = fields.text("connection")?;
            Action::Disconnect(fields.required("connection", connection)?)
        }
        "hold" => hold(fields, place)?,
        "release" => release(fields, place)?,
        "overlay" => Action::Overlay(overlaid(fields)?, author(fields)?),
        "release-overlay" => Action::ReleaseOverlay(overlay_name(fields)?, author(fields)?),
        "remove" => Action::Remove(author(fields)?),
        "probe" => {
            let probe = fields.one_of("result", Probe::ALL, Probe::name)?;
            Action::Probe(fields.required("result", probe)?)
        }
        "install" => {
            let (name, params) = (fields.text("policy")?, fields.pairs("params")?.unwrap_or_default());
            Action::Install(Chosen { name: fields.required("policy", name)?, params })
        }
        "route" => Action::Route(routes(fields)?),
        "restart" => Action::Restart { down_ms: time(fields, "down")?.unwrap_or(0) },
        _ => Action::Look,
    })
}

fn registration(fields: &mut Fields, address: &Address) -> Result<Registration, Problem> {
    let connection = fields.text("connection")?;
    let usual = if connection.is_some() { Liveness::Connection } else { Liveness::Beats };
    let name = |liveness| if liveness == Liveness::Beats { "beats" } else { "connection" };
    let liveness = fields.one_of("liveness", &[Liveness::Beats, Liveness::Connection], name)?;
    Ok(Registration {
        ephemeral: fields.flag("ephemeral")?.unwrap_or(true),
        claim: claim(fields)?,
        publisher: connection.map_or(Publisher::Keyless, Publisher::Connection),
        liveness: liveness.unwrap_or(usual),
        process: fields.text("process")?,
        ..Registration::new(address.clone())
    })
}

fn beat(fields: &mut Fields) -> Result<BeatBy, Problem> {
    let by = fields.one_of("by", &["handle", "name"], |by| by)?;
    let full = full_beat(fields)?;
    match (by, full) {
        (Some("handle"), Some(_)) => {
            Err(Problem::field(fields.path("full"), "a beat by handle carries nothing".to_owned()))
        }
        (Some("handle"), None) => Ok(BeatBy::Handle),
        (_, full) => Ok(BeatBy::Name(full)),
    }
}

fn full_beat(fields: &mut Fields) -> Result<Option<FullBeat>, Problem> {
    let Some(mut full) = fields.object("full")? else { return Ok(None) };
    let ephemeral = full.flag("ephemeral")?.unwrap_or(true);
    let beat = FullBeat { weight: full.number("weight")?, metadata: metadata(&mut full)?, ephemeral };
    full.finish()?;
    Ok(Some(beat))
}

fn claim(fields: &mut Fields) -> Result<Claim, Problem> {
    Ok(Claim { enabled: fields.flag("enabled")?, weight: fields.number("weight")?, metadata: metadata(fields)? })
}

fn metadata(fields: &mut Fields) -> Result<Option<Metadata>, Problem> {
    let Some(pairs) = fields.pairs("metadata")? else { return Ok(None) };
    let packed = Metadata::new(pairs.iter().map(|(key, value)| (key.as_str(), value.as_str())));
    packed.map(Some).map_err(|error| Problem::field(fields.path("metadata"), error.to_string()))
}

fn hold(fields: &mut Fields, place: &Place) -> Result<Action, Problem> {
    let kind = fields.one_of("kind", &[HoldKind::Drain, HoldKind::Offline, HoldKind::Banned], HoldKind::name)?;
    let kind = fields.required("kind", kind)?;
    let (until_ms, author) = (time(fields, "until")?, author(fields)?);
    Ok(match floor(fields, place)? {
        None => Action::Hold { kind, author, until_ms },
        Some(target) => Action::HoldFloor { target, kind, author, until_ms },
    })
}

/// Somebody else than the owner forces the release.
fn release(fields: &mut Fields, place: &Place) -> Result<Action, Problem> {
    let (author, by) = (author(fields)?, fields.text("by")?);
    Ok(match (floor(fields, place)?, by) {
        (None, None) => Action::Release(author),
        (None, Some(by)) => {
            let forcing = Author::new(&by, &author.actor, &author.reason);
            let forcing = forcing.map_err(|error| Problem::field(fields.path("by"), error.to_string()))?;
            Action::ForceRelease { owner: author.owner, author: forcing }
        }
        (Some(target), None) => Action::ReleaseFloor(target, author),
        (Some(_), Some(_)) => {
            let problem = "only a hold of the instance itself is released by force here".to_owned();
            return Err(Problem::field(fields.path("by"), problem));
        }
    })
}

/// The event's own cluster, service or ip; `None` for the instance alone.
fn floor(fields: &mut Fields, place: &Place) -> Result<Option<FloorTarget>, Problem> {
    let on = fields.one_of("on", &["instance", "cluster", "service", "ip"], |on| on)?;
    let (service, address) = (place.service.clone(), &place.address);
    Ok(match on {
        Some("cluster") => Some(FloorTarget::Cluster { service, cluster: address.cluster.clone() }),
        Some("service") => Some(FloorTarget::Service { service }),
        Some("ip") => Some(FloorTarget::Ip { ip: address.ip.clone() }),
        _ => None,
    })
}

/// Each route names a namespace, or a group in it, or a service in that.
fn routes(fields: &mut Fields) -> Result<Vec<(Scope, Chosen)>, Problem> {
    let listed = fields.list("routes")?;
    let listed = fields.required("routes", listed)?;
    let path = fields.path("routes");
    let read = |(number, value)| {
        let mut route = Fields::of(value, &format!("{path}[{number}]"))?;
        let namespace = route.text("namespace")?;
        let namespace = route.required("namespace", namespace)?;
        let scope = match (route.text("group")?, route.text("service")?) {
            (None, None) => Scope::Namespace { namespace },
            (Some(group), None) => Scope::Group { namespace, group },
            (Some(group), Some(name)) => Scope::Service { namespace, group, name },
            (None, Some(_)) => return Err(Problem::field(route.path("group"), "is missing".to_owned())),
        };
        let (name, params) = (route.text("policy")?, route.pairs("params")?.unwrap_or_default());
        let chosen = Chosen { name: route.required("policy", name)?, params };
        route.finish()?;
        Ok((scope, chosen))
    };
    listed.into_iter().enumerate().map(read).collect()
}

fn author(fields: &mut Fields) -> Result<Author, Problem> {
    let owner = fields.text("owner")?.unwrap_or_else(|| "console".to_owned());
    let author = Author::new(&owner, "ann", "replacing its disk");
    author.map_err(|error| Problem::field(fields.path("owner"), error.to_string()))
}

/// `weight`, or `metadata` with one pair.
fn overlaid(fields: &mut Fields) -> Result<Field, Problem> {
    let pairs: BTreeMap<String, String> = fields.pairs("metadata")?.unwrap_or_default();
    match (fields.number("weight")?, pairs.into_iter().collect::<Vec<_>>().as_slice()) {
        (Some(weight), []) => Ok(Field::Weight(weight)),
        (None, [(key, value)]) => Ok(Field::Metadata { key: key.clone(), value: value.clone() }),
        _ => Err(one_field(fields, "weight, or metadata with one pair")),
    }
}

/// `field`: `weight`, or `key`: a metadata key.
fn overlay_name(fields: &mut Fields) -> Result<FieldName, Problem> {
    match (fields.one_of("field", &["weight"], |name| name)?, fields.text("key")?) {
        (Some(_), None) => Ok(FieldName::Weight),
        (None, Some(key)) => Ok(FieldName::Metadata(key)),
        _ => Err(one_field(fields, "\"field\": \"weight\", or \"key\": a metadata key")),
    }
}

fn one_field(fields: &Fields, which: &str) -> Problem {
    Problem::field(fields.path("do"), format!("an overlay is about one field: {which}"))
}
