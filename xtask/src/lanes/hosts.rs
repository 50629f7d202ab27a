//! The lanes that test the hosts in other languages.

use anyhow::Result;

use crate::demo::{Parts, acceptance};
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

/// Users' stories with the stock client against the real gateway, as processes of their own.
pub(crate) fn java(run: &mut Run<'_>) -> Result<()> {
    policies::build(run.project)?;
    let library = products::library(run.project)?;
    let gateway = products::gateway(run.project, &library)?;
    let folder = run.project.require_folder(JAVA_CLIENT)?;
    if !run.check(&products::maven(run.project).folder(&folder).runner(MAVEN))? {
        return Ok(());
    }
    let java_client = products::built_by_maven(&folder);
    let parts = Parts { policies: run.project.policies(), gateway, java_client };
    for scenario in &acceptance::SCENARIOS {
        let passed = acceptance::passes(run.project, &parts, scenario)?;
        run.verdict(passed);
    }
    Ok(())
}
