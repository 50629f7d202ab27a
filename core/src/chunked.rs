//! A list in chunks that is cheap to copy and cheap to change a copy of.
//!
//! A copy shares everything. A change copies the chunk that it touches and the lists that lead to it, unless nobody else
//! has them: that is what one flip in a large service costs, and why a snapshot is a copy of the draft. The lists are two
//! deep, so that a flip among 100 000 counts some 40 references and not 400.

use std::{iter::once, slice, sync::Arc};

/// Elements in one chunk.
pub(crate) const CHUNK: usize = 256;
/// Chunks in one group.
const GROUP: usize = 32;

type Group<T> = Arc<[Arc<[T]>]>;

/// Groups, all full but the last one, of chunks, all full but the last one. The last group stands apart: for most
/// services it is the only one, and then readers take one step less.
///
/// Invariant: no chunk is empty, and the last group is empty only if the list is.
#[derive(Clone)]
pub(crate) struct Chunked<T> {
    full: Arc<[Group<T>]>,
    last: Group<T>,
}

impl<T> Default for Chunked<T> {
    fn default() -> Chunked<T> {
        Chunked { full: Arc::default(), last: Arc::default() }
    }
}

impl<T> Chunked<T> {
    #[inline]
    pub(crate) fn len(&self) -> usize {
        let last = self.last.last().map_or(0, |chunk| (self.last.len() - 1) * CHUNK + chunk.len());
        self.full.len() * GROUP * CHUNK + last
    }

    #[inline]
    pub(crate) fn at(&self, at: usize) -> Option<&T> {
        let group = at / CHUNK / GROUP;
        let group = if group == self.full.len() { &self.last } else { self.full.get(group)? };
        group.get(at / CHUNK % GROUP)?.get(at % CHUNK)
    }

    #[inline]
    pub(crate) fn chunks(&self) -> Chunks<'_, T> {
        Chunks { groups: self.full.iter(), within: [].iter(), last: self.last.iter() }
    }
}

/// Iterator over the chunks.
#[derive(Clone)]
pub(crate) struct Chunks<'a, T> {
    groups: slice::Iter<'a, Group<T>>,
    within: slice::Iter<'a, Arc<[T]>>,
    last: slice::Iter<'a, Arc<[T]>>,
}

impl<'a, T> Iterator for Chunks<'a, T> {
    type Item = &'a [T];

    #[inline]
    fn next(&mut self) -> Option<&'a [T]> {
        loop {
            if let Some(chunk) = self.within.next() {
                return Some(chunk);
            }
            match self.groups.next() {
                Some(group) => self.within = group.iter(),
                None => return self.last.next().map(|chunk| &**chunk),
            }
        }
    }
}

impl<T: Clone> Chunked<T> {
    pub(crate) fn push(&mut self, value: T) {
        match self.last.last() {
            Some(chunk) if chunk.len() < CHUNK => {
                let grown = grown(chunk, value);
                self.replace_last_chunk(grown);
            }
            Some(_) if self.last.len() == GROUP => {
                self.full = grown(&self.full, Arc::clone(&self.last));
                self.last = Arc::from([Arc::from([value])]);
            }
            _ => self.last = grown(&self.last, Arc::from([value])),
        }
    }

    /// Replaces an element; one beyond the end is none.
    pub(crate) fn set(&mut self, at: usize, value: T) {
        let group = at / CHUNK / GROUP;
        let group = if group == self.full.len() {
            &mut self.last
        } else if let Some(group) = Arc::make_mut(&mut self.full).get_mut(group) {
            group
        } else {
            return;
        };
        let chunk = Arc::make_mut(group).get_mut(at / CHUNK % GROUP);
        if let Some(place) = chunk.and_then(|chunk| Arc::make_mut(chunk).get_mut(at % CHUNK)) {
            *place = value;
        }
    }

    /// Removes an element by moving the last one into its place.
    pub(crate) fn swap_remove(&mut self, at: usize) {
        let Some((chunk, chunks)) = self.last.split_last() else { return };
        let Some((moved, rest)) = chunk.split_last() else { return };
        let is_last = at + 1 == self.len();
        let moved = moved.clone();
        match (rest, chunks, self.full.split_last()) {
            ([], [], Some((last, full))) => (self.last, self.full) = (Arc::clone(last), full.into()),
            ([], ..) => self.last = chunks.into(),
            _ => {
                let rest = rest.into();
                self.replace_last_chunk(rest);
            }
        }
        if !is_last {
            self.set(at, moved);
        }
    }

    fn replace_last_chunk(&mut self, chunk: Arc<[T]>) {
        if let Some(last) = Arc::make_mut(&mut self.last).last_mut() {
            *last = chunk;
        }
    }
}

fn grown<T: Clone>(list: &[T], value: T) -> Arc<[T]> {
    list.iter().cloned().chain(once(value)).collect()
}

impl<T: PartialEq> PartialEq for Chunked<T> {
    fn eq(&self, other: &Chunked<T>) -> bool {
        let same_chunks = |one: &Arc<[T]>, two: &Arc<[T]>| same(one, two, T::eq);
        let same_groups = |one: &Group<T>, two: &Group<T>| same(one, two, same_chunks);
        same(&self.full, &other.full, same_groups) && same_groups(&self.last, &other.last)
    }
}

/// Whether two lists are one, or are equally long and the same in each place.
fn same<T>(one: &Arc<[T]>, two: &Arc<[T]>, same_place: impl Fn(&T, &T) -> bool) -> bool {
    let same_places = || one.iter().zip(&**two).all(|(one, two)| same_place(one, two));
    Arc::ptr_eq(one, two) || one.len() == two.len() && same_places()
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    const CHUNK_GROUP: u32 = (CHUNK * GROUP) as u32;

    #[derive(Clone, Debug)]
    enum Op {
        Push(u32),
        Set(usize, u32),
        Remove(usize),
        /// As many at once, so that chunks fill.
        Fill(u32),
        Shrink(usize),
        Keep,
    }

    fn op() -> impl Strategy<Value = Op> {
        prop_oneof![
            8 => any::<u32>().prop_map(Op::Push),
            8 => (any::<usize>(), any::<u32>()).prop_map(|(at, value)| Op::Set(at, value)),
            8 => any::<usize>().prop_map(Op::Remove),
            8 => Just(Op::Keep),
            4 => (1..600_u32).prop_map(Op::Fill),
            4 => (1..600_usize).prop_map(Op::Shrink),
            // Around the ends of groups.
            1 => (CHUNK_GROUP - 2..CHUNK_GROUP + 2).prop_map(Op::Fill),
        ]
    }

    fn apply(op: &Op, list: &mut Chunked<u32>, model: &mut Vec<u32>) {
        match *op {
            Op::Push(value) => {
                list.push(value);
                model.push(value);
            }
            Op::Fill(count) => (0..count).for_each(|value| apply(&Op::Push(value), list, model)),
            Op::Shrink(count) => (0..count).for_each(|at| apply(&Op::Remove(at * 7), list, model)),
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
        list.chunks().flatten().copied().collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

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
        let shared = before.chunks().zip(list.chunks()).map(|(one, two)| std::ptr::eq(one, two));
        assert_eq!(shared.collect::<Vec<_>>(), [true, false, true, true]);
        list.set(1_000, 7);
        assert_eq!(list.len(), 1_000, "there is nothing beyond the end");
    }
}
