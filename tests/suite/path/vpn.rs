//! Site-to-Site VPN: virtual private gateways and transit gateways towards sites.

use super::network::{Network, network};

/// A site behind a virtual private gateway of `main`, which propagates its routes.
const SITE: &str = r#"
    vpc.main.main_route_table = "main"
    vpn_gateway.main.vpc = "main"
    customer_gateway.office.cidr_blocks = ["192.168.0.0/16"]
    vpn_connection.v = { customer_gateway = "office", vpn_gateway = "main" }
    route_table.main = { vpc = "main", propagating_vgws = ["main"] }
"#;

fn site(parts: &[&str]) -> Network {
    network(&[&[SITE], parts].concat())
}

#[test]
fn a_site_and_its_vpc_reach_each_other() {
    let network = site(&[]);
    network
        .ask("instance.a", "customer_gateway.office", "tcp/80")
        .is_reachable()
        .goes(&[
            "main: 192.168.0.0/16 → vpn_gateway.main",
            "through vpn_gateway.main",
            "through vpn_connection.v",
            "through customer_gateway.office",
        ]);
    network
        .ask("customer_gateway.office", "instance.a", "tcp/80")
        .is_reachable()
        .goes(&[
            "through customer_gateway.office",
            "through vpn_connection.v",
            "through vpn_gateway.main",
            "a ingress: default (main) 100",
            "into instance.a",
        ]);
}

#[test]
fn without_propagation_a_route_must_be_written() {
    let unpropagated = "route_table.main.propagating_vgws = []";
    site(&[unpropagated])
        .ask("customer_gateway.office", "instance.a", "tcp/80")
        .is_refused(&["back: NO_ROUTE_TO_DESTINATION route_table.main routes"]);
    let written = "route_table.main.routes = \
        [{ destination_cidr_block = \"192.168.0.0/16\", target = \"vpn_gateway.main\" }]";
    site(&[unpropagated, written])
        .ask("instance.a", "customer_gateway.office", "tcp/80")
        .is_reachable();
}

#[test]
fn static_routes_of_a_connection_are_what_it_leads_to() {
    let network = site(&["vpn_connection.v.static_routes = [\"192.168.7.0/24\"]"]);
    network
        .ask("instance.a", "192.168.7.9", "tcp/80")
        .is_reachable();
    network
        .ask("instance.a", "192.168.8.9", "tcp/80")
        .is_refused(&["there: NO_ROUTE_TO_DESTINATION route_table.main routes"]);
    // The route table may promise more than the connection keeps.
    let wide = "route_table.main.routes = \
        [{ destination_cidr_block = \"192.168.0.0/16\", target = \"vpn_gateway.main\" }]";
    site(&[
        "vpn_connection.v.static_routes = [\"192.168.7.0/24\"]",
        wide,
    ])
    .ask("instance.a", "192.168.8.9", "tcp/80")
    .is_refused(&["there: NO_ROUTE_TO_DESTINATION vpn_gateway.main routes"]);
}

#[test]
fn a_connection_without_a_tunnel_carries_nothing() {
    let down = "vpn_connection.v.tunnel_up = false";
    site(&[down])
        .ask("customer_gateway.office", "instance.a", "tcp/80")
        .is_refused(&["there: BAD_STATE_VPN vpn_connection.v tunnel_up"]);
    let written = "route_table.main.routes = \
        [{ destination_cidr_block = \"192.168.0.0/16\", target = \"vpn_gateway.main\" }]";
    site(&[down, written])
        .ask("instance.a", "customer_gateway.office", "tcp/80")
        .is_refused(&["there: BAD_STATE_VPN vpn_connection.v tunnel_up"]);
}

#[test]
fn a_second_connection_to_the_site_takes_over() {
    let second = "vpn_connection.w = { customer_gateway = \"office\", vpn_gateway = \"main\" }";
    let network = site(&["vpn_connection.v.tunnel_up = false", second]);
    for (from, to) in [
        ("instance.a", "customer_gateway.office"),
        ("customer_gateway.office", "instance.a"),
    ] {
        network
            .ask(from, to, "tcp/80")
            .is_reachable()
            .goes(&["through vpn_connection.w"]);
    }
}

#[test]
fn of_several_sites_the_one_with_the_longest_prefix_is_meant() {
    let lab = r#"
        customer_gateway.lab.cidr_blocks = ["192.168.7.0/24"]
        vpn_connection.w = { customer_gateway = "lab", vpn_gateway = "main" }
    "#;
    let network = site(&[lab]);
    network
        .ask("instance.a", "192.168.7.9", "tcp/80")
        .is_reachable()
        .goes(&["through customer_gateway.lab"]);
    network
        .ask("instance.a", "192.168.8.9", "tcp/80")
        .is_reachable()
        .goes(&["through customer_gateway.office"]);
}

#[test]
fn an_answer_that_gets_to_another_site_is_lost() {
    // The lab's own routes are not known to the gateway, the office's are for everything.
    let lab = r#"
        customer_gateway.lab.cidr_blocks = ["172.16.0.0/16"]
        vpn_connection.v.static_routes = ["0.0.0.0/0"]
        vpn_connection.w = { customer_gateway = "lab", vpn_gateway = "main", static_routes = ["172.31.0.0/16"] }
    "#;
    site(&[lab])
        .ask("customer_gateway.lab", "instance.a", "tcp/80")
        .is_refused(&["back: NO_POSSIBLE_DESTINATION customer_gateway.office 172.16.0.1"]);
}

#[test]
fn a_virtual_private_gateway_is_no_way_to_other_vpcs() {
    let peered = r#"
        vpc.other.main_route_table = "other"
        vpc_peering_connection.p = { vpc = "main", peer_vpc = "other" }
        route_table.main.routes = [{ destination_cidr_block = "10.1.0.0/16", target = "vpc_peering_connection.p" }]
        [route_table.other]
        vpc = "other"
        routes = [{ destination_cidr_block = "0.0.0.0/0", target = "vpc_peering_connection.p" }]
    "#;
    site(&[peered])
        .ask("customer_gateway.office", "instance.other", "tcp/80")
        .is_refused(&["there: VGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS vpn_gateway.main edge"]);
}

#[test]
fn a_virtual_private_gateway_takes_nothing_from_other_networks() {
    // A router of `main` sends on what comes from `other`.
    let text = r#"
        vpc.other.main_route_table = "other"
        vpc_peering_connection.p = { vpc = "main", peer_vpc = "other" }
        instance.b = { source_dest_check = false }
        [route_table.other]
        vpc = "other"
        routes = [{ destination_cidr_block = "0.0.0.0/0", target = "vpc_peering_connection.p" }]
    "#;
    site(&[text])
        .ask("instance.other", "customer_gateway.office", "tcp/80")
        .is_refused(&[
            "there: PCX_REQUIRES_ADDRESS_IN_VPC_CIDR vpc_peering_connection.p destination",
        ]);
}

#[test]
fn a_site_has_no_way_to_the_internet_through_the_vpc() {
    let internet = r#"
        internet_gateway.main.vpc = "main"
        route_table.main.routes = [{ destination_cidr_block = "0.0.0.0/0", target = "internet_gateway.main" }]
    "#;
    site(&[internet])
        .ask("customer_gateway.office", "203.0.113.9", "tcp/443")
        .is_refused(&["there: VGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS vpn_gateway.main edge"]);
}

#[test]
fn a_gateway_route_table_leads_what_a_site_sends_through_an_appliance() {
    let appliance = r#"
        subnet.fw = { vpc = "main", availability_zone = "us-east-1a", cidr_block = "10.0.9.0/24" }
        instance.fw = { instance_type = "m5.large", subnet = "fw", security_groups = ["open"], source_dest_check = false }
        [route_table.in]
        vpc = "main"
        gateway = "vpn_gateway.main"
        routes = [{ destination_cidr_block = "10.0.0.0/24", target = "instance.fw" }]
    "#;
    site(&[appliance])
        .ask("customer_gateway.office", "instance.a", "tcp/80")
        .is_reachable()
        .goes(&[
            "in: 10.0.0.0/24 → instance.fw",
            "through instance.fw",
            "into instance.a",
        ]);
}

/// A site at a transit gateway with `main` and `other`.
const AT_HUB: &str = r#"
    vpc.main.main_route_table = "main"
    vpc.other.main_route_table = "other"
    transit_gateway.hub = {}
    transit_gateway_vpc_attachment.main = { transit_gateway = "hub", vpc = "main", subnets = ["a", "b"] }
    transit_gateway_vpc_attachment.other = { transit_gateway = "hub", vpc = "other", subnets = ["other"] }
    customer_gateway.office.cidr_blocks = ["192.168.0.0/16"]
    vpn_connection.v = { customer_gateway = "office", transit_gateway = "hub" }
    [route_table.main]
    vpc = "main"
    routes = [{ destination_cidr_block = "0.0.0.0/0", target = "transit_gateway.hub" }]
    [route_table.other]
    vpc = "other"
    routes = [{ destination_cidr_block = "0.0.0.0/0", target = "transit_gateway.hub" }]
"#;

#[test]
fn at_a_transit_gateway_a_site_reaches_every_vpc() {
    let network = network(&[AT_HUB]);
    for to in ["instance.a", "instance.other"] {
        network
            .ask("customer_gateway.office", to, "tcp/80")
            .is_reachable()
            .goes(&[
                "through customer_gateway.office",
                "through vpn_connection.v",
                "through transit_gateway.hub",
            ]);
        network
            .ask(to, "192.168.0.9", "tcp/80")
            .is_reachable()
            .goes(&["default (hub): 192.168.0.0/16 → vpn_connection.v"]);
    }
}

#[test]
fn at_a_transit_gateway_a_connection_without_a_tunnel_carries_nothing() {
    network(&[AT_HUB, "vpn_connection.v.tunnel_up = false"])
        .ask("customer_gateway.office", "instance.a", "tcp/80")
        .is_refused(&["there: TGW_BAD_STATE_VPN vpn_connection.v tunnel_up"]);
}

#[test]
fn a_site_without_a_connection_reaches_nothing() {
    network(&["customer_gateway.office.cidr_blocks = [\"192.168.0.0/16\"]"])
        .ask("customer_gateway.office", "instance.a", "tcp/80")
        .is_refused(&["there: - customer_gateway.office vpn_connection"]);
}

#[test]
fn rules_name_no_groups_of_a_site() {
    let guard =
        "security_group.open.ingress = [{ protocol = \"all\", source = \"192.168.0.0/16\" }]";
    site(&[guard])
        .ask("customer_gateway.office", "instance.a", "tcp/80")
        .is_reachable();
    let own = "security_group.open.ingress = [{ protocol = \"all\", source = \"self\" }]";
    site(&[own])
        .ask("customer_gateway.office", "instance.a", "tcp/80")
        .is_refused(&["there: ENI_SG_RULES_MISMATCH security_group.open ingress"]);
}

#[test]
fn a_route_to_another_site_does_not_reach_the_one_that_is_meant() {
    let lab = r#"
        customer_gateway.lab.cidr_blocks = ["172.16.0.0/16"]
        vpn_connection.v.static_routes = ["0.0.0.0/0"]
    "#;
    site(&[lab])
        .ask("instance.a", "customer_gateway.lab", "tcp/80")
        .is_refused(&["there: NO_POSSIBLE_DESTINATION customer_gateway.office 172.16.0.1"]);
}
