//! Routes, from the structures of C: every policy that they name is loaded before any of them holds.

use steadfast_core::{Policy, Routes, Scope, limits::ROUTES_MAX};

use crate::{
    args::Caller,
    codes::{STEADFAST_E_OPTION, STEADFAST_E_ROUTE, STEADFAST_E_TOO_MANY},
    engine::{self, Engine},
    failure::Failure,
    read::zero,
    types::Route,
};

impl Caller {
    /// All routes, or the first reason why there can be none of them.
    pub(crate) fn routes(&self, engine: &Engine, first: *const Route, count: usize) -> Result<Routes, Failure> {
        if count > ROUTES_MAX {
            let text = format!("{count} routes are given; at most {ROUTES_MAX} are allowed");
            return Err(Failure::new(STEADFAST_E_TOO_MANY, text));
        }
        let given = self.structures(first, count, "routes")?;
        let mut routes = Vec::with_capacity(count);
        for (route, at) in given.iter().zip(0_usize..) {
            let read = self.scope(route).and_then(|scope| Ok((scope, self.policy(engine, route)?)));
            routes.push(read.map_err(|failure| failure.within(&format!("routes[{at}]")))?);
        }
        Ok(Routes::new(routes)?)
    }

    fn scope(&self, route: &Route) -> Result<Scope, Failure> {
        zero(route.reserved, "reserved")?;
        let namespace = self.text(route.name_space, "name_space")?;
        let (group, service) = (self.text(route.group, "group")?, self.text(route.service, "service")?);
        Ok(match (group, service) {
            ("", "") => Scope::namespace(namespace),
            (group, "") => Scope::group(namespace, group),
            ("", _) => {
                let text = "it has a service without its group; add the group, or leave the service out";
                return Err(Failure::new(STEADFAST_E_ROUTE, text));
            }
            (group, name) => Scope::Service { namespace: namespace.into(), group: group.into(), name: name.into() },
        })
    }

    fn policy(&self, engine: &Engine, route: &Route) -> Result<Policy, Failure> {
        let name = self.text(route.policy, "policy")?;
        let file = self.array(route.file, route.file_len, "file")?;
        let params = self.text(route.params, "params")?;
        let both = "it has a built-in policy and the bytes or params of a file; leave one of them out";
        match (name, file) {
            ("", []) => Err(Failure::new(STEADFAST_E_OPTION, "it has neither policy nor file")),
            ("", file) => engine::from_file(engine, file, params),
            (name, []) if params.is_empty() => engine::built_in(name, "no file is given"),
            _ => Err(Failure::new(STEADFAST_E_OPTION, both)),
        }
    }
}
