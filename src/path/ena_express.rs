//! Where ENA Express carries a flow.

use super::{Hop, Leg};
use crate::scenario::Protocol;
use crate::topology::{Id, InterfaceOwner, NetworkInterface, Topology};

/// Whether the flows of a path go by ENA Express: TCP and UDP between two instances of one zone that
/// both have it, with nothing between them that is not the network itself. (Amazon EC2 user guide, "ENA
/// Express", 2023: middleboxes on the path are not supported; then the flow goes without it.)
pub(super) fn carries(topology: &Topology, protocol: Protocol, forward: &Leg, back: &Leg) -> bool {
    let has_it = |id: Id<NetworkInterface>| match topology.network_interfaces[id].owner {
        InterfaceOwner::Instance { instance, .. } => topology.instances[instance].ena_express,
        _ => false,
    };
    let plain = |leg: &Leg| {
        let mut cards = 0;
        let direct = leg.hops().all(|hop| match hop {
            Hop::GuestSend | Hop::GuestReceive => true,
            Hop::Link(link) => !matches!(link, super::Link::Zone(..)),
            Hop::NitroEgress(id) | Hop::NitroIngress(id) => {
                cards += 1;
                has_it(id)
            }
            _ => false,
        });
        direct && cards == 2
    };
    matches!(protocol, Protocol::Tcp | Protocol::Udp) && plain(forward) && plain(back)
}
