//! One case: what is loaded, and what must come of it.

/// What must come of it. Errors are named as in [`kind`](crate::kind).
#[derive(Clone, Copy)]
pub(crate) enum Expect {
    /// Every file is refused with this error.
    Refused(&'static str),
    /// Every file is refused with one of these: which one depends on where it is damaged.
    OneOf(&'static [&'static str]),
    /// What is wrong is the file's fault, whatever it is. Damage that hits nothing is no fault.
    FilesFault,
    /// The dearest that may pass: it is here for its memory.
    Loads,
}

/// A name, one or more files, and what must come of them.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) expect: Expect,
    /// Made when the case runs; together they would fill a gigabyte.
    pub(crate) files: Box<dyn Fn() -> Vec<Vec<u8>>>,
    /// Whether the policy is given a parameter: only then does the host write into the guest's memory.
    pub(crate) parameter: bool,
}

/// A case of one file that is refused.
pub(crate) fn refused(name: &'static str, error: &'static str, file: impl Fn() -> Vec<u8> + 'static) -> Case {
    Case { name, expect: Expect::Refused(error), files: Box::new(move || vec![file()]), parameter: false }
}

/// A case of one file that is allowed.
pub(crate) fn loads(name: &'static str, file: impl Fn() -> Vec<u8> + 'static) -> Case {
    Case { expect: Expect::Loads, ..refused(name, "", file) }
}

/// A case of many files.
pub(crate) fn series(name: &'static str, expect: Expect, files: impl Fn() -> Vec<Vec<u8>> + 'static) -> Case {
    Case { name, expect, files: Box::new(files), parameter: false }
}

impl Case {
    pub(crate) fn with_a_parameter(self) -> Case {
        Case { parameter: true, ..self }
    }
}

impl Expect {
    /// What is wrong with this outcome (`None`: the file was loaded), if anything.
    pub(crate) fn objection(&self, outcome: Option<&str>) -> Option<String> {
        match (self, outcome) {
            (Expect::Loads | Expect::FilesFault, None) => None,
            (_, None) => Some("it was accepted".into()),
            (Expect::Loads, Some(error)) => Some(format!("it was refused ({error})")),
            (Expect::FilesFault, Some("internal" | "timed out" | "cancelled")) => {
                Some("this is no fault of the file's".into())
            }
            (Expect::Refused(wanted), Some(error)) if error != *wanted => Some(format!("{wanted} was expected")),
            (Expect::OneOf(wanted), Some(error)) if !wanted.contains(&error) => {
                Some(format!("one of {} was expected", wanted.join(", ")))
            }
            _ => None,
        }
    }
}
