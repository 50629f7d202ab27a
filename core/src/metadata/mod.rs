//! Metadata of one instance: sorted pairs, their values in one immutable allocation, their keys shared with others.

mod blob;
mod keys;

use std::{collections::BTreeMap, fmt};

use serde::{Serialize, Serializer};

use self::{
    blob::Blob,
    keys::{Keys, Names},
};
use crate::limits::{METADATA_BYTES_MAX, METADATA_KEY_BYTES_MAX, METADATA_PAIRS_MAX};

/// Immutable metadata, cheap to clone.
///
/// The blob has for each key, in the order of the set, the value's length and the value.
#[derive(Clone)]
pub struct Metadata(Option<Blob>);

const _: () = assert!(size_of::<Metadata>() == size_of::<usize>(), "design 6: the memory of an instance is budgeted");

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
        let mut values = Vec::with_capacity(bytes + pairs.len() * 2);
        for (key, value) in pairs {
            if key.is_empty() || key.len() > METADATA_KEY_BYTES_MAX {
                return Err(MetadataError::Key { bytes: key.len() });
            }
            if key.contains('\0') || value.contains('\0') {
                return Err(MetadataError::Nul { key: (*key).into() });
            }
            put_len(&mut values, value.len());
            values.extend_from_slice(value.as_bytes());
        }
        if pairs.is_empty() {
            return Ok(Metadata::empty());
        }
        let blob = Blob::new(Keys::shared(pairs.keys().copied()), &values).ok_or(MetadataError::TooLarge { bytes })?;
        Ok(Metadata(Some(blob)))
    }

    /// The pairs in order of their keys.
    pub fn iter(&self) -> Pairs<'_> {
        Pairs(self.encoded())
    }

    /// The value of a key.
    pub fn value(&self, key: &str) -> Option<&str> {
        let (_, value) = self.encoded().find(|(name, _)| *name == key)?;
        str::from_utf8(value).ok()
    }

    /// Appends the pairs as other languages read them: for each in order of its key, the key's length (`u16`), the
    /// value's length (`u16`), the key, the value; little endian.
    pub fn write_packed(&self, into: &mut Vec<u8>) {
        for (key, value) in self.encoded() {
            // Both lengths are below METADATA_BYTES_MAX, which fits.
            into.extend_from_slice(&(key.len() as u16).to_le_bytes());
            into.extend_from_slice(&(value.len() as u16).to_le_bytes());
            into.extend_from_slice(key.as_bytes());
            into.extend_from_slice(value);
        }
    }

    fn encoded(&self) -> Encoded<'_> {
        Encoded(self.0.as_ref().map(|blob| (blob.keys().iter(), blob.values())))
    }

    pub(crate) fn to_map(&self) -> BTreeMap<&str, &str> {
        self.iter().collect()
    }
}

/// Equal key sets are one set (module `keys`).
impl PartialEq for Metadata {
    fn eq(&self, other: &Metadata) -> bool {
        match (&self.0, &other.0) {
            (Some(one), Some(other)) => {
                one.is(other) || std::sync::Arc::ptr_eq(one.keys(), other.keys()) && one.values() == other.values()
            }
            (one, other) => one.is_none() && other.is_none(),
        }
    }
}

impl Eq for Metadata {}

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

/// Iterator over the pairs of metadata.
#[derive(Clone, Debug)]
pub struct Pairs<'a>(Encoded<'a>);

impl<'a> Iterator for Pairs<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let (key, value) = self.0.next()?;
        Some((key, str::from_utf8(value).ok()?))
    }
}

/// The keys of a set, and the values that still stand in the blob.
#[derive(Clone, Debug)]
struct Encoded<'a>(Option<(Names<'a>, &'a [u8])>);

impl<'a> Iterator for Encoded<'a> {
    type Item = (&'a str, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (keys, values) = self.0.as_mut()?;
        let key = keys.next()?;
        let value;
        (value, *values) = take_value(values)?;
        Some((key, value))
    }
}

/// Lengths take one byte below this, and two from here on, the low bits first.
const LONG: usize = 1 << 7;

const _: () =
    assert!(METADATA_BYTES_MAX <= LONG * LONG, "with a key before it, no value needs more than two times 7 bits");

fn put_len(into: &mut Vec<u8>, len: usize) {
    if len < LONG {
        into.push(len as u8);
    } else {
        into.extend_from_slice(&[(len % LONG + LONG) as u8, (len / LONG) as u8]);
    }
}

/// The value that stands first, and the rest.
fn take_value(values: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&low, rest) = values.split_first()?;
    let low = usize::from(low);
    if low < LONG {
        return rest.split_at_checked(low);
    }
    let (&high, rest) = rest.split_first()?;
    rest.split_at_checked(low % LONG + usize::from(high) * LONG)
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

#[cfg(all(test, not(loom)))]
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
    fn values_of_every_length_come_back() {
        for len in [0, 1, 127, 128, 129, 255, 256, 16_000, METADATA_BYTES_MAX - 2] {
            let value = "v".repeat(len);
            let metadata = Metadata::new([("a", value.as_str()), ("b", "")]).unwrap();
            assert_eq!(metadata.iter().collect::<Vec<_>>(), [("a", value.as_str()), ("b", "")]);
        }
    }

    #[test]
    fn equality_is_that_of_the_pairs() {
        let zone = |zone| Metadata::new([("zone", zone)]).unwrap();
        assert_eq!(zone("b"), zone("b"));
        assert_ne!(zone("b"), zone("c"));
        assert_ne!(zone(""), Metadata::empty());
        assert_ne!(zone("b"), Metadata::new([("Zone", "b")]).unwrap());
        assert_eq!(Metadata::new([]).unwrap(), Metadata::empty());
    }

    #[test]
    fn other_languages_read_lengths_before_texts() {
        let mut packed = vec![7];
        Metadata::new([("zone", "b"), ("app", "")]).unwrap().write_packed(&mut packed);
        assert_eq!(packed, b"\x07\x03\0\0\0app\x04\0\x01\0zoneb");
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
