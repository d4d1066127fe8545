//! Who reaches whom: ends that behave alike are asked about once, and no others.

use netsim::path::{self, Endpoint, Matrix};

use super::network::{Network, network};

/// The ports by which one end reaches another, as they are shown; nothing if it does not.
fn ports(network: &Network, from: &str, to: &str) -> String {
    let matrix = everyone(network);
    let group = |name: &str| {
        let end = network.end(name, None);
        matrix
            .groups
            .iter()
            .position(|group| group.contains(&end))
            .unwrap()
    };
    let pair = (group(from), group(to));
    let mut reaches = matrix.reaches.iter();
    let reach = reaches.find(|reach| (reach.from, reach.to) == pair);
    reach.map_or_else(String::new, |reach| reach.ports.to_string())
}

fn everyone(network: &Network) -> Matrix {
    let ends = path::all_ends(&network.topology);
    path::matrix(&network.topology, &ends, &ends)
}

/// How many groups the interfaces of some instances are in.
fn groups(network: &Network, names: &[&str]) -> usize {
    let ends: Vec<Endpoint> = names.iter().map(|name| network.end(name, None)).collect();
    let matrix = everyone(network);
    matrix
        .groups
        .iter()
        .filter(|group| group.iter().any(|end| ends.contains(end)))
        .count()
}

const ALIKE: [&str; 2] = ["instance.a", "instance.near"];

#[test]
fn interfaces_of_one_subnet_with_the_same_groups_are_alike() {
    assert_eq!(groups(&network(&[]), &ALIKE), 1);
    assert_eq!(groups(&network(&[]), &["instance.a", "instance.b"]), 2);
    let other =
        "instance.near.security_groups = [\"further\"]\nsecurity_group.further.vpc = \"main\"";
    assert_eq!(groups(&network(&[other]), &ALIKE), 2);
}

#[test]
fn a_rule_for_one_address_tells_it_from_the_others() {
    let rule = |block: &str| {
        network(&[&format!(
            "security_group.other.ingress = [{{ protocol = \"all\", source = \"{block}\" }}]"
        )])
    };
    assert_eq!(groups(&rule("10.0.0.10/32"), &ALIKE), 2);
    assert_eq!(groups(&rule("10.0.0.8/29"), &ALIKE), 1);
}

#[test]
fn a_rule_for_one_public_address_tells_it_from_the_others() {
    let text = r#"
        vpc.main.main_route_table = "main"
        internet_gateway.main.vpc = "main"
        elastic_ip.a = { instance = "a", public_ip = "198.51.100.1" }
        elastic_ip.near = { instance = "near", public_ip = "198.51.100.2" }
        subnet.c = { vpc = "main", availability_zone = "us-east-1c", cidr_block = "10.0.2.0/24" }
        security_group.front = { vpc = "main", ingress = [{ protocol = "all", source = "198.51.100.1/32" }] }
        [route_table.main]
        vpc = "main"
        routes = [{ destination_cidr_block = "0.0.0.0/0", target = "internet_gateway.main" }]
        [load_balancer.front]
        load_balancer_type = "application"
        subnets = ["b", "c"]
        security_groups = ["front"]
        listeners = [{ port = 80, protocol = "HTTP", target_group = "t" }]
        [target_group.t]
        vpc = "main"
        port = 80
        targets = ["instance.b"]
    "#;
    let network = network(&[text]);
    assert_eq!(
        ports(&network, "instance.a", "load_balancer.front"),
        "tcp/80"
    );
    assert_eq!(ports(&network, "instance.near", "load_balancer.front"), "");
}

#[test]
fn ports_are_those_of_groups_and_acls_on_the_way() {
    let text = r#"
        instance.b.security_groups = ["b"]
        subnet.b.network_acl = "b"
        [security_group.b]
        vpc = "main"
        ingress = [
            { protocol = "tcp", ports = "80-90", source = "10.0.0.0/16" },
            { protocol = "tcp", ports = 443, source = "10.0.0.0/16" },
            { protocol = "icmp", source = "10.0.0.0/16" },
        ]
        [network_acl.b]
        vpc = "main"
        ingress = [
            { rule_number = 1, action = "deny", protocol = "tcp", ports = "85-86", cidr_block = "0.0.0.0/0" },
            { rule_number = 2, action = "allow", protocol = "all", cidr_block = "0.0.0.0/0" },
        ]
        egress = [{ rule_number = 1, action = "allow", protocol = "all", cidr_block = "0.0.0.0/0" }]
    "#;
    let network = network(&[text]);
    assert_eq!(
        ports(&network, "instance.a", "instance.b"),
        "tcp/80-84,87-90,443 icmp"
    );
    assert_eq!(ports(&network, "instance.b", "instance.a"), "all");
}

#[test]
fn groups_of_routers_on_the_way_divide_the_ports_too() {
    let text = r#"
        subnet.a.route_table = "a"
        subnet.middle = { vpc = "main", availability_zone = "us-east-1a", cidr_block = "10.0.9.0/24" }
        instance.router = { instance_type = "m5.large", subnet = "middle", security_groups = ["router"], source_dest_check = false }
        [security_group.router]
        vpc = "main"
        ingress = [{ protocol = "tcp", ports = 443, source = "10.0.0.0/16" }]
        [route_table.a]
        vpc = "main"
        routes = [{ destination_cidr_block = "10.0.1.0/24", target = "instance.router" }]
    "#;
    assert_eq!(
        ports(&network(&[text]), "instance.a", "instance.b"),
        "tcp/443"
    );
}

#[test]
fn a_target_that_cannot_reach_itself_is_not_like_its_neighbours() {
    let text = r#"
        [load_balancer.front]
        load_balancer_type = "network"
        internal = true
        subnets = ["a"]
        listeners = [{ port = 80, protocol = "TCP", target_group = "t" }]
        [target_group.t]
        vpc = "main"
        port = 80
        targets = ["instance.a"]
    "#;
    let network = network(&[text]);
    assert_eq!(
        ports(&network, "instance.near", "load_balancer.front"),
        "tcp/80"
    );
    assert_eq!(ports(&network, "instance.a", "load_balancer.front"), "");
}

#[test]
fn one_sender_is_asked_about_as_everyone_is() {
    let network = network(&[]);
    let everyone = path::all_ends(&network.topology);
    let a = network.end("instance.a", None);
    let matrix = path::matrix(&network.topology, &[a], &everyone);
    assert!(
        matrix
            .reaches
            .iter()
            .all(|reach| matrix.groups[reach.from].contains(&a))
    );
    let reached: Vec<&Endpoint> = matrix
        .reaches
        .iter()
        .flat_map(|reach| &matrix.groups[reach.to])
        .collect();
    // Its neighbour and the instance in the other zone, and nobody in other VPCs.
    assert!(reached.contains(&&network.end("instance.near", None)));
    assert!(reached.contains(&&network.end("instance.b", None)));
    assert!(!reached.contains(&&network.end("instance.other", None)));
}
