//! When a file that changes has stopped changing.
//!
//! A file is taken when two reads, some time apart, find the same bytes under the same marks. A copy that is still
//! running, a rename that comes in two steps and an editor that truncates first never satisfy that.

use std::time::{Duration, Instant};

use super::{content::Content, content::Fingerprint, listing::Pair};

/// What is known of one name's files.
#[derive(Debug, Default)]
pub(crate) struct Settling {
    /// The marks under which content was last taken.
    taken: Option<Seen>,
    /// A first read that waits for its confirmation.
    draft: Option<Draft>,
}

/// The marks of a name's files, or that there are none.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen(Option<Pair>);

#[derive(Debug)]
struct Draft {
    seen: Seen,
    fingerprint: Fingerprint,
    due: Instant,
}

impl Settling {
    /// Files that are known not to be there, until they are seen.
    pub(crate) fn absent() -> Settling {
        Settling { taken: Some(Seen(None)), draft: None }
    }

    /// Looks at the marks seen now and reads where it matters; the content when it has settled.
    pub(crate) fn look(
        &mut self,
        pair: Option<&Pair>,
        now: Instant,
        settle: Duration,
        read: impl FnOnce() -> Option<Content>,
    ) -> Option<Content> {
        let seen = Seen(pair.cloned());
        if self.taken.as_ref() == Some(&seen) {
            self.draft = None;
            return None;
        }
        if self.draft.as_ref().is_some_and(|draft| draft.seen == seen && now < draft.due) {
            return None;
        }
        let content = read();
        let fingerprint = content.as_ref().map(Content::fingerprint);
        let confirmed = |draft: &Draft| draft.seen == seen && Some(draft.fingerprint) == fingerprint;
        if self.draft.as_ref().is_some_and(confirmed) {
            self.draft = None;
            self.taken = Some(seen);
            return content;
        }
        // What changed under the read gets another first read soon.
        let fingerprint = fingerprint.unwrap_or_default();
        self.draft = Some(Draft { seen, fingerprint, due: now + settle });
        None
    }

    /// When to look again, if a read waits for its confirmation.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.draft.as_ref().map(|draft| draft.due)
    }

    /// Takes the same files again at the next looks.
    pub(crate) fn forget(&mut self) {
        self.taken = None;
    }

    /// Whether the files as last seen are the ones that were taken.
    pub(crate) fn is_settled(&self) -> bool {
        self.draft.is_none() && self.taken.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::{super::listing::Mark, *};

    const SETTLE: Duration = Duration::from_millis(150);

    fn pair(bytes: u64) -> Pair {
        Pair { component: Mark::File { identity: [0; 4], bytes, modified: None }, params: None }
    }

    #[allow(clippy::unnecessary_wraps, reason = "it stands for a read, which can fail")]
    fn whole(text: &str) -> Option<Content> {
        Some(Content::Whole { component: text.into(), params: Vec::new() })
    }

    #[test]
    fn two_equal_reads_some_time_apart_take_a_file_once() {
        let (mut file, start, pair) = (Settling::default(), Instant::now(), pair(3));
        assert!(file.look(Some(&pair), start, SETTLE, || whole("abc")).is_none());
        assert_eq!(file.due(), Some(start + SETTLE));
        let early = start + SETTLE / 2;
        assert!(file.look(Some(&pair), early, SETTLE, || panic!("it is too early to read")).is_none());
        assert!(file.look(Some(&pair), start + SETTLE, SETTLE, || whole("abc")).is_some());
        assert!(file.is_settled());
        let later = start + 9 * SETTLE;
        assert!(file.look(Some(&pair), later, SETTLE, || panic!("nothing changed, nothing is read")).is_none());
    }

    #[test]
    fn content_that_differs_between_reads_is_not_taken() {
        let (mut file, start, pair) = (Settling::default(), Instant::now(), pair(3));
        assert!(file.look(Some(&pair), start, SETTLE, || whole("abc")).is_none());
        assert!(file.look(Some(&pair), start + SETTLE, SETTLE, || whole("abX")).is_none());
        assert!(file.look(Some(&pair), start + 2 * SETTLE, SETTLE, || None).is_none());
        assert!(file.look(Some(&pair), start + 3 * SETTLE, SETTLE, || whole("abX")).is_none());
        assert!(file.look(Some(&pair), start + 4 * SETTLE, SETTLE, || whole("abX")).is_some());
    }

    #[test]
    fn a_file_that_grows_starts_anew() {
        let (mut file, start) = (Settling::default(), Instant::now());
        assert!(file.look(Some(&pair(1)), start, SETTLE, || whole("a")).is_none());
        assert!(file.look(Some(&pair(2)), start + SETTLE, SETTLE, || whole("ab")).is_none());
        assert_eq!(file.due(), Some(start + 2 * SETTLE));
    }

    #[test]
    fn going_away_has_to_settle_too() {
        let (mut file, start, pair) = (Settling::default(), Instant::now(), pair(3));
        file.look(Some(&pair), start, SETTLE, || whole("abc"));
        file.look(Some(&pair), start + SETTLE, SETTLE, || whole("abc"));
        assert!(file.look(None, start + 2 * SETTLE, SETTLE, || Some(Content::Gone)).is_none());
        // Back before it settled: it was a replacement in two steps, and nothing happened.
        assert!(file.look(Some(&pair), start + 3 * SETTLE, SETTLE, || panic!("the same marks")).is_none());
        assert!(file.look(None, start + 4 * SETTLE, SETTLE, || Some(Content::Gone)).is_none());
        let gone = file.look(None, start + 5 * SETTLE, SETTLE, || Some(Content::Gone));
        assert!(matches!(gone, Some(Content::Gone)));
    }
}
