//! Characters that show as what they are.

/// Whether a character may stand in a text that people read in a list or a log: it neither ends a line, nor hides, nor
/// changes the direction in which its neighbours are read. Letters of every script do.
///
/// ```
/// use steadfast_policy::is_plain;
///
/// assert!("größer, 大于, أكبر".chars().all(is_plain));
/// assert!(!is_plain('\n') && !is_plain('\u{202E}'));
/// ```
pub fn is_plain(c: char) -> bool {
    // Control characters; then characters without width, ends of lines and paragraphs, marks of direction.
    !(c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{061C}' | '\u{FEFF}'))
}
