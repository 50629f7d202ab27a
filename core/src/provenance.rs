//! Who decided what, in few bytes: every instance keeps it twice.

use steadfast_policy::Event;

/// Who causes a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writer<'a> {
    Client,
    Clock,
    Probe,
    Restart,
    Install,
    Lapse,
    /// An operator, or what an operator said would happen.
    Named(&'a str),
}

/// A writer as it is kept; the text of a named one stands apart, because few instances have any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum WriterKind {
    /// Nothing was decided yet.
    #[default]
    Nobody,
    Client,
    Clock,
    Probe,
    Restart,
    Install,
    Lapse,
    Named,
}

impl<'a> Writer<'a> {
    pub(crate) fn kind(self) -> WriterKind {
        match self {
            Writer::Client => WriterKind::Client,
            Writer::Clock => WriterKind::Clock,
            Writer::Probe => WriterKind::Probe,
            Writer::Restart => WriterKind::Restart,
            Writer::Install => WriterKind::Install,
            Writer::Lapse => WriterKind::Lapse,
            Writer::Named(_) => WriterKind::Named,
        }
    }

    /// The text of a writer that has one of its own.
    pub(crate) fn name(self) -> Option<&'a str> {
        match self {
            Writer::Named(name) => Some(name),
            _ => None,
        }
    }

    /// How people and journals call it.
    pub(crate) fn text(self) -> &'a str {
        self.kind().text(self.name())
    }
}

impl WriterKind {
    /// How people call it; `name` is the text of a named one.
    pub(crate) fn text(self, name: Option<&str>) -> &str {
        match self {
            WriterKind::Nobody => "",
            WriterKind::Client => "client",
            WriterKind::Clock => "clock",
            WriterKind::Probe => "probe",
            WriterKind::Restart => "restart",
            WriterKind::Install => "install",
            WriterKind::Lapse => "lapse",
            WriterKind::Named => name.unwrap_or_default(),
        }
    }
}

/// A number below 2⁴⁸ in six bytes, without padding around it. A wall time in milliseconds fits until the year 10889,
/// and a policy installed each millisecond until then too; what is larger is kept as the largest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Six([u8; 6]);

const SIX_MAX: u64 = (1 << 48) - 1;

impl From<u64> for Six {
    fn from(number: u64) -> Six {
        let mut six = Six::default();
        six.0.copy_from_slice(&number.min(SIX_MAX).to_le_bytes()[..6]);
        six
    }
}

impl From<Six> for u64 {
    fn from(six: Six) -> u64 {
        let mut bytes = [0; 8];
        bytes[..6].copy_from_slice(&six.0);
        u64::from_le_bytes(bytes)
    }
}

/// Which event led to what stands, and who caused it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Provenance {
    pub(crate) wall_ms: Six,
    pub(crate) epoch: Six,
    /// `None`: nothing was decided yet.
    pub(crate) event: Option<Event>,
    pub(crate) writer: WriterKind,
    pub(crate) reason: u8,
}

/// When the client's word last changed, and who caused that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Claimed {
    pub(crate) wall_ms: Six,
    pub(crate) writer: WriterKind,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_six_bytes_survive_and_larger_ones_are_the_largest() {
        for number in [0, 1, 1_700_000_000_000, SIX_MAX] {
            assert_eq!(u64::from(Six::from(number)), number);
        }
        assert_eq!(u64::from(Six::from(u64::MAX)), SIX_MAX);
    }

    #[test]
    fn a_writer_is_called_the_same_when_it_was_kept() {
        let writers = [
            Writer::Client,
            Writer::Clock,
            Writer::Probe,
            Writer::Restart,
            Writer::Install,
            Writer::Lapse,
            Writer::Named("ops/ann"),
        ];
        for (at, writer) in writers.into_iter().enumerate() {
            assert_eq!(writer.kind().text(writer.name()), writer.text());
            assert!(!writers[..at].iter().any(|earlier| earlier.text() == writer.text()), "{writer:?}");
        }
    }
}
