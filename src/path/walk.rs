//! The walk of one packet through the overlay: one state machine, one step at a time.
//!
//! [`Walk::run`] is the table of contents. What each kind of device does with a packet stands in a
//! file of its own; all of them answer with where the packet is next.

use std::net::IpAddr;

use super::choice::Choice;
use super::connection::{Binding, Connection, Inspector};
use super::filtering::{self, AclVerdict, Other};
use super::hop::{Admission, Resource, Side, Step};
use super::refusal::{Cause, Refusal};
use super::substrate::Position;
use super::worker::Worker;
use super::{Direction, Header, Leg, Note, Server};
use crate::scenario::{PortRange, Protocol};
use crate::topology::{
    CustomerGateway, EgressOnlyInternetGateway, Id, InternetGateway, LoadBalancer,
    NetworkInterface, Region, RouteTable, SecurityGroup, Subnet, Topology,
    TransitGatewayAttachment, Vpc,
};
use crate::units::Bytes;

/// Largest IP packet inside a VPC. (EC2 user guide, "Network MTU", 2023.)
pub(super) const MTU_VPC: Bytes = Bytes::new(9001);

/// More decisions than any path has: a packet that needs them goes round in a circle.
const MAX_DECISIONS: u32 = 64;

/// Where a packet is.
#[derive(Debug, Clone, Copy)]
pub(super) enum At {
    /// About to leave an interface into its subnet.
    Leaving(Id<NetworkInterface>),
    /// Out of a subnet, in front of its route table.
    Routed(Id<Subnet>),
    /// To be delivered inside a VPC; from a subnet, or from outside.
    Local(Id<Vpc>, Option<Id<Subnet>>),
    /// In front of an interface that is to get it.
    Entering(Arrival),
    /// On the public network of AWS.
    Public,
    /// From the public network, in front of an internet gateway, with the private destination.
    Incoming(Id<InternetGateway>, IpAddr),
    /// Inside a transit gateway, from an attachment.
    InTransit(Id<TransitGatewayAttachment>),
    /// At a site, on its way out.
    LeavingSite(Id<CustomerGateway>),
    /// In a function that is attached to no VPC, on its way out.
    LeavingWorker(Worker),
    /// At its destination.
    Arrived(Server),
    /// Refused, with nothing more to be said.
    Lost,
}

/// A delivery.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrival {
    pub(super) interface: Id<NetworkInterface>,
    /// The subnet it comes from; `None` from outside the VPC.
    pub(super) from: Option<Id<Subnet>>,
    /// Whether a route leads to the interface, whatever the packet's destination.
    pub(super) routed: bool,
}

/// Whose groups a packet's source stands for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sender {
    /// Those of the interface that has the source address in this VPC.
    In(Id<Vpc>),
    /// Those of a load balancer, be the client's address kept or not.
    LoadBalancer(Id<LoadBalancer>),
    /// None: something on the way does not carry references, or the sender is outside.
    Unknown(Option<Resource>),
}

/// A packet under way.
pub(super) struct Walk<'t> {
    pub(super) topology: &'t Topology,
    pub(super) header: Header,
    /// Destination ports that will do as well as the header's, which are the widest range of those
    /// that network ACLs have let through.
    pub(super) further_ports: Vec<PortRange>,
    pub(super) direction: Direction,
    pub(super) sender: Sender,
    pub(super) connection: Connection,
    /// By which a flow chooses among nodes and targets.
    pub(super) choice: Choice,
    pub(super) mtu: Bytes,
    pub(super) position: Position,
    pub(super) leg: Leg,
    pub(super) refusals: Vec<Refusal>,
    pub(super) notes: Vec<Note>,
    /// Whether to stop at the first refusal.
    pub(super) hasty: bool,
    /// The interface that the packet was first sent from.
    pub(super) origin: Option<Id<NetworkInterface>>,
    /// The worker that the packet was first sent from.
    pub(super) worker: Option<Worker>,
    /// The interface that the packet is meant for.
    pub(super) aimed_at: Option<Id<NetworkInterface>>,
    /// The node that ends the client's connection.
    pub(super) proxy: Option<Id<NetworkInterface>>,
    pub(super) passed_transit_gateway: bool,
    /// By which a connection went out whose replies may come back.
    pub(super) passed_out_through: Option<Id<EgressOnlyInternetGateway>>,
    /// Interfaces of transit gateways that the flow was given.
    pub(super) appliance_interfaces: Vec<Id<NetworkInterface>>,
    /// Action and resource for endpoint policies.
    pub(super) action: Option<&'t str>,
    pub(super) resource: Option<&'t str>,
}

impl<'t> Walk<'t> {
    /// Walks until the packet has arrived or is lost.
    pub(super) fn run(&mut self, start: At) -> Option<Server> {
        let mut at = start;
        for _ in 0..MAX_DECISIONS {
            if self.hasty && !self.refusals.is_empty() {
                return None;
            }
            at = match at {
                At::Leaving(interface) => self.leave(interface),
                At::Routed(subnet) => self.route(subnet),
                At::Local(vpc, from) => self.deliver(vpc, from),
                At::Entering(arrival) => self.enter(arrival),
                At::Public => self.on_public_network(),
                At::Incoming(gateway, private) => self.come_in(gateway, private),
                At::InTransit(attachment) => self.transit(attachment),
                At::LeavingSite(site) => self.leave_site(site),
                At::LeavingWorker(worker) => self.leave_worker(worker),
                At::Arrived(server) => return Some(server),
                At::Lost => return None,
            };
        }
        let last = self.leg.steps.iter().rev().find_map(|step| match *step {
            Step::Enters(interface) => Some(Resource::NetworkInterface(interface)),
            _ => None,
        });
        self.refuse(Cause::Loop(last.unwrap_or(Resource::Internet)));
        None
    }

    /// Notes a refusal and loses the packet.
    pub(super) fn lose(&mut self, cause: Cause) -> At {
        self.refuse(cause);
        At::Lost
    }

    /// Notes a refusal. The walk goes on as if it had not been, to find all that would have to change.
    pub(super) fn refuse(&mut self, cause: Cause) {
        self.refusals.push(Refusal {
            direction: self.direction,
            after: self.leg.steps.len(),
            header: self.header,
            cause,
        });
    }

    pub(super) fn note(&mut self, note: Note) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    pub(super) fn push(&mut self, step: Step) {
        self.leg.steps.push(step);
    }

    /// Exchanges addresses.
    pub(super) fn translate(&mut self, by: Resource, after: Header) {
        let before = std::mem::replace(&mut self.header, after);
        self.push(Step::Translates { by, before, after });
    }

    pub(super) fn limit_mtu(&mut self, mtu: u64) {
        let limit = Bytes::new(mtu);
        if limit < self.mtu {
            self.mtu = limit;
            self.push(Step::LimitsMtu(limit));
        }
    }

    pub(super) fn vpc_of(&self, interface: Id<NetworkInterface>) -> Id<Vpc> {
        self.topology.vpc_of(interface)
    }

    pub(super) fn is_reply(&self) -> bool {
        self.direction == Direction::Return
    }

    pub(super) fn region_of(&self, vpc: Id<Vpc>) -> Id<Region> {
        self.topology.vpcs[vpc].region
    }

    /// Asks the security groups of an interface. Those without groups let everything through.
    pub(super) fn ask_security_groups(&mut self, interface: Id<NetworkInterface>, side: Side) {
        let topology = self.topology;
        let groups = &topology.network_interfaces[interface].security_groups;
        if groups.is_empty() {
            return;
        }
        if self.is_reply() && self.connection.is_tracked(interface, side) {
            self.push(Step::SecurityGroup {
                interface,
                side,
                by: Admission::Reply,
            });
            return;
        }
        let (other_groups, lost) = match side {
            Side::Ingress => self.sender_groups(),
            Side::Egress => (self.receiver_groups(interface), None),
        };
        let address = match side {
            Side::Ingress => self.header.source.address,
            Side::Egress => self.header.destination.address,
        };
        let other = Other {
            address,
            groups: other_groups,
        };
        match filtering::allowance(topology, groups, side, self.header, other) {
            Some(allowance) => {
                let rule = allowance.rule;
                let tracking = filtering::tracking(topology, groups, side, self.header, rule);
                let by = Admission::Rule {
                    group: allowance.group,
                    index: rule.index,
                    tracking,
                };
                self.push(Step::SecurityGroup {
                    interface,
                    side,
                    by,
                });
            }
            None => {
                let named = lost.is_some() && self.refers_to_sender(interface, side);
                self.refuse(Cause::SecurityGroup {
                    interface,
                    side,
                    nameable: other_groups
                        .first()
                        .copied()
                        .filter(|&group| self.may_name(interface, group)),
                    lost,
                    named,
                });
            }
        }
        self.connection.track(interface, side);
    }

    /// From here on, no reference to the sender's groups matches.
    pub(super) fn lose_sender(&mut self, by: Resource) {
        match self.sender {
            Sender::In(_) | Sender::LoadBalancer(_) => self.sender = Sender::Unknown(Some(by)),
            Sender::Unknown(_) => {}
        }
    }

    /// The groups that a rule may mean for the packet's source, and what loses them.
    fn sender_groups(&self) -> (&'t [Id<SecurityGroup>], Option<Resource>) {
        let topology = self.topology;
        match self.sender {
            Sender::In(vpc) => {
                let own = topology.addresses.get(&(vpc, self.header.source.address));
                let groups = own.map(|&id| &topology.network_interfaces[id].security_groups[..]);
                (groups.unwrap_or_default(), None)
            }
            Sender::LoadBalancer(id) => {
                let balancer = &topology.load_balancers[id];
                let node = balancer.network_interfaces.first();
                let groups = node.map(|&id| &topology.network_interfaces[id].security_groups[..]);
                let lost = Some(Resource::LoadBalancer(id));
                (
                    groups.unwrap_or_default(),
                    lost.filter(|_| groups.is_none_or(<[_]>::is_empty)),
                )
            }
            Sender::Unknown(by) => (&[], by),
        }
    }

    /// Whether rules of an interface may name a group: of its own VPC, or of a peered one.
    fn may_name(&self, interface: Id<NetworkInterface>, group: Id<SecurityGroup>) -> bool {
        let topology = self.topology;
        let own = self.vpc_of(interface);
        let theirs = topology.security_groups[group].vpc;
        let mut peerings = topology.vpc_peering_connections.iter();
        own == theirs
            || self.region_of(own) == self.region_of(theirs)
                && peerings.any(|(_, peering)| peering.other(own) == Some(theirs))
    }

    /// The groups that a rule of `interface` may mean for the packet's destination: of an interface in
    /// its VPC, or in a peered one of its Region.
    fn receiver_groups(&self, interface: Id<NetworkInterface>) -> &'t [Id<SecurityGroup>] {
        let topology = self.topology;
        let own = self.vpc_of(interface);
        let address = self.header.destination.address;
        let in_vpc = |vpc| topology.addresses.get(&(vpc, address));
        let peers = topology.vpc_peering_connections.iter();
        let found = in_vpc(own).or_else(|| {
            let mut active = peers.filter(|(_, peering)| peering.accepted);
            active.find_map(|(_, peering)| {
                let other = peering.other(own)?;
                let near = self.region_of(other) == self.region_of(own);
                in_vpc(other).filter(|_| near)
            })
        });
        found.map_or(&[], |&id| {
            &topology.network_interfaces[id].security_groups[..]
        })
    }

    /// Whether a rule would let the packet through if it only carried the groups of whoever sent it
    /// first.
    fn refers_to_sender(&self, interface: Id<NetworkInterface>, side: Side) -> bool {
        let topology = self.topology;
        let Some(origin) = self.origin else {
            return false;
        };
        let other = Other {
            address: self.header.source.address,
            groups: &topology.network_interfaces[origin].security_groups,
        };
        let groups = &topology.network_interfaces[interface].security_groups;
        filtering::allowance(topology, groups, side, self.header, other).is_some()
    }

    /// Asks the network ACL of a subnet whose boundary the packet crosses.
    pub(super) fn ask_network_acl(&mut self, subnet: Id<Subnet>, side: Side) {
        let topology = self.topology;
        let acl = topology.subnets[subnet].network_acl;
        let own = &topology.network_acls[acl];
        let rule_number = match filtering::network_acl(own, side, self.header, &self.further_ports)
        {
            AclVerdict::Passes { rule_number } => rule_number,
            AclVerdict::Part { rule_number, ports } => {
                if self.header.destination.ports != ports[0] {
                    self.note(Note::PartOfThePorts {
                        acl,
                        rule_number,
                        ports: ports[0],
                    });
                }
                self.header.destination.ports = ports[0];
                self.further_ports = ports[1..].to_vec();
                rule_number
            }
            AclVerdict::Denied { rule_number } => {
                self.refuse(Cause::NetworkAcl {
                    acl,
                    subnet,
                    side,
                    rule_number,
                });
                return;
            }
        };
        self.push(Step::NetworkAcl {
            subnet,
            acl,
            side,
            rule_number,
        });
    }

    /// Undoes a translation for a reply.
    pub(super) fn undo(&mut self, by: Resource, binding: Binding) -> At {
        self.further_ports.clear();
        self.translate(by, binding.becomes);
        At::Leaving(binding.leaves)
    }

    /// The route that a table has for the packet's destination.
    pub(super) fn look_up(&mut self, table: Id<RouteTable>) -> Option<crate::topology::Route> {
        let found = self.topology.route_tables[table].lookup(self.header.destination.address);
        let route = *found?;
        self.push(Step::Route { table, route });
        Some(route)
    }

    /// Remembers an appliance that has seen the packet.
    pub(super) fn inspected_by(&mut self, inspector: Inspector) {
        self.connection.inspected.push(inspector);
    }

    pub(super) fn is_icmp(&self) -> bool {
        matches!(self.header.protocol, Protocol::Icmp | Protocol::Icmpv6)
    }
}
