//! The gateway: its process, the questions that can be asked of it, and the console's one request.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::demo::patience;
use crate::demo::process::Process;
use crate::demo::seen::{Policy, Row, Seen, Why};
use crate::demo::web::Web;

pub(crate) const SERVICE: &str = "orders";
pub(crate) const IP: &str = "127.0.0.1";
pub(crate) const PORT: u16 = 18_080;
const CLUSTER: &str = "DEFAULT";
const GROUP: &str = "DEFAULT_GROUP";
const NAMESPACE: &str = "public";
/// The name under which a policies folder takes any policy.
pub(crate) const ACTIVE: &str = "active";
const UP_WITHIN: Duration = Duration::from_secs(30);
const LOOKS_MAX: usize = 20;

/// How a gateway is started.
#[derive(Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) light_beats: bool,
    /// How long an absent instance is remembered, as the flag takes it.
    pub(crate) retain: &'static str,
}

/// Where a gateway finds and leaves things.
pub(crate) struct Places<'p> {
    pub(crate) program: &'p Path,
    pub(crate) data: &'p Path,
    pub(crate) policies: &'p Path,
    pub(crate) log: &'p Path,
}

pub(crate) struct Gateway {
    process: Process,
    web: Web,
}

impl Gateway {
    /// Starts it and waits until it answers.
    pub(crate) fn start(places: &Places<'_>, server: &str, settings: Settings) -> Result<Self> {
        let mut command = Command::new(places.program);
        command.args(["-listen", server, "-policy", ACTIVE, "-retain", settings.retain, "-log-level", "debug"]);
        command.arg(format!("-light-beats={}", settings.light_beats));
        command.arg("-data").arg(places.data).arg("-policies").arg(places.policies);
        let process = Process::start("the gateway", &mut command, places.log)?;
        let mut gateway = Self { process, web: Web::new(server) };
        match patience::until(UP_WITHIN, || gateway.is_up())? {
            Some(()) => Ok(gateway),
            None => bail!("the gateway does not answer at {server}; see {}", places.log.display()),
        }
    }

    fn is_up(&mut self) -> Result<Option<()>> {
        self.process.check()?;
        // Nobody listens yet: that is no failure while the process lives.
        let answer = self.web.get("/nacos/v1/console/health/readiness", &[]);
        Ok(answer.is_ok_and(|answer| answer.status == 200).then_some(()))
    }

    pub(crate) fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Asks it to stop in its own way.
    pub(crate) fn stop(self) -> Result<()> {
        self.process.stop()
    }

    /// What is to be seen of the instance now. The parts are asked for one after the other, so they are asked for again
    /// until nothing has changed between the first and the last.
    pub(crate) fn look(&self) -> Result<Seen> {
        let mut last = self.look_once()?;
        for _ in 0..LOOKS_MAX {
            let again = self.look_once()?;
            if again.revision() == last.revision() && again.policy == last.policy {
                return Ok(again);
            }
            last = again;
        }
        bail!("the instance changes faster than one can look; last seen: {last}")
    }

    fn look_once(&self) -> Result<Seen> {
        let (row, found) = (self.row()?, self.is_found()?);
        let row = row.map(|row| Row::read(&row).with_context(|| no_sense(&row))).transpose()?;
        Ok(Seen { row, found, policy: self.policy()?, why: self.why()? })
    }

    fn why(&self) -> Result<Option<Why>> {
        let port = PORT.to_string();
        let target = [("serviceName", SERVICE), ("ip", IP), ("port", &port)];
        let explanation = self.web.json("/steadfast/v1/explain", &target)?;
        explanation.map(|explanation| Why::read(&explanation).with_context(|| no_sense(&explanation))).transpose()
    }

    pub(crate) fn policy(&self) -> Result<Policy> {
        let status = self.web.json("/steadfast/v1/policies", &[])?.context("the gateway knows no policies")?;
        Policy::read(&status).with_context(|| no_sense(&status))
    }

    /// What has been announced about policies files that were refused, newest last.
    pub(crate) fn refusals(&self) -> Result<Vec<String>> {
        let all = self.web.json("/steadfast/v1/announcements", &[])?.context("the gateway announces nothing")?;
        let all = all.as_array().context("announcements are a list")?;
        let refused = all.iter().filter(|one| one["kind"] == "policy-refused");
        Ok(refused.filter_map(|one| one["text"].as_str().map(str::to_owned)).collect())
    }

    /// The order in the list of all orders, as an operator would look it up.
    pub(crate) fn listed_holds(&self) -> Result<Vec<Value>> {
        let list = self.web.json("/steadfast/v1/orders", &[("serviceName", SERVICE)])?.unwrap_or_default();
        let addresses = list.pointer("/0/orders").and_then(Value::as_array).cloned().unwrap_or_default();
        let holds = |address: &Value| address["holds"].as_array().cloned().unwrap_or_default();
        Ok(addresses.iter().flat_map(holds).collect())
    }

    /// The button of the console's detail page: a PUT of everything that the row shows, with `enabled` turned round.
    pub(crate) fn press_button(&self, enabled: bool) -> Result<()> {
        let row = self.row()?.context("there is no row whose button could be pressed")?;
        let (weight, metadata) = (row["weight"].to_string(), row["metadata"].to_string());
        let (ephemeral, enabled, port) = (row["ephemeral"].to_string(), enabled.to_string(), PORT.to_string());
        let form = [
            ("serviceName", SERVICE),
            ("clusterName", CLUSTER),
            ("groupName", GROUP),
            ("ip", IP),
            ("port", &port),
            ("ephemeral", &ephemeral),
            ("weight", &weight),
            ("enabled", &enabled),
            ("metadata", &metadata),
            ("namespaceId", NAMESPACE),
        ];
        let answer = self.web.put_form("/nacos/v1/ns/instance", &form)?;
        if answer.status != 200 || answer.body != "ok" {
            bail!("the console's request was answered with {} {}", answer.status, answer.body);
        }
        Ok(())
    }

    /// The instance on the console's detail page, disabled or not.
    fn row(&self) -> Result<Option<Value>> {
        let page = [
            ("serviceName", SERVICE),
            ("clusterName", CLUSTER),
            ("groupName", GROUP),
            ("pageNo", "1"),
            ("pageSize", "10"),
            ("namespaceId", NAMESPACE),
        ];
        let page = self.web.json("/nacos/v1/ns/catalog/instances", &page)?;
        Ok(page.and_then(|page| page["list"].as_array().and_then(|list| list.iter().find(|row| is_ours(row)).cloned())))
    }

    /// Whether consumers find the instance: the lookup of every SDK.
    fn is_found(&self) -> Result<bool> {
        let list = [("serviceName", SERVICE), ("healthyOnly", "true")];
        let list = self.web.json("/nacos/v1/ns/instance/list", &list)?.unwrap_or_default();
        Ok(list["hosts"].as_array().is_some_and(|hosts| hosts.iter().any(is_ours)))
    }
}

fn is_ours(instance: &Value) -> bool {
    instance["ip"] == IP && instance["port"] == PORT
}

fn no_sense(answer: &Value) -> String {
    format!("the gateway's answer lacks a field: {answer}")
}
