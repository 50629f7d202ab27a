//! What a policy declares about itself: thresholds, classes, memo, texts, laws.

use alloc::{string::String, vec::Vec};

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
        for reason in &self.reasons {
            bounded("reason", reason, 1, TEXT_BYTES_MAX)?;
        }
        for selector in &self.classes {
            bounded("class name", &selector.name, 1, NAME_BYTES_MAX)?;
            if selector.conditions.is_empty() || selector.conditions.len() > CONDITIONS_MAX {
                return Err(ManifestError::Conditions { class: selector.name.clone() });
            }
            for condition in &selector.conditions {
                let key_bytes_min = usize::from(condition.subject == Subject::Metadata);
                let key_bytes_max = if key_bytes_min == 1 { NAME_BYTES_MAX } else { 0 };
                bounded("condition key", &condition.key, key_bytes_min, key_bytes_max)?;
                bounded("glob", &condition.pattern, 1, TEXT_BYTES_MAX)?;
            }
        }
        Ok(())
    }

    fn validate_thresholds(&self) -> Result<(), ManifestError> {
        for (kind, thresholds) in [("silence", &self.silence), ("absence", &self.absence)] {
            if thresholds.len() >= BANDS {
                return Err(ManifestError::TooManyThresholds { kind });
            }
            let mut previous_ms = 0;
            for threshold in thresholds {
                let after_ms = threshold.after_ms;
                if !(THRESHOLD_MS_MIN..=DURATION_MS_MAX).contains(&after_ms) || after_ms <= previous_ms {
                    return Err(ManifestError::Threshold { kind, after_ms });
                }
                previous_ms = after_ms;
                if let Some(key) = &threshold.override_key {
                    bounded("override key", key, 1, NAME_BYTES_MAX)?;
                }
            }
        }
        match self.lapse_ms {
            Some(after_ms) if !(THRESHOLD_MS_MIN..=DURATION_MS_MAX).contains(&after_ms) => {
                Err(ManifestError::Threshold { kind: "lapse", after_ms })
            }
            _ => Ok(()),
        }
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

fn bounded(field: &'static str, text: &str, bytes_min: usize, bytes_max: usize) -> Result<(), ManifestError> {
    let fits = (bytes_min..=bytes_max).contains(&text.len());
    if fits && text.chars().all(is_plain) {
        return Ok(());
    }
    Err(ManifestError::Text { field, bytes: text.len(), bytes_min, bytes_max })
}

/// Why a manifest is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// A text is too short, too long or holds characters that are not [plain](is_plain).
    #[error(
        "manifest: {field} has {bytes} bytes; {bytes_min} to {bytes_max} are allowed, without control characters and invisible marks"
    )]
    Text {
        /// Which text.
        field: &'static str,
        /// Its length.
        bytes: usize,
        /// The shortest allowed.
        bytes_min: usize,
        /// The longest allowed.
        bytes_max: usize,
    },
    /// More than three thresholds.
    #[error("manifest: more than 3 {kind} thresholds")]
    TooManyThresholds {
        /// Silence or absence.
        kind: &'static str,
    },
    /// A threshold is out of range or not above the one before it.
    #[error("manifest: {kind} threshold of {after_ms} ms: thresholds rise, from 1000 ms to 2^40 ms")]
    Threshold {
        /// Silence, absence or lapse.
        kind: &'static str,
        /// The offending duration.
        after_ms: u64,
    },
    /// `unhealthy_from` is no band.
    #[error("manifest: unhealthy-from is {0}; it is a silence band, 1 to 4")]
    UnhealthyFrom(u8),
    /// A selector without conditions would match everything, silently.
    #[error("manifest: class {class:?} needs 1 to 16 conditions")]
    Conditions {
        /// The class.
        class: String,
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
