//! Sets of key names, each kept once for all metadata that has the same keys.
//!
//! A fleet names its metadata in few ways, so the names are shared and an instance keeps its values alone. The table is the
//! process' own, because metadata is made before anybody knows for which registry. Its lock is a leaf: it is taken when
//! metadata is made and when the last metadata with some keys goes, and nothing else happens under it.
//!
//! Invariant: the table knows exactly the sets that are in use, so that a client who makes keys up fills no memory longer
//! than its metadata stands; and of equal sets in use there is one, so that two pointers tell whether two sets are equal.

use std::{
    collections::HashMap,
    ptr,
    sync::{Arc, Weak},
};

use crate::{
    hashing::RandomState,
    sync::in_process::{Mutex, MutexGuard, OnceLock},
};

/// Between two names; no name holds one.
const SEPARATOR: char = '\0';
/// A table of this size is not worth shrinking.
const ROOM_KEPT: usize = 64;

type Table = HashMap<Arc<str>, Weak<Keys>, RandomState>;

static TABLE: OnceLock<Mutex<Table>> = OnceLock::new();

fn table() -> MutexGuard<'static, Table> {
    TABLE.get_or_init(Mutex::default).lock()
}

/// A set of names, in the order in which it was named.
#[derive(Debug)]
pub(super) struct Keys {
    /// The names with separators between them: what the table finds the set by.
    text: Arc<str>,
    /// Where each name ends.
    ends: Box<[u32]>,
}

impl Keys {
    /// The one set of these names. They hold no NUL.
    pub(super) fn shared<'a>(names: impl Iterator<Item = &'a str>) -> Arc<Keys> {
        let mut text = String::new();
        for (at, name) in names.enumerate() {
            if at > 0 {
                text.push(SEPARATOR);
            }
            text.push_str(name);
        }
        let mut known = table();
        // A set that does not come to life any more is on its way to `drop`, and finds somebody else in its place.
        if let Some(keys) = known.get(text.as_str()).and_then(Weak::upgrade) {
            return keys;
        }
        let keys = Arc::new(Keys::new(text.into()));
        known.insert(Arc::clone(&keys.text), Arc::downgrade(&keys));
        keys
    }

    fn new(text: Arc<str>) -> Keys {
        let separators = text.match_indices(SEPARATOR).map(|(at, _)| at);
        let ends = separators.chain([text.len()]).map(|end| end as u32).collect();
        Keys { text, ends }
    }

    pub(super) fn iter(&self) -> Names<'_> {
        Names { text: &self.text, ends: self.ends.iter(), start: 0 }
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        let mut known = table();
        if known.get(&self.text).is_some_and(|keys| ptr::eq(keys.as_ptr(), self)) {
            known.remove(&self.text);
        }
        if known.capacity() > ROOM_KEPT.max(known.len() * 4) {
            let room = known.len() * 2;
            known.shrink_to(room);
        }
    }
}

/// The names of a set.
#[derive(Clone, Debug)]
pub(super) struct Names<'a> {
    text: &'a str,
    ends: std::slice::Iter<'a, u32>,
    start: usize,
}

impl<'a> Iterator for Names<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let end = *self.ends.next()? as usize;
        let name = self.text.get(self.start..end);
        self.start = end + SEPARATOR.len_utf8();
        name
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    /// A set for one test alone: tests run side by side, and the table is the process'.
    fn shared(names: &[&str]) -> Arc<Keys> {
        Keys::shared(names.iter().copied())
    }

    fn is_known(keys: &str) -> bool {
        table().contains_key(keys)
    }

    #[test]
    fn equal_sets_are_one_and_others_are_not() {
        let one = shared(&["ab", "c"]);
        assert!(Arc::ptr_eq(&one, &shared(&["ab", "c"])));
        for other in [&["a", "bc"][..], &["abc"], &["ab"], &["c", "ab"]] {
            assert!(!Arc::ptr_eq(&one, &shared(other)), "{other:?}");
        }
        assert_eq!(one.iter().collect::<Vec<_>>(), ["ab", "c"]);
        assert_eq!(shared(&["größe"]).iter().collect::<Vec<_>>(), ["größe"]);
    }

    #[test]
    fn a_set_that_nobody_uses_is_forgotten() {
        let (one, two) = (shared(&["forgotten"]), shared(&["forgotten"]));
        drop(one);
        assert!(is_known("forgotten"));
        drop(two);
        assert!(!is_known("forgotten"));
    }

    #[test]
    fn made_up_sets_leave_no_room_behind() {
        let many: Vec<_> = (0..10_000).map(|n| shared(&[&format!("made up {n}")])).collect();
        assert!(table().capacity() >= many.len());
        drop(many);
        assert!(table().capacity() < 5_000, "{}", table().capacity());
    }

    #[test]
    fn threads_that_come_and_go_agree_on_one_set() {
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..2_000 {
                        let (one, two) = (shared(&["come", "go"]), shared(&["come", "go"]));
                        assert!(Arc::ptr_eq(&one, &two));
                    }
                });
            }
        });
        assert!(!is_known("come\0go"));
    }
}
