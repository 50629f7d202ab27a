//! One instance as the gateway shows it: to the console, to a lookup, and to somebody who asks why.

use std::fmt;

use serde_json::Value;

/// Everything at one revision.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// The console's row; `None` while nothing is registered.
    pub(crate) row: Option<Row>,
    /// Whether a lookup, as consumers send it, finds the instance.
    pub(crate) found: bool,
    /// `None` while nothing at all is known about the address.
    pub(crate) why: Option<Why>,
    pub(crate) policy: Policy,
}

/// The part of the console's row that the story is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) enabled: bool,
    pub(crate) healthy: bool,
    /// The client's own word, by its metadata.
    pub(crate) version: String,
}

/// The part of the explanation that the story is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Why {
    pub(crate) reason: String,
    /// What the last decision was about, such as `beat`.
    pub(crate) event: String,
    /// The instance is gone and something about it is kept beside its orders.
    pub(crate) remembered: bool,
    pub(crate) hold: Option<Hold>,
    /// Time since the last beat, or since the instance left.
    pub(crate) silent_ms: u64,
    pub(crate) revision: u64,
}

/// The operator's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hold {
    pub(crate) owner: String,
    pub(crate) since_ms: u64,
    pub(crate) overruled: bool,
}

/// What decides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Policy {
    pub(crate) name: String,
    pub(crate) digest: String,
    pub(crate) epoch: u64,
}

impl Seen {
    /// Out of traffic by order, alive, and the order is listed.
    pub(crate) fn is_offline(&self) -> bool {
        let kept = self.hold().is_some_and(|hold| !hold.overruled);
        self.row.as_ref().is_some_and(|row| !row.enabled && row.healthy) && !self.found && kept
    }

    /// Consumers find it, and it is alive.
    pub(crate) fn is_online(&self) -> bool {
        self.row.as_ref().is_some_and(|row| row.enabled && row.healthy) && self.found && self.why.is_some()
    }

    /// Any sign that it could get traffic.
    pub(crate) fn serves(&self) -> bool {
        self.found || self.row.as_ref().is_some_and(|row| row.enabled)
    }

    pub(crate) fn is_gone(&self) -> bool {
        self.row.is_none() && !self.found
    }

    pub(crate) fn is_remembered(&self) -> bool {
        self.why.as_ref().is_some_and(|why| why.remembered)
    }

    pub(crate) fn decided_at(&self, event: &str) -> bool {
        self.why.as_ref().is_some_and(|why| why.event == event)
    }

    pub(crate) fn hold(&self) -> Option<&Hold> {
        self.why.as_ref()?.hold.as_ref()
    }

    pub(crate) fn silent_ms(&self) -> u64 {
        self.why.as_ref().map_or(u64::MAX, |why| why.silent_ms)
    }

    pub(crate) fn version(&self) -> Option<&str> {
        self.row.as_ref().map(|row| row.version.as_str())
    }

    pub(crate) fn revision(&self) -> Option<u64> {
        self.why.as_ref().map(|why| why.revision)
    }
}

impl Row {
    pub(crate) fn read(row: &Value) -> Option<Self> {
        Some(Self {
            enabled: row["enabled"].as_bool()?,
            healthy: row["healthy"].as_bool()?,
            version: row["metadata"]["version"].as_str()?.to_owned(),
        })
    }
}

impl Why {
    pub(crate) fn read(explanation: &Value) -> Option<Self> {
        Some(Self {
            reason: explanation["reason"].as_str()?.to_owned(),
            event: explanation["decision"]["event"].as_str().unwrap_or("none").to_owned(),
            remembered: explanation["remembered"].as_bool()?,
            hold: explanation["holds"].as_array()?.first().and_then(Hold::read),
            silent_ms: explanation["silent_ms"].as_u64()?,
            revision: explanation["revision"].as_u64()?,
        })
    }
}

impl Hold {
    fn read(hold: &Value) -> Option<Self> {
        Some(Self {
            owner: hold["author"]["owner"].as_str()?.to_owned(),
            since_ms: hold["since_ms"].as_u64()?,
            overruled: hold["overruled"].as_bool()?,
        })
    }
}

impl Policy {
    pub(crate) fn read(status: &Value) -> Option<Self> {
        let active = &status["active"];
        Some(Self {
            name: active["name"].as_str()?.to_owned(),
            digest: active["digest"].as_str()?.to_owned(),
            epoch: active["epoch"].as_u64()?,
        })
    }
}

impl fmt::Display for Seen {
    /// For the message about a deviation.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.row {
            None => write!(f, "not registered")?,
            Some(row) => write!(f, "enabled={} healthy={} version={}", row.enabled, row.healthy, row.version)?,
        }
        write!(f, ", {} by a lookup", if self.found { "found" } else { "not found" })?;
        if let Some(why) = &self.why {
            write!(f, ", reason \"{}\", last decided at {}", why.reason, why.event)?;
            write!(f, ", silent for {} ms, revision {}", why.silent_ms, why.revision)?;
            write!(f, ", {}remembered", if why.remembered { "" } else { "not " })?;
            match &why.hold {
                None => write!(f, ", no order")?,
                Some(hold) => write!(f, ", order of {} (overruled={})", hold.owner, hold.overruled)?,
            }
        }
        write!(f, ", policy {} epoch {}", self.policy.name, self.policy.epoch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn hold(overruled: bool) -> Value {
        json!({ "author": { "owner": "console" }, "since_ms": 7, "overruled": overruled })
    }

    fn seen(enabled: bool, found: bool, holds: &[Value]) -> Seen {
        let row = json!({ "enabled": enabled, "healthy": true, "metadata": { "version": "1" } });
        let why = json!({ "reason": "r", "decision": { "event": "beat" }, "remembered": false, "holds": holds,
            "silent_ms": 100, "revision": 3 });
        Seen { row: Row::read(&row), found, why: Why::read(&why), policy: Policy::default() }
    }

    #[test]
    fn offline_needs_an_order_that_counts() {
        assert!(seen(false, false, &[hold(false)]).is_offline());
        assert!(!seen(false, false, &[hold(true)]).is_offline());
        assert!(!seen(false, false, &[]).is_offline());
        assert!(!seen(false, true, &[hold(false)]).is_offline());
    }

    #[test]
    fn one_sign_of_traffic_is_enough_to_serve() {
        assert!(seen(false, true, &[]).serves());
        assert!(seen(true, false, &[]).serves());
        assert!(!seen(true, false, &[]).is_online());
        assert!(!Seen::default().serves());
    }

    #[test]
    fn what_is_missing_in_an_answer_is_no_state() {
        assert_eq!(Row::read(&json!({ "enabled": true })), None);
        assert_eq!(Why::read(&json!({ "reason": "r" })), None);
        assert_eq!(Policy::read(&json!({})), None);
    }
}
