//! Requests to the gateway, as a browser sends them.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use ureq::http::Response;
use ureq::{Agent, Body};

/// The gateway takes writes for an operator's unless an SDK sends them; a browser is no SDK.
const BROWSER: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36";
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
const NOT_FOUND: u16 = 404;

/// One server.
pub(crate) struct Web {
    agent: Agent,
    server: String,
}

/// What came back, whatever its status.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

/// Names and values of a query or a form.
pub(crate) type Fields<'f> = [(&'f str, &'f str)];

impl Web {
    pub(crate) fn new(server: &str) -> Self {
        let config = Agent::config_builder()
            .user_agent(BROWSER)
            .http_status_as_error(false)
            .timeout_global(Some(ANSWER_WITHIN))
            // The server is on this machine, whatever the environment says about the others.
            .proxy(None)
            // A connection that the last gateway left behind is of no use to the next one.
            .max_idle_connections(0)
            .build();
        Self { agent: config.into(), server: server.to_owned() }
    }

    pub(crate) fn get(&self, path: &str, query: &Fields<'_>) -> Result<Answer> {
        let request = self.agent.get(self.address(path)).query_pairs(query.iter().copied());
        answer(request.call().with_context(|| format!("GET {path} had no answer"))?)
    }

    pub(crate) fn put_form(&self, path: &str, form: &Fields<'_>) -> Result<Answer> {
        let request = self.agent.put(self.address(path));
        answer(request.send_form(form.iter().copied()).with_context(|| format!("PUT {path} had no answer"))?)
    }

    /// The JSON at a path; `None` when there is nothing, which the server says with 404.
    pub(crate) fn json(&self, path: &str, query: &Fields<'_>) -> Result<Option<Value>> {
        let Answer { status, body } = self.get(path, query)?;
        match status {
            200 => {
                Ok(Some(serde_json::from_str(&body).with_context(|| format!("GET {path} answered no JSON: {body}"))?))
            }
            NOT_FOUND => Ok(None),
            _ => bail!("GET {path} answered {status}: {body}"),
        }
    }

    fn address(&self, path: &str) -> String {
        format!("http://{}{path}", self.server)
    }
}

fn answer(mut response: Response<Body>) -> Result<Answer> {
    let body = response.body_mut().read_to_string().context("an answer broke off")?;
    Ok(Answer { status: response.status().as_u16(), body })
}
