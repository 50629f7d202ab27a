//! Metadata of one instance: sorted pairs in one immutable allocation.

use std::{collections::BTreeMap, fmt, sync::Arc};

use serde::{Serialize, Serializer};

use crate::limits::{METADATA_BYTES_MAX, METADATA_KEY_BYTES_MAX, METADATA_PAIRS_MAX};

/// Immutable metadata, cheap to clone.
///
/// Layout: for each pair in order of its key, the key's length (`u16`), the value's length (`u16`), the key, the
/// value; little endian.
#[derive(Clone, PartialEq, Eq)]
pub struct Metadata(Option<Arc<[u8]>>);

impl Metadata {
    /// No pairs; takes no memory of its own.
    pub const fn empty() -> Metadata {
        Metadata(None)
    }

    /// Packs pairs; of a key that comes twice the last value counts.
    pub fn new<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Metadata, MetadataError> {
        Metadata::pack(&pairs.into_iter().collect())
    }

    pub(crate) fn pack(pairs: &BTreeMap<&str, &str>) -> Result<Metadata, MetadataError> {
        if pairs.len() > METADATA_PAIRS_MAX {
            return Err(MetadataError::TooManyPairs { pairs: pairs.len() });
        }
        let bytes: usize = pairs.iter().map(|(key, value)| key.len() + value.len()).sum();
        if bytes > METADATA_BYTES_MAX {
            return Err(MetadataError::TooLarge { bytes });
        }
        let mut blob = Vec::with_capacity(bytes + pairs.len() * 4);
        for (key, value) in pairs {
            if key.is_empty() || key.len() > METADATA_KEY_BYTES_MAX {
                return Err(MetadataError::Key { bytes: key.len() });
            }
            if key.contains('\0') || value.contains('\0') {
                return Err(MetadataError::Nul { key: (*key).into() });
            }
            // Both lengths are below METADATA_BYTES_MAX, which fits.
            blob.extend_from_slice(&(key.len() as u16).to_le_bytes());
            blob.extend_from_slice(&(value.len() as u16).to_le_bytes());
            blob.extend_from_slice(key.as_bytes());
            blob.extend_from_slice(value.as_bytes());
        }
        Ok(Metadata((!blob.is_empty()).then(|| blob.into())))
    }

    /// The pairs in order of their keys.
    pub fn iter(&self) -> Pairs<'_> {
        Pairs(self.as_bytes())
    }

    /// The value of a key.
    pub fn value(&self, key: &str) -> Option<&str> {
        self.iter().find(|(name, _)| *name == key).map(|(_, value)| value)
    }

    /// The packed pairs.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_deref().unwrap_or_default()
    }

    pub(crate) fn to_map(&self) -> BTreeMap<&str, &str> {
        self.iter().collect()
    }
}

impl<'a> IntoIterator for &'a Metadata {
    type Item = (&'a str, &'a str);
    type IntoIter = Pairs<'a>;

    fn into_iter(self) -> Pairs<'a> {
        self.iter()
    }
}

impl fmt::Debug for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl Serialize for Metadata {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

/// Iterator over packed pairs.
#[derive(Clone, Debug)]
pub struct Pairs<'a>(&'a [u8]);

impl<'a> Iterator for Pairs<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let (head, rest) = self.0.split_at_checked(4)?;
        let key_bytes = usize::from(u16::from_le_bytes([head[0], head[1]]));
        let value_bytes = usize::from(u16::from_le_bytes([head[2], head[3]]));
        let (key, rest) = rest.split_at_checked(key_bytes)?;
        let (value, rest) = rest.split_at_checked(value_bytes)?;
        self.0 = rest;
        Some((std::str::from_utf8(key).ok()?, std::str::from_utf8(value).ok()?))
    }
}

/// Why metadata is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MetadataError {
    /// Too many pairs.
    #[error("metadata has {pairs} pairs; at most {METADATA_PAIRS_MAX} are allowed")]
    TooManyPairs {
        /// How many there were.
        pairs: usize,
    },
    /// Too many bytes in all.
    #[error("metadata has {bytes} bytes; at most {METADATA_BYTES_MAX} are allowed")]
    TooLarge {
        /// How many there were.
        bytes: usize,
    },
    /// A key is empty or too long.
    #[error("a metadata key has {bytes} bytes; 1 to {METADATA_KEY_BYTES_MAX} are allowed")]
    Key {
        /// Its length.
        bytes: usize,
    },
    /// A key or its value holds a NUL.
    #[error("metadata {key:?} holds a NUL")]
    Nul {
        /// The key.
        key: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_survive_packing_in_order() {
        let metadata = Metadata::new([("zone", "b"), ("app", "größe"), ("zone", "c")]).unwrap();
        assert_eq!(metadata.iter().collect::<Vec<_>>(), [("app", "größe"), ("zone", "c")]);
        assert_eq!(metadata.value("zone"), Some("c"));
        assert_eq!(metadata.value("nope"), None);
    }

    #[test]
    fn bounds_hold() {
        let long = "x".repeat(METADATA_BYTES_MAX);
        assert!(matches!(Metadata::new([("k", long.as_str())]), Err(MetadataError::TooLarge { .. })));
        assert!(matches!(Metadata::new([("", "v")]), Err(MetadataError::Key { bytes: 0 })));
        assert!(matches!(Metadata::new([("k", "a\0b")]), Err(MetadataError::Nul { .. })));
        let keys: Vec<String> = (0..=METADATA_PAIRS_MAX).map(|n| n.to_string()).collect();
        let pairs = keys.iter().map(|key| (key.as_str(), ""));
        assert!(matches!(Metadata::new(pairs), Err(MetadataError::TooManyPairs { .. })));
    }
}
