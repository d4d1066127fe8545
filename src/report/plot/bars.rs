//! Stacked horizontal bars: what each row is made of, and if the rows are of very different length,
//! beside them the shares.

use super::axis::Axis;
use super::page::Page;
use super::styling::{Swatch, evenly};
use crate::report::drawing::lettering::{Anchor, HEADING, LABEL, Lettering};
use crate::report::drawing::palette::{AXIS, Color, GRID, INK, WHITE};
use crate::report::drawing::scene::{Rect, Scene, Stroke};
use crate::report::numbers;

/// What a part of a bar stands for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Kind {
    pub name: String,
    pub color: Color,
}

/// A bar.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub label: String,
    /// Rows of another group stand a little apart.
    pub group: usize,
    /// Seconds, in the order of the kinds.
    pub values: Vec<f64>,
}

/// A figure of stacked bars.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bars {
    pub subtitle: String,
    /// What the length of a bar is.
    pub measure: &'static str,
    /// What the labels of the rows are.
    pub heading: String,
    pub kinds: Vec<Kind>,
    pub rows: Vec<Row>,
    pub notes: Vec<String>,
    /// If the rows are parts of one whole, what that is.
    pub whole: Option<f64>,
}

/// Rows that fit on a page and can still be read.
const MOST_ROWS: usize = 40;
/// Totals that differ by more than this need a second panel with shares.
const DIFFERENT: f64 = 10.0;
/// Widest label of a row.
const LABELS: f64 = 300.0;
const TITLE_ROOM: f64 = 30.0;
/// Room for ticks and a title below the bars.
const BELOW: f64 = 60.0;
const LEGEND_GAP: f64 = 18.0;
/// Distance between rows, at most.
const PITCH: f64 = 110.0;

impl Row {
    pub(super) fn total(&self) -> f64 {
        self.values.iter().sum()
    }
}

/// Whether the shares of short bars would be lost beside the long ones.
pub(super) fn need_shares(rows: &[Row]) -> bool {
    let totals = || rows.iter().map(Row::total);
    let shortest = totals().fold(f64::INFINITY, f64::min);
    totals().fold(0.0, f64::max) > DIFFERENT * shortest
}

impl Bars {
    /// Draws the figure; a single bar is taken apart into one for each kind.
    pub(super) fn figure(self, title: &str) -> Scene {
        if self.rows.len() == 1 {
            self.apart().draw(title)
        } else {
            self.draw(title)
        }
    }

    fn apart(mut self) -> Self {
        let whole = self.rows[0].total();
        let values = std::mem::take(&mut self.rows[0].values);
        let count = values.len();
        let row = |(index, (value, kind)): (usize, (f64, &Kind))| Row {
            label: kind.name.clone(),
            group: index,
            values: (0..count)
                .map(|other| if other == index { value } else { 0.0 })
                .collect(),
        };
        let parts = values.into_iter().zip(&self.kinds).enumerate();
        self.rows = parts.map(row).collect();
        self.heading = String::new();
        self.subtitle = format!("{}, {} in all", self.subtitle, numbers::seconds(whole));
        self.whole = Some(whole);
        self
    }

    fn draw(&self, title: &str) -> Scene {
        let mut page = Page::new(title, &self.subtitle);
        let shown = evenly(self.rows.len(), MOST_ROWS).into_iter();
        let rows: Vec<&Row> = shown.map(|index| &self.rows[index]).collect();
        let mut notes = self.notes.clone();
        if rows.len() < self.rows.len() {
            let note = format!("{} of {} bars are shown.", rows.len(), self.rows.len());
            notes.push(note);
        }
        page.notes(notes);
        // Rows that are the kinds themselves need no legend.
        let named = self.whole.is_none();
        let swatches = self.kinds.iter().filter(|_| named);
        let swatches: Vec<_> = swatches
            .map(|kind| (Swatch::Area(kind.color), kind.name.clone()))
            .collect();
        let legend = page.legend_height(&swatches) + LEGEND_GAP;
        let stack = Stack::new(page.free, &rows, legend);
        self.draw_labels(&mut page.scene, &stack, &rows);
        let (absolute, shares) = stack.panels(named && need_shares(&self.rows));
        self.draw_absolute(&mut page.scene, &stack, absolute, &rows);
        if let Some(shares) = shares {
            self.draw_shares(&mut page.scene, &stack, shares, &rows);
        }
        page.legend_below(&swatches, stack.bottom + BELOW + LEGEND_GAP);
        page.scene
    }

    fn draw_labels(&self, scene: &mut Scene, stack: &Stack, rows: &[&Row]) {
        let above = stack.top - 14.0;
        if HEADING.width(&self.heading) <= stack.labels - stack.left {
            let heading = HEADING.anchored(Anchor::End);
            scene.text((stack.labels, above), &self.heading, heading);
        } else {
            // There is nothing beside it.
            let lines = HEADING.wrapped(&self.heading, stack.right - stack.left, 1);
            scene.lines_of_text((stack.left, above), &lines, HEADING);
        }
        let lettering = stack.lettering.colored(INK).anchored(Anchor::End);
        for (row, &middle) in rows.iter().zip(&stack.middles) {
            let most = whole(stack.pitch / lettering.line_height()).max(1);
            let lines = lettering.wrapped(&row.label, stack.labels - stack.left, most);
            let up = (lines.len() - 1) as f64 * lettering.line_height() / 2.0;
            let first = (stack.labels, middle + lettering.middle() - up);
            scene.lines_of_text(first, &lines, lettering);
        }
    }

    /// Bars by their length, with the total at their end.
    fn draw_absolute(&self, scene: &mut Scene, stack: &Stack, area: Rect, rows: &[&Row]) {
        let lettering = Lettering {
            bold: true,
            ..stack.lettering.colored(INK)
        };
        let totals: Vec<String> = rows.iter().map(|row| self.total(row)).collect();
        let room = totals.iter().map(|total| lettering.width(total));
        let area = Rect {
            right: area.right - room.fold(0.0, f64::max) * 1.05 - 8.0,
            ..area
        };
        let longest = rows.iter().map(|row| row.total()).fold(0.0, f64::max);
        let axis = Axis::linear_latency(self.measure, longest, 0.12);
        draw_axis(scene, area, &axis);
        for ((row, total), &middle) in rows.iter().zip(&totals).zip(&stack.middles) {
            let parts = row.values.iter();
            let parts: Vec<_> = parts
                .map(|&value| (value, numbers::seconds(value)))
                .collect();
            let end = self.draw_bar(scene, stack.bar(area, middle), &axis, &parts);
            let at = (end + 7.0, middle + lettering.middle());
            scene.text(at, total, lettering);
        }
        scene.line(
            vec![(area.left, area.top), (area.left, area.bottom)],
            Stroke::solid(AXIS, 1.2),
        );
    }

    /// What stands at the end of a bar.
    fn total(&self, row: &Row) -> String {
        let total = numbers::seconds(row.total());
        match self.whole {
            Some(whole) => format!("{total}, {}", percent(row.total() / whole)),
            None => total,
        }
    }

    /// Bars of equal length.
    fn draw_shares(&self, scene: &mut Scene, stack: &Stack, area: Rect, rows: &[&Row]) {
        let axis = Axis::share(&format!("Share of {}", self.measure.to_lowercase()));
        draw_axis(scene, area, &axis);
        for (row, &middle) in rows.iter().zip(&stack.middles) {
            let total = row.total().max(f64::MIN_POSITIVE);
            let shares = row.values.iter().map(|value| value / total);
            let parts: Vec<_> = shares.map(|share| (share, percent(share))).collect();
            self.draw_bar(scene, stack.bar(area, middle), &axis, &parts);
        }
    }

    /// Draws a bar as long as `bar` if it fills the axis, of parts with how to write them. Returns
    /// where it ends.
    fn draw_bar(&self, scene: &mut Scene, bar: Rect, axis: &Axis, parts: &[(f64, String)]) -> f64 {
        let across = |value: f64| bar.left + axis.position(value) * bar.width();
        let mut from = 0.0;
        for (kind, (length, text)) in self.kinds.iter().zip(parts) {
            let segment = Rect {
                left: across(from),
                right: across(from + length),
                ..bar
            };
            from += length;
            if segment.width() < 0.3 {
                continue;
            }
            scene.rect(segment, kind.color);
            if segment.width() > 3.0 {
                // A thin gap keeps neighbors apart that print alike.
                let edge = [segment.top, segment.bottom].map(|y| (segment.right, y));
                scene.line(edge.to_vec(), Stroke::solid(WHITE, 1.0));
            }
            if self.whole.is_none() {
                direct_label(scene, segment, kind, text);
            }
        }
        across(from)
    }
}

/// Writes the name and the value into a segment, or the value alone, or nothing: what fits.
fn direct_label(scene: &mut Scene, segment: Rect, kind: &Kind, text: &str) {
    let size = (segment.height() * 0.8).clamp(9.0, 13.0);
    let lettering = LABEL
        .sized(size)
        .colored(kind.color.ink())
        .anchored(Anchor::Middle);
    let fits = |text: &str| lettering.width(text) * 1.08 + 8.0 <= segment.width();
    if !fits(text) || size > segment.height() {
        return;
    }
    let x = f64::midpoint(segment.left, segment.right);
    let y = f64::midpoint(segment.top, segment.bottom) + lettering.middle();
    let half = lettering.line_height() / 2.0;
    if fits(&kind.name) && 4.0 * half + 4.0 <= segment.height() {
        scene.text((x, y - half), &kind.name, lettering);
        scene.text((x, y + half), text, lettering);
    } else {
        scene.text((x, y), text, lettering);
    }
}

/// The horizontal axis of a panel and its grid.
fn draw_axis(scene: &mut Scene, area: Rect, axis: &Axis) {
    for tick in &axis.ticks {
        let x = area.left + axis.position(tick.at) * area.width();
        scene.line(
            vec![(x, area.top), (x, area.bottom)],
            Stroke::solid(GRID, 1.0),
        );
        let at = (x, area.bottom + 20.0);
        scene.text(at, &tick.label, LABEL.anchored(Anchor::Middle));
    }
    let middle = f64::midpoint(area.left, area.right);
    let below = (middle, area.bottom + 46.0);
    scene.text(below, &axis.title, HEADING.anchored(Anchor::Middle));
}

/// Where the rows of a figure lie.
#[derive(Debug)]
struct Stack {
    left: f64,
    /// Right end of the labels of the rows.
    labels: f64,
    right: f64,
    top: f64,
    bottom: f64,
    pitch: f64,
    thickness: f64,
    middles: Vec<f64>,
    lettering: Lettering,
}

impl Stack {
    /// Rows in `free`, below which something of height `below` and the axis need room.
    fn new(free: Rect, rows: &[&Row], below: f64) -> Self {
        let top = free.top + TITLE_ROOM;
        let breaks = group_breaks(rows);
        let gap = 0.45;
        let units = rows.len() as f64 + gap * breaks.len() as f64;
        let pitch = ((free.bottom - below - BELOW - top) / units).min(PITCH);
        let lettering = LABEL.sized((pitch * 0.62).clamp(9.5, 14.5));
        let widest = rows.iter().map(|row| lettering.width(&row.label));
        let labels = widest.fold(0.0, f64::max).mul_add(1.04, 4.0).min(LABELS);
        let middle = |index: usize| {
            let before = breaks.iter().filter(|&&at| at <= index).count();
            top + pitch * (index as f64 + 0.5 + gap * before as f64)
        };
        Self {
            left: free.left,
            labels: free.left + labels,
            right: free.right,
            top,
            bottom: top + pitch * units,
            pitch,
            thickness: (pitch * 0.74).min(70.0),
            middles: (0..rows.len()).map(middle).collect(),
            lettering,
        }
    }

    /// The place of a bar around `middle` that is as long as `area` is wide.
    fn bar(&self, area: Rect, middle: f64) -> Rect {
        Rect {
            top: middle - self.thickness / 2.0,
            bottom: middle + self.thickness / 2.0,
            ..area
        }
    }

    /// The areas of the panel of lengths and, if wanted, of that of shares.
    fn panels(&self, shares: bool) -> (Rect, Option<Rect>) {
        let all = Rect {
            left: self.labels + 12.0,
            top: self.top,
            right: self.right,
            bottom: self.bottom,
        };
        if !shares {
            return (all, None);
        }
        let middle = all.left + all.width() * 0.53;
        let left = Rect {
            right: middle,
            ..all
        };
        let right = Rect {
            left: middle + 20.0,
            // The last label is centred on its tick.
            right: all.right - 22.0,
            ..all
        };
        (left, Some(right))
    }
}

/// The rows that start a new group, unless every row does.
fn group_breaks(rows: &[&Row]) -> Vec<usize> {
    let breaks: Vec<usize> = (1..rows.len())
        .filter(|&row| rows[row].group != rows[row - 1].group)
        .collect();
    if breaks.len() + 1 < rows.len() {
        breaks
    } else {
        Vec::new()
    }
}

/// A share in percent with two digits.
fn percent(share: f64) -> String {
    format!("{} %", numbers::digits(100.0 * share, 2))
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a few lines of text
fn whole(lines: f64) -> usize {
    lines.floor() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(group: usize, values: &[f64]) -> Row {
        Row {
            label: format!("row {group}"),
            group,
            values: values.to_vec(),
        }
    }

    #[test]
    fn groups_stand_apart_unless_each_row_is_one() {
        let rows = [0, 0, 1, 1].map(|group| row(group, &[1.0]));
        assert_eq!(group_breaks(&rows.each_ref()), [2]);
        let rows = [0, 1, 2].map(|group| row(group, &[1.0]));
        assert!(group_breaks(&rows.each_ref()).is_empty());
    }

    #[test]
    fn very_different_bars_need_shares() {
        assert!(!need_shares(&[row(0, &[1.0, 1.0]), row(1, &[0.5])]));
        assert!(need_shares(&[row(0, &[10.0, 1.0]), row(1, &[0.5])]));
    }
}
