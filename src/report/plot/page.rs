//! The page around the plots: title, legend and notes, none of which covers data.

use std::collections::BTreeSet;

use super::styling::{Marker, Section, Style, Swatch};
use crate::report::drawing::header;
use crate::report::drawing::lettering::{HEADING, LABEL, NOTE};
use crate::report::drawing::palette::{Color, WHITE};
use crate::report::drawing::scene::{Point, Rect, Scene, Stroke};
use crate::report::numbers;

const WIDTH: f64 = 1280.0;
const HEIGHT: f64 = 800.0;
const MARGIN: f64 = 44.0;
const SWATCH: f64 = 38.0;
/// Side of the square that stands for an area.
const AREA: f64 = 14.0;
const SWATCH_GAP: f64 = 10.0;
/// Height of a row of the legend below.
const ROW: f64 = 24.0;
const LEGEND_GAP: f64 = 36.0;
/// Widest text in a legend at the side.
const LEGEND_TEXT: f64 = 230.0;
/// Width of data lines.
pub(super) const LINE: f64 = 2.4;
/// Radius of a marker, at most.
pub(super) const MARKER: f64 = 5.0;

/// A figure and the part of it that is still free.
#[derive(Debug)]
pub(super) struct Page {
    pub scene: Scene,
    pub free: Rect,
}

impl Page {
    /// A page with a title, wrapped and shrunk if it is long, and a line on what it shows.
    pub(super) fn new(title: &str, subtitle: &str) -> Self {
        let mut scene = Scene::new(WIDTH, HEIGHT);
        let below = header(&mut scene, title, subtitle, MARGIN);
        Self {
            scene,
            free: Rect {
                left: MARGIN,
                top: below + 26.0,
                right: WIDTH - MARGIN,
                bottom: HEIGHT - MARGIN + 10.0,
            },
        }
    }

    /// Notes at the bottom, one per line.
    pub(super) fn notes(&mut self, notes: impl IntoIterator<Item = String>) {
        let wrap = |note: String| NOTE.wrapped(&note, self.free.width(), 2);
        let lines: Vec<String> = notes.into_iter().flat_map(wrap).collect();
        if lines.is_empty() {
            return;
        }
        let height = (lines.len() - 1) as f64 * NOTE.line_height();
        let first = self.free.bottom - height;
        self.scene
            .lines_of_text((self.free.left, first), &lines, NOTE);
        self.free.bottom = first - NOTE.line_height() - 8.0;
    }

    /// A legend in a column of its own at the right.
    pub(super) fn legend_at_side(&mut self, sections: &[Section]) {
        let texts = sections.iter().flat_map(|section| {
            let entries = section.entries.iter();
            entries.map(|(_, label)| LABEL.width(label) + SWATCH + SWATCH_GAP)
        });
        let headings = sections
            .iter()
            .map(|section| HEADING.width(&section.heading));
        let widest = texts.chain(headings).fold(0.0, f64::max);
        let column = widest.min(LEGEND_TEXT + SWATCH + SWATCH_GAP);
        let left = self.free.right - column;
        let mut y = self.free.top + HEADING.size;
        for section in sections {
            let heading = HEADING.wrapped(&section.heading, column, 2);
            self.scene.lines_of_text((left, y), &heading, HEADING);
            y += heading.len() as f64 * HEADING.line_height() + 8.0;
            for (swatch, label) in &section.entries {
                let text = column - SWATCH - SWATCH_GAP;
                let lines = LABEL.wrapped(label, text, 3);
                self.swatch(*swatch, (left, y - LABEL.middle()));
                let at = (left + SWATCH + SWATCH_GAP, y);
                self.scene.lines_of_text(at, &lines, LABEL);
                y += lines.len() as f64 * LABEL.line_height() + 5.0;
            }
            y += 20.0;
        }
        self.free.right = left - LEGEND_GAP;
    }

    /// Draws a legend of areas in rows from `top` down.
    pub(super) fn legend_below(&mut self, entries: &[(Swatch, String)], top: f64) {
        for ((swatch, label), (x, row)) in entries.iter().zip(self.in_rows(entries)) {
            let middle = top + (row as f64 + 0.5) * ROW;
            self.swatch(*swatch, (x, middle));
            let at = (x + AREA + SWATCH_GAP, middle + LABEL.middle());
            self.scene.text(at, label, LABEL);
        }
    }

    /// How high a legend of areas in rows is.
    pub(super) fn legend_height(&self, entries: &[(Swatch, String)]) -> f64 {
        let rows = self.in_rows(entries).last().map_or(0, |(_, row)| row + 1);
        rows as f64 * ROW
    }

    /// Where each entry starts and in which row, when rows are as wide as the page.
    fn in_rows(&self, entries: &[(Swatch, String)]) -> Vec<(f64, usize)> {
        let (mut x, mut row) = (self.free.left, 0);
        let place = |(_, label): &(Swatch, String)| {
            // A tenth more, since a viewer's font may be wider.
            let width = LABEL.width(label) * 1.1 + AREA + SWATCH_GAP;
            if x > self.free.left && x + width > self.free.right {
                (x, row) = (self.free.left, row + 1);
            }
            let at = x;
            x += width + 22.0;
            (at, row)
        };
        entries.iter().map(place).collect()
    }

    /// A swatch whose left edge's middle is at `at`.
    fn swatch(&mut self, swatch: Swatch, at: Point) {
        match swatch {
            Swatch::Line(style) => self.scene.line(
                vec![at, (at.0 + SWATCH, at.1)],
                Stroke {
                    color: style.color,
                    width: LINE + 0.4,
                    dash: style.dash,
                },
            ),
            Swatch::Marker(style) => {
                let middle = (at.0 + SWATCH / 2.0, at.1);
                let stroke = Stroke::solid(style.color, LINE);
                self.scene.line(vec![at, (at.0 + SWATCH, at.1)], stroke);
                marker(&mut self.scene, style, middle, MARKER, true);
            }
            Swatch::Area(color) => self.scene.rect(
                Rect {
                    left: at.0,
                    top: at.1 - AREA / 2.0,
                    right: at.0 + AREA,
                    bottom: at.1 + AREA / 2.0,
                },
                color,
            ),
        }
    }
}

/// Draws the marker of `style` at a point; hollow if it is not `filled`.
pub(super) fn marker(scene: &mut Scene, style: Style, at: Point, radius: f64, filled: bool) {
    sign(scene, style.marker, at, radius + 1.0, WHITE);
    sign(scene, style.marker, at, radius, style.color);
    if !filled {
        sign(scene, style.marker, at, radius * 0.55, WHITE);
    }
}

fn sign(scene: &mut Scene, marker: Marker, (x, y): Point, radius: f64, color: Color) {
    let corners = |offsets: &[Point]| {
        let offsets = offsets.iter();
        offsets
            .map(|(dx, dy)| (x + dx * radius, y + dy * radius))
            .collect()
    };
    match marker {
        Marker::Circle => scene.circle((x, y), radius, color),
        Marker::Square => {
            let square = [(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)];
            scene.polygon(corners(&square), color);
        }
        Marker::Triangle => {
            scene.polygon(corners(&[(0.0, -1.2), (1.15, 0.85), (-1.15, 0.85)]), color);
        }
        Marker::Diamond => {
            let diamond = [(0.0, -1.3), (1.2, 0.0), (0.0, 1.3), (-1.2, 0.0)];
            scene.polygon(corners(&diamond), color);
        }
    }
}

/// A note on how many samples the series have.
pub(super) fn sample_counts(counts: &[u64]) -> Option<String> {
    let (least, most) = (*counts.iter().min()?, *counts.iter().max()?);
    Some(match counts.len() {
        1 if most == 1 => "1 sample.".to_owned(),
        1 => format!("{} samples.", numbers::count(most)),
        _ if least == most => format!("{} samples per line.", numbers::count(most)),
        _ => format!(
            "{} to {} samples per line.",
            numbers::count(least),
            numbers::count(most)
        ),
    })
}

/// A note on what is left out because it has no samples, at some point or at all.
pub(super) fn left_out(empty: &BTreeSet<String>) -> Option<String> {
    let names: Vec<&str> = empty.iter().map(String::as_str).collect();
    (!names.is_empty()).then(|| format!("Without samples and not shown: {}.", names.join(", ")))
}
