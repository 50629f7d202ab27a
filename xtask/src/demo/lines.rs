//! The story as it is printed: one line for each step, in columns that a terminal of 120 shows.

use std::io::{IsTerminal, stdout};
use std::time::Instant;

use crate::console;
use crate::demo::seen::Seen;

/// What changes from run to run is left out where runs are compared.
struct Column {
    title: &'static str,
    width: usize,
    varies: bool,
}

const fn column(title: &'static str, width: usize) -> Column {
    Column { title, width, varies: false }
}

const fn varying(title: &'static str, width: usize) -> Column {
    Column { title, width, varies: true }
}

const COLUMNS: [Column; 8] = [
    varying("  sec", 5),
    column("what happens", 34),
    column("enabled", 7),
    column("healthy", 7),
    varying("rev", 5),
    column("policy", 14),
    varying("digest", 6),
    column("reason", 0),
];
const GAP: &str = "  ";
const NOTHING: &str = "-";
/// A revision counts the registry's starts above these bits, and the service's changes below.
const CHANGE_BITS: u32 = 40;

type Cells = [String; COLUMNS.len()];

pub(crate) struct Lines {
    started: Instant,
    colours: bool,
    printed: Vec<String>,
}

impl Lines {
    /// Starts the clock and prints the heads of the columns.
    pub(crate) fn start() -> Self {
        let mut lines = Self { started: Instant::now(), colours: stdout().is_terminal(), printed: Vec::new() };
        let heads = COLUMNS.map(|column| column.title.to_owned());
        console::line("");
        lines.print(&heads);
        lines
    }

    /// One step has been taken, and this is what is to be seen afterwards.
    pub(crate) fn step(&mut self, what: &str, seen: &Seen) {
        let seconds = format!("{:5.1}", self.started.elapsed().as_secs_f64());
        self.print(&cells(seconds, what, seen));
    }

    pub(crate) fn printed(&self) -> &[String] {
        &self.printed
    }

    fn print(&mut self, cells: &Cells) {
        let plain = joined(cells, |_, cell| cell);
        if self.colours {
            console::line(&joined(cells, coloured));
        } else {
            console::line(&plain);
        }
        self.printed.push(plain);
    }
}

fn cells(seconds: String, what: &str, seen: &Seen) -> Cells {
    let row = seen.row.as_ref();
    let why = seen.why.as_ref();
    let or_nothing = |text: Option<String>| text.unwrap_or_else(|| NOTHING.to_owned());
    [
        seconds,
        what.to_owned(),
        or_nothing(row.map(|row| yes_or_no(row.enabled))),
        or_nothing(row.map(|row| yes_or_no(row.healthy))),
        or_nothing(why.map(|why| format!("{}:{}", why.revision >> CHANGE_BITS, why.revision % (1 << CHANGE_BITS)))),
        seen.policy.name.clone(),
        seen.policy.digest.chars().take(6).collect(),
        or_nothing(why.map(|why| why.reason.clone())),
    ]
}

fn yes_or_no(yes: bool) -> String {
    if yes { "yes" } else { "no" }.to_owned()
}

/// Cells are padded first: colours have no width.
fn joined(cells: &Cells, paint: impl Fn(&Column, String) -> String) -> String {
    let padded = COLUMNS.iter().zip(cells).map(|(column, cell)| {
        let width = column.width;
        paint(column, format!("{cell:<width$}"))
    });
    padded.collect::<Vec<_>>().join(GAP).trim_end().to_owned()
}

fn coloured(_: &Column, cell: String) -> String {
    const GREEN: &str = "\x1b[32m";
    const RED: &str = "\x1b[31m";
    const PLAIN: &str = "\x1b[0m";
    match cell.trim() {
        "yes" => format!("{GREEN}{cell}{PLAIN}"),
        "no" => format!("{RED}{cell}{PLAIN}"),
        _ => cell,
    }
}

/// A printed line without what changes from run to run.
pub(crate) fn comparable(line: &str) -> String {
    let characters: Vec<char> = line.chars().collect();
    let mut at = 0;
    let mut kept = Vec::new();
    for column in &COLUMNS {
        let end = if column.width == 0 { characters.len() } else { (at + column.width).min(characters.len()) };
        let cell: String = characters.get(at..end).unwrap_or_default().iter().collect();
        if !column.varies {
            kept.push(cell.trim().to_owned());
        }
        at = end + GAP.len();
    }
    kept.join(" | ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::seen::{Policy, Row, Why};

    fn seen(revision: u64, digest: &str) -> Seen {
        Seen {
            row: Some(Row { enabled: false, healthy: true, version: "1".into() }),
            found: false,
            why: Some(Why {
                reason: "taken offline by an operator".into(),
                event: "hold".into(),
                remembered: false,
                hold: None,
                silent_ms: 0,
                revision,
            }),
            policy: Policy { name: "heartbeat-wins".into(), digest: digest.into(), epoch: 1 },
        }
    }

    fn line(seconds: &str, what: &str, seen: &Seen) -> String {
        joined(&cells(seconds.to_owned(), what, seen), |_, cell| cell)
    }

    #[test]
    fn a_line_fits_a_terminal() {
        let widest = "w".repeat(COLUMNS[1].width);
        let line = line(" 99.9", &widest, &seen((12 << CHANGE_BITS) + 34, "0123456789"));
        assert!(line.chars().count() <= 120, "{} columns: {line}", line.chars().count());
        assert!(line.contains("12:34") && line.contains("012345") && !line.contains("0123456"), "{line}");
        assert!(line.ends_with("taken offline by an operator"), "{line}");
    }

    #[test]
    fn lines_are_compared_without_time_revision_and_digest() {
        let one = line("  1.0", "beats go on", &seen((1 << CHANGE_BITS) + 3, "aaaaaaaa"));
        let other = line(" 77.7", "beats go on", &seen((2 << CHANGE_BITS) + 44, "bbbbbbbb"));
        assert_ne!(one, other);
        assert_eq!(comparable(&one), comparable(&other));
        assert_ne!(comparable(&one), comparable(&one.replace("offline", "away")));
        assert_ne!(comparable(&one), comparable(&one.replace("beats go on", "beats go in")));
    }

    #[test]
    fn nothing_registered_is_shown_as_such() {
        let line = line("  0.1", "gateway starts", &Seen::default());
        assert_eq!(line.split_whitespace().filter(|cell| *cell == NOTHING).count(), 4, "{line}");
    }
}
