//! Network ACLs: numbered, stateless, and only at the boundary of a subnet.

use netsim::path::{Note, Query};
use netsim::scenario::PortRange;

use super::network::{Network, network, wrong};

const ALL_IN: &str =
    "{ rule_number = 100, action = \"allow\", protocol = \"all\", cidr_block = \"0.0.0.0/0\" }";

/// `main` with an ACL for the subnet of `b`.
fn acl(ingress: &str, egress: &str) -> Network {
    network(&[&acl_text(ingress, egress)])
}

fn acl_text(ingress: &str, egress: &str) -> String {
    format!(
        "subnet.b.network_acl = \"acl\"\n\
         [network_acl.acl]\nvpc = \"main\"\ningress = [{ingress}]\negress = [{egress}]\n"
    )
}

fn entry(number: u32, action: &str, rest: &str) -> String {
    format!("{{ rule_number = {number}, action = \"{action}\", {rest} }}")
}

const TCP_80: &str = "protocol = \"tcp\", ports = 80, cidr_block = \"10.0.0.0/16\"";

#[test]
fn without_an_acl_of_its_own_a_subnet_has_one_that_allows_everything() {
    network(&[])
        .ask("instance.a", "instance.b", "tcp/80")
        .is_reachable()
        .goes(&[
            "a egress: default (main) 100",
            "b ingress: default (main) 100",
        ]);
}

#[test]
fn what_no_entry_matches_is_denied() {
    acl("", ALL_IN)
        .ask("instance.a", "instance.b", "tcp/80")
        .is_refused(&["there: SUBNET_ACL_RESTRICTION network_acl.acl *"]);
}

#[test]
fn the_lowest_matching_number_decides() {
    let [allow, deny] =
        [("allow", 100), ("deny", 200)].map(|(action, number)| entry(number, action, TCP_80));
    // The order in the file is of no matter.
    for list in [format!("{allow}, {deny}"), format!("{deny}, {allow}")] {
        acl(&list, ALL_IN)
            .ask("instance.a", "instance.b", "tcp/80")
            .is_reachable()
            .goes(&["b ingress: acl 100"]);
    }
    let [allow, deny] =
        [("allow", 200), ("deny", 100)].map(|(action, number)| entry(number, action, TCP_80));
    acl(&format!("{allow}, {deny}"), ALL_IN)
        .ask("instance.a", "instance.b", "tcp/80")
        .is_refused(&["there: SUBNET_ACL_RESTRICTION network_acl.acl rule 100"]);
}

#[test]
fn an_entry_that_does_not_match_decides_nothing() {
    let others = [
        entry(10, "deny", "protocol = \"udp\", cidr_block = \"0.0.0.0/0\""),
        entry(
            20,
            "deny",
            "protocol = \"tcp\", ports = 81, cidr_block = \"0.0.0.0/0\"",
        ),
        entry(
            30,
            "deny",
            "protocol = \"all\", cidr_block = \"10.0.0.11/32\"",
        ),
        entry(40, "deny", "protocol = \"all\", ipv6_cidr_block = \"::/0\""),
        entry(50, "allow", TCP_80),
    ];
    let network = acl(&others.join(", "), ALL_IN);
    network
        .ask("instance.a", "instance.b", "tcp/80")
        .is_reachable()
        .goes(&["b ingress: acl 50"]);
    network
        .ask("instance.near", "instance.b", "tcp/80")
        .is_refused(&["there: SUBNET_ACL_RESTRICTION network_acl.acl rule 30"]);
}

#[test]
fn an_acl_may_deny_what_a_group_admits_and_never_the_other_way_round() {
    let denied = entry(
        100,
        "deny",
        "protocol = \"all\", cidr_block = \"10.0.0.10/32\"",
    );
    acl(&denied, ALL_IN)
        .ask("instance.a", "instance.b", "tcp/80")
        .is_refused(&["there: SUBNET_ACL_RESTRICTION network_acl.acl rule 100"]);
    network(&[
        &acl_text(ALL_IN, ALL_IN),
        "instance.b.security_groups = [\"closed\"]\nsecurity_group.closed.vpc = \"main\"",
    ])
    .ask("instance.a", "instance.b", "tcp/80")
    .is_refused(&["there: SG_HAS_NO_RULES security_group.closed ingress"]);
}

#[test]
fn replies_need_an_entry_of_their_own() {
    acl(&entry(100, "allow", TCP_80), "")
        .ask("instance.a", "instance.b", "tcp/80")
        .is_refused(&["back: SUBNET_ACL_RESTRICTION network_acl.acl *"]);
    // That the request's port may go out is of no use to the answer.
    acl(&entry(100, "allow", TCP_80), &entry(100, "allow", TCP_80))
        .ask("instance.a", "instance.b", "tcp/80")
        .is_refused(&["back: SUBNET_ACL_RESTRICTION network_acl.acl *"]);
    let ephemeral = "protocol = \"tcp\", ports = \"1024-65535\", cidr_block = \"10.0.0.0/16\"";
    acl(
        &entry(100, "allow", TCP_80),
        &entry(100, "allow", ephemeral),
    )
    .ask("instance.a", "instance.b", "tcp/80")
    .is_reachable()
    .returns(&["b egress: acl 100", "a ingress: default (main) 100"]);
}

#[test]
fn a_client_behind_an_acl_needs_an_entry_for_answers() {
    let out = entry(
        100,
        "allow",
        "protocol = \"tcp\", ports = 80, cidr_block = \"10.0.0.0/24\"",
    );
    acl("", &out)
        .ask("instance.b", "instance.a", "tcp/80")
        .is_refused(&["back: SUBNET_ACL_RESTRICTION network_acl.acl *"]);
    let back = entry(
        100,
        "allow",
        "protocol = \"tcp\", ports = \"32768-65535\", cidr_block = \"10.0.0.0/24\"",
    );
    acl(&back, &out)
        .ask("instance.b", "instance.a", "tcp/80")
        .is_reachable();
}

#[test]
fn part_of_the_ephemeral_ports_is_a_note_and_none_of_them_a_refusal() {
    let range = |ports: &str| {
        let back = format!("protocol = \"tcp\", ports = \"{ports}\", cidr_block = \"0.0.0.0/0\"");
        acl(&entry(100, "allow", TCP_80), &entry(110, "allow", &back))
    };
    let network = range("32768-60999");
    let answer = network
        .ask("instance.a", "instance.b", "tcp/80")
        .is_reachable();
    let acl = network.topology.network_acls.find("acl").unwrap();
    let ports = PortRange {
        from: 32768,
        to: 60999,
    };
    assert_eq!(
        answer.path.notes,
        [Note::PartOfThePorts {
            acl,
            rule_number: 110,
            ports
        }]
    );
    // Instances take no ports below.
    range("1024-32767")
        .ask("instance.a", "instance.b", "tcp/80")
        .is_refused(&["back: SUBNET_ACL_RESTRICTION network_acl.acl *"]);
    let answer = range("1024-65535");
    assert_eq!(
        answer
            .ask("instance.a", "instance.b", "tcp/80")
            .is_reachable()
            .path
            .notes,
        []
    );
}

#[test]
fn a_deny_inside_the_ephemeral_ports_leaves_the_largest_part() {
    let back = [
        entry(
            100,
            "deny",
            "protocol = \"tcp\", ports = \"40000-40999\", cidr_block = \"0.0.0.0/0\"",
        ),
        entry(
            110,
            "allow",
            "protocol = \"tcp\", ports = \"1024-65535\", cidr_block = \"0.0.0.0/0\"",
        ),
    ];
    let network = acl(&entry(100, "allow", TCP_80), &back.join(", "));
    let answer = network
        .ask("instance.a", "instance.b", "tcp/80")
        .is_reachable();
    let acl = network.topology.network_acls.find("acl").unwrap();
    let ports = PortRange {
        from: 41000,
        to: 65535,
    };
    assert_eq!(
        answer.path.notes,
        [Note::PartOfThePorts {
            acl,
            rule_number: 110,
            ports
        }]
    );
    // A client that takes a port of the denied part gets no answer.
    let query = network.query("instance.a", "instance.b", "tcp/80");
    network
        .answer(&Query {
            source_port: Some(40500),
            ..query
        })
        .is_refused(&["back: SUBNET_ACL_RESTRICTION network_acl.acl rule 100"]);
    network
        .answer(&Query {
            source_port: Some(39999),
            ..query
        })
        .is_reachable();
}

#[test]
fn an_answer_passes_if_any_of_its_ports_passes_every_acl() {
    // Out of one subnet by two ranges, of which only the narrower one gets into the other.
    let range = |number: u32, ports: &str| {
        let what = format!("protocol = \"tcp\", ports = \"{ports}\", cidr_block = \"0.0.0.0/0\"");
        entry(number, "allow", &what)
    };
    let two = [range(100, "33000-34000"), range(110, "50000-60000")].join(", ");
    let b = acl_text(&entry(100, "allow", TCP_80), &two);
    let a = |ports: &str| {
        format!(
            "subnet.a.network_acl = \"a\"\n[network_acl.a]\nvpc = \"main\"\negress = [{ALL_IN}]\n\
             ingress = [{}]",
            range(100, ports)
        )
    };
    network(&[&b, &a("33500-40000")])
        .ask("instance.a", "instance.b", "tcp/80")
        .is_reachable()
        .returns(&["b egress: acl 110", "a ingress: a 100"]);
    network(&[&b, &a("34001-49999")])
        .ask("instance.a", "instance.b", "tcp/80")
        .is_refused(&["back: SUBNET_ACL_RESTRICTION network_acl.a *"]);
}

#[test]
fn functions_and_gateways_take_lower_ports_than_instances() {
    // 1024 to 65535, so that an entry for what Linux takes leaves out a part.
    let back = "protocol = \"tcp\", ports = \"32768-65535\", cidr_block = \"0.0.0.0/0\"";
    let function = r#"
        [function.f]
        runtime = "python3.12"
        memory = "512 MB"
        duration = "10 ms"
        vpc_attachment = "hyperplane"
        subnets = ["a"]
        security_groups = ["open"]
    "#;
    let acl = acl_text(&entry(100, "allow", TCP_80), &entry(100, "allow", back));
    let network = network(&[&acl, function]);
    let notes = |from| {
        network
            .ask(from, "instance.b", "tcp/80")
            .is_reachable()
            .path
            .notes
            .len()
    };
    assert_eq!(notes("function.f"), 1);
    assert_eq!(notes("instance.a"), 0);
}

#[test]
fn an_acl_is_asked_only_where_the_boundary_of_its_subnet_is_crossed() {
    let closed = "subnet.a.network_acl = \"none\"\nnetwork_acl.none.vpc = \"main\"\n";
    let network = network(&[closed]);
    network
        .ask("instance.a", "instance.near", "tcp/80")
        .is_reachable()
        .avoids("none");
    network
        .ask("instance.a", "instance.b", "tcp/80")
        .is_refused(&[
            "there: SUBNET_ACL_RESTRICTION network_acl.none *",
            "back: SUBNET_ACL_RESTRICTION network_acl.none *",
        ]);
}

#[test]
fn both_subnets_are_asked_each_for_its_side_of_the_way() {
    let text = r#"
        subnet.a.network_acl = "a"
        subnet.b.network_acl = "b"
        [network_acl.a]
        vpc = "main"
        egress = [{ rule_number = 1, action = "allow", protocol = "all", cidr_block = "10.0.1.0/24" }]
        ingress = [{ rule_number = 4, action = "allow", protocol = "all", cidr_block = "10.0.1.0/24" }]
        [network_acl.b]
        vpc = "main"
        ingress = [{ rule_number = 2, action = "allow", protocol = "all", cidr_block = "10.0.0.0/24" }]
        egress = [{ rule_number = 3, action = "allow", protocol = "all", cidr_block = "10.0.0.0/24" }]
    "#;
    network(&[text])
        .ask("instance.a", "instance.b", "tcp/80")
        .is_reachable()
        .goes(&["a egress: a 1", "b ingress: b 2"])
        .returns(&["b egress: b 3", "a ingress: a 4"]);
}

#[test]
fn an_entry_may_be_for_one_type_of_icmp_message() {
    let icmp = |kind: u32| {
        entry(
            100,
            "allow",
            &format!("protocol = \"icmp\", icmp_type = {kind}, cidr_block = \"0.0.0.0/0\""),
        )
    };
    // A request in and its answer out.
    acl(&icmp(8), &icmp(0))
        .ask("instance.a", "instance.b", "icmp")
        .is_reachable();
    acl(&icmp(8), &icmp(8))
        .ask("instance.a", "instance.b", "icmp")
        .is_refused(&["back: SUBNET_ACL_RESTRICTION network_acl.acl *"]);
    acl(&icmp(0), &icmp(0))
        .ask("instance.a", "instance.b", "icmp")
        .is_refused(&["there: SUBNET_ACL_RESTRICTION network_acl.acl *"]);
}

#[test]
fn an_acl_sees_private_addresses_of_its_own_side_and_public_ones_of_the_other() {
    let text = r#"
        vpc.main.main_route_table = "main"
        internet_gateway.main.vpc = "main"
        subnet.b.network_acl = "acl"
        [elastic_ip.b]
        instance = "b"
        public_ip = "198.51.100.7"
        [route_table.main]
        vpc = "main"
        routes = [{ destination_cidr_block = "0.0.0.0/0", target = "internet_gateway.main" }]
        [network_acl.acl]
        vpc = "main"
        ingress = [{ rule_number = 100, action = "allow", protocol = "tcp", ports = 80, cidr_block = "203.0.113.0/24" }]
        egress = [{ rule_number = 100, action = "allow", protocol = "tcp", cidr_block = "203.0.113.0/24" }]
    "#;
    let network = network(&[text]);
    let answer = network
        .ask("internet", "instance.b", "tcp/80")
        .is_reachable();
    answer
        .goes(&[
            "internet_gateway.main: 203.0.113.1 → 198.51.100.7:80 becomes 203.0.113.1 → 10.0.1.10:80",
            "b ingress: acl 100",
        ])
        .returns(&["b egress: acl 100", "through internet_gateway.main"]);
    network
        .ask("198.51.100.99", "instance.b", "tcp/80")
        .is_refused(&[
            "there: SUBNET_ACL_RESTRICTION network_acl.acl *",
            "back: SUBNET_ACL_RESTRICTION network_acl.acl *",
        ]);
}

#[test]
fn the_subnet_of_a_nat_gateway_is_crossed_four_times() {
    let text = r#"
        subnet.a.route_table = "a"
        subnet.nat = { vpc = "main", availability_zone = "us-east-1a", cidr_block = "10.0.9.0/24", route_table = "public", network_acl = "nat" }
        internet_gateway.main.vpc = "main"
        nat_gateway.n = { subnet = "nat", private_ip = "10.0.9.9" }
        [route_table.a]
        vpc = "main"
        routes = [{ destination_cidr_block = "0.0.0.0/0", target = "nat_gateway.n" }]
        [route_table.public]
        vpc = "main"
        routes = [{ destination_cidr_block = "0.0.0.0/0", target = "internet_gateway.main" }]
        [network_acl.nat]
        vpc = "main"
        ingress = [
            { rule_number = 10, action = "allow", protocol = "tcp", ports = 443, cidr_block = "10.0.0.0/24" },
            { rule_number = 20, action = "allow", protocol = "tcp", ports = "1024-65535", cidr_block = "0.0.0.0/0" },
        ]
        egress = [
            { rule_number = 10, action = "allow", protocol = "tcp", ports = 443, cidr_block = "0.0.0.0/0" },
            { rule_number = 20, action = "allow", protocol = "tcp", ports = "1024-65535", cidr_block = "10.0.0.0/24" },
        ]
    "#;
    network(&[text])
        .ask("instance.a", "internet", "tcp/443")
        .is_reachable()
        .goes(&["nat ingress: nat 10", "nat egress: nat 10"])
        .returns(&["nat ingress: nat 20", "nat egress: nat 20"]);
}

#[test]
fn what_is_recommended_has_a_number_that_is_free() {
    let all = "protocol = \"all\", cidr_block = \"0.0.0.0/0\"";
    let remedy = |entries: &[String]| {
        let network = acl(&entries.join(", "), ALL_IN);
        let answer = network.ask("instance.a", "instance.b", "tcp/80");
        answer.path.refusals[0].explain(&network.topology).remedy
    };
    let add = |number: u32| {
        format!(
            "add to network_acl.acl: ingress = [{{ rule_number = {number}, action = \"allow\", \
             protocol = \"tcp\", ports = 80, cidr_block = \"10.0.0.10/32\" }}]"
        )
    };
    // Behind all others where nothing matches, in front of what denies it otherwise.
    assert_eq!(remedy(&[]), add(100));
    assert_eq!(
        remedy(&[entry(
            200,
            "deny",
            "protocol = \"udp\", cidr_block = \"0.0.0.0/0\""
        )]),
        add(210)
    );
    assert_eq!(
        remedy(&[entry(
            32766,
            "deny",
            "protocol = \"udp\", cidr_block = \"0.0.0.0/0\""
        )]),
        add(32765)
    );
    assert_eq!(remedy(&[entry(100, "deny", all)]), add(99));
    assert_eq!(
        remedy(&[
            entry(
                99,
                "allow",
                "protocol = \"udp\", cidr_block = \"0.0.0.0/0\""
            ),
            entry(100, "deny", all)
        ]),
        add(98)
    );
    let first = remedy(&[entry(1, "deny", all)]);
    assert!(
        first.starts_with(
            "give entry 1 of network_acl.acl a higher number, and put in front of it: "
        ),
        "{first}"
    );
}

#[test]
fn an_acl_has_twenty_entries_in_each_direction_or_after_an_increase_forty() {
    let entries = |count: u32| {
        let list: Vec<String> = (1..=count).map(|n| entry(n, "allow", TCP_80)).collect();
        wrong(&[&acl_text(&list.join(", "), "")])
    };
    assert_eq!(entries(20), "");
    assert!(entries(21).starts_with("warning: network_acl.acl.ingress: 21 entries"));
    assert!(entries(41).starts_with("network_acl.acl.ingress: 41 entries"));
}
