//! The file `routes.toml`: which policy of the folder decides for which part of the registry.

use std::collections::BTreeMap;

use steadfast_core::{NameError, Scope, limits::ROUTES_MAX};
use toml::{Table, Value};

use super::event::FileError;

/// The name of the file.
pub const ROUTES_FILE: &str = "routes.toml";
/// Longest such file, in bytes: 4096 routes of four short names each, and comments.
pub(crate) const ROUTES_BYTES_MAX: usize = 512 << 10;
/// The only thing at the top of the file.
const ROUTE: &str = "route";

/// One `[[route]]`, whose policy nobody has looked for yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) scope: Scope,
    pub(crate) policy: String,
}

/// Why `routes.toml` is refused, as a whole: routes that hold half would be worse than those that held before. Routes
/// are counted from 1.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RoutesError {
    /// It is no UTF-8 text.
    #[error("it is not UTF-8 text")]
    Encoding,
    /// It is too large.
    #[error("it has {bytes} bytes; at most {ROUTES_BYTES_MAX} are read")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// It is no TOML.
    #[error("it is not valid TOML: line {line}: {problem}")]
    Syntax {
        /// Where, counted from 1.
        line: usize,
        /// What is wrong there.
        problem: String,
    },
    /// It has a section or key that nothing reads.
    #[error("it has {0:?} at the top; only [[route]] tables are read")]
    UnknownKey(String),
    /// `route` is one table, or none at all.
    #[error("it has a `route` that is no list; write [[route]], with two brackets, above each of them")]
    NotAList,
    /// More than the registry takes.
    #[error("it has {0} routes; at most {ROUTES_MAX} are taken")]
    TooMany(usize),
    /// A route has a key that nothing reads.
    #[error("route {route} has {field:?}, which nothing reads; a route has namespace, group, service and policy")]
    UnknownField {
        /// Which route.
        route: usize,
        /// The key.
        field: String,
    },
    /// A route lacks what it needs.
    #[error("route {route} has no {field}")]
    Missing {
        /// Which route.
        route: usize,
        /// What it lacks.
        field: &'static str,
    },
    /// Something in a route is no text.
    #[error("route {route}: {field} is of type {kind}; write a text in quotes")]
    Kind {
        /// Which route.
        route: usize,
        /// The key.
        field: &'static str,
        /// What it is.
        kind: &'static str,
    },
    /// A service's name alone does not say which service.
    #[error("route {route} has a service without its group; add the group, or leave the service out")]
    NoGroup {
        /// Which route.
        route: usize,
    },
    /// Nothing can have such a name.
    #[error("route {route}: {error}")]
    Name {
        /// Which route.
        route: usize,
        /// What is wrong with it.
        error: NameError,
    },
    /// Two routes for one scope.
    #[error("routes {first} and {second} are both for {scope}; keep one of them")]
    Overlap {
        /// One.
        first: usize,
        /// The other one.
        second: usize,
        /// Whose they are.
        scope: Scope,
    },
    /// A route leads to a policy that is not there.
    #[error("route {route}: there is no {policy}.wasm in the folder, and no built-in policy {policy:?}")]
    NoPolicy {
        /// Which route.
        route: usize,
        /// The name that it asks for.
        policy: String,
    },
    /// A route leads to a bad file.
    #[error("route {route}: {policy}.wasm is refused: {error}")]
    Policy {
        /// Which route.
        route: usize,
        /// The policy's name.
        policy: String,
        /// What is wrong with its files.
        error: Box<FileError>,
    },
}

/// Reads the text of the file.
pub(crate) fn read_routes(bytes: &[u8]) -> Result<Vec<Line>, RoutesError> {
    let text = std::str::from_utf8(bytes).map_err(|_| RoutesError::Encoding)?;
    let mut file: Table = text.parse().map_err(|error: toml::de::Error| syntax(text, &error))?;
    let list = file.remove(ROUTE);
    if let Some((key, _)) = file.iter().next() {
        return Err(RoutesError::UnknownKey(key.clone()));
    }
    let routes = match list {
        None => Vec::new(),
        Some(Value::Array(routes)) => routes,
        Some(_) => return Err(RoutesError::NotAList),
    };
    if routes.len() > ROUTES_MAX {
        return Err(RoutesError::TooMany(routes.len()));
    }
    let lines: Vec<Line> = routes.into_iter().zip(1..).map(line).collect::<Result<_, _>>()?;
    check_overlap(&lines)?;
    Ok(lines)
}

/// One line: the events that carry it are lines of a log.
fn syntax(text: &str, error: &toml::de::Error) -> RoutesError {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    RoutesError::Syntax { line, problem: error.message().lines().collect::<Vec<_>>().join(" ") }
}

fn line((value, route): (Value, usize)) -> Result<Line, RoutesError> {
    let Value::Table(mut table) = value else { return Err(RoutesError::NotAList) };
    let mut text = |field: &'static str| match table.remove(field) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(RoutesError::Kind { route, field, kind: other.type_str() }),
    };
    let [namespace, group, service, policy] = [text("namespace")?, text("group")?, text("service")?, text("policy")?];
    if let Some((field, _)) = table.iter().next() {
        return Err(RoutesError::UnknownField { route, field: field.clone() });
    }
    let namespace = namespace.ok_or(RoutesError::Missing { route, field: "namespace" })?;
    let policy = policy.ok_or(RoutesError::Missing { route, field: "policy" })?;
    let scope = match (group, service) {
        (None, None) => Scope::Namespace { namespace },
        (Some(group), None) => Scope::Group { namespace, group },
        (Some(group), Some(name)) => Scope::Service { namespace, group, name },
        (None, Some(_)) => return Err(RoutesError::NoGroup { route }),
    };
    scope.validate().map_err(|error| RoutesError::Name { route, error })?;
    Ok(Line { scope, policy })
}

fn check_overlap(lines: &[Line]) -> Result<(), RoutesError> {
    let mut seen = BTreeMap::new();
    for (Line { scope, .. }, second) in lines.iter().zip(1..) {
        if let Some(first) = seen.insert(scope, second) {
            return Err(RoutesError::Overlap { first, second, scope: scope.clone() });
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "routes_damage.rs"]
mod damage;

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        read_routes(text.as_bytes()).expect_err("it is bad").to_string()
    }

    #[test]
    fn a_route_is_as_wide_as_it_says() {
        let text = r#"
            [[route]]
            namespace = "public"
            policy = "a"
            [[route]]
            namespace = "public"
            group = "g"
            policy = "b"
            [[route]]
            namespace = "public"
            group = "g"
            service = "s"
            policy = "c"
        "#;
        let lines = read_routes(text.as_bytes()).expect("it is good");
        let read: Vec<_> = lines.iter().map(|line| (line.scope.to_string(), line.policy.as_str())).collect();
        let expected = [("namespace public", "a"), ("group public@@g", "b"), ("service public@@g@@s", "c")];
        assert_eq!(read, expected.map(|(scope, policy)| (scope.to_owned(), policy)));
    }

    #[test]
    fn a_file_without_routes_is_no_error() {
        assert_eq!(read_routes(b"").expect("it is good"), []);
        assert_eq!(read_routes(b"# none yet\nroute = []\n").expect("it is good"), []);
    }

    #[test]
    fn each_mistake_is_named_with_its_route_and_field() {
        let good = "[[route]]\nnamespace = \"a\"\npolicy = \"p\"\n";
        let after_good = |text: &str| refusal(&format!("{good}[[route]]\n{text}"));
        assert_eq!(after_good("policy = \"p\""), "route 2 has no namespace");
        assert_eq!(after_good("namespace = \"b\""), "route 2 has no policy");
        assert!(
            after_good("namespace = \"b\"\npolcy = \"p\"").starts_with("route 2 has \"polcy\", which nothing reads")
        );
        let number = after_good("namespace = \"b\"\ngroup = 7\npolicy = \"p\"");
        assert_eq!(number, "route 2: group is of type integer; write a text in quotes");
        let lonely = after_good("namespace = \"b\"\nservice = \"s\"\npolicy = \"p\"");
        assert!(lonely.starts_with("route 2 has a service without its group"), "{lonely}");
        assert_eq!(after_good("namespace = \"\"\npolicy = \"p\""), "route 2: namespace is empty");
        let twice = after_good("namespace = \"a\"\npolicy = \"q\"");
        assert_eq!(twice, "routes 1 and 2 are both for namespace a; keep one of them");
    }

    #[test]
    fn what_is_no_list_of_routes_is_an_error() {
        assert!(refusal("[route]\nnamespace = \"a\"").contains("[[route]], with two brackets"));
        assert!(refusal("route = [1]").contains("[[route]]"));
        assert!(refusal("[[routes]]\nnamespace = \"a\"").starts_with("it has \"routes\" at the top"));
        assert!(refusal("\n\n[[route]\n").starts_with("it is not valid TOML: line 3: "));
        assert!(matches!(read_routes(b"\xff"), Err(RoutesError::Encoding)));
    }

    #[test]
    fn their_number_is_bounded() {
        let many = |count: usize| {
            (0..count)
                .fold(String::new(), |text, n| text + &format!("[[route]]\nnamespace = \"{n}\"\npolicy = \"p\"\n"))
        };
        assert_eq!(read_routes(many(ROUTES_MAX).as_bytes()).expect("they fit").len(), ROUTES_MAX);
        assert!(matches!(read_routes(many(ROUTES_MAX + 1).as_bytes()), Err(RoutesError::TooMany(_))));
    }
}
