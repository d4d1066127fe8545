//! Internet gateways and egress-only internet gateways.

use super::network::{Network, network};

const GATEWAY: &str = "internet_gateway.main";

/// `main` with an internet gateway and routes to it; `a` has a public address.
fn internet(more: &str) -> Network {
    network(&[
        r#"
        vpc.main.main_route_table = "main"
        internet_gateway.main.vpc = "main"
        elastic_ip.a = { instance = "a", public_ip = "198.51.100.1" }
        [route_table.main]
        vpc = "main"
        routes = [{ destination_cidr_block = "0.0.0.0/0", target = "internet_gateway.main" }]
        "#,
        more,
    ])
}

/// `main` with IPv6, an internet gateway, and an egress-only one.
fn six(target: &str) -> Network {
    network(&[&format!(
        r#"
        vpc.main.ipv6_cidr_block = "2600:1f18:1234:5600::/56"
        subnet.a.ipv6_cidr_block = "2600:1f18:1234:5600::/64"
        subnet.a.route_table = "six"
        instance.a.ipv6_addresses = ["2600:1f18:1234:5600::10"]
        security_group.open.ingress = [{{ protocol = "all", source = "::/0" }}]
        internet_gateway.main.vpc = "main"
        egress_only_internet_gateway.only.vpc = "main"
        [route_table.six]
        vpc = "main"
        routes = [{{ destination_ipv6_cidr_block = "::/0", target = "{target}" }}]
        "#
    )])
}

#[test]
fn the_public_address_takes_the_place_of_the_private_one_on_the_way_out() {
    internet("").ask("instance.a", "internet", "tcp/443").is_reachable().goes(&[
        "main: 0.0.0.0/0 → internet_gateway.main",
        "through internet_gateway.main",
        "internet_gateway.main: 10.0.0.10 → 203.0.113.1:443 becomes 198.51.100.1 → 203.0.113.1:443",
        "through internet",
    ]);
}

#[test]
fn the_private_address_takes_the_place_of_the_public_one_on_the_way_in() {
    internet("")
        .ask("internet", "instance.a", "tcp/22")
        .is_reachable()
        .goes(&[
            "through internet",
            "internet_gateway.main: 203.0.113.1 → 198.51.100.1:22 becomes 203.0.113.1 → 10.0.0.10:22",
            "into instance.a",
        ])
        .returns(&[
            "internet_gateway.main: 10.0.0.10:22 → 203.0.113.1 becomes 198.51.100.1:22 → 203.0.113.1",
        ]);
}

#[test]
fn without_a_public_address_nothing_goes_out_and_nothing_comes_in() {
    let network = internet("");
    network
        .ask("instance.b", "internet", "tcp/443")
        .is_refused(&[
            "there: IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS internet_gateway.main public address",
        ]);
    network
        .ask("internet", "instance.b", "tcp/22")
        .is_refused(&[
            "there: IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS internet_gateway.main public address",
        ]);
}

#[test]
fn a_private_address_is_not_known_on_the_internet() {
    internet("")
        .ask("internet", "10.0.0.10", "tcp/22")
        .is_refused(&["there: IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS internet destination"]);
}

#[test]
fn a_subnet_may_give_public_addresses_unless_the_instance_says_otherwise() {
    let network = internet(
        "subnet.b.map_public_ip_on_launch = true\n\
         instance.second = { instance_type = \"m5.large\", subnet = \"b\", security_groups = [\"open\"], associate_public_ip_address = false }",
    );
    network
        .ask("instance.b", "internet", "tcp/443")
        .is_reachable();
    network
        .ask("instance.second", "internet", "tcp/443")
        .is_refused(&[
            "there: IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS internet_gateway.main public address",
        ]);
}

#[test]
fn a_vpc_without_a_gateway_takes_nothing_in() {
    network(&["elastic_ip.a = { instance = \"a\" }"])
        .ask("internet", "instance.a", "tcp/22")
        .is_refused(&["there: IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS vpc.main internet_gateway"]);
}

#[test]
fn what_comes_in_needs_a_route_for_its_answer() {
    internet("subnet.a.route_table = \"none\"\nroute_table.none.vpc = \"main\"")
        .ask("internet", "instance.a", "tcp/22")
        .is_refused(&["back: NO_ROUTE_TO_DESTINATION route_table.none routes"]);
}

#[test]
fn private_and_shared_addresses_do_not_pass_the_gateway() {
    let network = internet("");
    for (to, code) in [
        ("10.9.0.1", "IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS"),
        (
            "172.16.0.1",
            "IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS",
        ),
        (
            "192.168.0.1",
            "IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS",
        ),
        (
            "100.64.0.1",
            "IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS",
        ),
    ] {
        network
            .ask("instance.a", to, "tcp/80")
            .is_refused(&[&format!("there: {code} {GATEWAY} destination")]);
    }
    // The neighbours of these blocks are public.
    for to in ["172.32.0.1", "100.128.0.1", "192.167.0.1"] {
        network.ask("instance.a", to, "tcp/80").is_reachable();
    }
}

#[test]
fn two_instances_may_talk_by_their_public_addresses() {
    let network = internet("elastic_ip.b = { instance = \"b\", public_ip = \"198.51.100.2\" }");
    network
        .ask("instance.a", "198.51.100.2", "tcp/80")
        .is_reachable()
        .goes(&[
            "internet_gateway.main: 10.0.0.10 → 198.51.100.2:80 becomes 198.51.100.1 → 198.51.100.2:80",
            "internet_gateway.main: 198.51.100.1 → 198.51.100.2:80 becomes 198.51.100.1 → 10.0.1.10:80",
            "into instance.b",
        ])
        .avoids("through internet");
}

#[test]
fn public_addresses_of_aws_services_are_behind_the_gateway_but_not_on_the_internet() {
    internet("")
        .ask("instance.a", "service.sqs", "tcp/443")
        .is_reachable()
        .goes(&["through internet_gateway.main", "through service.sqs"])
        .avoids("through internet");
}

#[test]
fn an_answer_that_leaves_by_another_address_than_it_was_asked_at_is_lost() {
    // `a` is asked at its public address, and its subnet answers through a NAT gateway.
    let network = internet(
        r#"
        subnet.a.route_table = "private"
        subnet.b.route_table = "main"
        nat_gateway.n = { subnet = "b" }
        [route_table.private]
        vpc = "main"
        routes = [{ destination_cidr_block = "0.0.0.0/0", target = "nat_gateway.n" }]
        "#,
    );
    network
        .ask("internet", "instance.a", "tcp/22")
        .is_refused(&["back: - nat_gateway.n connection"]);
}

#[test]
fn ipv6_addresses_pass_an_internet_gateway_as_they_are() {
    let network = six("internet_gateway.main");
    network
        .ask_ipv6("instance.a", "internet", "tcp/443")
        .is_reachable()
        .goes(&["through internet_gateway.main", "through internet"])
        .avoids("becomes");
    network
        .ask_ipv6("internet", "instance.a", "tcp/443")
        .is_reachable()
        .avoids("becomes");
}

#[test]
fn an_egress_only_gateway_lets_out_and_answers_back() {
    six("egress_only_internet_gateway.only")
        .ask_ipv6("instance.a", "internet", "tcp/443")
        .is_reachable()
        .goes(&[
            "six: ::/0 → egress_only_internet_gateway.only",
            "through internet",
        ])
        .returns(&[
            "through egress_only_internet_gateway.only",
            "instance.a ingress: reply",
        ])
        .avoids("becomes");
}

#[test]
fn an_egress_only_gateway_lets_nothing_in() {
    let text = r#"
        vpc.main.ipv6_cidr_block = "2600:1f18:1234:5600::/56"
        subnet.a.ipv6_cidr_block = "2600:1f18:1234:5600::/64"
        instance.a.ipv6_addresses = ["2600:1f18:1234:5600::10"]
        egress_only_internet_gateway.only.vpc = "main"
    "#;
    network(&[text])
        .ask_ipv6("internet", "instance.a", "tcp/443")
        .is_refused(&["there: - egress_only_internet_gateway.only direction"]);
}

#[test]
fn an_egress_only_gateway_does_not_answer_what_came_in_through_the_other() {
    six("egress_only_internet_gateway.only")
        .ask_ipv6("internet", "instance.a", "tcp/443")
        .is_refused(&["back: - egress_only_internet_gateway.only connection"]);
}

#[test]
fn an_egress_only_gateway_does_not_answer_a_client_behind_another_one() {
    // Both subnets lead out by egress-only gateways; the server is reached by its internet gateway.
    let text = r#"
        vpc.main.ipv6_cidr_block = "2600:1f18:1234:5600::/56"
        vpc.other.ipv6_cidr_block = "2600:1f18:1234:5700::/56"
        subnet.a = { ipv6_cidr_block = "2600:1f18:1234:5600::/64", route_table = "main" }
        subnet.other = { ipv6_cidr_block = "2600:1f18:1234:5700::/64", route_table = "other" }
        instance.a.ipv6_addresses = ["2600:1f18:1234:5600::10"]
        instance.other.ipv6_addresses = ["2600:1f18:1234:5700::10"]
        security_group.other.ingress = [{ protocol = "all", source = "::/0" }]
        internet_gateway.other.vpc = "other"
        egress_only_internet_gateway.main.vpc = "main"
        egress_only_internet_gateway.other.vpc = "other"
        [route_table.main]
        vpc = "main"
        routes = [{ destination_ipv6_cidr_block = "::/0", target = "egress_only_internet_gateway.main" }]
        [route_table.other]
        vpc = "other"
        routes = [{ destination_ipv6_cidr_block = "::/0", target = "TARGET" }]
    "#;
    network(&[&text.replace("TARGET", "internet_gateway.other")])
        .ask_ipv6("instance.a", "instance.other", "tcp/443")
        .is_reachable()
        .returns(&[
            "through internet_gateway.other",
            "through egress_only_internet_gateway.main",
        ]);
    network(&[&text.replace("TARGET", "egress_only_internet_gateway.other")])
        .ask_ipv6("instance.a", "instance.other", "tcp/443")
        .is_refused(&["back: - egress_only_internet_gateway.other connection"]);
}
