//! What a single flow may carry.

use super::stage::Compiler;
use crate::path::{Hop, Path};
use crate::scenario::PlacementStrategy;
use crate::sim::program::FlowCap;
use crate::topology::{Id, NetworkInterface};
use crate::units::Rate;

impl Compiler<'_> {
    /// The bandwidth of one flow (5-tuple) of a path: 5 Gbps, 10 Gbps between instances of one cluster
    /// placement group, 25 Gbps by ENA Express. `None` where no instance sends or receives: between
    /// bare hosts, and from site to service. (Amazon EC2 user guide, "Amazon EC2 instance network
    /// bandwidth", 2023.)
    pub(super) fn flow_cap(&self, path: &Path) -> Option<FlowCap> {
        let rate = self.flow_rate(path)?;
        let queue = self.topology.profile.limit.card.queue.value;
        Some(FlowCap {
            rate,
            room: rate.time_for(queue),
        })
    }

    fn flow_rate(&self, path: &Path) -> Option<Rate> {
        let figures = &self.topology.profile.limit.card;
        let mut cards = path.forward.hops().filter_map(card_of);
        let first = cards.next()?;
        if path.ena_express {
            return Some(figures.flow_rate_ena_express.value);
        }
        let (client, server) = ends(path).map_or((first, first), |pair| pair);
        let outside = path
            .forward
            .hops()
            .any(|hop| matches!(hop, Hop::Internet | Hop::Site(_)));
        let together = client != server && !outside && self.in_one_cluster(client, server);
        Some(if together {
            figures.flow_rate_cluster.value
        } else {
            figures.flow_rate.value
        })
    }

    fn in_one_cluster(&self, a: Id<NetworkInterface>, b: Id<NetworkInterface>) -> bool {
        let group = |id| {
            let instance = self.instance_of(id)?;
            self.topology.instances[instance].placement_group
        };
        let groups = &self.topology.placement_groups;
        match (group(a), group(b)) {
            (Some(a), Some(b)) => a == b && groups[a].strategy == PlacementStrategy::Cluster,
            _ => false,
        }
    }
}

/// The interface whose card a hop is at.
fn card_of(hop: Hop) -> Option<Id<NetworkInterface>> {
    match hop {
        Hop::NitroEgress(id) | Hop::NitroIngress(id) | Hop::NitroTurnaround(id, _) => Some(id),
        Hop::GuestSend
        | Hop::GuestReceive
        | Hop::Link(_)
        | Hop::LinkLocal(..)
        | Hop::Fleet(..)
        | Hop::GatewayEndpoint
        | Hop::InternetGateway
        | Hop::VpnGateway
        | Hop::Site(_)
        | Hop::Internet => None,
    }
}

/// The interfaces that a path leads from and to, without anything between that opens flows of its own.
fn ends(path: &Path) -> Option<(Id<NetworkInterface>, Id<NetworkInterface>)> {
    let mut hops = path
        .forward
        .hops()
        .filter(|hop| !matches!(hop, Hop::Link(_)));
    let first = hops.find(|hop| !matches!(hop, Hop::GuestSend))?;
    match (first, hops.next()) {
        (Hop::NitroTurnaround(from, to), _)
        | (Hop::NitroEgress(from), Some(Hop::NitroIngress(to))) => Some((from, to)),
        _ => None,
    }
}
