//! What the client, the operator and fate do, each with what has to be seen of it afterwards.

use anyhow::{Context, Result};

use crate::demo::gateway::Settings;
use crate::demo::seen::Seen;
use crate::demo::stage::{Meanwhile, Stage};

/// The client repeats weight and metadata in each beat, and an absent instance is remembered for long: its next beat
/// is enough to bring it back.
pub(crate) const FULL_BEATS: Settings = Settings { light_beats: false, retain: "1h" };
/// Beats say nothing but "alive", and an absent instance is soon forgotten: the next beat is answered with 20404, and
/// the client registers again.
pub(crate) const LIGHT_BEATS: Settings = Settings { light_beats: true, retain: "1s" };

/// The client starts, registers, and takes traffic.
pub(crate) fn register(stage: &mut Stage<'_>, version: &str) -> Result<Seen> {
    stage.start_client(version)?;
    stage
        .until("registered and online", Meanwhile::Anything, |seen| seen.is_online() && seen.version() == Some(version))
}

/// The console's button: offline when the request is answered, not some time later.
pub(crate) fn press_offline(stage: &mut Stage<'_>) -> Result<Seen> {
    stage.gateway()?.press_button(false)?;
    stage.now("offline at once", Seen::is_offline)
}

/// The console's button: online at once, and no order is left.
pub(crate) fn press_online(stage: &mut Stage<'_>) -> Result<Seen> {
    stage.gateway()?.press_button(true)?;
    stage.now("online at once, and no order left", |seen| seen.is_online() && seen.hold().is_none())
}

/// Beats arrive and change nothing.
pub(crate) fn stay_offline(stage: &mut Stage<'_>) -> Result<Seen> {
    stage.for_some_beats("still offline, and healthy by its beats", Seen::is_offline)
}

pub(crate) fn suspend_until_gone(stage: &mut Stage<'_>) -> Result<Seen> {
    stage.client()?.suspend()?;
    stage.until("gone and remembered", Meanwhile::Refused, |seen| seen.is_gone() && seen.is_remembered())
}

/// Longer than the gateway remembers; only the order is left then.
pub(crate) fn suspend_until_forgotten(stage: &mut Stage<'_>) -> Result<Seen> {
    stage.client()?.suspend()?;
    stage.until("gone and forgotten but for the order", Meanwhile::Refused, |seen| {
        seen.is_gone() && !seen.is_remembered() && seen.hold().is_some()
    })
}

/// The client goes on. `event` is what brought the instance back: its `beat`, or that it had to `register`.
pub(crate) fn resume(stage: &mut Stage<'_>, event: &str) -> Result<Seen> {
    stage.client()?.resume()?;
    stage.until(&format!("back by a {event}, and offline"), Meanwhile::Refused, |seen| {
        seen.is_offline() && seen.decided_at(event)
    })?;
    stay_offline(stage)
}

/// The client's process dies and another one registers the same address. What the client says about itself is new;
/// what the operator said stands.
pub(crate) fn restart_client(stage: &mut Stage<'_>, version: &str) -> Result<Seen> {
    stage.kill_and_start_client(version)?;
    let expected = format!("back offline, with metadata version={version}");
    stage.until(&expected, Meanwhile::Refused, |seen| seen.is_offline() && seen.version() == Some(version))?;
    stay_offline(stage)
}

/// The same without an order: online, and nothing that an operator sent stands in the way of the client's metadata.
pub(crate) fn restart_client_online(stage: &mut Stage<'_>, version: &str) -> Result<Seen> {
    stage.kill_and_start_client(version)?;
    stage.until(&format!("online with metadata version={version}"), Meanwhile::Anything, |seen| {
        seen.is_online() && seen.version() == Some(version)
    })
}

/// The gateway's process dies and another one opens the same data folder.
pub(crate) fn kill_gateway(stage: &mut Stage<'_>) -> Result<Seen> {
    stage.kill_and_start_gateway()?;
    back_after_restart(stage)
}

/// The gateway stops in its own way and is started with other settings.
pub(crate) fn change_settings(stage: &mut Stage<'_>, settings: Settings) -> Result<Seen> {
    stage.restart_gateway(settings)?;
    back_after_restart(stage)
}

fn back_after_restart(stage: &mut Stage<'_>) -> Result<Seen> {
    stage.until("known again by its beats, and offline", Meanwhile::Refused, Seen::is_offline)?;
    stay_offline(stage)
}

/// The heartbeat-wins policy becomes the active one: the next beat brings the instance online over the order.
pub(crate) fn let_heartbeats_win(stage: &mut Stage<'_>) -> Result<Seen> {
    stage.drop_in("heartbeat-wins")?;
    stage.until("online by a beat under heartbeat-wins", Meanwhile::Anything, |seen| {
        seen.policy.name == "heartbeat-wins" && seen.is_online() && seen.decided_at("beat")
    })
}

/// The order is in the list of orders, marked as overruled.
pub(crate) fn list_the_overruled_order(stage: &mut Stage<'_>) -> Result<Seen> {
    let holds = stage.gateway()?.listed_holds()?;
    let listed = holds.len() == 1 && holds[0]["overruled"] == true && holds[0]["author"]["owner"] == "console";
    anyhow::ensure!(listed, "expected: one order of the console, listed as overruled\n     got: {holds:?}");
    stage.now("online, by an order that is overruled", |seen| {
        seen.is_online() && seen.hold().is_some_and(|hold| hold.overruled)
    })
}

/// The admin-sticky policy becomes the active one again: the same order counts again.
pub(crate) fn let_orders_stick(stage: &mut Stage<'_>) -> Result<Seen> {
    let since_ms = stage.look()?.hold().context("there is no order")?.since_ms;
    stage.drop_in("admin-sticky")?;
    stage.until("offline by the same order under admin-sticky", Meanwhile::Anything, |seen| {
        let same = seen.hold().is_some_and(|hold| hold.since_ms == since_ms);
        seen.policy.name == "admin-sticky" && seen.is_offline() && same
    })?;
    stay_offline(stage)
}

/// Half a policy takes the active one's place: it is refused with a reason, and neither the policy nor the instance
/// changes.
pub(crate) fn drop_in_a_broken_policy(stage: &mut Stage<'_>) -> Result<Seen> {
    let before = stage.look()?;
    let refused = stage.gateway()?.refusals()?.len();
    stage.drop_in_half("heartbeat-wins")?;
    stage.until_refused(refused)?;
    let same = |seen: &Seen| seen.policy == before.policy && seen.revision() == before.revision();
    let seen = stage.for_some_beats("the same policy, epoch and revision", |seen| same(seen) && seen.is_offline())?;
    // A folder with a broken file would make the next start fall back on the built-in policy.
    stage.drop_in("admin-sticky")?;
    Ok(seen)
}
