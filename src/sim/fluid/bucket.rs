//! A token bucket under a fluid.

use super::volume::Volume;
use crate::units::{Bytes, Duration, Rate, Time};

/// Sends at `peak` while credit lasts and at `baseline` when it is gone; what is not used of the
/// baseline is earned, up to the bucket's size, which is also what it holds at the start.
///
/// Invariant: the credit is between nothing and the size.
#[derive(Debug, Clone)]
pub struct TokenBucket {
    baseline_bps: u64,
    peak_bps: u64,
    size: Volume,
    credit: Volume,
    /// When the credit was that.
    settled: Time,
}

impl TokenBucket {
    /// A full bucket. A `peak` below the baseline is raised to it.
    #[must_use]
    pub fn new(baseline: Rate, peak: Rate, size: Bytes) -> Self {
        Self::with_size(baseline.as_bps(), peak.as_bps(), Volume::of(size))
    }

    /// A full bucket of a size that need not be whole bytes.
    pub(in crate::sim) fn with_size(baseline_bps: u64, peak_bps: u64, size: Volume) -> Self {
        Self {
            baseline_bps,
            peak_bps: peak_bps.max(baseline_bps),
            size,
            credit: size,
            settled: Time::ZERO,
        }
    }

    /// The rate that it can carry now.
    #[must_use]
    pub const fn capacity_bps(&self) -> u64 {
        if self.credit.is_zero() {
            self.baseline_bps
        } else {
            self.peak_bps
        }
    }

    /// The rate while credit lasts.
    #[must_use]
    pub const fn peak_bps(&self) -> u64 {
        self.peak_bps
    }

    /// The credit, as of the last [`Self::settle`].
    #[must_use]
    pub const fn credit(&self) -> Volume {
        self.credit
    }

    /// Takes the credit from elsewhere, as of `now`.
    pub fn set_credit(&mut self, now: Time, credit: Volume) {
        self.credit = credit.min(self.size);
        self.settled = now;
    }

    /// Goes on to `now`, at a rate `used_bps` since the last time. When the bucket is empty, an unused
    /// `slack_bps` of the baseline is what rounding left over, and earns nothing: otherwise a full
    /// instance would burst for a picosecond now and then.
    pub fn settle(&mut self, now: Time, used_bps: u64, slack_bps: u64) {
        let time = now.since(self.settled);
        self.settled = now;
        if used_bps > self.baseline_bps {
            let drained = Volume::moved(used_bps - self.baseline_bps, time);
            self.credit = self.credit.minus(drained);
        } else {
            let spare = self.baseline_bps - used_bps;
            if !self.credit.is_zero() || spare > slack_bps {
                self.credit = self.credit.plus(Volume::moved(spare, time)).min(self.size);
            }
        }
    }

    /// How long the credit lasts at a rate `used_bps` from now on, if that is more than is earned.
    #[must_use]
    pub fn lasts(&self, used_bps: u64) -> Option<Duration> {
        let drain = used_bps.checked_sub(self.baseline_bps)?;
        (drain > 0 && !self.credit.is_zero()).then(|| self.credit.time_at(drain))
    }
}
