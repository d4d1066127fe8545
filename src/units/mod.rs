//! Time, bytes, rates and money: the integers that every layer counts in, and how a user writes them.
//!
//! Simulated time is a `u64` of picoseconds (range 213 days; 64 bytes at 400 Gbit/s take 1280 ps).
//! Rounding happens in this module only: a transmission never ends early, so [`Rate::time_for`]
//! rounds up.

mod money;
mod quantity;

pub use money::Usd;
pub(crate) use money::grouped;
pub use quantity::{QuantityError, parse_duration, parse_rate, parse_size};

use std::fmt;
use std::ops::{Add, AddAssign, Sub};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Visitor};

/// Picoseconds in a second.
pub const PS_PER_SECOND: u64 = 1_000_000_000_000;

/// A point in simulated time: picoseconds since the start of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time(u64);

/// A span of simulated time in picoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Duration(u64);

impl Time {
    /// The start of every run.
    pub const ZERO: Self = Self(0);
    /// The last representable instant, 213 days after the start: "never".
    pub const MAX: Self = Self(u64::MAX);

    /// The instant `ps` picoseconds after the start.
    #[must_use]
    pub const fn from_ps(ps: u64) -> Self {
        Self(ps)
    }

    /// Picoseconds since the start.
    #[must_use]
    pub const fn as_ps(self) -> u64 {
        self.0
    }

    /// Seconds since the start, for reports.
    #[must_use]
    pub fn as_secs_f64(self) -> f64 {
        Duration(self.0).as_secs_f64()
    }

    /// The time since `earlier`. Invariant of the caller: `earlier` is not in the future.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        debug_assert!(earlier.0 <= self.0);
        Duration(self.0 - earlier.0)
    }
}

impl Duration {
    /// No time at all; legal everywhere.
    pub const ZERO: Self = Self(0);
    /// The longest span, 213 days.
    pub const MAX: Self = Self(u64::MAX);

    /// A span of `ps` picoseconds.
    #[must_use]
    pub const fn from_ps(ps: u64) -> Self {
        Self(ps)
    }

    /// A span of `ns` nanoseconds.
    #[must_use]
    pub const fn from_ns(ns: u64) -> Self {
        Self(ns * 1_000)
    }

    /// A span of `us` microseconds.
    #[must_use]
    pub const fn from_us(us: u64) -> Self {
        Self(us * 1_000_000)
    }

    /// A span of whole seconds.
    #[must_use]
    pub const fn from_secs(s: u64) -> Self {
        Self(s * PS_PER_SECOND)
    }

    /// The span of `s` seconds rounded to the nearest picosecond; negative and NaN become zero,
    /// too long becomes [`Duration::MAX`].
    #[must_use]
    pub fn from_secs_f64(s: f64) -> Self {
        Self::from_ps_f64(s * PS_PER_SECOND as f64)
    }

    /// The span of `ps` picoseconds rounded to the nearest; negative and NaN become zero.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // `as` saturates
    pub fn from_ps_f64(ps: f64) -> Self {
        Self((ps + 0.5) as u64)
    }

    /// Picoseconds.
    #[must_use]
    pub const fn as_ps(self) -> u64 {
        self.0
    }

    /// Seconds, for reports.
    #[must_use]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / PS_PER_SECOND as f64
    }
}

/// Saturates at the end of time, so that a sample of a heavy tail cannot wrap round to the past.
impl Add<Duration> for Time {
    type Output = Self;
    fn add(self, d: Duration) -> Self {
        Self(self.0.saturating_add(d.0))
    }
}

impl Add for Duration {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Duration {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sub for Duration {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

/// A number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Bytes(u64);

impl Bytes {
    /// `n` bytes.
    #[must_use]
    pub const fn new(n: u64) -> Self {
        Self(n)
    }

    /// The number of bytes.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl Add for Bytes {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

/// A data rate in bits per second; never zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate(u64);

impl Rate {
    /// A rate of `bps` bits per second, or `None` for zero: a link that never sends is no link.
    #[must_use]
    pub const fn from_bps(bps: u64) -> Option<Self> {
        if bps == 0 { None } else { Some(Self(bps)) }
    }

    /// Bits per second.
    #[must_use]
    pub const fn as_bps(self) -> u64 {
        self.0
    }

    /// How long `bytes` take at this rate, rounded up to the next picosecond.
    #[must_use]
    pub fn time_for(self, bytes: Bytes) -> Duration {
        let bit_ps = u128::from(bytes.0) * 8 * u128::from(PS_PER_SECOND);
        let ps = bit_ps.div_ceil(u128::from(self.0));
        Duration(u64::try_from(ps).unwrap_or(u64::MAX))
    }
}

/// Memory of a Lambda function in the megabytes of the console (1 GB = 1024 MB).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Memory(u32);

impl Memory {
    /// `mb` megabytes as the Lambda console counts them.
    #[must_use]
    pub const fn from_mb(mb: u32) -> Self {
        Self(mb)
    }

    /// Megabytes as the Lambda console counts them.
    #[must_use]
    pub const fn as_mb(self) -> u32 {
        self.0
    }
}

/// A frequency of events, such as arrivals; positive and finite.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Frequency(f64);

impl Frequency {
    /// `hz` events per second, or `None` unless it is positive and finite.
    #[must_use]
    pub fn per_second(hz: f64) -> Option<Self> {
        (hz.is_finite() && hz > 0.0).then_some(Self(hz))
    }

    /// Events per second.
    #[must_use]
    pub const fn as_per_second(self) -> f64 {
        self.0
    }

    /// The mean time between events in picoseconds.
    #[must_use]
    pub fn mean_interval_ps(self) -> f64 {
        PS_PER_SECOND as f64 / self.0
    }
}

/// A rate of arrivals that may be zero for a while; finite and not negative.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct ArrivalRate(f64);

impl ArrivalRate {
    /// `hz` arrivals per second, or `None` unless it is finite and not negative.
    #[must_use]
    pub fn per_second(hz: f64) -> Option<Self> {
        (hz.is_finite() && hz >= 0.0).then_some(Self(hz))
    }

    /// Arrivals per second.
    #[must_use]
    pub const fn as_per_second(self) -> f64 {
        self.0
    }
}

/// A share between nothing and everything, written `"40 %"` or `0.4`.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Share(f64);

impl Share {
    /// The share `f`, or `None` unless it is finite and not negative. A load may exceed one.
    #[must_use]
    pub fn new(f: f64) -> Option<Self> {
        (f.is_finite() && f >= 0.0).then_some(Self(f))
    }

    /// The share as a fraction of one.
    #[must_use]
    pub const fn as_fraction(self) -> f64 {
        self.0
    }
}

/// Bytes moved in a month of 730 hours, as bills count them.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct MonthlyVolume(f64);

impl MonthlyVolume {
    /// `bytes` a month, or `None` unless it is positive and finite.
    #[must_use]
    pub fn from_bytes(bytes: f64) -> Option<Self> {
        (bytes.is_finite() && bytes > 0.0).then_some(Self(bytes))
    }

    /// Bytes a month.
    #[must_use]
    pub const fn as_bytes(self) -> f64 {
        self.0
    }

    /// Whole bytes a month, rounded to the nearest.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // `as` saturates
    pub fn whole_bytes(self) -> Bytes {
        Bytes((self.0 + 0.5) as u64)
    }
}

impl fmt::Display for Duration {
    /// The span with three or four significant digits and the unit that suits it: `480 ns`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format_seconds(self.as_secs_f64()))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Duration(self.0).fmt(f)
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{} B", self.0))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bps = self.0 as f64;
        let (scaled, unit) = match self.0 {
            1_000_000_000.. => (bps / 1e9, "Gbps"),
            1_000_000.. => (bps / 1e6, "Mbps"),
            1_000.. => (bps / 1e3, "kbps"),
            _ => (bps, "bps"),
        };
        f.pad(&format!("{scaled} {unit}"))
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{} MB", self.0))
    }
}

/// Seconds as a person reads them: four significant digits and a unit from `ps` to `d`.
#[must_use]
pub fn format_seconds(s: f64) -> String {
    const UNITS: [(f64, &str); 7] = [
        (86_400.0, "d"),
        (3_600.0, "h"),
        (1.0, "s"),
        (1e-3, "ms"),
        (1e-6, "us"),
        (1e-9, "ns"),
        (1e-12, "ps"),
    ];
    if s == 0.0 {
        return "0 s".to_owned();
    }
    // Hours only from two hours on: "90 min" experiments still read well in seconds.
    let magnitude = s.abs();
    let (scale, unit) = UNITS
        .into_iter()
        .find(|&(scale, unit)| match unit {
            "d" | "h" => magnitude >= 2.0 * scale,
            _ => magnitude >= scale * 0.999_95,
        })
        .unwrap_or((1e-12, "ps"));
    format!("{} {unit}", four_digits(s / scale))
}

/// `value` with four significant digits, without an exponent.
fn four_digits(value: f64) -> String {
    match value.abs() {
        1000.0.. => format!("{value:.0}"),
        100.0.. => format!("{value:.1}"),
        10.0.. => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

/// What a unit-bearing newtype needs so that a scenario can hold it.
macro_rules! written_as_text {
    ($type:ty, $expected:literal, $pattern:literal, $parse:expr $(, number: $number:expr)?) => {
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Written;
                impl Visitor<'_> for Written {
                    type Value = $type;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($expected)
                    }
                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$type, E> {
                        let parse: fn(&str) -> Result<$type, QuantityError> = $parse;
                        parse(text).map_err(E::custom)
                    }
                    $(
                        fn visit_i64<E: serde::de::Error>(self, n: i64) -> Result<$type, E> {
                            self.visit_f64(n as f64)
                        }
                        fn visit_f64<E: serde::de::Error>(self, x: f64) -> Result<$type, E> {
                            let number: fn(f64) -> Option<$type> = $number;
                            number(x).ok_or_else(|| E::custom(format!("{x} is out of range: expected {}", $expected)))
                        }
                    )?
                }
                deserializer.deserialize_any(Written)
            }
        }
        impl JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                written_as_text!(@schema $expected, $pattern $(, $number)?)
            }
        }
    };
    (@schema $expected:literal, $pattern:literal) => {
        json_schema!({ "type": "string", "description": $expected, "pattern": $pattern })
    };
    (@schema $expected:literal, $pattern:literal, $number:expr) => {
        json_schema!({ "type": ["string", "number"], "description": $expected, "pattern": $pattern })
    };
}

written_as_text!(
    Duration,
    "a duration with a unit, such as \"350 us\"",
    r"^\s*[0-9.eE+]+\s*(ps|ns|us|µs|ms|s|min|h|d)\s*$",
    parse_duration
);
written_as_text!(
    Bytes,
    "a size with a unit, such as \"1500 B\" or \"4 MB\"",
    r"^\s*[0-9.eE+]+\s*(B|kB|MB|GB|TB|KiB|MiB|GiB|TiB)\s*$",
    parse_size
);
written_as_text!(
    Rate,
    "a data rate with a unit, such as \"25 Gbps\"",
    r"^\s*[0-9.eE+]+\s*(bps|kbps|Mbps|Gbps|Tbps)\s*$",
    parse_rate
);
written_as_text!(
    Memory,
    "a memory size between \"128 MB\" and \"10240 MB\"",
    r"^\s*[0-9.]+\s*(MB|GB)\s*$",
    quantity::parse_memory
);
written_as_text!(
    Frequency,
    "a frequency with a unit, such as \"20/s\"",
    r"^\s*[0-9.eE+-]+\s*/\s*(s|min|h|d)\s*$",
    quantity::parse_frequency
);
written_as_text!(
    ArrivalRate,
    "a frequency with a unit, such as \"20/s\", or \"0/s\"",
    r"^\s*[0-9.eE+-]+\s*/\s*(s|min|h|d)\s*$",
    quantity::parse_arrival_rate
);
written_as_text!(
    MonthlyVolume,
    "a volume per month, such as \"5 TB/month\"",
    r"^\s*[0-9.eE+]+\s*(kB|MB|GB|TB|PB)\s*/\s*month\s*$",
    quantity::parse_volume
);
written_as_text!(
    Usd,
    "a price in US dollars, such as \"0.045 USD\"",
    r"^\s*[0-9.]+\s*USD\s*$",
    money::parse_usd
);
written_as_text!(
    Share,
    "a share, such as \"40 %\" or 0.4",
    r"^\s*[0-9.eE+-]+\s*%\s*$",
    quantity::parse_share,
    number: Share::new
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transmission_rounds_up_and_is_exact_where_it_can_be() {
        let gbps = |g: u64| Rate::from_bps(g * 1_000_000_000).unwrap();
        assert_eq!(gbps(25).time_for(Bytes::new(1500)), Duration::from_ns(480));
        assert_eq!(gbps(400).time_for(Bytes::new(64)), Duration::from_ps(1280));
        // 8000 ps / 30 is not an integer: the next picosecond.
        assert_eq!(gbps(30).time_for(Bytes::new(1)), Duration::from_ps(267));
    }

    #[test]
    fn times_print_with_the_unit_that_suits_them() {
        let shown: Vec<String> = [
            480e-9,
            5.591_111e-6,
            1e-3,
            0.25,
            9.18,
            600.0,
            90_000.0,
            400_000.0,
        ]
        .into_iter()
        .map(format_seconds)
        .collect();
        assert_eq!(
            shown,
            [
                "480.0 ns", "5.591 us", "1.000 ms", "250.0 ms", "9.180 s", "600.0 s", "25.00 h",
                "4.630 d"
            ]
        );
    }
}
