//! Text that comes from a file and ends up in one line of somebody's log.
//!
//! A component can put anything into its names and messages: a megabyte, line ends that fake a second entry, marks that
//! turn the reading direction of what follows. None of it may reach an error's text.

use std::fmt;

use steadfast_policy::is_plain;

/// Longest piece of foreign text in an error, in characters: a sentence or two.
const CHARS_MAX: usize = 500;

/// An error of the parser or of the engine with the whole chain of its causes, on one line. Names from the file are in it.
pub(crate) fn one_line(error: impl fmt::Display) -> String {
    shown(&format!("{error:#}").split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The text on one line, shortened, with a `?` for every character that shows nothing or changes how others show.
pub(crate) fn shown(text: &str) -> String {
    let mut chars = text.chars();
    let mut line: String = chars.by_ref().take(CHARS_MAX).map(harmless).collect();
    if chars.next().is_some() {
        line.push('…');
    }
    line
}

fn harmless(c: char) -> char {
    match c {
        '\n' | '\t' => ' ',
        c if is_plain(c) => c,
        _ => '?',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_stays() {
        assert_eq!(shown("größer als 0, 大于 0, أكبر من 0"), "größer als 0, 大于 0, أكبر من 0");
    }

    #[test]
    fn one_entry_stays_one_line_in_one_direction() {
        assert_eq!(shown("bad\nERROR\tall\r\0 \u{202E}lost\u{2028}"), "bad ERROR all?? ?lost?");
    }

    #[test]
    fn a_megabyte_is_cut() {
        let cut = shown(&"ä".repeat(1 << 20));
        assert_eq!((cut.chars().count(), cut.ends_with('…')), (CHARS_MAX + 1, true));
    }
}
