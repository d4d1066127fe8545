//! What happened over simulated time, in at most 128 bins of equal width.

use std::ops::AddAssign;

use super::bins::Bins;
use crate::units::{Duration, Time};

/// What happened in one bin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bin {
    /// Started in this bin.
    pub sent: u64,
    /// Completed in this bin.
    pub completed: u64,
    /// Failed in this bin.
    pub failed: u64,
    /// Bytes delivered in this bin, of what is measured by that.
    pub bytes: u64,
    /// Sum of the latencies of what completed, in picoseconds.
    latency_ps: u128,
}

impl Bin {
    /// Mean latency of what completed in this bin, in seconds.
    #[must_use]
    pub fn mean_latency_secs(&self) -> Option<f64> {
        let sum = self.latency_ps as f64 / crate::units::PS_PER_SECOND as f64;
        (self.completed > 0).then(|| sum / self.completed as f64)
    }
}

impl AddAssign for Bin {
    fn add_assign(&mut self, other: Self) {
        self.sent += other.sent;
        self.completed += other.completed;
        self.failed += other.failed;
        self.bytes += other.bytes;
        self.latency_ps += other.latency_ps;
    }
}

/// Counts over simulated time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline {
    bins: Bins<Bin>,
    /// Until when something was delivered.
    delivered_until: Time,
}

impl Timeline {
    /// Nothing has happened.
    #[must_use]
    pub fn new() -> Self {
        Self {
            bins: Bins::new(),
            delivered_until: Time::ZERO,
        }
    }

    /// Something started at `time`.
    #[inline]
    pub fn sent(&mut self, time: Time) {
        self.bin(time).sent += 1;
    }

    /// Something completed at `time`, after `latency`.
    #[inline]
    pub fn completed(&mut self, time: Time, latency: Duration) {
        let bin = self.bin(time);
        bin.completed += 1;
        bin.latency_ps += u128::from(latency.as_ps());
    }

    /// Something failed at `time`.
    #[inline]
    pub fn failed(&mut self, time: Time) {
        self.bin(time).failed += 1;
    }

    /// `bytes` were delivered at a constant rate between two times. What falls into a bin is a
    /// difference of whole bytes since `from`, so that no byte is lost, and doubling the bins before or
    /// after gives the same.
    pub fn delivered(&mut self, from: Time, to: Time, bytes: u64) {
        let whole = u128::from(to.since(from).as_ps()).max(1);
        // The last picosecond is the last that belongs to it.
        let last = Time::from_ps(to.as_ps().saturating_sub(1).max(from.as_ps()));
        self.bin(last);
        self.delivered_until = self.delivered_until.max(to);
        let (mut start, mut before) = (from, 0);
        loop {
            let edge = self.bins.end_of(start).min(to);
            let part = u128::from(edge.since(from).as_ps());
            let up_to = if edge >= to {
                bytes
            } else {
                u64::try_from(u128::from(bytes) * part / whole).unwrap_or(bytes)
            };
            self.bin(start).bytes += up_to - before;
            before = up_to;
            start = edge;
            if start >= to {
                return;
            }
        }
    }

    /// Width of a bin.
    #[must_use]
    pub const fn width(&self) -> Duration {
        self.bins.width()
    }

    /// The bins with their start times, from time zero to the last thing that happened.
    pub fn bins(&self) -> impl Iterator<Item = (Time, &Bin)> {
        self.bins.iter()
    }

    /// As [`Self::bins`], with the end of each and the bits per second that were delivered in it. The
    /// bin of the last delivery ends with that.
    pub fn throughput_bps(&self) -> impl Iterator<Item = (Time, Time, f64)> + '_ {
        let width = self.width();
        self.bins().map(move |(start, bin)| {
            let end = start + width;
            let end = if (start..end).contains(&self.delivered_until) && bin.bytes > 0 {
                self.delivered_until
            } else {
                end
            };
            let secs = end.since(start).as_secs_f64();
            let bits = bin.bytes as f64 * 8.0;
            (start, end, if bits > 0.0 { bits / secs } else { 0.0 })
        })
    }

    /// Adds what happened in `other`.
    pub fn merge(&mut self, other: &Self) {
        self.delivered_until = self.delivered_until.max(other.delivered_until);
        self.bins.merge(&other.bins);
    }

    #[inline]
    fn bin(&mut self, time: Time) -> &mut Bin {
        self.bins.at(time)
    }
}

impl Default for Timeline {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::super::bins::BINS;
    use super::*;

    #[test]
    fn bins_double_and_keep_their_counts() {
        let mut timeline = Timeline::new();
        for ms in 0..1000 {
            let time = Time::ZERO + Duration::from_us(1000 * ms);
            timeline.sent(time);
            timeline.completed(time, Duration::from_us(ms));
        }
        assert_eq!(timeline.bins().map(|(_, bin)| bin.sent).sum::<u64>(), 1000);
        assert!(timeline.bins().count() <= BINS);
        // A bin of 2³³ ps is 8.6 ms wide: 9 samples in the first, from 0 to 8 µs.
        let (start, first) = timeline.bins().next().unwrap();
        assert_eq!((start, first.completed), (Time::ZERO, 9));
        assert!((first.mean_latency_secs().unwrap() - 4e-6).abs() < 1e-15);
    }

    #[test]
    fn bytes_are_spread_over_the_bins_that_they_take() {
        let at = |us| Time::ZERO + Duration::from_us(us);
        let mut fine = Timeline::new();
        // 300 MB in 3 ms from 1 ms on, then 7 bytes in 1 ps.
        fine.delivered(at(1_000), at(4_000), 300_000_000);
        fine.delivered(at(4_000), at(4_000) + Duration::from_ps(1), 7);
        let total = |timeline: &Timeline| timeline.bins().map(|(_, bin)| bin.bytes).sum::<u64>();
        assert_eq!(total(&fine), 300_000_007);
        // A bin of 2²⁵ ps, 33.6 µs, at 100 GB/s.
        assert_eq!(fine.width().as_ps(), 1 << 25);
        let (_, middle) = fine.bins().nth(60).unwrap();
        assert!(middle.bytes.abs_diff(3_355_443) <= 1, "{}", middle.bytes);
        let mut late = Timeline::new();
        late.sent(at(1_000_000));
        let mut coarse = late.clone();
        coarse.delivered(at(1_000), at(4_000), 300_000_000);
        coarse.delivered(at(4_000), at(4_000) + Duration::from_ps(1), 7);
        fine.merge(&late);
        assert_eq!(fine, coarse);
    }

    #[test]
    fn merging_aligns_the_widths() {
        let at = |us| Time::ZERO + Duration::from_us(us);
        let (mut short, mut long) = (Timeline::new(), Timeline::new());
        short.failed(at(3));
        long.failed(at(1_000_000));
        let mut other_way = long.clone();
        other_way.merge(&short);
        short.merge(&long);
        assert_eq!(short, other_way);
        assert_eq!(short.bins().map(|(_, bin)| bin.failed).sum::<u64>(), 2);
    }
}
