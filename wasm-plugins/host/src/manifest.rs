//! From the interface's manifest to the kernel's. What this registry does not know is refused, never ignored: a
//! policy that claims a law wants it proven.

use steadfast_policy::{Condition, Law, Manifest, Selector, Subject, Threshold};

use crate::{LoadError, foreign::shown, world::wit};

pub(crate) fn from_wit(manifest: wit::Manifest) -> Result<Manifest, LoadError> {
    if let Some((name, _)) = manifest.extras.into_iter().next() {
        return Err(LoadError::UnknownExtra { name: shown(&name) });
    }
    let manifest = Manifest {
        name: manifest.name,
        version: manifest.version,
        summary: manifest.summary,
        silence: manifest.silence.into_iter().map(threshold).collect(),
        unhealthy_from: manifest.unhealthy_from,
        absence: manifest.absence.into_iter().map(threshold).collect(),
        lapse_ms: manifest.lapse_ms,
        classes: manifest.classes.into_iter().map(selector).collect(),
        memo_size: manifest.memo_size,
        memo_layout: manifest.memo_layout,
        reasons: manifest.reasons,
        laws: manifest.laws.iter().map(|name| law(name)).collect::<Result<_, _>>()?,
    };
    manifest.validate()?;
    Ok(manifest)
}

fn law(name: &str) -> Result<Law, LoadError> {
    Law::from_name(name).ok_or_else(|| LoadError::UnknownLaw { name: shown(name), known: Law::names() })
}

fn threshold(threshold: wit::Threshold) -> Threshold {
    Threshold { after_ms: threshold.after_ms, override_key: threshold.override_key }
}

fn selector(selector: wit::Selector) -> Selector {
    Selector { name: selector.name, conditions: selector.conditions.into_iter().map(condition).collect() }
}

fn condition(condition: wit::Condition) -> Condition {
    let subject = match condition.subject {
        wit::Subject::Namespace => Subject::Namespace,
        wit::Subject::Group => Subject::Group,
        wit::Subject::Service => Subject::Service,
        wit::Subject::Cluster => Subject::Cluster,
        wit::Subject::Ip => Subject::Ip,
        wit::Subject::Port => Subject::Port,
        wit::Subject::Metadata => Subject::Metadata,
    };
    Condition { subject, key: condition.key, pattern: condition.pattern }
}
