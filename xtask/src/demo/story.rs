//! The story that the demo plays.

use anyhow::{Result, bail};

use crate::demo::Parts;
use crate::project::Project;

pub(crate) fn play(_project: &Project, parts: &Parts, _stay: bool) -> Result<bool> {
    bail!(
        "the parts are built ({}, {}, {}), but the story is not written yet",
        parts.policies.display(),
        parts.gateway.display(),
        parts.java_client.display()
    )
}
