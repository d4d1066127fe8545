//! Parallel servers with one first-come-first-served queue.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::{Admission, Counters, DropReason};
use crate::units::{Duration, Time};

/// `c` servers; an arrival takes the one that is free first.
#[derive(Debug, Clone)]
pub struct Servers {
    /// When each server is free. Invariant: never empty.
    free_at: BinaryHeap<Reverse<Time>>,
    /// Room for customers, waiting or in service; `None` when unlimited.
    capacity: Option<usize>,
    /// Departure times of those in the system; kept only when there is a capacity.
    inside: BinaryHeap<Reverse<Time>>,
    counters: Counters,
}

impl Servers {
    /// `servers` idle servers (at least one); `capacity` counts customers waiting or in service.
    #[must_use]
    pub fn new(servers: u32, capacity: Option<u32>) -> Self {
        Self {
            free_at: (0..servers.max(1)).map(|_| Reverse(Time::ZERO)).collect(),
            capacity: capacity.map(|room| room as usize),
            inside: BinaryHeap::new(),
            counters: Counters::default(),
        }
    }

    /// Queues a customer who needs `service`, or turns it away.
    #[inline]
    pub fn admit(&mut self, now: Time, service: Duration) -> Admission {
        if let Some(capacity) = self.capacity {
            while self.inside.peek().is_some_and(|&Reverse(end)| end <= now) {
                self.inside.pop();
            }
            if self.inside.len() >= capacity {
                return self.counters.drop(DropReason::QueueFull);
            }
        }
        let mut first = self
            .free_at
            .peek_mut()
            .expect("there is at least one server");
        let start = now.max(first.0);
        let end = start + service;
        *first = Reverse(end);
        drop(first);
        if self.capacity.is_some() {
            self.inside.push(Reverse(end));
        }
        self.counters.serve(start, end)
    }

    pub(super) const fn counters(&self) -> &Counters {
        &self.counters
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: Admission = Admission::Dropped(DropReason::QueueFull);

    fn secs(n: u64) -> Time {
        Time::ZERO + Duration::from_secs(n)
    }

    #[test]
    fn the_server_that_is_free_first_takes_the_next() {
        let mut servers = Servers::new(2, None);
        let mut admit = |now, service| servers.admit(secs(now), Duration::from_secs(service));
        let served = |start, end| Admission::Served {
            start: secs(start),
            end: secs(end),
        };
        assert_eq!(admit(0, 10), served(0, 10));
        assert_eq!(admit(1, 2), served(1, 3));
        assert_eq!(admit(2, 2), served(3, 5));
        assert_eq!(admit(4, 9), served(5, 14));
        assert_eq!(admit(4, 1), served(10, 11));
    }

    #[test]
    fn a_full_system_turns_away_until_someone_leaves() {
        let mut servers = Servers::new(1, Some(2));
        let mut admit = |now| servers.admit(secs(now), Duration::from_secs(10));
        assert_ne!(admit(0), FULL);
        assert_ne!(admit(1), FULL);
        assert_eq!(admit(9), FULL);
        assert_ne!(admit(10), FULL);
        assert_eq!(servers.counters().dropped, 1);
    }
}
