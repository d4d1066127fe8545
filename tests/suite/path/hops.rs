//! What takes time: the places and links of the substrate under each step of the overlay.

use super::network::{Network, network};

/// Places for the instances: `a` on the first host of the first rack.
fn placed(near: &str, parts: &[&str]) -> Network {
    let places = format!(
        "instance.a.placement = {{ rack = 1, host = 1 }}\n\
         instance.b.placement = {{ rack = 2, host = 2 }}\n\
         instance.near.placement = {{ {near} }}\n"
    );
    network(&[&[places.as_str()], parts].concat())
}

#[test]
fn on_one_host_the_card_turns_the_packet_round() {
    let network = placed("rack = 1, host = 1", &[]);
    assert_eq!(
        network
            .ask("instance.a", "instance.near", "tcp/80")
            .is_reachable()
            .hops(),
        [
            "guest sends",
            "card of instance.a turns round",
            "guest receives"
        ]
    );
}

#[test]
fn in_one_rack_the_leaf_is_passed_and_no_spine() {
    let network = placed("rack = 1, host = 2", &[]);
    assert_eq!(
        network
            .ask("instance.a", "instance.near", "tcp/80")
            .is_reachable()
            .hops(),
        [
            "guest sends",
            "card of instance.a sends",
            "up from host 1/1",
            "down to host 1/2",
            "card of instance.near receives",
            "guest receives",
        ]
    );
}

#[test]
fn between_racks_a_spine_is_passed() {
    let network = placed("rack = 2, host = 1", &[]);
    assert_eq!(
        network
            .ask("instance.a", "instance.near", "tcp/80")
            .is_reachable()
            .hops(),
        [
            "guest sends",
            "card of instance.a sends",
            "up from host 1/1",
            "up from rack 1 of us-east-1a",
            "down to rack 2 of us-east-1a",
            "down to host 2/1",
            "card of instance.near receives",
            "guest receives",
        ]
    );
}

#[test]
fn between_zones_the_link_between_them_is_passed() {
    let network = placed("rack = 1", &[]);
    let answer = network
        .ask("instance.a", "instance.b", "tcp/80")
        .is_reachable();
    assert_eq!(
        answer.hops(),
        [
            "guest sends",
            "card of instance.a sends",
            "up from host 1/1",
            "up from rack 1 of us-east-1a",
            "from us-east-1a to us-east-1b",
            "down to rack 2 of us-east-1b",
            "down to host 2/2",
            "card of instance.b receives",
            "guest receives",
        ]
    );
}

#[test]
fn what_goes_there_comes_back_the_same_way() {
    let network = placed("rack = 1", &[]);
    let there = network
        .ask("instance.a", "instance.b", "tcp/80")
        .is_reachable()
        .path;
    let other = network
        .ask("instance.b", "instance.a", "tcp/80")
        .is_reachable()
        .path;
    let hops = |leg: &netsim::path::Leg| leg.hops().collect::<Vec<_>>();
    assert_eq!(hops(&there.back), hops(&other.forward));
}

#[test]
fn the_overlay_of_a_peering_connection_takes_no_time() {
    let peered = r#"
        vpc.main.main_route_table = "main"
        vpc.other.main_route_table = "other"
        vpc_peering_connection.p = { vpc = "main", peer_vpc = "other" }
        instance.other.placement = { rack = 1, host = 2 }
        [route_table.main]
        vpc = "main"
        routes = [{ destination_cidr_block = "10.1.0.0/16", target = "vpc_peering_connection.p" }]
        [route_table.other]
        vpc = "other"
        routes = [{ destination_cidr_block = "10.0.0.0/16", target = "vpc_peering_connection.p" }]
    "#;
    let network = placed("rack = 1", &[peered]);
    assert_eq!(
        network
            .ask("instance.a", "instance.other", "tcp/80")
            .is_reachable()
            .hops(),
        [
            "guest sends",
            "card of instance.a sends",
            "up from host 1/1",
            "down to host 1/2",
            "card of instance.other receives",
            "guest receives",
        ]
    );
}

/// The hops without links.
fn places(network: &Network, from: &str, to: &str) -> Vec<String> {
    let hops = network.ask(from, to, "tcp/443").is_reachable().hops();
    let is_link = |hop: &String| {
        ["up from", "down to", "from "]
            .iter()
            .any(|start| hop.starts_with(start))
    };
    hops.into_iter().filter(|hop| !is_link(hop)).collect()
}

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
fn to_the_internet_the_edge_of_the_region_is_passed() {
    let network = network(&[INTERNET]);
    assert_eq!(
        places(&network, "instance.a", "internet"),
        [
            "guest sends",
            "card of instance.a sends",
            "edge to the internet",
            "over the internet"
        ]
    );
    assert_eq!(
        places(&network, "internet", "instance.a"),
        [
            "over the internet",
            "edge to the internet",
            "card of instance.a receives",
            "guest receives"
        ]
    );
}

#[test]
fn a_nat_gateway_is_one_node_of_its_fleet_passed_once() {
    assert_eq!(
        places(&network(&[INTERNET]), "instance.b", "internet"),
        [
            "guest sends",
            "card of instance.b sends",
            "node of nat_gateway.n",
            "edge to the internet",
            "over the internet",
        ]
    );
}

#[test]
fn a_flow_keeps_to_the_node_that_its_hash_chooses_on_both_ways() {
    let network = network(&[INTERNET]);
    let query = network.query("instance.b", "internet", "tcp/443");
    let paths = netsim::path::resolve(&network.topology, &query).unwrap();
    let nodes = |leg: &netsim::path::Leg| -> Vec<u32> {
        let fleet = leg.hops().filter_map(|hop| match hop {
            netsim::path::Hop::Fleet(_, node) => Some(node),
            _ => None,
        });
        fleet.collect()
    };
    let count = network.topology.profile.nat_gateway.nodes.value;
    let chosen: std::collections::BTreeSet<u32> =
        paths.iter().map(|path| nodes(&path.forward)[0]).collect();
    assert_eq!(chosen.len(), count as usize);
    for path in &paths {
        assert_eq!(nodes(&path.forward), nodes(&path.back));
    }
}

#[test]
fn a_gateway_endpoint_leads_to_the_front_end_by_the_edge_of_the_zone() {
    let endpoint = r#"
        vpc_endpoint.s3 = { vpc = "main", service = "s3", vpc_endpoint_type = "gateway", route_tables = ["private"] }
    "#;
    let network = network(&[INTERNET, endpoint]);
    assert_eq!(
        places(&network, "instance.b", "service.s3"),
        [
            "guest sends",
            "card of instance.b sends",
            "edge of endpoints"
        ]
    );
    let hops = network.ask("instance.b", "service.s3", "tcp/443").hops();
    assert!(
        !hops.iter().any(|hop| hop.starts_with("from us-east")),
        "{hops:#?}"
    );
}

#[test]
fn an_interface_endpoint_is_a_node_of_its_fleet() {
    let endpoint = r#"
        [vpc_endpoint.sqs]
        vpc = "main"
        service = "sqs"
        vpc_endpoint_type = "interface"
        subnets = ["a"]
        security_groups = ["open"]
    "#;
    assert_eq!(
        places(&network(&[endpoint]), "instance.a", "service.sqs"),
        [
            "guest sends",
            "card of instance.a sends",
            "node of vpc_endpoint.sqs"
        ]
    );
}

#[test]
fn a_transit_gateway_is_a_node_for_each_attachment() {
    let hub = r#"
        vpc.main.main_route_table = "main"
        vpc.other.main_route_table = "other"
        transit_gateway.hub = {}
        transit_gateway_vpc_attachment.main = { transit_gateway = "hub", vpc = "main", subnets = ["a"] }
        transit_gateway_vpc_attachment.other = { transit_gateway = "hub", vpc = "other", subnets = ["other"] }
        [route_table.main]
        vpc = "main"
        routes = [{ destination_cidr_block = "10.0.0.0/8", target = "transit_gateway.hub" }]
        [route_table.other]
        vpc = "other"
        routes = [{ destination_cidr_block = "10.0.0.0/8", target = "transit_gateway.hub" }]
    "#;
    assert_eq!(
        places(&network(&[hub]), "instance.a", "instance.other"),
        [
            "guest sends",
            "card of instance.a sends",
            "node of transit_gateway_vpc_attachment.main",
            "node of transit_gateway_vpc_attachment.other",
            "card of instance.other receives",
            "guest receives",
        ]
    );
}

#[test]
fn a_site_is_behind_the_edge_of_the_region() {
    let site = r#"
        vpc.main.main_route_table = "main"
        vpn_gateway.main.vpc = "main"
        customer_gateway.office.cidr_blocks = ["192.168.0.0/16"]
        vpn_connection.v = { customer_gateway = "office", vpn_gateway = "main" }
        route_table.main = { vpc = "main", propagating_vgws = ["main"] }
    "#;
    assert_eq!(
        places(&network(&[site]), "instance.a", "customer_gateway.office"),
        [
            "guest sends",
            "card of instance.a sends",
            "edge to a site",
            "to customer_gateway.office"
        ]
    );
}

#[test]
fn a_router_receives_and_sends_in_its_guest() {
    let router = r#"
        subnet.a.route_table = "a"
        subnet.middle = { vpc = "main", availability_zone = "us-east-1a", cidr_block = "10.0.9.0/24" }
        instance.router = { instance_type = "m5.large", subnet = "middle", security_groups = ["open"], source_dest_check = false }
        [route_table.a]
        vpc = "main"
        routes = [{ destination_cidr_block = "10.0.1.0/24", target = "instance.router" }]
    "#;
    assert_eq!(
        places(&network(&[router]), "instance.a", "instance.b"),
        [
            "guest sends",
            "card of instance.a sends",
            "card of instance.router receives",
            "guest receives",
            "guest sends",
            "card of instance.router sends",
            "card of instance.b receives",
            "guest receives",
        ]
    );
}

#[test]
fn bare_hosts_of_a_fabric_have_links_only() {
    let topology =
        &network(&["fabric.lab = { racks = 2, hosts_per_rack = 2, spines = 2 }"]).topology;
    let lab = topology.substrate.fabrics.find("lab").unwrap();
    let hosts: Vec<_> = topology.substrate.fabrics[lab].hosts().collect();
    let hops = |to: usize| {
        let [from, to] = [0, to].map(|index| netsim::path::Endpoint::Host(hosts[index]));
        let query = netsim::path::Query::new(from, to, super::network::parse_flow("udp/1"));
        let path = netsim::path::trace(topology, &query, 0);
        assert!(path.is_reachable());
        path.forward.steps.len()
    };
    // To itself, in its rack, and in the other one.
    assert_eq!([hops(0), hops(1), hops(2)], [0, 2, 4]);
}
