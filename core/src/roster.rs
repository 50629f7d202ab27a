//! The instances of one service, side by side in one block.
//!
//! Where an instance stands is kept beside its slot, so that nobody searches and no service keeps a table of its own.
//!
//! Invariant: for each instance here, `slots.place` of its slot is its place in the block. Of any other slot the place
//! means nothing, which a look at the instance there tells. Both change under the service's mutex only.

use crate::{instance::Instance, slots::Slots};

/// The instances of one service, in no order.
#[derive(Default)]
pub(crate) struct Roster(Vec<Instance>);

impl Roster {
    pub(crate) fn at(&self, slots: &Slots, slot: u32) -> Option<&Instance> {
        self.0.get(slots.place(slot)?).filter(|instance| instance.slot == slot)
    }

    pub(crate) fn at_mut(&mut self, slots: &Slots, slot: u32) -> Option<&mut Instance> {
        self.0.get_mut(slots.place(slot)?).filter(|instance| instance.slot == slot)
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Instance> {
        self.0.iter()
    }

    pub(crate) fn iter_mut(&mut self) -> std::slice::IterMut<'_, Instance> {
        self.0.iter_mut()
    }

    pub(crate) fn slots(&self) -> impl Iterator<Item = u32> {
        self.0.iter().map(|instance| instance.slot)
    }

    /// Adds an instance whose slot is not here yet.
    pub(crate) fn push(&mut self, slots: &Slots, instance: Instance) {
        if self.0.len() == self.0.capacity() {
            // An eighth, and not twice as much: what is left over is memory that nobody uses.
            self.0.reserve_exact((self.0.len() / 8).max(1));
        }
        slots.set_place(instance.slot, self.0.len());
        self.0.push(instance);
    }

    /// Takes an instance out by moving the last one into its place.
    pub(crate) fn remove(&mut self, slots: &Slots, slot: u32) -> Option<Instance> {
        self.at(slots, slot)?;
        let place = slots.place(slot)?;
        let removed = self.0.swap_remove(place);
        if let Some(moved) = self.0.get(place) {
            slots.set_place(moved.slot, place);
        }
        if self.0.len() < self.0.capacity() / 2 {
            self.0.shrink_to(self.0.len() + self.0.len() / 8);
        }
        Some(removed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{handle::Handle, key::Key};

    #[test]
    fn everybody_is_found_at_their_place_whoever_leaves() {
        let (slots, mut roster) = (Slots::new(7, crate::limits::INSTANCES_MAX), Roster::default());
        let handles: Vec<Handle> = (0..1_000).map(|n| slots.occupy(Key::from_words([n, 0]), 0).unwrap()).collect();
        for handle in &handles {
            roster.push(&slots, Instance::new(handle.slot()));
        }
        let stays = |handle: &&Handle| handle.slot().is_multiple_of(3);
        for handle in handles.iter().filter(|handle| !stays(handle)) {
            assert_eq!(roster.remove(&slots, handle.slot()).unwrap().slot, handle.slot());
        }
        for handle in &handles {
            let found = roster.at(&slots, handle.slot()).map(|instance| instance.slot);
            assert_eq!(found, stays(&handle).then_some(handle.slot()));
            assert!(found.is_some() || roster.remove(&slots, handle.slot()).is_none());
        }
        assert_eq!(roster.slots().count(), handles.iter().filter(stays).count());
    }

    #[test]
    fn another_service_of_the_same_slots_finds_nothing() {
        let (slots, mut one, mut other) =
            (Slots::new(7, crate::limits::INSTANCES_MAX), Roster::default(), Roster::default());
        let mine = slots.occupy(Key::from_words([1, 0]), 0).unwrap();
        let theirs = slots.occupy(Key::from_words([2, 0]), 0).unwrap();
        one.push(&slots, Instance::new(mine.slot()));
        other.push(&slots, Instance::new(theirs.slot()));
        assert!(one.at(&slots, theirs.slot()).is_none() && other.at_mut(&slots, mine.slot()).is_none());
        assert!(one.at(&slots, u32::MAX).is_none(), "nor a slot that never was");
    }

    #[test]
    fn room_is_given_back_and_little_is_taken_in_advance() {
        let (slots, mut roster) = (Slots::new(7, crate::limits::INSTANCES_MAX), Roster::default());
        let handles: Vec<Handle> = (0..800).map(|n| slots.occupy(Key::from_words([n, 0]), 0).unwrap()).collect();
        for handle in &handles {
            roster.push(&slots, Instance::new(handle.slot()));
        }
        assert!(roster.0.capacity() <= 900, "{}", roster.0.capacity());
        for handle in &handles[10..] {
            roster.remove(&slots, handle.slot());
        }
        assert!(roster.0.capacity() <= 40, "{}", roster.0.capacity());
    }
}
