//! The story that the demo plays: an order that sticks, a policy that overrules it, and back.

use std::path::Path;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::console;
use crate::demo::acts::{self, FULL_BEATS, LIGHT_BEATS};
use crate::demo::gateway::{IP, PORT, SERVICE};
use crate::demo::lines::Lines;
use crate::demo::seen::Seen;
use crate::demo::stage::{self, Stage};
use crate::demo::{Parts, interrupt, readme};
use crate::project::Project;

const LIVELY: Duration = Duration::from_millis(200);

/// `Ok(false)`: something was not as it has to be; what, and where to look, has been printed.
pub(crate) fn play(project: &Project, parts: &Parts, stay: bool) -> Result<bool> {
    stage::require(parts)?;
    interrupt::watch()?;
    let mut stage = Stage::set(project, parts, "demo", FULL_BEATS)?;
    let mut lines = Lines::start();
    if let Err(why) = tell(&mut stage, &mut lines) {
        console::line(&format!("\nThe story stopped after the last line above.\n{why:#}"));
        console::line(&format!("The logs of gateway and client are in {}", project.shown(&stage.logs())));
        return Ok(false);
    }
    let shown = readme::shows(project, lines.printed())?;
    if stay {
        stay_until_asked(project, &mut stage)?;
    }
    Ok(shown)
}

fn tell(stage: &mut Stage<'_>, lines: &mut Lines) -> Result<()> {
    an_order_survives_beats(stage, lines)?;
    it_survives_silence(stage, lines)?;
    it_survives_restarts(stage, lines)?;
    another_policy_overrules_it(stage, lines)?;
    the_operator_ends_it(stage, lines)
}

fn an_order_survives_beats(stage: &mut Stage<'_>, lines: &mut Lines) -> Result<()> {
    stage.start_gateway()?;
    let policy = stage.gateway()?.policy()?;
    let from_file = policy.name == "admin-sticky" && !policy.digest.starts_with("builtin");
    ensure!(from_file, "expected: admin-sticky from its file decides\n     got: {policy:?}");
    lines.step("gateway starts: light beats off", &Seen { policy, ..Seen::default() });
    lines.step("client registers and beats", &acts::register(stage, "1")?);
    lines.step("operator presses offline", &acts::press_offline(stage)?);
    lines.step("beats go on", &acts::stay_offline(stage)?);
    Ok(())
}

fn it_survives_silence(stage: &mut Stage<'_>, lines: &mut Lines) -> Result<()> {
    lines.step("client suspended until it is gone", &acts::suspend_until_gone(stage)?);
    lines.step("client resumed: a full beat", &acts::resume(stage, "beat")?);
    lines.step("gateway restarts: light, retain 1s", &acts::change_settings(stage, LIGHT_BEATS)?);
    lines.step("client suspended until forgotten", &acts::suspend_until_forgotten(stage)?);
    lines.step("client resumed: 20404, registers", &acts::resume(stage, "register")?);
    Ok(())
}

fn it_survives_restarts(stage: &mut Stage<'_>, lines: &mut Lines) -> Result<()> {
    lines.step("client killed and started again", &acts::restart_client(stage, "2")?);
    lines.step("gateway killed and started again", &acts::kill_gateway(stage)?);
    Ok(())
}

fn another_policy_overrules_it(stage: &mut Stage<'_>, lines: &mut Lines) -> Result<()> {
    lines.step("heartbeat-wins.wasm in, next beat", &acts::let_heartbeats_win(stage)?);
    lines.step("the order is listed, as overruled", &acts::list_the_overruled_order(stage)?);
    lines.step("admin-sticky.wasm comes back", &acts::let_orders_stick(stage)?);
    lines.step("a broken .wasm dropped in: refused", &acts::drop_in_a_broken_policy(stage)?);
    Ok(())
}

fn the_operator_ends_it(stage: &mut Stage<'_>, lines: &mut Lines) -> Result<()> {
    lines.step("operator presses online", &acts::press_online(stage)?);
    lines.step("new start: metadata follows client", &acts::restart_client_online(stage, "3")?);
    Ok(())
}

/// Leaves gateway and client to whoever wants to try things, until Ctrl-C.
fn stay_until_asked(project: &Project, stage: &mut Stage<'_>) -> Result<()> {
    for line in invitation(stage.server(), &project.shown(&project.policies()), &project.shown(&stage.active_file())) {
        console::line(&line);
    }
    while !interrupt::asked() {
        stage.look().context("gateway and client should have stayed")?;
        thread::sleep(LIVELY);
    }
    console::line("Gateway and client end.");
    Ok(())
}

fn invitation(server: &str, policies: &str, active: &str) -> Vec<String> {
    let instance = format!("serviceName={SERVICE}&ip={IP}&port={PORT}");
    let put = format!("curl -X PUT 'http://{server}/nacos/v1/ns/instance' -d");
    let heartbeat_wins = Path::new(policies).join("heartbeat-wins.wasm");
    vec![
        String::new(),
        format!("The gateway listens on {server}; the client is {SERVICE} at {IP}:{PORT} and beats. Try:"),
        format!("    {put} '{instance}&enabled=false'"),
        format!("    {put} '{instance}&enabled=true'"),
        format!("    curl 'http://{server}/steadfast/v1/explain?{instance}'"),
        format!("    curl 'http://{server}/steadfast/v1/policies'"),
        format!("    cp {} {active}", heartbeat_wins.display()),
        "Ctrl-C ends both.".to_owned(),
    ]
}
