//! A fluid token bucket: a bandwidth with credits for bursts.

use super::FluidLoad;
use crate::sim::fluid::{TokenBucket, Volume};
use crate::units::{Bytes, Duration, PS_PER_SECOND, Rate, Time};

/// Sends at `peak` while credit lasts, at `baseline` when it is gone; credit accrues at `baseline`
/// up to the bucket's size, which is also what it holds at the start.
///
/// A packet's transmission is the exact fluid solution, so the result does not depend on how a
/// transfer is cut into packets.
#[derive(Debug, Clone)]
pub(super) struct Bucket {
    /// Bits per second.
    baseline: u128,
    /// Bits per second, at least `baseline`.
    peak: u128,
    /// Credit in units of 10⁻¹² bit, so that bits per second times picoseconds needs no division.
    credit: u128,
    size: u128,
    /// When the last packet has left; `credit` is that of this moment.
    free_at: Time,
    /// When the rate of the present busy period falls to the baseline; not before `free_at` if it
    /// does not.
    dry_at: Time,
    /// The last size, its time at the peak rate, and the credit that it takes: traffic mostly comes
    /// in one or two sizes, and the division costs more than all the rest.
    last: (Bytes, u128, u128),
    /// Bits per second that streams take, which draw on the same credit.
    fluid: u128,
    /// What streams keep waiting here, before every packet.
    standing: Duration,
    /// Whether packets have drawn on the credit since streams were told of it.
    drawn: bool,
}

/// Bits in the unit of credit.
pub(super) fn bits(size: Bytes) -> u128 {
    u128::from(size.get()) * 8 * u128::from(PS_PER_SECOND)
}

impl Bucket {
    /// A full bucket. A `peak` below the baseline is raised to it.
    pub(super) fn new(baseline: Rate, peak: Rate, size: Bytes) -> Self {
        Self {
            baseline: u128::from(baseline.as_bps()),
            peak: u128::from(peak.as_bps().max(baseline.as_bps())),
            credit: bits(size),
            size: bits(size),
            free_at: Time::ZERO,
            dry_at: Time::ZERO,
            last: (Bytes::new(0), 0, 0),
            fluid: 0,
            standing: Duration::ZERO,
            drawn: false,
        }
    }

    /// Streams load it from `now` on. Packets are served as if they came first, at the peak rate while
    /// there is credit and at the baseline otherwise, but behind the queue that the streams keep;
    /// the streams find less credit.
    pub(super) fn set_fluid_load(&mut self, now: Time, load: &FluidLoad, standing: Duration) {
        self.settle(now);
        self.fluid = u128::from(load.rate_bps);
        self.standing = if load.full { standing } else { Duration::ZERO };
        self.last = (Bytes::new(0), 0, 0);
    }

    /// The credit at `now`, if packets have drawn on it since the last time.
    pub(super) fn drawn_credit(&mut self, now: Time) -> Option<Volume> {
        if !std::mem::take(&mut self.drawn) {
            return None;
        }
        self.settle(now);
        Some(Volume::from_units(self.credit))
    }

    /// The same bucket for streams, full.
    pub(super) fn token_bucket(&self) -> TokenBucket {
        let bps = |bps: u128| u64::try_from(bps).unwrap_or(u64::MAX);
        let size = Volume::from_units(self.size);
        TokenBucket::with_size(bps(self.baseline), bps(self.peak), size)
    }

    /// The rate while credit lasts.
    pub(super) fn peak(&self) -> Option<Rate> {
        Rate::from_bps(u64::try_from(self.peak).ok()?)
    }

    /// Lets idle time pass until `now`, unless the last packet leaves later than that; how much it was.
    fn settle(&mut self, now: Time) -> u128 {
        if now <= self.free_at {
            return 0;
        }
        let idle = u128::from(now.since(self.free_at).as_ps());
        self.free_at = now;
        let (earned, taken) = (self.baseline * idle, self.fluid * idle);
        self.credit = self.size.min((self.credit + earned).saturating_sub(taken));
        idle
    }

    /// Makes it a full bucket of another size, before anything was sent.
    pub(super) fn refill(&mut self, size: Bytes) {
        (self.size, self.credit) = (bits(size), bits(size));
    }

    /// What waits or is being sent at `now`, in the unit of credit.
    #[inline]
    pub(super) fn backlog(&self, now: Time) -> u128 {
        if self.free_at <= now {
            return 0;
        }
        let turn = self.dry_at.clamp(now, self.free_at);
        let fast = u128::from(turn.since(now).as_ps());
        let slow = u128::from(self.free_at.since(turn).as_ps());
        self.peak * fast + self.baseline * slow
    }

    /// Lets a packet in that has been arriving until `now`: when it is through. It takes no time of its
    /// own unless it comes faster than it may.
    #[inline]
    pub(super) fn receive(&mut self, now: Time, size: Bytes) -> Time {
        self.remember(size);
        let arriving = u64::try_from(self.last.1).unwrap_or(u64::MAX);
        let began = Time::from_ps(now.as_ps().saturating_sub(arriving));
        self.send(began, size).1.max(now)
    }

    /// Sends a packet behind all others: when its transmission begins, and when it ends.
    #[inline]
    pub(super) fn send(&mut self, now: Time, size: Bytes) -> (Time, Time) {
        let start = (now + self.standing).max(self.free_at);
        let idle = self.settle(start);
        self.drawn = true;
        self.remember(size);
        let (_, at_peak, drain) = self.last;
        if drain <= self.credit {
            self.credit -= drain;
            self.free_at = later(start, at_peak);
            self.dry_at = self.free_at;
        } else {
            // Peak rate until the bucket is empty, then the baseline; drain > 0 here.
            let burst = self.credit / self.net();
            self.credit = 0;
            if burst > 0 || idle > 0 {
                self.dry_at = later(start, burst);
            }
            let rest = bits(size) - self.peak * burst;
            self.free_at = later(start, burst + rest.div_ceil(self.baseline));
        }
        (start, self.free_at)
    }

    /// What the credit loses while a packet is sent at the peak rate, and streams beside it.
    const fn net(&self) -> u128 {
        self.peak + self.fluid - self.baseline
    }

    /// Computes what a packet of `size` takes, if the last one had another.
    #[inline]
    fn remember(&mut self, size: Bytes) {
        if self.last.0 != size {
            let at_peak = bits(size).div_ceil(self.peak);
            self.last = (size, at_peak, self.net() * at_peak);
        }
    }
}

/// `ps` later, or the end of time.
fn later(time: Time, ps: u128) -> Time {
    let ps = u64::try_from(ps).unwrap_or(u64::MAX);
    Time::from_ps(time.as_ps().saturating_add(ps))
}
