//! The substrate between the overlay's decisions: which links lead from host to host.

use super::{Hop, Link};
use crate::topology::{HostId, Id, Instance, Topology};

/// A way from an instance through nodes on hosts to a front end, or out of the Region.
pub(super) struct Trip {
    pub(super) client: Id<Instance>,
    pub(super) middle: Vec<(HostId, Hop)>,
    pub(super) front_end: Option<HostId>,
}

impl Trip {
    pub(super) fn forward(&self, topology: &Topology) -> Vec<Hop> {
        let mut hops = vec![Hop::GuestSend, Hop::NitroEgress(self.client)];
        let mut at = topology.instances[self.client].host;
        for &(host, hop) in &self.middle {
            links(topology, at, host, &mut hops);
            hops.push(hop);
            at = host;
        }
        match self.front_end {
            Some(host) => links(topology, at, host, &mut hops),
            None => hops.push(Hop::Internet),
        }
        hops
    }

    pub(super) fn back(&self, topology: &Topology) -> Vec<Hop> {
        let mut hops = Vec::new();
        let mut at = self.front_end;
        if at.is_none() {
            hops.push(Hop::Internet);
        }
        for &(host, hop) in self.middle.iter().rev() {
            if let Some(from) = at {
                links(topology, from, host, &mut hops);
            }
            hops.push(hop);
            at = Some(host);
        }
        let client = topology.instances[self.client].host;
        if let Some(from) = at {
            links(topology, from, client, &mut hops);
        }
        hops.extend([Hop::NitroIngress(self.client), Hop::GuestReceive]);
        hops
    }
}

/// The links between two hosts: none, through a leaf, through a spine, or from zone to zone.
pub(super) fn links(topology: &Topology, from: HostId, to: HostId, hops: &mut Vec<Hop>) {
    if from == to {
        return;
    }
    let substrate = &topology.substrate;
    let (a, b) = (substrate.fabric_of(from), substrate.fabric_of(to));
    let (from_rack, to_rack) = (
        substrate.fabrics[a].rack_of(from),
        substrate.fabrics[b].rack_of(to),
    );
    let mut push = |link| hops.push(Hop::Link(link));
    push(Link::HostUp(from));
    if a != b || from_rack != to_rack {
        push(Link::LeafUp(a, from_rack));
        if a != b {
            push(Link::Zone(a, b));
        }
        push(Link::LeafDown(b, to_rack));
    }
    push(Link::HostDown(to));
}
