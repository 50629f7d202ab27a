//! A list in chunks that is cheap to copy and cheap to change a copy of.
//!
//! A copy shares everything. A change copies the chunk that it touches and the nodes that lead to it, unless nobody else
//! has them: that is what one flip in a large service costs, and why a snapshot is a copy of the draft. A node has few
//! children, because whoever copies a node counts a reference to each of them.

use std::{array::from_fn, iter::once, mem::replace, sync::Arc};

/// Elements in one chunk.
pub(crate) const CHUNK: usize = 256;

/// Full chunks, and the last one, which may have room.
///
/// The last chunk stands apart: for most services it is the only one, and then readers reach the elements in one step.
///
/// Invariant: the last chunk is empty only if the list is.
#[derive(Clone)]
pub(crate) struct Chunked<T> {
    full: Option<Arc<Tree<T>>>,
    last: Arc<[T]>,
}

/// Chunks of the same size, and so at the same depth, from the left to the right.
#[derive(Clone)]
struct Tree<T> {
    chunks: usize,
    /// The number of a chunk, shifted by this, begins with its place in the root.
    shift: u32,
    root: Node<T>,
}

const FAN_BITS: u32 = 3;
const FAN: usize = 1 << FAN_BITS;

#[derive(Clone)]
enum Node<T> {
    Inner([Option<Arc<Node<T>>>; FAN]),
    Leaf([Option<Arc<[T; CHUNK]>>; FAN]),
}

impl<T> Default for Tree<T> {
    fn default() -> Tree<T> {
        Tree { chunks: 0, shift: 0, root: Node::empty(0) }
    }
}

impl<T> Default for Chunked<T> {
    fn default() -> Chunked<T> {
        Chunked { full: None, last: Arc::default() }
    }
}

impl<T> Chunked<T> {
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.full_chunks() * CHUNK + self.last.len()
    }

    #[inline]
    fn full_chunks(&self) -> usize {
        self.full.as_ref().map_or(0, |full| full.chunks)
    }

    #[inline]
    pub(crate) fn at(&self, at: usize) -> Option<&T> {
        self.chunk(at / CHUNK)?.get(at % CHUNK)
    }

    /// The chunk of a number; the last one may be empty.
    #[inline]
    fn chunk(&self, number: usize) -> Option<&[T]> {
        match &self.full {
            Some(full) if number < full.chunks => full.chunk(number).map(<[T; CHUNK]>::as_slice),
            _ => (number == self.full_chunks()).then_some(&self.last),
        }
    }

    pub(crate) fn first_chunk(&self) -> &[T] {
        self.chunk(0).unwrap_or_default()
    }

    #[inline]
    pub(crate) fn chunks(&self) -> Chunks<'_, T> {
        Chunks { list: self, next: 0 }
    }
}

/// Iterator over the chunks.
#[derive(Clone)]
pub(crate) struct Chunks<'a, T> {
    list: &'a Chunked<T>,
    next: usize,
}

impl<'a, T> Iterator for Chunks<'a, T> {
    type Item = &'a [T];

    #[inline]
    fn next(&mut self) -> Option<&'a [T]> {
        let chunk = self.list.chunk(self.next)?;
        self.next += 1;
        Some(chunk)
    }
}

impl<T: Clone> Chunked<T> {
    pub(crate) fn push(&mut self, value: T) {
        if self.last.len() < CHUNK {
            self.last = self.last.iter().cloned().chain(once(value)).collect();
            return;
        }
        if let Ok(chunk) = replace(&mut self.last, Arc::from([value])).try_into() {
            Arc::make_mut(self.full.get_or_insert_with(Arc::default)).push(chunk);
        }
    }

    /// Replaces an element; one beyond the end is none.
    pub(crate) fn set(&mut self, at: usize, value: T) {
        let number = at / CHUNK;
        let chunk = match &mut self.full {
            Some(full) if number < full.chunks => Arc::make_mut(full).chunk_mut(number).map(<[T; CHUNK]>::as_mut_slice),
            _ => (number == self.full_chunks()).then(|| Arc::make_mut(&mut self.last)),
        };
        if let Some(place) = chunk.and_then(|chunk| chunk.get_mut(at % CHUNK)) {
            *place = value;
        }
    }

    /// Removes an element by moving the last one into its place.
    pub(crate) fn swap_remove(&mut self, at: usize) {
        let Some((moved, rest)) = self.last.split_last() else { return };
        let (is_last, moved) = (at + 1 == self.len(), moved.clone());
        self.last = if rest.is_empty() { self.take_full() } else { rest.into() };
        if !is_last {
            self.set(at, moved);
        }
    }

    /// Takes the last full chunk out of the tree; an empty one if there is none.
    fn take_full(&mut self) -> Arc<[T]> {
        let Some(full) = &mut self.full else { return Arc::default() };
        let tree = Arc::make_mut(full);
        let chunk = tree.pop().map(|chunk| -> Arc<[T]> { chunk });
        if tree.chunks == 0 {
            self.full = None;
        }
        chunk.unwrap_or_default()
    }
}

impl<T> Tree<T> {
    fn chunk(&self, number: usize) -> Option<&[T; CHUNK]> {
        let (mut node, mut shift) = (&self.root, self.shift);
        loop {
            match node {
                Node::Inner(nodes) => node = nodes[place(number, shift)].as_ref()?,
                Node::Leaf(chunks) => return chunks[place(number, 0)].as_deref(),
            }
            shift -= FAN_BITS;
        }
    }
}

/// The place of a chunk's number, or of the node above it, in a node that has `shift` bits below it.
#[inline]
fn place(number: usize, shift: u32) -> usize {
    (number >> shift) % FAN
}

impl<T: Clone> Tree<T> {
    fn chunk_mut(&mut self, number: usize) -> Option<&mut [T; CHUNK]> {
        let (mut node, mut shift) = (&mut self.root, self.shift);
        loop {
            match node {
                Node::Inner(nodes) => node = Arc::make_mut(nodes[place(number, shift)].as_mut()?),
                Node::Leaf(chunks) => return chunks[place(number, 0)].as_mut().map(Arc::make_mut),
            }
            shift -= FAN_BITS;
        }
    }

    fn push(&mut self, chunk: Arc<[T; CHUNK]>) {
        let number = self.chunks;
        if number == FAN << self.shift {
            self.shift += FAN_BITS;
            let below = replace(&mut self.root, Node::empty(self.shift));
            self.root.put_first(below);
        }
        self.chunks += 1;
        let (mut node, mut shift) = (&mut self.root, self.shift);
        loop {
            match node {
                Node::Inner(nodes) => {
                    shift -= FAN_BITS;
                    let next =
                        nodes[place(number, shift + FAN_BITS)].get_or_insert_with(|| Arc::new(Node::empty(shift)));
                    node = Arc::make_mut(next);
                }
                Node::Leaf(chunks) => return chunks[place(number, 0)] = Some(chunk),
            }
        }
    }

    fn pop(&mut self) -> Option<Arc<[T; CHUNK]>> {
        let number = self.chunks.checked_sub(1)?;
        self.chunks = number;
        let chunk = self.root.pop(number, self.shift);
        // A root with one child is one level too many.
        while self.shift > 0 && number <= 1 << self.shift {
            let Node::Inner(nodes) = &mut self.root else { break };
            let Some(below) = nodes[0].take() else { break };
            self.root = Arc::unwrap_or_clone(below);
            self.shift -= FAN_BITS;
        }
        chunk
    }
}

impl<T> Node<T> {
    fn empty(shift: u32) -> Node<T> {
        if shift == 0 { Node::Leaf(from_fn(|_| None)) } else { Node::Inner(from_fn(|_| None)) }
    }

    fn put_first(&mut self, below: Node<T>) {
        if let Node::Inner(nodes) = self {
            nodes[0] = Some(Arc::new(below));
        }
    }
}

impl<T: Clone> Node<T> {
    /// Takes the last chunk out, and every node that has no other.
    fn pop(&mut self, number: usize, shift: u32) -> Option<Arc<[T; CHUNK]>> {
        match self {
            Node::Inner(nodes) => {
                let place = &mut nodes[place(number, shift)];
                let chunk = Arc::make_mut(place.as_mut()?).pop(number, shift - FAN_BITS);
                if number.is_multiple_of(1 << shift) {
                    *place = None;
                }
                chunk
            }
            Node::Leaf(chunks) => chunks[place(number, 0)].take(),
        }
    }
}

impl<T: PartialEq> PartialEq for Chunked<T> {
    fn eq(&self, other: &Chunked<T>) -> bool {
        let same_last = Arc::ptr_eq(&self.last, &other.last) || self.last == other.last;
        same_last
            && same(self.full.as_ref(), other.full.as_ref(), |one, two| {
                one.chunks == two.chunks && one.root == two.root
            })
    }
}

impl<T: PartialEq> PartialEq for Node<T> {
    fn eq(&self, other: &Node<T>) -> bool {
        match (self, other) {
            (Node::Inner(one), Node::Inner(two)) => {
                one.iter().zip(two).all(|(one, two)| same(one.as_ref(), two.as_ref(), Node::eq))
            }
            (Node::Leaf(one), Node::Leaf(two)) => {
                one.iter().zip(two).all(|(one, two)| same(one.as_ref(), two.as_ref(), <[T; CHUNK]>::eq))
            }
            _ => false,
        }
    }
}

/// Whether two parts are one, or hold the same.
fn same<T>(one: Option<&Arc<T>>, two: Option<&Arc<T>>, hold_the_same: impl Fn(&T, &T) -> bool) -> bool {
    match (one, two) {
        (Some(one), Some(two)) => Arc::ptr_eq(one, two) || hold_the_same(one, two),
        (None, None) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    /// Elements in a full tree of the least height, and in one of the next.
    const LOW: u32 = (CHUNK * FAN) as u32;
    const HIGH: u32 = LOW * FAN as u32;

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
            // Around the sizes at which a tree grows.
            2 => (LOW - 2..LOW + 300).prop_map(Op::Fill),
            1 => (HIGH - 2..HIGH + 300).prop_map(Op::Fill),
            2 => (LOW as usize..2 * HIGH as usize).prop_map(Op::Shrink),
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
