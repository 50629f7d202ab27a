//! Globs over names: `*` is any text, `?` any one character, everything else itself.

/// Whether `text` matches `pattern`. Runs in `O(pattern × text)` without recursion.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let (mut pattern_rest, mut text_rest) = (pattern.chars(), text.chars());
    // Where to resume when a later character does not fit: after the last star, one character further in the text.
    let mut resume: Option<(core::str::Chars<'_>, core::str::Chars<'_>)> = None;
    loop {
        let before_text = text_rest.clone();
        match (pattern_rest.next(), text_rest.next()) {
            (None, None) => return true,
            (Some('*'), _) => {
                resume = Some((pattern_rest.clone(), before_text.clone()));
                text_rest = before_text;
            }
            (Some('?'), Some(_)) => {}
            (Some(wanted), Some(found)) if wanted == found => {}
            _ => {
                let Some((star, stretch)) = &mut resume else { return false };
                if stretch.next().is_none() {
                    return false;
                }
                (pattern_rest, text_rest) = (star.clone(), stretch.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn globs() {
        for (pattern, text) in [("", ""), ("*", ""), ("*", "abc"), ("a*c", "abbc"), ("a?c", "aéc"), ("*b*", "abc")] {
            assert!(matches(pattern, text), "{pattern} should match {text}");
        }
        for (pattern, text) in [("", "a"), ("?", ""), ("a*c", "ab"), ("a?c", "ac"), ("abc", "abcd"), ("*x*", "abc")] {
            assert!(!matches(pattern, text), "{pattern} should not match {text}");
        }
    }
}
