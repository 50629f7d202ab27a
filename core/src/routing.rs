//! The routes as they stand: which installed policy decides for a service.
//!
//! A routing is a value. A change makes the next one, with every new policy in it, and stores it as a whole; nobody
//! ever sees half of it. What a change leaves as it was keeps its epoch and its counts.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use crate::{
    hashing::RandomState,
    installed::Installed,
    name::NameParts,
    options::Policy,
    route::{Routes, Scope},
};

/// The default policy and the routes.
#[derive(Debug)]
pub(crate) struct Routing {
    default: Arc<Installed>,
    routes: Arc<Routed>,
    /// The highest epoch that was ever given.
    last_epoch: u64,
}

/// The routes, once to list them and once to find them.
#[derive(Debug, Default)]
struct Routed {
    list: BTreeMap<Scope, Arc<Installed>>,
    root: Level,
}

/// Routes by the next part of a name: namespace, then group, then service.
#[derive(Debug, Default)]
struct Level {
    policy: Option<Arc<Installed>>,
    below: HashMap<String, Level, RandomState>,
}

impl Routing {
    /// What a registry opens with: one policy for everybody, epoch 1.
    pub(crate) fn new(policy: Policy) -> Routing {
        let default = Arc::new(Installed::new(policy, None, 1, 0));
        Routing { default, routes: Arc::default(), last_epoch: 1 }
    }

    pub(crate) fn default(&self) -> &Arc<Installed> {
        &self.default
    }

    /// What decides for a service: the policy of the narrowest scope that holds it.
    pub(crate) fn resolve(&self, service: NameParts<'_>) -> &Arc<Installed> {
        let (mut level, mut found) = (&self.routes.root, &self.default);
        for part in [service.namespace, service.group, service.name] {
            let Some(next) = level.below.get(part) else { break };
            level = next;
            found = level.policy.as_ref().unwrap_or(found);
        }
        found
    }

    /// Every installed policy: the default, then the routes in the order of their scopes.
    pub(crate) fn installed(&self) -> impl Iterator<Item = &Arc<Installed>> {
        std::iter::once(&self.default).chain(self.routes.list.values())
    }

    /// The same routes under another default; `None` when it is the default already.
    pub(crate) fn with_default(&self, policy: Policy, now_ms: u64) -> Option<Routing> {
        if self.default.is(&policy) {
            return None;
        }
        let last_epoch = self.last_epoch + 1;
        let default = Arc::new(Installed::new(policy, None, last_epoch, now_ms));
        Some(Routing { default, routes: Arc::clone(&self.routes), last_epoch })
    }

    /// Other routes under the same default; `None` when they are the same.
    pub(crate) fn with_routes(&self, routes: &Routes, now_ms: u64) -> Option<Routing> {
        let before = &self.routes.list;
        let stands =
            |scope: &Scope, policy: &Policy| before.get(scope).filter(|installed| installed.is(policy)).cloned();
        if routes.len() == before.len() && routes.iter().all(|(scope, policy)| stands(scope, policy).is_some()) {
            return None;
        }
        let mut last_epoch = self.last_epoch;
        let mut after = Routed::default();
        for (scope, policy) in routes.iter() {
            let installed = stands(scope, policy).unwrap_or_else(|| {
                last_epoch += 1;
                Arc::new(Installed::new(policy.clone(), Some(scope.clone()), last_epoch, now_ms))
            });
            after.insert(scope.clone(), installed);
        }
        Some(Routing { default: Arc::clone(&self.default), routes: Arc::new(after), last_epoch })
    }
}

impl Routed {
    fn insert(&mut self, scope: Scope, installed: Arc<Installed>) {
        let mut level = &mut self.root;
        for part in scope.path() {
            level = level.below.entry(part.to_owned()).or_default();
        }
        level.policy = Some(Arc::clone(&installed));
        self.list.insert(scope, installed);
    }
}
