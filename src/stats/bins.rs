//! At most 128 bins of equal width over simulated time, whatever its length.

use std::ops::AddAssign;

use crate::units::{Duration, Time};

/// Bins kept; when time outgrows them, neighbours are merged and the width doubles.
pub(super) const BINS: usize = 128;
/// The first width is 2²⁰ ps, about a microsecond.
const FIRST_SHIFT: u32 = 20;

/// Bins from time zero on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bins<B> {
    shift: u32,
    bins: Vec<B>,
}

impl<B: Copy + Default + AddAssign> Bins<B> {
    pub(super) fn new() -> Self {
        Self {
            shift: FIRST_SHIFT,
            bins: Vec::with_capacity(BINS),
        }
    }

    /// Width of a bin.
    pub(super) const fn width(&self) -> Duration {
        Duration::from_ps(1 << self.shift)
    }

    /// The bins with their start times, from time zero to the last that was touched.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Time, &B)> {
        let shift = self.shift;
        (0_u64..)
            .zip(&self.bins)
            .map(move |(at, bin)| (Time::from_ps(at << shift), bin))
    }

    /// The bin that `time` falls into.
    #[inline]
    pub(super) fn at(&mut self, time: Time) -> &mut B {
        let mut at = time.as_ps() >> self.shift;
        while at >= BINS as u64 {
            self.halve();
            at = time.as_ps() >> self.shift;
        }
        let at = usize::try_from(at).expect("below BINS");
        if at >= self.bins.len() {
            self.bins.resize(at + 1, B::default());
        }
        &mut self.bins[at]
    }

    /// When the bin of `time` ends.
    pub(super) const fn end_of(&self, time: Time) -> Time {
        Time::from_ps(((time.as_ps() >> self.shift) + 1) << self.shift)
    }

    /// Adds the bins of `other`.
    pub(super) fn merge(&mut self, other: &Self) {
        while self.shift < other.shift {
            self.halve();
        }
        for (start, bin) in other.iter() {
            *self.at(start) += *bin;
        }
    }

    /// Merges neighbours.
    fn halve(&mut self) {
        self.shift += 1;
        let merged = self.bins.chunks(2).map(|pair| {
            let mut bin = pair[0];
            if let Some(second) = pair.get(1) {
                bin += *second;
            }
            bin
        });
        self.bins = merged.collect();
    }
}
