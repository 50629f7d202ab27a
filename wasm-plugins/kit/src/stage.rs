//! The checks that a policy passes before a registry takes it.

use std::path::Path;

use serde::Serialize;
use steadfast_core::is_table_file;

/// What a policy's file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    /// A `.wasm` file, which has to be asked.
    Component,
    /// A `.table` file, in which every answer stands already.
    Table,
}

/// The checks of the loader, in their order: a policy that is refused at one has passed all before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Stage {
    Parameters,
    Structure,
    Interface,
    Manifest,
    Answers,
    Purity,
    Laws,
}

impl Kind {
    /// By the file's name; where that says nothing, by its first bytes.
    pub(crate) fn of(path: &Path, bytes: &[u8]) -> Kind {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("wasm") => Kind::Component,
            Some("table") => Kind::Table,
            _ if is_table_file(bytes) => Kind::Table,
            _ => Kind::Component,
        }
    }

    /// What is checked of such a file.
    pub(crate) fn stages(self) -> &'static [Stage] {
        use Stage::{Answers, Interface, Laws, Manifest, Parameters, Purity, Structure};
        match self {
            Kind::Component => &[Parameters, Structure, Interface, Manifest, Answers, Purity, Laws],
            Kind::Table => &[Structure, Manifest, Answers, Laws],
        }
    }
}

impl Stage {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Stage::Parameters => "parameters",
            Stage::Structure => "structure",
            Stage::Interface => "interface",
            Stage::Manifest => "manifest",
            Stage::Answers => "answers",
            Stage::Purity => "purity",
            Stage::Laws => "laws",
        }
    }

    /// What holds of a file that has passed.
    pub(crate) fn promise(self, kind: Kind) -> &'static str {
        match (self, kind) {
            (Stage::Parameters, _) => "the .toml beside it can be read, if there is one",
            (Stage::Structure, Kind::Component) => "a whole component within all bounds, which compiles",
            (Stage::Structure, Kind::Table) => "a whole file of a known version, whose checksum fits",
            (Stage::Interface, _) => "imports nothing and exports the world `policy`",
            (Stage::Manifest, Kind::Component) => {
                "`configure` takes the parameters and gives a manifest within its bounds"
            }
            (Stage::Manifest, Kind::Table) => "a manifest within its bounds",
            (Stage::Answers, Kind::Component) => "`decide` answers to all possible facts, within the guard rails",
            (Stage::Answers, Kind::Table) => "an answer to all possible facts, within the guard rails",
            (Stage::Purity, _) => "the same answers when everything is asked in another order",
            (Stage::Laws, _) => "every claimed law is proven",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_decides_and_then_the_content() {
        let table = b"\x89SFT\r\n\x1A\n";
        assert_eq!(Kind::of(Path::new("x.wasm"), table), Kind::Component);
        assert_eq!(Kind::of(Path::new("x.table"), b"\0asm"), Kind::Table);
        assert_eq!(Kind::of(Path::new("x"), table), Kind::Table);
        assert_eq!(Kind::of(Path::new("x"), b"\0asm"), Kind::Component);
    }
}
