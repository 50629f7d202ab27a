//! The lanes that test the hosts in other languages.

use anyhow::Result;

use crate::lanes::GO_BINDING;
use crate::lanes::report::Run;
use crate::policies;
use crate::products::{self, GATEWAY, JAVA_CLIENT};
use crate::runner::{GO, GOFMT, MAVEN};
use crate::step::Step;

/// Go links the C library from `target/debug` and loads the policies from `target/policies`.
pub(crate) fn go(run: &mut Run<'_>) -> Result<()> {
    policies::build(run.project)?;
    let library = products::library(run.project)?;
    run.check(&Step::new(run.project, "gofmt").args(["-l", GO_BINDING, GATEWAY]).runner(GOFMT))?;
    for module in [GO_BINDING, GATEWAY] {
        run.check(&products::go(run.project, &library, module, "vet")?.arg("./..."))?;
        let tests = products::go(run.project, &library, module, "test")?;
        run.tests(&tests.args(["-race", "-count=1", "-v", "./..."]).variable("GODEBUG", "cgocheck=1").runner(GO))?;
    }
    Ok(())
}

pub(crate) fn java(run: &mut Run<'_>) -> Result<()> {
    let folder = run.project.require_folder(JAVA_CLIENT)?;
    run.check(&products::maven(run.project).folder(folder).runner(MAVEN))?;
    Ok(())
}
