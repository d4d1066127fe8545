//! A whole number that changes over simulated time: environments that are there, events that wait.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use super::bins::Bins;
use crate::units::{Duration, Time};

/// Integrals of a level over time, as integers: they merge to the same bits in any order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LevelSums {
    /// How long it was watched, in picoseconds.
    time: u128,
    /// Integral of the level.
    area: u128,
    /// Integral of its square.
    squares: u128,
}

impl LevelSums {
    /// Its mean over time; zero if it was not watched.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.area as f64 / self.time.max(1) as f64
    }

    /// Its variance over time.
    #[must_use]
    pub fn variance(&self) -> f64 {
        let mean = self.mean();
        (self.squares as f64 / self.time.max(1) as f64 - mean * mean).max(0.0)
    }
}

impl LevelSums {
    /// Its integral over time, and for how long it was watched, in seconds.
    pub(super) fn area_and_time(&self) -> (f64, f64) {
        let per_second = crate::units::PS_PER_SECOND as f64;
        (self.area as f64 / per_second, self.time as f64 / per_second)
    }
}

impl AddAssign for LevelSums {
    fn add_assign(&mut self, other: Self) {
        self.time += other.time;
        self.area += other.area;
        self.squares += other.squares;
    }
}

/// What it was in one bin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct LevelBin {
    time: u128,
    area: u128,
    peak: u64,
}

impl AddAssign for LevelBin {
    fn add_assign(&mut self, other: Self) {
        self.time += other.time;
        self.area += other.area;
        self.peak = self.peak.max(other.peak);
    }
}

/// A level in one run.
#[derive(Debug, Clone)]
pub struct Level {
    value: u64,
    since: Time,
    /// Between these it counts for the mean.
    from: Time,
    until: Time,
    sums: LevelSums,
    peak: u64,
    bins: Bins<LevelBin>,
}

impl Level {
    /// Zero from time zero on, whose mean is taken between two times.
    #[must_use]
    pub fn new(from: Time, until: Time) -> Self {
        Self {
            value: 0,
            since: Time::ZERO,
            from,
            until,
            sums: LevelSums::default(),
            peak: 0,
            bins: Bins::new(),
        }
    }

    /// What it is now.
    #[must_use]
    pub const fn value(&self) -> u64 {
        self.value
    }

    /// It is `value` from `now` on.
    #[inline]
    pub fn set(&mut self, now: Time, value: u64) {
        self.pass(now);
        self.value = value;
        self.peak = self.peak.max(value);
    }

    fn pass(&mut self, now: Time) {
        let now = now.min(self.until);
        if now <= self.since {
            return;
        }
        let value = u128::from(self.value);
        let from = self.since.max(self.from);
        if now > from {
            let time = u128::from(now.since(from).as_ps());
            self.sums += LevelSums {
                time,
                area: value * time,
                squares: value * value * time,
            };
        }
        // The last moment belongs to the bin before.
        self.bins.at(Time::from_ps(now.as_ps() - 1));
        while self.since < now {
            let end = self.bins.end_of(self.since).min(now);
            let time = u128::from(end.since(self.since).as_ps());
            *self.bins.at(self.since) += LevelBin {
                time,
                area: value * time,
                peak: self.value,
            };
            self.since = end;
        }
    }

    /// What it was in a run that ended at `end`.
    #[must_use]
    pub fn finish(mut self, end: Time, replication: u32) -> LevelResults {
        self.pass(end);
        LevelResults {
            peak: self.peak,
            sums: self.sums,
            replications: BTreeMap::from([(replication, self.sums)]),
            bins: self.bins,
        }
    }
}

/// What a level was in one or more replications.
#[derive(Debug, Clone)]
pub struct LevelResults {
    /// The most at any time of any replication, the warm-up included.
    pub peak: u64,
    /// Over all replications, without the warm-up.
    pub sums: LevelSums,
    /// By the number of the replication.
    pub replications: BTreeMap<u32, LevelSums>,
    bins: Bins<LevelBin>,
}

impl LevelResults {
    /// Adds other replications.
    pub fn merge(&mut self, other: &Self) {
        self.peak = self.peak.max(other.peak);
        self.sums += other.sums;
        self.replications.extend(&other.replications);
        self.bins.merge(&other.bins);
    }

    /// Width of the bins of [`Self::over_time`].
    #[must_use]
    pub const fn width(&self) -> Duration {
        self.bins.width()
    }

    /// Over simulated time, the warm-up included: start of a bin, mean level in it over the
    /// replications, and the most in any.
    pub fn over_time(&self) -> impl Iterator<Item = (Time, f64, u64)> + '_ {
        let bins = self.bins.iter().filter(|(_, bin)| bin.time > 0);
        bins.map(|(start, bin)| (start, bin.area as f64 / bin.time as f64, bin.peak))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Time {
        Time::ZERO + Duration::from_us(1000 * ms)
    }

    /// 2 from 10 to 20 ms, 4 from 20 to 40, then 0; watched from 15 to 55 ms.
    #[test]
    fn a_level_has_its_integrals_and_peak() {
        let mut level = Level::new(at(15), at(55));
        level.set(at(10), 2);
        level.set(at(20), 4);
        level.set(at(40), 0);
        level.set(at(70), 9);
        let results = level.finish(at(80), 0);
        let mean = (2.0 * 5.0 + 4.0 * 20.0) / 40.0;
        assert!((results.sums.mean() - mean).abs() < 1e-12);
        let second = (4.0 * 5.0 + 16.0 * 20.0) / 40.0;
        assert!((results.sums.variance() - (second - mean * mean)).abs() < 1e-9);
        assert_eq!(results.peak, 9);
        let whole: f64 = {
            let width = results.bins.width().as_secs_f64();
            results.over_time().map(|(_, mean, _)| mean * width).sum()
        };
        // The last bin is not full, and its mean is that of the part that was watched.
        assert!((whole - 0.1).abs() < 1e-3, "{whole}");
    }

    #[test]
    fn replications_merge_in_any_order() {
        let run = |value, number| {
            let mut level = Level::new(Time::ZERO, at(100));
            level.set(at(value), value);
            level.finish(at(100 + value), number)
        };
        let (mut a, mut b) = (run(3, 0), run(50, 1));
        let first = a.clone();
        a.merge(&b);
        b.merge(&first);
        assert_eq!(a.sums, b.sums);
        assert_eq!((a.peak, b.peak), (50, 50));
        assert_eq!(a.bins, b.bins);
        assert_eq!(a.replications.len(), 2);
    }
}
