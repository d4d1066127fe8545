//! Axes: where a value comes to lie, and which ticks are worth their ink.

use crate::report::numbers;

/// A labelled place on an axis.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tick {
    pub at: f64,
    /// Of one or more lines.
    pub label: String,
}

/// How values spread over an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scale {
    Linear,
    /// Of positive values.
    Log,
}

/// An axis from `low` to `high`.
#[derive(Debug, Clone)]
pub(super) struct Axis {
    /// What it shows, with its unit unless the ticks have one.
    pub title: String,
    pub scale: Scale,
    pub low: f64,
    pub high: f64,
    pub ticks: Vec<Tick>,
}

/// The shortest time that a logarithmic axis shows: the resolution of simulated time.
const SHORTEST_SECS: f64 = 1e-12;
/// Latencies that span more than a decade and a half need a logarithmic axis.
const WIDE: f64 = 31.6;

impl Axis {
    /// Where `value` lies, from 0 at the low end to 1 at the high end.
    pub(super) fn position(&self, value: f64) -> f64 {
        let warp = |value: f64| match self.scale {
            Scale::Linear => value,
            Scale::Log => value.max(f64::MIN_POSITIVE).log10(),
        };
        let (low, high) = (warp(self.low), warp(self.high));
        ((warp(value) - low) / (high - low)).clamp(0.0, 1.0)
    }

    /// Latencies between `low` and `high` seconds: linear from zero, or logarithmic if they span
    /// more than a decade and a half. Labels need `gap` of the axis each.
    pub(super) fn latency(what: &str, low: f64, high: f64, gap: f64) -> Self {
        if high > low.max(SHORTEST_SECS) * WIDE {
            Self::log_latency(what, low, high, gap)
        } else {
            Self::linear_latency(what, high, gap)
        }
    }

    /// Latencies between `low` and `high` seconds on a logarithmic axis.
    pub(super) fn log_latency(what: &str, low: f64, high: f64, gap: f64) -> Self {
        let low = low.max(SHORTEST_SECS);
        // A narrow distribution is shown in context, not blown up to the width of the page.
        let margin = (high / low).powf(0.03).max(1.01);
        let (low, high) = if high / low < 1.2 {
            (low / 1.3, high * 1.3)
        } else {
            (low / margin, high * margin)
        };
        let ticks = log_ticks(low, high, gap).into_iter();
        Self {
            title: format!("{what} (log scale)"),
            scale: Scale::Log,
            low,
            high,
            ticks: ticks
                .map(|at| Tick {
                    at,
                    label: numbers::seconds(at),
                })
                .collect(),
        }
    }

    /// Latencies from zero to `high` seconds, in the unit that suits.
    pub(super) fn linear_latency(what: &str, high: f64, gap: f64) -> Self {
        let high = if high > 0.0 { high } else { SHORTEST_SECS };
        let (scale, unit) = numbers::unit(high);
        Self::from_zero(what, high, (scale, unit), gap)
    }

    /// Quantities from zero to `high`, with some room above, in a unit of this size.
    fn from_zero(what: &str, high: f64, (scale, unit): (f64, &str), gap: f64) -> Self {
        let ticks = linear_ticks(0.0, high * 1.04 / scale, gap).into_iter();
        Self {
            title: format!("{what} ({unit})"),
            scale: Scale::Linear,
            low: 0.0,
            high: high * 1.04,
            ticks: ticks
                .map(|at| Tick {
                    at: at * scale,
                    label: numbers::digits(at, 6),
                })
                .collect(),
        }
    }

    /// Simulated time from zero to `end` seconds, in the unit that suits: hours from two hours on, and
    /// days from two days on.
    pub(super) fn simulated_time(end: f64, gap: f64) -> Self {
        const WHAT: &str = "Simulated time";
        let long = [(86_400.0, "d"), (3_600.0, "h")].into_iter();
        let Some((scale, unit)) = long.into_iter().find(|(scale, _)| end >= 2.0 * scale) else {
            return Self::linear_latency(WHAT, end, gap);
        };
        Self::from_zero(WHAT, end, (scale, unit), gap)
    }

    /// Rates from zero to `high` bits per second, in the unit that suits.
    pub(super) fn rate(what: &str, high: f64, gap: f64) -> Self {
        let (scale, unit) = numbers::rate_unit(high);
        Self::from_zero(what, high, (scale, unit), gap)
    }

    /// Counts from zero to `high`.
    pub(super) fn count(what: &str, high: f64, gap: f64) -> Self {
        let high = if high > 0.0 { high * 1.04 } else { 1.0 };
        let ticks = linear_ticks(0.0, high, gap).into_iter();
        Self {
            title: what.to_owned(),
            scale: Scale::Linear,
            low: 0.0,
            high,
            ticks: ticks
                .map(|at| Tick {
                    at,
                    label: numbers::digits(at, 6),
                })
                .collect(),
        }
    }

    /// Shares from 0 to 100 %.
    pub(super) fn share(what: &str) -> Self {
        let ticks = [0, 25, 50, 75, 100].into_iter();
        Self {
            title: what.to_owned(),
            scale: Scale::Linear,
            low: 0.0,
            high: 1.0,
            ticks: ticks
                .map(|percent| Tick {
                    at: f64::from(percent) / 100.0,
                    label: format!("{percent} %"),
                })
                .collect(),
        }
    }

    /// Percentiles by their nines, −log₁₀(1 − q), up to `nines`: every nine takes the same room.
    pub(super) fn percentile(nines: f64, gap: f64) -> Self {
        Self {
            title: "Percentile".to_owned(),
            scale: Scale::Linear,
            low: 0.0,
            high: nines,
            ticks: percentile_ticks(nines, gap),
        }
    }
}

/// Ticks between `low` and `high` on a logarithmic axis: as many as fit, from every third decade to
/// the digits 1 to 9 of each, or evenly spaced ones where that leaves too few.
pub(super) fn log_ticks(low: f64, high: f64, gap: f64) -> Vec<f64> {
    let span = (high / low).log10();
    let fits = |ticks: &[f64]| {
        let mut pairs = ticks.windows(2);
        pairs.all(|pair| (pair[1] / pair[0]).log10() >= gap * span)
    };
    let candidates: [(i32, &[f64]); 7] = [
        (1, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]),
        (1, &[1.0, 1.5, 2.0, 3.0, 5.0, 7.0]),
        (1, &[1.0, 2.0, 5.0]),
        (1, &[1.0, 3.0]),
        (1, &[1.0]),
        (2, &[1.0]),
        (3, &[1.0]),
    ];
    let ticks = candidates
        .into_iter()
        .map(|(every, digits)| decade_ticks(low, high, every, digits))
        .find(|ticks| fits(ticks))
        .unwrap_or_default();
    if ticks.len() >= 4 || span >= 1.0 {
        return ticks;
    }
    // Evenly spaced ticks are closest at the upper end.
    let crowding = (high - low) / high / (high / low).ln();
    linear_ticks(low, high, gap / crowding.max(0.1))
}

fn decade_ticks(low: f64, high: f64, every: i32, digits: &[f64]) -> Vec<f64> {
    #[allow(clippy::cast_possible_truncation)] // exponents
    let (first, last) = (low.log10().floor() as i32, high.log10().ceil() as i32);
    let mut ticks = Vec::new();
    for exponent in (first..=last).filter(|exponent| exponent.rem_euclid(every) == 0) {
        // Written and read, so that 1e-5 is 0.00001 and not its neighbour.
        let decade = |digit: f64| format!("{digit}e{exponent}").parse().unwrap_or(digit);
        ticks.extend(digits.iter().map(|&digit| decade(digit)));
    }
    ticks.retain(|tick| (low..=high).contains(tick));
    ticks
}

/// Multiples of 1, 2, 2.5 or 5 × 10ⁿ between `low` and `high`, `gap` of the range apart or more.
pub(super) fn linear_ticks(low: f64, high: f64, gap: f64) -> Vec<f64> {
    let least = (high - low) * gap.max(0.1);
    let decade = 10_f64.powf(least.log10().floor());
    let steps = [1.0, 2.0, 2.5, 5.0, 10.0].map(|factor| factor * decade);
    let step = steps.into_iter().find(|&step| step >= least);
    let step = step.unwrap_or(10.0 * decade);
    let first = (low / step).ceil();
    (0..=10)
        .map(|index| (first + f64::from(index)) * step)
        .take_while(|&tick| tick <= high)
        .collect()
}

/// 0 %, 50 %, 90 %, 99 %, … with 75 %, 95 %, 99.5 %, … between them where there is room.
fn percentile_ticks(nines: f64, gap: f64) -> Vec<Tick> {
    let tick = |tail: f64, label: String| Tick {
        at: -tail.log10(),
        label,
    };
    let mut main = vec![tick(1.0, "0 %".into()), tick(0.5, "50 %".into())];
    let mut between = vec![tick(0.25, "75 %".into())];
    let mut tail = 0.1;
    for nines in 1..20 {
        main.push(tick(tail, percent(nines, "")));
        between.push(tick(tail / 2.0, percent(nines, "5")));
        tail /= 10.0;
    }
    main.retain(|tick| tick.at <= nines + 1e-9);
    between.retain(|tick| tick.at <= nines + 1e-9);
    let mut all = [main.clone(), between].concat();
    all.sort_by(|a, b| a.at.total_cmp(&b.at));
    let fits = all
        .windows(2)
        .all(|pair| pair[1].at - pair[0].at >= gap * nines);
    if fits { all } else { main }
}

/// `90 %`, `99 %`, `99.9 %`, …: a percentage of so many nines, and a last digit.
fn percent(nines: usize, last: &str) -> String {
    let digits = format!("{}{last}", "9".repeat(nines));
    let digits = if digits.len() < 2 { "90" } else { &digits };
    let (whole, fraction) = digits.split_at(2);
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{whole}{point}{fraction} %")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|tick| tick.label.as_str()).collect()
    }

    #[test]
    fn a_wide_latency_axis_has_decades() {
        let axis = Axis::latency("Latency", 8e-6, 12.0, 0.08);
        assert_eq!(
            labels(&axis),
            ["10 us", "100 us", "1 ms", "10 ms", "100 ms", "1 s", "10 s"]
        );
        assert_eq!(axis.title, "Latency (log scale)");
        assert!(axis.position(8e-6) > 0.0 && axis.position(12.0) < 1.0);
    }

    #[test]
    fn a_decade_has_ticks_between() {
        let axis = Axis::log_latency("Latency", 3e-6, 40e-6, 0.07);
        assert_eq!(
            labels(&axis),
            ["3 us", "5 us", "7 us", "10 us", "15 us", "20 us", "30 us"]
        );
        let axis = Axis::log_latency("Latency", 5e-6, 11e-6, 0.07);
        assert_eq!(
            labels(&axis),
            ["5 us", "6 us", "7 us", "8 us", "9 us", "10 us"]
        );
    }

    #[test]
    fn a_narrow_latency_axis_is_evenly_divided() {
        let axis = Axis::log_latency("Latency", 5.2e-6, 5.2e-6, 0.08);
        assert!((3..=9).contains(&axis.ticks.len()), "{:?}", labels(&axis));
        assert!((axis.position(5.2e-6) - 0.5).abs() < 0.01);
    }

    #[test]
    fn a_linear_axis_starts_at_zero_and_has_its_unit_in_the_title() {
        let axis = Axis::latency("Mean latency", 0.1, 0.35, 0.1);
        assert_eq!(axis.title, "Mean latency (ms)");
        assert_eq!(
            labels(&axis),
            ["0", "50", "100", "150", "200", "250", "300", "350"]
        );
        let axis = Axis::linear_latency("Latency", 9.2, 0.1);
        assert_eq!(
            labels(&axis),
            ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]
        );
        assert!(Axis::linear_latency("Latency", 0.0, 0.1).high > 0.0);
    }

    #[test]
    fn long_times_are_in_hours_and_days() {
        let day = Axis::simulated_time(86_400.0, 0.2);
        assert_eq!(day.title, "Simulated time (h)");
        assert_eq!(labels(&day), ["0", "5", "10", "15", "20"]);
        let month = Axis::simulated_time(30.0 * 86_400.0, 0.2);
        assert_eq!(month.title, "Simulated time (d)");
        assert_eq!(labels(&month), ["0", "10", "20", "30"]);
        assert_eq!(Axis::simulated_time(90.0, 0.2).title, "Simulated time (s)");
    }

    #[test]
    fn counts_start_at_zero_and_leave_room_above() {
        let axis = Axis::count("Environments", 5000.0, 0.15);
        assert_eq!(labels(&axis), ["0", "1000", "2000", "3000", "4000", "5000"]);
        assert!(axis.position(5000.0) < 1.0);
        assert!(Axis::count("Environments", 0.0, 0.15).high > 0.0);
    }

    #[test]
    fn the_percentile_axis_stops_where_the_sample_does() {
        // 20 000 samples: ten of them lie above the 99.95th percentile.
        let axis = Axis::percentile(2000_f64.log10(), 0.1);
        assert_eq!(labels(&axis), ["0 %", "50 %", "90 %", "99 %", "99.9 %"]);
        let axis = Axis::percentile(2.0, 0.06);
        assert_eq!(
            labels(&axis),
            ["0 %", "50 %", "75 %", "90 %", "95 %", "99 %"]
        );
        let axis = Axis::percentile(6.0, 0.04);
        assert_eq!(labels(&axis).last(), Some(&"99.9999 %"));
    }

    #[test]
    fn everything_lies_on_the_axis() {
        let axis = Axis::latency("Latency", 0.0, 5.0, 0.1);
        assert_eq!(axis.scale, Scale::Log);
        assert_eq!((axis.position(0.0), axis.position(1e9)), (0.0, 1.0));
    }
}
