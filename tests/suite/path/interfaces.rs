//! Network interfaces: addresses, source and destination check, limits, and what has one.

use super::network::{network, wrong};

/// An internet gateway for all of `main`.
const INTERNET: &str = r#"
    vpc.main.main_route_table = "main"
    internet_gateway.main.vpc = "main"
    [route_table.main]
    vpc = "main"
    routes = [{ destination_cidr_block = "0.0.0.0/0", target = "internet_gateway.main" }]
"#;

/// Two addresses of one interface, each with its Elastic IP address.
const TWO_PUBLIC: &str = r#"
    instance.a.secondary_private_ips = ["10.0.0.20", "10.0.0.21"]
    elastic_ip.first = { instance = "a", public_ip = "198.51.100.1" }
    elastic_ip.second = { instance = "a", private_ip = "10.0.0.20", public_ip = "198.51.100.2" }
"#;

/// A router in a subnet of its own, on the way from `a` to `b`.
fn router(keys: &str) -> String {
    format!(
        r#"
        subnet.a.route_table = "a"
        subnet.middle = {{ vpc = "main", availability_zone = "us-east-1a", cidr_block = "10.0.9.0/24" }}
        [route_table.a]
        vpc = "main"
        routes = [{{ destination_cidr_block = "10.0.1.0/24", target = "instance.router" }}]
        [instance.router]
        instance_type = "m5.large"
        subnet = "middle"
        private_ip = "10.0.9.9"
        security_groups = ["open"]
        {keys}
        "#
    )
}

#[test]
fn a_secondary_address_leads_to_its_interface() {
    network(&["instance.b.secondary_private_ips = [\"10.0.1.20\"]"])
        .ask("instance.a", "10.0.1.20", "tcp/80")
        .is_reachable()
        .goes(&["into instance.b"])
        .returns(&["out of instance.b", "into instance.a"]);
}

#[test]
fn a_packet_carries_the_address_that_it_is_sent_from() {
    let network = network(&["instance.a.secondary_private_ips = [\"10.0.0.20\"]"]);
    for sender in ["instance.a", "10.0.0.20"] {
        let answer = network.ask(sender, "instance.b", "tcp/80").is_reachable();
        let source = answer.path.header.unwrap().source.address.to_string();
        let expected = if sender == "instance.a" {
            "10.0.0.10"
        } else {
            sender
        };
        assert_eq!(source, expected);
    }
}

#[test]
fn every_private_address_has_a_public_one_of_its_own() {
    let network = network(&[INTERNET, TWO_PUBLIC]);
    let gateway = "internet_gateway.main";
    network
        .ask("instance.a", "internet", "tcp/443")
        .is_reachable()
        .goes(&[&format!(
            "{gateway}: 10.0.0.10 → 203.0.113.1:443 becomes 198.51.100.1 → 203.0.113.1:443"
        )]);
    network
        .ask("10.0.0.20", "internet", "tcp/443")
        .is_reachable()
        .goes(&[&format!(
            "{gateway}: 10.0.0.20 → 203.0.113.1:443 becomes 198.51.100.2 → 203.0.113.1:443"
        )]);
    network
        .ask("internet", "198.51.100.2", "tcp/80")
        .is_reachable()
        .goes(&[&format!(
            "{gateway}: 203.0.113.1 → 198.51.100.2:80 becomes 203.0.113.1 → 10.0.0.20:80"
        )]);
    // The third has none.
    network
        .ask("10.0.0.21", "internet", "tcp/443")
        .is_refused(&[
            "there: IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS internet_gateway.main public address",
        ]);
}

#[test]
fn the_check_drops_what_is_neither_from_nor_to_the_interface() {
    let checked = "there: ENI_SOURCE_DEST_CHECK_RESTRICTION instance.router source_dest_check";
    network(&[&router("")])
        .ask("instance.a", "instance.b", "tcp/80")
        .is_refused(&[checked, checked]);
}

#[test]
fn without_the_check_an_instance_forwards() {
    network(&[&router("source_dest_check = false")])
        .ask("instance.a", "instance.b", "tcp/80")
        .is_reachable()
        .goes(&[
            "a: 10.0.1.0/24 → instance.router",
            "into instance.router",
            "out of instance.router",
            "main (main): 10.0.0.0/16 → local",
            "into instance.b",
        ]);
}

#[test]
fn a_router_hides_the_source_only_if_it_masquerades() {
    let plain = network(&[&router("source_dest_check = false")]);
    plain
        .ask("instance.a", "instance.b", "tcp/80")
        .avoids("becomes")
        .returns(&["out of instance.b", "into instance.a"]);
    let nat = network(&[&router("source_dest_check = false\nmasquerade = true")]);
    nat.ask("instance.a", "instance.b", "tcp/80")
        .is_reachable()
        .goes(&["instance.router: 10.0.0.10 → 10.0.1.10:80 becomes 10.0.9.9 → 10.0.1.10:80"])
        .returns(&["instance.router: 10.0.1.10:80 → 10.0.9.9 becomes 10.0.1.10:80 → 10.0.0.10"]);
}

#[test]
fn groups_of_a_router_count_for_what_passes_it() {
    let group = r#"
        instance.router.security_groups = ["router"]
        [security_group.router]
        vpc = "main"
        ingress = [{ protocol = "tcp", ports = 443, source = "10.0.0.0/16" }]
    "#;
    let network = network(&[&router("source_dest_check = false"), group]);
    network
        .ask("instance.a", "instance.b", "tcp/443")
        .is_reachable();
    network
        .ask("instance.a", "instance.b", "tcp/80")
        .is_refused(&["there: ENI_SG_RULES_MISMATCH security_group.router ingress"]);
}

#[test]
fn an_interface_is_filtered_by_its_own_groups_only() {
    let network = network(&[r#"
        security_group.closed = { vpc = "main" }
        [network_interface.second]
        subnet = "b"
        security_groups = ["closed"]
        attachment = { instance = "b", device_index = 1 }
        "#]);
    network
        .ask("instance.a", "instance.b", "tcp/80")
        .is_reachable();
    network
        .ask("instance.a", "network_interface.second", "tcp/80")
        .is_refused(&["there: SG_HAS_NO_RULES security_group.closed ingress"]);
}

#[test]
fn an_instance_type_limits_interfaces_and_their_addresses() {
    let second = |index: u32| {
        format!(
            "[network_interface.i{index}]\nsubnet = \"a\"\n\
             attachment = {{ instance = \"a\", device_index = {index} }}\n"
        )
    };
    assert_eq!(wrong(&[&second(1), &second(2)]), "");
    let third = wrong(&[&second(1), &second(2), &second(3)]);
    assert!(
        third.contains("m5.large, which has at most 3 network interfaces"),
        "{third}"
    );
    let addresses = |count: u32| {
        let list: Vec<String> = (0..count)
            .map(|n| format!("\"10.0.0.{}\"", 100 + n))
            .collect();
        wrong(&[&format!(
            "instance.a.secondary_private_ips = [{}]",
            list.join(", ")
        )])
    };
    assert_eq!(addresses(9), "");
    assert!(addresses(10).contains("10"), "{}", addresses(10));
}

#[test]
fn an_interface_without_an_ipv6_address_has_no_way_by_ipv6() {
    network(&[])
        .ask_ipv6("instance.a", "instance.b", "tcp/80")
        .is_refused(&["there: - instance.b ipv6_addresses"]);
}

#[test]
fn a_loose_interface_answers_with_a_note() {
    let network =
        network(&["network_interface.db = { subnet = \"b\", security_groups = [\"open\"] }"]);
    let answer = network
        .ask("instance.a", "network_interface.db", "tcp/5432")
        .is_reachable();
    let id = network
        .topology
        .network_interfaces
        .find("network_interface.db")
        .unwrap();
    assert_eq!(answer.path.notes, [netsim::path::Note::Unattached(id)]);
}

#[test]
fn interfaces_of_managed_resources_take_no_connections() {
    let network = network(&[r#"
        nat_gateway.n = { subnet = "b", connectivity_type = "private", private_ip = "10.0.1.50" }
        transit_gateway.hub = {}
        [transit_gateway_vpc_attachment.main]
        transit_gateway = "hub"
        vpc = "main"
        subnets = ["b"]
        [function.f]
        runtime = "python3.12"
        memory = "512 MB"
        duration = "10 ms"
        vpc_attachment = "hyperplane"
        subnets = ["b"]
        security_groups = ["open"]
        "#]);
    network
        .ask("instance.a", "10.0.1.50", "tcp/80")
        .is_refused(&["there: NGW_DEST_ADDRESS_PRESERVATION nat_gateway.n direction"]);
    let topology = &network.topology;
    for (name, code) in [
        (
            "transit_gateway_vpc_attachment.main",
            "NO_POSSIBLE_DESTINATION",
        ),
        ("function", "NO_POSSIBLE_DESTINATION"),
    ] {
        let (id, own) = topology
            .network_interfaces
            .iter()
            .find(|(id, _)| topology.network_interfaces.name(*id).starts_with(name))
            .unwrap();
        let address = own.private_ip().to_string();
        let answer = network.ask("instance.a", &address, "tcp/80");
        let refusal = format!("there: {code} {} receiver", topology.owner_name(id));
        assert_eq!(answer.refusals(), [refusal]);
    }
}

#[test]
fn a_managed_resource_starts_no_connections() {
    let network = network(&[r#"
        [vpc_endpoint.sqs]
        vpc = "main"
        service = "sqs"
        vpc_endpoint_type = "interface"
        subnets = ["a"]
        "#]);
    network
        .ask("vpc_endpoint.sqs", "instance.a", "tcp/443")
        .is_refused(&["there: - vpc_endpoint.sqs sender"]);
}
