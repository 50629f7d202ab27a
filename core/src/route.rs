//! Where a policy decides: scopes, and a list of them that contradicts itself nowhere.

use std::{collections::BTreeMap, fmt};

use serde::Serialize;

use crate::{
    limits::{NAME_BYTES_MAX, ROUTES_MAX},
    name::{NameError, ServiceName, check_bounded},
    options::Policy,
};

/// A part of the registry that a policy can decide for. Names are exact; the narrowest scope that holds a service wins.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(untagged)]
pub enum Scope {
    /// Every service of a namespace.
    Namespace {
        /// The namespace.
        namespace: String,
    },
    /// Every service of a group.
    Group {
        /// The namespace.
        namespace: String,
        /// The group in it.
        group: String,
    },
    /// One service, whether it is there yet or not.
    Service {
        /// The namespace.
        namespace: String,
        /// The group in it.
        group: String,
        /// The name in that.
        #[serde(rename = "service")]
        name: String,
    },
}

impl Scope {
    /// A whole namespace.
    pub fn namespace(namespace: impl Into<String>) -> Scope {
        Scope::Namespace { namespace: namespace.into() }
    }

    /// A whole group.
    pub fn group(namespace: impl Into<String>, group: impl Into<String>) -> Scope {
        Scope::Group { namespace: namespace.into(), group: group.into() }
    }

    /// One service.
    pub fn service(service: &ServiceName) -> Scope {
        let ServiceName { namespace, group, name } = service.clone();
        Scope::Service { namespace, group, name }
    }

    /// Its names, from the widest to the narrowest.
    pub(crate) fn path(&self) -> Vec<&str> {
        match self {
            Scope::Namespace { namespace } => vec![namespace],
            Scope::Group { namespace, group } => vec![namespace, group],
            Scope::Service { namespace, group, name } => vec![namespace, group, name],
        }
    }

    /// Checks that its parts can be names.
    pub fn validate(&self) -> Result<(), NameError> {
        let parts = ["namespace", "group", "service name"].into_iter().zip(self.path());
        parts.into_iter().try_for_each(|(part, text)| check_bounded(part, text, NAME_BYTES_MAX))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self {
            Scope::Namespace { .. } => "namespace",
            Scope::Group { .. } => "group",
            Scope::Service { .. } => "service",
        };
        write!(f, "{kind} {}", self.path().join("@@"))
    }
}

/// Policies for parts of the registry, checked. What no scope holds is decided by the default policy, the one of
/// [`Registry::install`](crate::Registry::install).
///
/// ```
/// use steadfast_core::{Policy, Routes, Scope};
///
/// let payments = Policy::builtin("restart-clears").expect("it is compiled in")?;
/// let routes = Routes::new([(Scope::group("public", "payments"), payments)])?;
/// assert_eq!(routes.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Routes(BTreeMap<Scope, Policy>);

impl Routes {
    /// A list of routes. Refused as a whole when a scope comes twice, a name cannot be one, or there are more than
    /// [`ROUTES_MAX`].
    pub fn new(routes: impl IntoIterator<Item = (Scope, Policy)>) -> Result<Routes, RouteError> {
        let mut checked = BTreeMap::new();
        for (scope, policy) in routes {
            if let Err(error) = scope.validate() {
                return Err(RouteError::Name { scope, error });
            }
            if checked.contains_key(&scope) {
                return Err(RouteError::Overlap { scope });
            }
            if checked.len() == ROUTES_MAX {
                return Err(RouteError::TooMany);
            }
            checked.insert(scope, policy);
        }
        Ok(Routes(checked))
    }

    /// No routes: the default policy decides everywhere.
    pub fn none() -> Routes {
        Routes::default()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each of them, in the order of their scopes.
    pub fn iter(&self) -> impl Iterator<Item = (&Scope, &Policy)> {
        self.0.iter()
    }
}

/// Why a list of routes is refused. Whatever decided before goes on deciding.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RouteError {
    /// Two routes for one scope: nobody could say which one holds.
    #[error("{scope} has two routes; keep one of them")]
    Overlap {
        /// The scope.
        scope: Scope,
    },
    /// A part of a scope cannot be a name.
    #[error("route for {scope}: {error}; no service can have such a name")]
    Name {
        /// The scope.
        scope: Scope,
        /// What is wrong with the part.
        error: NameError,
    },
    /// More than [`ROUTES_MAX`].
    #[error("more than {ROUTES_MAX} routes; use groups and namespaces where services need the same policy")]
    TooMany,
}
