//! What is charged by volume on each way.

use super::network::{Network, network};

/// Panics unless these are charged on the way there and on the way back.
#[track_caller]
fn charges(network: &Network, from: &str, to: &str, there: &[&str], back: &[&str]) {
    let answer = network.ask(from, to, "tcp/80").is_reachable();
    assert_eq!(answer.meters(), [there, back]);
}

/// An internet gateway, a NAT gateway in zone a, and private subnets in both zones.
const INTERNET: &str = r#"
    vpc.main.main_route_table = "main"
    subnet.private-a = { vpc = "main", availability_zone = "us-east-1a", cidr_block = "10.0.2.0/24", route_table = "private" }
    subnet.private-b = { vpc = "main", availability_zone = "us-east-1b", cidr_block = "10.0.3.0/24", route_table = "private" }
    instance.pa = { instance_type = "m5.large", subnet = "private-a", security_groups = ["open"] }
    instance.pb = { instance_type = "m5.large", subnet = "private-b", security_groups = ["open"] }
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
fn inside_a_zone_nothing_is_charged() {
    charges(&network(&[]), "instance.a", "instance.near", &[], &[]);
}

#[test]
fn between_zones_each_direction_is_charged() {
    charges(
        &network(&[]),
        "instance.a",
        "instance.b",
        &["us-east-1a to us-east-1b"],
        &["us-east-1b to us-east-1a"],
    );
}

#[test]
fn over_peering_only_a_crossing_of_zones_or_regions_is_charged() {
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
    let near = network(&[peered]);
    charges(&near, "instance.a", "instance.other", &[], &[]);
    charges(
        &near,
        "instance.b",
        "instance.other",
        &["us-east-1b to us-east-1a"],
        &["us-east-1a to us-east-1b"],
    );
    let apart = r#"
        vpc.other.region = "us-west-2"
        subnet.other.availability_zone = "us-west-2a"
        other_region.us-west-2.availability_zones = ["us-west-2a"]
    "#;
    charges(
        &network(&[peered, apart]),
        "instance.a",
        "instance.other",
        &["us-east-1 to us-west-2"],
        &["us-west-2 to us-east-1"],
    );
}

#[test]
fn what_goes_out_to_the_internet_is_charged_and_what_comes_in_is_not() {
    let network = network(&[INTERNET]);
    charges(
        &network,
        "instance.a",
        "internet",
        &["out of us-east-1"],
        &[],
    );
    charges(
        &network,
        "internet",
        "instance.a",
        &[],
        &["out of us-east-1"],
    );
}

#[test]
fn a_nat_gateway_charges_both_directions() {
    charges(
        &network(&[INTERNET]),
        "instance.pa",
        "internet",
        &["nat_gateway.n", "out of us-east-1"],
        &["nat_gateway.n"],
    );
}

#[test]
fn a_nat_gateway_in_another_zone_costs_the_crossing_too() {
    charges(
        &network(&[INTERNET]),
        "instance.pb",
        "internet",
        &[
            "us-east-1b to us-east-1a",
            "nat_gateway.n",
            "out of us-east-1",
        ],
        &["nat_gateway.n", "us-east-1a to us-east-1b"],
    );
}

#[test]
fn to_services_of_aws_the_internet_gateway_charges_nothing() {
    charges(&network(&[INTERNET]), "instance.a", "service.sqs", &[], &[]);
}

#[test]
fn a_gateway_endpoint_is_the_only_meter_on_its_way() {
    let endpoint = r#"
        vpc_endpoint.s3 = { vpc = "main", service = "s3", vpc_endpoint_type = "gateway", route_tables = ["private"] }
    "#;
    charges(
        &network(&[INTERNET, endpoint]),
        "instance.pb",
        "service.s3",
        &["vpc_endpoint.s3"],
        &["vpc_endpoint.s3"],
    );
}

#[test]
fn an_interface_endpoint_charges_both_directions_and_no_crossing_of_zones() {
    let endpoint = r#"
        [vpc_endpoint.sqs]
        vpc = "main"
        service = "sqs"
        vpc_endpoint_type = "interface"
        subnets = ["a"]
        security_groups = ["open"]
    "#;
    let network = network(&[endpoint]);
    for from in ["instance.a", "instance.b"] {
        charges(
            &network,
            from,
            "service.sqs",
            &["vpc_endpoint.sqs"],
            &["vpc_endpoint.sqs"],
        );
    }
}

#[test]
fn an_endpoint_of_a_service_of_ones_own_charges_both_directions_too() {
    let service = r#"
        [load_balancer.front]
        load_balancer_type = "network"
        internal = true
        subnets = ["other"]
        listeners = [{ port = 80, protocol = "TCP", target_group = "t" }]
        [target_group.t]
        vpc = "other"
        port = 80
        targets = ["instance.other"]
        [vpc_endpoint_service.api]
        load_balancer = "front"
        [vpc_endpoint.api]
        vpc = "main"
        service = "vpc_endpoint_service.api"
        vpc_endpoint_type = "interface"
        subnets = ["a"]
        security_groups = ["open"]
    "#;
    charges(
        &network(&[service]),
        "instance.a",
        "vpc_endpoint.api",
        &["vpc_endpoint.api", "load_balancer.front"],
        &["load_balancer.front", "vpc_endpoint.api"],
    );
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
fn a_transit_gateway_charges_what_is_sent_into_it_and_no_crossing_of_zones() {
    let [main, other] =
        ["main", "other"].map(|name| format!("transit_gateway_vpc_attachment.{name}"));
    let network = network(&[HUB]);
    for from in ["instance.a", "instance.b"] {
        charges(&network, from, "instance.other", &[&main], &[&other]);
    }
}

#[test]
fn over_a_vpn_what_goes_out_is_charged() {
    charges(
        &network(&[HUB]),
        "instance.a",
        "customer_gateway.office",
        &["transit_gateway_vpc_attachment.main", "out of us-east-1"],
        &["vpn_connection.v"],
    );
}

#[test]
fn what_one_transit_gateway_sends_another_is_charged_once() {
    // Data that comes by a peering attachment is not charged again. (AWS Transit Gateway pricing, 2024.)
    let two = r#"
        vpc.main.main_route_table = "main"
        vpc.other.main_route_table = "other"
        transit_gateway.one = {}
        transit_gateway.two = {}
        transit_gateway_peering_attachment.p = { transit_gateway = "one", peer_transit_gateway = "two" }
        transit_gateway_vpc_attachment.main = { transit_gateway = "one", vpc = "main", subnets = ["a", "b"] }
        transit_gateway_vpc_attachment.other = { transit_gateway = "two", vpc = "other", subnets = ["other"] }
        [route_table.main]
        vpc = "main"
        routes = [{ destination_cidr_block = "10.0.0.0/8", target = "transit_gateway.one" }]
        [route_table.other]
        vpc = "other"
        routes = [{ destination_cidr_block = "10.0.0.0/8", target = "transit_gateway.two" }]
        [transit_gateway_route_table.one]
        transit_gateway = "one"
        associations = ["transit_gateway_vpc_attachment.main", "transit_gateway_peering_attachment.p"]
        propagations = ["transit_gateway_vpc_attachment.main"]
        routes = [{ destination_cidr_block = "10.1.0.0/16", target = "transit_gateway_peering_attachment.p" }]
        [transit_gateway_route_table.two]
        transit_gateway = "two"
        associations = ["transit_gateway_vpc_attachment.other", "transit_gateway_peering_attachment.p"]
        propagations = ["transit_gateway_vpc_attachment.other"]
        routes = [{ destination_cidr_block = "10.0.0.0/16", target = "transit_gateway_peering_attachment.p" }]
    "#;
    charges(
        &network(&[two]),
        "instance.a",
        "instance.other",
        &["transit_gateway_vpc_attachment.main"],
        &["transit_gateway_vpc_attachment.other"],
    );
}

/// A load balancer in zone a with a target in zone b. `near` is the client.
fn across(kind: &str, protocol: &str) -> Network {
    network(&[&format!(
        r#"
        [load_balancer.front]
        load_balancer_type = "{kind}"
        internal = true
        enable_cross_zone_load_balancing = true
        subnets = ["a", "c"]
        security_groups = ["open"]
        listeners = [{{ port = 80, protocol = "{protocol}", target_group = "t" }}]
        [subnet.c]
        vpc = "main"
        availability_zone = "us-east-1c"
        cidr_block = "10.0.2.0/24"
        [target_group.t]
        vpc = "main"
        port = 80
        targets = ["instance.b"]
        "#
    )])
}

#[test]
fn an_application_load_balancer_charges_no_crossing_to_its_targets() {
    charges(
        &across("application", "HTTP"),
        "instance.near",
        "load_balancer.front",
        &["load_balancer.front"],
        &["load_balancer.front"],
    );
}

#[test]
fn a_network_load_balancer_charges_the_crossing_to_its_targets() {
    charges(
        &across("network", "TCP"),
        "instance.near",
        "load_balancer.front",
        &["load_balancer.front", "us-east-1a to us-east-1b"],
        &["us-east-1b to us-east-1a", "load_balancer.front"],
    );
}

#[test]
fn an_endpoint_of_appliances_charges_each_passage() {
    let appliances = r#"
        subnet.a.route_table = "a"
        subnet.door = { vpc = "main", availability_zone = "us-east-1a", cidr_block = "10.0.9.0/28" }
        subnet.c = { vpc = "main", availability_zone = "us-east-1a", cidr_block = "10.0.2.0/24" }
        instance.c = { instance_type = "m5.large", subnet = "c", security_groups = ["open"] }
        [route_table.a]
        vpc = "main"
        routes = [{ destination_cidr_block = "10.0.2.0/24", target = "vpc_endpoint.door" }]
        [load_balancer.gate]
        load_balancer_type = "gateway"
        subnets = ["other"]
        listeners = [{ target_group = "fw" }]
        [target_group.fw]
        vpc = "other"
        protocol = "GENEVE"
        targets = ["instance.other"]
        [vpc_endpoint_service.fw]
        load_balancer = "gate"
        [vpc_endpoint.door]
        vpc = "main"
        service = "vpc_endpoint_service.fw"
        vpc_endpoint_type = "gateway_load_balancer"
        subnets = ["door"]
    "#;
    charges(
        &network(&[appliances]),
        "instance.a",
        "instance.c",
        &["vpc_endpoint.door", "load_balancer.gate"],
        &[],
    );
}
