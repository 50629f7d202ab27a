//! What lookups and policies see of an instance: the client's words under the operator's overlays.

use steadfast_policy::{Manifest, Selector, Subject};

use super::Instance;
use crate::{
    limits::WEIGHT_DEFAULT,
    metadata::Metadata,
    name::{Address, NameParts},
    orders::{Field, FieldName},
    registration::Claim,
    thresholds::Thresholds,
};

impl Instance {
    /// The weight that lookups show.
    pub(crate) fn effective_weight(&self) -> f64 {
        let overlaid = self.rare().overlays.iter().find_map(|overlay| match overlay.field {
            Field::Weight(weight) => Some(weight),
            Field::Metadata { .. } => None,
        });
        overlaid.or(self.weight()).unwrap_or(WEIGHT_DEFAULT)
    }

    /// The metadata that lookups show: the client's, under the operator's overlays.
    pub(crate) fn effective(&self) -> &Metadata {
        self.rare().effective.as_ref().unwrap_or(&self.metadata)
    }

    /// Recomputes what depends on metadata: the effective pairs. An overlay that would make them too large is kept
    /// as an order and left out of the view.
    pub(crate) fn refresh_effective(&mut self) {
        let overlaid = self.overlaid().filter(|overlaid| *overlaid != self.metadata);
        if let Some(rare) = self.rare_if_any()
            && rare.effective != overlaid
        {
            rare.effective = overlaid;
        }
    }

    /// The client's pairs under the overlays; `None` if there are none.
    fn overlaid(&self) -> Option<Metadata> {
        let overlays = self.rare().overlays.iter().filter_map(|overlay| match &overlay.field {
            Field::Metadata { key, value } => Some((key.as_str(), value.as_str())),
            Field::Weight(_) => None,
        });
        let mut pairs = overlays.peekable();
        pairs.peek()?;
        let pairs = self.metadata.iter().chain(pairs).collect();
        Metadata::pack(&pairs).ok()
    }

    /// The class of this instance under a manifest's selectors.
    pub(crate) fn class(&self, manifest: &Manifest, service: NameParts<'_>, address: impl FnOnce() -> Address) -> u8 {
        if manifest.classes.is_empty() {
            return 0;
        }
        let address = address();
        let matching = manifest.classes.iter().position(|class| self.matches(service, &address, class));
        matching.map_or(0, |class| class as u8 + 1)
    }

    /// Whether every condition of a selector holds for this instance.
    pub(crate) fn matches(&self, service: NameParts<'_>, address: &Address, selector: &Selector) -> bool {
        let port = address.port.to_string();
        selector.matches(|subject, key| match subject {
            Subject::Namespace => Some(service.namespace),
            Subject::Group => Some(service.group),
            Subject::Service => Some(service.name),
            Subject::Cluster => Some(address.cluster.as_str()),
            Subject::Ip => Some(address.ip.as_str()),
            Subject::Port => Some(port.as_str()),
            Subject::Metadata => self.effective().value(key),
        })
    }

    /// Its own durations under its policy, or the policy's.
    pub(crate) fn thresholds<'a>(&'a self, declared: &'a Thresholds) -> &'a Thresholds {
        self.rare().thresholds.as_deref().unwrap_or(declared)
    }

    /// Recomputes what depends on metadata: the durations that the client overrides.
    pub(crate) fn refresh_thresholds(&mut self, manifest: &Manifest) {
        let overridden = Thresholds::overridden(manifest, &self.metadata).map(Box::new);
        if overridden.is_some() || self.has_rare() {
            self.rare_mut().thresholds = overridden;
        }
    }

    /// Removes from a claim what merely repeats an overlay: the Java SDK copies effective values back.
    pub(crate) fn without_echoes(&self, mut claim: Claim) -> Claim {
        for overlay in &self.rare().overlays {
            match &overlay.field {
                Field::Weight(weight) if claim.weight == Some(*weight) => claim.weight = None,
                Field::Metadata { key, value } => {
                    let echoed = claim.metadata.as_ref().is_some_and(|sent| sent.value(key) == Some(value));
                    if echoed {
                        claim.metadata = claim.metadata.map(|sent| self.with_own_value(&sent, key));
                    }
                }
                Field::Weight(_) => {}
            }
        }
        claim
    }

    /// `sent` with the client's own earlier value of `key`, or without the key.
    fn with_own_value(&self, sent: &Metadata, key: &str) -> Metadata {
        let mut pairs = sent.to_map();
        match self.metadata.value(key) {
            Some(own) => pairs.insert(key, own),
            None => pairs.remove(key),
        };
        Metadata::pack(&pairs).unwrap_or_else(|_| sent.clone())
    }

    pub(crate) fn has_overlay(&self, name: &FieldName) -> bool {
        self.rare().overlays.iter().any(|overlay| overlay.field.name() == *name)
    }
}
