//! Published points with straight lines between them.

/// The value at `at` of a curve through `points`, in ascending order: linear between them, constant
/// beyond them. `None` without points.
#[must_use]
pub fn linear_between(points: &[(f64, f64)], at: f64) -> Option<f64> {
    let right = points.partition_point(|(place, _)| *place < at);
    let left = right.checked_sub(1).and_then(|left| points.get(left));
    match (left, points.get(right)) {
        (Some(&(from, a)), Some(&(to, b))) => Some(a + (b - a) * (at - from) / (to - from)),
        (Some(&(_, end)), None) | (None, Some(&(_, end))) => Some(end),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_joined_by_lines_and_the_ends_stay() {
        let points = [(1.0, 1.0), (10.0, 1.0), (50.0, 1.28), (100.0, 1.35)];
        for (at, expected) in [
            (0.0, 1.0),
            (10.0, 1.0),
            (30.0, 1.14),
            (100.0, 1.35),
            (1e3, 1.35),
        ] {
            let found = linear_between(&points, at).unwrap();
            assert!((found - expected).abs() < 1e-12, "{at}: {found}");
        }
        assert_eq!(linear_between(&[], 7.0), None);
    }
}
