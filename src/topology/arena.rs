//! Things with names and typed ids, in the order of the scenario.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::ops::{Index, IndexMut};

/// The id of a `T` in its arena.
pub struct Id<T>(u32, PhantomData<fn() -> T>);

impl<T> Id<T> {
    /// The first of an arena, for tests that need some id.
    #[cfg(test)]
    pub(crate) const FIRST: Self = Self(0, PhantomData);

    /// The position in the arena.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    pub(super) fn new(index: usize) -> Self {
        Self(
            u32::try_from(index).expect("an arena holds fewer than 2^32 things"),
            PhantomData,
        )
    }
}

// Derives would ask the same of `T`.
impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> Eq for Id<T> {}
impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}
impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// Named things.
#[derive(Debug, Clone)]
pub struct Arena<T> {
    names: Vec<String>,
    items: Vec<T>,
    by_name: BTreeMap<String, Id<T>>,
}

impl<T> Arena<T> {
    /// Adds a thing. Of several with one name, `find` finds the first.
    pub fn add(&mut self, name: impl Into<String>, item: T) -> Id<T> {
        let (id, name) = (Id::new(self.items.len()), name.into());
        self.by_name.entry(name.clone()).or_insert(id);
        self.names.push(name);
        self.items.push(item);
        id
    }

    /// The id of the thing that is added next, for things that refer to each other.
    pub(super) fn next_id(&self) -> Id<T> {
        Id::new(self.items.len())
    }

    /// The thing called `name`.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<Id<T>> {
        self.by_name.get(name).copied()
    }

    /// The name of a thing.
    #[must_use]
    pub fn name(&self, id: Id<T>) -> &str {
        &self.names[id.index()]
    }

    /// All names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// All ids with their things.
    pub fn iter(&self) -> impl Iterator<Item = (Id<T>, &T)> {
        self.items
            .iter()
            .enumerate()
            .map(|(index, item)| (Id::new(index), item))
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

impl<T> Default for Arena<T> {
    fn default() -> Self {
        Self {
            names: Vec::new(),
            items: Vec::new(),
            by_name: BTreeMap::new(),
        }
    }
}

impl<T> Index<Id<T>> for Arena<T> {
    type Output = T;
    fn index(&self, id: Id<T>) -> &T {
        &self.items[id.index()]
    }
}

impl<T> IndexMut<Id<T>> for Arena<T> {
    fn index_mut(&mut self, id: Id<T>) -> &mut T {
        &mut self.items[id.index()]
    }
}
