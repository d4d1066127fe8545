//! A transmission line: FIFO, one rate, a buffer in bytes with tail drop.

use super::{Admission, Counters};
use crate::units::{Bytes, Duration, Rate, Time};

/// One direction of a link with the queue in front of it.
///
/// The backlog is what has not left yet: `free_at - now` at the link's rate. A packet is dropped
/// when the backlog and the packet together exceed the buffer; transmission times are rounded up
/// to picoseconds, so a packet that would fill the buffer to the last byte may not fit.
#[derive(Debug, Clone)]
pub struct Link {
    rate: Rate,
    /// The buffer as the time it takes to send it; [`Duration::MAX`] for an unlimited one.
    room: Duration,
    free_at: Time,
    /// The last size and its transmission time: traffic mostly comes in one or two sizes, and the
    /// division costs more than all the rest.
    last: (Bytes, Duration),
    counters: Counters,
}

impl Link {
    /// An idle link; `buffer` is `None` when the queue is unlimited.
    #[must_use]
    pub fn new(rate: Rate, buffer: Option<Bytes>) -> Self {
        Self {
            rate,
            room: buffer.map_or(Duration::MAX, |bytes| rate.time_for(bytes)),
            free_at: Time::ZERO,
            last: (Bytes::new(0), Duration::ZERO),
            counters: Counters::default(),
        }
    }

    /// Queues a packet of `size` bytes, or drops it.
    #[inline]
    pub fn admit(&mut self, now: Time, size: Bytes) -> Admission {
        if self.last.0 != size {
            self.last = (size, self.rate.time_for(size));
        }
        let transmission = self.last.1;
        let start = now.max(self.free_at);
        let end = start + transmission;
        if end.since(now) > self.room {
            return self.counters.drop();
        }
        self.free_at = end;
        self.counters.serve(start, end)
    }

    pub(super) const fn counters(&self) -> &Counters {
        &self.counters
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ns(n: u64) -> Time {
        Time::ZERO + Duration::from_ns(n)
    }

    #[test]
    fn packets_leave_one_after_the_other() {
        let mut link = Link::new(Rate::from_bps(25_000_000_000).unwrap(), None);
        let mtu = Bytes::new(1500);
        let served = |start, end| Admission::Served {
            start: ns(start),
            end: ns(end),
        };
        assert_eq!(link.admit(ns(0), mtu), served(0, 480));
        assert_eq!(link.admit(ns(100), mtu), served(480, 960));
        assert_eq!(link.admit(ns(2000), Bytes::new(750)), served(2000, 2240));
        assert_eq!(link.counters().busy, Duration::from_ns(1200));
    }

    #[test]
    fn the_tail_is_dropped_when_the_buffer_is_full() {
        let mut link = Link::new(
            Rate::from_bps(8_000_000_000).unwrap(),
            Some(Bytes::new(3000)),
        );
        let mtu = Bytes::new(1500);
        assert_ne!(link.admit(ns(0), mtu), Admission::Dropped);
        assert_ne!(link.admit(ns(0), mtu), Admission::Dropped);
        assert_eq!(link.admit(ns(0), Bytes::new(1)), Admission::Dropped);
        // One byte has left after one nanosecond.
        assert_ne!(link.admit(ns(1), Bytes::new(1)), Admission::Dropped);
        assert_eq!((link.counters().admitted, link.counters().dropped), (3, 1));
    }
}
