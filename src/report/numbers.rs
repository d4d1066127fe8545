//! Numbers as the reader of plots and sentences wants them: few digits and the unit that suits.

/// Units of time from the largest, in seconds.
const UNITS: [(f64, &str); 5] = [
    (1.0, "s"),
    (1e-3, "ms"),
    (1e-6, "us"),
    (1e-9, "ns"),
    (1e-12, "ps"),
];

/// Seconds with at most three significant digits: `250 ms`, `9.18 s`.
pub(in crate::report) fn seconds(s: f64) -> String {
    if s <= 0.0 {
        return "0 s".to_owned();
    }
    // Rounded first: 0.9996 ms is a millisecond, not 1000 microseconds.
    let rounded: f64 = format!("{s:.2e}").parse().unwrap_or(s);
    let (scale, unit) = unit(rounded);
    format!("{} {unit}", digits(rounded / scale, 3))
}

/// The unit in which to write times up to `s` seconds, with its size in seconds.
pub(in crate::report) fn unit(s: f64) -> (f64, &'static str) {
    // A little below the unit is the unit: floating point divides 1e-5 s into 9.999 us.
    let fits = |&(scale, _): &(f64, &str)| s >= scale * 0.999_999;
    UNITS.into_iter().find(fits).unwrap_or(UNITS[4])
}

/// The unit in which to write rates up to `bps` bits per second, with its size in these.
pub(in crate::report) fn rate_unit(bps: f64) -> (f64, &'static str) {
    match bps {
        1e9.. => (1e9, "Gbps"),
        1e6.. => (1e6, "Mbps"),
        1e3.. => (1e3, "kbps"),
        _ => (1.0, "bps"),
    }
}

/// `value` with at most `significant` digits, without an exponent and without trailing zeros.
pub(in crate::report) fn digits(value: f64, significant: i32) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    #[allow(clippy::cast_possible_truncation)] // an exponent
    let exponent = value.abs().log10().floor() as i32;
    let decimals = usize::try_from(significant - 1 - exponent).unwrap_or(0);
    let text = format!("{value:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// `text` with at most four significant digits if it is a quantity with a fraction, as the steps of
/// a range are.
pub(in crate::report) fn rounded(text: &str) -> String {
    match quantity(text) {
        Some((number, unit)) => {
            let short = digits(number, 4);
            if short.parse() == Ok(number) {
                text.to_owned()
            } else {
                format!("{short} {unit}").trim_end().to_owned()
            }
        }
        None => text.to_owned(),
    }
}

/// The number in front of a text, and the unit behind it.
pub(in crate::report) fn quantity(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    if !text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) {
        return None;
    }
    let ends = text.char_indices().map(|(at, _)| at).skip(1);
    let ends = std::iter::once(text.len()).chain(ends.collect::<Vec<_>>().into_iter().rev());
    let number = |end: usize| Some((text[..end].trim().parse().ok()?, text[end..].trim()));
    ends.into_iter().find_map(number)
}

/// A count with thin spaces between thousands: `150 000`.
pub(in crate::report) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_digits_and_a_unit() {
        let cases = [
            (0.0, "0 s"),
            (0.25, "250 ms"),
            (9.1834, "9.18 s"),
            (43.372e-6, "43.4 us"),
            (0.999_6e-3, "1 ms"),
            (1e-5, "10 us"),
            (1234.0, "1230 s"),
            (480e-9, "480 ns"),
            (3e-15, "0.003 ps"),
        ];
        for (s, expected) in cases {
            assert_eq!(seconds(s), expected);
        }
    }

    #[test]
    fn trailing_zeros_go() {
        assert_eq!(digits(2.50, 3), "2.5");
        assert_eq!(digits(100.0, 3), "100");
        assert_eq!(digits(0.1 + 0.2, 6), "0.3");
        assert_eq!(digits(1234.0, 6), "1234");
    }

    #[test]
    fn counts_are_grouped() {
        assert_eq!(count(999), "999");
        assert_eq!(count(1_234_567), "1\u{202f}234\u{202f}567");
    }

    #[test]
    fn quantities_split_into_number_and_unit() {
        assert_eq!(quantity("128 MB"), Some((128.0, "MB")));
        assert_eq!(quantity("1e3us"), Some((1000.0, "us")));
        assert_eq!(quantity("-4"), Some((-4.0, "")));
        assert_eq!(quantity("m5.xlarge"), None);
        assert_eq!(quantity("none"), None);
    }

    #[test]
    fn steps_of_a_range_are_rounded() {
        let cases = [
            ("2.68181818 %", "2.682 %"),
            ("0.1", "0.1"),
            ("12345 B", "12345 B"),
            ("1.2_resumed", "1.2_resumed"),
            ("10.0.0.0/16", "10.0.0.0/16"),
        ];
        for (text, expected) in cases {
            assert_eq!(rounded(text), expected);
        }
    }
}
