//! What a reader looks for, from the structure of C.

use std::collections::BTreeMap;

use steadfast_core::{self as core, Registry, Selection, ServiceId, Show, View};

use crate::{
    args::Caller,
    codes::STEADFAST_E_OPTION,
    failure::Failure,
    read::{fields, unknown_value},
    types::{self, Lookup, STEADFAST_LOOKUP_CLASS},
};

/// A lookup whose texts are still the caller's.
#[derive(Default)]
pub(crate) struct Wanted<'call> {
    show: Show,
    clusters: Vec<&'call str>,
    class: Option<u8>,
    metadata: BTreeMap<&'call str, &'call str>,
    protect: f64,
}

impl Caller {
    pub(crate) fn lookup(&self, place: *const Lookup) -> Result<Wanted<'_>, Failure> {
        let Some(given) = self.structure_optional(place, "lookup")? else { return Ok(Wanted::default()) };
        let show = match given.show {
            types::STEADFAST_SHOW_SERVING => Show::Serving,
            types::STEADFAST_SHOW_SERVE => Show::Serve,
            types::STEADFAST_SHOW_PRESENT => Show::Present,
            other => return Err(unknown_value(other, "lookup.show")),
        };
        let is_given = fields(given.fields, STEADFAST_LOOKUP_CLASS, "lookup.fields")?;
        let class = is_given(STEADFAST_LOOKUP_CLASS).then(|| class(given.policy_class)).transpose()?;
        let clusters = self.array(given.clusters, given.cluster_count, "lookup.clusters")?;
        let clusters = clusters.iter().map(|cluster| self.text(*cluster, "lookup.clusters"));
        Ok(Wanted {
            show,
            clusters: clusters.collect::<Result<_, _>>()?,
            class,
            metadata: self.metadata_pairs(given.metadata, given.metadata_len)?,
            protect: given.protect,
        })
    }
}

impl Wanted<'_> {
    /// Shows what it finds in the current view of a service.
    pub(crate) fn found_in<R>(
        &self,
        registry: &Registry,
        service: u64,
        read: impl FnOnce(&View<'_>, &Selection<'_, '_>) -> R,
    ) -> Result<R, Failure> {
        let metadata: Vec<(&str, &str)> = self.metadata.iter().map(|(key, value)| (*key, *value)).collect();
        let Wanted { show, class, protect, .. } = *self;
        let lookup = core::Lookup { show, clusters: &self.clusters, class, metadata: &metadata, protect };
        let found = registry
            .view(ServiceId::from_u64(service), |view| view.select(&lookup).map(|selection| read(view, &selection)))?;
        Ok(found?)
    }
}

/// Numbers beyond a byte are refused here, all others by the lookup itself.
fn class(number: u32) -> Result<u8, Failure> {
    let text = || format!("lookup.policy_class is {number}; classes are numbered from 0 (none) to 7");
    u8::try_from(number).map_err(|_| Failure::new(STEADFAST_E_OPTION, text()))
}
