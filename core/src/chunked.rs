//! A list in chunks that is cheap to copy and cheap to change a copy of.
//!
//! A copy shares everything. A change copies the chunk that it touches and the list of chunks, unless nobody else has
//! them: that is what one flip in a large service costs, and why a snapshot is a copy of the draft.

use std::{iter::once, sync::Arc};

/// Elements in one chunk.
pub(crate) const CHUNK: usize = 256;

/// Chunks, all full but the last one, which is never empty.
#[derive(Clone)]
pub(crate) struct Chunked<T>(Arc<[Arc<[T]>]>);

impl<T> Default for Chunked<T> {
    fn default() -> Chunked<T> {
        Chunked(Arc::default())
    }
}

impl<T> Chunked<T> {
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.0.last().map_or(0, |last| (self.0.len() - 1) * CHUNK + last.len())
    }

    #[inline]
    pub(crate) fn at(&self, at: usize) -> Option<&T> {
        self.0.get(at / CHUNK)?.get(at % CHUNK)
    }

    #[inline]
    pub(crate) fn chunks(&self) -> &[Arc<[T]>] {
        &self.0
    }
}

impl<T: Clone> Chunked<T> {
    pub(crate) fn push(&mut self, value: T) {
        match self.0.last() {
            Some(last) if last.len() < CHUNK => {
                let grown = grown(last, value);
                let chunk = self.0.len() - 1;
                Arc::make_mut(&mut self.0)[chunk] = grown;
            }
            _ => self.0 = grown(&self.0, Arc::from([value])),
        }
    }

    /// Replaces an element; one beyond the end is none.
    pub(crate) fn set(&mut self, at: usize, value: T) {
        let chunk = Arc::make_mut(&mut self.0).get_mut(at / CHUNK);
        if let Some(place) = chunk.and_then(|chunk| Arc::make_mut(chunk).get_mut(at % CHUNK)) {
            *place = value;
        }
    }

    /// Removes an element by moving the last one into its place.
    pub(crate) fn swap_remove(&mut self, at: usize) {
        let Some((last, full)) = self.0.split_last() else { return };
        let Some((moved, rest)) = last.split_last() else { return };
        let is_last = at + 1 == self.len();
        let moved = moved.clone();
        if rest.is_empty() {
            self.0 = full.into();
        } else {
            let rest = rest.into();
            let chunk = full.len();
            Arc::make_mut(&mut self.0)[chunk] = rest;
        }
        if !is_last {
            self.set(at, moved);
        }
    }
}

fn grown<T: Clone>(list: &[T], value: T) -> Arc<[T]> {
    list.iter().cloned().chain(once(value)).collect()
}

impl<T: PartialEq> PartialEq for Chunked<T> {
    fn eq(&self, other: &Chunked<T>) -> bool {
        let same = |(one, two): (&Arc<[T]>, &Arc<[T]>)| Arc::ptr_eq(one, two) || one == two;
        Arc::ptr_eq(&self.0, &other.0) || self.0.len() == other.0.len() && self.0.iter().zip(&*other.0).all(same)
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    #[derive(Clone, Debug)]
    enum Op {
        Push(u32),
        Set(usize, u32),
        Remove(usize),
        /// As many at once, so that chunks fill.
        Fill(u32),
        Keep,
    }

    fn op() -> impl Strategy<Value = Op> {
        prop_oneof![
            any::<u32>().prop_map(Op::Push),
            (any::<usize>(), any::<u32>()).prop_map(|(at, value)| Op::Set(at, value)),
            any::<usize>().prop_map(Op::Remove),
            (1..600_u32).prop_map(Op::Fill),
            Just(Op::Keep),
        ]
    }

    fn apply(op: &Op, list: &mut Chunked<u32>, model: &mut Vec<u32>) {
        match *op {
            Op::Push(value) => {
                list.push(value);
                model.push(value);
            }
            Op::Fill(count) => (0..count).for_each(|value| apply(&Op::Push(value), list, model)),
            Op::Set(at, value) if !model.is_empty() => {
                list.set(at % model.len(), value);
                let at = at % model.len();
                model[at] = value;
            }
            Op::Remove(at) if !model.is_empty() => {
                list.swap_remove(at % model.len());
                model.swap_remove(at % model.len());
            }
            Op::Set(..) | Op::Remove(_) | Op::Keep => {}
        }
    }

    fn all(list: &Chunked<u32>) -> Vec<u32> {
        list.chunks().iter().flat_map(|chunk| chunk.iter().copied()).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn it_is_a_list_and_its_copies_never_change(ops in vec(op(), 1..60)) {
            let (mut list, mut model) = (Chunked::default(), Vec::new());
            let mut kept = Vec::new();
            for op in &ops {
                apply(op, &mut list, &mut model);
                if let Op::Keep = op {
                    kept.push((list.clone(), model.clone()));
                }
                prop_assert_eq!(list.len(), model.len());
                prop_assert_eq!(list.at(model.len()), None);
                prop_assert_eq!(list.at(model.len() / 2), model.get(model.len() / 2));
            }
            kept.push((list, model));
            for (list, model) in &kept {
                prop_assert_eq!(&all(list), model);
                for (other, other_model) in &kept {
                    prop_assert_eq!(list == other, model == other_model);
                }
            }
        }
    }

    #[test]
    fn a_flip_copies_one_chunk_and_shares_the_others() {
        let mut list = Chunked::default();
        (0..1_000).for_each(|value: u32| list.push(value));
        let before = list.clone();
        list.set(300, 0);
        let shared: Vec<bool> =
            before.chunks().iter().zip(list.chunks()).map(|(one, two)| Arc::ptr_eq(one, two)).collect();
        assert_eq!(shared, [true, false, true, true]);
        list.set(1_000, 7);
        assert_eq!(list.len(), 1_000, "there is nothing beyond the end");
    }
}
