//! What latencies were spent on, by band of latency, so that any percentile can be explained
//! without a trace.

use crate::units::{Duration, PS_PER_SECOND};

/// Bands per octave of latency: each is about 3 % wide.
const BANDS_PER_OCTAVE_LOG2: u32 = 5;
const BANDS: usize = 64 << BANDS_PER_OCTAVE_LOG2;
const EMPTY: u32 = u32::MAX;

/// Exact sums of the parts of a latency, per band of latency.
#[derive(Debug, Clone)]
pub struct Breakdown {
    /// Indices into the charge sheet of a sample.
    parts: Vec<usize>,
    /// Row of each band, or `EMPTY`.
    row_of: Vec<u32>,
    /// Rows of `1 + parts.len()`: the count, then the sum of each part in picoseconds.
    rows: Vec<u128>,
}

impl Breakdown {
    pub(super) fn new(parts: Vec<usize>) -> Self {
        Self {
            parts,
            row_of: vec![EMPTY; BANDS],
            rows: Vec::new(),
        }
    }

    /// The parts, as indices into the charge sheet.
    #[must_use]
    pub fn parts(&self) -> &[usize] {
        &self.parts
    }

    #[inline]
    pub(super) fn record(&mut self, value: Duration, charges: &[Duration]) {
        let row = self.row(band(value));
        self.rows[row] += 1;
        let sums = &mut self.rows[row + 1..=row + self.parts.len()];
        for (sum, &part) in sums.iter_mut().zip(&self.parts) {
            *sum += u128::from(charges[part].as_ps());
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        assert_eq!(
            self.parts, other.parts,
            "breakdowns of one workload have the same parts"
        );
        for (band, &from) in other.row_of.iter().enumerate() {
            if from == EMPTY {
                continue;
            }
            let row = self.row(band);
            for column in 0..=self.parts.len() {
                self.rows[row + column] += other.rows[from as usize + column];
            }
        }
    }

    /// The mean of each part in seconds over the samples in the bands from `from_secs` up.
    pub(super) fn means_secs(&self, from_secs: f64) -> Vec<f64> {
        let first = band(Duration::from_secs_f64(from_secs));
        let mut totals = vec![0; 1 + self.parts.len()];
        for &row in self.row_of[first..].iter().filter(|&&row| row != EMPTY) {
            for (column, total) in totals.iter_mut().enumerate() {
                *total += self.rows[row as usize + column];
            }
        }
        let scale = totals[0].max(1) as f64 * PS_PER_SECOND as f64;
        totals[1..].iter().map(|&sum| sum as f64 / scale).collect()
    }

    /// Where the row of `band` starts; makes it if there is none.
    #[inline]
    #[allow(clippy::cast_possible_truncation)] // at most BANDS rows
    fn row(&mut self, band: usize) -> usize {
        if self.row_of[band] == EMPTY {
            self.row_of[band] = self.rows.len() as u32;
            self.rows.resize(self.rows.len() + 1 + self.parts.len(), 0);
        }
        self.row_of[band] as usize
    }
}

/// The band of a latency: its octave, then the next five bits.
#[inline]
#[allow(clippy::cast_possible_truncation)] // below BANDS
fn band(value: Duration) -> usize {
    let ps = value.as_ps().max(1);
    let octave = ps.ilog2();
    let fraction = (ps << (63 - octave)) >> (63 - BANDS_PER_OCTAVE_LOG2);
    ((octave << BANDS_PER_OCTAVE_LOG2) as usize)
        + (fraction as usize & ((1 << BANDS_PER_OCTAVE_LOG2) - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_are_ordered_and_three_percent_wide() {
        let mut last = 0;
        for exponent in 0..63 {
            for step in 0..32_u128 {
                let ps = (1_u128 << exponent) + ((step << exponent) >> 5);
                let ps = u64::try_from(ps).unwrap();
                let at = band(Duration::from_ps(ps));
                assert!(at >= last && at < BANDS);
                last = at;
            }
        }
        assert_eq!(band(Duration::ZERO), band(Duration::from_ps(1)));
        assert_eq!(band(Duration::MAX), BANDS - 1);
        let (a, b) = (band(Duration::from_us(1000)), band(Duration::from_us(1035)));
        assert!(b > a && b <= a + 2);
    }
}
