//! NAT gateways: whose address they put in place of the source, and what they let back.

use super::network::{Network, network};

/// `a` behind a public NAT gateway in a subnet of its own.
const PUBLIC: &str = r#"
    subnet.a.route_table = "private"
    subnet.nat = { vpc = "main", availability_zone = "us-east-1a", cidr_block = "10.0.9.0/24", route_table = "public" }
    internet_gateway.main.vpc = "main"
    nat_gateway.n = { subnet = "nat", private_ip = "10.0.9.9" }
    elastic_ip.n = { nat_gateway = "n", public_ip = "198.51.100.9" }
    [route_table.private]
    vpc = "main"
    routes = [{ destination_cidr_block = "0.0.0.0/0", target = "nat_gateway.n" }]
    [route_table.public]
    vpc = "main"
    routes = [{ destination_cidr_block = "0.0.0.0/0", target = "internet_gateway.main" }]
"#;

/// `a` behind a private NAT gateway in a subnet of its own, on the way to `other` over a transit gateway.
const PRIVATE: &str = r#"
    vpc.main.secondary_cidr_blocks = ["100.64.0.0/16"]
    subnet.a.route_table = "private"
    subnet.nat = { vpc = "main", availability_zone = "us-east-1a", cidr_block = "100.64.0.0/24", route_table = "routable" }
    subnet.other.route_table = "other"
    nat_gateway.n = { subnet = "nat", connectivity_type = "private", private_ip = "100.64.0.9" }
    transit_gateway.hub = {}
    transit_gateway_vpc_attachment.main = { transit_gateway = "hub", vpc = "main", subnets = ["nat"] }
    transit_gateway_vpc_attachment.other = { transit_gateway = "hub", vpc = "other", subnets = ["other"] }
    [route_table.private]
    vpc = "main"
    routes = [{ destination_cidr_block = "10.1.0.0/16", target = "nat_gateway.n" }]
    [route_table.routable]
    vpc = "main"
    routes = [{ destination_cidr_block = "10.1.0.0/16", target = "transit_gateway.hub" }]
    [route_table.other]
    vpc = "other"
    routes = [{ destination_cidr_block = "100.64.0.0/16", target = "transit_gateway.hub" }]
"#;

fn public(more: &str) -> Network {
    network(&[PUBLIC, more])
}

#[test]
fn the_gateway_puts_its_private_address_and_the_internet_gateway_its_public_one() {
    public("").ask("instance.a", "internet", "tcp/443").is_reachable().goes(&[
        "private: 0.0.0.0/0 → nat_gateway.n",
        "into nat_gateway.n",
        "nat_gateway.n: 10.0.0.10 → 203.0.113.1:443 becomes 10.0.9.9 → 203.0.113.1:443",
        "out of nat_gateway.n",
        "public: 0.0.0.0/0 → internet_gateway.main",
        "internet_gateway.main: 10.0.9.9 → 203.0.113.1:443 becomes 198.51.100.9 → 203.0.113.1:443",
    ]);
}

#[test]
fn the_answer_finds_the_client_again() {
    public("").ask("instance.a", "internet", "tcp/443").is_reachable().returns(&[
        "internet_gateway.main: 203.0.113.1:443 → 198.51.100.9 becomes 203.0.113.1:443 → 10.0.9.9",
        "nat_gateway.n: 203.0.113.1:443 → 10.0.9.9 becomes 203.0.113.1:443 → 10.0.0.10",
        "into instance.a",
        "instance.a ingress: reply",
    ]);
}

#[test]
fn the_gateway_takes_a_port_of_its_own() {
    let network = public("");
    let answer = network
        .ask("instance.a", "internet", "tcp/443")
        .is_reachable();
    let source = answer
        .path
        .forward
        .steps
        .iter()
        .find_map(|step| match step {
            netsim::path::Step::Translates { before, after, .. } => {
                Some((before.source, after.source))
            }
            _ => None,
        });
    let (before, after) = source.unwrap();
    assert_eq!(before.ports, netsim::path::EPHEMERAL_OF_INSTANCES);
    assert_eq!(after.ports, netsim::path::EPHEMERAL);
}

#[test]
fn tcp_udp_and_icmp_pass() {
    let network = public("");
    for flow in ["tcp/443", "udp/53", "icmp"] {
        network.ask("instance.a", "internet", flow).is_reachable();
    }
}

#[test]
fn nothing_is_started_from_outside() {
    let direction = ["there: NGW_DEST_ADDRESS_PRESERVATION nat_gateway.n direction"];
    let network = public("");
    network
        .ask("internet", "198.51.100.9", "tcp/443")
        .is_refused(&direction);
    network
        .ask("instance.b", "10.0.9.9", "tcp/443")
        .is_refused(&direction);
}

#[test]
fn without_a_route_to_an_internet_gateway_nothing_gets_out() {
    public("subnet.nat.route_table = \"none\"\nroute_table.none.vpc = \"main\"")
        .ask("instance.a", "internet", "tcp/443")
        .is_refused(&["there: NO_ROUTE_TO_DESTINATION route_table.none routes"]);
}

#[test]
fn a_gateway_in_the_subnet_that_it_serves_sends_to_itself() {
    public("subnet.nat.route_table = \"private\"")
        .ask("instance.a", "internet", "tcp/443")
        .is_refused(&["there: - nat_gateway.n routes"]);
}

#[test]
fn one_gateway_may_serve_subnets_of_other_zones() {
    public("subnet.b.route_table = \"private\"")
        .ask("instance.b", "internet", "tcp/443")
        .is_reachable()
        .goes(&["nat_gateway.n: 10.0.1.10 → 203.0.113.1:443 becomes 10.0.9.9 → 203.0.113.1:443"]);
}

#[test]
fn a_gateway_has_no_groups() {
    let network = public("");
    let answer = network
        .ask("instance.a", "internet", "tcp/443")
        .is_reachable();
    assert!(
        !answer
            .there()
            .iter()
            .any(|step| step.starts_with("nat_gateway.n egress"))
    );
    assert!(
        !answer
            .there()
            .iter()
            .any(|step| step.starts_with("nat_gateway.n ingress"))
    );
}

#[test]
fn a_private_gateway_has_no_public_address() {
    let text = PUBLIC
        .replace(
            "elastic_ip.n = { nat_gateway = \"n\", public_ip = \"198.51.100.9\" }",
            "",
        )
        .replace(
            "private_ip = \"10.0.9.9\"",
            "private_ip = \"10.0.9.9\", connectivity_type = \"private\"",
        );
    network(&[&text])
        .ask("instance.a", "internet", "tcp/443")
        .is_refused(&[
            "there: IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS internet_gateway.main public address",
        ]);
}

#[test]
fn another_network_sees_the_address_of_a_private_gateway() {
    let from = |block: &str| {
        format!(
            "security_group.other.ingress = \
             [{{ protocol = \"tcp\", ports = 80, source = \"{block}\" }}]"
        )
    };
    network(&[PRIVATE, &from("100.64.0.9/32")])
        .ask("instance.a", "instance.other", "tcp/80")
        .is_reachable()
        .goes(&[
            "nat_gateway.n: 10.0.0.10 → 10.1.0.10:80 becomes 100.64.0.9 → 10.1.0.10:80",
            "through transit_gateway.hub",
            "instance.other ingress: other[0], tracked",
        ])
        .returns(&[
            "through transit_gateway.hub",
            "nat_gateway.n: 10.1.0.10:80 → 100.64.0.9 becomes 10.1.0.10:80 → 10.0.0.10",
        ]);
    // Its client's address is none that it knows.
    network(&[PRIVATE, &from("10.0.0.0/16")])
        .ask("instance.a", "instance.other", "tcp/80")
        .is_refused(&["there: ENI_SG_RULES_MISMATCH security_group.other ingress"]);
}

#[test]
fn one_gateway_behind_another_translates_twice_and_back() {
    // A private gateway in `main`, and a public one in `other`, which leads to the internet.
    let egress = r#"
        subnet.edge = { vpc = "other", availability_zone = "us-east-1a", cidr_block = "10.1.9.0/24", route_table = "edge" }
        internet_gateway.other.vpc = "other"
        nat_gateway.public = { subnet = "edge", private_ip = "10.1.9.9" }
        elastic_ip.public = { nat_gateway = "public", public_ip = "198.51.100.8" }
        [route_table.private]
        routes = [{ destination_cidr_block = "0.0.0.0/0", target = "nat_gateway.n" }]
        [route_table.routable]
        routes = [{ destination_cidr_block = "0.0.0.0/0", target = "transit_gateway.hub" }]
        [route_table.other]
        routes = [{ destination_cidr_block = "0.0.0.0/0", target = "nat_gateway.public" }]
        [route_table.edge]
        vpc = "other"
        routes = [
            { destination_cidr_block = "0.0.0.0/0", target = "internet_gateway.other" },
            { destination_cidr_block = "100.64.0.0/16", target = "transit_gateway.hub" },
        ]
        [transit_gateway_route_table.t]
        transit_gateway = "hub"
        associations = ["transit_gateway_vpc_attachment.main", "transit_gateway_vpc_attachment.other"]
        propagations = ["transit_gateway_vpc_attachment.main", "transit_gateway_vpc_attachment.other"]
        routes = [{ destination_cidr_block = "0.0.0.0/0", target = "transit_gateway_vpc_attachment.other" }]
    "#;
    network(&[PRIVATE, egress])
        .ask("instance.a", "internet", "tcp/443")
        .is_reachable()
        .goes(&[
            "nat_gateway.n: 10.0.0.10 → 203.0.113.1:443 becomes 100.64.0.9 → 203.0.113.1:443",
            "nat_gateway.public: 100.64.0.9 → 203.0.113.1:443 becomes 10.1.9.9 → 203.0.113.1:443",
            "internet_gateway.other: 10.1.9.9 → 203.0.113.1:443 becomes 198.51.100.8 → 203.0.113.1:443",
        ])
        .returns(&[
            "internet_gateway.other: 203.0.113.1:443 → 198.51.100.8 becomes 203.0.113.1:443 → 10.1.9.9",
            "nat_gateway.public: 203.0.113.1:443 → 10.1.9.9 becomes 203.0.113.1:443 → 100.64.0.9",
            "nat_gateway.n: 203.0.113.1:443 → 100.64.0.9 becomes 203.0.113.1:443 → 10.0.0.10",
        ]);
}

#[test]
fn what_comes_from_outside_the_vpc_is_not_translated_unless_over_a_transit_gateway() {
    // A site behind a virtual private gateway, led by a router to the NAT gateway.
    public(
        r#"
        vpn_gateway.main.vpc = "main"
        customer_gateway.site.cidr_blocks = ["192.168.0.0/16"]
        vpn_connection.v = { customer_gateway = "site", vpn_gateway = "main" }
        [subnet.router]
        vpc = "main"
        availability_zone = "us-east-1a"
        cidr_block = "10.0.8.0/24"
        route_table = "onwards"
        [instance.router]
        instance_type = "m5.large"
        subnet = "router"
        security_groups = ["open"]
        source_dest_check = false
        masquerade = false
        [route_table.onwards]
        vpc = "main"
        routes = [{ destination_cidr_block = "10.0.1.0/24", target = "nat_gateway.n" }]
        [route_table.from-site]
        vpc = "main"
        gateway = "vpn_gateway.main"
        routes = [{ destination_cidr_block = "10.0.1.0/24", target = "instance.router" }]
        "#,
    )
    .ask("customer_gateway.site", "instance.b", "tcp/80")
    .is_refused(&[
        "there: NGW_REQUIRES_SOURCE_IN_VPC nat_gateway.n source",
        // Nor would its subnet know the way back.
        "back: IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS internet_gateway.main destination",
    ]);
}

#[test]
fn group_references_end_at_a_gateway() {
    let text = r#"
        subnet.a.route_table = "through"
        subnet.nat = { vpc = "main", availability_zone = "us-east-1a", cidr_block = "10.0.9.0/24" }
        nat_gateway.n = { subnet = "nat", connectivity_type = "private", private_ip = "10.0.9.9" }
        instance.b.security_groups = ["guard"]
        [route_table.through]
        vpc = "main"
        routes = [{ destination_cidr_block = "10.0.1.0/24", target = "nat_gateway.n" }]
        [security_group.guard]
        vpc = "main"
        ingress = [{ protocol = "tcp", ports = 80, source = "security_group.open" }]
    "#;
    network(&[text])
        .ask("instance.a", "instance.b", "tcp/80")
        .is_refused(&["there: SG_REFERENCES_NOT_PRESERVED security_group.guard ingress"]);
}
