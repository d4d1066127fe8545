//! What remembers the flows of a path, which side of a card they take, and what one of them may carry.

use super::*;
use crate::path::{Endpoint, Flow, Query, resolve};
use crate::scenario::{Document, Scenario};
use crate::sim::program::Route;
use crate::sim::station::{Side, Station};
use crate::sim::tracking::{Direction, Flags, Limit, Slot, Verdict};
use crate::units::{Bytes, Time};

/// A private subnet behind a NAT gateway, two instances in a cluster placement group, one with an open
/// group.
const DESIGN: &str = r#"
    [region]
    name = "us-east-1"
    availability_zones = ["us-east-1a"]
    [vpc.main]
    cidr_block = "10.0.0.0/16"
    [internet_gateway.main]
    vpc = "main"
    [subnet.public]
    vpc = "main"
    availability_zone = "us-east-1a"
    cidr_block = "10.0.0.0/24"
    route_table = "public"
    [subnet.private]
    vpc = "main"
    availability_zone = "us-east-1a"
    cidr_block = "10.0.1.0/24"
    route_table = "private"
    [route_table.public]
    vpc = "main"
    routes = [{ destination_cidr_block = "0.0.0.0/0", target = "internet_gateway.main" }]
    [route_table.private]
    vpc = "main"
    routes = [{ destination_cidr_block = "0.0.0.0/0", target = "nat_gateway.a" }]
    [nat_gateway.a]
    subnet = "public"
    secondary_private_ip_address_count = 7
    [security_group.some]
    vpc = "main"
    ingress = [{ protocol = "tcp", ports = 80, source = "10.0.0.0/16" }]
    egress = [{ protocol = "all", destination = "0.0.0.0/0" }]
    [security_group.everyone]
    vpc = "main"
    ingress = [{ protocol = "all", source = "0.0.0.0/0" }]
    egress = [{ protocol = "all", destination = "0.0.0.0/0" }]
    [placement_group.close]
    strategy = "cluster"
    [instance.app]
    instance_type = "m5.xlarge"
    subnet = "private"
    security_groups = ["some"]
    placement_group = "close"
    connection_tracking = { tcp_established_timeout = "350 s" }
    [instance.other]
    max_connections = 20
    instance_type = "m5.xlarge"
    subnet = "private"
    security_groups = ["some"]
    placement_group = "close"
    [instance.open]
    instance_type = "m5.24xlarge"
    subnet = "public"
    security_groups = ["everyone"]
    associate_public_ip_address = true
"#;

fn topology() -> Topology {
    let document = Document::parse("test.toml", DESIGN).unwrap();
    let (scenario, problems) = Scenario::read(&document);
    assert!(problems.is_empty(), "{problems:?}");
    let (topology, problems) = Topology::resolve(&scenario);
    assert!(
        problems.iter().all(|problem| !problem.is_error()),
        "{problems:?}"
    );
    topology
}

fn path(topology: &Topology, from: &str, to: &str) -> Path {
    let end = |text: &str| Endpoint::parse(topology, text, None).unwrap();
    let flow = Flow {
        protocol: Protocol::Tcp,
        port: 80,
    };
    let query = Query::new(end(from), end(to), flow);
    resolve(topology, &query).unwrap().swap_remove(0)
}

fn stages(compiler: &Compiler<'_>, route: Route) -> Vec<crate::sim::program::Stage> {
    compiler.stages[route.first as usize..route.end as usize].to_vec()
}

#[test]
fn a_flow_through_a_nat_gateway_is_tracked_on_its_card_and_has_a_port() {
    let topology = topology();
    let mut compiler = Compiler::new(&topology);
    let path = path(&topology, "instance.app", "internet");
    let list = compiler.tables_of(&path);
    assert_eq!(list.slots(), 2);
    let hops: Vec<Hop> = path.forward.hops().collect();
    let there = compiler.route_with(&hops, true, &list);
    let hops: Vec<Hop> = path.back.hops().collect();
    let back = compiler.route_with(&hops, true, &list);
    let uses = |route| -> Vec<TableUse> {
        stages(&compiler, route)
            .iter()
            .filter_map(|stage| stage.table)
            .collect()
    };
    let (there, mut homeward) = (uses(there), uses(back));
    homeward.reverse();
    assert_eq!(there, homeward);
    let slots: Vec<u16> = there.iter().map(|table| table.slot).collect();
    assert_eq!(slots, [0, 1]);
    let (mut tables, resources) = compiler.tables.into_parts();
    let limits: Vec<Limit> = tables.iter().map(|table| table.rules().limit).collect();
    assert!(matches!(limits[0], Limit::Total { most: 280_000, .. }));
    assert!(matches!(
        limits[1],
        Limit::PerDestination { most: 440_000, .. }
    ));
    let names: Vec<&str> = resources
        .iter()
        .map(|resource| resource.name.as_str())
        .collect();
    assert_eq!(names, ["instance.app", "nat_gateway.a"]);
    // The instance's own timeout: 350 s instead of five days.
    let mut slot = Slot::default();
    let secs = |s| Time::ZERO + Duration::from_secs(s);
    let card = &mut tables[0];
    let mut pass = |now, direction, flags| {
        let packet = there[0].packet(direction, flags, Bytes::new(52));
        card.packet(now, &mut slot, packet)
    };
    assert_eq!(pass(secs(0), Direction::Forward, Flags::Syn), Verdict::Pass);
    assert_eq!(pass(secs(0), Direction::Back, Flags::Plain), Verdict::Pass);
    assert_eq!(
        pass(secs(350), Direction::Back, Flags::Plain),
        Verdict::Pass
    );
    assert!(pass(secs(701), Direction::Back, Flags::Plain) != Verdict::Pass);
}

#[test]
fn an_untracked_flow_has_no_entry() {
    let topology = topology();
    let mut compiler = Compiler::new(&topology);
    let found = path(&topology, "instance.open", "internet");
    assert_eq!(compiler.tables_of(&found).slots(), 0);
    let found = path(&topology, "instance.open", "instance.app");
    assert_eq!(compiler.tables_of(&found).slots(), 1);
}

/// The server process sees what comes to it, at the end of the way there, and nothing of the way back.
#[test]
fn a_server_with_a_limit_sees_the_packets_of_its_clients() {
    let topology = topology();
    let mut compiler = Compiler::new(&topology);
    let path = path(&topology, "instance.open", "instance.other");
    let list = compiler.tables_of(&path);
    assert_eq!(list.slots(), 2);
    let hops: Vec<Hop> = path.forward.hops().collect();
    let there = compiler.route_with(&hops, true, &list);
    let hops: Vec<Hop> = path.back.hops().collect();
    let back = compiler.route_with(&hops, true, &list);
    let slots = |route| -> Vec<Option<u16>> {
        let stages = stages(&compiler, route).into_iter();
        stages.map(|stage| Some(stage.table?.slot)).collect()
    };
    let server = slots(there).pop().unwrap();
    assert_eq!(server, Some(1));
    let seen = |route| slots(route).iter().filter(|&&own| own == server).count();
    assert_eq!((seen(there), seen(back)), (1, 0));
    let (tables, resources) = compiler.tables.into_parts();
    let limits: Vec<Limit> = tables.iter().map(|table| table.rules().limit).collect();
    assert!(limits.contains(&Limit::Accepted(20)));
    // The card and the server process count for one resource.
    let names: Vec<&str> = resources.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["instance.other", "instance.open"]);
}

#[test]
fn a_flow_has_5_gbps_and_10_in_a_cluster_placement_group() {
    let topology = topology();
    let compiler = Compiler::new(&topology);
    let cap = |from, to| {
        compiler
            .flow_cap(&path(&topology, from, to))
            .map(|cap| cap.rate.as_bps())
    };
    assert_eq!(cap("instance.app", "instance.other"), Some(10_000_000_000));
    assert_eq!(cap("instance.app", "instance.open"), Some(5_000_000_000));
    assert_eq!(cap("instance.app", "internet"), Some(5_000_000_000));
}

/// What goes to the internet through an internet gateway takes the narrower side of the card, what goes
/// to a NAT gateway or inside does not; and both directions of a card are one station.
#[test]
fn the_side_of_a_card_follows_from_the_way() {
    let topology = topology();
    let mut compiler = Compiler::new(&topology);
    let mut sides = |from, to| {
        let path = path(&topology, from, to);
        let mut all = Vec::new();
        for leg in [&path.forward, &path.back] {
            let hops: Vec<Hop> = leg.hops().collect();
            let route = compiler.route(&hops, true);
            for stage in stages(&compiler, route) {
                let choice = stage.station.filter(|choice| {
                    let stations = compiler.stations.all_for_tests();
                    matches!(stations[choice.first as usize], Station::Card(_))
                });
                all.extend(choice.map(|choice| (choice.first, choice.side)));
            }
        }
        all
    };
    let out = sides("instance.open", "internet");
    assert_eq!(
        out.iter().map(|pair| pair.1).collect::<Vec<_>>(),
        [Side::OutInternet, Side::In]
    );
    assert_eq!(out[0].0, out[1].0);
    let nat = sides("instance.app", "internet");
    assert_eq!(
        nat.iter().map(|pair| pair.1).collect::<Vec<_>>(),
        [Side::Out, Side::In]
    );
}

/// The carrier, the node of the flow, and two nodes for the first packet only, all in one cell.
#[test]
fn a_new_flow_occupies_three_nodes_and_an_old_one_does_one() {
    let topology = topology();
    let mut compiler = Compiler::new(&topology);
    let path = path(&topology, "instance.app", "internet");
    let hops: Vec<Hop> = path.forward.hops().collect();
    let route = compiler.route(&hops, true);
    let stages = stages(&compiler, route);
    let fleet: Vec<_> = stages
        .iter()
        .filter(|stage| stage.part == crate::sim::Part::NatGateway)
        .collect();
    let first_only: Vec<bool> = fleet.iter().map(|stage| stage.first_only).collect();
    assert_eq!(first_only, [false, false, true, true]);
    let mut stations: Vec<u32> = fleet
        .iter()
        .filter_map(|stage| stage.station)
        .map(|choice| choice.first)
        .collect();
    stations.sort_unstable();
    stations.dedup();
    assert_eq!(stations.len(), 4);
}
