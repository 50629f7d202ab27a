//! `docs/SCENARIOS.md`: what becomes of each scenario under each policy, for operators.
//!
//! The cells are what the vectors expect; that a registry does so is tested where the vectors are run.

use std::fmt::Write;

use steadfast_policy::Traffic;

use crate::{
    file::{Corpus, VectorFile},
    vector::{Answer, Expected, Vector},
};

/// The columns, the default policy first.
const POLICIES: [&str; 5] = ["admin-sticky", "restart-clears", "heartbeat-wins", "nacos-1-4", "nacos-2x"];

const INTRODUCTION: &str = "\
# Scenarios

An operator takes an instance offline, and some time later it takes traffic again; or it should take traffic again and
does not. These are the ways in which users of Nacos have met that, staged against Steadfast, and what becomes of each
under five of its policies. Read the column of the policy that you run, or that you think of running.

Each row is a story in [conformance](../conformance/README.md) that every test run stages in virtual time, event by
event; the row shows how it ends. What a policy does on its own account is staged in
[conformance/policies](../conformance/policies) and told in its README in [wasm-plugins/guests](../wasm-plugins/guests);
what it promises is in [LAWS.md](LAWS.md).

| a cell says | and then |
|---|---|
| offline | it is listed, and takes no traffic: the operator's order holds, or the client disabled itself |
| ONLINE | it is listed, and takes traffic |
| draining | it is listed, finishes what runs and takes nothing new |
| ..., unhealthy | the same, but it has been silent for too long or its health check fails |
| absent | it is not listed, and no order waits for it |
| absent, order kept | it is not listed; an order waits for it, and is listed as pending |
| register again | it is not listed, and its beat was answered so |
| refused | it is not listed, and its registration was not let in |

`nacos-1-4` and `nacos-2x` do what Nacos does where one registry can show it. Where Nacos itself behaves worse than they
do, because it takes several nodes or an accident of timing, the note below the table says so. `restart-clears` is shown
with its default: a client that names no process counts as another program.
";

const OUT: &str = "
## Not staged

What needs several nodes or happens in a consumer is no story about one registry.

| | scenario | why not |
|---|---|---|
";

/// A family of scenarios: its file, its title, and what they have in common.
const FAMILIES: [(&str, &str, &str); 4] = [
    (
        "flips.jsonl",
        "It was taken offline, and is online again",
        "In most of these an operator takes the instance offline, nobody takes that back, and the question is whether it is\n\
         still offline at the end. Where ONLINE is as it should be, the title or the note says why.",
    ),
    ("stuck.jsonl", "It should be online, and is not", "The reverse: orders that outlive what they were meant for."),
    (
        "acceptance.jsonl",
        "What any registry should be asked",
        "The shortest list that tells a sticky registry from one in which the last heartbeat wins.",
    ),
    (
        "operators.jsonl",
        "Orders for many, orders of others, policies for parts",
        "What Nacos has no word for: holds on a service, a cluster or an ip, releases by force, and a policy for a part of\n\
         the registry.",
    ),
];

const NACOS: &str = "https://github.com/alibaba/nacos/issues/";
const SPRING_CLOUD_ALIBABA: &str = "https://github.com/alibaba/spring-cloud-alibaba/issues/";

/// The whole document.
pub fn document(corpus: &Corpus) -> String {
    let mut text = INTRODUCTION.to_owned();
    for (name, title, about) in FAMILIES {
        if let Some(file) = corpus.scenarios.iter().find(|file| file.name == name) {
            // Writing to a text cannot fail.
            let _ = write!(text, "\n## {title}\n\n{about}\n\n");
            text.push_str(&table(file));
            text.push_str(&remarks(file));
        }
    }
    text.push_str(OUT);
    for out in &corpus.out {
        let _ = writeln!(text, "| {} | {} | {} |", out.id, out.title, out.reason);
    }
    text
}

fn table(file: &VectorFile) -> String {
    let mut text = format!("| | scenario | {} |\n|---|---|{}\n", POLICIES.join(" | "), "---|".repeat(POLICIES.len()));
    for vector in &file.vectors {
        let cells: Vec<String> = POLICIES.iter().map(|policy| cell(vector, policy)).collect();
        let _ = writeln!(text, "| {} | {} | {} |", vector.id, vector.title, cells.join(" | "));
    }
    text
}

/// How a vector ends under a policy.
fn cell(vector: &Vector, policy: &str) -> String {
    let last = vector.events.iter().rev().find(|event| !event.expect.is_empty());
    let ends = last.filter(|_| vector.speaks_of(policy)).and_then(|event| event.expected(policy));
    ends.map_or_else(|| "-".to_owned(), in_words)
}

fn in_words(expected: &Expected) -> String {
    match expected.answer {
        Some(Answer::RegisterAgain) => return "register again".to_owned(),
        Some(Answer::Refused) => return "refused".to_owned(),
        _ => {}
    }
    let picture = &expected.picture;
    let traffic = match picture.traffic {
        None if expected.orders.is_some_and(|orders| orders > 0) => return "absent, order kept".to_owned(),
        None => return "absent".to_owned(),
        Some(Traffic::Serve) => "ONLINE",
        Some(Traffic::Drain) => "draining",
        Some(Traffic::Refuse) => "offline",
    };
    let health = if picture.healthy == Some(false) { ", unhealthy" } else { "" };
    format!("{traffic}{health}")
}

/// Sources and notes, one point for each vector that has any.
fn remarks(file: &VectorFile) -> String {
    let mut text = String::new();
    for vector in &file.vectors {
        let source = vector.source.as_ref().map(|source| format!("{}.", linked(source)));
        let said: Vec<String> = source.into_iter().chain(vector.note.clone()).collect();
        if !said.is_empty() {
            let _ = writeln!(text, "- **{}** {}", vector.id, said.join(" "));
        }
    }
    let seen =
        if file.vectors.iter().any(|vector| vector.source.is_some()) { "Where it was seen, and what" } else { "What" };
    if text.is_empty() { text } else { format!("\n{seen} to know:\n\n{text}") }
}

/// Issue numbers as links: `#1` is one of Nacos, `SCA #1` one of Spring Cloud Alibaba.
fn linked(source: &str) -> String {
    let mut text = String::new();
    let mut rest = source;
    while let Some((before, after)) = rest.split_once('#') {
        let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
        let (number, others) = after.split_at(digits);
        let tracker = if before.ends_with("SCA ") { SPRING_CLOUD_ALIBABA } else { NACOS };
        let _ = if number.is_empty() {
            write!(text, "{before}#")
        } else {
            write!(text, "{before}[#{number}]({tracker}{number})")
        };
        rest = others;
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_text;

    #[test]
    fn issues_become_links() {
        let text = linked("Nacos 2.x, #12 #3; SCA #45; C# and #");
        let (one, two) = (format!("[#12]({NACOS}12)"), format!("[#3]({NACOS}3)"));
        assert_eq!(text, format!("Nacos 2.x, {one} {two}; SCA [#45]({SPRING_CLOUD_ALIBABA}45); C# and #"));
    }

    #[test]
    fn a_cell_is_how_the_story_ends() {
        let ends = |expect: &str| {
            let text = format!(
                r#"{{"id":"x","title":"x","events":[{{"at":0,"do":"look","expect":[{{"present":false}}]}},{{"at":0,"do":"beat","expect":[{expect}]}},{{"at":0,"do":"remove"}}]}}"#
            );
            cell(&read_text("x", &text).expect("a vector").vectors[0], "any")
        };
        assert_eq!(ends(r#"{"present":true,"healthy":true,"traffic":"serve"}"#), "ONLINE");
        assert_eq!(ends(r#"{"present":true,"healthy":false,"traffic":"refuse"}"#), "offline, unhealthy");
        assert_eq!(ends(r#"{"present":true,"healthy":true,"traffic":"drain"}"#), "draining");
        assert_eq!(ends(r#"{"present":false}"#), "absent");
        assert_eq!(ends(r#"{"present":false,"orders":2}"#), "absent, order kept");
        assert_eq!(ends(r#"{"present":false,"orders":2,"answer":"register-again"}"#), "register again");
    }
}
