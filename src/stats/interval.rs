//! Confidence intervals across independent replications.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::Sums;

/// A confidence interval, in the unit of what it is an interval of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// The 97.5 % quantile of Student's t with `degrees` degrees of freedom.
#[must_use]
pub fn student_t_975(degrees: usize) -> f64 {
    student_t(0.975, degrees)
}

/// The quantile of Student's t for a `probability` with `degrees` degrees of freedom.
pub(super) fn student_t(probability: f64, degrees: usize) -> f64 {
    let t = StudentsT::new(0.0, 1.0, degrees.max(1) as f64);
    t.expect("one degree of freedom or more")
        .inverse_cdf(probability)
}

/// The 95 % interval of a mean over independent replications, in seconds.
///
/// The mean is the ratio (sum of all latencies) / (number of samples); replications of different
/// sizes are weighted by their size, and the variance is that of the ratio estimator (Law,
/// "Simulation Modeling and Analysis", 5th ed., section 9.5.3). With equal sizes this is the
/// textbook interval of the mean of the replications' means. `None` below two replications with
/// samples.
#[must_use]
pub fn ratio_interval(replications: &[Sums]) -> Option<Interval> {
    let used = replications.iter().filter(|r| r.count > 0);
    let used: Vec<(f64, f64)> = used.map(|r| (r.sum_secs(), r.count as f64)).collect();
    let half = ratio_half_width(&used)?;
    let mean = ratio_of(&used);
    Some(Interval {
        low: mean - half,
        high: mean + half,
    })
}

/// Half the width of the 95 % interval of a ratio over independent replications, given as what is
/// summed and what it is divided by. `None` below two replications.
pub(super) fn ratio_half_width(used: &[(f64, f64)]) -> Option<f64> {
    if used.len() < 2 {
        return None;
    }
    let n = used.len() as f64;
    let ratio = ratio_of(used);
    let residuals = used.iter().map(|(sum, weight)| sum - ratio * weight);
    let variance = residuals.map(|d| d * d).sum::<f64>() / (n - 1.0);
    let weight = used.iter().map(|(_, weight)| weight).sum::<f64>() / n;
    Some(student_t_975(used.len() - 1) * (variance / n).sqrt() / weight)
}

fn ratio_of(used: &[(f64, f64)]) -> f64 {
    let sum: f64 = used.iter().map(|(sum, _)| sum).sum();
    sum / used.iter().map(|(_, weight)| weight).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Duration;

    /// Published quantiles of Student's t (scipy.stats.t.ppf agrees to all digits shown).
    #[test]
    fn student_quantiles() {
        let table = [
            (5, 2.776_445_1),
            (10, 2.262_157_2),
            (20, 2.093_024_1),
            (30, 2.045_229_6),
        ];
        for (n, expected) in table {
            assert!((student_t_975(n - 1) - expected).abs() < 5e-8, "n = {n}");
        }
    }

    fn replication(values: &[u64]) -> Sums {
        let mut sums = Sums::default();
        for &s in values {
            sums.record(Duration::from_secs(s));
        }
        sums
    }

    #[test]
    fn equal_sizes_give_the_textbook_interval() {
        // Means 10, 11, 12, 13: mean 11.5, s = 1.290994, t(3) = 3.182446, half-width 2.054261.
        let means = [[9, 11], [10, 12], [11, 13], [12, 14]];
        let interval = ratio_interval(&means.map(|m| replication(&m))).unwrap();
        assert!(
            (interval.low - (11.5 - 2.054_261)).abs() < 1e-5,
            "{interval:?}"
        );
        assert!(
            (interval.high - (11.5 + 2.054_261)).abs() < 1e-5,
            "{interval:?}"
        );
    }

    #[test]
    fn one_replication_has_no_interval() {
        assert_eq!(ratio_interval(&[replication(&[1, 2, 3])]), None);
        assert_eq!(ratio_interval(&[replication(&[1]), Sums::default()]), None);
    }
}
