//! Which line looks how, and the legend that says so: up to eight lines by color, dash and marker;
//! more by those of a group and the depth of its color; still more by a ramp.

use super::grid::{self, Dimension};
use crate::report::drawing::palette::{ANY, Color, DASHES, LINES, ramp};

/// How a series looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Style {
    pub color: Color,
    pub dash: &'static [f64],
    pub marker: Marker,
}

/// The shape of a single value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Marker {
    Circle,
    Square,
    Triangle,
    Diamond,
}

/// What stands beside an entry of a legend.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Swatch {
    Line(Style),
    Marker(Style),
    Area(Color),
}

/// A part of a legend with a heading of its own.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Section {
    pub heading: String,
    pub entries: Vec<(Swatch, String)>,
}

/// Styles in the order of the series, and their legend.
#[derive(Debug, Clone)]
pub(super) struct Styling {
    pub styles: Vec<Style>,
    pub legend: Vec<Section>,
}

/// Entries of the legend of a ramp.
const RAMP_ENTRIES: usize = 16;
const MARKERS: [Marker; 4] = [
    Marker::Circle,
    Marker::Square,
    Marker::Triangle,
    Marker::Diamond,
];

/// Styles for the series at `places` of a grid; `swatch` shows one in the legend.
pub(super) fn style(
    dimensions: &[Dimension],
    places: &[Vec<usize>],
    swatch: impl Fn(Style) -> Swatch,
) -> Styling {
    if places.len() <= LINES.len() {
        return by_series(dimensions, places, swatch);
    }
    match dimensions {
        [first, rest @ ..] if !rest.is_empty() && first.values.len() <= LINES.len() => {
            by_group(first, rest, places, swatch)
        }
        _ => by_ramp(dimensions, places, swatch),
    }
}

/// The style of a series, or of a group, by its number.
fn numbered(index: usize) -> Style {
    Style {
        color: LINES[index % LINES.len()],
        dash: DASHES[index % DASHES.len()],
        marker: MARKERS[index % MARKERS.len()],
    }
}

fn solid(color: Color) -> Style {
    Style {
        color,
        dash: &[],
        marker: Marker::Circle,
    }
}

fn by_series(
    dimensions: &[Dimension],
    places: &[Vec<usize>],
    swatch: impl Fn(Style) -> Swatch,
) -> Styling {
    let styles: Vec<Style> = (0..places.len()).map(numbered).collect();
    let entries = styles.iter().zip(places);
    let entries = entries.map(|(&style, place)| (swatch(style), grid::label(dimensions, place)));
    Styling {
        legend: vec![Section {
            heading: grid::heading(dimensions),
            entries: entries.collect(),
        }],
        styles,
    }
}

/// Color and dash by the first dimension, from light to dark by the others.
fn by_group(
    first: &Dimension,
    rest: &[Dimension],
    places: &[Vec<usize>],
    swatch: impl Fn(Style) -> Swatch,
) -> Styling {
    let mut members: Vec<&[usize]> = places.iter().map(|place| &place[1..]).collect();
    members.sort_unstable();
    members.dedup();
    let depth = |member: usize| member as f64 / (members.len() - 1).max(1) as f64;
    let style_of = |place: &Vec<usize>| {
        let member = members.binary_search(&&place[1..]).unwrap_or(0);
        let group = numbered(place[0]);
        Style {
            color: group.color.at_depth(depth(member)),
            ..group
        }
    };
    let groups = first.values.iter().enumerate();
    let groups = groups.map(|(index, value)| (swatch(numbered(index)), value.clone()));
    let shades = evenly(members.len(), LINES.len())
        .into_iter()
        .map(|member| {
            let style = solid(ANY.at_depth(depth(member)));
            (swatch(style), grid::label(rest, members[member]))
        });
    Styling {
        styles: places.iter().map(style_of).collect(),
        legend: vec![
            Section {
                heading: first.name.clone(),
                entries: groups.collect(),
            },
            Section {
                heading: format!("{}, light to dark", grid::heading(rest)),
                entries: shades.collect(),
            },
        ],
    }
}

/// A color of its own for each series, along a ramp; the legend names some.
fn by_ramp(
    dimensions: &[Dimension],
    places: &[Vec<usize>],
    swatch: impl Fn(Style) -> Swatch,
) -> Styling {
    let last = (places.len() - 1).max(1) as f64;
    let styles: Vec<Style> = (0..places.len())
        .map(|index| solid(ramp(index as f64 / last)))
        .collect();
    let named = evenly(places.len(), RAMP_ENTRIES);
    let heading = grid::heading(dimensions);
    let some = named.len() < places.len();
    Styling {
        legend: vec![Section {
            heading: if some {
                format!("{heading} (some)")
            } else {
                heading
            },
            entries: named
                .into_iter()
                .map(|index| {
                    (
                        swatch(styles[index]),
                        grid::label(dimensions, &places[index]),
                    )
                })
                .collect(),
        }],
        styles,
    }
}

/// At most `most` of the indices below `count`, evenly spread from the first to the last.
pub(super) fn evenly(count: usize, most: usize) -> Vec<usize> {
    if count <= most {
        return (0..count).collect();
    }
    let step = |index: usize| (index * (count - 1) + (most - 1) / 2) / (most - 1);
    (0..most).map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dimension(name: &str, count: usize) -> Dimension {
        Dimension {
            name: name.to_owned(),
            swept: true,
            values: (0..count).map(|value| format!("{name}{value}")).collect(),
        }
    }

    fn places(first: usize, second: usize) -> Vec<Vec<usize>> {
        let pair = |a| (0..second).map(move |b| vec![a, b]);
        (0..first).flat_map(pair).collect()
    }

    #[test]
    fn up_to_eight_series_have_a_color_and_a_dash_each() {
        let dimensions = [dimension("a", 2), dimension("b", 4)];
        let styling = style(&dimensions, &places(2, 4), Swatch::Line);
        for (index, style) in styling.styles.iter().enumerate() {
            let others = &styling.styles[index + 1..];
            assert!(
                others
                    .iter()
                    .all(|other| other.color != style.color && other.dash != style.dash)
            );
        }
        assert_eq!(styling.legend[0].heading, "a, b");
        assert_eq!(styling.legend[0].entries[5].1, "a1, b1");
    }

    #[test]
    fn more_are_grouped_by_the_first_dimension() {
        let dimensions = [dimension("attachment", 4), dimension("memory", 6)];
        let styling = style(&dimensions, &places(4, 6), Swatch::Line);
        let [groups, shades] = &styling.legend[..] else {
            panic!("{:?}", styling.legend);
        };
        assert_eq!((groups.entries.len(), shades.entries.len()), (4, 6));
        assert_eq!(shades.heading, "memory, light to dark");
        let colors: std::collections::BTreeSet<_> = styling
            .styles
            .iter()
            .map(|style| (style.color.0, style.color.1, style.color.2))
            .collect();
        assert_eq!(colors.len(), 24);
    }

    #[test]
    fn a_long_axis_is_a_ramp_whose_legend_names_both_ends() {
        let places: Vec<Vec<usize>> = (0..30).map(|at| vec![at]).collect();
        let styling = style(&[dimension("load", 30)], &places, Swatch::Line);
        let entries = &styling.legend[0].entries;
        assert_eq!(entries.len(), RAMP_ENTRIES);
        assert_eq!(
            (entries[0].1.as_str(), entries[15].1.as_str()),
            ("load0", "load29")
        );
        assert_eq!(styling.styles.len(), 30);
    }
}
