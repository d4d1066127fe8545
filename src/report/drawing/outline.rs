//! Outlines of shapes that are not of straight lines only: rounded boxes and corners,
//! arrowheads.

use std::f64::consts::{FRAC_PI_2, PI};

use super::scene::{Point, Rect};

/// Points of a quarter of a circle, beyond its first.
const QUARTER: usize = 6;

/// The outline of a rectangle with round corners, clockwise, closed.
pub(crate) fn rounded(rect: Rect, radius: f64) -> Vec<Point> {
    let radius = radius.min(rect.width() / 2.0).min(rect.height() / 2.0);
    let corners = [
        (rect.left + radius, rect.top + radius, PI),
        (rect.right - radius, rect.top + radius, PI + FRAC_PI_2),
        (rect.right - radius, rect.bottom - radius, 0.0),
        (rect.left + radius, rect.bottom - radius, FRAC_PI_2),
    ];
    let mut points: Vec<Point> = corners
        .into_iter()
        .flat_map(|(x, y, from)| arc((x, y), radius, from, from + FRAC_PI_2))
        .collect();
    points.push(points[0]);
    points
}

/// The part of a circle between two angles, which grow clockwise from the right.
pub(crate) fn arc((x, y): Point, radius: f64, from: f64, to: f64) -> Vec<Point> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // at most a circle's
    let steps = (((to - from).abs() / FRAC_PI_2 * QUARTER as f64).ceil() as usize).max(1);
    let at = |step: usize| from + (to - from) * step as f64 / steps as f64;
    let point = |angle: f64| (x + radius * angle.cos(), y + radius * angle.sin());
    (0..=steps).map(|step| point(at(step))).collect()
}

/// A line whose corners are round, as far as its pieces are long enough.
pub(crate) fn smooth(points: &[Point], radius: f64) -> Vec<Point> {
    let mut smooth = Vec::with_capacity(points.len() * QUARTER);
    smooth.extend(points.first());
    for corner in points.windows(3) {
        let (before, at, after) = (corner[0], corner[1], corner[2]);
        let (first, second) = (length(before, at), length(at, after));
        let cut = radius.min(first / 2.0).min(second / 2.0);
        let (from, to) = (towards(at, before, cut), towards(at, after, cut));
        for step in 0..=QUARTER {
            let share = step as f64 / QUARTER as f64;
            let (a, b) = (mix(from, at, share), mix(at, to, share));
            smooth.push(mix(a, b, share));
        }
    }
    smooth.extend(points[1..].last());
    smooth
}

/// The triangle at the end of an arrow that comes from `from` and points at `tip`.
pub(crate) fn arrowhead(from: Point, tip: Point, size: f64) -> Vec<Point> {
    let back = towards(tip, from, size);
    let (dx, dy) = ((tip.0 - back.0) * 0.45, (tip.1 - back.1) * 0.45);
    vec![tip, (back.0 - dy, back.1 + dx), (back.0 + dy, back.1 - dx)]
}

/// The point so far from `from` on the way to `to`.
pub(crate) fn towards(from: Point, to: Point, distance: f64) -> Point {
    match length(from, to) {
        0.0 => from,
        length => mix(from, to, distance / length),
    }
}

fn length(a: Point, b: Point) -> f64 {
    (b.0 - a.0).hypot(b.1 - a.1)
}

fn mix(a: Point, b: Point, share: f64) -> Point {
    (a.0 + (b.0 - a.0) * share, a.1 + (b.1 - a.1) * share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rounded_box_stays_inside_its_rectangle() {
        let rect = Rect {
            left: 10.0,
            top: 20.0,
            right: 60.0,
            bottom: 30.0,
        };
        let points = rounded(rect, 50.0);
        assert_eq!(points.first(), points.last());
        for (x, y) in points {
            assert!((9.999..=60.001).contains(&x) && (19.999..=30.001).contains(&y));
        }
    }

    #[test]
    fn smooth_lines_keep_their_ends() {
        let line = [(0.0, 0.0), (10.0, 0.0), (10.0, 4.0)];
        let smooth = smooth(&line, 6.0);
        assert_eq!((smooth[0], smooth[smooth.len() - 1]), (line[0], line[2]));
        assert!(smooth.iter().all(|point| *point != line[1]));
    }

    #[test]
    fn arrows_point_where_they_go() {
        let arrow = arrowhead((0.0, 0.0), (10.0, 0.0), 4.0);
        assert_eq!(arrow, [(10.0, 0.0), (6.0, 1.8), (6.0, -1.8)]);
    }
}
