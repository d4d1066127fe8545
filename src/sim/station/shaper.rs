//! A token-bucket shaper: an instance's bandwidth with burst credits.

use super::bucket::Bucket;
use super::{Admission, Counters};
use crate::units::{Bytes, Rate, Time};

/// A fluid token bucket with room for everything: sends at `peak` while credit lasts, at `baseline`
/// when it is gone; credit accrues at `baseline` up to the bucket's size, which is also what it holds
/// at the start.
///
/// A packet's transmission is the exact fluid solution, so the result does not depend on how a
/// transfer is cut into packets.
#[derive(Debug, Clone)]
pub struct Shaper {
    bucket: Bucket,
    counters: Counters,
}

impl Shaper {
    /// A shaper with a full bucket. A `peak` below the baseline is raised to it.
    #[must_use]
    pub fn new(baseline: Rate, peak: Rate, bucket: Bytes) -> Self {
        Self {
            bucket: Bucket::new(baseline, peak, bucket),
            counters: Counters::default(),
        }
    }

    /// Queues a packet of `size` bytes; a shaper has room for everything.
    pub fn admit(&mut self, now: Time, size: Bytes) -> Admission {
        let (start, end) = self.bucket.send(now, size);
        self.counters.serve(start, end)
    }

    pub(super) const fn counters(&self) -> &Counters {
        &self.counters
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::PS_PER_SECOND;

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
            Admission::Dropped(_) => panic!("a shaper drops nothing"),
        };
        // 2 Gbit: 10/9 Gbit in 1/9 s, the rest at 1 Gbps: 1 s in all.
        assert!((end(shaper.admit(Time::ZERO, big)) - 1.0).abs() < 1e-11);
        // Ten seconds later the bucket is full, not ten times full.
        let later = Time::from_ps(11 * PS_PER_SECOND);
        assert!((end(shaper.admit(later, big)) - 12.0).abs() < 1e-11);
    }
}
