//! The largest packet that each way carries.

use super::network::network;

/// The limit of a path in bytes.
fn mtu(parts: &[&str], from: &str, to: &str) -> u64 {
    network(parts)
        .ask(from, to, "tcp/443")
        .is_reachable()
        .path
        .mtu
        .get()
}

#[test]
fn inside_a_vpc_jumbo_frames_pass() {
    assert_eq!(mtu(&[], "instance.a", "instance.b"), 9001);
}

#[test]
fn over_a_peering_connection_of_one_region_too() {
    let peered = r#"
        vpc.main.main_route_table = "main"
        vpc.other.main_route_table = "other"
        vpc_peering_connection.p = { vpc = "main", peer_vpc = "other" }
        [route_table.main]
        vpc = "main"
        routes = [{ destination_cidr_block = "10.1.0.0/16", target = "vpc_peering_connection.p" }]
        [route_table.other]
        vpc = "other"
        routes = [{ destination_cidr_block = "10.0.0.0/16", target = "vpc_peering_connection.p" }]
    "#;
    assert_eq!(mtu(&[peered], "instance.a", "instance.other"), 9001);
    // Between Regions, it is 8500. (Amazon EC2 user guide, "Network MTU", 2025.)
    let apart = r#"
        vpc.other.region = "us-west-2"
        subnet.other.availability_zone = "us-west-2a"
        other_region.us-west-2.availability_zones = ["us-west-2a"]
    "#;
    assert_eq!(mtu(&[peered, apart], "instance.a", "instance.other"), 8500);
}

/// An internet gateway, and a NAT gateway for the subnet of `b`.
const INTERNET: &str = r#"
    vpc.main.main_route_table = "main"
    subnet.b.route_table = "private"
    internet_gateway.main.vpc = "main"
    nat_gateway.n = { subnet = "a" }
    elastic_ip.a = { instance = "a" }
    [route_table.main]
    vpc = "main"
    routes = [{ destination_cidr_block = "0.0.0.0/0", target = "internet_gateway.main" }]
    [route_table.private]
    vpc = "main"
    routes = [{ destination_cidr_block = "0.0.0.0/0", target = "nat_gateway.n" }]
"#;

#[test]
fn through_an_internet_gateway_1500_bytes_pass() {
    assert_eq!(mtu(&[INTERNET], "instance.a", "internet"), 1500);
    assert_eq!(mtu(&[INTERNET], "internet", "instance.a"), 1500);
    assert_eq!(mtu(&[INTERNET], "instance.b", "internet"), 1500);
}

#[test]
fn through_a_nat_gateway_8500_bytes_pass() {
    let private = r#"
        subnet.a.route_table = "a"
        subnet.nat = { vpc = "main", availability_zone = "us-east-1a", cidr_block = "10.0.9.0/24" }
        nat_gateway.n = { subnet = "nat", connectivity_type = "private" }
        [route_table.a]
        vpc = "main"
        routes = [{ destination_cidr_block = "10.0.1.0/24", target = "nat_gateway.n" }]
    "#;
    assert_eq!(mtu(&[private], "instance.a", "instance.b"), 8500);
}

#[test]
fn through_an_egress_only_gateway_1500_bytes_pass() {
    let six = r#"
        vpc.main.ipv6_cidr_block = "2600:1f18:1234:5600::/56"
        subnet.a = { ipv6_cidr_block = "2600:1f18:1234:5600::/64", route_table = "six" }
        instance.a.ipv6_addresses = ["2600:1f18:1234:5600::10"]
        security_group.open.ingress = [{ protocol = "all", source = "::/0" }]
        egress_only_internet_gateway.only.vpc = "main"
        [route_table.six]
        vpc = "main"
        routes = [{ destination_ipv6_cidr_block = "::/0", target = "egress_only_internet_gateway.only" }]
    "#;
    let network = network(&[six]);
    let answer = network
        .ask_ipv6("instance.a", "internet", "tcp/443")
        .is_reachable();
    assert_eq!(answer.path.mtu.get(), 1500);
}

/// `main`, `other` and a site at one transit gateway.
const HUB: &str = r#"
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
fn through_a_transit_gateway_8500_bytes_pass() {
    assert_eq!(mtu(&[HUB], "instance.a", "instance.other"), 8500);
}

#[test]
fn over_a_vpn_1500_bytes_pass() {
    assert_eq!(mtu(&[HUB], "instance.a", "customer_gateway.office"), 1500);
    assert_eq!(mtu(&[HUB], "customer_gateway.office", "instance.a"), 1500);
}

#[test]
fn through_an_interface_endpoint_8500_bytes_pass() {
    let endpoint = r#"
        [vpc_endpoint.sqs]
        vpc = "main"
        service = "sqs"
        vpc_endpoint_type = "interface"
        subnets = ["a"]
        security_groups = ["open"]
    "#;
    assert_eq!(mtu(&[endpoint], "instance.a", "service.sqs"), 8500);
}

#[test]
fn the_smallest_limit_on_the_way_counts_and_each_is_told_where_it_begins() {
    // Transit gateway, then VPN.
    let network = network(&[HUB]);
    network
        .ask("instance.a", "customer_gateway.office", "tcp/443")
        .is_reachable()
        .goes(&[
            "mtu 8500",
            "through transit_gateway.hub",
            "mtu 1500",
            "through customer_gateway.office",
        ]);
}
