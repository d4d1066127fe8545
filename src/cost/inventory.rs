//! What a topology holds that is charged by the hour, and in which Region.

use indexmap::IndexMap;

use crate::path::Resource;
use crate::profile::Prices;
use crate::scenario::{Architecture, LoadBalancerType, Scenario};
use crate::topology::{
    EndpointKind, Function, Id, NetworkInterface, Region, Topology, TransitGatewayAttachment, Vpc,
    VpnConnection, VpnEnd,
};
use crate::units::{Memory, Usd};

/// A resource that is charged by the hour.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Holding {
    pub(super) region: String,
    /// As `kind.name`.
    pub(super) name: String,
    pub(super) kind: HoldingKind,
}

/// What kind of resource it is, and how many times the price it takes.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum HoldingKind {
    NatGateway,
    InterfaceEndpoint {
        zones: u64,
    },
    GatewayLoadBalancerEndpoint,
    GatewayEndpoint,
    TransitGatewayAttachment,
    VpcPeeringConnection,
    VpnConnection,
    LoadBalancer {
        kind: LoadBalancerType,
        zones: u64,
    },
    PublicIpv4Addresses {
        count: u64,
    },
    Instance {
        instance_type: String,
        usd_per_hour: Option<Usd>,
    },
    /// Environments of a function.
    ProvisionedConcurrency {
        count: u32,
        memory: Memory,
        architecture: Architecture,
    },
}

/// Everything that is charged by the hour, kind by kind in the order of the scenario.
pub(super) fn holdings(scenario: &Scenario, topology: &Topology) -> Vec<Holding> {
    let places = Places(topology);
    let mut all = Vec::new();
    let mut hold = |region: &str, name: String, kind| {
        all.push(Holding {
            region: region.to_owned(),
            name,
            kind,
        });
    };
    for (id, nat) in topology.nat_gateways.iter() {
        let name = places.name(Resource::NatGateway(id));
        let region = places.of_interface(nat.network_interface);
        hold(region, name, HoldingKind::NatGateway);
    }
    for (id, endpoint) in topology.vpc_endpoints.iter() {
        let kind = match &endpoint.kind {
            EndpointKind::Gateway => HoldingKind::GatewayEndpoint,
            EndpointKind::Interface {
                network_interfaces, ..
            } => HoldingKind::InterfaceEndpoint {
                zones: network_interfaces.len() as u64,
            },
            EndpointKind::GatewayLoadBalancer { .. } => HoldingKind::GatewayLoadBalancerEndpoint,
        };
        let name = places.name(Resource::VpcEndpoint(id));
        hold(places.of_vpc(endpoint.vpc), name, kind);
    }
    for (id, balancer) in topology.load_balancers.iter() {
        let kind = HoldingKind::LoadBalancer {
            kind: balancer.kind,
            zones: balancer.network_interfaces.len() as u64,
        };
        let name = places.name(Resource::LoadBalancer(id));
        hold(places.of_vpc(balancer.vpc), name, kind);
    }
    for (id, _) in topology.transit_gateway_attachments.iter() {
        let name = places.name(Resource::TransitGatewayAttachment(id));
        let kind = HoldingKind::TransitGatewayAttachment;
        hold(places.of_attachment(id), name, kind);
    }
    for (id, peering) in topology.vpc_peering_connections.iter() {
        let name = places.name(Resource::VpcPeeringConnection(id));
        let region = places.of_vpc(peering.vpcs[0]);
        hold(region, name, HoldingKind::VpcPeeringConnection);
    }
    for (id, connection) in topology.vpn_connections.iter() {
        let name = places.name(Resource::VpnConnection(id));
        hold(places.of_vpn(connection), name, HoldingKind::VpnConnection);
    }
    for ((region, owner), count) in public_addresses(topology) {
        hold(region, owner, HoldingKind::PublicIpv4Addresses { count });
    }
    for (id, instance) in topology.instances.iter() {
        let name = topology.instances.name(id);
        let written = scenario.instance.get(name);
        let kind = HoldingKind::Instance {
            instance_type: written.map_or_else(String::new, |w| w.instance_type.clone()),
            usd_per_hour: instance.instance_type.usd_per_hour,
        };
        let primary = instance.network_interfaces.first();
        let region = primary.map_or_else(|| places.home(), |&id| places.of_interface(id));
        hold(region, format!("instance.{name}"), kind);
    }
    for (id, function) in topology.functions.iter() {
        let name = topology.functions.name(id);
        let written = scenario.function.get(name);
        let count = written.and_then(|written| written.provisioned_concurrency);
        if let Some(count) = count.filter(|&count| count > 0) {
            let kind = HoldingKind::ProvisionedConcurrency {
                count,
                memory: function.memory,
                architecture: function.architecture,
            };
            hold(places.of_function(id), format!("function.{name}"), kind);
        }
    }
    all
}

/// How many public addresses each resource has, with its Region.
fn public_addresses(topology: &Topology) -> IndexMap<(&str, String), u64> {
    let places = Places(topology);
    let mut counts = IndexMap::new();
    for (id, interface) in topology.network_interfaces.iter() {
        if !interface.public_ips.is_empty() {
            let owner = (places.of_interface(id), topology.owner_name(id));
            *counts.entry(owner).or_insert(0) += interface.public_ips.len() as u64;
        }
    }
    counts
}

/// Looks Regions and names up.
#[derive(Debug, Clone, Copy)]
pub(super) struct Places<'a>(pub(super) &'a Topology);

impl<'a> Places<'a> {
    /// The Region of the scenario; without any, that whose prices are the base.
    pub(super) fn home(self) -> &'a str {
        self.0.regions.names().next().unwrap_or(Prices::BASE)
    }

    pub(super) fn region(self, id: Id<Region>) -> &'a str {
        self.0.regions.name(id)
    }

    pub(super) fn of_vpc(self, id: Id<Vpc>) -> &'a str {
        self.region(self.0.vpcs[id].region)
    }

    pub(super) fn of_interface(self, id: Id<NetworkInterface>) -> &'a str {
        self.of_vpc(self.0.vpc_of(id))
    }

    pub(super) fn of_attachment(self, id: Id<TransitGatewayAttachment>) -> &'a str {
        let gateway = self.0.transit_gateway_attachments[id].transit_gateway;
        self.region(self.0.transit_gateways[gateway].region)
    }

    fn of_vpn(self, connection: &VpnConnection) -> &'a str {
        match connection.end {
            VpnEnd::VpnGateway(id) => self.of_vpc(self.0.vpn_gateways[id].vpc),
            VpnEnd::TransitGateway(id) => self.of_attachment(id),
        }
    }

    /// The Region of a function's interfaces; of one outside a VPC, that of the scenario.
    pub(super) fn of_function(self, id: Id<Function>) -> &'a str {
        let first = self.0.functions[id].network_interfaces.first();
        first.map_or_else(|| self.home(), |&id| self.of_interface(id))
    }

    /// A resource as `kind.name`.
    pub(super) fn name(self, resource: Resource) -> String {
        self.0.resource_name(resource)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::price_of_gigabyte;
    use crate::path::Meter;
    use crate::scenario::Document;

    const SCENARIO: &str = r#"
[region]
name = "us-east-1"
availability_zones = ["us-east-1a", "us-east-1b"]

[other_region.eu-west-1]
availability_zones = ["eu-west-1a"]

[vpc.main]
cidr_block = "10.0.0.0/16"

[vpc.far]
cidr_block = "10.1.0.0/16"
region = "eu-west-1"

[subnet.a]
vpc = "main"
availability_zone = "us-east-1a"
cidr_block = "10.0.0.0/24"

[subnet.b]
vpc = "main"
availability_zone = "us-east-1b"
cidr_block = "10.0.1.0/24"

[subnet.far]
vpc = "far"
availability_zone = "eu-west-1a"
cidr_block = "10.1.0.0/24"

[internet_gateway.main]
vpc = "main"

[nat_gateway.a]
subnet = "a"

[nat_gateway.far]
subnet = "far"
connectivity_type = "private"

[vpc_endpoint.s3]
vpc = "main"
service = "s3"
vpc_endpoint_type = "gateway"

[vpc_endpoint.secrets]
vpc = "main"
service = "secretsmanager"
vpc_endpoint_type = "interface"
subnets = ["a", "b"]

[transit_gateway.hub]

[transit_gateway_vpc_attachment.main]
transit_gateway = "hub"
vpc = "main"
subnets = ["a"]

[vpc_peering_connection.far]
vpc = "main"
peer_vpc = "far"

[vpn_gateway.main]
vpc = "main"

[customer_gateway.office]
cidr_blocks = ["192.168.0.0/16"]

[vpn_connection.office]
customer_gateway = "office"
vpn_gateway = "main"

[instance.app]
instance_type = "m5.xlarge"
subnet = "a"
associate_public_ip_address = true
"#;

    fn topology() -> (Scenario, Topology) {
        let document = Document::parse("test.toml".to_owned(), SCENARIO.to_owned()).unwrap();
        let (scenario, problems) = Scenario::read(&document);
        assert!(problems.is_empty(), "{problems:?}");
        let (topology, problems) = Topology::resolve(&scenario);
        let errors = problems.iter().filter(|problem| problem.is_error());
        assert_eq!(errors.count(), 0, "{problems:?}");
        (scenario, topology)
    }

    #[test]
    fn everything_that_costs_by_the_hour_is_found_in_its_region() {
        let (scenario, topology) = topology();
        let found: Vec<String> = holdings(&scenario, &topology)
            .iter()
            .map(|holding| format!("{} {} {:?}", holding.region, holding.name, holding.kind))
            .collect();
        let expected = [
            "us-east-1 nat_gateway.a NatGateway",
            "eu-west-1 nat_gateway.far NatGateway",
            "us-east-1 vpc_endpoint.s3 GatewayEndpoint",
            "us-east-1 vpc_endpoint.secrets InterfaceEndpoint { zones: 2 }",
            "us-east-1 transit_gateway_vpc_attachment.main TransitGatewayAttachment",
            "us-east-1 vpc_peering_connection.far VpcPeeringConnection",
            "us-east-1 vpn_connection.office VpnConnection",
            "us-east-1 instance.app PublicIpv4Addresses { count: 1 }",
            "us-east-1 nat_gateway.a PublicIpv4Addresses { count: 1 }",
        ];
        for line in expected {
            assert!(
                found.iter().any(|known| known == line),
                "{line} in {found:#?}"
            );
        }
        assert!(
            found.last().unwrap().contains("instance.app Instance"),
            "{found:#?}"
        );
        assert_eq!(found.len(), expected.len() + 1, "{found:#?}");
    }

    #[test]
    fn a_gigabyte_costs_what_the_meters_of_its_way_charge() {
        let (_, topology) = topology();
        let nat = topology.nat_gateways.find("a").unwrap();
        let home = topology.regions.find("us-east-1").unwrap();
        let zone = |name| topology.substrate.fabrics.find(name).unwrap();
        let zones = (zone("us-east-1a"), zone("us-east-1b"));
        let meters = [
            Meter::CrossZone(zones.1, zones.0),
            Meter::NatGateway(nat),
            Meter::InternetEgress(home),
        ];
        assert_eq!(
            price_of_gigabyte(&topology, &meters).to_string(),
            "$0.155: between zones us-east-1b → us-east-1a, out and in $0.02, nat_gateway.a \
             processing $0.045, out of us-east-1 to the internet $0.09"
        );
        assert_eq!(price_of_gigabyte(&topology, &[]).to_string(), "nothing");
        let far = topology.nat_gateways.find("far").unwrap();
        let price = price_of_gigabyte(&topology, &[Meter::NatGateway(far)]);
        assert_eq!(
            price.to_string(),
            "$0.048: nat_gateway.far processing $0.048"
        );
    }
}
