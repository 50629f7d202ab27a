//! What a person or a log reads while a task runs.

use std::io::{IsTerminal, Write, stdout};
use std::time::{Duration, Instant};

/// A log without a terminal gets a sign of life this often, so that nobody takes a long build for a hang.
const HEARTBEAT: Duration = Duration::from_secs(30);
/// A terminal gets one line that is rewritten in place.
const REDRAW: Duration = Duration::from_secs(1);
const STATUS_COLUMNS_MAX: usize = 110;

/// Prints one line now. A reader that went away (`| head`) is no reason to stop the task.
#[cfg(not(test))]
pub(crate) fn line(text: &str) {
    let mut out = stdout().lock();
    let _ = writeln!(out, "{text}");
    let _ = out.flush();
}

/// In tests the output goes through the test harness, so that nobody counts the lines that a test made up.
#[cfg(test)]
#[expect(clippy::print_stdout, reason = "only this macro is captured")]
pub(crate) fn line(text: &str) {
    println!("{text}");
}

/// `[2 of 7] go: every Go test`.
pub(crate) fn stage(number: usize, of: usize, text: &str) {
    line("");
    line(&format!("[{number} of {of}] {text}"));
}

/// `7.3s`, `42s`, `3m05s`.
pub(crate) fn elapsed(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..10 => format!("{:.1}s", duration.as_secs_f64()),
        10..60 => format!("{seconds}s"),
        _ => format!("{}m{:02}s", seconds / 60, seconds % 60),
    }
}

/// The sign of life of one running command.
pub(crate) struct Pulse {
    started: Instant,
    shown: Instant,
    terminal: bool,
    drawn: bool,
}

impl Pulse {
    pub(crate) fn start() -> Self {
        let now = Instant::now();
        Self { started: now, shown: now, terminal: stdout().is_terminal(), drawn: false }
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Shows how long the command runs and what it said last, when it is time to.
    pub(crate) fn beat(&mut self, last: &str) {
        let pause = if self.terminal { REDRAW } else { HEARTBEAT };
        if self.shown.elapsed() < pause {
            return;
        }
        self.shown = Instant::now();
        let status = format!("    ... {} {}", elapsed(self.elapsed()), last.trim());
        let status: String = status.chars().take(STATUS_COLUMNS_MAX).collect();
        if self.terminal {
            self.draw(&status);
        } else {
            line(&status);
        }
    }

    /// Prints a line that stays, in place of the status line.
    pub(crate) fn say(&mut self, text: &str) {
        self.clear();
        line(text);
        if !self.terminal {
            self.shown = Instant::now();
        }
    }

    /// Takes the status line off the terminal.
    pub(crate) fn clear(&mut self) {
        if self.drawn {
            self.draw("");
            self.drawn = false;
        }
    }

    fn draw(&mut self, status: &str) {
        let mut out = stdout().lock();
        let _ = write!(out, "\r\x1b[K{status}");
        let _ = out.flush();
        self.drawn = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well() {
        assert_eq!(elapsed(Duration::from_millis(7_340)), "7.3s");
        assert_eq!(elapsed(Duration::from_millis(42_900)), "42s");
        assert_eq!(elapsed(Duration::from_secs(185)), "3m05s");
    }
}
