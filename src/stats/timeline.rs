//! What happened over simulated time, in at most 128 bins of equal width.

use crate::units::{Duration, Time};

/// Bins kept; when time outgrows them, neighbours are merged and the width doubles.
const BINS: usize = 128;
/// The first width is 2²⁰ ps, about a microsecond.
const FIRST_SHIFT: u32 = 20;

/// What happened in one bin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bin {
    /// Started in this bin.
    pub sent: u64,
    /// Completed in this bin.
    pub completed: u64,
    /// Failed in this bin.
    pub failed: u64,
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

    fn add(&mut self, other: &Self) {
        self.sent += other.sent;
        self.completed += other.completed;
        self.failed += other.failed;
        self.latency_ps += other.latency_ps;
    }
}

/// Counts over simulated time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline {
    shift: u32,
    bins: Vec<Bin>,
}

impl Timeline {
    /// Nothing has happened.
    #[must_use]
    pub fn new() -> Self {
        Self {
            shift: FIRST_SHIFT,
            bins: Vec::with_capacity(BINS),
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

    /// Width of a bin.
    #[must_use]
    pub const fn width(&self) -> Duration {
        Duration::from_ps(1 << self.shift)
    }

    /// The bins with their start times, from time zero to the last thing that happened.
    pub fn bins(&self) -> impl Iterator<Item = (Time, &Bin)> {
        let shift = self.shift;
        (0_u64..)
            .zip(&self.bins)
            .map(move |(at, bin)| (Time::from_ps(at << shift), bin))
    }

    /// Adds what happened in `other`.
    pub fn merge(&mut self, other: &Self) {
        while self.shift < other.shift {
            self.halve();
        }
        for (start, bin) in other.bins() {
            self.bin(start).add(bin);
        }
    }

    #[inline]
    fn bin(&mut self, time: Time) -> &mut Bin {
        let mut at = time.as_ps() >> self.shift;
        while at >= BINS as u64 {
            self.halve();
            at = time.as_ps() >> self.shift;
        }
        let at = usize::try_from(at).expect("below BINS");
        if at >= self.bins.len() {
            self.bins.resize(at + 1, Bin::default());
        }
        &mut self.bins[at]
    }

    /// Merges neighbours.
    fn halve(&mut self) {
        self.shift += 1;
        let merged = self.bins.chunks(2).map(|pair| {
            let mut bin = pair[0];
            if let Some(second) = pair.get(1) {
                bin.add(second);
            }
            bin
        });
        self.bins = merged.collect();
    }
}

impl Default for Timeline {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
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
