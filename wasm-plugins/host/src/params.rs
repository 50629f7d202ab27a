//! The `.toml` file beside a policy: one table of values for its `configure`.

use std::collections::BTreeMap;

use toml::{Table, Value};

/// Parameters by name. The order of a file is not kept, so it cannot matter.
pub type Params = BTreeMap<String, String>;

/// Longest `.toml` file, in bytes.
pub(crate) const PARAMS_BYTES_MAX: usize = 64 << 10;
/// Most parameters of one policy.
const PARAMS_MAX: usize = 64;
/// The only section that such a file may have.
const SECTION: &str = "params";

/// Why a `.toml` file is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParamsError {
    /// It is no UTF-8 text.
    #[error("is not UTF-8 text")]
    Encoding,
    /// It is too large.
    #[error("has {bytes} bytes; at most {max} are read")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The bound.
        max: usize,
    },
    /// It is no TOML.
    #[error("is not valid TOML: {0}")]
    Syntax(String),
    /// It has a section or key that nothing reads.
    #[error("has {0:?} at the top; only a [params] table is read")]
    UnknownKey(String),
    /// `params` is no table.
    #[error("has a `params` that is no table; write [params] and the parameters below it")]
    NotATable,
    /// A parameter is neither text nor integer nor boolean.
    #[error("parameter {name:?} is a {kind}; use a string, an integer or a boolean")]
    Kind {
        /// The parameter.
        name: String,
        /// What it is.
        kind: &'static str,
    },
    /// Too many parameters.
    #[error("has {0} parameters; at most {PARAMS_MAX} are read")]
    TooMany(usize),
}

/// Reads the text of a `.toml` file. Integers and booleans become text, because `configure` takes text.
pub fn read_params(bytes: &[u8]) -> Result<Params, ParamsError> {
    if bytes.len() > PARAMS_BYTES_MAX {
        return Err(ParamsError::TooLarge { bytes: bytes.len(), max: PARAMS_BYTES_MAX });
    }
    let text = std::str::from_utf8(bytes).map_err(|_| ParamsError::Encoding)?;
    let mut file: Table = text.parse().map_err(|error: toml::de::Error| ParamsError::Syntax(syntax(&error)))?;
    let section = file.remove(SECTION);
    if let Some((key, _)) = file.iter().next() {
        return Err(ParamsError::UnknownKey(key.clone()));
    }
    match section {
        None => Ok(Params::new()),
        Some(Value::Table(table)) if table.len() > PARAMS_MAX => Err(ParamsError::TooMany(table.len())),
        Some(Value::Table(table)) => table.into_iter().map(|(name, value)| parameter(name, value)).collect(),
        Some(_) => Err(ParamsError::NotATable),
    }
}

/// One line: the events that carry it are lines of a log.
fn syntax(error: &toml::de::Error) -> String {
    error.message().lines().collect::<Vec<_>>().join(" ")
}

fn parameter(name: String, value: Value) -> Result<(String, String), ParamsError> {
    match value {
        Value::String(text) => Ok((name, text)),
        Value::Integer(number) => Ok((name, number.to_string())),
        Value::Boolean(yes) => Ok((name, yes.to_string())),
        other => Err(ParamsError::Kind { name, kind: other.type_str() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_become_text() {
        let params = read_params(b"[params]\nzone = \"eu\"\nseconds = 60\nstrict = true\n").expect("valid");
        let pairs: Vec<_> = params.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(pairs, [("seconds", "60"), ("strict", "true"), ("zone", "eu")]);
    }

    #[test]
    fn a_file_without_parameters_is_no_error() {
        assert_eq!(read_params(b""), Ok(Params::new()));
        assert_eq!(read_params(b"# nothing yet\n[params]\n"), Ok(Params::new()));
    }

    #[test]
    fn what_nobody_reads_is_an_error() {
        assert_eq!(read_params(b"[param]\na = 1\n"), Err(ParamsError::UnknownKey("param".into())));
        assert_eq!(read_params(b"a = 1\n"), Err(ParamsError::UnknownKey("a".into())));
        assert_eq!(read_params(b"params = 1\n"), Err(ParamsError::NotATable));
        let float = ParamsError::Kind { name: "a".into(), kind: "float" };
        assert_eq!(read_params(b"[params]\na = 1.5\n"), Err(float));
        assert!(matches!(read_params(b"[params\n"), Err(ParamsError::Syntax(_))));
        assert_eq!(read_params(b"\xff"), Err(ParamsError::Encoding));
    }

    #[test]
    fn size_and_number_are_bounded() {
        let large = vec![b'#'; PARAMS_BYTES_MAX + 1];
        assert!(matches!(read_params(&large), Err(ParamsError::TooLarge { .. })));
        let many = (0..=PARAMS_MAX).fold(String::from("[params]\n"), |text, number| text + &format!("p{number} = 1\n"));
        assert_eq!(read_params(many.as_bytes()), Err(ParamsError::TooMany(PARAMS_MAX + 1)));
    }
}
