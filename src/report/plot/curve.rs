//! Distribution functions as lines: steps, thinned to what a page can show.

use crate::stats::Latency;

use crate::report::drawing::scene::Point;

/// Steps smaller than this many logical pixels become straight.
const FINE: f64 = 1.5;
/// A point this close to a straight line is on it.
const STRAIGHT: f64 = 0.3;

/// The distribution as steps: (latency in seconds, share below it, share at most it).
pub(super) fn steps(latency: &Latency) -> impl Iterator<Item = (f64, f64, f64)> + '_ {
    let mut below = 0.0;
    latency.distribution_function().map(move |(value, share)| {
        let step = (value, below, share);
        below = share;
        step
    })
}

/// A line through `points` without those that make no visible difference.
pub(super) fn thinned(points: impl Iterator<Item = Point>) -> Vec<Point> {
    straightened(&apart(points))
}

/// Points some distance apart, so that steps smaller than the line is wide become straight.
fn apart(points: impl Iterator<Item = Point>) -> Vec<Point> {
    let far = |a: Point, b: Point| (a.0 - b.0).abs().max((a.1 - b.1).abs()) >= FINE;
    let mut kept: Vec<Point> = Vec::new();
    let mut skipped = None;
    for point in points {
        let Some(&last) = kept.last() else {
            kept.push(point);
            continue;
        };
        if !far(point, last) {
            skipped = Some(point);
            continue;
        }
        // The corner before a long stretch stays, so that it keeps its direction.
        kept.extend(skipped.take().filter(|&corner| far(point, corner)));
        kept.push(point);
    }
    kept.extend(skipped);
    kept
}

/// The fewest of `points` from which none of the others is visibly off (Ramer, Douglas, Peucker).
fn straightened(points: &[Point]) -> Vec<Point> {
    let last = points.len().saturating_sub(1);
    let mut keep: Vec<bool> = (0..points.len()).map(|at| at == 0 || at == last).collect();
    let mut open = vec![(0, last)];
    while let Some((from, to)) = open.pop() {
        let off = |index: &usize| distance(points[*index], points[from], points[to]);
        let worst = (from + 1..to).max_by(|a, b| off(a).total_cmp(&off(b)));
        if let Some(index) = worst.filter(|index| off(index) > STRAIGHT) {
            keep[index] = true;
            open.extend([(from, index), (index, to)]);
        }
    }
    let kept = points.iter().zip(keep);
    kept.filter_map(|(&point, keep)| keep.then_some(point))
        .collect()
}

/// How far `point` is from the straight line between `a` and `b`.
fn distance(point: Point, a: Point, b: Point) -> f64 {
    let (along, away) = ((b.0 - a.0, b.1 - a.1), (point.0 - a.0, point.1 - a.1));
    let length = along.0.hypot(along.1);
    if length == 0.0 {
        return away.0.hypot(away.1);
    }
    (along.0 * away.1 - along.1 * away.0).abs() / length
}

#[cfg(test)]
mod tests {
    use super::super::fixture::point;
    use super::*;

    #[test]
    fn steps_rise_to_one() {
        let points = [point(&[], &[("a", &[1, 1, 2, 4])])];
        let steps: Vec<_> = steps(&points[0].results.workloads[0].latency).collect();
        let shares: Vec<(f64, f64)> = steps.iter().map(|&(_, from, to)| (from, to)).collect();
        assert_eq!(shares, [(0.0, 0.5), (0.5, 0.75), (0.75, 1.0)]);
    }

    #[test]
    fn thinning_keeps_corners_and_ends() {
        let stairs = [
            (0.0, 0.0),
            (0.1, 0.0),
            (0.1, 0.1),
            (50.0, 0.1),
            (50.0, 90.0),
        ];
        let kept = thinned(stairs.into_iter());
        assert_eq!(kept, [(0.0, 0.0), (50.0, 0.1), (50.0, 90.0)]);
        let straight = (0..100).map(|n| (f64::from(n), 2.0 * f64::from(n)));
        assert_eq!(thinned(straight), [(0.0, 0.0), (99.0, 198.0)]);
        let fine = (0..1000).map(|n| (f64::from(n) * 0.1, f64::from(n / 2) * 0.1));
        assert!(thinned(fine).len() < 4);
    }
}
