//! Ratios across independent replications, such as means and shares, and how two of them differ.

use std::collections::BTreeMap;

use super::interval::{Interval, ratio_half_width, student_t};
use super::{LevelResults, Sums};

/// A ratio of sums: what was summed and what it is divided by, of each replication by its number.
///
/// A mean is the sum of samples over their number, a share what is counted over what there is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ratio(BTreeMap<u32, (f64, f64)>);

impl FromIterator<(u32, (f64, f64))> for Ratio {
    fn from_iter<I: IntoIterator<Item = (u32, (f64, f64))>>(replications: I) -> Self {
        Self(replications.into_iter().collect())
    }
}

impl Ratio {
    /// The mean of samples, in seconds.
    #[must_use]
    pub fn of_samples(replications: &BTreeMap<u32, Sums>) -> Self {
        let replications = replications.iter();
        replications
            .map(|(&number, sums)| (number, (sums.sum_secs(), sums.count as f64)))
            .collect()
    }

    /// The mean of a level over time.
    #[must_use]
    pub fn of_level(level: &LevelResults) -> Self {
        let replications = level.replications.iter();
        replications
            .map(|(&number, sums)| (number, sums.area_and_time()))
            .collect()
    }

    /// The ratio over all replications; `None` if there is nothing to divide by.
    #[must_use]
    pub fn value(&self) -> Option<f64> {
        let (sum, weight) = self.totals();
        (weight > 0.0).then(|| sum / weight)
    }

    /// Its 95 % interval, as [`ratio_interval`](super::ratio_interval); `None` below two
    /// replications that have something to divide by.
    #[must_use]
    pub fn interval(&self) -> Option<Interval> {
        let used: Vec<(f64, f64)> = self.0.values().copied().filter(|r| r.1 > 0.0).collect();
        let half = ratio_half_width(&used)?;
        let middle = self.value()?;
        Some(Interval {
            low: middle - half,
            high: middle + half,
        })
    }

    fn totals(&self) -> (f64, f64) {
        let replications = self.0.values();
        replications.fold((0.0, 0.0), |sums, one| (sums.0 + one.0, sums.1 + one.1))
    }

    /// How far the replication is off the ratio, in its unit and weighted by its size: zero on
    /// average.
    fn residual(&self, number: u32) -> Option<f64> {
        let (value, (_, weight)) = (self.value()?, self.totals());
        let &(sum, own) = self.0.get(&number)?;
        Some((sum - value * own) / (weight / self.0.len() as f64))
    }
}

/// How much lower the second of each pair is than the first, averaged over the pairs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// The mean of first minus second.
    pub mean: f64,
    /// Its 95 % interval; `None` below two replications.
    pub interval: Option<Interval>,
}

/// How much lower the second ratio of each of `pairs` is; `None` if one has no value.
///
/// Replications of one number share their random numbers, so that what is uncertain is the
/// difference within each of them, which varies much less than either ratio: the interval is that of
/// a paired t test, with the residuals of the ratio estimator. It holds for `comparisons` of them
/// together (Bonferroni), as is due if this one was chosen because it is the largest.
#[must_use]
pub fn mean_difference(pairs: &[(Ratio, Ratio)], comparisons: usize) -> Option<Difference> {
    let differences: Option<Vec<f64>> = pairs
        .iter()
        .map(|(first, second)| Some(first.value()? - second.value()?))
        .collect();
    let differences = differences.filter(|differences| !differences.is_empty())?;
    let mean = differences.iter().sum::<f64>() / pairs.len() as f64;
    let of_replication = |number: u32| {
        let residuals = pairs
            .iter()
            .map(|(first, second)| Some(first.residual(number)? - second.residual(number)?));
        let residuals: Option<Vec<f64>> = residuals.collect();
        Some(residuals?.iter().sum::<f64>() / pairs.len() as f64)
    };
    let numbers = pairs[0].0.0.keys();
    let residuals: Vec<f64> = numbers
        .filter_map(|&number| of_replication(number))
        .collect();
    let interval = (residuals.len() >= 2).then(|| {
        let n = residuals.len() as f64;
        let variance = residuals.iter().map(|d| d * d).sum::<f64>() / (n - 1.0);
        let probability = 1.0 - 0.025 / comparisons.max(1) as f64;
        let half = student_t(probability, residuals.len() - 1) * (variance / n).sqrt();
        Interval {
            low: mean - half,
            high: mean + half,
        }
    });
    Some(Difference { mean, interval })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(replications: &[(f64, f64)]) -> Ratio {
        (0..).zip(replications.iter().copied()).collect()
    }

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-5, "{a} is not {b}");
    }

    #[test]
    fn equal_sizes_give_the_textbook_interval_of_a_mean() {
        // Means 10, 11, 12, 13: t(3) = 3.182446, s = 1.290994.
        let means = ratio(&[(20.0, 2.0), (22.0, 2.0), (24.0, 2.0), (26.0, 2.0)]);
        close(means.value().unwrap(), 11.5);
        close(means.interval().unwrap().high, 11.5 + 2.054_261);
        assert_eq!(ratio(&[(1.0, 2.0), (0.0, 0.0)]).interval(), None);
        assert_eq!(ratio(&[(0.0, 0.0)]).value(), None);
    }

    #[test]
    fn pairs_of_one_number_give_the_textbook_interval_of_the_paired_t_test() {
        // Differences 1, 2, 3, 4 between means that vary much more.
        let first = ratio(&[(10.0, 1.0), (55.0, 1.0), (31.0, 1.0), (79.0, 1.0)]);
        let second = ratio(&[(9.0, 1.0), (53.0, 1.0), (28.0, 1.0), (75.0, 1.0)]);
        let pairs = [(first.clone(), second.clone())];
        let difference = mean_difference(&pairs, 1).unwrap();
        close(difference.mean, 2.5);
        close(difference.interval.unwrap().low, 2.5 - 2.054_261);
        // Of six comparisons: t at 1 - 0.025 / 6 with three degrees of freedom is 6.231517.
        let widened = mean_difference(&pairs, 6).unwrap().interval.unwrap();
        let half = 6.231_5 * (5.0_f64 / 3.0 / 4.0).sqrt();
        assert!((widened.high - 2.5 - half).abs() < 1e-2, "{widened:?}");
        let nothing = mean_difference(&[(first.clone(), first)], 1).unwrap();
        close(nothing.mean, 0.0);
        close(nothing.interval.unwrap().high, 0.0);
        assert_eq!(mean_difference(&[(second, Ratio::default())], 1), None);
        assert_eq!(mean_difference(&[], 1), None);
    }

    #[test]
    fn pairs_are_averaged_and_replications_weighted_by_their_size() {
        let pair = |first: &[(f64, f64)], second: &[(f64, f64)]| (ratio(first), ratio(second));
        let pairs = [
            pair(&[(4.0, 1.0), (30.0, 3.0)], &[(1.0, 1.0), (3.0, 3.0)]),
            pair(&[(6.0, 2.0), (6.0, 2.0)], &[(2.0, 2.0), (2.0, 2.0)]),
        ];
        // 34 / 4 - 1 = 7.5, and 3 - 1 = 2. Residuals (4 - 8.5) / 2 and (30 - 25.5) / 2, halved.
        let difference = mean_difference(&pairs, 1).unwrap();
        close(difference.mean, 4.75);
        let residual: f64 = 1.125;
        let half = 12.706_205 * (2.0 * residual.powi(2) / 2.0).sqrt();
        close(difference.interval.unwrap().high, 4.75 + half);
    }

    #[test]
    fn one_replication_has_no_interval() {
        let pairs = [(ratio(&[(4.0, 1.0)]), ratio(&[(3.0, 1.0)]))];
        let difference = mean_difference(&pairs, 1).unwrap();
        close(difference.mean, 1.0);
        assert_eq!(difference.interval, None);
    }
}
