//! Why a `.table` file is refused.

use steadfast_policy::{Facts, ManifestError, Rail, TableError, TabulateError, Verdict, law::LawError};

use super::{TABLE_FILE_VERSION, entry::Misfit};

/// Why bytes are no `.table` file that a registry takes, or why a policy cannot become one.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableFileError {
    /// It starts differently.
    #[error("this is no .table file: it starts with {starts:?}. `steadfast table save` makes one from a .wasm file")]
    NotATable {
        /// The first bytes, as text.
        starts: String,
    },
    /// Another version of the format.
    #[error(
        "the .table file has version {version} of the format, and this registry reads version {TABLE_FILE_VERSION}. \
         Save it again with the `steadfast` command of this registry's release"
    )]
    Version {
        /// The version in the file.
        version: u16,
    },
    /// It ends too early.
    #[error("the .table file is cut off: it has {bytes} bytes of {expected}. Copy it again")]
    Cut {
        /// Bytes that are there.
        bytes: usize,
        /// Bytes that its header promises.
        expected: usize,
    },
    /// Something follows its end.
    #[error("the .table file has {bytes} bytes, and by its header only {expected}. Copy it again")]
    Tail {
        /// Bytes that are there.
        bytes: usize,
        /// Bytes that its header promises.
        expected: usize,
    },
    /// A part is longer than any part may be.
    #[error("the {part} of the .table file has {bytes} bytes; at most {max} are allowed")]
    TooLarge {
        /// Which part.
        part: &'static str,
        /// Its length.
        bytes: usize,
        /// The longest allowed.
        max: usize,
    },
    /// The bytes are not those that were written.
    #[error("the .table file is damaged: its checksum is {written:08x}, its bytes give {computed:08x}. Copy it again")]
    Checksum {
        /// In the file.
        written: u32,
        /// Of the bytes before it.
        computed: u32,
    },
    /// The digest is no line of text.
    #[error("the digest in the .table file must be one line of UTF-8 text, and not empty")]
    Digest,
    /// The manifest cannot be read.
    #[error("the manifest in the .table file cannot be read: {0}")]
    Manifest(String),
    /// The manifest is out of bounds.
    #[error(transparent)]
    Bounds(#[from] ManifestError),
    /// There are more or fewer answers than questions.
    #[error("the .table file has {entries} entries, and a policy with its manifest has {expected} answers")]
    Entries {
        /// How many there are.
        entries: usize,
        /// How many questions there are.
        expected: usize,
    },
    /// An entry answers another question than the one whose turn it is.
    #[error("the .table file has an entry for the facts {found:#08x} where [{expected}] are to be answered")]
    Facts {
        /// The facts of the entry, packed.
        found: u32,
        /// The facts whose turn it is.
        expected: Facts,
    },
    /// An answer that means nothing.
    #[error("the .table file answers [{facts}] by {bits:#06x}, which is no verdict")]
    Verdict {
        /// What is answered.
        facts: Facts,
        /// The verdict of the entry, packed.
        bits: u16,
    },
    /// An answer that no policy may give.
    #[error("guard rail: {rail}. Asked about [{facts}], the .table file answers [{verdict}]")]
    Rail {
        /// The rule.
        rail: Rail,
        /// What is answered.
        facts: Facts,
        /// The answer.
        verdict: Verdict,
    },
    /// A law that it claims does not hold.
    #[error(transparent)]
    Law(#[from] LawError),
}

impl From<TabulateError<Misfit>> for TableFileError {
    fn from(error: TabulateError<Misfit>) -> TableFileError {
        match error {
            TabulateError::Table(TableError::Manifest(error)) => TableFileError::Bounds(error),
            TabulateError::Table(TableError::Rail { rail, facts, verdict }) => {
                TableFileError::Rail { rail, facts, verdict }
            }
            // `TableError` may grow; whatever it is then, it is about the content.
            TabulateError::Table(other) => TableFileError::Manifest(other.to_string()),
            TabulateError::Decide { facts, error: Misfit::Facts(found) } => {
                TableFileError::Facts { found, expected: facts }
            }
            TabulateError::Decide { facts, error: Misfit::Verdict(bits) } => TableFileError::Verdict { facts, bits },
        }
    }
}
