//! The address plan: blocks, subnets, and who has which address.

use super::network::{network, wrong};

/// One more interface in a subnet, with an address of its own.
fn interface(name: &str, subnet: &str, address: &str) -> String {
    format!("[network_interface.{name}]\nsubnet = \"{subnet}\"\nprivate_ip = \"{address}\"\n")
}

#[test]
fn the_first_four_addresses_and_the_last_are_reserved() {
    for reserved in ["10.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.255"] {
        assert!(
            wrong(&[&interface("x", "a", reserved)])
                .contains(&format!("{reserved} is reserved by AWS"))
        );
        // They are nobody's, although the local route is for them.
        network(&[])
            .ask("instance.a", reserved, "tcp/80")
            .is_refused(&[&format!(
                "there: NO_POSSIBLE_DESTINATION vpc.main {reserved}"
            )]);
    }
    assert_eq!(wrong(&[&interface("x", "a", "10.0.0.4")]), "");
    assert_eq!(wrong(&[&interface("x", "a", "10.0.0.254")]), "");
}

#[test]
fn a_subnet_of_sixteen_addresses_has_room_for_eleven() {
    let small = "[subnet.small]\nvpc = \"main\"\navailability_zone = \"us-east-1a\"\n\
                 cidr_block = \"10.0.9.0/28\"\n";
    let full = |count: u32| -> String {
        let interfaces =
            (0..count).map(|n| format!("[network_interface.i{n}]\nsubnet = \"small\"\n"));
        small.to_owned() + &interfaces.collect::<String>()
    };
    assert_eq!(wrong(&[&full(11)]), "");
    assert!(
        wrong(&[&full(12)]).contains("10.0.9.0/28 has no address left for network_interface.i11")
    );
}

#[test]
fn managed_interfaces_take_addresses_of_their_subnets_too() {
    let text = r#"
        subnet.small = { vpc = "main", availability_zone = "us-east-1a", cidr_block = "10.0.9.0/28" }
        [nat_gateway.n]
        subnet = "small"
        connectivity_type = "private"
        [transit_gateway.hub]
        [transit_gateway_vpc_attachment.main]
        transit_gateway = "hub"
        vpc = "main"
        subnets = ["small"]
        [vpc_endpoint.sqs]
        vpc = "main"
        service = "sqs"
        vpc_endpoint_type = "interface"
        subnets = ["small"]
    "#;
    let interfaces = |count: u32| -> String {
        let interfaces =
            (0..count).map(|n| format!("[network_interface.i{n}]\nsubnet = \"small\"\n"));
        text.to_owned() + &interfaces.collect::<String>()
    };
    assert_eq!(wrong(&[&interfaces(8)]), "");
    assert!(wrong(&[&interfaces(9)]).contains("has no address left"));
}

#[test]
fn a_written_address_is_given_to_nobody_else() {
    // One address is free; the interface that names it gets it, wherever it stands in the file.
    let small = "[subnet.small]\nvpc = \"main\"\navailability_zone = \"us-east-1a\"\n\
                 cidr_block = \"10.0.9.0/28\"\n";
    let unwritten: String = (0..10)
        .map(|n| format!("[network_interface.i{n}]\nsubnet = \"small\"\n"))
        .collect();
    for wanted in ["10.0.9.4", "10.0.9.9", "10.0.9.14"] {
        let text = format!("{small}{unwritten}{}", interface("z", "small", wanted));
        let network = network(&[&text]);
        let id = network
            .topology
            .network_interfaces
            .find("network_interface.z")
            .unwrap();
        let own = network.topology.network_interfaces[id].private_ip();
        assert_eq!(own.to_string(), wanted);
    }
}

#[test]
fn an_address_has_one_owner_in_its_vpc() {
    assert_eq!(
        wrong(&[&interface("x", "a", "10.0.0.10")]),
        "network_interface.x.private_ip: 10.0.0.10 belongs to instance.a\n"
    );
}

#[test]
fn two_vpcs_may_have_the_same_addresses() {
    let network = network(&[r#"
        vpc.twin.cidr_block = "10.0.0.0/16"
        subnet.twin = { vpc = "twin", availability_zone = "us-east-1a", cidr_block = "10.0.0.0/24" }
        network_interface.twin = { subnet = "twin", private_ip = "10.0.0.10" }
        network_interface.neighbour = { subnet = "twin", private_ip = "10.0.0.20" }
        "#]);
    // Each reaches its own 10.0.0.10.
    network
        .ask("instance.near", "10.0.0.10", "tcp/80")
        .is_reachable()
        .goes(&["into instance.a"]);
    network
        .ask("network_interface.neighbour", "10.0.0.10", "tcp/80")
        .is_reachable()
        .goes(&["into network_interface.twin"]);
}

#[test]
fn an_address_of_another_network_that_the_sender_has_too_is_the_senders_own() {
    let network = network(&[r#"
        vpc.twin.cidr_block = "10.0.0.0/16"
        subnet.twin = { vpc = "twin", availability_zone = "us-east-1a", cidr_block = "10.0.0.0/24" }
        network_interface.twin = { subnet = "twin", private_ip = "10.0.0.10" }
        "#]);
    network
        .ask("instance.near", "network_interface.twin", "tcp/80")
        .is_refused(&["there: NO_POSSIBLE_DESTINATION instance.a 10.0.0.10"]);
}

#[test]
fn a_subnet_is_inside_a_block_of_its_vpc_and_overlaps_no_other() {
    let subnet = |block: &str| {
        wrong(&[&format!(
            "subnet.x = {{ vpc = \"main\", availability_zone = \"us-east-1a\", cidr_block = \"{block}\" }}"
        )])
    };
    assert_eq!(subnet("10.0.2.0/24"), "");
    assert!(subnet("10.3.0.0/24").contains("is not inside"));
    assert!(subnet("10.0.0.128/25").contains("subnet `a`"));
    assert!(subnet("10.0.2.0/29").contains("/28"));
}

#[test]
fn a_further_block_of_a_vpc_is_local_in_every_route_table() {
    let network = network(&[r#"
        vpc.main.secondary_cidr_blocks = ["100.64.0.0/16"]
        subnet.pods = { vpc = "main", availability_zone = "us-east-1a", cidr_block = "100.64.1.0/24" }
        network_interface.pod = { subnet = "pods", private_ip = "100.64.1.10", security_groups = ["open"] }
        "#]);
    network
        .ask("instance.a", "network_interface.pod", "tcp/80")
        .is_reachable()
        .goes(&["main (main): 100.64.0.0/16 → local"])
        .returns(&["main (main): 10.0.0.0/16 → local"]);
}

#[test]
fn vpcs_that_nothing_joins_do_not_reach_each_other() {
    network(&[])
        .ask("instance.a", "instance.other", "tcp/80")
        .is_refused(&["there: NO_ROUTE_TO_DESTINATION route_table.main (main) routes"]);
}
