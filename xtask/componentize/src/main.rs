//! Turns a core module with an embedded component type into a component.
//!
//! `xtask-componentize <core.wasm> <component.wasm>`. The policies folder of a running registry may be the target, so
//! the file is replaced by a rename and left alone when its bytes would not change.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use wit_component::ComponentEncoder;

fn main() -> Result<()> {
    let paths: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let [core, component] = paths.as_slice() else {
        bail!("usage: xtask-componentize <core.wasm> <component.wasm>");
    };
    let module = fs::read(core).with_context(|| format!("cannot read {}", core.display()))?;
    let bytes = encode(&module).with_context(|| format!("{} cannot become a component", core.display()))?;
    replace(component, &bytes).with_context(|| format!("cannot write {}", component.display()))
}

/// No adapter is given to the encoder, so a module that imports WASI is refused here with the name of the import.
fn encode(module: &[u8]) -> Result<Vec<u8>> {
    ComponentEncoder::default().validate(true).module(module)?.encode()
}

fn replace(target: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(target).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    let fresh = target.with_extension("wasm.new");
    fs::write(&fresh, bytes)?;
    fs::rename(&fresh, target)?;
    Ok(())
}
