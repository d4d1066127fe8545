//! The event list: an implicit 4-ary heap over packed 16-byte keys, with FIFO lanes.
//!
//! A key holds the time (64 bits), the sequence number (40 bits) and where the event is (24 bits),
//! so that one integer comparison orders two events and four children share a cache line.
//!
//! Events that come in the order of their times anyway (arrivals over a link: FIFO departures plus
//! a constant delay) wait in a *lane*, and only the head of a lane is in the heap. With a lane per
//! link the heap of a leaf–spine fabric has one entry per busy link instead of one per packet.

use std::collections::VecDeque;

use crate::units::Time;

/// Events that one run can schedule: 1.1 × 10¹², thirty hours at ten million a second.
///
/// Sequence numbers have 40 bits; the limit is checked, they never wrap.
pub const MAX_EVENTS: u64 = 1 << SEQUENCE_BITS;

const SEQUENCE_BITS: u32 = 40;
const PLACE_BITS: u32 = 24;
/// Set in a place that names a lane; clear in one that names a slot of the slab.
const LANE_FLAG: u32 = 1 << (PLACE_BITS - 1);
const MAX_PLACES: u32 = LANE_FLAG;

/// A FIFO lane, by index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lane(pub u32);

/// (time, sequence, place), packed so that the natural order is the order of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key(u128);

impl Key {
    #[inline]
    fn new(time: Time, sequence: u64, place: u32) -> Self {
        debug_assert!(sequence < MAX_EVENTS && place < 1 << PLACE_BITS);
        let low = (sequence << PLACE_BITS) | u64::from(place);
        Self((u128::from(time.as_ps()) << 64) | u128::from(low))
    }

    #[inline]
    #[allow(clippy::cast_possible_truncation)] // unpacking takes the bits it names
    fn time(self) -> Time {
        Time::from_ps((self.0 >> 64) as u64)
    }

    #[inline]
    #[allow(clippy::cast_possible_truncation)] // unpacking takes the bits it names
    fn sequence(self) -> u64 {
        (self.0 as u64) >> PLACE_BITS
    }

    #[inline]
    #[allow(clippy::cast_possible_truncation)] // unpacking takes the bits it names
    fn place(self) -> u32 {
        (self.0 as u32) & ((1 << PLACE_BITS) - 1)
    }
}

/// Pending events in the total order (time, sequence number).
///
/// Invariant: a non-empty lane has exactly its head in the heap, an empty lane nothing.
#[derive(Debug)]
pub struct EventList<E> {
    heap: Vec<Key>,
    /// Whether the first key of the heap has been taken and not been replaced: most events schedule
    /// another, which then goes straight there.
    hole: bool,
    slab: Vec<Option<E>>,
    free: Vec<u32>,
    lanes: Vec<VecDeque<(Key, E)>>,
    sequence: u64,
}

impl<E> EventList<E> {
    /// An empty list with `lanes` empty lanes.
    ///
    /// # Panics
    /// If there are 2²³ lanes or more.
    #[must_use]
    pub fn new(lanes: usize) -> Self {
        assert!(lanes < MAX_PLACES as usize, "too many lanes");
        Self {
            heap: Vec::new(),
            hole: false,
            slab: Vec::new(),
            free: Vec::new(),
            lanes: std::iter::repeat_with(VecDeque::new).take(lanes).collect(),
            sequence: 0,
        }
    }

    /// Whether no event is pending.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.heap.len() == usize::from(self.hole)
    }

    /// Adds `event` at `time`, after all events of that time added before.
    ///
    /// # Panics
    /// If 2²³ events outside lanes are pending, or after [`MAX_EVENTS`] events.
    #[inline]
    pub fn push(&mut self, time: Time, event: E) {
        let sequence = self.next_sequence();
        self.push_with(time, sequence, event);
    }

    /// Adds `event` at `time` to `lane`. An event earlier than the lane's last one is legal and goes
    /// to the heap instead.
    #[inline]
    pub fn push_in_lane(&mut self, lane: Lane, time: Time, event: E) {
        let sequence = self.next_sequence();
        let queue = &mut self.lanes[lane.0 as usize];
        let key = Key::new(time, sequence, LANE_FLAG | lane.0);
        match queue.back() {
            None => {
                queue.push_back((key, event));
                self.insert(key);
            }
            Some((last, _)) if last.time() <= time => queue.push_back((key, event)),
            Some(_) => self.push_with(time, sequence, event),
        }
    }

    /// Time and sequence number of the next event.
    #[inline]
    #[must_use]
    pub fn peek(&mut self) -> Option<(Time, u64)> {
        self.fill_hole();
        self.heap.first().map(|key| (key.time(), key.sequence()))
    }

    /// Removes and returns the next event with its time.
    #[inline]
    pub fn pop(&mut self) -> Option<(Time, E)> {
        self.fill_hole();
        let key = *self.heap.first()?;
        let place = key.place();
        if place & LANE_FLAG == 0 {
            self.hole = true;
            self.free.push(place);
            let event = self.slab[place as usize].take();
            return Some((
                key.time(),
                event.expect("a key in the heap names a filled slot"),
            ));
        }
        let lane = &mut self.lanes[(place & !LANE_FLAG) as usize];
        let (_, event) = lane.pop_front().expect("a lane in the heap is not empty");
        match lane.front() {
            Some(&(next, _)) => self.sift_down(next),
            None => self.hole = true,
        }
        Some((key.time(), event))
    }

    /// Takes the next sequence number, for an event that is kept elsewhere.
    ///
    /// # Panics
    /// After [`MAX_EVENTS`] of them.
    #[inline]
    pub fn next_sequence(&mut self) -> u64 {
        let sequence = self.sequence;
        assert!(sequence < MAX_EVENTS, "a run of 2^40 events is the limit");
        self.sequence += 1;
        sequence
    }

    #[inline]
    fn push_with(&mut self, time: Time, sequence: u64, event: E) {
        let slot = if let Some(slot) = self.free.pop() {
            self.slab[slot as usize] = Some(event);
            slot
        } else {
            let slot = u32::try_from(self.slab.len()).unwrap_or(u32::MAX);
            assert!(slot < MAX_PLACES, "2^23 pending events are the limit");
            self.slab.push(Some(event));
            slot
        };
        self.insert(Key::new(time, sequence, slot));
    }

    #[inline]
    fn insert(&mut self, key: Key) {
        if std::mem::take(&mut self.hole) {
            return self.sift_down(key);
        }
        let mut at = self.heap.len();
        self.heap.push(key);
        while at > 0 {
            let parent = (at - 1) / 4;
            if self.heap[parent] <= key {
                break;
            }
            self.heap[at] = self.heap[parent];
            at = parent;
        }
        self.heap[at] = key;
    }

    #[inline]
    fn fill_hole(&mut self) {
        if !std::mem::take(&mut self.hole) {
            return;
        }
        let last = self.heap.pop().expect("a hole is in the heap");
        if !self.heap.is_empty() {
            self.sift_down(last);
        }
    }

    /// Puts `key` in the place of the first key and restores the order.
    #[inline]
    fn sift_down(&mut self, key: Key) {
        let heap = self.heap.as_mut_slice();
        let mut at = 0;
        loop {
            let child = 4 * at + 1;
            let least = if let Some(children) = heap.get(child..child + 4) {
                // Two rounds of a knockout: the compiler turns these into conditional moves.
                let left = usize::from(children[1] < children[0]);
                let right = 2 + usize::from(children[3] < children[2]);
                child
                    + if children[right] < children[left] {
                        right
                    } else {
                        left
                    }
            } else {
                let Some(least) = (child..heap.len()).min_by_key(|&c| heap[c]) else {
                    break;
                };
                least
            };
            if heap[least] >= key {
                break;
            }
            heap[at] = heap[least];
            at = least;
        }
        heap[at] = key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn drain(list: &mut EventList<usize>) -> Vec<(u64, usize)> {
        std::iter::from_fn(|| list.pop())
            .map(|(time, event)| (time.as_ps(), event))
            .collect()
    }

    #[test]
    fn events_of_one_instant_keep_the_order_of_scheduling() {
        let mut list = EventList::new(2);
        for event in 0..40 {
            match event % 3 {
                0 => list.push(Time::from_ps(5), event),
                lane => {
                    list.push_in_lane(
                        Lane(u32::try_from(lane - 1).unwrap()),
                        Time::from_ps(5),
                        event,
                    );
                }
            }
        }
        assert_eq!(
            drain(&mut list),
            (0..40).map(|event| (5, event)).collect::<Vec<_>>()
        );
    }

    #[test]
    fn the_last_sequence_number_orders_and_the_next_is_refused() {
        let mut list = EventList::new(0);
        list.sequence = MAX_EVENTS - 2;
        list.push(Time::from_ps(1), 0);
        list.push(Time::from_ps(1), 1);
        assert_eq!(drain(&mut list), [(1, 0), (1, 1)]);
        let refused = std::panic::catch_unwind(move || list.push(Time::from_ps(2), 2));
        assert!(refused.is_err());
    }

    #[test]
    fn sequence_numbers_beyond_32_bits_still_order() {
        let mut list = EventList::new(0);
        list.sequence = u64::from(u32::MAX);
        list.push(Time::from_ps(1), 0);
        list.push(Time::from_ps(1), 1);
        list.push(Time::from_ps(1), 2);
        assert_eq!(drain(&mut list), [(1, 0), (1, 1), (1, 2)]);
    }

    proptest! {
        /// Any mixture of pushes (heap or lane, in order or not) and pops comes out as a stable sort
        /// of what was pending would.
        #[test]
        fn the_order_is_that_of_a_stable_sort(
            steps in prop::collection::vec((0_u64..50, 0_u32..4, any::<bool>()), 1..300)
        ) {
            let mut list = EventList::new(3);
            let mut reference: Vec<(u64, usize)> = Vec::new();
            for (event, (time, lane, pop)) in steps.into_iter().enumerate() {
                match lane {
                    3 => list.push(Time::from_ps(time), event),
                    _ => list.push_in_lane(Lane(lane), Time::from_ps(time), event),
                }
                reference.push((time, event));
                if pop {
                    reference.sort_unstable();
                    let first = reference.remove(0);
                    let (time, event) = list.pop().expect("one was pushed");
                    prop_assert_eq!((time.as_ps(), event), first);
                }
            }
            reference.sort_unstable();
            prop_assert_eq!(drain(&mut list), reference);
        }
    }
}
