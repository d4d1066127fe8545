//! What a figure consists of: shapes at logical coordinates, so that layout is data that tests can
//! look at and every output format draws the same.

#[cfg(test)]
use super::lettering::Anchor;
use super::lettering::Lettering;
use super::palette::Color;

/// A place on the page in logical pixels: from the left, from the top.
pub(crate) type Point = (f64, f64);

/// A rectangle in logical pixels. Invariant: left ≤ right and top ≤ bottom.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rect {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

impl Rect {
    pub(crate) fn width(&self) -> f64 {
        self.right - self.left
    }

    pub(crate) fn height(&self) -> f64 {
        self.bottom - self.top
    }
}

/// How a line looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Stroke {
    pub color: Color,
    pub width: f64,
    /// Lengths on and off in turn; empty for a solid line.
    pub dash: &'static [f64],
}

impl Stroke {
    pub(crate) const fn solid(color: Color, width: f64) -> Self {
        Self {
            color,
            width,
            dash: &[],
        }
    }
}

/// Something to draw.
#[derive(Debug, Clone)]
pub(crate) enum Shape {
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
pub(crate) struct Scene {
    pub width: f64,
    pub height: f64,
    pub shapes: Vec<Shape>,
}

impl Scene {
    pub(crate) const fn new(width: f64, height: f64) -> Self {
        Self {
            width,
            height,
            shapes: Vec::new(),
        }
    }

    pub(crate) fn line(&mut self, points: Vec<Point>, stroke: Stroke) {
        if points.len() > 1 {
            self.shapes.push(Shape::Line(points, stroke));
        }
    }

    pub(crate) fn rect(&mut self, rect: Rect, color: Color) {
        self.shapes.push(Shape::Rect(rect, color));
    }

    pub(crate) fn polygon(&mut self, points: Vec<Point>, color: Color) {
        self.shapes.push(Shape::Polygon(points, color));
    }

    pub(crate) fn circle(&mut self, center: Point, radius: f64, color: Color) {
        self.shapes.push(Shape::Circle(center, radius, color));
    }

    /// Control characters, which XML cannot hold, become spaces.
    pub(crate) fn text(&mut self, at: Point, text: &str, lettering: Lettering) {
        let text: String = text
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        if !text.trim().is_empty() {
            self.shapes.push(Shape::Text(at, text, lettering));
        }
    }

    /// The texts with the room they take.
    #[cfg(test)]
    pub(crate) fn texts(&self) -> Vec<(&str, Rect)> {
        let mut texts = Vec::new();
        for shape in &self.shapes {
            if let Shape::Text((x, y), text, lettering) = shape {
                let width = lettering.width(text);
                let left = match lettering.anchor {
                    Anchor::Start => *x,
                    Anchor::Middle => x - width / 2.0,
                    Anchor::End => x - width,
                };
                let room = Rect {
                    left,
                    top: y - 0.73 * lettering.size,
                    right: left + width,
                    bottom: y + 0.1 * lettering.size,
                };
                texts.push((text.as_str(), room));
            }
        }
        texts
    }

    /// Lines of text below each other, the first baseline at `at`.
    pub(crate) fn lines_of_text(&mut self, at: Point, lines: &[String], lettering: Lettering) {
        for (index, line) in lines.iter().enumerate() {
            let below = index as f64 * lettering.line_height();
            self.text((at.0, at.1 + below), line, lettering);
        }
    }
}
