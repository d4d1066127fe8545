//! Load balancers: listeners, choice of a target, and whose address the target sees.

use super::hop::{Resource, Side, Step};
use super::refusal::Cause;
use super::walk::{Arrival, At, Sender, Walk};
use super::{Header, Meter, Note, Server, Socket};
use crate::scenario::{ListenerProtocol, LoadBalancerType, Protocol, TargetType};
use crate::topology::{
    Id, InterfaceOwner, Listener, LoadBalancer, NetworkInterface, Target, TargetAt, TargetGroup,
};

impl Walk<'_> {
    /// At a node of a load balancer: a reply goes back to the client, a request on to a target.
    pub(super) fn at_load_balancer(
        &mut self,
        id: Id<LoadBalancer>,
        node: Id<NetworkInterface>,
    ) -> At {
        self.push(Step::Through(Resource::LoadBalancer(id)));
        self.leg.meters.push(Meter::LoadBalancer(id));
        if let Some(binding) = self.connection.binding(node, self.header) {
            let next = self.undo(Resource::LoadBalancer(id), binding);
            let owner = self.topology.network_interfaces[binding.leaves].owner;
            if let InterfaceOwner::VpcEndpoint(endpoint) = owner {
                self.push(Step::Through(Resource::VpcEndpoint(endpoint)));
                self.leg.meters.push(Meter::InterfaceEndpoint(endpoint));
            }
            return next;
        }
        if self.is_reply() {
            return self.lose(Cause::NoServer(Resource::LoadBalancer(id)));
        }
        let Some(listener) = self.listener(id) else {
            return self.lose(Cause::NoListener(id));
        };
        self.to_target(id, node, listener, None)
    }

    /// From another VPC's endpoint, on to a target; `client` is the packet as it came to the endpoint.
    pub(super) fn forward_from_provider(
        &mut self,
        id: Id<LoadBalancer>,
        node: Id<NetworkInterface>,
        endpoint: Id<NetworkInterface>,
        client: Header,
    ) -> At {
        self.push(Step::Through(Resource::LoadBalancer(id)));
        self.leg.meters.push(Meter::LoadBalancer(id));
        let Some(listener) = self.listener(id) else {
            return self.lose(Cause::NoListener(id));
        };
        self.to_target(id, node, listener, Some((endpoint, client)))
    }

    /// The listener that takes the packet.
    fn listener(&self, id: Id<LoadBalancer>) -> Option<Listener> {
        let takes = |listener: &&Listener| {
            let protocol = match listener.protocol {
                ListenerProtocol::Http
                | ListenerProtocol::Https
                | ListenerProtocol::Tcp
                | ListenerProtocol::Tls => self.header.protocol == Protocol::Tcp,
                ListenerProtocol::Udp => self.header.protocol == Protocol::Udp,
                ListenerProtocol::TcpUdp => {
                    matches!(self.header.protocol, Protocol::Tcp | Protocol::Udp)
                }
                ListenerProtocol::Geneve => false,
            };
            protocol && listener.port == self.header.destination.ports.from
        };
        let listeners = &self.topology.load_balancers[id].listeners;
        listeners.iter().find(takes).copied()
    }

    /// On to one of the listener's targets.
    fn to_target(
        &mut self,
        id: Id<LoadBalancer>,
        node: Id<NetworkInterface>,
        listener: Listener,
        provider: Option<(Id<NetworkInterface>, Header)>,
    ) -> At {
        let topology = self.topology;
        let group = &topology.target_groups[listener.target_group];
        let Some(target) = self.choose_target(id, node, listener) else {
            return At::Lost;
        };
        let address = match target {
            TargetAt::Interface(_, address) | TargetAt::Address(address) => address,
            TargetAt::LoadBalancer(inner) => match self.inner_node(inner, node) {
                Some(inner) => topology.network_interfaces[inner].private_ip().into(),
                None => return self.lose(Cause::NoServer(Resource::LoadBalancer(inner))),
            },
            TargetAt::Function(function) => return At::Arrived(Server::Function(function)),
        };
        let before = self.header;
        let kind = topology.load_balancers[id].kind;
        let ends =
            kind == LoadBalancerType::Application || listener.protocol == ListenerProtocol::Tls;
        if ends {
            self.proxy.get_or_insert(node);
        }
        let preserved = provider.is_none() && preserves_client_ip(kind, group, listener);
        let own = topology.network_interfaces[node].private_ip();
        let after = Header {
            source: if preserved {
                before.source
            } else {
                Socket::ephemeral(own.into())
            },
            destination: Socket::new(address, group.port),
            ..before
        };
        if preserved && before.source.address == address {
            self.refuse(Cause::Hairpin(id, listener.target_group));
        }
        let (leaves, client) = provider.unwrap_or((node, before));
        self.connection.bind_across(node, leaves, client, after);
        self.translate(Resource::LoadBalancer(id), after);
        self.sender = Sender::LoadBalancer(id);
        if !preserved {
            return At::Leaving(node);
        }
        self.leave_with_client_address(node)
    }

    /// Out of a node under the client's address, which no route table of the node's is asked about.
    fn leave_with_client_address(&mut self, node: Id<NetworkInterface>) -> At {
        let topology = self.topology;
        let from = topology.network_interfaces[node].subnet;
        let vpc = topology.subnets[from].vpc;
        let key = (vpc, self.header.destination.address);
        let Some(&interface) = topology.addresses.get(&key) else {
            return At::Leaving(node);
        };
        self.connection.preserve(interface, node);
        self.push(Step::Leaves(node));
        self.ask_security_groups(node, Side::Egress);
        if topology.network_interfaces[interface].subnet != from {
            self.ask_network_acl(from, Side::Egress);
        }
        At::Entering(Arrival {
            interface,
            from: Some(from),
            routed: false,
        })
    }

    /// The node of an inner load balancer that an outer one's node sends to: in its own zone if there
    /// is one.
    fn inner_node(
        &self,
        inner: Id<LoadBalancer>,
        node: Id<NetworkInterface>,
    ) -> Option<Id<NetworkInterface>> {
        let topology = self.topology;
        let nodes = &topology.load_balancers[inner].network_interfaces;
        let zone = topology.zone_of(node);
        let near = nodes.iter().find(|&&inner| topology.zone_of(inner) == zone);
        near.or_else(|| nodes.first()).copied()
    }

    /// One of the healthy targets that the node sends to; if none is healthy, one of all, as load
    /// balancers do rather than drop everything. (Elastic Load Balancing guides, "Target group
    /// health", 2023.)
    pub(super) fn choose_target(
        &mut self,
        id: Id<LoadBalancer>,
        node: Id<NetworkInterface>,
        listener: Listener,
    ) -> Option<TargetAt> {
        let topology = self.topology;
        let balancer = &topology.load_balancers[id];
        let group = listener.target_group;
        let targets = &topology.target_groups[group].targets;
        if targets.is_empty() {
            self.refuse(Cause::NoTargets(id, group));
            return None;
        }
        let zone = topology.zone_of(node);
        let in_reach = |target: &Target| match target.at {
            TargetAt::Interface(interface, _) => {
                balancer.cross_zone || topology.zone_of(interface) == zone
            }
            TargetAt::Address(_) | TargetAt::LoadBalancer(_) | TargetAt::Function(_) => true,
        };
        let reachable = || targets.iter().filter(|target| in_reach(target));
        let works = |target: &Target| match target.at {
            TargetAt::Interface(interface, _) => !topology.has_failed(interface),
            TargetAt::Address(_) | TargetAt::LoadBalancer(_) | TargetAt::Function(_) => true,
        };
        let healthy = || reachable().filter(|target| target.healthy && works(target));
        let (count, fail_open) = match healthy().count() {
            0 => (reachable().count(), true),
            count => (count, false),
        };
        if count == 0 {
            self.refuse(Cause::NoTargetsInZone(id, group));
            return None;
        }
        let chosen = self.choice.decide(count);
        if fail_open {
            self.note(Note::FailsOpen(group));
            return reachable().nth(chosen).map(|target| target.at);
        }
        healthy().nth(chosen).map(|target| target.at)
    }
}

/// Whether targets see the client's address: never behind an Application Load Balancer; behind a
/// Network Load Balancer as the group says, by default always but for TCP and TLS to addresses. A
/// group of UDP always keeps it. (NLB guide, "Target groups: client IP preservation", 2023.)
pub(super) fn preserves_client_ip(
    kind: LoadBalancerType,
    group: &TargetGroup,
    listener: Listener,
) -> bool {
    if kind == LoadBalancerType::Application {
        return false;
    }
    let protocol = group.protocol.unwrap_or(listener.protocol);
    let stream = matches!(protocol, ListenerProtocol::Tcp | ListenerProtocol::Tls);
    if !stream {
        return true;
    }
    let by_default = match group.target_type {
        TargetType::Instance | TargetType::Alb => true,
        TargetType::Ip | TargetType::Lambda => false,
    };
    group.preserve_client_ip.unwrap_or(by_default)
}
