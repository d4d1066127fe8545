//! Timers that can be cancelled and moved: idle timeouts and keep-alives.

use std::cmp::Reverse;
use std::hash::{BuildHasherDefault, DefaultHasher, Hash};

use priority_queue::PriorityQueue;

use crate::units::Time;

/// A fixed hasher: the same tables in every run. Nothing iterates them.
type Hasher = BuildHasherDefault<DefaultHasher>;

/// The timers that are set, by key, in the order (time, sequence number).
#[derive(Debug, Clone)]
pub struct Timers<T: Copy + Eq + Hash> {
    queue: PriorityQueue<T, Reverse<(Time, u64)>, Hasher>,
}

impl<T: Copy + Eq + Hash> Timers<T> {
    /// No timer set.
    #[must_use]
    pub fn new() -> Self {
        Self {
            queue: PriorityQueue::with_default_hasher(),
        }
    }

    /// Whether no timer is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Sets `timer` to run out at `time`, moving it if it is set already. `sequence` orders it among
    /// what happens at the same time.
    pub fn set(&mut self, timer: T, time: Time, sequence: u64) {
        self.queue.push(timer, Reverse((time, sequence)));
    }

    /// Cancels `timer`; false if it was not set.
    pub fn cancel(&mut self, timer: &T) -> bool {
        self.queue.remove(timer).is_some()
    }

    /// Time and sequence number of the timer that runs out first.
    #[inline]
    #[must_use]
    pub fn peek(&self) -> Option<(Time, u64)> {
        self.queue.peek().map(|(_, &Reverse(key))| key)
    }

    /// Removes the timer that runs out first.
    pub fn pop(&mut self) -> Option<T> {
        self.queue.pop().map(|(timer, _)| timer)
    }
}

impl<T: Copy + Eq + Hash> Default for Timers<T> {
    fn default() -> Self {
        Self::new()
    }
}
