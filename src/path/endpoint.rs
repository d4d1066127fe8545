//! VPC endpoints: gateway endpoints, interface endpoints, and Gateway Load Balancer endpoints.

use super::connection::Inspector;
use super::gateway::MTU_INTERNET;
use super::hop::{Hop, Resource, Side, Step};
use super::refusal::Cause;
use super::walk::{At, Walk};
use super::{Header, Meter, Note, Server, Socket};
use crate::scenario::Protocol;
use crate::topology::{
    EndpointKind, EndpointTarget, Fabric, Id, LoadBalancer, NetworkInterface, Subnet, TargetAt,
    VpcEndpoint, VpcEndpointService,
};

/// Largest IP packet through an interface endpoint. ("AWS `PrivateLink` quotas", 2024.)
const MTU_INTERFACE_ENDPOINT: u64 = 8500;

impl Walk<'_> {
    /// Through a gateway endpoint to its service: from addresses of its own VPC only.
    pub(super) fn through_gateway_endpoint(&mut self, id: Id<VpcEndpoint>, zone: Id<Fabric>) -> At {
        let topology = self.topology;
        let endpoint = &topology.vpc_endpoints[id];
        let resource = Resource::VpcEndpoint(id);
        self.pass_edge(zone, Hop::GatewayEndpoint);
        self.push(Step::Through(resource));
        self.leg.meters.push(Meter::GatewayEndpoint(id));
        self.limit_mtu(MTU_INTERNET);
        let source = self.header.source.address;
        if !topology.vpcs[endpoint.vpc].contains(source) {
            return self.lose(Cause::EndpointForeignSource(id));
        }
        if self.header.protocol != Protocol::Tcp && !self.is_icmp() {
            self.refuse(Cause::Protocol(resource));
        }
        self.ask_policy(id);
        match endpoint.service {
            EndpointTarget::Service(service) => {
                let front_end = topology.services[service].hosts[zone.index()];
                self.arrive_at_host(front_end);
                self.push(Step::Through(Resource::Service(service)));
                At::Arrived(Server::GatewayEndpoint(service, zone, id))
            }
            EndpointTarget::EndpointService(_) => self.lose(Cause::NoServer(resource)),
        }
    }

    /// In an interface endpoint: to the front end of the AWS service in its zone, or to the load
    /// balancer of another VPC.
    pub(super) fn at_interface_endpoint(
        &mut self,
        id: Id<VpcEndpoint>,
        interface: Id<NetworkInterface>,
    ) -> At {
        let topology = self.topology;
        let endpoint = &topology.vpc_endpoints[id];
        let resource = Resource::VpcEndpoint(id);
        self.limit_mtu(MTU_INTERFACE_ENDPOINT);
        match endpoint.kind {
            EndpointKind::Interface { .. } => {}
            EndpointKind::Gateway | EndpointKind::GatewayLoadBalancer { .. } => {
                return self.lose(Cause::NoServer(resource));
            }
        }
        self.push(Step::Through(resource));
        self.leg.meters.push(Meter::InterfaceEndpoint(id));
        if self.is_reply() {
            return self.lose(Cause::NoServer(resource));
        }
        if !endpoint.accepted {
            self.refuse(Cause::EndpointPending(id));
        }
        self.ask_policy(id);
        match endpoint.service {
            EndpointTarget::Service(service) => {
                let zone = topology.zone_of(interface);
                let front_end = topology.services[service].hosts[zone.index()];
                self.arrive_at_host(front_end);
                self.push(Step::Through(Resource::Service(service)));
                At::Arrived(Server::InterfaceEndpoint(service, zone, interface))
            }
            EndpointTarget::EndpointService(service) => self.to_provider(id, service, interface),
        }
    }

    /// To the provider's load balancer, which sees its own node's address as the client.
    fn to_provider(
        &mut self,
        id: Id<VpcEndpoint>,
        service: Id<VpcEndpointService>,
        interface: Id<NetworkInterface>,
    ) -> At {
        let topology = self.topology;
        let balancer = topology.vpc_endpoint_services[service].load_balancer;
        let nodes = &topology.load_balancers[balancer].network_interfaces;
        let zone = topology.zone_of(interface);
        let Some(&node) = nodes.iter().find(|&&node| topology.zone_of(node) == zone) else {
            return self.lose(Cause::EndpointZone(id, service));
        };
        let before = self.header;
        let own = topology.network_interfaces[node].private_ip();
        let after = Header {
            source: Socket::ephemeral(own.into()),
            destination: Socket {
                address: own.into(),
                ..before.destination
            },
            ..before
        };
        self.receive_at(node);
        self.translate(Resource::VpcEndpoint(id), after);
        self.push(Step::Enters(node));
        self.forward_from_provider(balancer, node, interface, before)
    }

    /// To the appliances behind a Gateway Load Balancer and back; the packet stays what it is.
    pub(super) fn to_gateway_load_balancer_endpoint(
        &mut self,
        id: Id<VpcEndpoint>,
        from: Option<Id<Subnet>>,
    ) -> At {
        let topology = self.topology;
        let endpoint = &topology.vpc_endpoints[id];
        let resource = Resource::VpcEndpoint(id);
        let EndpointKind::GatewayLoadBalancer { network_interface } = endpoint.kind else {
            return self.lose(Cause::NoServer(resource));
        };
        let subnet = topology.network_interfaces[network_interface].subnet;
        if from != Some(subnet) {
            self.ask_network_acl(subnet, Side::Ingress);
        }
        self.receive_at(network_interface);
        self.push(Step::Enters(network_interface));
        self.push(Step::Through(resource));
        self.leg.meters.push(Meter::GatewayLoadBalancerEndpoint(id));
        self.limit_mtu(MTU_INTERFACE_ENDPOINT);
        if !endpoint.accepted {
            self.refuse(Cause::EndpointPending(id));
        }
        let EndpointTarget::EndpointService(service) = endpoint.service else {
            return self.lose(Cause::NoServer(resource));
        };
        let balancer = topology.vpc_endpoint_services[service].load_balancer;
        if !self.through_appliance(balancer, network_interface) {
            return At::Lost;
        }
        self.inspected_by(Inspector::Endpoint(id));
        self.lose_sender(resource);
        self.note(Note::ApplianceDecides(balancer));
        // Back out of the endpoint, by the route table of its subnet.
        self.receive_at(network_interface);
        At::Leaving(network_interface)
    }

    /// Through a healthy appliance; `false` if there is none.
    fn through_appliance(
        &mut self,
        balancer: Id<LoadBalancer>,
        endpoint: Id<NetworkInterface>,
    ) -> bool {
        let topology = self.topology;
        let own = &topology.load_balancers[balancer];
        let zone = topology.zone_of(endpoint);
        let nodes = &own.network_interfaces;
        let Some(&node) = nodes.iter().find(|&&node| topology.zone_of(node) == zone) else {
            self.refuse(Cause::NoServer(Resource::LoadBalancer(balancer)));
            return false;
        };
        let Some(listener) = own.listeners.first().copied() else {
            self.refuse(Cause::NoListener(balancer));
            return false;
        };
        self.push(Step::Through(Resource::LoadBalancer(balancer)));
        self.leg.meters.push(Meter::LoadBalancer(balancer));
        self.receive_at(node);
        let Some(target) = self.choose_target(balancer, node, listener) else {
            return false;
        };
        match target {
            TargetAt::Interface(appliance, _) => {
                self.receive_at(appliance);
                self.push(Step::Through(Resource::NetworkInterface(appliance)));
                self.send_from(appliance);
                self.receive_at(node);
                true
            }
            TargetAt::Address(_) | TargetAt::LoadBalancer(_) | TargetAt::Function(_) => {
                self.refuse(Cause::NoServer(Resource::LoadBalancer(balancer)));
                false
            }
        }
    }

    fn ask_policy(&mut self, id: Id<VpcEndpoint>) {
        let policy = &self.topology.vpc_endpoints[id].policy;
        if !policy.allows(self.action, self.resource) {
            self.refuse(Cause::EndpointPolicy(id));
        }
    }

    /// A reply of a service comes back into the VPC of the gateway endpoint that it was asked through.
    pub(super) fn from_gateway_endpoint(&mut self, id: Id<VpcEndpoint>, zone: Id<Fabric>) -> At {
        self.pass_edge(zone, Hop::GatewayEndpoint);
        self.push(Step::Through(Resource::VpcEndpoint(id)));
        self.leg.meters.push(Meter::GatewayEndpoint(id));
        self.lose_sender(Resource::VpcEndpoint(id));
        At::Local(self.topology.vpc_endpoints[id].vpc, None)
    }
}
