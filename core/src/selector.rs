//! Which addresses an order about many is about.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use steadfast_policy::{CONDITIONS_MAX, Condition, Selector as Conditions, Subject, TEXT_BYTES_MAX};

use crate::{
    instance::Instance,
    limits::METADATA_KEY_BYTES_MAX,
    name::{Address, NameError, NameParts, check_bounded},
};

/// Selects addresses by globs (`*` is any text, `?` any one character), all of which must match. At least one field is
/// given: whoever means everything says `namespace: *`.
///
/// ```
/// # use steadfast_core::Selector;
/// let rack = Selector { ip: Some("10.1.7.*".into()), ..Selector::default() };
/// let canary = Selector { metadata: [("version".into(), "2.*".into())].into(), ..Selector::default() };
/// # let _ = (rack, canary);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Selector {
    /// The namespace.
    pub namespace: Option<String>,
    /// The group.
    pub group: Option<String>,
    /// The service's name.
    pub service: Option<String>,
    /// The cluster.
    pub cluster: Option<String>,
    /// The ip in its canonical form, or the host name.
    pub ip: Option<String>,
    /// The port in decimal digits.
    pub port: Option<String>,
    /// Effective metadata, by key; a key that is not there does not match.
    pub metadata: BTreeMap<String, String>,
}

/// Why a selector is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SelectorError {
    /// It would select everything, silently.
    #[error("the selector is empty; give at least one of namespace, group, service, cluster, ip, port and metadata")]
    Empty,
    /// A glob or a metadata key is empty, too long or holds control characters.
    #[error("selector: {0}")]
    Text(#[from] NameError),
    /// Too many metadata pairs.
    #[error("the selector has {pairs} metadata pairs; at most {CONDITIONS_MAX} are allowed")]
    Metadata {
        /// How many there were.
        pairs: usize,
    },
}

/// A selector that was checked, as the policies' own globs.
pub(crate) struct Filter {
    /// What the name of a service must match, so that most services are passed by without a look inside.
    service: Conditions,
    instance: Conditions,
}

impl Selector {
    pub(crate) fn filter(&self) -> Result<Filter, SelectorError> {
        let Selector { namespace, group, service, cluster, ip, port, metadata } = self;
        if metadata.len() > CONDITIONS_MAX {
            return Err(SelectorError::Metadata { pairs: metadata.len() });
        }
        let of_service = [
            (Subject::Namespace, "namespace", namespace),
            (Subject::Group, "group", group),
            (Subject::Service, "service", service),
        ];
        let of_instance =
            [(Subject::Cluster, "cluster", cluster), (Subject::Ip, "ip", ip), (Subject::Port, "port", port)];
        let mut filter = Filter { service: conditions(of_service)?, instance: conditions(of_instance)? };
        for (key, pattern) in metadata {
            check_bounded("metadata key", key, METADATA_KEY_BYTES_MAX)?;
            check_bounded("metadata", pattern, TEXT_BYTES_MAX)?;
            let condition = Condition { subject: Subject::Metadata, key: key.clone(), pattern: pattern.clone() };
            filter.instance.conditions.push(condition);
        }
        let fields = filter.service.conditions.len() + filter.instance.conditions.len();
        if fields == 0 { Err(SelectorError::Empty) } else { Ok(filter) }
    }
}

fn conditions(fields: [(Subject, &'static str, &Option<String>); 3]) -> Result<Conditions, SelectorError> {
    let mut conditions = Vec::new();
    for (subject, field, pattern) in fields {
        if let Some(pattern) = pattern {
            check_bounded(field, pattern, TEXT_BYTES_MAX)?;
            conditions.push(Condition { subject, key: String::new(), pattern: pattern.clone() });
        }
    }
    Ok(Conditions { name: String::new(), conditions })
}

impl Filter {
    pub(crate) fn takes_service(&self, service: NameParts<'_>) -> bool {
        self.service.matches(|subject, _| match subject {
            Subject::Namespace => Some(service.namespace),
            Subject::Group => Some(service.group),
            _ => Some(service.name),
        })
    }

    /// Whether an address of a service that is taken is taken too.
    pub(crate) fn takes(&self, service: NameParts<'_>, address: &Address, instance: &Instance) -> bool {
        instance.matches(service, address, &self.instance)
    }
}
