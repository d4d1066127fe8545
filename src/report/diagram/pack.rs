//! Things in a row, each as near to where it wants to be as the others allow.

/// A run of things that touch.
#[derive(Debug)]
struct Cluster {
    /// Its left side.
    left: f64,
    width: f64,
    /// Where its left side would have to be for each of its members, summed.
    sum: f64,
    members: usize,
}

/// Left sides of things of these widths, whose middles want to be at `wanted`, with gaps between
/// them and within bounds, as far as these are wide enough. Things keep the order of their wishes.
pub(super) fn pack(
    wanted: &[f64],
    widths: &[f64],
    gap: f64,
    (lowest, highest): (f64, f64),
) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|&a, &b| wanted[a].total_cmp(&wanted[b]));
    let mut clusters: Vec<Cluster> = Vec::new();
    for &item in &order {
        let mut cluster = Cluster {
            left: 0.0,
            width: widths[item],
            sum: wanted[item] - widths[item] / 2.0,
            members: 1,
        };
        loop {
            let least = (highest - cluster.width).min(cluster.sum / cluster.members as f64);
            cluster.left = least.max(lowest);
            match clusters.pop_if(|left| left.left + left.width + gap > cluster.left) {
                Some(left) => cluster = left.joined(&cluster, gap),
                None => break,
            }
        }
        clusters.push(cluster);
    }
    let mut lefts = vec![0.0; wanted.len()];
    let mut items = order.into_iter();
    for cluster in clusters {
        let mut x = cluster.left;
        for item in items.by_ref().take(cluster.members) {
            lefts[item] = x;
            x += widths[item] + gap;
        }
    }
    lefts
}

impl Cluster {
    fn joined(self, right: &Self, gap: f64) -> Self {
        let offset = self.width + gap;
        Self {
            left: self.left,
            width: offset + right.width,
            sum: self.sum + right.sum - offset * right.members as f64,
            members: self.members + right.members,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_collide_stands_where_it_wants() {
        let lefts = pack(&[50.0, 150.0], &[20.0, 40.0], 10.0, (0.0, 200.0));
        assert_eq!(lefts, [40.0, 130.0]);
    }

    #[test]
    fn what_collides_shares_the_way() {
        let lefts = pack(&[50.0, 50.0], &[20.0, 20.0], 10.0, (0.0, 200.0));
        assert_eq!(lefts, [25.0, 55.0]);
    }

    #[test]
    fn nothing_leaves_the_bounds() {
        let lefts = pack(
            &[190.0, 0.0, 200.0],
            &[40.0, 40.0, 40.0],
            10.0,
            (0.0, 200.0),
        );
        assert_eq!(lefts, [110.0, 0.0, 160.0]);
    }
}
