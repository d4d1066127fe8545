//! Route tables: which route a packet takes.

use super::network::{network, wrong};

/// Routers in a subnet of their own: `one` and `two`.
const ROUTERS: &str = r#"
    subnet.middle = { vpc = "main", availability_zone = "us-east-1a", cidr_block = "10.0.9.0/24" }
    [instance.one]
    instance_type = "m5.large"
    subnet = "middle"
    security_groups = ["open"]
    source_dest_check = false
    [instance.two]
    instance_type = "m5.large"
    subnet = "middle"
    security_groups = ["open"]
    source_dest_check = false
"#;

/// An internet gateway, and a public address for `a`.
const INTERNET: &str = "internet_gateway.main.vpc = \"main\"\nelastic_ip.a.instance = \"a\"";

/// A table for the subnet of `a`.
fn table(routes: &str) -> String {
    format!(
        "subnet.a.route_table = \"table\"\n\
         [route_table.table]\nvpc = \"main\"\nroutes = [{routes}]\n"
    )
}

fn route(block: &str, target: &str) -> String {
    format!("{{ destination_cidr_block = \"{block}\", target = \"{target}\" }}, ")
}

/// A site, reached through a virtual private gateway of `main`.
const SITE: &str = r#"
    vpn_gateway.main.vpc = "main"
    customer_gateway.site.cidr_blocks = ["192.168.0.0/16", "10.0.1.0/25"]
    vpn_connection.v = { customer_gateway = "site", vpn_gateway = "main" }
    route_table.table.propagating_vgws = ["main"]
"#;

#[test]
fn the_longest_prefix_wins() {
    let routes = [
        route("0.0.0.0/0", "blackhole"),
        route("192.168.0.0/16", "instance.one"),
        route("192.168.7.0/24", "instance.two"),
    ];
    let network = network(&[ROUTERS, &table(&routes.concat())]);
    let chosen = |to| network.ask("instance.a", to, "tcp/80").there().remove(3);
    assert_eq!(
        chosen("192.168.7.7"),
        "table: 192.168.7.0/24 → instance.two"
    );
    assert_eq!(
        chosen("192.168.8.7"),
        "table: 192.168.0.0/16 → instance.one"
    );
    assert_eq!(chosen("172.16.0.1"), "table: 0.0.0.0/0 → blackhole");
}

#[test]
fn without_a_route_nothing_leaves_the_vpc() {
    network(&[&table("")])
        .ask("instance.a", "internet", "tcp/443")
        .is_refused(&["there: NO_ROUTE_TO_DESTINATION route_table.table routes"]);
}

#[test]
fn every_table_has_the_local_route() {
    network(&[&table(&route("0.0.0.0/0", "blackhole"))])
        .ask("instance.a", "instance.b", "tcp/80")
        .is_reachable()
        .goes(&["table: 10.0.0.0/16 → local"]);
}

#[test]
fn neighbours_of_one_subnet_need_no_route() {
    let network = network(&[ROUTERS, &table(&route("10.0.0.0/24", "instance.one"))]);
    network
        .ask("instance.a", "instance.near", "tcp/80")
        .is_reachable()
        .avoids("table");
}

#[test]
fn a_route_more_specific_than_local_is_to_a_whole_subnet() {
    let to = |block| wrong(&[ROUTERS, &table(&route(block, "instance.one"))]);
    assert_eq!(to("10.0.1.0/24"), "");
    assert_eq!(to("10.0.0.0/16"), "");
    assert!(to("10.0.1.0/25").contains("inside the VPC's local route 10.0.0.0/16"));
    assert!(to("10.0.0.0/20").contains("inside the VPC's local route 10.0.0.0/16"));
}

#[test]
fn a_route_more_specific_than_local_leads_through_a_middlebox() {
    let network = network(&[ROUTERS, &table(&route("10.0.1.0/24", "instance.one"))]);
    network
        .ask("instance.a", "instance.b", "tcp/80")
        .is_reachable()
        .goes(&[
            "table: 10.0.1.0/24 → instance.one",
            "through instance.one",
            "main (main): 10.0.0.0/16 → local",
        ]);
    let out = "the target leads out of it";
    let gateway = "internet_gateway.main.vpc = \"main\"";
    let inside = table(&route("10.0.1.0/24", "internet_gateway.main"));
    assert!(wrong(&[gateway, &inside]).contains(out));
}

#[test]
fn a_middlebox_that_sees_one_direction_only_is_noted() {
    let network = network(&[ROUTERS, &table(&route("10.0.1.0/24", "instance.one"))]);
    let answer = network
        .ask("instance.a", "instance.b", "tcp/80")
        .is_reachable();
    assert!(matches!(
        answer.path.notes.as_slice(),
        [netsim::path::Note::OneDirectionOnly { transit: false, .. }]
    ));
}

#[test]
fn a_subnet_that_names_no_table_has_the_main_one() {
    let text = "vpc.main.main_route_table = \"main\"\n[route_table.main]\nvpc = \"main\"\n\
                routes = [{ destination_cidr_block = \"0.0.0.0/0\", target = \"blackhole\" }]\n";
    let main = network(&[text]);
    for from in ["instance.a", "instance.b"] {
        main.ask(from, "internet", "tcp/443")
            .is_refused(&["there: BAD_STATE_ROUTE route_table.main 0.0.0.0/0"]);
    }
    // One that names a table has that, and nothing of the main one.
    let network = network(&[text, &table("")]);
    network
        .ask("instance.a", "internet", "tcp/443")
        .is_refused(&["there: NO_ROUTE_TO_DESTINATION route_table.table routes"]);
    network
        .ask("instance.b", "internet", "tcp/443")
        .is_refused(&["there: BAD_STATE_ROUTE route_table.main 0.0.0.0/0"]);
}

#[test]
fn a_blackhole_drops_even_what_a_shorter_route_would_carry() {
    let routes =
        route("0.0.0.0/0", "internet_gateway.main") + &route("203.0.113.0/24", "blackhole");
    let network = network(&[INTERNET, &table(&routes)]);
    network
        .ask("instance.a", "203.0.113.1", "tcp/443")
        .is_refused(&["there: BAD_STATE_ROUTE route_table.table 203.0.113.0/24"]);
    network
        .ask("instance.a", "198.51.100.1", "tcp/443")
        .is_reachable();
}

#[test]
fn a_route_to_a_prefix_list_is_a_route_to_each_of_its_blocks() {
    let list = "prefix_list.l.entries = [\"192.168.1.0/24\", \"172.16.0.0/12\"]";
    let by_list = table("{ destination_prefix_list = \"l\", target = \"instance.one\" }");
    let network = network(&[ROUTERS, list, &by_list]);
    let chosen = |to| network.ask("instance.a", to, "tcp/80").there().remove(3);
    assert_eq!(
        chosen("192.168.1.9"),
        "table: 192.168.1.0/24 → instance.one"
    );
    assert_eq!(chosen("172.20.0.1"), "table: 172.16.0.0/12 → instance.one");
    network
        .ask("instance.a", "192.168.2.9", "tcp/80")
        .is_refused(&["there: NO_ROUTE_TO_DESTINATION route_table.table routes"]);
}

#[test]
fn of_equal_prefixes_a_written_one_beats_a_list_and_a_list_a_propagated_one() {
    let list = "prefix_list.l.entries = [\"192.168.0.0/16\"]";
    let by_list = "{ destination_prefix_list = \"l\", target = \"instance.two\" }, ";
    let written = route("192.168.0.0/16", "instance.one");
    let chosen = |routes: &str| {
        let network = network(&[SITE, ROUTERS, list, &table(routes)]);
        network
            .ask("instance.a", "192.168.1.1", "tcp/80")
            .there()
            .remove(3)
    };
    assert_eq!(
        chosen(&(written + by_list)),
        "table: 192.168.0.0/16 → instance.one"
    );
    assert_eq!(chosen(by_list), "table: 192.168.0.0/16 → instance.two");
    assert_eq!(chosen(""), "table: 192.168.0.0/16 → vpn_gateway.main");
}

#[test]
fn a_longer_propagated_route_beats_a_shorter_written_one() {
    network(&[SITE, ROUTERS, &table(&route("0.0.0.0/0", "instance.one"))])
        .ask("instance.a", "192.168.1.1", "tcp/80")
        .goes(&["table: 192.168.0.0/16 → vpn_gateway.main"]);
}

#[test]
fn the_local_route_beats_even_a_longer_propagated_one() {
    // The site announces half of the subnet of `b`.
    network(&[SITE, &table("")])
        .ask("instance.a", "instance.b", "tcp/80")
        .is_reachable()
        .goes(&["table: 10.0.0.0/16 → local"]);
}

#[test]
fn routes_are_not_propagated_from_a_vpn_that_is_down() {
    network(&[SITE, &table(""), "vpn_connection.v.tunnel_up = false"])
        .ask("instance.a", "192.168.1.1", "tcp/80")
        .is_refused(&["there: NO_ROUTE_TO_DESTINATION route_table.table routes"]);
}

#[test]
fn the_route_of_a_gateway_endpoint_is_longer_than_the_default_route() {
    let endpoint = r#"
        [vpc_endpoint.s3]
        vpc = "main"
        service = "s3"
        vpc_endpoint_type = "gateway"
        route_tables = ["table"]
    "#;
    network(&[
        INTERNET,
        &table(&route("0.0.0.0/0", "internet_gateway.main")),
        endpoint,
    ])
    .ask("instance.a", "service.s3", "tcp/443")
    .is_reachable()
    .goes(&["through vpc_endpoint.s3", "through service.s3"])
    .avoids("internet_gateway.main");
}

#[test]
fn a_gateway_route_table_leads_what_comes_in_through_an_appliance() {
    let inspected = r#"
        elastic_ip.b.instance = "b"
        internet_gateway.main.vpc = "main"
        subnet.b.route_table = "b"
        subnet.middle.route_table = "middle"
        instance.one.masquerade = false
        [route_table.ingress]
        vpc = "main"
        gateway = "internet_gateway.main"
        routes = [{ destination_cidr_block = "10.0.1.0/24", target = "instance.one" }]
        [route_table.b]
        vpc = "main"
        routes = [{ destination_cidr_block = "0.0.0.0/0", target = "instance.one" }]
        [route_table.middle]
        vpc = "main"
        routes = [{ destination_cidr_block = "0.0.0.0/0", target = "internet_gateway.main" }]
    "#;
    network(&[ROUTERS, inspected])
        .ask("internet", "instance.b", "tcp/80")
        .is_reachable()
        .goes(&[
            "through internet_gateway.main",
            "ingress: 10.0.1.0/24 → instance.one",
            "through instance.one",
            "into instance.b",
        ])
        .returns(&[
            "b: 0.0.0.0/0 → instance.one",
            "middle: 0.0.0.0/0 → internet_gateway.main",
            "through internet",
        ]);
    // Straight out is not the way that the gateway expects.
    let straight = r#"
        [route_table.b]
        routes = [{ destination_cidr_block = "0.0.0.0/0", target = "internet_gateway.main" }]
    "#;
    let redirected =
        "back: INGRESS_RTB_TRAFFIC_REDIRECTION internet_gateway.main route_table.ingress";
    network(&[ROUTERS, inspected, straight])
        .ask("internet", "instance.b", "tcp/80")
        .is_refused(&[redirected]);
}

#[test]
fn a_gateway_route_table_is_no_subnets_and_routes_inside_its_vpc_only() {
    let ingress = |routes: &str, more: &str| {
        let table = format!(
            "internet_gateway.main.vpc = \"main\"\n\
             [route_table.ingress]\nvpc = \"main\"\ngateway = \"internet_gateway.main\"\n\
             routes = [{routes}]\n"
        );
        wrong(&[ROUTERS, &table, more])
    };
    assert_eq!(ingress(&route("10.0.1.0/24", "instance.one"), ""), "");
    let outside = ingress(&route("192.168.0.0/16", "instance.one"), "");
    assert!(
        outside.contains("192.168.0.0/16 is outside vpc `main`"),
        "{outside}"
    );
    let of_subnet = ingress("", "subnet.a.route_table = \"ingress\"");
    assert!(of_subnet.contains("subnet.a.route_table"), "{of_subnet}");
}

#[test]
fn a_packet_that_goes_round_in_a_circle_is_found_out() {
    // Each of the two routers sends to the other.
    let round = r#"
        subnet.middle.route_table = "round"
        [route_table.round]
        vpc = "main"
        routes = [{ destination_cidr_block = "192.168.0.0/16", target = "instance.two" }]
    "#;
    network(&[
        ROUTERS,
        &table(&route("192.168.0.0/16", "instance.one")),
        round,
    ])
    .ask("instance.a", "192.168.1.1", "tcp/80")
    .is_refused(&["there: - instance.two routes"]);
}

#[test]
fn a_packet_that_goes_round_on_its_way_back_is_found_out_too() {
    let round = r#"
        subnet.b.route_table = "b"
        subnet.middle.route_table = "round"
        [route_table.b]
        vpc = "main"
        routes = [{ destination_cidr_block = "10.0.0.0/24", target = "instance.one" }]
        [route_table.round]
        vpc = "main"
        routes = [{ destination_cidr_block = "10.0.0.0/24", target = "instance.two" }]
    "#;
    network(&[ROUTERS, round])
        .ask("instance.a", "instance.b", "tcp/80")
        .is_refused(&["back: - instance.two routes"]);
}
