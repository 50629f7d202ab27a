//! Where a story is played: one gateway, one client, and somebody who looks at what is to be seen.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Error, Result, bail};

use crate::demo::Parts;
use crate::demo::gateway::{ACTIVE, Gateway, IP, PORT, Places, SERVICE, Settings};
use crate::demo::patience;
use crate::demo::process::Process;
use crate::demo::seen::Seen;
use crate::project::Project;

const PROGRAM: &str = "nacos-client-java.jar";
/// Nothing takes that long on a machine that works.
const PATIENCE: Duration = Duration::from_secs(40);
/// As many as it takes to say that beats change nothing.
const BEATS: u32 = 3;

/// What must hold in each look while one waits for something.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meanwhile {
    Anything,
    /// Not one moment of traffic.
    Refused,
}

pub(crate) struct Stage<'p> {
    parts: &'p Parts,
    folder: PathBuf,
    server: String,
    settings: Settings,
    // Dropped in this order: a client that loses its server first would fill its log.
    client: Option<Process>,
    gateway: Option<Gateway>,
}

impl<'p> Stage<'p> {
    /// An empty stage in a fresh folder below `target`, with `admin-sticky` as the active policy.
    pub(crate) fn set(project: &Project, parts: &'p Parts, name: &str, settings: Settings) -> Result<Self> {
        let folder = project.target.join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
        }
        let stage = Self { parts, folder, server: free_address()?, settings, client: None, gateway: None };
        for place in ["data", "policies", "logs", "snapshots"] {
            let place = stage.place(place);
            fs::create_dir_all(&place).with_context(|| format!("cannot create {}", place.display()))?;
        }
        stage.drop_in("admin-sticky")?;
        Ok(stage)
    }

    pub(crate) fn server(&self) -> &str {
        &self.server
    }

    /// The files to read when something went differently.
    pub(crate) fn logs(&self) -> PathBuf {
        self.place("logs")
    }

    pub(crate) fn active_file(&self) -> PathBuf {
        self.place("policies").join(format!("{ACTIVE}.wasm"))
    }

    fn place(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub(crate) fn start_gateway(&mut self) -> Result<()> {
        let (data, policies, log) = (self.place("data"), self.place("policies"), self.logs().join("gateway.log"));
        let places = Places { program: &self.parts.gateway, data: &data, policies: &policies, log: &log };
        self.gateway = Some(Gateway::start(&places, &self.server, self.settings)?);
        Ok(())
    }

    /// Stops the gateway in its own way and starts it with other settings, at the same address.
    pub(crate) fn restart_gateway(&mut self, settings: Settings) -> Result<()> {
        self.gateway.take().context("no gateway runs")?.stop()?;
        self.settings = settings;
        self.start_gateway()
    }

    /// SIGKILL, and a new start at the same address.
    pub(crate) fn kill_and_start_gateway(&mut self) -> Result<()> {
        drop(self.gateway.take().context("no gateway runs")?);
        self.start_gateway()
    }

    /// Starts the Java program, which registers itself and beats. It names `version` in its metadata.
    pub(crate) fn start_client(&mut self, version: &str) -> Result<()> {
        let mut command = Command::new("java");
        // A small program: compiling it well takes longer than it runs.
        command.args(["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx64m"]);
        let folders = [("JM.SNAPSHOT.PATH", self.place("snapshots")), ("JM.LOG.PATH", self.logs())];
        command.args(folders.map(|(name, folder)| format!("-D{name}={}", folder.display())));
        command.arg("-jar").arg(self.parts.java_client.join(PROGRAM));
        command.args([&self.server, SERVICE, IP, &PORT.to_string(), version]);
        self.client = Some(Process::start("the client", &mut command, &self.logs().join("client.log"))?);
        Ok(())
    }

    /// SIGKILL, and a new start that names another version.
    pub(crate) fn kill_and_start_client(&mut self, version: &str) -> Result<()> {
        drop(self.client.take().context("no client runs")?);
        self.start_client(version)
    }

    pub(crate) fn client(&self) -> Result<&Process> {
        self.client.as_ref().context("no client runs")
    }

    pub(crate) fn gateway(&self) -> Result<&Gateway> {
        self.gateway.as_ref().context("no gateway runs")
    }

    /// Makes a policy that ships the active one: one copy.
    pub(crate) fn drop_in(&self, policy: &str) -> Result<()> {
        let (from, to) = (self.shipped(policy), self.active_file());
        fs::copy(&from, &to).with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
        Ok(())
    }

    /// Puts half a policy in the place of the active one.
    pub(crate) fn drop_in_half(&self, policy: &str) -> Result<()> {
        let (from, to) = (self.shipped(policy), self.active_file());
        let whole = fs::read(&from).with_context(|| format!("cannot read {}", from.display()))?;
        fs::write(&to, &whole[..whole.len() / 2]).with_context(|| format!("cannot write {}", to.display()))
    }

    fn shipped(&self, policy: &str) -> PathBuf {
        self.parts.policies.join(format!("{policy}.wasm"))
    }

    /// What is to be seen now; fails when a process has ended that should run.
    pub(crate) fn look(&mut self) -> Result<Seen> {
        if let Some(client) = &mut self.client {
            client.check()?;
        }
        let gateway = self.gateway.as_mut().context("no gateway runs")?;
        gateway.process().check()?;
        gateway.look()
    }

    /// Looks until it is as expected.
    pub(crate) fn until(
        &mut self,
        expected: &str,
        meanwhile: Meanwhile,
        reached: impl Fn(&Seen) -> bool,
    ) -> Result<Seen> {
        let mut last = Seen::default();
        let outcome = patience::until(PATIENCE, || {
            last = self.look()?;
            if meanwhile == Meanwhile::Refused && last.serves() {
                return Err(deviation(&format!("{expected}, and no traffic before"), &last));
            }
            Ok(reached(&last).then(|| last.clone()))
        })?;
        outcome.ok_or_else(|| deviation(&format!("{expected} within {} s", PATIENCE.as_secs()), &last))
    }

    /// Waits until the gateway has announced that it refuses a file, beside those that it refused `before`; what it
    /// says about it.
    pub(crate) fn until_refused(&mut self, before: usize) -> Result<String> {
        let gateway = self.gateway()?;
        let text = patience::until(PATIENCE, || Ok(gateway.refusals()?.into_iter().nth(before)))?;
        text.with_context(|| {
            format!("expected: a file refused within {} s\n     got: no word of it", PATIENCE.as_secs())
        })
    }

    /// Looks again and again while some beats arrive; each time it has to be as expected.
    pub(crate) fn for_some_beats(&mut self, expected: &str, holds: impl Fn(&Seen) -> bool) -> Result<Seen> {
        let (mut beats, mut last) = (0, Seen::default());
        let outcome = patience::until(PATIENCE, || {
            let seen = self.now(expected, &holds)?;
            // Silence only grows, but for beats.
            beats += u32::from(seen.silent_ms() < last.silent_ms());
            last = seen;
            // The first look has nothing to be compared with and counts as one.
            Ok((beats > BEATS).then(|| last.clone()))
        })?;
        outcome.ok_or_else(|| deviation(&format!("{BEATS} beats within {} s", PATIENCE.as_secs()), &last))
    }

    /// Looks once; it has to be as expected already.
    pub(crate) fn now(&mut self, expected: &str, holds: impl Fn(&Seen) -> bool) -> Result<Seen> {
        let seen = self.look()?;
        if !holds(&seen) {
            return Err(deviation(expected, &seen));
        }
        Ok(seen)
    }
}

fn deviation(expected: &str, got: &Seen) -> Error {
    anyhow::anyhow!("expected: {expected}\n     got: {got}")
}

/// An address on the loopback that nobody uses now. The gateway needs the same one at each of its starts, so it cannot
/// choose for itself.
fn free_address() -> Result<String> {
    let free = TcpListener::bind(("127.0.0.1", 0)).context("cannot listen on the loopback")?;
    Ok(free.local_addr()?.to_string())
}

/// Fails early, and with what to do, when a part was not built.
pub(crate) fn require(parts: &Parts) -> Result<()> {
    let needed: [&Path; 4] = [
        &parts.gateway,
        &parts.java_client.join(PROGRAM),
        &parts.policies.join("admin-sticky.wasm"),
        &parts.policies.join("heartbeat-wins.wasm"),
    ];
    for file in needed {
        if !file.is_file() {
            bail!("{} was not built", file.display());
        }
    }
    Ok(())
}
