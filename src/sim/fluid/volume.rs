//! Amounts of data that a rate and a time make up without rounding.

use super::share::Factor;
use crate::units::{Bytes, Duration, PS_PER_SECOND};

/// An amount of data in units of 10⁻¹² bit: bits per second times picoseconds need no division.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Volume(u128);

impl Volume {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// So many units.
    #[must_use]
    pub const fn from_units(units: u128) -> Self {
        Self(units)
    }

    /// So many bytes.
    #[must_use]
    pub fn of(bytes: Bytes) -> Self {
        Self(u128::from(bytes.get()) * 8 * u128::from(PS_PER_SECOND))
    }

    /// What `rate_bps` moves in `time`, exactly.
    #[must_use]
    pub fn moved(rate_bps: u64, time: Duration) -> Self {
        Self(u128::from(rate_bps) * u128::from(time.as_ps()))
    }

    /// The number of units.
    #[must_use]
    pub const fn get(self) -> u128 {
        self.0
    }

    /// How long it takes at `rate_bps`, rounded up to the next picosecond; for ever at no rate.
    #[must_use]
    pub fn time_at(self, rate_bps: u64) -> Duration {
        if self.0 == 0 {
            return Duration::ZERO;
        }
        let ps = match u64::try_from(self.0) {
            // The common case by far needs no wide division.
            Ok(small) if rate_bps > 0 => small.div_ceil(rate_bps),
            _ if rate_bps == 0 => u64::MAX,
            _ => u64::try_from(self.0.div_ceil(u128::from(rate_bps))).unwrap_or(u64::MAX),
        };
        Duration::from_ps(ps)
    }

    /// How many times as much it is as `of`: at least 2⁻¹⁶, at most 2¹⁵.
    #[must_use]
    pub fn relative(self, of: Self) -> Factor {
        let most = of.whole_bytes().max(1).saturating_mul(1 << 15);
        let bytes = self.whole_bytes().clamp(1, most);
        Factor::ratio(bytes, of.whole_bytes().max(1)).unwrap_or(Factor::ONE)
    }

    /// Whole bytes, rounded down.
    #[must_use]
    pub fn whole_bytes(self) -> u64 {
        u64::try_from(self.0 / (8 * u128::from(PS_PER_SECOND))).unwrap_or(u64::MAX)
    }

    /// `whole` in the proportion of this to `of`, rounded down.
    #[must_use]
    pub fn share_of(self, of: Self, whole: u64) -> u64 {
        // A millionth of a bit is fine enough, and keeps the product within 128 bits.
        let (part, of) = (self.0 >> 20, (of.0 >> 20).max(1));
        u64::try_from((part * u128::from(whole)) / of)
            .unwrap_or(whole)
            .min(whole)
    }

    /// The rate in bits per second that moves it in `time`, rounded down.
    #[must_use]
    pub fn per(self, time: Duration) -> u64 {
        let bps = self.0.checked_div(u128::from(time.as_ps()));
        bps.and_then(|bps| u64::try_from(bps).ok())
            .unwrap_or(u64::MAX)
    }

    /// Whether it is nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum, at most the greatest amount there is.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// What is left of it without `other`; nothing if that is more.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// Half of it, rounded down.
    #[must_use]
    pub const fn half(self) -> Self {
        Self(self.0 / 2)
    }

    /// Twice as much.
    #[must_use]
    pub const fn doubled(self) -> Self {
        Self(self.0.saturating_mul(2))
    }
}
