//! A plot proper: a rectangle with two axes.

use super::axis::{Axis, Tick};
use crate::report::drawing::lettering::{Anchor, HEADING, LABEL};
use crate::report::drawing::palette::{AXIS, GRID};
use crate::report::drawing::scene::{Point, Rect, Scene, Stroke};

/// A rectangle between two axes.
#[derive(Debug)]
pub(super) struct Panel {
    pub area: Rect,
    x: Axis,
    y: Axis,
    /// Height of the labels of the horizontal ticks.
    labels: f64,
}

/// Room for the title above the vertical axis.
const TITLE_ROOM: f64 = 30.0;
/// Room below the horizontal axis besides the lines of its tick labels.
const BELOW: f64 = 40.0;
/// The same without a title.
const BELOW_UNTITLED: f64 = 12.0;

impl Panel {
    /// A panel that fills `outer` with its axes' labels.
    pub(super) fn within(outer: Rect, x: Axis, y: Axis) -> Self {
        let beside = Self::beside(&y);
        Self::aligned(outer, x, y, beside)
    }

    /// The room that the labels of a vertical axis take.
    pub(super) fn beside(y: &Axis) -> f64 {
        let widest = y.ticks.iter().map(|tick| LABEL.width(&tick.label));
        widest.fold(0.0, f64::max) + 12.0
    }

    /// A panel that fills `outer` with its axes' labels, those of the vertical axis taking as much room
    /// as in other panels.
    pub(super) fn aligned(outer: Rect, x: Axis, y: Axis, beside: f64) -> Self {
        // The last label of the horizontal axis is centred on its tick.
        let last = x.ticks.last().map_or(0.0, |tick| {
            let beyond = (1.0 - x.position(tick.at)) * outer.width();
            LABEL.width(&tick.label) / 2.0 - beyond
        });
        let (left, right) = (outer.left + beside, outer.right - last.clamp(0.0, 40.0));
        let lines = x.ticks.iter().map(|tick| tick.label.lines().count());
        let labels = lines.max().unwrap_or(1) as f64 * LABEL.line_height();
        let below = if x.title.is_empty() {
            BELOW_UNTITLED
        } else {
            BELOW
        };
        Self {
            area: Rect {
                left,
                top: outer.top + TITLE_ROOM,
                right,
                bottom: outer.bottom - below - labels,
            },
            x,
            y,
            labels,
        }
    }

    /// Where the values `x` and `y` meet.
    pub(super) fn at(&self, x: f64, y: f64) -> Point {
        (self.across(self.x.position(x)), self.up(self.y.position(y)))
    }

    fn across(&self, share: f64) -> f64 {
        self.area.left + share * self.area.width()
    }

    fn up(&self, share: f64) -> f64 {
        self.area.bottom - share * self.area.height()
    }

    /// Where the title of the horizontal axis stands.
    pub(super) fn below(&self) -> Point {
        let middle = f64::midpoint(self.area.left, self.area.right);
        (middle, self.area.bottom + self.labels + 29.0)
    }

    /// Draws grid, ticks and titles; data goes on top.
    pub(super) fn draw(&self, scene: &mut Scene) {
        for tick in &self.y.ticks {
            self.horizontal(scene, tick);
        }
        for tick in &self.x.ticks {
            self.vertical(scene, tick);
        }
        scene.line(
            vec![
                (self.area.left, self.area.top),
                (self.area.left, self.area.bottom),
                (self.area.right, self.area.bottom),
            ],
            Stroke::solid(AXIS, 1.2),
        );
        let above = (self.area.left, self.area.top - 14.0);
        scene.text(above, &self.y.title, HEADING);
        scene.text(
            self.below(),
            &self.x.title,
            HEADING.anchored(Anchor::Middle),
        );
    }

    fn horizontal(&self, scene: &mut Scene, tick: &Tick) {
        let y = self.up(self.y.position(tick.at));
        let line = vec![(self.area.left, y), (self.area.right, y)];
        scene.line(line, Stroke::solid(GRID, 1.0));
        let at = (self.area.left - 8.0, y + LABEL.middle());
        scene.text(at, &tick.label, LABEL.anchored(Anchor::End));
    }

    fn vertical(&self, scene: &mut Scene, tick: &Tick) {
        let x = self.across(self.x.position(tick.at));
        let line = vec![(x, self.area.top), (x, self.area.bottom)];
        scene.line(line, Stroke::solid(GRID, 1.0));
        let at = (x, self.area.bottom + 20.0);
        let lines: Vec<String> = tick.label.lines().map(str::to_owned).collect();
        scene.lines_of_text(at, &lines, LABEL.anchored(Anchor::Middle));
    }
}
