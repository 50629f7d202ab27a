//! Version numbers in what tools say about themselves.

use std::fmt;

/// Major and minor: all that any requirement here needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version {
    pub(crate) major: u32,
    pub(crate) minor: u32,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// The first word of `text` that starts like a version (`1.95.0`, `go1.26.8`, `1.8.0_392`), whatever stands around it.
pub(crate) fn first_version(text: &str) -> Option<Version> {
    text.split_whitespace().find_map(|word| parse(word.trim_start_matches(|c: char| !c.is_ascii_digit())))
}

/// Debian's epoch and revision are skipped: `2:1.24~1` is 1.24.
pub(crate) fn debian_version(text: &str) -> Option<Version> {
    let upstream = text.split_once(':').map_or(text, |(_epoch, rest)| rest);
    parse(upstream)
}

fn parse(word: &str) -> Option<Version> {
    let mut numbers = word.split(|c: char| !c.is_ascii_digit());
    let major = numbers.next()?.parse().ok()?;
    // A lone number is a version only when nothing follows it: `17`, but not `3rd`.
    let minor = match numbers.next() {
        Some(minor) if word[major_len(word)..].starts_with('.') => minor.parse().ok()?,
        Some(_) => return None,
        None => 0,
    };
    Some(Version { major, minor })
}

fn major_len(word: &str) -> usize {
    word.find(|c: char| !c.is_ascii_digit()).unwrap_or(word.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_say_their_version_in_many_ways() {
        assert_eq!(first_version("rustc 1.95.0 (59807616e 2026-04-14)"), Some(Version { major: 1, minor: 95 }));
        assert_eq!(first_version("rustc 1.97.0-nightly (abc 2026-05-01)"), Some(Version { major: 1, minor: 97 }));
        assert_eq!(first_version("go version go1.26.8 linux/amd64"), Some(Version { major: 1, minor: 26 }));
        assert_eq!(first_version("go version go1.25rc1 linux/amd64"), Some(Version { major: 1, minor: 25 }));
        assert_eq!(first_version("javac 1.8.0_392"), Some(Version { major: 1, minor: 8 }));
        assert_eq!(first_version("javac 17.0.15"), Some(Version { major: 17, minor: 0 }));
        assert_eq!(first_version("javac 21"), Some(Version { major: 21, minor: 0 }));
        assert_eq!(first_version("Apache Maven 3.8.7"), Some(Version { major: 3, minor: 8 }));
        assert_eq!(first_version("gcc (Debian 12.2.0-14) 12.2.0"), Some(Version { major: 12, minor: 2 }));
    }

    #[test]
    fn words_without_a_version_are_none() {
        assert_eq!(first_version("no version here, 3rd try"), None);
        assert_eq!(first_version(""), None);
        assert_eq!(first_version("99999999999.1"), None);
    }

    #[test]
    fn debian_epochs_are_skipped() {
        assert_eq!(debian_version("2:1.19~1"), Some(Version { major: 1, minor: 19 }));
        assert_eq!(debian_version("1.96.0+dfsg1-1~deb12u2"), Some(Version { major: 1, minor: 96 }));
        assert_eq!(debian_version("(none)"), None);
    }

    #[test]
    fn versions_order_by_number_not_by_text() {
        assert!(Version { major: 1, minor: 100 } > Version { major: 1, minor: 24 });
    }
}
