//! Where the configured policy waits between two calls of the host.

use std::cell::RefCell;

use steadfast_policy::{Configure, Manifest};

use crate::{bindings, convert};

/// Holds the policy that `configure` made. A component has one thread, so a cell is enough.
#[derive(Debug)]
pub struct Slot<P>(RefCell<Option<P>>);

impl<P: Configure> Slot<P> {
    /// Nothing is configured yet.
    pub const fn empty() -> Self {
        Slot(RefCell::new(None))
    }

    /// Makes the policy and keeps it; the answer is its manifest or its refusal of the parameters.
    pub fn configure(&self, params: &[(String, String)]) -> Result<bindings::Manifest, String> {
        let policy = P::configure(params)?;
        let manifest: Manifest = policy.manifest();
        *self.0.borrow_mut() = Some(policy);
        Ok(convert::manifest(manifest))
    }

    /// Asks the policy. Where there is no policy or no such event, the answer carries reason 0, which the host refuses.
    pub fn decide(&self, facts: bindings::Facts) -> bindings::Verdict {
        let present = facts.present;
        let answer = match (self.0.borrow().as_ref(), convert::facts(facts)) {
            (Some(policy), Some(facts)) => Some(policy.decide(&facts)),
            _ => None,
        };
        answer.map_or_else(|| convert::no_opinion(present), convert::verdict)
    }
}

#[cfg(test)]
mod tests {
    use steadfast_policy::{Table, builtin::AdminSticky};

    use super::*;
    use crate::convert::tests::wit_facts;

    #[test]
    fn what_crosses_the_border_is_what_the_policy_said() {
        let slot = Slot::<AdminSticky>::empty();
        let manifest = slot.configure(&[]).expect("takes no parameters");
        assert_eq!(manifest.name, "admin-sticky");
        for (facts, verdict) in Table::of(&AdminSticky).expect("within the guard rails").entries() {
            let answer = slot.decide(wit_facts(&facts));
            assert_eq!(
                (answer.present, answer.healthy, answer.reason),
                (verdict.present, verdict.healthy, verdict.reason)
            );
            assert_eq!(answer.traffic as u8, verdict.traffic as u8);
            assert_eq!(answer.orders as u8, verdict.orders as u8);
        }
    }

    #[test]
    fn a_refusal_of_parameters_reaches_the_host() {
        let slot = Slot::<AdminSticky>::empty();
        let refusal = slot.configure(&[("color".into(), "red".into())]).expect_err("admin-sticky has no parameters");
        assert!(refusal.contains("color"), "{refusal}");
    }

    #[test]
    fn an_unconfigured_policy_has_no_opinion() {
        let slot = Slot::<AdminSticky>::empty();
        let table = Table::of(&AdminSticky).expect("within the guard rails");
        let (facts, _) = table.entries().next().expect("a table has entries");
        assert_eq!(slot.decide(wit_facts(&facts)).reason, 0);
    }
}
