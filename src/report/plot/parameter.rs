//! The values of a swept parameter as an axis: numbers where they are, else categories.

use super::axis::{Axis, Scale, Tick, linear_ticks, log_ticks};
use super::grid::Dimension;
use super::styling::evenly;
use crate::report::drawing::lettering::LABEL;
use crate::report::numbers;
use crate::units::{parse_duration, parse_rate, parse_size};

/// An axis with a place for each value of a parameter.
#[derive(Debug, Clone)]
pub(super) struct Parameter {
    pub axis: Axis,
    /// By the index of the value.
    pub places: Vec<f64>,
    /// Whether lines between the values mean anything.
    pub numeric: bool,
    /// Whether the axis is better vertical, the first value at the top: many categories, or wide
    /// ones.
    pub down: bool,
}

/// Lines of a category's name.
const LABEL_LINES: usize = 3;
/// Categories that stand beside each other, at most.
const MOST_ACROSS: usize = 8;
/// Categories that stand above each other with a label each, at most.
const MOST_DOWN: usize = 32;
/// Room for a label beside a vertical axis.
const MOST_BESIDE: f64 = 300.0;
/// Fewer distinct values than this are categories even if they are numbers.
const FEWEST_NUMBERS: usize = 3;

impl Parameter {
    /// The axis of a dimension, about `width` logical pixels long.
    pub(super) fn new(dimension: &Dimension, width: f64) -> Self {
        match as_numbers(&dimension.values) {
            Some(numbers) if distinct(&numbers.values) >= FEWEST_NUMBERS => {
                Self::of_numbers(&dimension.name, numbers, width)
            }
            _ => Self::of_categories(dimension, width),
        }
    }

    /// The room that the labels of a vertical axis need beside it.
    pub(super) fn label_width(&self) -> f64 {
        let labels = self.axis.ticks.iter().filter(|_| self.down);
        labels
            .map(|tick| LABEL.width(&tick.label))
            .fold(0.0, f64::max)
    }

    /// As the axis of a panel beside one with this axis, which need not repeat the labels if they
    /// stand above each other.
    pub(super) fn without_labels_beside(mut self) -> Self {
        if self.down {
            self.axis.title.clear();
            for tick in &mut self.axis.ticks {
                tick.label.clear();
            }
        }
        self
    }

    fn of_categories(dimension: &Dimension, width: f64) -> Self {
        let count = dimension.values.len();
        let slot = width / count as f64 - 6.0;
        let narrow = |value: &String| LABEL.fits(value, slot, LABEL_LINES);
        let down = count > MOST_ACROSS || !dimension.values.iter().all(narrow);
        let place = |index: usize| if down { count - 1 - index } else { index } as f64;
        let tick = |index: usize| Tick {
            at: place(index),
            label: if down {
                LABEL.wrapped(&dimension.values[index], MOST_BESIDE, 1)
            } else {
                LABEL.wrapped(&dimension.values[index], slot, LABEL_LINES)
            }
            .join("\n"),
        };
        let labelled = if down { MOST_DOWN } else { MOST_ACROSS };
        Self {
            axis: Axis {
                title: dimension.name.clone(),
                scale: Scale::Linear,
                low: -0.5,
                high: count as f64 - 0.5,
                ticks: evenly(count, labelled).into_iter().map(tick).collect(),
            },
            places: (0..count).map(place).collect(),
            numeric: false,
            down,
        }
    }

    fn of_numbers(name: &str, numbers: Numbers, width: f64) -> Self {
        let mut sorted = numbers.values.clone();
        sorted.sort_by(f64::total_cmp);
        let (low, high) = (sorted[0], sorted[sorted.len() - 1]);
        let scale = roomier_scale(&sorted);
        let margin = 0.04;
        let (low, high) = match scale {
            Scale::Linear => (low - margin * (high - low), high + margin * (high - low)),
            Scale::Log => {
                let factor = (high / low).powf(margin);
                (low / factor, high * factor)
            }
        };
        let title = match numbers.unit.as_deref() {
            None | Some("") => name.to_owned(),
            Some(unit) => format!("{name} ({unit})"),
        };
        let mut axis = Axis {
            title,
            scale,
            low,
            high,
            ticks: Vec::new(),
        };
        axis.ticks = uncrowded(&axis, &numbers, width);
        if axis.ticks.len() < numbers.values.len() && numbers.unit.is_some() {
            axis.ticks = round_ticks(&axis);
        }
        Self {
            axis,
            places: numbers.values,
            numeric: true,
            down: false,
        }
    }
}

/// Values as numbers.
#[derive(Debug, Clone, PartialEq)]
struct Numbers {
    values: Vec<f64>,
    /// The unit that all have, empty for plain numbers; without one, the labels have theirs.
    unit: Option<String>,
    labels: Vec<String>,
}

/// The values as numbers, if they are all quantities of one kind.
fn as_numbers(values: &[String]) -> Option<Numbers> {
    let split: Option<Vec<(f64, &str)>> = values
        .iter()
        .map(|value| numbers::quantity(value))
        .collect();
    let split = split?;
    let unit = split.first()?.1;
    if split.iter().all(|(_, other)| *other == unit) {
        let labels = values.iter();
        return Some(Numbers {
            values: split.iter().map(|(number, _)| *number).collect(),
            unit: Some(unit.to_owned()),
            labels: labels
                .map(|value| value.trim_end_matches(unit).trim().to_owned())
                .collect(),
        });
    }
    let kinds: [fn(&str) -> Option<f64>; 3] = [
        |text| Some(parse_duration(text).ok()?.as_secs_f64()),
        |text| Some(parse_rate(text).ok()?.as_bps() as f64),
        |text| Some(parse_size(text).ok()?.get() as f64),
    ];
    let all = |kind: fn(&str) -> Option<f64>| values.iter().map(|value| kind(value)).collect();
    Some(Numbers {
        values: kinds.into_iter().find_map(all)?,
        unit: None,
        labels: values.to_vec(),
    })
}

/// Round numbers, where there is no room for each value.
fn round_ticks(axis: &Axis) -> Vec<Tick> {
    let gap = 0.1;
    let ticks = match axis.scale {
        Scale::Linear => linear_ticks(axis.low, axis.high, gap),
        Scale::Log => log_ticks(axis.low, axis.high, gap),
    };
    let tick = |at| Tick {
        at,
        label: numbers::digits(at, 6),
    };
    ticks.into_iter().map(tick).collect()
}

fn distinct(values: &[f64]) -> usize {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.dedup();
    sorted.len()
}

/// The scale on which the closest two of `sorted` values are further apart.
fn roomier_scale(sorted: &[f64]) -> Scale {
    let closest = |warp: fn(f64) -> f64| {
        let span = warp(sorted[sorted.len() - 1]) - warp(sorted[0]);
        let gaps = sorted.windows(2);
        let gaps = gaps.map(|pair| (warp(pair[1]) - warp(pair[0])) / span);
        gaps.filter(|&gap| gap > 0.0).fold(1.0, f64::min)
    };
    let clearly = 1.2;
    if sorted[0] > 0.0 && closest(f64::log10) > clearly * closest(|value| value) {
        Scale::Log
    } else {
        Scale::Linear
    }
}

/// A tick at each value whose label does not run into the one before.
fn uncrowded(axis: &Axis, numbers: &Numbers, width: f64) -> Vec<Tick> {
    let mut order: Vec<usize> = (0..numbers.values.len()).collect();
    order.sort_by(|&a, &b| numbers.values[a].total_cmp(&numbers.values[b]));
    let mut ticks = Vec::new();
    let mut end = f64::NEG_INFINITY;
    for index in order {
        let (at, label) = (numbers.values[index], &numbers.labels[index]);
        let half = LABEL.width(label) / 2.0;
        let middle = axis.position(at) * width;
        if middle - half > end + 8.0 {
            end = middle + half;
            ticks.push(Tick {
                at,
                label: label.clone(),
            });
        }
    }
    ticks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameter(values: &[&str]) -> Parameter {
        let dimension = Dimension {
            name: "key".to_owned(),
            swept: true,
            values: values.iter().map(|&value| value.to_owned()).collect(),
        };
        Parameter::new(&dimension, 800.0)
    }

    #[test]
    fn one_unit_goes_into_the_title() {
        let memory = parameter(&["128 MB", "256 MB", "512 MB", "1024 MB"]);
        assert!(memory.numeric);
        assert_eq!(memory.axis.title, "key (MB)");
        assert_eq!(memory.axis.scale, Scale::Log);
        assert_eq!(memory.axis.ticks[3].label, "1024");
        let load = parameter(&["10 %", "20 %", "30 %", "40 %"]);
        assert_eq!(load.axis.scale, Scale::Linear);
    }

    #[test]
    fn units_of_one_kind_are_compared_and_stay_in_the_labels() {
        let delay = parameter(&["500 us", "1 ms", "2 ms"]);
        assert!(delay.numeric);
        assert_eq!(delay.places, [0.0005, 0.001, 0.002]);
        assert_eq!(
            (
                delay.axis.title.as_str(),
                delay.axis.ticks[0].label.as_str()
            ),
            ("key", "500 us")
        );
    }

    #[test]
    fn words_and_pairs_are_categories() {
        assert!(!parameter(&["none", "hyperplane", "other"]).numeric);
        assert!(!parameter(&["1", "2"]).numeric);
        assert!(!parameter(&["1 s", "1000 ms", "1.0 s"]).numeric);
        assert!(!parameter(&["1 s", "2 MB", "3 s"]).numeric);
        let categories = parameter(&["none", "hyperplane"]);
        assert!((categories.axis.position(categories.places[0]) - 0.25).abs() < 1e-12);
    }

    #[test]
    fn many_or_wide_categories_stand_above_each_other() {
        let types: Vec<String> = (0..40).map(|n| format!("m5.{n}xlarge")).collect();
        let texts: Vec<&str> = types.iter().map(String::as_str).collect();
        let parameter_of_types = parameter(&texts);
        assert!(parameter_of_types.down);
        assert_eq!(parameter_of_types.axis.ticks.len(), MOST_DOWN);
        assert!(parameter_of_types.places[0] > parameter_of_types.places[39]);
        let wide = "averyveryveryveryveryverylongwordwithoutanyplacetobreakit";
        assert!(parameter(&["a", "b", "c", "d", "e", wide]).down);
        assert!(!parameter(&["per_environment_eni", "hyperplane_prewarmed"]).down);
    }

    #[test]
    fn too_many_values_have_round_ticks() {
        let values: Vec<String> = (1..=200).map(|n| format!("{n} %")).collect();
        let texts: Vec<&str> = values.iter().map(String::as_str).collect();
        let ticks = parameter(&texts).axis.ticks;
        let labels: Vec<&str> = ticks.iter().map(|tick| tick.label.as_str()).collect();
        assert_eq!(
            labels,
            ["0", "25", "50", "75", "100", "125", "150", "175", "200"]
        );
        let plain: Vec<&str> = texts.iter().map(|text| &text[..text.len() - 2]).collect();
        assert_eq!(parameter(&plain).axis.ticks, ticks);
    }
}
