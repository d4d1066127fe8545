//! The receiving end of one direction: what has arrived, and when to say so.

use std::collections::VecDeque;

use super::{Ack, Config};
use crate::units::{Duration, Time};

/// When an arrival is acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acknowledge {
    /// At once.
    Now(Ack),
    /// At this time, unless something else has carried the acknowledgement by then: ask
    /// [`Receiver::delayed`].
    At(Time),
}

/// Reassembles segments in order and acknowledges them.
///
/// Every second segment in order is acknowledged at once, a first one after the configured delay.
/// Out of order, into a gap or for the second time: at once (RFC 5681, 4.2).
#[derive(Debug, Clone)]
pub struct Receiver {
    /// All segments before this one have arrived.
    expected: u64,
    /// What has arrived beyond a gap: half-open, in order, neither touching nor overlapping.
    beyond: VecDeque<(u64, u64)>,
    delay: Option<Duration>,
    ecn: bool,
    /// The segment in order that is not acknowledged yet.
    pending: Option<Pending>,
}

#[derive(Debug, Clone, Copy)]
struct Pending {
    received: u64,
    sent: Time,
    marked: bool,
    due: Time,
}

impl Receiver {
    /// A receiver that waits for segment 0.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self {
            expected: 0,
            beyond: VecDeque::new(),
            delay: config.delayed_ack,
            ecn: config.ecn,
            pending: None,
        }
    }

    /// Segment `sequence`, of which this transmission was sent at `sent`, has arrived; `marked` by a
    /// queue on its way if it carries congestion experienced (RFC 3168).
    pub fn received(&mut self, now: Time, sequence: u64, sent: Time, marked: bool) -> Acknowledge {
        let pending = self.pending.take();
        let mut ack = Ack {
            next: self.expected,
            received: sequence,
            echo: sent,
            congestion: self.ecn && (marked || pending.is_some_and(|first| first.marked)),
        };
        if sequence != self.expected {
            if sequence > self.expected {
                self.keep(sequence);
            }
            return Acknowledge::Now(ack);
        }
        let gap = !self.beyond.is_empty();
        self.expected += 1;
        if let Some(&(start, end)) = self.beyond.front()
            && start == self.expected
        {
            self.expected = end;
            self.beyond.pop_front();
        }
        ack.next = self.expected;
        match (pending, self.delay) {
            (None, Some(delay)) if !gap => {
                let due = now + delay;
                self.pending = Some(Pending {
                    received: sequence,
                    sent,
                    marked,
                    due,
                });
                Acknowledge::At(due)
            }
            (first, _) => {
                ack.echo = first.map_or(sent, |first| first.sent);
                Acknowledge::Now(ack)
            }
        }
    }

    /// The delayed acknowledgement, if it is due now and nothing has carried it yet.
    pub fn delayed(&mut self, now: Time) -> Option<Ack> {
        if self.pending.is_some_and(|pending| pending.due <= now) {
            self.piggyback()
        } else {
            None
        }
    }

    /// The acknowledgement that waits, if any, to ride on data of the other direction.
    pub fn piggyback(&mut self) -> Option<Ack> {
        self.pending.take().map(|pending| Ack {
            next: self.expected,
            received: pending.received,
            echo: pending.sent,
            congestion: self.ecn && pending.marked,
        })
    }

    /// The segment expected next: all before it have arrived and are the application's.
    #[must_use]
    pub const fn expected(&self) -> u64 {
        self.expected
    }

    /// Keeps what arrived beyond a gap; nothing changes if it is there already.
    fn keep(&mut self, sequence: u64) {
        // The first range that ends at or after the segment; mostly the last range or none.
        let at = self.beyond.partition_point(|&(_, end)| end < sequence);
        match self.beyond.get(at).copied() {
            Some((start, end)) if start <= sequence && sequence < end => {}
            Some((_, end)) if end == sequence => {
                self.beyond[at].1 += 1;
                if let Some(&(start, end)) = self.beyond.get(at + 1)
                    && start == sequence + 1
                {
                    self.beyond[at].1 = end;
                    self.beyond.remove(at + 1);
                }
            }
            Some((start, _)) if start == sequence + 1 => self.beyond[at].0 = sequence,
            _ => self.beyond.insert(at, (sequence, sequence + 1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DELAY: Duration = Duration::from_us(40_000);

    fn us(n: u64) -> Time {
        Time::ZERO + Duration::from_us(n)
    }

    fn receiver(delayed_ack: Option<Duration>) -> Receiver {
        Receiver::new(&Config {
            delayed_ack,
            ecn: true,
            ..Config::default()
        })
    }

    /// What the arrival of `sequence`, sent `sequence` microseconds after the start, leads to.
    fn arrives(receiver: &mut Receiver, now: u64, sequence: u64) -> Acknowledge {
        receiver.received(us(now), sequence, us(sequence), false)
    }

    fn ack(next: u64, received: u64, echo: u64) -> Ack {
        Ack {
            next,
            received,
            echo: us(echo),
            congestion: false,
        }
    }

    #[test]
    fn every_second_segment_in_order_is_acknowledged() {
        let mut receiver = receiver(Some(DELAY));
        for pair in 0..3 {
            let first = 2 * pair;
            let at = Acknowledge::At(us(100 + first) + DELAY);
            assert_eq!(arrives(&mut receiver, 100 + first, first), at);
            let now = Acknowledge::Now(ack(first + 2, first + 1, first));
            assert_eq!(arrives(&mut receiver, 101 + first, first + 1), now);
        }
    }

    #[test]
    fn a_lone_segment_is_acknowledged_when_the_delay_is_over_and_only_once() {
        let mut receiver = receiver(Some(DELAY));
        assert_eq!(arrives(&mut receiver, 10, 0), Acknowledge::At(us(40_010)));
        assert_eq!(receiver.delayed(us(40_009)), None);
        assert_eq!(receiver.delayed(us(40_010)), Some(ack(1, 0, 0)));
        assert_eq!(receiver.delayed(us(40_010)), None);
        assert_eq!(
            arrives(&mut receiver, 50_000, 1),
            Acknowledge::At(us(90_000))
        );
        assert_eq!(receiver.piggyback(), Some(ack(2, 1, 1)));
        assert_eq!(receiver.delayed(us(90_000)), None);
    }

    #[test]
    fn what_is_out_of_order_fills_a_gap_or_comes_twice_is_acknowledged_at_once() {
        let mut receiver = receiver(Some(DELAY));
        // In this order: (segment, next expected after it).
        for (sequence, next) in [
            (2, 0),
            (5, 0),
            (4, 0),
            (4, 0),
            (0, 1),
            (3, 1),
            (1, 6),
            (1, 6),
        ] {
            let now = Acknowledge::Now(ack(next, sequence, sequence));
            assert_eq!(arrives(&mut receiver, 100, sequence), now, "{sequence}");
        }
        assert_eq!(receiver.expected(), 6);
        assert!(receiver.beyond.is_empty());
    }

    #[test]
    fn without_delay_every_segment_is_acknowledged() {
        let mut receiver = receiver(None);
        for sequence in 0..4 {
            let now = Acknowledge::Now(ack(sequence + 1, sequence, sequence));
            assert_eq!(arrives(&mut receiver, 100, sequence), now);
        }
    }

    #[test]
    fn a_mark_is_echoed_by_the_acknowledgement_that_covers_it() {
        let mut receiver = receiver(Some(DELAY));
        let mut congestion =
            |sequence, marked| match receiver.received(us(0), sequence, us(0), marked) {
                Acknowledge::Now(ack) => Some(ack.congestion),
                Acknowledge::At(_) => None,
            };
        assert_eq!(congestion(0, true), None);
        assert_eq!(congestion(1, false), Some(true));
        assert_eq!(congestion(2, false), None);
        assert_eq!(congestion(3, false), Some(false));
        assert_eq!(congestion(9, true), Some(true));
    }
}
