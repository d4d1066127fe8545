//! Stations: the shared resources that packets queue at.
//!
//! A station is a sans-IO state machine with one question: when does what arrives now begin its
//! service, when does it leave, or is it dropped? It knows no other station, no engine and no
//! clock.

mod link;
mod servers;
mod shaper;

pub use link::Link;
pub use servers::Servers;
pub use shaper::Shaper;

use crate::units::{Bytes, Duration, Time};

/// A station's answer to an arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// Service runs from `start` to `end`; before `start` the packet waits.
    Served {
        /// When service begins.
        start: Time,
        /// When the packet leaves the station.
        end: Time,
    },
    /// There was no room.
    Dropped,
}

/// A station of any kind.
#[derive(Debug, Clone)]
pub enum Station {
    /// A transmission line with a buffer.
    Link(Link),
    /// Parallel servers with one queue.
    Servers(Servers),
    /// A token-bucket shaper.
    Shaper(Shaper),
}

impl Station {
    /// Offers a packet of `size` that needs `service` of a server; links and shapers go by the
    /// size, servers by the service time. Calls must not go back in time.
    #[inline]
    pub fn admit(&mut self, now: Time, size: Bytes, service: Duration) -> Admission {
        match self {
            Self::Link(link) => link.admit(now, size),
            Self::Servers(servers) => servers.admit(now, service),
            Self::Shaper(shaper) => shaper.admit(now, size),
        }
    }

    /// What the station has counted so far.
    #[must_use]
    pub const fn counters(&self) -> &Counters {
        match self {
            Self::Link(link) => link.counters(),
            Self::Servers(servers) => servers.counters(),
            Self::Shaper(shaper) => shaper.counters(),
        }
    }
}

/// What a station counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// Arrivals that were admitted.
    pub admitted: u64,
    /// Arrivals that found no room.
    pub dropped: u64,
    /// Service time given, summed over servers.
    pub busy: Duration,
}

impl Counters {
    #[inline]
    fn serve(&mut self, start: Time, end: Time) -> Admission {
        self.admitted += 1;
        self.busy += end.since(start);
        Admission::Served { start, end }
    }

    #[inline]
    fn drop(&mut self) -> Admission {
        self.dropped += 1;
        Admission::Dropped
    }
}
