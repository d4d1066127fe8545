//! The Nitro card of an instance: what it may send, receive and process.

use super::bucket::{Bucket, bits};
use super::{Admission, Counters, DropReason, FluidLoad};
use crate::sim::fluid::{TokenBucket, Volume};
use crate::units::{Bytes, Duration, PS_PER_SECOND, Rate, Share, Time};

/// The way that a packet passes a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Side {
    /// From the instance to the network.
    #[default]
    Out,
    /// From the instance towards an internet gateway.
    OutInternet,
    /// From the network to the instance.
    In,
}

/// The allowances of an instance. (Amazon EC2 user guide, "Amazon EC2 instance network bandwidth" and
/// "Monitor network performance for your EC2 instance", 2023: what exceeds an allowance is queued,
/// then dropped.)
#[derive(Debug, Clone, Copy)]
pub struct Allowances {
    /// Bandwidth that it always has, in each direction.
    pub baseline: Rate,
    /// Bandwidth while credits last, in each direction.
    pub peak: Rate,
    /// Credits of each direction at launch, and the most it has.
    pub bucket: Bytes,
    /// What of the outbound bandwidth may go to internet gateways; `None`: all of it.
    pub internet: Option<Rate>,
    /// What waits for bandwidth in one direction at most.
    pub queue: Bytes,
    /// A packet that waits longer than this for bandwidth counts as one that exceeded it: shorter
    /// waits are packets of one burst, one behind the other.
    pub tolerance: Duration,
    /// Packets per second, both directions together; `None`: any number.
    pub packets: Option<PacketAllowance>,
}

/// An allowance of packets.
#[derive(Debug, Clone, Copy)]
pub struct PacketAllowance {
    /// Packets per second; zero is taken as one.
    pub per_second: u64,
    /// How many may come at once when none came for a while; zero is taken as one.
    pub credit: u64,
    /// How many wait at most.
    pub queue: u64,
}

/// Packets that were queued or dropped because an allowance was exceeded, as the ENA driver counts
/// them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs)] // the driver's names
pub struct CardCounters {
    pub bw_in_allowance_exceeded: u64,
    pub bw_out_allowance_exceeded: u64,
    pub pps_allowance_exceeded: u64,
}

/// The Nitro card of an instance, as one station for both directions.
///
/// Inbound and outbound bandwidth are buckets of their own, the packets per second are counted
/// together. A packet waits for a packet allowance, then for bandwidth; what would make a queue longer
/// than it may be is dropped and takes nothing.
#[derive(Debug, Clone)]
pub struct Card {
    out: Bucket,
    inbound: Bucket,
    internet: Option<Bucket>,
    /// Most backlog of a direction, in the unit of credit.
    room: u128,
    tolerance: Duration,
    packets: Option<Packets>,
    exceeded: CardCounters,
    /// What streams have done since when, by side.
    streams: [(Time, FluidLoad); 3],
    counters: Counters,
}

impl Card {
    /// The card of an instance that has just started: all credits are there.
    #[must_use]
    pub fn new(allowances: &Allowances) -> Self {
        let Allowances {
            baseline,
            peak,
            bucket,
            internet,
            queue,
            tolerance,
            packets,
        } = *allowances;
        Self {
            out: Bucket::new(baseline, peak, bucket),
            inbound: Bucket::new(baseline, peak, bucket),
            internet: internet.map(|rate| Bucket::new(rate, rate, Bytes::new(0))),
            room: bits(queue),
            tolerance,
            packets: packets.map(Packets::new),
            exceeded: CardCounters::default(),
            streams: [(Time::ZERO, FluidLoad::NONE); 3],
            counters: Counters::default(),
        }
    }

    fn bucket(&mut self, side: Side) -> Option<&mut Bucket> {
        match side {
            Side::Out => Some(&mut self.out),
            Side::OutInternet => self.internet.as_mut(),
            Side::In => Some(&mut self.inbound),
        }
    }

    /// The bandwidth of a side for streams: [`Side::OutInternet`] is the narrower way alone, if there
    /// is one.
    pub(super) fn token_bucket(&mut self, side: Side) -> Option<TokenBucket> {
        self.bucket(side).map(|bucket| bucket.token_bucket())
    }

    /// The rate of a side while credit lasts.
    #[must_use]
    pub(in crate::sim) fn peak(&self, side: Side) -> Option<Rate> {
        match side {
            Side::Out => self.out.peak(),
            Side::OutInternet => self.internet.as_ref().unwrap_or(&self.out).peak(),
            Side::In => self.inbound.peak(),
        }
    }

    /// Streams load a side from `now` on, and keep `standing` of its queue full where nothing else slows
    /// them down. As long as they do, all their packets are queued: they count as having exceeded the
    /// allowance.
    pub(super) fn set_fluid_load(
        &mut self,
        now: Time,
        side: Side,
        load: &FluidLoad,
        standing: Share,
    ) {
        let (since, before) = std::mem::replace(&mut self.streams[side as usize], (now, *load));
        if before.full {
            let sent = u128::from(before.rate_bps) * u128::from(now.since(since).as_ps());
            let packets = sent / bits(before.packet).max(1);
            let packets = u64::try_from(packets).unwrap_or(u64::MAX);
            match side {
                Side::Out | Side::OutInternet => {
                    self.exceeded.bw_out_allowance_exceeded += packets;
                }
                Side::In => self.exceeded.bw_in_allowance_exceeded += packets,
            }
        }
        let queue = self.room as f64 * standing.as_fraction() / load.rate_bps.max(1) as f64;
        let standing = Duration::from_ps_f64(queue);
        if let Some(bucket) = self.bucket(side) {
            bucket.set_fluid_load(now, load, standing);
        }
    }

    /// The credit of a side at `now`, if packets have drawn on it since the last time.
    pub(super) fn drawn_credit(&mut self, now: Time, side: Side) -> Option<Volume> {
        self.bucket(side)?.drawn_credit(now)
    }

    /// Gives it other credits at launch, before anything has passed.
    pub fn set_credits(&mut self, out: Bytes, inbound: Bytes) {
        self.out.refill(out);
        self.inbound.refill(inbound);
    }

    /// Queues a packet of `size` bytes, or drops it. A packet that comes in has arrived at `now` to its
    /// last bit, so that it takes time only if it exceeds an allowance.
    #[inline]
    pub fn admit(&mut self, now: Time, size: Bytes, via: Side) -> Admission {
        let ready = match &self.packets {
            Some(packets) => packets.ready(now),
            None => Some(now),
        };
        let Some(ready) = ready else {
            self.exceeded.pps_allowance_exceeded += 1;
            return self.counters.drop(DropReason::Pps);
        };
        let (bucket, exceeded, reason) = match via {
            Side::Out | Side::OutInternet => (
                &mut self.out,
                &mut self.exceeded.bw_out_allowance_exceeded,
                DropReason::BwOut,
            ),
            Side::In => (
                &mut self.inbound,
                &mut self.exceeded.bw_in_allowance_exceeded,
                DropReason::BwIn,
            ),
        };
        let internet = match via {
            Side::OutInternet => self.internet.as_mut(),
            Side::Out | Side::In => None,
        };
        let needs = bits(size);
        let full = |bucket: &Bucket| bucket.backlog(ready) + needs > self.room;
        if full(bucket) || internet.as_deref().is_some_and(full) {
            *exceeded += 1;
            return self.counters.drop(reason);
        }
        let (start, end) = match via {
            Side::Out | Side::OutInternet => {
                let (start, end) = bucket.send(ready, size);
                // The narrower way to the internet delays its own packets only.
                let late = match internet {
                    Some(internet) => internet.send(ready, size).1.max(end),
                    None => end,
                };
                (start + late.since(end), late)
            }
            // The packet was sent at the rate of a link; what is in time waits for nothing.
            Side::In => {
                let end = bucket.receive(ready, size);
                (end, end)
            }
        };
        if start.since(ready) > self.tolerance {
            *exceeded += 1;
        }
        if let Some(packets) = &mut self.packets {
            packets.take(ready);
            self.exceeded.pps_allowance_exceeded += u64::from(ready > now);
        }
        self.counters.serve(start, end)
    }

    /// What exceeded its allowances so far.
    #[must_use]
    pub const fn exceeded(&self) -> &CardCounters {
        &self.exceeded
    }

    pub(super) const fn counters(&self) -> &Counters {
        &self.counters
    }
}

/// A packet allowance in use.
#[derive(Debug, Clone)]
struct Packets {
    per_second: u128,
    /// Credit in 10⁻¹² packets, as of `at`, and the most there is.
    credit: u128,
    most: u128,
    at: Time,
    longest: Duration,
}

/// A packet in the unit of their credit.
const PACKET: u128 = PS_PER_SECOND as u128;

impl Packets {
    fn new(allowance: PacketAllowance) -> Self {
        let per_second = u128::from(allowance.per_second.max(1));
        let most = u128::from(allowance.credit.max(1)) * PACKET;
        let longest = u128::from(allowance.queue) * PACKET / per_second;
        Self {
            per_second,
            credit: most,
            most,
            at: Time::ZERO,
            longest: Duration::from_ps(u64::try_from(longest).unwrap_or(u64::MAX)),
        }
    }

    /// When a packet that comes now may go on; `None` if the queue before it is full.
    #[inline]
    fn ready(&self, now: Time) -> Option<Time> {
        let from = now.max(self.at);
        let credit = self.credit_at(from);
        let ready = if credit >= PACKET {
            from
        } else {
            let wait = (PACKET - credit).div_ceil(self.per_second);
            from + Duration::from_ps(u64::try_from(wait).unwrap_or(u64::MAX))
        };
        (ready.since(now) <= self.longest).then_some(ready)
    }

    /// Takes one at `at`, which is what `ready` said.
    #[inline]
    fn take(&mut self, at: Time) {
        self.credit = self.credit_at(at) - PACKET;
        self.at = at;
    }

    #[inline]
    fn credit_at(&self, at: Time) -> u128 {
        let since = u128::from(at.since(self.at).as_ps());
        self.most.min(self.credit + self.per_second * since)
    }
}

#[cfg(test)]
#[path = "card_tests.rs"]
mod tests;
