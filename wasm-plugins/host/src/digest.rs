//! The name of a policy's exact content.

use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::Params;

/// SHA-256 over a component and its parameters. Without parameters it is what `sha256sum` prints for the file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

/// The digest of a pair.
///
/// ```
/// let digest = steadfast_wasm::digest(b"", &steadfast_wasm::Params::new());
/// assert!(digest.to_string().starts_with("e3b0c44298fc1c14"));
/// ```
pub fn digest(bytes: &[u8], params: &Params) -> Digest {
    let of_bytes = Sha256::digest(bytes);
    if params.is_empty() {
        return Digest(of_bytes.into());
    }
    let mut hash = Sha256::new_with_prefix(of_bytes);
    for text in params.iter().flat_map(|(name, value)| [name, value]) {
        // Lengths keep ("ab", "c") and ("a", "bc") apart.
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    }
    Digest(hash.finalize().into())
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(pairs: &[(&str, &str)]) -> Params {
        pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
    }

    #[test]
    fn parameters_are_part_of_it() {
        let plain = digest(b"x", &Params::new());
        assert_eq!(plain.to_string(), "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881");
        let digests = [plain, digest(b"x", &params(&[("ab", "c")])), digest(b"x", &params(&[("a", "bc")]))];
        assert_ne!(digests[0], digests[1]);
        assert_ne!(digests[1], digests[2]);
    }

    #[test]
    fn the_order_of_parameters_is_not() {
        let one = params(&[("a", "1"), ("b", "2")]);
        let other = params(&[("b", "2"), ("a", "1")]);
        assert_eq!(digest(b"x", &one), digest(b"x", &other));
    }
}
