//! What a figure consists of: shapes at logical coordinates, so that layout is data that tests can
//! look at and every output format draws the same.

use super::lettering::Lettering;
use super::palette::Color;

/// A place on the page in logical pixels: from the left, from the top.
pub(super) type Point = (f64, f64);

/// A rectangle in logical pixels. Invariant: left ≤ right and top ≤ bottom.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rect {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

impl Rect {
    pub(super) fn width(&self) -> f64 {
        self.right - self.left
    }

    pub(super) fn height(&self) -> f64 {
        self.bottom - self.top
    }
}

/// How a line looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stroke {
    pub color: Color,
    pub width: f64,
    /// Lengths on and off in turn; empty for a solid line.
    pub dash: &'static [f64],
}

impl Stroke {
    pub(super) const fn solid(color: Color, width: f64) -> Self {
        Self {
            color,
            width,
            dash: &[],
        }
    }
}

/// Something to draw.
#[derive(Debug, Clone)]
pub(super) enum Shape {
    /// A line through points.
    Line(Vec<Point>, Stroke),
    /// A filled rectangle.
    Rect(Rect, Color),
    /// A filled polygon.
    Polygon(Vec<Point>, Color),
    /// A filled circle: centre and radius.
    Circle(Point, f64, Color),
    /// One line of text; the point is on its baseline.
    Text(Point, String, Lettering),
}

/// A figure; later shapes cover earlier ones.
#[derive(Debug, Clone)]
pub(super) struct Scene {
    pub width: f64,
    pub height: f64,
    pub shapes: Vec<Shape>,
}

impl Scene {
    pub(super) const fn new(width: f64, height: f64) -> Self {
        Self {
            width,
            height,
            shapes: Vec::new(),
        }
    }

    pub(super) fn line(&mut self, points: Vec<Point>, stroke: Stroke) {
        if points.len() > 1 {
            self.shapes.push(Shape::Line(points, stroke));
        }
    }

    pub(super) fn rect(&mut self, rect: Rect, color: Color) {
        self.shapes.push(Shape::Rect(rect, color));
    }

    pub(super) fn polygon(&mut self, points: Vec<Point>, color: Color) {
        self.shapes.push(Shape::Polygon(points, color));
    }

    pub(super) fn circle(&mut self, center: Point, radius: f64, color: Color) {
        self.shapes.push(Shape::Circle(center, radius, color));
    }

    /// Control characters, which XML cannot hold, become spaces.
    pub(super) fn text(&mut self, at: Point, text: &str, lettering: Lettering) {
        let text: String = text
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        if !text.trim().is_empty() {
            self.shapes.push(Shape::Text(at, text, lettering));
        }
    }

    /// Lines of text below each other, the first baseline at `at`.
    pub(super) fn lines_of_text(&mut self, at: Point, lines: &[String], lettering: Lettering) {
        for (index, line) in lines.iter().enumerate() {
            let below = index as f64 * lettering.line_height();
            self.text((at.0, at.1 + below), line, lettering);
        }
    }
}
