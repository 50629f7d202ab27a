//! Texts in arrays of C characters.

use std::ffi::c_char;

/// Writes `text` and a NUL into `place`, cut at the last whole character that fits; whether it was cut.
///
/// A NUL inside the text would hide the rest from C, so it becomes a blank.
pub(crate) fn fill(place: &mut [c_char], text: &str) -> bool {
    let Some(room) = place.len().checked_sub(1) else { return !text.is_empty() };
    let end = text.floor_char_boundary(room);
    for (slot, byte) in place.iter_mut().zip(text[..end].bytes()) {
        *slot = c_char::from_ne_bytes([if byte == 0 { b' ' } else { byte }]);
    }
    for slot in &mut place[end..] {
        *slot = 0;
    }
    end < text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(place: &[c_char]) -> String {
        let bytes: Vec<u8> = place.iter().take_while(|c| **c != 0).map(|c| c.to_ne_bytes()[0]).collect();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn what_fits_is_whole_and_ends_in_nul() {
        let mut place = [1; 6];
        assert!(!fill(&mut place, "abcde"));
        assert_eq!((read(&place), place[5]), ("abcde".into(), 0));
        assert!(!fill(&mut place, "a\0b"));
        assert_eq!(read(&place), "a b");
    }

    #[test]
    fn what_does_not_fit_is_cut_between_characters() {
        let mut place = [1; 4];
        assert!(fill(&mut place, "aéé"));
        assert_eq!(read(&place), "aé");
        assert!(fill(&mut [], "x"));
        assert!(!fill(&mut [], ""));
    }
}
