//! Stations: the shared resources that packets queue at.
//!
//! A station is a sans-IO state machine with one question: when does what arrives now begin its
//! service, when does it leave, or is it dropped? It knows no other station, no engine and no
//! clock.

mod bucket;
mod card;
mod elastic;
mod link;
mod policer;
mod servers;
mod shaper;

pub use card::{Allowances, Card, CardCounters, PacketAllowance, Side};
pub use elastic::{Elastic, Growth};
pub use link::Link;
pub use policer::Policer;
pub use servers::Servers;
pub use shaper::Shaper;

use super::fluid::{TokenBucket, Volume};
use super::limit::DropReason;
use crate::units::{Bytes, Duration, Rate, Share, Time};

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
    /// It does not get through.
    Dropped(DropReason),
}

/// A station of any kind. What is large is in a box: packets mostly pass links, whose stations are to stay
/// in the cache.
#[derive(Debug, Clone)]
pub enum Station {
    /// A transmission line with a buffer.
    Link(Link),
    /// Parallel servers with one queue.
    Servers(Servers),
    /// A token-bucket shaper.
    Shaper(Box<Shaper>),
    /// The Nitro card of an instance.
    Card(Box<Card>),
    /// So many in any second, and no more.
    Policer(Policer),
    /// A capacity that grows with use.
    Elastic(Box<Elastic>),
}

impl Station {
    /// Offers a packet of `size` that needs `service` of a server; links, shapers and cards go by the
    /// size, servers by the service time. `via` says which way it passes a card; nothing else looks
    /// at it. Calls must not go back in time.
    #[inline]
    pub fn admit(&mut self, now: Time, size: Bytes, service: Duration, via: Side) -> Admission {
        match self {
            Self::Link(link) => link.admit(now, size),
            Self::Servers(servers) => servers.admit(now, service),
            Self::Shaper(shaper) => shaper.admit(now, size),
            Self::Card(card) => card.admit(now, size, via),
            Self::Policer(policer) => policer.admit(now),
            Self::Elastic(elastic) => elastic.admit(now, size),
        }
    }

    /// What streams share here: a link's rate, or the bandwidth of a card's side. `None` if they do not
    /// notice the station.
    #[must_use]
    pub fn fluid(&mut self, side: Side) -> Option<Shared> {
        match self {
            Self::Link(link) => (side == Side::Out).then(|| Shared::Link(link.rate(), link.room())),
            Self::Card(card) => card.token_bucket(side).map(Shared::Bucket),
            Self::Servers(_) | Self::Shaper(_) | Self::Policer(_) | Self::Elastic(_) => None,
        }
    }

    /// Streams load a side of the station from `now` on; they leave `standing` of a limited buffer full
    /// where nothing else slows them down. Others than links and cards do not notice them.
    pub fn set_fluid_load(&mut self, now: Time, side: Side, load: &FluidLoad, standing: Share) {
        match self {
            Self::Link(link) => link.set_fluid_load(load, standing),
            Self::Card(card) => card.set_fluid_load(now, side, load, standing),
            Self::Servers(_) | Self::Shaper(_) | Self::Policer(_) | Self::Elastic(_) => {}
        }
    }

    /// The credit of a card's side at `now`, if packets have drawn on it since the last time.
    pub fn drawn_credit(&mut self, now: Time, side: Side) -> Option<Volume> {
        match self {
            Self::Card(card) => card.drawn_credit(now, side),
            Self::Link(_)
            | Self::Servers(_)
            | Self::Shaper(_)
            | Self::Policer(_)
            | Self::Elastic(_) => None,
        }
    }

    /// What the station has counted so far.
    #[must_use]
    pub const fn counters(&self) -> &Counters {
        match self {
            Self::Link(link) => link.counters(),
            Self::Servers(servers) => servers.counters(),
            Self::Shaper(shaper) => shaper.counters(),
            Self::Card(card) => card.counters(),
            Self::Policer(policer) => policer.counters(),
            Self::Elastic(elastic) => elastic.counters(),
        }
    }
}

/// What streams share at a station.
#[derive(Debug, Clone)]
pub enum Shared {
    /// A rate, and for how long what comes may wait.
    Link(Rate, Duration),
    /// A rate with credit for bursts.
    Bucket(TokenBucket),
}

/// What streams do at a station.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FluidLoad {
    /// Their rate in bits per second.
    pub rate_bps: u64,
    /// Whether it is the station that keeps some of them from going faster.
    pub full: bool,
    /// How many flows they are.
    pub flows: usize,
    /// The largest of their packets.
    pub packet: Bytes,
}

impl FluidLoad {
    /// No streams.
    pub const NONE: Self = Self {
        rate_bps: 0,
        full: false,
        flows: 0,
        packet: Bytes::new(0),
    };
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
    fn drop(&mut self, reason: DropReason) -> Admission {
        self.dropped += 1;
        Admission::Dropped(reason)
    }
}
