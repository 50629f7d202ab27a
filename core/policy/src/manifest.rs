//! What a policy declares about itself: thresholds, classes, memo, texts, laws.

use alloc::{format, string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use crate::{
    Law,
    facts::{BANDS, CELLS_MAX, CLASSES_MAX, MEMOS_MAX},
    glob, is_plain,
};

/// Longest name, version or metadata key, in bytes.
pub const NAME_BYTES_MAX: usize = 128;
/// Longest summary, reason or glob, in bytes.
pub const TEXT_BYTES_MAX: usize = 512;
/// Most reasons; a table cell has 6 bits for them and 0 is taken.
pub const REASONS_MAX: usize = 63;
/// Most conditions of one selector.
pub const CONDITIONS_MAX: usize = 16;
/// Longest duration, in milliseconds: about 34 years.
pub const DURATION_MS_MAX: u64 = 1 << 40;
/// Shortest threshold, in milliseconds: anything finer than a second would race with the beats themselves.
pub const THRESHOLD_MS_MIN: u64 = 1000;

/// A duration that an instance can cross.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// The duration in milliseconds.
    pub after_ms: u64,
    /// A metadata key of the client whose value, in milliseconds, replaces `after_ms` for its instance.
    pub override_key: Option<String>,
}

/// What a condition looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// The namespace.
    Namespace,
    /// The group.
    Group,
    /// The service's name.
    Service,
    /// The cluster.
    Cluster,
    /// The ip or host name, as registered.
    Ip,
    /// The port in decimal digits.
    Port,
    /// One effective metadata value.
    Metadata,
}

/// One glob over one subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// What to look at.
    pub subject: Subject,
    /// The metadata key; empty for every other subject.
    pub key: String,
    /// `*` is any text, `?` any one character.
    pub pattern: String,
}

/// A class of instances: those for which every condition holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selector {
    /// The name of the class, for people.
    pub name: String,
    /// All of them must hold; a metadata key that is not there fails its condition.
    pub conditions: Vec<Condition>,
}

impl Selector {
    /// Whether an instance is of this class; `value` gives the text of a subject.
    pub fn matches<'a>(&self, mut value: impl FnMut(Subject, &str) -> Option<&'a str>) -> bool {
        self.conditions.iter().all(|condition| {
            value(condition.subject, &condition.key).is_some_and(|text| glob::matches(&condition.pattern, text))
        })
    }

    /// `class` is its number, counted from 1: its name may be what is wrong.
    fn validate(&self, class: usize) -> Result<(), ManifestError> {
        bounded(&format!("name of class {class}"), &self.name, 1, NAME_BYTES_MAX)?;
        if self.conditions.is_empty() || self.conditions.len() > CONDITIONS_MAX {
            return Err(ManifestError::Conditions { class, conditions: self.conditions.len() });
        }
        for (number, Condition { subject, key, pattern }) in (1..).zip(&self.conditions) {
            let of = |what: &str| format!("{what} of condition {number} of class {class}");
            match subject {
                Subject::Metadata => bounded(&of("key"), key, 1, NAME_BYTES_MAX)?,
                _ if !key.is_empty() => return Err(ManifestError::Key { class, condition: number }),
                _ => {}
            }
            bounded(&of("glob"), pattern, 1, TEXT_BYTES_MAX)?;
        }
        Ok(())
    }
}

/// What a policy declares about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The policy's name, also the name of its file.
    pub name: String,
    /// The policy's own version.
    pub version: String,
    /// One sentence for operators.
    pub summary: String,
    /// Silence thresholds, rising, at most 3.
    pub silence: Vec<Threshold>,
    /// The silence band from which `healthy` would be a lie: 1..=4, where 4 is never.
    pub unhealthy_from: u8,
    /// Absence thresholds, rising, at most 3.
    pub absence: Vec<Threshold>,
    /// Own holds older than this stop counting while the policy is installed, in milliseconds.
    pub lapse_ms: Option<u64>,
    /// Classes 1, 2, ... in order; the lowest that matches wins.
    pub classes: Vec<Selector>,
    /// How many memo values are in use: 1..=16.
    pub memo_size: u8,
    /// Changes whenever the meaning of a memo value changes.
    pub memo_layout: u32,
    /// Texts that operators read; verdicts count them from 1.
    pub reasons: Vec<String>,
    /// Laws that loading must prove.
    pub laws: Vec<Law>,
}

impl Manifest {
    /// A manifest with the defaults of Nacos: unhealthy after 15 s, gone after 30 s of silence; one memo value, one
    /// class, no reasons yet.
    pub fn new(name: &str, version: &str, summary: &str) -> Manifest {
        let threshold = |after_ms, key: &str| Threshold { after_ms, override_key: Some(key.into()) };
        Manifest {
            name: name.into(),
            version: version.into(),
            summary: summary.into(),
            silence: [
                threshold(15_000, "preserved.heart.beat.timeout"),
                threshold(30_000, "preserved.ip.delete.timeout"),
            ]
            .into(),
            unhealthy_from: 1,
            absence: Vec::new(),
            lapse_ms: None,
            classes: Vec::new(),
            memo_size: 1,
            memo_layout: 0,
            reasons: Vec::new(),
            laws: Vec::new(),
        }
    }

    /// How many classes there are, class 0 ("none of them") included.
    pub fn class_count(&self) -> usize {
        self.classes.len() + 1
    }

    /// The highest band: of silence for a present instance, of absence for an absent one.
    pub fn band_max(&self, present: bool) -> u8 {
        let thresholds = if present { &self.silence } else { &self.absence };
        thresholds.len().min(BANDS - 1) as u8
    }

    /// The text of a reason, or the one used when a policy had nothing to say.
    pub fn reason(&self, number: u8) -> &str {
        usize::from(number).checked_sub(1).and_then(|index| self.reasons.get(index)).map_or("no reason given", |r| r)
    }

    /// Checks every bound. A manifest comes from a file, so nothing about it can be taken for granted.
    pub fn validate(&self) -> Result<(), ManifestError> {
        self.validate_texts()?;
        self.validate_thresholds()?;
        self.validate_sizes()
    }

    fn validate_texts(&self) -> Result<(), ManifestError> {
        bounded("name", &self.name, 1, NAME_BYTES_MAX)?;
        bounded("version", &self.version, 1, NAME_BYTES_MAX)?;
        bounded("summary", &self.summary, 0, TEXT_BYTES_MAX)?;
        for (number, reason) in (1..).zip(&self.reasons) {
            bounded(&format!("reason {number}"), reason, 1, TEXT_BYTES_MAX)?;
        }
        (1..).zip(&self.classes).try_for_each(|(class, selector)| selector.validate(class))
    }

    fn validate_thresholds(&self) -> Result<(), ManifestError> {
        for (kind, thresholds) in [("silence", &self.silence), ("absence", &self.absence)] {
            if thresholds.len() >= BANDS {
                return Err(ManifestError::TooManyThresholds { kind });
            }
            let mut before_ms = 0;
            for (number, Threshold { after_ms, override_key }) in (1..).zip(thresholds) {
                in_range(kind, *after_ms)?;
                if *after_ms <= before_ms {
                    return Err(ManifestError::Order { kind, after_ms: *after_ms, before_ms });
                }
                before_ms = *after_ms;
                if let Some(key) = override_key {
                    bounded(&format!("override key of {kind} threshold {number}"), key, 1, NAME_BYTES_MAX)?;
                }
            }
        }
        self.lapse_ms.map_or(Ok(()), |after_ms| in_range("lapse", after_ms))
    }

    fn validate_sizes(&self) -> Result<(), ManifestError> {
        let (classes, memos) = (self.class_count(), usize::from(self.memo_size));
        if !(1..=BANDS as u8).contains(&self.unhealthy_from) {
            return Err(ManifestError::UnhealthyFrom(self.unhealthy_from));
        }
        if classes > CLASSES_MAX || !(1..=MEMOS_MAX).contains(&memos) || classes * memos > CELLS_MAX {
            return Err(ManifestError::Cells { classes, memos });
        }
        if self.reasons.is_empty() || self.reasons.len() > REASONS_MAX {
            return Err(ManifestError::Reasons(self.reasons.len()));
        }
        // Each claim costs a proof, so nobody may claim one a thousand times.
        let repeated = |(at, law): &(usize, &Law)| self.laws[..*at].contains(law);
        match self.laws.iter().enumerate().find(repeated) {
            Some((_, law)) => Err(ManifestError::RepeatedLaw(*law)),
            None => Ok(()),
        }
    }
}

fn in_range(kind: &'static str, after_ms: u64) -> Result<(), ManifestError> {
    let allowed = (THRESHOLD_MS_MIN..=DURATION_MS_MAX).contains(&after_ms);
    if allowed { Ok(()) } else { Err(ManifestError::Threshold { kind, after_ms }) }
}

fn bounded(field: &str, text: &str, bytes_min: usize, bytes_max: usize) -> Result<(), ManifestError> {
    if !(bytes_min..=bytes_max).contains(&text.len()) {
        return Err(ManifestError::Text { field: field.into(), bytes: text.len(), bytes_min, bytes_max });
    }
    match text.char_indices().find(|(_, c)| !is_plain(*c)) {
        None => Ok(()),
        Some((at, character)) => Err(ManifestError::Character { field: field.into(), at, character }),
    }
}

/// Why a manifest is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// A text is too short or too long.
    #[error("manifest: {field} has {bytes} bytes; {bytes_min} to {bytes_max} are allowed")]
    Text {
        /// Which text; of a list, counted from 1.
        field: String,
        /// Its length.
        bytes: usize,
        /// The shortest allowed.
        bytes_min: usize,
        /// The longest allowed.
        bytes_max: usize,
    },
    /// A text holds a character that is not [plain](is_plain). It is named by its number, because it would not show.
    #[error(
        "manifest: {field} holds the character U+{:04X} at byte {at}; control characters and invisible marks are not \
         allowed", u32::from(*character)
    )]
    Character {
        /// Which text; of a list, counted from 1.
        field: String,
        /// Where in the text, in bytes.
        at: usize,
        /// The character.
        character: char,
    },
    /// More than three thresholds.
    #[error("manifest: more than 3 {kind} thresholds")]
    TooManyThresholds {
        /// Silence or absence.
        kind: &'static str,
    },
    /// A threshold is out of range.
    #[error("manifest: {kind} threshold of {after_ms} ms; 1000 ms to 2^40 ms are allowed")]
    Threshold {
        /// Silence, absence or lapse.
        kind: &'static str,
        /// The offending duration.
        after_ms: u64,
    },
    /// A threshold is not above the one before it.
    #[error(
        "manifest: {kind} threshold of {after_ms} ms comes after one of {before_ms} ms; put them in rising order, each \
         once"
    )]
    Order {
        /// Silence or absence.
        kind: &'static str,
        /// The offending duration.
        after_ms: u64,
        /// The one before it.
        before_ms: u64,
    },
    /// `unhealthy_from` is no band.
    #[error("manifest: unhealthy-from is {0}; it is a silence band, 1 to 4")]
    UnhealthyFrom(u8),
    /// A selector without conditions would match everything, silently.
    #[error("manifest: class {class} has {conditions} conditions; 1 to 16 are allowed")]
    Conditions {
        /// The class, counted from 1.
        class: usize,
        /// How many it has.
        conditions: usize,
    },
    /// A condition has a key that nothing reads.
    #[error("manifest: condition {condition} of class {class} has a key; only metadata has keys, leave it empty")]
    Key {
        /// The class, counted from 1.
        class: usize,
        /// The condition, counted from 1.
        condition: usize,
    },
    /// The table would be too large.
    #[error("manifest: {classes} classes (with class 0) times {memos} memo values; at most 8, 16 and 16 together")]
    Cells {
        /// Classes, class 0 included.
        classes: usize,
        /// Memo values.
        memos: usize,
    },
    /// No reasons, or more than fit into a cell.
    #[error("manifest: {0} reasons; 1 to 63 are allowed")]
    Reasons(usize),
    /// A law is claimed twice.
    #[error("manifest: the law {0} is claimed more than once; name each law once")]
    RepeatedLaw(Law),
}
