//! Small panels over simulated time in columns: one for each cell of a grid, its panels below each
//! other; columns that do not fit beside each other stand in bands.

use super::axis::Axis;
use super::panel::Panel;
use crate::report::drawing::lettering::{Anchor, HEADING};
use crate::report::drawing::scene::{Rect, Scene};

/// Columns beside each other.
pub(super) const COLUMNS: usize = 4;
const BETWEEN: f64 = 20.0;
/// Room for the title of the lowest horizontal axes.
const TITLE_BELOW: f64 = 28.0;
/// What titles of vertical axes take of the room above a panel.
const TITLES: f64 = 18.0;
/// Lines of the name of a function and point.
const NAME_LINES: usize = 2;
/// Room for a label of a tick, in logical pixels.
const TICK_ACROSS: f64 = 64.0;
const TICK_UP: f64 = 34.0;

/// Where the panels lie.
#[derive(Debug)]
pub(super) struct Columns {
    free: Rect,
    across: usize,
    /// Rows of panels, of all bands.
    rows: usize,
    /// Rows of a band.
    kinds: usize,
    cells: usize,
    /// Room for the labels of vertical axes, the same everywhere.
    beside: f64,
    /// Height of the names above a band; none for a single cell, which the subtitle names.
    names: f64,
}

impl Columns {
    pub(super) fn new(free: Rect, cells: usize, kinds: usize) -> Self {
        // As square as may be.
        let columns = match cells {
            0..=3 => cells,
            4 if kinds == 1 => 2,
            5 | 6 | 9 => 3,
            _ => COLUMNS,
        };
        let free = Rect {
            bottom: free.bottom - TITLE_BELOW,
            ..free
        };
        Self {
            free,
            across: columns,
            rows: cells.div_ceil(columns) * kinds,
            kinds,
            cells,
            beside: 0.0,
            names: 0.0,
        }
    }

    /// Makes room for names, and for the labels of axes up to these values.
    pub(super) fn make_room(&mut self, highs: impl Iterator<Item = f64>, names: &[String]) {
        let beside = highs.map(|high| Panel::beside(&self.axis("", high)));
        self.beside = beside.fold(0.0, f64::max);
        if self.cells > 1 {
            let width = self.width() - self.beside;
            let lines = names
                .iter()
                .map(|name| HEADING.wrapped(name, width, NAME_LINES).len());
            let height = lines.max().unwrap_or(1) as f64 * HEADING.line_height();
            // Without titles of rows the names may take the room of these.
            self.names = height - if self.kinds == 1 { TITLES } else { 0.0 };
        }
    }

    fn axis(&self, what: &str, high: f64) -> Axis {
        Axis::count(what, high, TICK_UP / self.height())
    }

    fn width(&self) -> f64 {
        let columns = self.across as f64;
        (self.free.width() - BETWEEN * (columns - 1.0)) / columns
    }

    /// Of a panel with its labels.
    fn height(&self) -> f64 {
        let bands = (self.rows / self.kinds) as f64;
        (self.free.height() - bands * self.names) / self.rows as f64
    }

    /// The room of a panel with its labels.
    fn room(&self, index: usize, row: usize) -> Rect {
        let band = (index / self.across) as f64;
        let above = band * (self.names + self.kinds as f64 * self.height()) + self.names;
        let top = self.free.top + above + row as f64 * self.height();
        let left = self.free.left + (index % self.across) as f64 * (self.width() + BETWEEN);
        Rect {
            left,
            top,
            right: left + self.width(),
            bottom: top + self.height(),
        }
    }

    /// Writes the name above the panels of a cell.
    pub(super) fn name(&self, scene: &mut Scene, index: usize, name: &str) {
        if self.cells == 1 {
            return;
        }
        let room = self.room(index, 0);
        let lines = HEADING.wrapped(name, self.width() - self.beside, NAME_LINES);
        let first = room.top - self.names + HEADING.size;
        scene.lines_of_text((room.left + self.beside, first), &lines, HEADING);
    }

    /// Draws the panel of a cell and a row, up to `end` seconds and the value `high`.
    pub(super) fn panel(
        &self,
        scene: &mut Scene,
        (index, row): (usize, usize),
        what: &str,
        end: f64,
        high: f64,
    ) -> Panel {
        let room = self.room(index, row);
        let mut x = Axis::simulated_time(end, TICK_ACROSS / room.width());
        let title = std::mem::take(&mut x.title);
        // The legend says the same: once is enough, and with names the subtitle will do for one row.
        let titled = index == 0 && (self.kinds > 1 || self.cells == 1);
        let what = if titled { what } else { "" };
        let panel = Panel::aligned(room, x, self.axis(what, high), self.beside);
        panel.draw(scene);
        if row + 1 == self.kinds && index + self.across >= self.cells {
            scene.text(panel.below(), &title, HEADING.anchored(Anchor::Middle));
        }
        panel
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(cells: usize, kinds: usize) -> Columns {
        let free = Rect {
            left: 0.0,
            top: 0.0,
            right: 1000.0,
            bottom: 700.0,
        };
        let mut columns = Columns::new(free, cells, kinds);
        let names: Vec<String> = (0..cells).map(|cell| format!("cell {cell}")).collect();
        columns.make_room([5.0, 12_000.0].into_iter(), &names);
        columns
    }

    #[test]
    fn panels_neither_overlap_nor_leave_the_page() {
        for (cells, kinds) in [
            (1, 1),
            (1, 3),
            (2, 2),
            (4, 1),
            (4, 3),
            (5, 1),
            (9, 1),
            (12, 1),
        ] {
            let columns = columns(cells, kinds);
            let cells = (0..cells).flat_map(|cell| (0..kinds).map(move |row| (cell, row)));
            let rooms: Vec<Rect> = cells.map(|(cell, row)| columns.room(cell, row)).collect();
            for (index, room) in rooms.iter().enumerate() {
                assert!(room.right < 1000.1 && room.bottom < 700.0 && room.height() > 100.0);
                let apart = |other: &Rect| {
                    other.right <= room.left
                        || room.right <= other.left
                        || other.bottom <= room.top + 0.1
                        || room.bottom <= other.top + 0.1
                };
                assert!(rooms[index + 1..].iter().all(apart), "{rooms:?}");
            }
        }
    }

    #[test]
    fn panels_below_each_other_are_as_wide_whatever_their_labels() {
        let columns = columns(2, 2);
        let mut scene = Scene::new(1000.0, 700.0);
        let mut panel = |row, high| {
            let panel = columns.panel(&mut scene, (0, row), "what", 60.0, high);
            (panel.area.left, panel.area.right)
        };
        assert_eq!(panel(0, 5.0), panel(1, 12_000.0));
    }
}
