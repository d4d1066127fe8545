//! A token-bucket shaper: an instance's bandwidth with burst credits.

use super::{Admission, Counters};
use crate::units::{Bytes, PS_PER_SECOND, Rate, Time};

/// A fluid token bucket: sends at `peak` while credit lasts, at `baseline` when it is gone; credit
/// accrues at `baseline` up to the bucket's size, which is also what it holds at the start.
///
/// A packet's transmission is the exact fluid solution, so the result does not depend on how a
/// transfer is cut into packets.
#[derive(Debug, Clone)]
pub struct Shaper {
    /// Bits per second.
    baseline: u128,
    /// Bits per second, at least `baseline`.
    peak: u128,
    /// Credit in units of 10⁻¹² bit, so that bits per second times picoseconds needs no division.
    credit: u128,
    bucket: u128,
    /// When the last packet has left; `credit` is that of this moment.
    free_at: Time,
    counters: Counters,
}

impl Shaper {
    /// A shaper with a full bucket. A `peak` below the baseline is raised to it.
    #[must_use]
    pub fn new(baseline: Rate, peak: Rate, bucket: Bytes) -> Self {
        let full = u128::from(bucket.get()) * 8 * u128::from(PS_PER_SECOND);
        Self {
            baseline: u128::from(baseline.as_bps()),
            peak: u128::from(peak.as_bps().max(baseline.as_bps())),
            credit: full,
            bucket: full,
            free_at: Time::ZERO,
            counters: Counters::default(),
        }
    }

    /// Queues a packet of `size` bytes; a shaper has room for everything.
    pub fn admit(&mut self, now: Time, size: Bytes) -> Admission {
        let start = now.max(self.free_at);
        let idle = u128::from(start.since(self.free_at).as_ps());
        self.credit = self.bucket.min(self.credit + self.baseline * idle);
        let bits = u128::from(size.get()) * 8 * u128::from(PS_PER_SECOND);
        let at_peak = bits.div_ceil(self.peak);
        let drain = (self.peak - self.baseline) * at_peak;
        let takes = if drain <= self.credit {
            self.credit -= drain;
            at_peak
        } else {
            // Peak rate until the bucket is empty, then the baseline; drain > 0 here.
            let burst = self.credit / (self.peak - self.baseline);
            self.credit = 0;
            burst + (bits - self.peak * burst).div_ceil(self.baseline)
        };
        let takes = u64::try_from(takes).unwrap_or(u64::MAX);
        let end = Time::from_ps(start.as_ps().saturating_add(takes));
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

    fn gbps(n: u64) -> Rate {
        Rate::from_bps(n * 1_000_000_000).unwrap()
    }

    #[test]
    fn credit_is_earned_while_idle_and_never_beyond_the_bucket() {
        // 1 Gbit of credit lasts 1/9 s at 10 Gbps with 1 Gbps earned.
        let mut shaper = Shaper::new(gbps(1), gbps(10), Bytes::new(125_000_000));
        let big = Bytes::new(250_000_000);
        let end = |admission| match admission {
            Admission::Served { end, .. } => end.as_secs_f64(),
            Admission::Dropped => panic!("a shaper drops nothing"),
        };
        // 2 Gbit: 10/9 Gbit in 1/9 s, the rest at 1 Gbps: 1 s in all.
        assert!((end(shaper.admit(Time::ZERO, big)) - 1.0).abs() < 1e-11);
        // Ten seconds later the bucket is full, not ten times full.
        let later = Time::from_ps(11 * PS_PER_SECOND);
        assert!((end(shaper.admit(later, big)) - 12.0).abs() < 1e-11);
    }
}
