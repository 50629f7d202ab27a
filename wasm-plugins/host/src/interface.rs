//! What a component wants and offers, compared with the world `policy`.

use wasmtime::{
    Engine,
    component::{
        Component,
        types::{ComponentInstance, ComponentItem},
    },
};

use crate::{LoadError, error::INTERFACE, foreign::shown};

/// The interface whose types a policy imports; importing types asks nothing of the host.
const TYPES: &str = "steadfast:policy/types@";
const EXPORTS: [&str; 2] = ["configure", "decide"];
const WASI_HINT: &str = " Build it for wasm32-unknown-unknown, which has no WASI";

/// Refuses every import but types, and a component without the two functions of a policy.
pub(crate) fn check(engine: &Engine, component: &Component) -> Result<(), LoadError> {
    let component = component.component_type();
    for (name, import) in component.imports(engine) {
        if let Some(version) = name.strip_prefix(TYPES)
            && !speaks(version)
        {
            return Err(LoadError::World {
                problem: shown(&format!("it is made for version {version} of the interface")),
            });
        }
        if let Some(item) = demand(engine, &import.ty) {
            return Err(refused(name, &item));
        }
    }
    let exports: Vec<_> = component.exports(engine).map(|(name, _)| name).collect();
    for wanted in EXPORTS {
        match component.get_export(engine, wanted).map(|export| export.ty) {
            Some(ComponentItem::ComponentFunc(_)) => {}
            Some(_) => return Err(LoadError::World { problem: format!("its export `{wanted}` is no function") }),
            None => return Err(LoadError::World { problem: missing(wanted, &exports) }),
        }
    }
    Ok(())
}

/// Versions 0.1.x of an interface are compatible with each other, and with nothing else.
fn speaks(version: &str) -> bool {
    let minor = |version: &str| version.rsplit_once('.').map(|(minor, _)| minor.to_owned());
    minor(version) == minor(INTERFACE)
}

/// What of an import the host would have to provide: empty text for the import itself, `None` when it is only types.
fn demand(engine: &Engine, item: &ComponentItem) -> Option<String> {
    match item {
        ComponentItem::Type(_) => None,
        ComponentItem::ComponentInstance(instance) => instance_demand(engine, instance),
        _ => Some(String::new()),
    }
}

fn instance_demand(engine: &Engine, instance: &ComponentInstance) -> Option<String> {
    instance.exports(engine).find_map(|(name, export)| {
        let inner = demand(engine, &export.ty)?;
        Some(if inner.is_empty() { name.to_owned() } else { format!("{name}/{inner}") })
    })
}

fn refused(name: &str, item: &str) -> LoadError {
    let import = if item.is_empty() { format!("`{name}`") } else { format!("`{item}` of `{name}`") };
    let hint = if name.starts_with("wasi:") { WASI_HINT } else { "" };
    LoadError::Import { import: shown(&import), hint }
}

fn missing(wanted: &str, exports: &[&str]) -> String {
    let offered = if exports.is_empty() { "nothing".to_owned() } else { format!("`{}`", exports.join("`, `")) };
    format!("it exports {}, but not the function `{wanted}`", shown(&offered))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patch_versions_are_compatible() {
        assert!(speaks("0.1.0") && speaks("0.1.7"));
        assert!(!speaks("0.2.0") && !speaks("1.1.0") && !speaks("0.1"));
    }
}
