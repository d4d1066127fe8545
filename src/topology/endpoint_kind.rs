//! The three kinds of VPC endpoints: gateway endpoints (a route), interface endpoints (network
//! interfaces), and Gateway Load Balancer endpoints (both).

use super::load_balancer::kind_name;
use super::network_interface::FleetInterface;
use super::{
    EndpointTarget, Id, InterfaceOwner, NetworkInterface, Resolver, SecurityGroup, Service, Subnet,
    Topology, Vpc, security_group, subnet,
};
use crate::scenario::{self, EndpointType, KeyPath, LoadBalancerType, Problem};

/// How an endpoint leads to its service.
#[derive(Debug, Clone)]
pub enum EndpointKind {
    /// By routes in route tables.
    Gateway,
    /// By network interfaces.
    Interface {
        /// One per zone; each is a fleet of Hyperplane nodes.
        network_interfaces: Vec<Id<NetworkInterface>>,
        /// Whether the service's name resolves to them inside the VPC.
        private_dns_enabled: bool,
    },
    /// By routes to a network interface, and on after the appliance has seen the packet.
    GatewayLoadBalancer {
        /// Its one interface.
        network_interface: Id<NetworkInterface>,
    },
}

/// An endpoint on its way.
pub(super) struct Endpoint<'a> {
    pub(super) name: &'a str,
    pub(super) written: &'a scenario::VpcEndpoint,
    pub(super) path: KeyPath,
    pub(super) vpc: Id<Vpc>,
    pub(super) service: EndpointTarget,
}

impl Endpoint<'_> {
    pub(super) fn resolve(
        &self,
        resolver: &mut Resolver<'_>,
        topology: &mut Topology,
    ) -> Option<EndpointKind> {
        self.check_keys(resolver);
        match (self.written.vpc_endpoint_type, self.service) {
            (EndpointType::Gateway, EndpointTarget::Service(service)) => {
                self.gateway(resolver, topology, service)
            }
            (EndpointType::Interface, _) => self.interface(resolver, topology),
            (EndpointType::GatewayLoadBalancer, EndpointTarget::EndpointService(_)) => {
                self.gateway_load_balancer(resolver, topology)
            }
            (EndpointType::Gateway, EndpointTarget::EndpointService(_)) => {
                self.wrong_type(resolver, "an endpoint service has no gateway endpoints");
                None
            }
            (EndpointType::GatewayLoadBalancer, EndpointTarget::Service(_)) => {
                let message = format!("there are no appliances behind `{}`", self.written.service);
                self.wrong_type(resolver, &message);
                None
            }
        }
    }

    fn wrong_type(&self, resolver: &mut Resolver<'_>, message: &str) {
        let help = match self.service {
            EndpointTarget::Service(_) => {
                "only s3 and dynamodb have gateway endpoints; write \"interface\""
            }
            EndpointTarget::EndpointService(_) => {
                "write \"interface\" for a service behind a Network Load Balancer, \
                 \"gateway_load_balancer\" for one behind a Gateway Load Balancer"
            }
        };
        let path = self.path.key("vpc_endpoint_type");
        resolver.report(Problem::error(path, message).help(help));
    }

    /// Reports keys that another type of endpoint has.
    fn check_keys(&self, resolver: &mut Resolver<'_>) {
        let written = self.written;
        let route_tables = ("route_tables", !written.route_tables.is_empty());
        let subnets = ("subnets", !written.subnets.is_empty());
        let groups = ("security_groups", !written.security_groups.is_empty());
        let policy = ("policy", written.policy.is_some());
        let (kind, misplaced) = match written.vpc_endpoint_type {
            EndpointType::Gateway => ("a gateway endpoint", vec![subnets, groups]),
            EndpointType::Interface => ("an interface endpoint", vec![route_tables]),
            EndpointType::GatewayLoadBalancer => (
                "a Gateway Load Balancer endpoint",
                vec![route_tables, groups, policy],
            ),
        };
        for (key, _) in misplaced.into_iter().filter(|(_, given)| *given) {
            resolver.error(self.path.key(key), format!("{kind} has no `{key}`"));
        }
    }

    /// Its routes come with those of the tables.
    fn gateway(
        &self,
        resolver: &mut Resolver<'_>,
        topology: &Topology,
        service: Id<Service>,
    ) -> Option<EndpointKind> {
        if !topology.services[service].gateway_endpoint {
            let message = format!(
                "there is no gateway endpoint for `{}`",
                self.written.service
            );
            self.wrong_type(resolver, &message);
            return None;
        }
        if self.written.route_tables.is_empty() {
            resolver.lacking(
                Problem::warning(
                    self.path.clone(),
                    "the gateway endpoint has no route tables, so nothing uses it",
                )
                .help("add route_tables = [\"…\"]"),
            );
        }
        Some(EndpointKind::Gateway)
    }

    fn interface(
        &self,
        resolver: &mut Resolver<'_>,
        topology: &mut Topology,
    ) -> Option<EndpointKind> {
        let written = self.written;
        if written.subnets.is_empty() {
            resolver.lacking(
                Problem::error(self.path.clone(), "an interface endpoint needs a subnet")
                    .help("add subnets = [\"…\"]"),
            );
            return None;
        }
        self.check_balancer(resolver, topology, LoadBalancerType::Network)?;
        let private_dns_enabled = self.private_dns(resolver, topology);
        let groups_path = self.path.key("security_groups");
        let groups = &written.security_groups;
        let groups = security_group::groups(resolver, topology, self.vpc, groups, &groups_path);
        let subnets = self.subnets(resolver, topology, "an interface endpoint");
        let nodes = topology.profile.interface_endpoint.nodes.value;
        let network_interfaces = subnets
            .into_iter()
            .filter_map(|subnet| self.add(resolver, topology, (subnet, nodes), &groups))
            .collect();
        Some(EndpointKind::Interface {
            network_interfaces,
            private_dns_enabled,
        })
    }

    /// Whether the service's name resolves to the endpoint. An endpoint service may have no name.
    fn private_dns(&self, resolver: &mut Resolver<'_>, topology: &Topology) -> bool {
        if !self.written.private_dns_enabled {
            return false;
        }
        if let EndpointTarget::EndpointService(id) = self.service
            && topology.vpc_endpoint_services[id]
                .private_dns_name
                .is_none()
        {
            return false;
        }
        let vpc = &topology.vpcs[self.vpc];
        let lacking = [
            ("enable_dns_support", vpc.enable_dns_support),
            ("enable_dns_hostnames", vpc.enable_dns_hostnames),
        ];
        let lacking = lacking.iter().find(|(_, enabled)| !enabled);
        if let Some((attribute, _)) = lacking {
            let name = topology.vpcs.name(self.vpc);
            let message = format!(
                "private DNS needs enable_dns_support and enable_dns_hostnames of vpc `{name}`"
            );
            resolver.report(
                Problem::error(self.path.key("private_dns_enabled"), message).help(format!(
                    "set {attribute} = true in [vpc.{name}], or private_dns_enabled = false here"
                )),
            );
        }
        true
    }

    fn gateway_load_balancer(
        &self,
        resolver: &mut Resolver<'_>,
        topology: &mut Topology,
    ) -> Option<EndpointKind> {
        self.check_balancer(resolver, topology, LoadBalancerType::Gateway)?;
        let count = self.written.subnets.len();
        if count != 1 {
            let message =
                format!("a Gateway Load Balancer endpoint has exactly one subnet, not {count}");
            resolver.lacking(
                Problem::error(self.path.key("subnets"), message)
                    .help("make an endpoint for each zone, each the target of that zone's routes"),
            );
            return None;
        }
        let subnets = self.subnets(resolver, topology, "a Gateway Load Balancer endpoint");
        let subnet = *subnets.first()?;
        let nodes = topology.profile.gateway_load_balancer.nodes.value;
        let network_interface = self.add(resolver, topology, (subnet, nodes), &[])?;
        Some(EndpointKind::GatewayLoadBalancer { network_interface })
    }

    /// The load balancer behind an endpoint service goes with the type of the endpoint.
    fn check_balancer(
        &self,
        resolver: &mut Resolver<'_>,
        topology: &Topology,
        needed: LoadBalancerType,
    ) -> Option<()> {
        let EndpointTarget::EndpointService(id) = self.service else {
            return Some(());
        };
        let balancer = topology.vpc_endpoint_services[id].load_balancer;
        let kind = topology.load_balancers[balancer].kind;
        if kind != needed {
            let message = format!(
                "behind `{}` stands {}",
                self.written.service,
                kind_name(kind)
            );
            self.wrong_type(resolver, &message);
            return None;
        }
        Some(())
    }

    /// The subnets of its interfaces; those of an endpoint service are in zones where the load
    /// balancer is.
    fn subnets(
        &self,
        resolver: &mut Resolver<'_>,
        topology: &Topology,
        whose: &str,
    ) -> Vec<Id<Subnet>> {
        let path = self.path.key("subnets");
        let listed = &self.written.subnets;
        let subnets =
            subnet::one_per_zone(resolver, topology, Some(self.vpc), listed, &path, whose);
        let EndpointTarget::EndpointService(id) = self.service else {
            return subnets;
        };
        let balancer = topology.vpc_endpoint_services[id].load_balancer;
        let nodes = topology.load_balancers[balancer].network_interfaces.iter();
        let zones: Vec<_> = nodes.map(|&node| topology.zone_of(node)).collect();
        let zone_name = |zone| topology.substrate.fabrics.name(zone);
        let is_there = |subnet: &Id<Subnet>| zones.contains(&topology.subnets[*subnet].zone);
        for &subnet in subnets.iter().filter(|subnet| !is_there(subnet)) {
            let name = topology.subnets.name(subnet);
            let index = listed
                .iter()
                .position(|reference| reference.parts().1 == name);
            let message = format!(
                "`{}` is not offered in {}: load balancer `{}` has no node there",
                self.written.service,
                zone_name(topology.subnets[subnet].zone),
                topology.load_balancers.name(balancer)
            );
            let offered: Vec<&str> = zones.iter().map(|&zone| zone_name(zone)).collect();
            let at = index.map_or(path.clone(), |index| path.index(index));
            let help = format!("it is offered in {}", offered.join(", "));
            resolver.report(Problem::error(at, message).help(help));
        }
        subnets.into_iter().filter(is_there).collect()
    }

    /// An interface of the endpoint.
    fn add(
        &self,
        resolver: &mut Resolver<'_>,
        topology: &mut Topology,
        (subnet, nodes): (Id<Subnet>, u32),
        groups: &[Id<SecurityGroup>],
    ) -> Option<Id<NetworkInterface>> {
        let fleet = format!("vpc_endpoint.{}", self.name);
        let zone = topology
            .substrate
            .fabrics
            .name(topology.subnets[subnet].zone);
        let interface = FleetInterface {
            name: format!("{fleet} ({zone})"),
            fleet: &fleet,
            subnet,
            private_ip: None,
            security_groups: groups.to_vec(),
            source_dest_check: self.written.vpc_endpoint_type == EndpointType::Interface,
            owner: InterfaceOwner::VpcEndpoint(topology.vpc_endpoints.next_id()),
            nodes,
            cell: Some("interface_endpoint"),
        };
        topology.add_fleet_interface(resolver, interface, &self.path.key("subnets"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{right, wrong};
    use super::*;

    const SERVICE: &str = r#"
        [vpc.provider]
        cidr_block = "10.9.0.0/16"
        [subnet.provider-a]
        vpc = "provider"
        availability_zone = "us-east-1a"
        cidr_block = "10.9.0.0/24"
        [target_group.api]
        vpc = "provider"
        port = 443
        [load_balancer.api]
        load_balancer_type = "network"
        subnets = ["provider-a"]
        internal = true
        listeners = [{ port = 443, protocol = "TCP", target_group = "api" }]
        [vpc_endpoint_service.api]
        load_balancer = "api"
        acceptance_required = true
        private_dns_name = "api.example.com"
    "#;

    fn endpoint(name: &str, service: &str, kind: &str, keys: &str) -> String {
        format!(
            "[vpc_endpoint.{name}]\nvpc = \"main\"\nservice = \"{service}\"\nvpc_endpoint_type = \"{kind}\"\n{keys}\n"
        )
    }

    fn own(kind: &str, keys: &str) -> String {
        SERVICE.to_owned() + &endpoint("x", "vpc_endpoint_service.api", kind, keys)
    }

    const BOTH: &str = "subnets = [\"a\", \"b\"]";

    #[test]
    fn an_interface_endpoint_has_an_interface_in_each_zone() {
        let topology = right(&endpoint("x", "sqs", "interface", BOTH));
        let id = topology.vpc_endpoints.find("x").unwrap();
        let EndpointKind::Interface {
            network_interfaces,
            private_dns_enabled,
        } = &topology.vpc_endpoints[id].kind
        else {
            panic!("{:?}", topology.vpc_endpoints[id]);
        };
        assert!(*private_dns_enabled);
        let names: Vec<&str> = network_interfaces
            .iter()
            .map(|&interface| topology.network_interfaces.name(interface))
            .collect();
        assert_eq!(
            names,
            ["vpc_endpoint.x (us-east-1a)", "vpc_endpoint.x (us-east-1b)"]
        );
        let interface = &topology.network_interfaces[network_interfaces[0]];
        assert_eq!(interface.owner, InterfaceOwner::VpcEndpoint(id));
        assert_eq!(interface.security_groups.len(), 1);
    }

    #[test]
    fn only_some_services_have_gateway_endpoints() {
        assert_eq!(
            wrong(&endpoint("x", "sqs", "gateway", "")),
            "vpc_endpoint.x.vpc_endpoint_type: there is no gateway endpoint for `sqs` (only s3 and \
             dynamodb have gateway endpoints; write \"interface\")\n"
        );
        assert_eq!(
            wrong(&endpoint("x", "s3", "gateway", BOTH)),
            "vpc_endpoint.x.subnets: a gateway endpoint has no `subnets`\n\
             warning: vpc_endpoint.x: the gateway endpoint has no route tables, so nothing uses it (add \
             route_tables = [\"…\"])\n"
        );
        assert_eq!(
            wrong(&own("gateway", "")),
            "vpc_endpoint.x.vpc_endpoint_type: an endpoint service has no gateway endpoints (write \
             \"interface\" for a service behind a Network Load Balancer, \"gateway_load_balancer\" for \
             one behind a Gateway Load Balancer)\n"
        );
    }

    #[test]
    fn private_dns_needs_both_attributes_of_the_vpc() {
        let quiet = "[vpc.quiet]\ncidr_block = \"10.8.0.0/16\"\nenable_dns_hostnames = false\n\
                     [subnet.quiet]\nvpc = \"quiet\"\navailability_zone = \"us-east-1a\"\ncidr_block = \"10.8.0.0/24\"\n";
        let text = quiet.to_owned()
            + &endpoint("x", "sqs", "interface", "subnets = [\"quiet\"]")
                .replace("\"main\"", "\"quiet\"");
        assert_eq!(
            wrong(&text),
            "vpc_endpoint.x.private_dns_enabled: private DNS needs enable_dns_support and \
             enable_dns_hostnames of vpc `quiet` (set enable_dns_hostnames = true in [vpc.quiet], or \
             private_dns_enabled = false here)\n"
        );
        right(&format!("{text}private_dns_enabled = false"));
    }

    #[test]
    fn an_endpoint_service_is_offered_where_its_load_balancer_has_nodes() {
        right(&own("interface", "subnets = [\"a\"]"));
        assert_eq!(
            wrong(&own("interface", BOTH)),
            "vpc_endpoint.x.subnets[1]: `vpc_endpoint_service.api` is not offered in us-east-1b: load \
             balancer `api` has no node there (it is offered in us-east-1a)\n"
        );
        assert_eq!(
            wrong(&own("gateway_load_balancer", "subnets = [\"a\"]")),
            "vpc_endpoint.x.vpc_endpoint_type: behind `vpc_endpoint_service.api` stands a Network Load \
             Balancer (write \"interface\" for a service behind a Network Load Balancer, \
             \"gateway_load_balancer\" for one behind a Gateway Load Balancer)\n"
        );
    }

    #[test]
    fn a_gateway_load_balancer_endpoint_has_exactly_one_subnet() {
        let text = |keys| {
            own("gateway_load_balancer", keys)
                .replace(
                    "load_balancer_type = \"network\"",
                    "load_balancer_type = \"gateway\"",
                )
                .replace("port = 443, protocol = \"TCP\", ", "")
                .replace("port = 443\n", "")
                .replace("private_dns_name = \"api.example.com\"", "")
        };
        let topology = right(&text("subnets = [\"a\"]"));
        let id = topology.vpc_endpoints.find("x").unwrap();
        let kind = &topology.vpc_endpoints[id].kind;
        assert!(
            matches!(kind, EndpointKind::GatewayLoadBalancer { .. }),
            "{kind:?}"
        );
        assert_eq!(
            wrong(&text(BOTH)),
            "vpc_endpoint.x.subnets: a Gateway Load Balancer endpoint has exactly one subnet, not 2 \
             (make an endpoint for each zone, each the target of that zone's routes)\n"
        );
        assert_eq!(
            wrong(&text(
                "subnets = [\"a\"]\npolicy = [{ effect = \"allow\" }]"
            )),
            "vpc_endpoint.x.policy: a Gateway Load Balancer endpoint has no `policy`\n"
        );
    }
}
