//! Colours. They are written always; the standard output strips them where nobody would see them.

use std::fmt::{self, Display};

use anstyle::{AnsiColor, Style};

pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(crate) const CAUTION: Style = AnsiColor::Yellow.on_default();
pub(crate) const TITLE: Style = Style::new().bold();
pub(crate) const FAINT: Style = Style::new().dimmed();

/// A text in a style. Width and alignment count the text alone.
pub(crate) struct Painted<'a>(pub(crate) Style, pub(crate) &'a str);

impl Display for Painted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Painted(style, text) = self;
        write!(f, "{style}")?;
        Display::fmt(text, f)?;
        write!(f, "{style:#}")
    }
}
