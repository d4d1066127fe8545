//! Security groups: what they admit, whom a rule may name, and what they remember.

use super::network::{Network, network, wrong};

/// `b` with one group whose rules these are.
fn guarded(rules: &str) -> Network {
    network(&[&guard(rules)])
}

fn guard(rules: &str) -> String {
    format!(
        "instance.b.security_groups = [\"guard\"]\n[security_group.guard]\nvpc = \"main\"\n{rules}\n"
    )
}

/// The refusal by the group of [`guard`].
const MISMATCH: &str = "there: ENI_SG_RULES_MISMATCH security_group.guard ingress";

fn ingress(rule: &str) -> Network {
    guarded(&format!("ingress = [{{ {rule} }}]"))
}

#[test]
fn without_a_rule_nothing_comes_in() {
    guarded("")
        .ask("instance.a", "instance.b", "tcp/80")
        .is_refused(&["there: SG_HAS_NO_RULES security_group.guard ingress"]);
}

#[test]
fn what_goes_out_is_everything_unless_the_group_says_otherwise() {
    for flow in ["tcp/80", "udp/53", "icmp"] {
        guarded("")
            .ask("instance.b", "instance.a", flow)
            .is_reachable();
    }
    guarded("egress = []")
        .ask("instance.b", "instance.a", "tcp/80")
        .is_refused(&["there: SG_HAS_NO_RULES security_group.guard egress"]);
    let https = "egress = [{ protocol = \"tcp\", ports = 443, destination = \"10.0.0.0/16\" }]";
    guarded(https)
        .ask("instance.b", "instance.a", "tcp/443")
        .is_reachable();
    guarded(https)
        .ask("instance.b", "instance.a", "tcp/80")
        .is_refused(&["there: ENI_SG_RULES_MISMATCH security_group.guard egress"]);
}

#[test]
fn a_rule_is_for_its_protocol_and_its_ports() {
    let network = ingress("protocol = \"tcp\", ports = \"8000-8100\", source = \"10.0.0.0/16\"");
    for (flow, reachable) in [
        ("tcp/7999", false),
        ("tcp/8000", true),
        ("tcp/8100", true),
        ("tcp/8101", false),
        ("udp/8000", false),
        ("icmp", false),
    ] {
        let answer = network.ask("instance.a", "instance.b", flow);
        assert_eq!(answer.path.is_reachable(), reachable, "{flow}");
    }
}

#[test]
fn a_rule_is_for_the_addresses_of_its_block() {
    let from = |block: &str| {
        let network = ingress(&format!("protocol = \"all\", source = \"{block}\""));
        network
            .ask("instance.a", "instance.b", "tcp/80")
            .path
            .is_reachable()
    };
    assert!(from("10.0.0.10/32"));
    assert!(from("10.0.0.8/30"));
    assert!(!from("10.0.0.11/32"));
    assert!(!from("10.0.1.0/24"));
    assert!(!from("::/0"));
}

#[test]
fn an_interface_admits_what_any_of_its_groups_admits() {
    let text = r#"
        instance.b.security_groups = ["web", "ssh"]
        [security_group.web]
        vpc = "main"
        ingress = [{ protocol = "tcp", ports = 443, source = "0.0.0.0/0" }]
        [security_group.ssh]
        vpc = "main"
        ingress = [{ protocol = "tcp", ports = 22, source = "0.0.0.0/0" }]
    "#;
    let network = network(&[text]);
    for (port, group) in [(443, "web"), (22, "ssh")] {
        network
            .ask("instance.a", "instance.b", &format!("tcp/{port}"))
            .is_reachable()
            .goes(&[&format!("instance.b ingress: {group}[0], untracked")]);
    }
    network
        .ask("instance.a", "instance.b", "tcp/80")
        .is_refused(&[
            "there: ENI_SG_RULES_MISMATCH security_group.web, security_group.ssh ingress",
        ]);
}

#[test]
fn a_narrow_rule_takes_nothing_from_a_wide_one() {
    let rules = [
        "{ protocol = \"tcp\", ports = 80, source = \"10.9.0.0/16\" }",
        "{ protocol = \"all\", source = \"10.0.0.0/16\" }",
    ];
    for order in [[0, 1], [1, 0]] {
        let list = order.map(|index: usize| rules[index]).join(", ");
        guarded(&format!("ingress = [{list}]"))
            .ask("instance.a", "instance.b", "tcp/80")
            .is_reachable()
            .goes(&[&format!(
                "instance.b ingress: guard[{}], tracked",
                1 - order[0]
            )]);
    }
}

#[test]
fn groups_count_between_neighbours_of_one_subnet_too() {
    network(&[
        "instance.near.security_groups = [\"closed\"]\nsecurity_group.closed.vpc = \"main\"",
    ])
    .ask("instance.a", "instance.near", "tcp/80")
    .is_refused(&["there: SG_HAS_NO_RULES security_group.closed ingress"]);
}

#[test]
fn replies_pass_whatever_the_rules_for_their_direction() {
    // In and out: what is answered needs no rule of its own.
    guarded(
        "ingress = [{ protocol = \"tcp\", ports = 80, source = \"10.0.0.0/16\" }]\negress = []",
    )
    .ask("instance.a", "instance.b", "tcp/80")
    .is_reachable()
    .returns(&["instance.b egress: reply", "instance.a ingress: reply"]);
    guarded("egress = [{ protocol = \"tcp\", ports = 80, destination = \"10.0.0.0/16\" }]")
        .ask("instance.b", "instance.a", "tcp/80")
        .is_reachable()
        .returns(&["instance.a egress: reply", "instance.b ingress: reply"]);
}

#[test]
fn a_group_may_admit_its_own_members() {
    let network = network(&[
        &guard("ingress = [{ protocol = \"all\", source = \"self\" }]"),
        "instance.near.security_groups = [\"guard\"]",
    ]);
    network
        .ask("instance.near", "instance.b", "tcp/80")
        .is_reachable();
    network
        .ask("instance.b", "instance.near", "tcp/80")
        .is_reachable();
    network
        .ask("instance.a", "instance.b", "tcp/80")
        .is_refused(&[MISMATCH]);
}

#[test]
fn a_rule_that_names_a_group_is_for_the_interfaces_that_have_it() {
    let network = network(&[
        &guard("ingress = [{ protocol = \"all\", source = \"security_group.client\" }]"),
        "security_group.client.vpc = \"main\"\n\
         instance.a.security_groups = [\"open\", \"client\"]",
    ]);
    network
        .ask("instance.a", "instance.b", "tcp/80")
        .is_reachable();
    // In the same subnet, without the group.
    network
        .ask("instance.near", "instance.b", "tcp/80")
        .is_refused(&[MISMATCH]);
}

#[test]
fn an_egress_rule_may_name_the_group_of_the_receiver() {
    let text = r#"
        instance.a.security_groups = ["client"]
        instance.b.security_groups = ["open", "server"]
        security_group.server.vpc = "main"
        [security_group.client]
        vpc = "main"
        egress = [{ protocol = "tcp", ports = 80, destination = "security_group.server" }]
    "#;
    let network = network(&[text]);
    network
        .ask("instance.a", "instance.b", "tcp/80")
        .is_reachable();
    network
        .ask("instance.a", "instance.near", "tcp/80")
        .is_refused(&["there: ENI_SG_RULES_MISMATCH security_group.client egress"]);
}

#[test]
fn a_rule_that_names_a_group_does_not_match_public_addresses() {
    let internet = r#"
        vpc.main.main_route_table = "main"
        internet_gateway.main.vpc = "main"
        elastic_ip.a = { instance = "a" }
        elastic_ip.b = { instance = "b", public_ip = "198.51.100.7" }
        [route_table.main]
        vpc = "main"
        routes = [{ destination_cidr_block = "0.0.0.0/0", target = "internet_gateway.main" }]
    "#;
    let network = network(&[
        &guard("ingress = [{ protocol = \"all\", source = \"security_group.open\" }]"),
        internet,
    ]);
    network
        .ask("instance.a", "instance.b", "tcp/80")
        .is_reachable();
    // The same two, over the internet gateway.
    network
        .ask("instance.a", "198.51.100.7", "tcp/80")
        .is_refused(&["there: SG_REFERENCES_NOT_PRESERVED security_group.guard ingress"]);
}

/// A router on the way from `a` to `b`.
const ROUTER: &str = r#"
        subnet.middle = { vpc = "main", availability_zone = "us-east-1a", cidr_block = "10.0.9.0/24" }
        subnet.a.route_table = "a"
        [route_table.a]
        vpc = "main"
        routes = [{ destination_cidr_block = "10.0.1.0/24", target = "instance.router" }]
        [instance.router]
        instance_type = "m5.large"
        subnet = "middle"
        security_groups = ["open"]
        source_dest_check = false
    "#;

#[test]
fn a_rule_that_names_a_group_does_not_match_behind_a_router() {
    network(&[
        &guard("ingress = [{ protocol = \"all\", source = \"security_group.open\" }]"),
        ROUTER,
    ])
    .ask("instance.a", "instance.b", "tcp/80")
    .is_refused(&["there: SG_REFERENCES_NOT_PRESERVED security_group.guard ingress"]);
}

#[test]
fn what_is_recommended_behind_a_router_is_an_address_and_no_group() {
    let remedy = |parts: &[&str]| {
        let network = network(&[&[guard("").as_str()], parts].concat());
        let answer = network.ask("instance.a", "instance.b", "tcp/80");
        answer.path.refusals[0].explain(&network.topology).remedy
    };
    let add = "add to security_group.guard: ingress = [{ protocol = \"tcp\", ports = 80, source =";
    assert_eq!(remedy(&[]), format!("{add} \"security_group.open\" }}]"));
    assert_eq!(remedy(&[ROUTER]), format!("{add} \"10.0.0.10/32\" }}]"));
}

#[test]
fn a_rule_may_name_a_group_of_a_peered_vpc() {
    let text = r#"
        instance.b.security_groups = ["guard"]
        subnet.b.route_table = "b"
        subnet.other.route_table = "other"
        [security_group.guard]
        vpc = "main"
        ingress = [{ protocol = "tcp", ports = 80, source = "security_group.other" }]
        [vpc_peering_connection.p]
        vpc = "main"
        peer_vpc = "other"
        [route_table.b]
        vpc = "main"
        routes = [{ destination_cidr_block = "10.1.0.0/16", target = "vpc_peering_connection.p" }]
        [route_table.other]
        vpc = "other"
        routes = [{ destination_cidr_block = "10.0.0.0/16", target = "vpc_peering_connection.p" }]
    "#;
    network(&[text])
        .ask("instance.other", "instance.b", "tcp/80")
        .is_reachable()
        .goes(&["instance.b ingress: guard[0], tracked"]);
    let unpeered = text.replace("peer_vpc = \"other\"", "peer_vpc = \"third\"");
    assert!(wrong(&[&unpeered]).contains("`security_group.other` belongs to vpc `other`"));
}

#[test]
fn a_rule_that_names_a_prefix_list_is_for_all_its_blocks() {
    let list = "[prefix_list.l]\nentries = [\"10.7.0.0/16\", \"10.0.0.10/32\"]\n";
    let guard = guard("ingress = [{ protocol = \"all\", source = \"prefix_list.l\" }]");
    let network = network(&[&guard, list]);
    network
        .ask("instance.a", "instance.b", "tcp/80")
        .is_reachable();
    network
        .ask("instance.near", "instance.b", "tcp/80")
        .is_refused(&[MISMATCH]);
}

#[test]
fn a_rule_may_be_for_one_type_of_icmp_message() {
    let ping = |rule: &str| {
        let network = ingress(&format!("{rule}, source = \"10.0.0.0/16\""));
        network
            .ask("instance.a", "instance.b", "icmp")
            .path
            .is_reachable()
    };
    assert!(ping("protocol = \"icmp\""));
    assert!(ping("protocol = \"icmp\", icmp_type = 8"));
    assert!(ping("protocol = \"icmp\", icmp_type = 8, icmp_code = 0"));
    // The answer is type 0; it needs no rule, and alone it lets nothing in.
    assert!(!ping("protocol = \"icmp\", icmp_type = 0"));
    assert!(!ping("protocol = \"icmp\", icmp_type = 8, icmp_code = 1"));
    assert!(!ping("protocol = \"icmp\", icmp_type = 3"));
    assert!(!ping("protocol = \"tcp\""));
}

#[test]
fn an_interface_without_groups_has_the_default_one_which_admits_its_own_members() {
    let network = network(&["instance.a.security_groups = []\ninstance.b.security_groups = []"]);
    network
        .ask("instance.a", "instance.b", "tcp/80")
        .is_reachable()
        .goes(&["instance.b ingress: default (main)[0], tracked"]);
    network
        .ask("instance.near", "instance.b", "tcp/80")
        .is_refused(&["there: ENI_SG_RULES_MISMATCH security_group.default (main) ingress"]);
}

#[test]
fn rules_for_ipv4_say_nothing_of_ipv6() {
    let six = r#"
        vpc.main.ipv6_cidr_block = "2600:1f18:1234:5600::/56"
        subnet.a.ipv6_cidr_block = "2600:1f18:1234:5600::/64"
        subnet.b.ipv6_cidr_block = "2600:1f18:1234:5601::/64"
        instance.a.ipv6_addresses = ["2600:1f18:1234:5600::10"]
        instance.b.ipv6_addresses = ["2600:1f18:1234:5601::10"]
        security_group.open.ingress = [{ protocol = "tcp", ports = 80, source = "SOURCE" }]
    "#;
    let four = network(&[&six.replace("SOURCE", "0.0.0.0/0")]);
    four.ask("instance.a", "instance.b", "tcp/80")
        .is_reachable();
    four.ask_ipv6("instance.a", "instance.b", "tcp/80")
        .is_refused(&["there: ENI_SG_RULES_MISMATCH security_group.open ingress"]);
    let six = network(&[&six.replace("SOURCE", "::/0")]);
    six.ask_ipv6("instance.a", "instance.b", "tcp/80")
        .is_reachable();
}

#[test]
fn a_group_has_sixty_rules_in_each_direction_and_family() {
    let rules = |count: u32| {
        let blocks: Vec<String> = (0..count).map(|n| format!("\"10.{n}.0.0/16\"")).collect();
        let source = blocks.join(", ");
        wrong(&[&guard(&format!(
            "ingress = [{{ protocol = \"tcp\", source = [{source}, \"::/0\"] }}]"
        ))])
    };
    assert_eq!(rules(60), "");
    assert!(rules(61).contains("61 IPv4 rules are more than the quota of 60"));
}

#[test]
fn an_interface_has_at_most_a_thousand_rules_by_all_its_groups() {
    // Four groups, of which the largest counts for each.
    let text = |entries: u32| {
        let list =
            format!("[prefix_list.l]\nentries = [\"10.0.0.0/8\"]\nmax_entries = {entries}\n");
        let groups: String = (0..4)
            .map(|n| {
                let source = if n == 0 {
                    "prefix_list.l"
                } else {
                    "10.0.0.0/8"
                };
                format!(
                    "[security_group.g{n}]\nvpc = \"main\"\n\
                     ingress = [{{ protocol = \"all\", source = \"{source}\" }}]\n"
                )
            })
            .collect();
        "instance.b.security_groups = [\"g0\", \"g1\", \"g2\", \"g3\"]\n".to_owned()
            + &list
            + &groups
    };
    let product = "their product is at most 1000";
    assert!(!wrong(&[&text(250)]).contains(product));
    assert!(wrong(&[&text(251)]).contains(product));
}

#[test]
fn an_interface_has_five_groups_or_after_an_increase_sixteen() {
    let groups = |count: u32| {
        let names: Vec<String> = (0..count).map(|n| format!("\"g{n}\"")).collect();
        let tables: String = (0..count)
            .map(|n| format!("[security_group.g{n}]\nvpc = \"main\"\n"))
            .collect();
        wrong(&[&format!(
            "instance.b.security_groups = [{}]\n{tables}",
            names.join(", ")
        )])
    };
    assert_eq!(groups(5), "");
    assert!(groups(6).starts_with("warning: "));
    assert!(groups(16).starts_with("warning: "));
    assert!(groups(17).starts_with("instance.b.security_groups"));
}
