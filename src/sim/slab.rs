//! Things that come and go, by generational key: a key of something gone finds nothing, even when
//! its place is taken again.

/// Where something is in a [`Slab`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::sim) struct Key {
    pub(in crate::sim) index: u32,
    generation: u32,
}

impl Key {
    /// Where it is, as a place of something that is kept for each.
    pub(in crate::sim) const fn index(self) -> usize {
        self.index as usize
    }
}

/// An arena whose places are used again.
#[derive(Debug)]
pub(in crate::sim) struct Slab<T> {
    places: Vec<(u32, Option<T>)>,
    free: Vec<u32>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self {
            places: Vec::new(),
            free: Vec::new(),
        }
    }
}

impl<T> Slab<T> {
    pub(in crate::sim) fn add(&mut self, value: T) -> Key {
        if let Some(index) = self.free.pop() {
            let place = &mut self.places[index as usize];
            place.1 = Some(value);
            return Key {
                index,
                generation: place.0,
            };
        }
        let index = u32::try_from(self.places.len()).expect("fewer than 2^32 at once");
        self.places.push((0, Some(value)));
        Key {
            index,
            generation: 0,
        }
    }

    /// What the key stands for, if it is still there.
    #[inline]
    pub(in crate::sim) fn get(&mut self, key: Key) -> Option<&mut T> {
        let (generation, value) = &mut self.places[key.index as usize];
        if *generation == key.generation {
            value.as_mut()
        } else {
            None
        }
    }

    /// Whether the key stands for something that is there.
    #[inline]
    pub(in crate::sim) fn contains(&self, key: Key) -> bool {
        let (generation, value) = &self.places[key.index as usize];
        *generation == key.generation && value.is_some()
    }

    pub(in crate::sim) fn remove(&mut self, key: Key) -> Option<T> {
        let (generation, value) = &mut self.places[key.index as usize];
        if *generation != key.generation {
            return None;
        }
        let value = value.take()?;
        *generation = generation.wrapping_add(1);
        self.free.push(key.index);
        Some(value)
    }

    pub(in crate::sim) fn is_empty(&self) -> bool {
        self.places.len() == self.free.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_something_gone_finds_nothing() {
        let mut slab = Slab::default();
        let first = slab.add('a');
        assert_eq!(slab.remove(first), Some('a'));
        let second = slab.add('b');
        assert_eq!(second.index, first.index);
        assert_eq!(slab.get(first), None);
        assert_eq!(slab.remove(first), None);
        assert_eq!(slab.get(second), Some(&mut 'b'));
        assert!(!slab.is_empty());
        slab.remove(second);
        assert!(slab.is_empty());
    }
}
