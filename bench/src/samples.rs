//! Figures by name, and how they come from the process that measured them to the one that prints the table.

use std::collections::BTreeMap;

use crate::spread::Spread;

const MARK: &str = "sample";

/// Everything that was measured so far.
#[derive(Debug, Default)]
pub(crate) struct Samples(BTreeMap<String, Spread>);

impl Samples {
    pub(crate) fn find(&self, key: &str) -> Option<Spread> {
        self.0.get(key).copied()
    }

    /// Takes a line of a part's output; `false`: it is no sample.
    pub(crate) fn take(&mut self, line: &str) -> bool {
        let mut words = line.split('\t');
        let (Some(MARK), Some(key)) = (words.next(), words.next()) else { return false };
        let mut number = || words.next()?.parse().ok();
        let (Some(median), Some(min), Some(max)) = (number(), number(), number()) else { return false };
        self.0.insert(key.into(), Spread { median, min, max });
        true
    }
}

/// Says one figure; `key` is what rows find it by.
pub(crate) fn tell(key: &str, spread: Spread) {
    let Spread { median, min, max } = spread;
    println!("{MARK}\t{key}\t{median}\t{min}\t{max}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_samples_are_taken() {
        let mut samples = Samples::default();
        assert!(samples.take("sample\tbeat\t2\t1\t3.5"));
        assert!(!samples.take("thread main panicked") && !samples.take("sample\tbeat\t2\t1"));
        assert_eq!(samples.find("beat"), Some(Spread { median: 2.0, min: 1.0, max: 3.5 }));
        assert_eq!(samples.find("other"), None);
    }
}
