//! The order of lanes in a channel, so that few lines cross.

/// What it costs to let ends of two lines lie upon each other, in crossings.
const UPON: u32 = 50;
/// Ends nearer than this do.
const NEAR: f64 = 5.0;
/// Rounds of improvement; each that changes something lowers the cost, and a few suffice.
const ROUNDS: usize = 8;

/// What is known of a lane when the order is decided.
#[derive(Debug, Clone)]
pub(super) struct Course {
    pub lane: usize,
    from: f64,
    to: f64,
    /// Where lines leave it, and whether to the right (or down).
    pub taps: Vec<(f64, bool)>,
}

impl Course {
    pub(super) const fn new(lane: usize) -> Self {
        Self {
            lane,
            from: f64::MAX,
            to: f64::MIN,
            taps: Vec::new(),
        }
    }

    /// Extends it to a place.
    pub(super) const fn reach(&mut self, at: f64) {
        self.from = self.from.min(at);
        self.to = self.to.max(at);
    }

    /// Whether both run, or nearly run, beside each other.
    pub(super) fn touches(&self, other: &Self, apart: f64) -> bool {
        self.from < other.to + apart && other.from < self.to + apart
    }

    fn contains(&self, at: f64) -> bool {
        self.from + 0.5 < at && at < self.to - 0.5
    }

    /// To which side most of its taps lead, from −1 to 1.
    fn lean(&self) -> f64 {
        let sides = self
            .taps
            .iter()
            .map(|&(_, right)| if right { 1.0 } else { -1.0 });
        sides.sum::<f64>() / self.taps.len().max(1) as f64
    }
}

/// What it costs that `left` lies left of `right`.
fn cost(left: &Course, right: &Course) -> u32 {
    let mut cost = 0;
    for &(at, to_right) in &left.taps {
        if to_right {
            cost += u32::from(right.contains(at));
            let upon = |tap: &(f64, bool)| !tap.1 && (tap.0 - at).abs() < NEAR;
            cost += UPON * u32::from(right.taps.iter().any(upon));
        }
    }
    let to_left = right.taps.iter().filter(|(_, to_right)| !to_right);
    cost + to_left
        .map(|&(at, _)| u32::from(left.contains(at)))
        .sum::<u32>()
}

/// The lanes of a channel in an order with few crossings: from a first guess, by moving one at a
/// time as long as that helps.
pub(super) fn ordered(mut courses: Vec<Course>) -> Vec<Course> {
    let nested = |course: &Course| (course.to - course.from) * -course.lean().signum();
    courses.sort_by(|a, b| {
        let sides = a.lean().total_cmp(&b.lean());
        sides.then(nested(a).total_cmp(&nested(b)))
    });
    let costs: Vec<Vec<u32>> = courses
        .iter()
        .map(|left| courses.iter().map(|right| cost(left, right)).collect())
        .collect();
    let mut order: Vec<usize> = (0..courses.len()).collect();
    for _ in 0..ROUNDS {
        if !improve(&mut order, &costs) {
            break;
        }
    }
    order
        .into_iter()
        .map(|index| courses[index].clone())
        .collect()
}

/// Moves each element to where it costs least; returns whether any moved.
fn improve(order: &mut Vec<usize>, costs: &[Vec<u32>]) -> bool {
    let mut moved = false;
    for (element, own) in costs.iter().enumerate() {
        let Some(at) = order.iter().position(|&other| other == element) else {
            continue;
        };
        let mut rest = order.clone();
        rest.remove(at);
        // The cost of standing first, then after one more at a time.
        let mut total: u64 = rest.iter().map(|&o| u64::from(own[o])).sum();
        let mut totals = vec![total];
        for &other in &rest {
            total = total - u64::from(own[other]) + u64::from(costs[other][element]);
            totals.push(total);
        }
        let best = (0..totals.len())
            .min_by_key(|&place| totals[place])
            .unwrap_or(at);
        if totals[best] < totals[at] {
            rest.insert(best, element);
            *order = rest;
            moved = true;
        }
    }
    moved
}

/// Places for lanes in their order, of which each touches some before it: how far from the middle
/// of those that hang together, in lanes; and how many lie side by side at most.
pub(super) fn tracks(touching: &[Vec<usize>]) -> (Vec<f64>, usize) {
    let mut tracks = vec![0_usize; touching.len()];
    let mut group: Vec<usize> = (0..touching.len()).collect();
    for (index, before) in touching.iter().enumerate() {
        for &before in before {
            tracks[index] = tracks[index].max(tracks[before] + 1);
            let (old, new) = (group[index], group[before]);
            for other in &mut group {
                if *other == old {
                    *other = new;
                }
            }
        }
    }
    let mut last = vec![0; touching.len()];
    for (track, group) in tracks.iter().zip(&group) {
        last[*group] = track.max(&last[*group]).to_owned();
    }
    let middles = group.iter().map(|group| last[*group] as f64 / 2.0);
    let offsets = tracks
        .iter()
        .zip(middles)
        .map(|(track, middle)| *track as f64 - middle);
    let most = last.iter().max().map_or(0, |last| last + 1);
    (offsets.collect(), most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course(lane: usize, taps: &[(f64, bool)]) -> Course {
        let mut course = Course::new(lane);
        for &(at, right) in taps {
            course.reach(at);
            course.taps.push((at, right));
        }
        course
    }

    fn order(courses: Vec<Course>) -> Vec<usize> {
        ordered(courses).iter().map(|course| course.lane).collect()
    }

    #[test]
    fn hooks_to_one_side_are_nested() {
        let outer = course(0, &[(0.0, false), (90.0, false)]);
        let inner = course(1, &[(30.0, false), (60.0, false)]);
        assert_eq!(order(vec![outer, inner]), [1, 0]);
        let outer = course(0, &[(0.0, true), (90.0, true)]);
        let inner = course(1, &[(30.0, true), (60.0, true)]);
        assert_eq!(order(vec![inner, outer]), [0, 1]);
    }

    #[test]
    fn parallel_steps_do_not_cross() {
        // From the upper left to the lower right: the upper one turns last.
        let upper = course(0, &[(0.0, false), (50.0, true)]);
        let lower = course(1, &[(20.0, false), (70.0, true)]);
        assert_eq!(order(vec![upper, lower]), [1, 0]);
    }

    #[test]
    fn ends_do_not_lie_upon_each_other() {
        let to_left = course(0, &[(10.0, false), (50.0, false)]);
        let to_right = course(1, &[(10.0, true), (90.0, true)]);
        assert_eq!(order(vec![to_right, to_left]), [0, 1]);
    }

    #[test]
    fn lanes_that_do_not_touch_share_a_track() {
        let touching = [vec![], vec![0], vec![], vec![1]];
        let (offsets, most) = tracks(&touching);
        assert_eq!((offsets, most), (vec![-1.0, 0.0, 0.0, 1.0], 3));
        assert_eq!(tracks(&[]), (vec![], 0));
    }
}
