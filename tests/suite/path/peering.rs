//! Peering connections: between two VPCs, and no further.

use super::network::{Network, network, wrong};

/// `main` and `other` peered, with routes on both sides.
const PEERED: &str = r#"
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

fn peered(more: &str) -> Network {
    network(&[PEERED, more])
}

/// Routes of `main` and `other` to each other, and of `main` to `block` by the same connection.
fn and_to(block: &str) -> String {
    format!(
        "[route_table.main]\nroutes = [\
         {{ destination_cidr_block = \"10.1.0.0/16\", target = \"vpc_peering_connection.p\" }}, \
         {{ destination_cidr_block = \"{block}\", target = \"vpc_peering_connection.p\" }}]\n"
    )
}

#[test]
fn addresses_of_both_vpcs_reach_each_other() {
    let network = peered("");
    network
        .ask("instance.a", "instance.other", "tcp/80")
        .is_reachable()
        .goes(&[
            "main: 10.1.0.0/16 → vpc_peering_connection.p",
            "through vpc_peering_connection.p",
            "into instance.other",
        ]);
    network
        .ask("instance.other", "instance.a", "tcp/80")
        .is_reachable();
}

#[test]
fn each_side_needs_a_route() {
    let network = peered("route_table.other.routes = []");
    network
        .ask("instance.a", "instance.other", "tcp/80")
        .is_refused(&["back: NO_ROUTE_TO_DESTINATION route_table.other routes"]);
    network
        .ask("instance.other", "instance.a", "tcp/80")
        .is_refused(&["there: NO_ROUTE_TO_DESTINATION route_table.other routes"]);
}

#[test]
fn a_connection_that_is_not_accepted_carries_nothing() {
    peered("vpc_peering_connection.p.accepted = false")
        .ask("instance.a", "instance.other", "tcp/80")
        .is_refused(&["there: BAD_STATE_ROUTE route_table.main 10.1.0.0/16"]);
}

#[test]
fn what_comes_in_goes_straight_to_its_receiver() {
    // A more specific route in the receiver's table is for what leaves its own subnets.
    let text = r#"
        subnet.appliance = { vpc = "other", availability_zone = "us-east-1a", cidr_block = "10.1.9.0/24" }
        [instance.appliance]
        instance_type = "m5.large"
        subnet = "appliance"
        security_groups = ["other"]
        source_dest_check = false
        [route_table.other]
        routes = [
            { destination_cidr_block = "10.0.0.0/16", target = "vpc_peering_connection.p" },
            { destination_cidr_block = "10.1.0.0/24", target = "instance.appliance" },
        ]
    "#;
    let network = peered(text);
    let answer = network
        .ask("instance.a", "instance.other", "tcp/80")
        .is_reachable();
    answer.avoids("instance.appliance");
}

#[test]
fn peering_is_not_transitive() {
    // `other` is peered with `third`, too; from `main` there is no way on.
    let text = r#"
        vpc.third.main_route_table = "third"
        vpc_peering_connection.q = { vpc = "other", peer_vpc = "third" }
        [route_table.other]
        routes = [
            { destination_cidr_block = "10.0.0.0/16", target = "vpc_peering_connection.p" },
            { destination_cidr_block = "10.2.0.0/16", target = "vpc_peering_connection.q" },
        ]
        [route_table.third]
        vpc = "third"
        routes = [{ destination_cidr_block = "0.0.0.0/0", target = "vpc_peering_connection.q" }]
    "#;
    let network = network(&[PEERED, text, &and_to("10.2.0.0/16")]);
    network
        .ask("instance.other", "instance.third", "tcp/80")
        .is_reachable();
    network
        .ask("instance.a", "instance.third", "tcp/80")
        .is_refused(&[
            "there: PCX_REQUIRES_ADDRESS_IN_VPC_CIDR vpc_peering_connection.p destination",
        ]);
}

#[test]
fn there_is_no_way_through_the_other_vpc_to_its_internet_gateway() {
    let internet = "internet_gateway.other.vpc = \"other\"";
    network(&[PEERED, internet, &and_to("0.0.0.0/0")])
        .ask("instance.a", "internet", "tcp/443")
        .is_refused(&[
            "there: PCX_REQUIRES_ADDRESS_IN_VPC_CIDR vpc_peering_connection.p destination",
        ]);
}

#[test]
fn there_is_no_way_through_the_other_vpc_to_its_gateway_endpoint() {
    let text = r#"
        [vpc_endpoint.s3]
        vpc = "other"
        service = "s3"
        vpc_endpoint_type = "gateway"
        route_tables = ["other"]
    "#;
    let network = network(&[PEERED, text, &and_to("0.0.0.0/0")]);
    network
        .ask("instance.other", "service.s3", "tcp/443")
        .is_reachable();
    network
        .ask("instance.a", "service.s3", "tcp/443")
        .is_refused(&[
            "there: PCX_REQUIRES_ADDRESS_IN_VPC_CIDR vpc_peering_connection.p destination",
        ]);
}

#[test]
fn there_is_no_way_through_the_other_vpc_to_its_site() {
    let text = r#"
        vpn_gateway.other.vpc = "other"
        customer_gateway.site.cidr_blocks = ["192.168.0.0/16"]
        vpn_connection.v = { customer_gateway = "site", vpn_gateway = "other" }
        route_table.other.propagating_vgws = ["other"]
    "#;
    let network = network(&[PEERED, text, &and_to("192.168.0.0/16")]);
    network
        .ask("instance.other", "192.168.0.1", "tcp/80")
        .is_reachable();
    network
        .ask("instance.a", "192.168.0.1", "tcp/80")
        .is_refused(&[
            "there: PCX_REQUIRES_ADDRESS_IN_VPC_CIDR vpc_peering_connection.p destination",
        ]);
    // Nor from the site through `other`.
    network
        .ask("customer_gateway.site", "instance.a", "tcp/80")
        .is_refused(&["there: VGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS vpn_gateway.other edge"]);
}

#[test]
fn a_router_in_a_peered_vpc_may_not_send_for_others() {
    // `a` reaches a router in `main`, which sends on to `other` what is not from `main`.
    let text = r#"
        vpc.third.main_route_table = "third"
        vpc_peering_connection.q = { vpc = "third", peer_vpc = "main" }
        subnet.a.route_table = "a"
        instance.b.source_dest_check = false
        [route_table.third]
        vpc = "third"
        routes = [{ destination_cidr_block = "10.0.0.0/8", target = "vpc_peering_connection.q" }]
        [route_table.a]
        vpc = "main"
        routes = [{ destination_cidr_block = "10.0.0.0/8", target = "instance.b" }]
    "#;
    peered(text)
        .ask("instance.third", "instance.other", "tcp/80")
        .is_refused(&[
            "there: PCX_REQUIRES_ADDRESS_IN_VPC_CIDR vpc_peering_connection.q destination",
        ]);
}

#[test]
fn interface_endpoints_and_load_balancers_are_reached_over_peering() {
    let text = r#"
        [vpc_endpoint.sqs]
        vpc = "other"
        service = "sqs"
        vpc_endpoint_type = "interface"
        subnets = ["other"]
        security_groups = ["other"]
        [load_balancer.n]
        load_balancer_type = "network"
        internal = true
        subnets = ["other"]
        listeners = [{ port = 80, protocol = "TCP", target_group = "t" }]
        [target_group.t]
        vpc = "other"
        port = 80
        targets = ["instance.other"]
    "#;
    let network = peered(text);
    network
        .ask("instance.a", "vpc_endpoint.sqs", "tcp/443")
        .is_reachable()
        .goes(&[
            "through vpc_peering_connection.p",
            "through vpc_endpoint.sqs",
        ]);
    network
        .ask("instance.a", "load_balancer.n", "tcp/80")
        .is_reachable()
        .goes(&[
            "through vpc_peering_connection.p",
            "through load_balancer.n",
            "into instance.other",
        ]);
}

#[test]
fn vpcs_with_common_addresses_cannot_be_peered() {
    let text = "vpc.twin.cidr_block = \"10.0.0.0/16\"\n\
                vpc_peering_connection.p = { vpc = \"main\", peer_vpc = \"twin\" }\n";
    assert!(wrong(&[text]).contains("overlap, so these VPCs cannot be peered"));
}

#[test]
fn what_is_recommended_names_a_group_of_the_other_vpc_if_that_is_near() {
    let closed = "security_group.other.ingress = []";
    let apart = r#"
        vpc.other.region = "us-west-2"
        subnet.other.availability_zone = "us-west-2a"
        other_region.us-west-2.availability_zones = ["us-west-2a"]
    "#;
    let remedy = |parts: &[&str]| {
        let network = network(&[&[PEERED, closed], parts].concat());
        let answer = network.ask("instance.a", "instance.other", "tcp/80");
        answer.path.refusals[0].explain(&network.topology).remedy
    };
    let admit = |source: &str| {
        format!(
            "add to security_group.other: ingress = \
             [{{ protocol = \"tcp\", ports = 80, source = \"{source}\" }}]"
        )
    };
    assert_eq!(remedy(&[]), admit("security_group.open"));
    assert_eq!(remedy(&[apart]), admit("10.0.0.10/32"));
}

#[test]
fn between_regions_rules_name_no_groups() {
    let apart = r#"
        vpc.other.region = "us-west-2"
        subnet.other.availability_zone = "us-west-2a"
        other_region.us-west-2.availability_zones = ["us-west-2a"]
    "#;
    network(&[PEERED, apart])
        .ask("instance.a", "instance.other", "tcp/80")
        .is_reachable();
    let named =
        "security_group.other.ingress = [{ protocol = \"all\", source = \"security_group.open\" }]";
    assert!(wrong(&[PEERED, apart, named]).contains("`security_group.open` belongs to vpc `main`"));
}
