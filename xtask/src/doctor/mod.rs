//! `cargo xtask doctor`: what this machine lacks, and the command that installs it.

mod debian;
mod need;

use anyhow::{Result, bail};

use crate::console;
pub(crate) use crate::doctor::need::Need;
use crate::doctor::need::{Remedy, System};
use crate::project::Project;
use crate::step::Step;

/// One thing that is not there.
struct Missing {
    need: Need,
    why: String,
}

/// The command: a complete list, and with `install` the cure. `Ok(false)`: something is still missing.
pub(crate) fn run(project: &Project, install: bool) -> Result<bool> {
    let missing = examine(project, &Need::ALL, Need::report);
    if missing.is_empty() {
        return Ok(true);
    }
    if !install {
        list_remedies(&missing);
        console::line("As root on Debian, `cargo xtask doctor --install` does this for you.");
        return Ok(false);
    }
    if !debian::can_install() {
        list_remedies(&missing);
        bail!("only root on Debian can install; run the commands above instead");
    }
    cure(project, &missing)?;
    Ok(true)
}

/// Before a task: installs what the task needs where that is allowed and possible, else stops with the list.
pub(crate) fn prepare(project: &Project, needs: &[Need], no_install: bool) -> Result<()> {
    let missing = examine(project, needs, |_, _| ());
    if missing.is_empty() {
        return Ok(());
    }
    for Missing { need, why } in &missing {
        console::line(&format!("missing: {}: {why}", need.title()));
    }
    if no_install || !debian::can_install() {
        list_remedies(&missing);
        bail!("install what is missing, then run the task again");
    }
    cure(project, &missing)
}

fn examine(project: &Project, needs: &[Need], report: impl Fn(Need, &Result<String, String>)) -> Vec<Missing> {
    let mut missing = Vec::new();
    for &need in needs {
        let finding = need.check(project);
        report(need, &finding);
        if let Err(why) = finding {
            missing.push(Missing { need, why });
        }
    }
    missing
}

fn list_remedies(missing: &[Missing]) {
    console::line("Install what is missing:");
    for remedy in remedies(missing, System::here()) {
        console::line(&format!("    {remedy}"));
    }
}

/// Packages first and all at once: one run of the package manager instead of one for each need.
fn remedies(missing: &[Missing], system: System) -> Vec<Remedy> {
    let (mut packages, mut others) = (Vec::new(), Vec::new());
    for Missing { need, .. } in missing {
        match need.remedy(system) {
            Remedy::Packages(names) => packages.extend(names),
            other => others.push(other),
        }
    }
    if !packages.is_empty() {
        others.insert(0, Remedy::Packages(packages));
    }
    others
}

fn cure(project: &Project, missing: &[Missing]) -> Result<()> {
    // The package lists decide what a need can be cured with, so they come first.
    debian::update(project)?;
    for remedy in remedies(missing, System::Debian) {
        match &remedy {
            Remedy::Packages(packages) => {
                console::line(&format!("installing {}", packages.join(" ")));
                debian::install(project, packages)?;
            }
            Remedy::Command(words) => {
                Step::new(project, words[0]).args(&words[1..]).run(project)?;
            }
            Remedy::ByHand(text) => console::line(&format!("cannot be installed from here: {text}")),
        }
    }
    let needs: Vec<Need> = missing.iter().map(|missing| missing.need).collect();
    let still = examine(project, &needs, Need::report);
    if still.is_empty() {
        return Ok(());
    }
    list_remedies(&still);
    bail!("something is still missing after the installation");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(need: Need) -> Missing {
        Missing { need, why: String::new() }
    }

    #[test]
    fn packages_of_several_needs_are_one_command() {
        let remedies = remedies(&[missing(Need::Maven), missing(Need::C)], System::Debian);
        let shown: Vec<String> = remedies.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["apt-get install -y --no-install-recommends maven gcc g++ libc6-dev"]);
    }

    #[test]
    fn elsewhere_each_need_says_what_to_do() {
        for need in Need::ALL {
            let shown = need.remedy(System::Other).to_string();
            assert!(!shown.contains("apt-get"), "{shown}");
            assert!(!shown.is_empty());
        }
        assert_eq!(Need::Guests.remedy(System::Other).to_string(), "rustup target add wasm32-unknown-unknown");
    }
}
