//! What written routes lead to.

use super::route::Table;
use super::vpc::{find_in, same_vpc};
use super::{
    EndpointKind, Id, Instance, Resolver, RouteTarget, Topology, VpcEndpoint, network_interface,
};
use crate::scenario::{self, KeyPath, Problem, Reference};

impl Table<'_> {
    /// What the route at `path` leads to, in the table's VPC.
    pub(super) fn target(
        &self,
        resolver: &mut Resolver<'_>,
        topology: &Topology,
        reference: &Reference,
        path: &KeyPath,
    ) -> Option<RouteTarget> {
        let vpc = self.vpc;
        match reference.parts() {
            (None, "local") => Some(RouteTarget::Local),
            (None, "blackhole") => Some(RouteTarget::Blackhole),
            (Some("internet_gateway"), _) => {
                find_in(resolver, topology, vpc, reference, path).map(RouteTarget::InternetGateway)
            }
            (Some("egress_only_internet_gateway"), _) => {
                find_in(resolver, topology, vpc, reference, path)
                    .map(RouteTarget::EgressOnlyInternetGateway)
            }
            (Some("nat_gateway"), _) => {
                find_in(resolver, topology, vpc, reference, path).map(RouteTarget::NatGateway)
            }
            (Some("vpn_gateway"), _) => {
                find_in(resolver, topology, vpc, reference, path).map(RouteTarget::VpnGateway)
            }
            (Some("instance"), _) => {
                let id: Id<Instance> = find_in(resolver, topology, vpc, reference, path)?;
                let primary = topology.instances[id].network_interfaces[0];
                Some(RouteTarget::NetworkInterface(primary))
            }
            (Some("network_interface"), _) => {
                let id = network_interface::find(resolver, topology, reference, path)?;
                same_vpc(
                    resolver,
                    topology,
                    vpc,
                    topology.vpc_of(id),
                    path,
                    reference,
                )
                .then_some(RouteTarget::NetworkInterface(id))
            }
            (Some("vpc_endpoint"), _) => self.endpoint(resolver, topology, reference, path),
            (Some("vpc_peering_connection"), _) => {
                self.peering(resolver, topology, reference, path)
            }
            (Some("transit_gateway"), _) => {
                self.transit_gateway(resolver, topology, reference, path)
            }
            (Some(_) | None, _) => {
                resolver.report(
                    Problem::error(
                        path.clone(),
                        format!("`{reference}` is not the target of a route"),
                    )
                    .help(
                        "write \"KIND.NAME\", where KIND is internet_gateway, \
                         egress_only_internet_gateway, nat_gateway, network_interface, instance, \
                         vpc_peering_connection, transit_gateway, vpn_gateway or vpc_endpoint, or \
                         \"local\" or \"blackhole\"; a gateway endpoint adds its own route",
                    ),
                );
                None
            }
        }
    }

    fn endpoint(
        &self,
        resolver: &mut Resolver<'_>,
        topology: &Topology,
        reference: &Reference,
        path: &KeyPath,
    ) -> Option<RouteTarget> {
        let id: Id<VpcEndpoint> = find_in(resolver, topology, self.vpc, reference, path)?;
        let help = match topology.vpc_endpoints[id].kind {
            EndpointKind::GatewayLoadBalancer { .. } => {
                return Some(RouteTarget::GatewayLoadBalancerEndpoint(id));
            }
            EndpointKind::Gateway => {
                "a gateway endpoint adds its own route to the tables in its `route_tables`"
            }
            EndpointKind::Interface { .. } => {
                "an interface endpoint is reached by its addresses, without a route"
            }
        };
        let message = format!("`{reference}` is not a Gateway Load Balancer endpoint");
        resolver.report(Problem::error(path.clone(), message).help(help));
        None
    }

    fn peering(
        &self,
        resolver: &mut Resolver<'_>,
        topology: &Topology,
        reference: &Reference,
        path: &KeyPath,
    ) -> Option<RouteTarget> {
        let connections = &topology.vpc_peering_connections;
        let id = resolver.find(connections, "vpc_peering_connection", reference, path)?;
        if connections[id].other(self.vpc).is_none() {
            let [a, b] = connections[id].vpcs.map(|vpc| topology.vpcs.name(vpc));
            let own = topology.vpcs.name(self.vpc);
            let message = format!("`{reference}` joins vpc `{a}` and vpc `{b}`, not vpc `{own}`");
            resolver
                .report(Problem::error(path.clone(), message).help("peering is not transitive"));
            return None;
        }
        Some(RouteTarget::VpcPeeringConnection(id))
    }

    fn transit_gateway(
        &self,
        resolver: &mut Resolver<'_>,
        topology: &Topology,
        reference: &Reference,
        path: &KeyPath,
    ) -> Option<RouteTarget> {
        let gateways = &topology.transit_gateways;
        let id = resolver.find(gateways, "transit_gateway", reference, path)?;
        if !self.context.attached.contains(&(id, self.vpc)) {
            // An attachment that is written, but wrong, is reported where it stands.
            let own = topology.vpcs.name(self.vpc);
            let name = gateways.name(id);
            let mut written = resolver.scenario.transit_gateway_vpc_attachment.values();
            let is_it = |it: &scenario::TransitGatewayVpcAttachment| {
                it.vpc.parts().1 == own && it.transit_gateway.parts().1 == name
            };
            if !written.any(is_it) {
                let message = format!("vpc `{own}` is not attached to transit gateway `{name}`");
                resolver.report(
                    Problem::error(path.clone(), message)
                        .help("add a [transit_gateway_vpc_attachment.NAME]"),
                );
            }
            return None;
        }
        Some(RouteTarget::TransitGateway(id))
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{right, wrong};

    const OTHER: &str = r#"
        [vpc.other]
        cidr_block = "10.9.0.0/16"
        [subnet.other]
        vpc = "other"
        availability_zone = "us-east-1a"
        cidr_block = "10.9.0.0/24"
        [vpc.third]
        cidr_block = "10.8.0.0/16"
        [transit_gateway.hub]
        [transit_gateway_vpc_attachment.other]
        transit_gateway = "hub"
        vpc = "other"
        subnets = ["other"]
        [vpc_peering_connection.far]
        vpc = "other"
        peer_vpc = "third"
        [vpc_peering_connection.near]
        vpc = "main"
        peer_vpc = "other"
        [internet_gateway.other]
        vpc = "other"
        [vpn_gateway.vgw]
        vpc = "main"
        [instance.router]
        instance_type = "m5.large"
        subnet = "a"
        [vpc_endpoint.sqs]
        vpc = "main"
        service = "sqs"
        vpc_endpoint_type = "interface"
        subnets = ["a"]
        [load_balancer.inspection]
        load_balancer_type = "gateway"
        subnets = ["other"]
        listeners = [{ target_group = "appliances" }]
        [target_group.appliances]
        vpc = "other"
        protocol = "GENEVE"
        [vpc_endpoint_service.inspection]
        load_balancer = "inspection"
        [vpc_endpoint.inspection]
        vpc = "main"
        service = "vpc_endpoint_service.inspection"
        vpc_endpoint_type = "gateway_load_balancer"
        subnets = ["a"]
    "#;

    fn table(target: &str) -> String {
        format!(
            "{OTHER}[route_table.x]\nvpc = \"main\"\n\
             routes = [{{ destination_cidr_block = \"0.0.0.0/0\", target = \"{target}\" }}]\n"
        )
    }

    #[test]
    fn a_route_leads_to_any_kind_of_target() {
        for (target, expected) in [
            ("vpc_peering_connection.near", "VpcPeeringConnection(#1)"),
            ("vpn_gateway.vgw", "VpnGateway(#0)"),
            ("vpc_endpoint.inspection", "GatewayLoadBalancerEndpoint(#1)"),
            ("blackhole", "Blackhole"),
        ] {
            let topology = right(&table(target));
            let table = topology.route_tables.find("x").unwrap();
            let found = topology.route_tables[table].routes[1].target;
            assert_eq!(format!("{found:?}"), expected);
        }
        let topology = right(&table("instance.router"));
        let table = topology.route_tables.find("x").unwrap();
        let primary = topology.network_interfaces.find("instance.router").unwrap();
        let found = topology.route_tables[table].routes[1].target;
        assert_eq!(found, super::RouteTarget::NetworkInterface(primary));
    }

    #[test]
    fn a_target_belongs_to_the_tables_vpc() {
        let path = "route_table.x.routes[0].target";
        assert_eq!(
            wrong(&table("internet_gateway.other")),
            format!("{path}: `internet_gateway.other` belongs to vpc `other`, not to vpc `main`\n")
        );
        assert_eq!(
            wrong(&table("vpc_peering_connection.far")),
            format!(
                "{path}: `vpc_peering_connection.far` joins vpc `other` and vpc `third`, not vpc `main` \
                 (peering is not transitive)\n"
            )
        );
        assert_eq!(
            wrong(&table("transit_gateway.hub")),
            format!(
                "{path}: vpc `main` is not attached to transit gateway `hub` (add a \
                 [transit_gateway_vpc_attachment.NAME])\n"
            )
        );
        let attached = "[transit_gateway_vpc_attachment.main]\ntransit_gateway = \"hub\"\nvpc = \"main\"\n\
                        subnets = [\"a\"]\n";
        right(&(table("transit_gateway.hub") + attached));
    }

    #[test]
    fn only_gateway_load_balancer_endpoints_are_targets() {
        assert_eq!(
            wrong(&table("vpc_endpoint.sqs")),
            "route_table.x.routes[0].target: `vpc_endpoint.sqs` is not a Gateway Load Balancer endpoint \
             (an interface endpoint is reached by its addresses, without a route)\n"
        );
        let told = wrong(&table("main"));
        assert!(
            told.starts_with("route_table.x.routes[0].target: `main` is not the target of a route (write \"KIND.NAME\""),
            "{told}"
        );
    }
}
