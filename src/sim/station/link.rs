//! A transmission line: FIFO, one rate, a buffer in bytes with tail drop.

use super::{Admission, Counters, DropReason, FluidLoad};
use crate::units::{Bytes, Duration, Rate, Share, Time};

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
    /// The room while the link is up; nothing fits into one that is down.
    up: Option<Box<Duration>>,
    /// What streams do to packets here, if there are any. In a box, as few links have it.
    beside: Option<Box<Beside>>,
    counters: Counters,
}

/// What packets meet that share a link with streams.
#[derive(Debug, Clone, Copy)]
struct Beside {
    /// Waiting for what the streams have in the queue.
    wait: Duration,
    /// How much longer the link is busy with a packet, in 1/1024, since it serves the streams as well.
    stretch: u64,
    /// When the last packet left, which no later one overtakes.
    left: Time,
}

/// Share of a link beyond which streams are taken not to use more, so that packets get through.
const MOST: f64 = 0.98;

impl Link {
    /// An idle link; `buffer` is `None` when the queue is unlimited.
    #[must_use]
    pub fn new(rate: Rate, buffer: Option<Bytes>) -> Self {
        Self {
            rate,
            room: buffer.map_or(Duration::MAX, |bytes| rate.time_for(bytes)),
            free_at: Time::ZERO,
            last: (Bytes::new(0), Duration::ZERO),
            up: None,
            beside: None,
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
        if self.beside.is_some() {
            return self.admit_beside(now, transmission);
        }
        let start = now.max(self.free_at);
        let end = start + transmission;
        if end.since(now) > self.room {
            return self.full();
        }
        self.free_at = end;
        self.counters.serve(start, end)
    }

    /// Streams load the link from now on.
    ///
    /// If they could go faster without it, they keep `standing` of its buffer full, and packets queue
    /// behind that. Otherwise their segments come at random, and a packet waits for them as in an
    /// M/D/1 queue, ρ/(2(1-ρ)) transmissions of a segment on average, but at most for half a segment of
    /// each flow, and for the packets before it at the rate that the streams leave. A queue without a limit is taken to hold no standing queue:
    /// nothing says how long it would be.
    pub fn set_fluid_load(&mut self, load: &FluidLoad, standing: Share) {
        let left = self.beside.as_ref();
        let left = left.map_or(self.free_at, |beside| beside.left);
        if load.rate_bps == 0 {
            // Nobody overtakes those that have waited for the streams.
            self.free_at = left;
            self.beside = None;
            return;
        }
        let used = (load.rate_bps as f64 / self.rate.as_bps() as f64).min(MOST);
        self.beside = Some(Box::new(if load.full && self.room < Duration::MAX {
            Beside {
                wait: Duration::from_ps_f64(self.room.as_ps() as f64 * standing.as_fraction()),
                stretch: 1024,
                left,
            }
        } else {
            let segment = self.rate.time_for(load.packet).as_ps() as f64;
            let ahead = (used / (2.0 * (1.0 - used))).min(load.flows as f64 / 2.0);
            Beside {
                wait: Duration::from_ps_f64(segment * ahead),
                stretch: Duration::from_ps_f64(1024.0 / (1.0 - used)).as_ps(),
                left,
            }
        }));
    }

    #[cold]
    fn admit_beside(&mut self, now: Time, transmission: Duration) -> Admission {
        let beside = self.beside.as_mut().expect("asked by who has seen it");
        let turn = now.max(self.free_at);
        let start = (turn + beside.wait).max(beside.left);
        let end = start + transmission;
        if end.since(now) > self.room {
            return self.full();
        }
        let busy = transmission.as_ps().saturating_mul(beside.stretch) / 1024;
        self.free_at = turn + Duration::from_ps(busy);
        beside.left = end;
        self.counters.serve(start, end)
    }

    #[cold]
    fn full(&mut self) -> Admission {
        self.counters.drop(match self.up {
            Some(_) => DropReason::LinkDown,
            None => DropReason::QueueFull,
        })
    }

    /// Fails, or works again. What is on its way arrives; what comes while it is down is lost.
    pub fn set_down(&mut self, down: bool) {
        match (down, self.up.take()) {
            (true, None) => {
                let room = std::mem::replace(&mut self.room, Duration::ZERO);
                self.up = Some(Box::new(room));
            }
            (false, Some(room)) => self.room = *room,
            (true, up @ Some(_)) | (false, up @ None) => self.up = up,
        }
    }

    /// Its rate.
    #[must_use]
    pub const fn rate(&self) -> Rate {
        self.rate
    }

    /// For how long a packet waits at most.
    pub(super) const fn room(&self) -> Duration {
        self.room
    }

    pub(super) const fn counters(&self) -> &Counters {
        &self.counters
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: Admission = Admission::Dropped(DropReason::QueueFull);

    fn load(rate_bps: u64, full: bool) -> FluidLoad {
        FluidLoad {
            rate_bps,
            full,
            flows: 9,
            packet: Bytes::new(1500),
        }
    }

    #[test]
    fn streams_keep_packets_waiting() {
        let (gbps, share) = (1_000_000_000, Share::new(0.8).unwrap());
        let rate = Rate::from_bps(10 * gbps).unwrap();
        let mut link = Link::new(rate, Some(Bytes::new(150_000)));
        let end = |admission| match admission {
            Admission::Served { end, .. } => end.since(Time::ZERO).as_ps() / 1000,
            Admission::Dropped(_) => panic!("there is room"),
        };
        // Half full: half a segment of 1.2 us on average; the link is busy for twice as long.
        link.set_fluid_load(&load(5 * gbps, false), share);
        assert_eq!(end(link.admit(ns(0), Bytes::new(1500))), 600 + 1200);
        assert_eq!(end(link.admit(ns(0), Bytes::new(1500))), 2400 + 600 + 1200);
        // Full: four fifths of 120 us.
        link.set_fluid_load(&load(10 * gbps, true), share);
        assert_eq!(
            end(link.admit(ns(10_000), Bytes::new(1500))),
            10_000 + 96_000 + 1200
        );
        // Those behind it do not overtake it, and then all is as before.
        link.set_fluid_load(&load(0, false), share);
        assert_eq!(
            end(link.admit(ns(20_000), Bytes::new(1500))),
            10_000 + 96_000 + 2400
        );
        assert_eq!(end(link.admit(ns(900_000), Bytes::new(1500))), 901_200);
    }

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
        assert_ne!(link.admit(ns(0), mtu), FULL);
        assert_ne!(link.admit(ns(0), mtu), FULL);
        assert_eq!(link.admit(ns(0), Bytes::new(1)), FULL);
        // One byte has left after one nanosecond.
        assert_ne!(link.admit(ns(1), Bytes::new(1)), FULL);
        assert_eq!((link.counters().admitted, link.counters().dropped), (3, 1));
    }
}
