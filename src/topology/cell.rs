//! Cells of the Hyperplane fleet: which nodes an interface gets, and where they are.

use super::{Fabric, HostId, Id, Resolver, Topology};

/// Nodes that were given to an interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shard {
    /// Their numbers in the cell; empty if the fleet is not in cells.
    pub(super) numbers: Vec<u32>,
    /// Their hosts.
    pub(super) hosts: Vec<HostId>,
}

impl Topology {
    /// The nodes of an interface, in a cell of `kind` if they are in one. Those on Hyperplane are a shuffle shard: so many of the nodes of the
    /// cell, drawn by the name of the `fleet`, so that two interfaces can share some but hardly most
    /// of them.
    pub(super) fn shard(
        &self,
        resolver: &Resolver<'_>,
        kind: Option<&str>,
        fleet: &str,
        zone: Id<Fabric>,
        nodes: u32,
    ) -> Shard {
        let Some(kind) = kind else {
            return Shard {
                numbers: Vec::new(),
                hosts: self.fleet_hosts(resolver, fleet, zone, nodes),
            };
        };
        let nodes = nodes.clamp(1, super::MAX_NODES);
        let cell = self.profile.limit.hyperplane.cell_nodes.value.max(nodes);
        let fabric = &self.substrate.fabrics[zone];
        let zone_name = self.substrate.fabrics.name(zone);
        let numbers = sample(cell, nodes, |draw, bound| {
            resolver.choose(fleet, &format!("node {draw} in {zone_name}"), bound)
        });
        let owner = format!("hyperplane.{kind}");
        let host = |number: &u32| {
            let purpose = format!("node {number} in {zone_name}");
            fabric.host(resolver.choose(&owner, &purpose, fabric.host_count()))
        };
        let hosts = numbers.iter().map(host).collect();
        Shard { numbers, hosts }
    }
}

/// `count` distinct numbers below `of`, each set as likely as any other; `choose` gets the number of the
/// draw and a bound.
fn sample(of: u32, count: u32, mut choose: impl FnMut(u32, u32) -> u32) -> Vec<u32> {
    let mut taken: Vec<u32> = Vec::new();
    for draw in 0..count.min(of) {
        // The n-th of those that are left.
        let mut number = choose(draw, of - draw);
        let mut sorted = taken.clone();
        sorted.sort_unstable();
        for other in sorted {
            number += u32::from(other <= number);
        }
        taken.push(number);
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::StreamFamily;

    /// Two shards of 5 of 100 nodes share more than one node in 1.90 % of cases: 1 less the
    /// hypergeometric chances of none (0.7696) and one (0.2114).
    #[test]
    fn two_shards_share_more_than_one_node_in_1_9_percent_of_cases() {
        let family = StreamFamily::new(7, 0);
        let shards: Vec<Vec<u32>> = (0..600)
            .map(|tenant| {
                let stream = family.stream(&format!("tenant {tenant}"), "nodes");
                sample(100, 5, |draw, bound| {
                    stream.draw(u64::from(draw)).below(bound)
                })
            })
            .collect();
        let (mut pairs, mut shared) = (0_u32, 0_u32);
        for (index, one) in shards.iter().enumerate() {
            let mut distinct = one.clone();
            distinct.sort_unstable();
            distinct.dedup();
            assert!(distinct.len() == 5 && distinct[4] < 100);
            for other in &shards[..index] {
                pairs += 1;
                shared += u32::from(one.iter().filter(|node| other.contains(node)).count() > 1);
            }
        }
        let share = f64::from(shared) / f64::from(pairs);
        assert!((share - 0.0190).abs() < 0.0015, "{share}");
    }

    #[test]
    fn a_shard_may_be_the_whole_cell() {
        let mut all = sample(5, 5, |draw, _| 4 - draw);
        all.sort_unstable();
        assert_eq!(all, [0, 1, 2, 3, 4]);
    }
}
