//! A figure and how much it varies: the median of several runs between the best and the worst of them.
//!
//! There is no statistical machinery here on purpose. Every row is a ratio to a limit or a peer that is measured by
//! turns with it, in the same process and on the same data; harnesses such as criterion and divan measure one function
//! at a time, and neither builds ten million instances once for twenty rows.

use std::time::Instant;

/// Median, smallest and largest of several runs, in one unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
}

impl Spread {
    /// Of at least one run; a figure that was read off once varies by nothing.
    pub(crate) fn of(mut runs: Vec<f64>) -> Spread {
        runs.sort_by(f64::total_cmp);
        let last = runs.len() - 1;
        Spread { median: runs[last / 2], min: runs[0], max: runs[last] }
    }

    pub(crate) fn once(figure: f64) -> Spread {
        Spread::of(vec![figure])
    }
}

/// Runs two things by turns, so that whatever else the machine does meets both of them.
pub(crate) fn by_turns(times: usize, mut one: impl FnMut() -> f64, mut other: impl FnMut() -> f64) -> (Spread, Spread) {
    let (mut ones, mut others) = (Vec::new(), Vec::new());
    for _ in 0..times {
        ones.push(one());
        others.push(other());
    }
    (Spread::of(ones), Spread::of(others))
}

pub(crate) fn repeated(times: usize, mut run: impl FnMut() -> f64) -> Spread {
    Spread::of((0..times).map(|_| run()).collect())
}

/// How long `work` takes for each of `count` things, in nanoseconds.
#[allow(clippy::cast_precision_loss, reason = "a count of things to do is far below 2^52")]
pub(crate) fn ns_each(count: usize, work: impl FnOnce()) -> f64 {
    let started = Instant::now();
    work();
    started.elapsed().as_secs_f64() * 1e9 / count as f64
}

/// The value below which this many thousandths of the figures lie.
pub(crate) fn quantile(figures: &mut [u32], thousandths: usize) -> f64 {
    figures.sort_unstable();
    let at = (figures.len() * thousandths / 1000).min(figures.len().saturating_sub(1));
    figures.get(at).copied().map_or(0.0, f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_lies_between_the_best_and_the_worst() {
        assert_eq!(Spread::of(vec![3.0, 1.0, 2.0]), Spread { median: 2.0, min: 1.0, max: 3.0 });
        assert_eq!(Spread::once(7.0), Spread { median: 7.0, min: 7.0, max: 7.0 });
    }

    #[test]
    fn a_quantile_is_one_of_the_figures() {
        let mut figures: Vec<u32> = (0..1000).rev().collect();
        assert!((quantile(&mut figures, 999) - 999.0).abs() < f64::EPSILON);
        assert!((quantile(&mut figures, 500) - 500.0).abs() < f64::EPSILON);
        assert!(quantile(&mut [], 500).abs() < f64::EPSILON);
    }
}
