//! Writes the C header of a crate with cbindgen.
//!
//! `xtask-header <crate folder> <cbindgen.toml> <header>`.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};

fn main() -> Result<()> {
    let paths: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let [source, config, header] = paths.as_slice() else {
        bail!("usage: xtask-header <crate folder> <cbindgen.toml> <header>");
    };
    let text = generate(source, config)?;
    fs::write(header, text).with_context(|| format!("cannot write {}", header.display()))
}

fn generate(source: &Path, config: &Path) -> Result<Vec<u8>> {
    let config = cbindgen::Config::from_file(config)
        .map_err(|why| anyhow!("{} is no configuration of cbindgen: {why}", config.display()))?;
    let bindings = cbindgen::Builder::new()
        .with_crate(source)
        .with_config(config)
        .generate()
        .with_context(|| format!("cbindgen cannot read the crate in {}", source.display()))?;
    let mut text = Vec::new();
    bindings.write(&mut text);
    Ok(text)
}
