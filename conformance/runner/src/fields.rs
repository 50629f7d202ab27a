//! Reading a JSON object field by field: what is missing, wrong or unknown is named with its whole path.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::problem::Problem;

/// The fields of one object that nobody has asked for yet.
pub(crate) struct Fields {
    path: String,
    left: Map<String, Value>,
}

impl Fields {
    /// The fields of a value; `path` is where it stands, empty for a whole line.
    pub(crate) fn of(value: Value, path: &str) -> Result<Fields, Problem> {
        match value {
            Value::Object(left) => Ok(Fields { path: path.to_owned(), left }),
            other => Err(Problem::kind(path, "an object", &other)),
        }
    }

    /// Where a field stands.
    pub(crate) fn path(&self, field: &str) -> String {
        if self.path.is_empty() { field.to_owned() } else { format!("{}.{field}", self.path) }
    }

    pub(crate) fn value(&mut self, field: &str) -> Option<Value> {
        self.left.remove(field)
    }

    pub(crate) fn text(&mut self, field: &str) -> Result<Option<String>, Problem> {
        self.typed(field, "a text", |value| value.as_str().map(str::to_owned))
    }

    pub(crate) fn flag(&mut self, field: &str) -> Result<Option<bool>, Problem> {
        self.typed(field, "true or false", Value::as_bool)
    }

    pub(crate) fn whole(&mut self, field: &str) -> Result<Option<u64>, Problem> {
        self.typed(field, "a whole number, 0 or more", Value::as_u64)
    }

    pub(crate) fn number(&mut self, field: &str) -> Result<Option<f64>, Problem> {
        self.typed(field, "a number", Value::as_f64)
    }

    pub(crate) fn texts(&mut self, field: &str) -> Result<Option<Vec<String>>, Problem> {
        let read = |value: &Value| value.as_array()?.iter().map(|text| text.as_str().map(str::to_owned)).collect();
        self.typed(field, "a list of texts", read)
    }

    pub(crate) fn list(&mut self, field: &str) -> Result<Option<Vec<Value>>, Problem> {
        self.typed(field, "a list", |value| value.as_array().cloned())
    }

    pub(crate) fn pairs(&mut self, field: &str) -> Result<Option<BTreeMap<String, String>>, Problem> {
        self.typed(field, "an object of texts", pairs_of)
    }

    pub(crate) fn object(&mut self, field: &str) -> Result<Option<Fields>, Problem> {
        let path = self.path(field);
        self.value(field).map(|value| Fields::of(value, &path)).transpose()
    }

    /// One of a few names.
    pub(crate) fn one_of<T: Copy>(
        &mut self,
        field: &str,
        all: &[T],
        name: impl Fn(T) -> &'static str,
    ) -> Result<Option<T>, Problem> {
        let Some(given) = self.text(field)? else { return Ok(None) };
        let found = all.iter().copied().find(|value| name(*value) == given);
        let known = || all.iter().map(|value| name(*value)).collect::<Vec<_>>().join(", ");
        found.map(Some).ok_or_else(|| Problem::field(self.path(field), format!("{given:?} is none of: {}", known())))
    }

    /// A field that must be there.
    pub(crate) fn required<T>(&self, field: &str, value: Option<T>) -> Result<T, Problem> {
        value.ok_or_else(|| Problem::field(self.path(field), "is missing".to_owned()))
    }

    /// Whether nobody has asked for some field: a key that is misspelt would otherwise mean its default.
    pub(crate) fn finish(self) -> Result<(), Problem> {
        match self.left.keys().next() {
            Some(field) => Err(Problem::field(self.path(field), "no such field here".to_owned())),
            None => Ok(()),
        }
    }

    fn typed<T>(
        &mut self,
        field: &str,
        wanted: &'static str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<Option<T>, Problem> {
        let Some(value) = self.value(field) else { return Ok(None) };
        read(&value).map(Some).ok_or_else(|| Problem::kind(&self.path(field), wanted, &value))
    }
}

fn pairs_of(value: &Value) -> Option<BTreeMap<String, String>> {
    value.as_object()?.iter().map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}
