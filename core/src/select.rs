//! Which instances a reader takes: filters, the protect threshold, a random pick by weight.

use crate::{
    chunked::CHUNK,
    limits::LOOKUP_NAMES_MAX,
    row::Row,
    view::{Instance, View},
};

/// Which instances to take, as far as health and orders go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Show {
    /// Those that take traffic now: healthy, and traffic is `serve`.
    #[default]
    Serving,
    /// Those whose traffic is `serve`, healthy or not: what Nacos lists to a client that does not ask for health.
    Serve,
    /// Everybody who is present.
    Present,
}

/// What a reader looks for. The default takes everybody who serves.
///
/// ```
/// # use steadfast_core::*;
/// # let registry = Registry::open(Options::default(), Box::new(MemoryStore::new()))?;
/// # let service = registry.service(&ServiceName::new("public", "g", "orders")?)?;
/// # let address = Address::new("10.0.0.1", 8080, "east")?;
/// # registry.register(service, &Registration::new(address))?;
/// let random = 0x9e37_79b9_7f4a_7c15; // from the host's own generator
/// let nearby = Lookup { clusters: &["east"], protect: 0.3, ..Lookup::default() };
/// let port = registry.view(service, |view| {
///     view.select(&nearby).map(|selection| selection.pick(random).map(|instance| instance.port()))
/// })??;
/// assert_eq!(port, Some(8080));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Lookup<'q> {
    /// Which of those that the other fields name.
    pub show: Show,
    /// Any of these clusters; none named means all.
    pub clusters: &'q [&'q str],
    /// The class that the service's policy gives an instance, 0 to 7.
    pub class: Option<u8>,
    /// All of these pairs of effective metadata.
    pub metadata: &'q [(&'q str, &'q str)],
    /// The protect threshold, 0 to 1, for [`Show::Serving`]; 0 switches it off.
    ///
    /// Of the instances that the fields above name and whose traffic is `serve`, it looks at the share that is healthy.
    /// If that is below the threshold, the reader gets all of them: a few healthy ones would not stand the whole
    /// traffic. Whom an order keeps from traffic is never among them.
    pub protect: f64,
}

/// Why a lookup is refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LookupError {
    /// Too many clusters.
    #[error("the lookup names {0} clusters; at most {LOOKUP_NAMES_MAX} are allowed, leave them out to take all")]
    Clusters(usize),
    /// Too many metadata pairs.
    #[error("the lookup names {0} metadata pairs; at most {LOOKUP_NAMES_MAX} are allowed")]
    Metadata(usize),
    /// No class has this number.
    #[error("the lookup's class is {0}; classes are numbered from 0 (none) to 7")]
    Class(u8),
    /// Not a share.
    #[error("the protect threshold is {0}; it is a share, from 0 (off) to 1")]
    Protect(f64),
}

impl<'a> View<'a> {
    /// The instances that a lookup names.
    pub fn select<'q>(&self, lookup: &Lookup<'q>) -> Result<Selection<'a, 'q>, LookupError> {
        lookup.validate()?;
        let mut selection = Selection {
            view: *self,
            lookup: *lookup,
            clusters: Clusters::of(self, lookup.clusters),
            protecting: false,
        };
        if selection.needs_protection() {
            selection.lookup.show = Show::Serve;
            selection.protecting = true;
        }
        Ok(selection)
    }

    /// One of the serving instances at random, by weight; [`Selection::pick`] tells how. In a large service the sums of
    /// the weights are kept for as long as the view stands.
    pub fn pick(&self, random: u64) -> Option<Instance<'a>> {
        if self.len() <= CHUNK {
            return pick(|| self.serving(), random);
        }
        let sums = self.snapshot.serving_weights();
        let mut point = point(sums.iter().sum(), random)?;
        for (number, (chunk, sum)) in self.snapshot.columns.rows.chunks().zip(sums).enumerate() {
            if point < *sum {
                let serving = chunk.iter().enumerate().filter(|(_, row)| row.serves());
                let at = at_point(serving.map(|(at, row)| (at, row.weight)), point)?;
                return self.instance(number * CHUNK + at);
            }
            point -= sum;
        }
        None
    }
}

impl Lookup<'_> {
    fn validate(&self) -> Result<(), LookupError> {
        if self.clusters.len() > LOOKUP_NAMES_MAX {
            return Err(LookupError::Clusters(self.clusters.len()));
        }
        if self.metadata.len() > LOOKUP_NAMES_MAX {
            return Err(LookupError::Metadata(self.metadata.len()));
        }
        if let Some(class) = self.class.filter(|class| *class > 7) {
            return Err(LookupError::Class(class));
        }
        if !(0.0..=1.0).contains(&self.protect) {
            return Err(LookupError::Protect(self.protect));
        }
        Ok(())
    }

    fn names_everybody(&self) -> bool {
        self.clusters.is_empty() && self.class.is_none() && self.metadata.is_empty()
    }
}

/// What a lookup found in one view.
#[derive(Clone)]
pub struct Selection<'a, 'q> {
    view: View<'a>,
    lookup: Lookup<'q>,
    clusters: Clusters,
    protecting: bool,
}

impl<'a> Selection<'a, '_> {
    /// The instances.
    pub fn iter(&self) -> impl Iterator<Item = Instance<'a>> {
        self.view.iter().filter(|instance| self.shows(instance.row) && self.names(instance))
    }

    /// Whether so few are healthy that unhealthy ones are in here too.
    pub fn is_protecting(&self) -> bool {
        self.protecting
    }

    /// One of the instances at random, by weight; `None` if none has a weight above 0.
    ///
    /// `random` comes from the host and should be uniform over all 64 bits. An instance of weight *w* among a total of
    /// *W* is picked for a share *w / W* of all numbers, to within one of them; weights count in steps of 0.00001,
    /// rounded up, so that only a weight of 0 is never picked. Equal views and equal numbers give equal picks.
    pub fn pick(&self, random: u64) -> Option<Instance<'a>> {
        if self.lookup.show == Show::Serving && self.lookup.names_everybody() {
            return self.view.pick(random);
        }
        pick(|| self.iter(), random)
    }

    fn shows(&self, row: &Row) -> bool {
        match self.lookup.show {
            Show::Serving => row.serves(),
            Show::Serve => row.is_serve(),
            Show::Present => true,
        }
    }

    fn names(&self, instance: &Instance<'_>) -> bool {
        self.clusters.have(instance.row.cluster)
            && self.lookup.class.is_none_or(|class| class == instance.row.class())
            && self.lookup.metadata.iter().all(|(key, value)| instance.metadata().value(key) == Some(value))
    }

    fn needs_protection(&self) -> bool {
        let Lookup { show: Show::Serving, protect, .. } = self.lookup else { return false };
        if protect == 0.0 {
            return false;
        }
        let columns = &self.view.snapshot.columns;
        let (healthy, serve) = if self.lookup.names_everybody() {
            (columns.serving, columns.serve)
        } else {
            let serve = self.view.iter().filter(|instance| instance.row.is_serve() && self.names(instance));
            serve.fold((0, 0), |(healthy, serve), instance| (healthy + u32::from(instance.healthy()), serve + 1))
        };
        // A share that is written like the threshold divides to the same number, and is not below it.
        serve > 0 && f64::from(healthy) / f64::from(serve) < protect
    }
}

/// The numbers of the clusters that a lookup names.
#[derive(Clone, Copy)]
struct Clusters {
    numbers: [u32; LOOKUP_NAMES_MAX],
    len: usize,
    all: bool,
}

impl Clusters {
    /// A cluster that nobody ever named has no number, and no instances.
    fn of(view: &View<'_>, names: &[&str]) -> Clusters {
        let mut clusters = Clusters { numbers: [0; LOOKUP_NAMES_MAX], len: 0, all: names.is_empty() };
        for number in names.iter().filter_map(|name| view.names.find(name)) {
            clusters.numbers[clusters.len] = number;
            clusters.len += 1;
        }
        clusters
    }

    fn have(&self, number: u32) -> bool {
        self.all || self.numbers[..self.len].contains(&number)
    }
}

fn pick<'a, I: Iterator<Item = Instance<'a>>>(instances: impl Fn() -> I, random: u64) -> Option<Instance<'a>> {
    let total = instances().map(|instance| u64::from(instance.row.weight)).sum();
    let point = point(total, random)?;
    at_point(instances().map(|instance| (instance, instance.row.weight)), point)
}

/// The place of a random number on a line of `total` points: each gets as many numbers as any other, give or take one.
fn point(total: u64, random: u64) -> Option<u64> {
    (total > 0).then(|| ((u128::from(random) * u128::from(total)) >> 64) as u64)
}

/// Who owns a point on the line on which each has as many points as it has weight.
fn at_point<T>(weighted: impl Iterator<Item = (T, u32)>, mut point: u64) -> Option<T> {
    for (who, weight) in weighted {
        if point < u64::from(weight) {
            return Some(who);
        }
        point -= u64::from(weight);
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    proptest! {
        #[test]
        fn everybody_owns_as_many_points_as_it_has_weight(weights in vec(0..50_u32, 0..40)) {
            let total: u64 = weights.iter().map(|weight| u64::from(*weight)).sum();
            let mut owned = vec![0; weights.len()];
            for point in 0..total {
                owned[at_point(weights.iter().copied().enumerate(), point).unwrap()] += 1;
            }
            prop_assert_eq!(owned, weights);
        }

        #[test]
        fn the_numbers_are_dealt_out_evenly_and_in_order(total in 1..u64::MAX, random in any::<u64>()) {
            let at = point(total, random).unwrap();
            prop_assert!(at < total);
            // The first number of point n is the smallest r with r * total >= n * 2^64.
            let first = |point: u64| ((u128::from(point) << 64).div_ceil(u128::from(total))) as u64;
            prop_assert!(first(at) <= random);
            prop_assert!(at + 1 == total || random < first(at + 1));
            let share = (1_u128 << 64) / u128::from(total);
            let numbers = if at + 1 == total { (1_u128 << 64) - u128::from(first(at)) } else { u128::from(first(at + 1) - first(at)) };
            prop_assert!(numbers == share || numbers == share + 1, "{} numbers for a share of {}", numbers, share);
        }
    }

    #[test]
    fn nobody_with_weight_is_nobody_to_pick() {
        assert_eq!(point(0, u64::MAX), None);
        assert_eq!(point(1, u64::MAX), Some(0));
    }
}
