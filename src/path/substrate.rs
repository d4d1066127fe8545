//! The substrate between the overlay's decisions: where a packet physically is, which links lead
//! from host to host, and what moving between zones and Regions costs.

use super::hop::{Hop, Link, Step};
use super::refusal::Cause;
use super::walk::Walk;
use super::{Leg, Meter};
use crate::topology::{Fabric, HostId, Id, InterfaceOwner, Location, NetworkInterface, Topology};

/// Where a packet physically is.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Position {
    host: Option<HostId>,
    /// The card that it is to leave its host by, until it is known whether it leaves at all.
    card: Option<Id<NetworkInterface>>,
    /// Whether transfer between zones from here is not charged.
    free: bool,
}

impl Walk<'_> {
    /// The packet is in the guest of an interface and about to be sent.
    pub(super) fn send_from(&mut self, interface: Id<NetworkInterface>) {
        self.check_zone(interface);
        match &self.topology.network_interfaces[interface].location {
            Location::Host(host) => {
                self.push(Step::Hop(Hop::GuestSend));
                self.position = Position {
                    host: Some(*host),
                    card: Some(interface),
                    free: false,
                };
            }
            Location::Fleet(_) => self.pass_fleet(interface),
        }
    }

    /// The packet gets to the guest of an interface.
    pub(super) fn receive_at(&mut self, interface: Id<NetworkInterface>) {
        self.check_zone(interface);
        match &self.topology.network_interfaces[interface].location {
            Location::Host(host) => {
                if let (Some(card), true) = (self.position.card, self.position.host == Some(*host))
                {
                    self.position.card = None;
                    self.push(Step::Hop(Hop::NitroTurnaround(card, interface)));
                } else {
                    self.move_to(*host, false);
                    self.push(Step::Hop(Hop::NitroIngress(interface)));
                }
                self.push(Step::Hop(Hop::GuestReceive));
            }
            Location::Fleet(_) => self.pass_fleet(interface),
        }
    }

    fn check_zone(&mut self, interface: Id<NetworkInterface>) {
        if self.topology.has_failed(interface) {
            let cause = Cause::ZoneFailed(interface);
            if self.refusals.last().map(|refusal| refusal.cause) != Some(cause) {
                self.refuse(cause);
            }
        }
    }

    /// The packet passes a node of the fleet behind an interface, unless it is there already.
    fn pass_fleet(&mut self, interface: Id<NetworkInterface>) {
        let topology = self.topology;
        let Location::Fleet(nodes) = &topology.network_interfaces[interface].location else {
            return;
        };
        let index = self.choice.node(nodes.len());
        let host = nodes[index];
        let hop = Hop::Fleet(
            interface,
            u32::try_from(index).expect("a fleet has few nodes"),
        );
        if self.position.host == Some(host) && self.leg.steps.contains(&Step::Hop(hop)) {
            return;
        }
        let free = is_free(topology, interface);
        self.move_to(host, free);
        self.push(Step::Hop(hop));
        self.position.free = free;
    }

    /// The packet passes the edge of a zone.
    pub(super) fn pass_edge(&mut self, zone: Id<Fabric>, hop: Hop) {
        let edge = self.topology.edges[zone.index()];
        self.move_to(edge, true);
        self.push(Step::Hop(hop));
        self.position.free = true;
    }

    /// The packet gets to the front end of a service.
    pub(super) fn arrive_at_host(&mut self, host: HostId) {
        self.move_to(host, true);
    }

    /// The packet leaves the Region for a while: what follows starts anywhere.
    pub(super) fn leave_substrate(&mut self) {
        self.position = Position::default();
    }

    /// The packet starts at a host that has no card in the overlay.
    pub(super) fn start_at_host(&mut self, host: HostId) {
        self.position = Position {
            host: Some(host),
            card: None,
            free: true,
        };
    }

    /// The zone where the packet is, if it is in one.
    pub(super) fn zone(&self) -> Option<Id<Fabric>> {
        let host = self.position.host?;
        Some(self.topology.substrate.fabric_of(host))
    }

    fn move_to(&mut self, host: HostId, free: bool) {
        let topology = self.topology;
        if let Some(card) = self.position.card.take() {
            self.push(Step::Hop(Hop::NitroEgress(card)));
        }
        if let Some(from) = self.position.host {
            let charged = !(free || self.position.free);
            charge_transfer(topology, from, host, charged, &mut self.leg);
            links(topology, from, host, |link| {
                self.leg.steps.push(Step::Hop(Hop::Link(link)));
            });
        }
        self.position = Position {
            host: Some(host),
            card: None,
            free: false,
        };
    }
}

/// Transit gateways and interface endpoints are billed by their own gigabytes, not by the transfer
/// between zones on the way to them; Application Load Balancers do not pay for it to their targets.
/// (EC2 on-demand pricing, "Data transfer", 2022-04 and later.)
fn is_free(topology: &Topology, interface: Id<NetworkInterface>) -> bool {
    use crate::scenario::LoadBalancerType;
    match topology.network_interfaces[interface].owner {
        InterfaceOwner::TransitGateway(_) | InterfaceOwner::VpcEndpoint(_) => true,
        InterfaceOwner::LoadBalancer(id) => {
            topology.load_balancers[id].kind == LoadBalancerType::Application
        }
        InterfaceOwner::NatGateway(_)
        | InterfaceOwner::Function(_)
        | InterfaceOwner::Instance { .. }
        | InterfaceOwner::Unattached => false,
    }
}

fn charge_transfer(topology: &Topology, from: HostId, to: HostId, charged: bool, leg: &mut Leg) {
    let substrate = &topology.substrate;
    let (a, b) = (substrate.fabric_of(from), substrate.fabric_of(to));
    if a == b {
        return;
    }
    let regions = (topology.region_of_zone(a), topology.region_of_zone(b));
    if regions.0 != regions.1 {
        leg.meters.push(Meter::CrossRegion(regions.0, regions.1));
    } else if charged {
        leg.meters.push(Meter::CrossZone(a, b));
    }
}

/// The links between two hosts: none, through a leaf, through a spine, or from zone to zone.
pub(super) fn links(topology: &Topology, from: HostId, to: HostId, mut push: impl FnMut(Link)) {
    if from == to {
        return;
    }
    let substrate = &topology.substrate;
    let (a, b) = (substrate.fabric_of(from), substrate.fabric_of(to));
    let (from_rack, to_rack) = (
        substrate.fabrics[a].rack_of(from),
        substrate.fabrics[b].rack_of(to),
    );
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
