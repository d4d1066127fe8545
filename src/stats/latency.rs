//! The distribution of a latency: exact moments, a histogram, and what it was spent on.

use hdrhistogram::Histogram;

use super::Breakdown;
use crate::units::{Duration, PS_PER_SECOND};

/// Significant decimal digits of a quantile.
const DIGITS: u8 = 3;

/// Exact count, sum and sum of squares of durations in picoseconds.
///
/// The sum of squares holds 3 × 10¹⁴ samples of a second, or 10¹² of a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    /// Number of samples.
    pub count: u64,
    sum: u128,
    squares: u128,
}

impl Sums {
    /// Adds a sample.
    #[inline]
    pub fn record(&mut self, value: Duration) {
        let ps = u128::from(value.as_ps());
        self.count += 1;
        self.sum += ps;
        self.squares = self.squares.saturating_add(ps * ps);
    }

    /// Adds the samples of `other`.
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.sum += other.sum;
        self.squares = self.squares.saturating_add(other.squares);
    }

    /// The sum in seconds.
    #[must_use]
    pub fn sum_secs(&self) -> f64 {
        self.sum as f64 / PS_PER_SECOND as f64
    }

    /// The mean in seconds; `None` without samples.
    #[must_use]
    pub fn mean_secs(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum_secs() / self.count as f64)
    }

    /// The standard deviation of the samples (divisor n − 1) in seconds; `None` below two samples.
    #[must_use]
    pub fn stddev_secs(&self) -> Option<f64> {
        if self.count < 2 {
            return None;
        }
        let n = self.count as f64;
        let mean = self.sum as f64 / n;
        // Integers lose nothing in the sums; one subtraction in floating point remains.
        let variance = ((self.squares as f64 - self.sum as f64 * mean) / (n - 1.0)).max(0.0);
        Some(variance.sqrt() / PS_PER_SECOND as f64)
    }
}

/// Samples of a latency with their breakdown into parts.
#[derive(Debug, Clone)]
pub struct Latency {
    sums: Sums,
    min: Duration,
    max: Duration,
    histogram: Histogram<u64>,
    breakdown: Breakdown,
}

impl Latency {
    /// No samples; a latency is the sum of those `parts` of a charge sheet (indices into it).
    #[must_use]
    pub fn new(parts: Vec<usize>) -> Self {
        Self {
            sums: Sums::default(),
            min: Duration::MAX,
            max: Duration::ZERO,
            histogram: Histogram::new(DIGITS).expect("three digits are within 0..=5"),
            breakdown: Breakdown::new(parts),
        }
    }

    /// Adds a sample and the charges it is made of, indexed by part.
    ///
    /// Invariant of the caller: the charges of the parts sum to `value`.
    #[inline]
    pub fn record(&mut self, value: Duration, charges: &[Duration]) {
        self.sums.record(value);
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        self.histogram
            .record(value.as_ps())
            .expect("an auto-resizing histogram takes every u64");
        self.breakdown.record(value, charges);
    }

    /// Adds the samples of `other`, which has the same parts.
    pub fn merge(&mut self, other: &Self) {
        self.sums.merge(&other.sums);
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.histogram
            .add(&other.histogram)
            .expect("both histograms resize and have three digits");
        self.breakdown.merge(&other.breakdown);
    }

    /// Count and exact moments.
    #[must_use]
    pub const fn sums(&self) -> &Sums {
        &self.sums
    }

    /// Number of samples.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.sums.count
    }

    /// The shortest sample.
    #[must_use]
    pub fn min_secs(&self) -> Option<f64> {
        (self.count() > 0).then(|| self.min.as_secs_f64())
    }

    /// The longest sample.
    #[must_use]
    pub fn max_secs(&self) -> Option<f64> {
        (self.count() > 0).then(|| self.max.as_secs_f64())
    }

    /// The `q`-quantile in seconds, within 0.05 % of a sample; exact at both ends.
    #[must_use]
    pub fn quantile_secs(&self, q: f64) -> Option<f64> {
        if self.count() == 0 {
            return None;
        }
        let ps = self.histogram.value_at_quantile(q);
        let middle = Duration::from_ps(self.histogram.median_equivalent(ps));
        Some(middle.clamp(self.min, self.max).as_secs_f64())
    }

    /// The share of samples that are at most `value`.
    #[must_use]
    pub fn share_at_most(&self, value: Duration) -> Option<f64> {
        (self.count() > 0)
            .then(|| self.histogram.count_between(0, value.as_ps()) as f64 / self.count() as f64)
    }

    /// The distribution function as (latency in seconds, share of samples at most that), one point
    /// per occupied histogram bucket.
    pub fn distribution_function(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        let mut below = 0;
        self.histogram.iter_recorded().map(move |bucket| {
            below += bucket.count_since_last_iteration();
            let value = Duration::from_ps(bucket.value_iterated_to()).clamp(self.min, self.max);
            (value.as_secs_f64(), below as f64 / self.count() as f64)
        })
    }

    /// What the latency was spent on.
    #[must_use]
    pub const fn breakdown(&self) -> &Breakdown {
        &self.breakdown
    }

    /// The mean spent on each part in seconds, in the order of the parts; sums to the mean.
    #[must_use]
    pub fn part_means_secs(&self) -> Vec<f64> {
        self.breakdown.means_secs(0.0)
    }

    /// As [`Self::part_means_secs`], over the slowest samples: those in the bands (3 % wide) from
    /// the `q`-quantile up.
    #[must_use]
    pub fn part_means_from_quantile_secs(&self, q: f64) -> Vec<f64> {
        self.breakdown
            .means_secs(self.quantile_secs(q).unwrap_or(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn us(n: u64) -> Duration {
        Duration::from_us(n)
    }

    #[test]
    fn moments_quantiles_and_parts_of_a_known_sample() {
        // 1..=1000 µs, of which the part 2 is 1 µs and the part 0 the rest.
        let mut latency = Latency::new(vec![0, 2]);
        for n in 1..=1000 {
            latency.record(us(n), &[us(n - 1), Duration::ZERO, us(1)]);
        }
        let close =
            |a: Option<f64>, b: f64| assert!((a.unwrap() / b - 1.0).abs() < 1e-3, "{a:?} {b}");
        assert_eq!(latency.sums().mean_secs(), Some(500.5e-6));
        close(latency.sums().stddev_secs(), 288.819_436e-6);
        close(latency.quantile_secs(0.5), 500e-6);
        close(latency.quantile_secs(0.99), 990e-6);
        assert_eq!(
            (latency.min_secs(), latency.max_secs()),
            (Some(1e-6), Some(1e-3))
        );
        close(latency.share_at_most(us(250)), 0.25);
        let parts = latency.part_means_secs();
        assert!((parts[0] - 499.5e-6).abs() < 1e-15 && (parts[1] - 1e-6).abs() < 1e-18);
        // The slowest 1 % and what shares their band: about 995 µs on average.
        let slow = latency.part_means_from_quantile_secs(0.99);
        assert!((0.97e-3..1e-3).contains(&(slow[0] + slow[1])), "{slow:?}");
    }

    #[test]
    fn merging_is_recording_together() {
        let mut together = Latency::new(vec![0]);
        let mut halves = [Latency::new(vec![0]), Latency::new(vec![0])];
        for n in 1..=100 {
            let value = us(n * n);
            together.record(value, &[value]);
            halves[usize::try_from(n).unwrap() % 2].record(value, &[value]);
        }
        let [mut left, right] = halves;
        left.merge(&right);
        assert_eq!(left.sums(), together.sums());
        assert_eq!(left.part_means_secs(), together.part_means_secs());
        for q in [0.1, 0.5, 0.9, 0.99, 1.0] {
            assert_eq!(left.quantile_secs(q), together.quantile_secs(q));
        }
    }

    #[test]
    fn nothing_recorded_is_nothing_known() {
        let empty = Latency::new(vec![0]);
        assert_eq!(empty.quantile_secs(0.5), None);
        assert_eq!(empty.sums().mean_secs(), None);
        assert_eq!(empty.distribution_function().count(), 0);
    }
}
