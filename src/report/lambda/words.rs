//! Numbers and names as sentences have them.

use crate::report::numbers::{digits, seconds, unit};
use crate::stats::Interval;
use crate::units::grouped;

/// `12,000`.
pub(super) fn count(n: u64) -> String {
    grouped(&n.to_string())
}

/// `1 invocation`, `12,000 invocations`.
pub(super) fn counted(n: u64, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", count(n))
}

/// `both points`, `all 24 points`.
pub(super) fn all_points(n: usize) -> String {
    match n {
        2 => "both points".to_owned(),
        n => format!("all {n} points"),
    }
}

/// A share in per cent, so precise that it is 0 or 100 only if it is exactly that: `1.3 %`,
/// `99.97 %`.
pub(in crate::report) fn share(share: f64) -> String {
    format!("{} %", per_cent(share, decimals(share)))
}

/// `1.2–1.4 %`.
pub(super) fn shares(interval: Interval) -> String {
    let (low, high) = (interval.low.max(0.0), interval.high.min(1.0));
    let decimals = end_places(100.0 * low, 100.0 * high).max(1);
    let [low, high] = [low, high].map(|end| per_cent(end, decimals));
    format!("{low}–{high} %")
}

/// Percentage points between two ends: `11.2 to 12.0 points`.
pub(super) fn points(interval: Interval) -> String {
    let ends = [interval.low, interval.high].map(|end| 100.0 * end);
    let decimals = end_places(ends[0], ends[1]).max(1);
    let [low, high] = ends.map(|end| signed(end, decimals));
    format!("{low} to {high} points")
}

/// Times between two ends, in the unit of the larger: `9.14 to 9.26 s`.
pub(super) fn times(interval: Interval) -> String {
    let (scale, unit) = unit(interval.high.abs().max(interval.low.abs()));
    let ends = [interval.low, interval.high].map(|end| end / scale);
    let decimals = end_places(ends[0], ends[1]);
    let [low, high] = ends.map(|end| signed(end, decimals));
    format!("{low} to {high} {unit}")
}

/// A time with three digits.
pub(super) fn time(secs: f64) -> String {
    seconds(secs)
}

/// A number with three digits, or all of those before the point.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // of a thousand or more
pub(super) fn number(value: f64) -> String {
    if value >= 1000.0 {
        count(value.round() as u64)
    } else {
        digits(value, 3)
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn listed(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// What happens in a phase of cold starts, so that it can follow "goes into".
pub(super) fn phase(name: &str) -> &str {
    match name {
        "microvm_boot" => "booting the microVM",
        "code" => "loading the code",
        "vpc_attach" => "joining the VPC",
        "extension_init" => "initialising extensions",
        "runtime_init" => "initialising the runtime",
        "function_init" => "initialising the function",
        "restore" => "restoring the snapshot",
        other => other,
    }
}

fn per_cent(share: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", 100.0 * share);
    // Whole ones need no decimals.
    if [0.0, 1.0].contains(&share) {
        text.split('.').next().unwrap_or(&text).to_owned()
    } else {
        text
    }
}

/// One, or as many as the distance to the nearer end needs.
fn decimals(share: f64) -> usize {
    let nearer = 100.0 * share.min(1.0 - share);
    let digits = if share < 0.5 { 2 } else { 1 };
    if nearer >= 0.95 {
        1
    } else {
        places(nearer, digits)
    }
}

/// Decimals that show so many digits of `value`, at most nine.
#[allow(clippy::cast_possible_truncation)] // an exponent
fn places(value: f64, digits: i32) -> usize {
    if value <= 0.0 {
        return 0;
    }
    let exponent = value.log10().floor() as i32;
    usize::try_from(digits - 1 - exponent).unwrap_or(0).min(9)
}

/// Decimals that show one digit of half the distance between two ends, and of a low end that is not
/// zero, unless it is much smaller.
fn end_places(low: f64, high: f64) -> usize {
    let width = places((high - low) / 2.0, 1);
    width.max(places(low, 1).min(width + 2))
}

fn signed(value: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", value.abs());
    let zero = text.chars().all(|c| "0.".contains(c));
    if value < 0.0 && !zero {
        format!("−{text}")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(low: f64, high: f64) -> Interval {
        Interval { low, high }
    }

    #[test]
    fn shares_are_as_precise_as_they_need_to_be() {
        let cases = [
            (0.0, "0 %"),
            (1.0, "100 %"),
            (0.0134, "1.3 %"),
            (0.384, "38.4 %"),
            (0.000_42, "0.042 %"),
            (0.999_7, "99.97 %"),
            (1e-9, "0.00000010 %"),
        ];
        for (value, expected) in cases {
            assert_eq!(share(value), expected);
        }
    }

    #[test]
    fn intervals_are_as_precise_as_they_are_narrow() {
        assert_eq!(shares(between(0.0123, 0.0141)), "1.23–1.41 %");
        assert_eq!(shares(between(-0.01, 0.2)), "0–20.0 %");
        assert_eq!(times(between(9.138_8, 9.262_1)), "9.14 to 9.26 s");
        assert_eq!(times(between(-0.0021, 0.0083)), "−2 to 8 ms");
        assert_eq!(points(between(0.1121, 0.12)), "11.2 to 12.0 points");
        assert_eq!(points(between(0.000_02, 0.001_4)), "0.002 to 0.140 points");
    }

    #[test]
    fn large_numbers_are_grouped() {
        assert_eq!(number(6547.8), "6,548");
        assert_eq!(number(12.345), "12.3");
    }

    #[test]
    fn lists_end_in_and() {
        let parts = ["a", "b", "c"].map(str::to_owned);
        assert_eq!(listed(&parts), "a, b and c");
        assert_eq!(listed(&parts[..2]), "a and b");
        assert_eq!(listed(&parts[..1]), "a");
        assert_eq!(listed(&[]), "");
        assert_eq!(counted(1, "invocation"), "1 invocation");
        assert_eq!(counted(12_000, "invocation"), "12,000 invocations");
    }
}
