//! How a user writes a quantity: a number, optional spaces, and a unit.

use thiserror::Error;

use super::{ArrivalRate, Bytes, Duration, Frequency, Memory, MonthlyVolume, Rate, Share};

/// Why a text is not the quantity that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum QuantityError {
    /// A bare number where a unit is needed.
    #[error("`{text}` has no unit; expected one of {units}")]
    NoUnit {
        /// The text as written.
        text: String,
        /// The units that would do.
        units: String,
    },
    /// A unit of another kind, or a misspelt one.
    #[error("`{unit}` is not a unit of {kind}; expected one of {units}")]
    UnknownUnit {
        /// The unit as written.
        unit: String,
        /// What the key holds.
        kind: &'static str,
        /// The units that would do.
        units: String,
    },
    /// No number in front of the unit.
    #[error("`{text}` does not start with a number")]
    NotANumber {
        /// The text as written.
        text: String,
    },
    /// A number outside the range of the quantity.
    #[error("`{text}` is out of range: {reason}")]
    OutOfRange {
        /// The text as written.
        text: String,
        /// What the range is.
        reason: &'static str,
    },
}

/// A unit's symbol and its size in the base unit of its kind.
type Unit = (&'static str, f64);

const DURATION: &[Unit] = &[
    ("ps", 1.0),
    ("ns", 1e3),
    ("us", 1e6),
    ("µs", 1e6),
    ("ms", 1e9),
    ("s", 1e12),
    ("min", 60e12),
    ("h", 3600e12),
    ("d", 86_400e12),
];
const SIZE: &[Unit] = &[
    ("B", 1.0),
    ("kB", 1e3),
    ("MB", 1e6),
    ("GB", 1e9),
    ("TB", 1e12),
    ("KiB", 1024.0),
    ("MiB", 1_048_576.0),
    ("GiB", 1_073_741_824.0),
    ("TiB", 1_099_511_627_776.0),
];
const RATE: &[Unit] = &[
    ("bps", 1.0),
    ("kbps", 1e3),
    ("Mbps", 1e6),
    ("Gbps", 1e9),
    ("Tbps", 1e12),
];
const MEMORY: &[Unit] = &[("MB", 1.0), ("GB", 1024.0)];
const FREQUENCY: &[Unit] = &[
    ("/s", 1.0),
    ("/min", 1.0 / 60.0),
    ("/h", 1.0 / 3600.0),
    ("/d", 1.0 / 86_400.0),
];
const VOLUME: &[Unit] = &[
    ("kB/month", 1e3),
    ("MB/month", 1e6),
    ("GB/month", 1e9),
    ("TB/month", 1e12),
    ("PB/month", 1e15),
];
const SHARE: &[Unit] = &[("%", 0.01)];

/// Reads a duration such as `"350us"` or `"10 min"`; rounds to the nearest picosecond.
///
/// # Errors
/// If the unit is missing or unknown, the number is malformed or negative, or the span is longer
/// than 213 days.
pub fn parse_duration(text: &str) -> Result<Duration, QuantityError> {
    let ps = scaled(text, "time", DURATION)?;
    in_range(
        text,
        ps,
        (0.0..1.8e19).contains(&ps),
        "a duration is from 0 to 213 days",
    )?;
    Ok(Duration::from_ps_f64(ps))
}

/// Reads a size such as `"1500 B"`, `"4 MB"` (decimal) or `"4 MiB"` (binary).
///
/// # Errors
/// If the unit is missing or unknown, or the number is malformed, negative or not whole in bytes.
pub fn parse_size(text: &str) -> Result<Bytes, QuantityError> {
    let bytes = scaled(text, "size", SIZE)?;
    in_range(
        text,
        bytes,
        (0.0..1e18).contains(&bytes),
        "a size is from 0 to 10^18 bytes",
    )?;
    Ok(Bytes::new(whole(bytes)))
}

/// Reads a data rate such as `"25 Gbps"`.
///
/// # Errors
/// If the unit is missing or unknown, or the number is malformed or below 1 bps.
pub fn parse_rate(text: &str) -> Result<Rate, QuantityError> {
    let bps = scaled(text, "data rate", RATE)?;
    let rate = if bps < 1e18 {
        Rate::from_bps(whole(bps))
    } else {
        None
    };
    rate.ok_or_else(|| QuantityError::OutOfRange {
        text: text.to_owned(),
        reason: "a data rate is at least 1 bps",
    })
}

/// Reads a Lambda memory size such as `"1024 MB"`.
pub(super) fn parse_memory(text: &str) -> Result<Memory, QuantityError> {
    let mb = scaled(text, "memory", MEMORY)?;
    in_range(
        text,
        mb,
        (128.0..=10_240.0).contains(&mb),
        "Lambda memory is 128 MB to 10240 MB",
    )?;
    Ok(Memory::from_mb(
        u32::try_from(whole(mb)).unwrap_or(u32::MAX),
    ))
}

/// Reads a frequency such as `"20/s"`.
pub(super) fn parse_frequency(text: &str) -> Result<Frequency, QuantityError> {
    let hz = scaled(text, "frequency", FREQUENCY)?;
    Frequency::per_second(hz).ok_or_else(|| QuantityError::OutOfRange {
        text: text.to_owned(),
        reason: "a rate of events is positive",
    })
}

/// Reads a frequency such as `"20/s"` that may be zero.
pub(super) fn parse_arrival_rate(text: &str) -> Result<ArrivalRate, QuantityError> {
    let hz = scaled(text, "frequency", FREQUENCY)?;
    ArrivalRate::per_second(hz).ok_or_else(|| QuantityError::OutOfRange {
        text: text.to_owned(),
        reason: "a rate of arrivals is not negative",
    })
}

/// Reads a volume such as `"5 TB/month"`.
pub(super) fn parse_volume(text: &str) -> Result<MonthlyVolume, QuantityError> {
    let bytes = scaled(text, "volume", VOLUME)?;
    MonthlyVolume::from_bytes(bytes).ok_or_else(|| QuantityError::OutOfRange {
        text: text.to_owned(),
        reason: "a volume is positive",
    })
}

/// Reads a share such as `"40 %"`.
pub(super) fn parse_share(text: &str) -> Result<Share, QuantityError> {
    let share = scaled(text, "share", SHARE)?;
    Share::new(share).ok_or_else(|| QuantityError::OutOfRange {
        text: text.to_owned(),
        reason: "a share is not negative",
    })
}

/// The number in front of the unit times the unit's size.
fn scaled(text: &str, kind: &'static str, units: &[Unit]) -> Result<f64, QuantityError> {
    let text = text.trim();
    let split = text
        .char_indices()
        .find(|&(at, c)| !starts_number(&text[..at], c))
        .map_or(text.len(), |(at, _)| at);
    let (number, unit) = (text[..split].trim(), text[split..].trim());
    let all = || {
        units
            .iter()
            .map(|(name, _)| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let value: f64 = number.parse().map_err(|_| QuantityError::NotANumber {
        text: text.to_owned(),
    })?;
    if unit.is_empty() {
        return Err(QuantityError::NoUnit {
            text: text.to_owned(),
            units: all(),
        });
    }
    let unit: String = unit.split_whitespace().collect();
    match units.iter().find(|(name, _)| *name == unit) {
        Some((_, size)) => Ok(value * size),
        None => Err(QuantityError::UnknownUnit {
            unit,
            kind,
            units: all(),
        }),
    }
}

/// Whether `c` continues the number `before`: digits, sign, point, and an exponent that follows a
/// digit (so that the `e` of a unit is never taken for one).
fn starts_number(before: &str, c: char) -> bool {
    let exponent = before.contains(['e', 'E']);
    match c {
        '0'..='9' => true,
        '.' => !exponent,
        '+' | '-' => before.is_empty() || before.ends_with(['e', 'E']),
        'e' | 'E' => !exponent && before.ends_with(|d: char| d.is_ascii_digit()),
        _ => false,
    }
}

fn in_range(text: &str, value: f64, ok: bool, reason: &'static str) -> Result<f64, QuantityError> {
    if ok {
        Ok(value)
    } else {
        Err(QuantityError::OutOfRange {
            text: text.to_owned(),
            reason,
        })
    }
}

/// The nearest whole number of a value known to be in the range of `u64`.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // checked by the callers
fn whole(value: f64) -> u64 {
    (value + 0.5) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_read_with_and_without_spaces() {
        assert_eq!(parse_duration("350us"), Ok(Duration::from_us(350)));
        assert_eq!(parse_duration(" 1.5 ms "), Ok(Duration::from_us(1500)));
        assert_eq!(parse_duration("1e3 ns"), Ok(Duration::from_us(1)));
        assert_eq!(parse_size("4 MB"), Ok(Bytes::new(4_000_000)));
        assert_eq!(parse_size("4 MiB"), Ok(Bytes::new(4_194_304)));
        assert_eq!(
            parse_rate("0.5 Gbps"),
            Ok(Rate::from_bps(500_000_000).unwrap())
        );
        assert_eq!(
            parse_frequency("90 / min").map(Frequency::as_per_second),
            Ok(1.5)
        );
        assert_eq!(parse_memory("1 GB"), Ok(Memory::from_mb(1024)));
        assert_eq!(
            parse_volume("5 TB/month").map(MonthlyVolume::as_bytes),
            Ok(5e12)
        );
    }

    #[test]
    fn messages_name_the_units_that_would_do() {
        let message = |r: Result<Duration, QuantityError>| r.unwrap_err().to_string();
        assert_eq!(
            message(parse_duration("350")),
            "`350` has no unit; expected one of `ps`, `ns`, `us`, `µs`, `ms`, `s`, `min`, `h`, `d`"
        );
        assert_eq!(
            message(parse_duration("3 parsecs")),
            "`parsecs` is not a unit of time; expected one of `ps`, `ns`, `us`, `µs`, `ms`, `s`, `min`, `h`, `d`"
        );
        assert_eq!(
            message(parse_duration("soon")),
            "`soon` does not start with a number"
        );
        assert_eq!(
            message(parse_duration("-1 s")),
            "`-1 s` is out of range: a duration is from 0 to 213 days"
        );
        assert!(parse_rate("0 bps").is_err());
        assert!(parse_frequency("-3/s").is_err());
        assert!(parse_frequency("0/s").is_err());
        assert!(parse_arrival_rate("0/s").is_ok());
        assert!(parse_arrival_rate("-3/s").is_err());
        assert!(parse_memory("64 MB").is_err());
    }
}
