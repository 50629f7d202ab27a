//! Serialised answers that a host makes from a view, kept with it: same revision, same bytes.

use std::sync::Arc;

use crate::{
    limits::{ANSWER_BYTES_MAX, ANSWERS_MAX},
    sync::OnceLock,
    view::View,
};

/// The answers of one snapshot; they are freed with it.
#[derive(Default)]
pub(crate) struct Answers([OnceLock<Arc<[u8]>>; ANSWERS_MAX]);

/// Why a view keeps no such answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// There is no such answer.
    #[error("answer {kind} does not exist; number the kinds of answers from 0 to {}", ANSWERS_MAX - 1)]
    Kind {
        /// The number.
        kind: usize,
    },
    /// It is too large to keep.
    #[error("answer {kind} has {bytes} bytes; at most {ANSWER_BYTES_MAX} are kept with a view, send it in parts")]
    TooLarge {
        /// The number of the answer.
        kind: usize,
        /// Its length.
        bytes: usize,
    },
}

impl<'a> View<'a> {
    /// The answer of a kind that was made from this revision, or what `make` makes of it now.
    ///
    /// A host numbers the kinds of answers that it serves (a JSON list, a protocol's message, ...) from 0 to
    /// [`ANSWERS_MAX`] - 1, for all services alike. All readers of one revision get the same bytes. Two that ask for
    /// the first time at once may both run `make`, neither waits for the other, and one of the results stays. Clone the
    /// `Arc` to take the bytes out of the lookup.
    ///
    /// ```
    /// # use steadfast_core::*;
    /// # let registry = Registry::open(Options::default(), Box::new(MemoryStore::new()))?;
    /// # let service = registry.service(&ServiceName::new("public", "g", "orders")?)?;
    /// const COUNT: usize = 0;
    /// let count = |view: &View<'_>| view.len().to_string().into_bytes();
    /// let first = registry.view(service, |view| view.answer(COUNT, count).cloned())??;
    /// let again = registry.view(service, |view| view.answer(COUNT, |_| unreachable!("it is kept")).cloned())??;
    /// assert_eq!((&*first, &*again), (b"0".as_slice(), b"0".as_slice()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn answer(&self, kind: usize, make: impl FnOnce(&View<'a>) -> Vec<u8>) -> Result<&'a Arc<[u8]>, AnswerError> {
        let place = self.snapshot.answers().0.get(kind).ok_or(AnswerError::Kind { kind })?;
        if let Some(answer) = place.get() {
            return Ok(answer);
        }
        // Made outside the cell: a reader that is preempted here holds nobody up, and `make` may ask for other answers.
        let bytes = make(self);
        if bytes.len() > ANSWER_BYTES_MAX {
            return Err(AnswerError::TooLarge { kind, bytes: bytes.len() });
        }
        Ok(place.get_or_init(|| bytes.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{draft::Columns, garbage::Bin, interner::Interner, snapshot::Snapshot};

    #[test]
    fn an_answer_is_made_once_for_each_kind_and_revision() {
        let names = Interner::new(1, &Bin::new());
        let (one, two) = (Snapshot::new(1, Columns::default()), Snapshot::new(2, Columns::default()));
        let ask = |snapshot, kind, text: &str| {
            View { snapshot, names: &names }.answer(kind, |_| text.as_bytes().to_vec()).unwrap().to_vec()
        };
        assert_eq!(ask(&one, 0, "first"), b"first");
        assert_eq!(ask(&one, 0, "second"), b"first");
        assert_eq!(ask(&one, ANSWERS_MAX - 1, "another kind"), b"another kind");
        assert_eq!(ask(&two, 0, "another revision"), b"another revision");
    }

    #[test]
    fn bounds_hold_and_a_refused_answer_leaves_its_place_free() {
        let names = Interner::new(1, &Bin::new());
        let snapshot = Snapshot::new(1, Columns::default());
        let view = View { snapshot: &snapshot, names: &names };
        assert_eq!(view.answer(ANSWERS_MAX, |_| Vec::new()).unwrap_err(), AnswerError::Kind { kind: ANSWERS_MAX });
        let too_large = view.answer(1, |_| vec![0; ANSWER_BYTES_MAX + 1]).unwrap_err();
        assert_eq!(too_large, AnswerError::TooLarge { kind: 1, bytes: ANSWER_BYTES_MAX + 1 });
        assert_eq!(**view.answer(1, |_| vec![7]).unwrap(), [7]);
    }

    #[test]
    fn making_one_answer_may_use_itself_and_others() {
        let names = Interner::new(1, &Bin::new());
        let snapshot = Snapshot::new(1, Columns::default());
        let view = View { snapshot: &snapshot, names: &names };
        let answer = view.answer(0, |view| view.answer(0, |_| vec![1]).unwrap().to_vec()).unwrap();
        assert_eq!(**answer, [1]);
    }
}
