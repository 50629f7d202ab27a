//! What two manifests declare differently and no answer shows: the registry acts on it before a policy is asked.

use steadfast_policy::{Manifest, Threshold};

/// One sentence for each difference.
pub(crate) fn differences(old: &Manifest, new: &Manifest) -> Vec<String> {
    let mut found = Vec::new();
    for (kind, old, new) in [("silence", &old.silence, &new.silence), ("absence", &old.absence, &new.absence)] {
        for (number, (old, new)) in (1..).zip(old.iter().zip(new)) {
            if old.override_key != new.override_key {
                found.push(format!("{kind} threshold {number} is overridden by {} (was: {})", key(new), key(old)));
            }
        }
    }
    found
}

fn key(threshold: &Threshold) -> String {
    threshold.override_key.as_ref().map_or_else(|| "nothing".to_owned(), |key| format!("metadata {key:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_manifests_declare_the_same() {
        let manifest = Manifest::new("a", "1", "");
        assert_eq!(differences(&manifest, &manifest), Vec::<String>::new());
    }

    #[test]
    fn override_keys_are_told() {
        let old = Manifest::new("a", "1", "");
        let mut new = old.clone();
        new.silence[1].override_key = None;
        let told = "silence threshold 2 is overridden by nothing (was: metadata \"preserved.ip.delete.timeout\")";
        assert_eq!(differences(&old, &new), [told]);
    }
}
