//! The stories of users whose instances came back online by themselves, each alone, with the stock client.
//!
//! They are the acceptance scenarios that one client and one server can play. The demo plays the same acts one after the
//! other; here each starts from nothing, so that none leans on what another one left behind.

use anyhow::Result;

use crate::console;
use crate::demo::acts::{self, FULL_BEATS, LIGHT_BEATS};
use crate::demo::gateway::Settings;
use crate::demo::stage::{self, Stage};
use crate::demo::{Parts, interrupt};
use crate::project::Project;

/// One scenario. Each has its number in the list of acceptance scenarios for registries that Nacos clients use.
pub(crate) struct Scenario {
    /// Names the folder of its logs, too.
    name: &'static str,
    about: &'static str,
    settings: Settings,
    /// What happens after an operator took the instance offline.
    act: fn(&mut Stage<'_>) -> Result<()>,
}

pub(crate) const SCENARIOS: [Scenario; 4] = [
    Scenario { name: "a1", about: "offline; silence; a full beat", settings: FULL_BEATS, act: silence_and_full_beat },
    Scenario {
        name: "a2",
        about: "offline; silence; 20404; registers",
        settings: LIGHT_BEATS,
        act: silence_and_register,
    },
    Scenario { name: "a3", about: "offline; the client starts again", settings: LIGHT_BEATS, act: client_starts_again },
    Scenario { name: "a8", about: "offline; the server is killed", settings: LIGHT_BEATS, act: server_is_killed },
];

/// Whether the instance stayed offline at every moment until an operator ended it, and was online at once then.
pub(crate) fn passes(project: &Project, parts: &Parts, scenario: &Scenario) -> Result<bool> {
    stage::require(parts)?;
    interrupt::watch()?;
    let Scenario { name, about, settings, act } = scenario;
    let mut stage = Stage::set(project, parts, &format!("acceptance/{name}"), *settings)?;
    let outcome = play(&mut stage, *act);
    // Whoever asked to end is not told about failures that this caused.
    interrupt::check()?;
    match outcome {
        Ok(()) => console::line(&format!("    {name} {about} ... ok")),
        Err(why) => {
            console::line(&format!("    {name} {about} ... FAILED"));
            for line in format!("{why:#}").lines() {
                console::line(&format!("    | {line}"));
            }
            console::line(&format!("    see {}", project.shown(&stage.logs())));
            return Ok(false);
        }
    }
    Ok(true)
}

fn play(stage: &mut Stage<'_>, act: fn(&mut Stage<'_>) -> Result<()>) -> Result<()> {
    stage.start_gateway()?;
    acts::register(stage, "1")?;
    acts::press_offline(stage)?;
    act(stage)?;
    acts::press_online(stage)?;
    Ok(())
}

fn silence_and_full_beat(stage: &mut Stage<'_>) -> Result<()> {
    acts::suspend_until_gone(stage)?;
    acts::resume(stage, "beat")?;
    Ok(())
}

fn silence_and_register(stage: &mut Stage<'_>) -> Result<()> {
    acts::suspend_until_forgotten(stage)?;
    acts::resume(stage, "register")?;
    Ok(())
}

fn client_starts_again(stage: &mut Stage<'_>) -> Result<()> {
    acts::restart_client(stage, "2")?;
    Ok(())
}

fn server_is_killed(stage: &mut Stage<'_>) -> Result<()> {
    acts::kill_gateway(stage)?;
    Ok(())
}
