//! Load balancers: who is sent to, and whose address the target sees.

use netsim::path::{self, Note, Server, Step};

use super::network::{Network, network};

/// A load balancer in both subnets of `main`, with `a` and `b` as targets. `c` is a client.
fn balanced(kind: &str, protocol: &str, parts: &[&str]) -> Network {
    let base = format!(
        r#"
        subnet.c = {{ vpc = "main", availability_zone = "us-east-1a", cidr_block = "10.0.2.0/24" }}
        instance.c = {{ instance_type = "m5.large", subnet = "c", security_groups = ["open"], private_ip = "10.0.2.10" }}
        security_group.front = {{ vpc = "main", ingress = [{{ protocol = "all", source = "0.0.0.0/0" }}] }}
        [load_balancer.front]
        load_balancer_type = "{kind}"
        internal = true
        subnets = ["a", "b"]
        security_groups = ["front"]
        listeners = [{{ port = 80, protocol = "{protocol}", target_group = "t" }}]
        [target_group.t]
        vpc = "main"
        port = 8080
        targets = ["instance.a", "instance.b"]
        "#
    );
    network(&[&[base.as_str()], parts].concat())
}

fn application(parts: &[&str]) -> Network {
    balanced("application", "HTTP", parts)
}

fn tcp(parts: &[&str]) -> Network {
    balanced("network", "TCP", parts)
}

/// The address of the node in a zone.
fn node(network: &Network, zone: &str) -> String {
    let interfaces = &network.topology.network_interfaces;
    let id = interfaces
        .find(&format!("load_balancer.front ({zone})"))
        .unwrap();
    interfaces[id].private_ip().to_string()
}

/// Pairs of a node's zone and the target that it sends to, of all paths.
fn pairs(network: &Network) -> Vec<(String, String)> {
    let query = network.query("instance.c", "load_balancer.front", "tcp/80");
    let paths = path::resolve(&network.topology, &query).unwrap();
    let mut pairs: Vec<(String, String)> = paths
        .iter()
        .map(|path| {
            let entered = path.forward.steps.iter().filter_map(|step| match step {
                Step::Enters(id) => Some(network.topology.network_interfaces.name(*id).to_owned()),
                _ => None,
            });
            let entered: Vec<String> = entered.collect();
            (entered[0].clone(), entered[1].clone())
        })
        .collect();
    pairs.sort();
    pairs.dedup();
    pairs
}

#[test]
fn a_listener_takes_its_port_and_its_protocol_only() {
    let network = tcp(&[]);
    for flow in ["tcp/81", "udp/80", "icmp"] {
        network
            .ask("instance.c", "load_balancer.front", flow)
            .is_refused(&["there: ELBV2_LISTENERS_MISMATCH load_balancer.front listeners"]);
    }
    let both = balanced("network", "TCP_UDP", &[]);
    both.ask("instance.c", "load_balancer.front", "udp/80")
        .is_reachable();
    both.ask("instance.c", "load_balancer.front", "tcp/80")
        .is_reachable();
}

#[test]
fn an_application_load_balancer_opens_a_connection_of_its_own() {
    let network = application(&[]);
    let node = node(&network, "us-east-1a");
    network
        .ask("instance.c", "load_balancer.front", "tcp/80")
        .is_reachable()
        .goes(&[
            "load_balancer.front ingress: front[0], untracked",
            "through load_balancer.front",
            &format!("load_balancer.front: 10.0.2.10 → {node}:80 becomes {node} → 10.0.0.10:8080"),
            "into instance.a",
        ])
        .returns(&[
            "out of instance.a",
            &format!("load_balancer.front: 10.0.0.10:8080 → {node} becomes {node}:80 → 10.0.2.10"),
            "into instance.c",
        ]);
}

#[test]
fn targets_of_an_application_load_balancer_admit_it_and_not_its_clients() {
    let admits = |source: &str| {
        let group = format!(
            "instance.a.security_groups = [\"target\"]\ninstance.b.security_groups = [\"target\"]\n\
             [security_group.target]\nvpc = \"main\"\n\
             ingress = [{{ protocol = \"tcp\", ports = 8080, source = \"{source}\" }}]"
        );
        let network = application(&[&group]);
        network
            .ask("instance.c", "load_balancer.front", "tcp/80")
            .path
            .is_reachable()
    };
    assert!(admits("security_group.front"));
    assert!(admits("10.0.0.0/24"));
    assert!(!admits("security_group.open"));
    assert!(!admits("10.0.2.0/24"));
}

#[test]
fn the_load_balancer_needs_a_rule_towards_its_targets() {
    application(&["security_group.front.egress = []"])
        .ask("instance.c", "load_balancer.front", "tcp/80")
        .is_refused(&["there: SG_HAS_NO_RULES security_group.front egress"]);
}

#[test]
fn targets_of_a_network_load_balancer_see_the_client() {
    let network = tcp(&[]);
    let node = node(&network, "us-east-1a");
    network
        .ask("instance.c", "load_balancer.front", "tcp/80")
        .is_reachable()
        .goes(&[
            &format!(
                "load_balancer.front: 10.0.2.10 → {node}:80 becomes 10.0.2.10 → 10.0.0.10:8080"
            ),
            "into instance.a",
        ])
        .returns(&[
            "out of instance.a",
            "into load_balancer.front",
            &format!(
                "load_balancer.front: 10.0.0.10:8080 → 10.0.2.10 becomes {node}:80 → 10.0.2.10"
            ),
            "into instance.c",
        ]);
}

#[test]
fn targets_that_are_addresses_see_the_load_balancer_unless_it_keeps_the_client() {
    let source = |protocol: &str, keys: &str| {
        let group = format!("[target_group.t]\ntarget_type = \"ip\"\n{keys}");
        let network = balanced("network", protocol, &[&group]);
        let flow = if protocol == "UDP" {
            "udp/80"
        } else {
            "tcp/80"
        };
        let answer = network
            .ask("instance.c", "load_balancer.front", flow)
            .is_reachable();
        let last = answer
            .path
            .forward
            .steps
            .iter()
            .rev()
            .find_map(|step| match step {
                Step::Translates { after, .. } => Some(after.source.address.to_string()),
                _ => None,
            });
        let client = last.unwrap() == "10.0.2.10";
        if client { "client" } else { "load balancer" }
    };
    assert_eq!(source("TCP", ""), "load balancer");
    assert_eq!(source("TCP", "preserve_client_ip = true"), "client");
    // UDP always keeps it.
    assert_eq!(source("UDP", ""), "client");
}

#[test]
fn without_the_clients_address_the_load_balancer_is_the_client() {
    let network = tcp(&["target_group.t.preserve_client_ip = false"]);
    let node = node(&network, "us-east-1a");
    network
        .ask("instance.c", "load_balancer.front", "tcp/80")
        .is_reachable()
        .goes(&[&format!(
            "load_balancer.front: 10.0.2.10 → {node}:80 becomes {node} → 10.0.0.10:8080"
        )]);
}

#[test]
fn targets_that_see_the_client_admit_it_or_the_group_of_the_load_balancer() {
    let admits = |source: &str| {
        let group = format!(
            "instance.a.security_groups = [\"target\"]\ninstance.b.security_groups = [\"target\"]\n\
             [security_group.target]\nvpc = \"main\"\n\
             ingress = [{{ protocol = \"tcp\", ports = 8080, source = \"{source}\" }}]"
        );
        let network = tcp(&[&group]);
        network
            .ask("instance.c", "load_balancer.front", "tcp/80")
            .path
            .is_reachable()
    };
    assert!(admits("10.0.2.10/32"));
    assert!(admits("security_group.front"));
    // Addresses of the nodes are not what they see, and groups of clients are not carried on.
    assert!(!admits("10.0.0.0/24"));
    assert!(!admits("security_group.open"));
}

#[test]
fn what_a_target_is_recommended_to_admit_is_the_load_balancer() {
    let closed = "instance.a.security_groups = [\"closed\"]\ninstance.b.security_groups = [\"closed\"]\n\
                  security_group.closed.vpc = \"main\"";
    let remedy = |network: &Network| {
        let answer = network.ask("instance.c", "load_balancer.front", "tcp/80");
        answer.path.refusals[0].explain(&network.topology).remedy
    };
    let admit = |source: &str| {
        format!(
            "add to security_group.closed: ingress = \
             [{{ protocol = \"tcp\", ports = 8080, source = \"{source}\" }}]"
        )
    };
    // Whether or not it sees the client's address.
    assert_eq!(
        remedy(&application(&[closed])),
        admit("security_group.front")
    );
    assert_eq!(remedy(&tcp(&[closed])), admit("security_group.front"));
    let ungrouped = "load_balancer.front.security_groups = []";
    assert_eq!(remedy(&tcp(&[closed, ungrouped])), admit("10.0.2.10/32"));
}

#[test]
fn a_network_load_balancer_without_groups_admits_everything() {
    let network = tcp(&["load_balancer.front.security_groups = []"]);
    let answer = network
        .ask("instance.c", "load_balancer.front", "tcp/80")
        .is_reachable();
    assert!(
        !answer
            .there()
            .iter()
            .any(|step| step.starts_with("load_balancer.front ingress"))
    );
}

#[test]
fn a_target_cannot_be_its_own_client_while_it_sees_the_clients_address() {
    let only = "target_group.t.targets = [\"instance.a\"]\n";
    let cross = "load_balancer.front.enable_cross_zone_load_balancing = true\n";
    tcp(&[only, cross])
        .ask("instance.a", "load_balancer.front", "tcp/80")
        .is_refused(&[
            "there: ELBV2_SOURCE_ADDRESS_PRESERVATION load_balancer.front preserve_client_ip",
        ]);
    tcp(&[only, cross, "target_group.t.preserve_client_ip = false"])
        .ask("instance.a", "load_balancer.front", "tcp/80")
        .is_reachable();
    // Another target will do.
    tcp(&[cross])
        .ask("instance.a", "load_balancer.front", "tcp/80")
        .is_reachable();
}

#[test]
fn a_network_load_balancer_keeps_to_its_zone_unless_told_otherwise() {
    let node = |zone| format!("load_balancer.front ({zone})");
    let (a, b) = (node("us-east-1a"), node("us-east-1b"));
    let to = |node: &str, target: &str| (node.to_owned(), target.to_owned());
    assert_eq!(
        pairs(&tcp(&[])),
        [to(&a, "instance.a"), to(&b, "instance.b")]
    );
    let all = [
        to(&a, "instance.a"),
        to(&a, "instance.b"),
        to(&b, "instance.a"),
        to(&b, "instance.b"),
    ];
    let on = "load_balancer.front.enable_cross_zone_load_balancing = true";
    assert_eq!(pairs(&tcp(&[on])), all);
    assert_eq!(pairs(&application(&[])), all);
}

#[test]
fn a_node_without_targets_in_its_zone_sends_to_none() {
    let only = "target_group.t.targets = [\"instance.b\"]";
    let network = tcp(&[only]);
    let query = network.query("instance.c", "load_balancer.front", "tcp/80");
    let first = path::trace(&network.topology, &query, 0);
    assert!(matches!(
        first.refusals[0].cause,
        path::Cause::NoTargetsInZone(..)
    ));
    // The other node has one.
    assert!(path::trace(&network.topology, &query, 1).is_reachable());
}

#[test]
fn a_group_without_targets_serves_nobody() {
    application(&["target_group.t.targets = []"])
        .ask("instance.c", "load_balancer.front", "tcp/80")
        .is_refused(&["there: ELBV2_LISTENER_HAS_NO_TG load_balancer.front targets"]);
}

#[test]
fn targets_that_fail_their_checks_get_nothing_while_another_passes() {
    let network = application(&["target_group.t.unhealthy_targets = [\"instance.a\"]"]);
    let targets: Vec<String> = pairs(&network)
        .into_iter()
        .map(|(_, target)| target)
        .collect();
    // By either node.
    assert_eq!(targets, ["instance.b", "instance.b"]);
}

#[test]
fn if_no_target_passes_its_checks_all_of_them_are_sent_to() {
    let network =
        application(&["target_group.t.unhealthy_targets = [\"instance.a\", \"instance.b\"]"]);
    let answer = network
        .ask("instance.c", "load_balancer.front", "tcp/80")
        .is_reachable();
    assert!(matches!(answer.path.notes.as_slice(), [Note::FailsOpen(_)]));
    assert_eq!(pairs(&network).len(), 4);
}

#[test]
fn a_target_that_cannot_be_reached_is_not_sent_to() {
    let closed = "instance.a.security_groups = [\"closed\"]\nsecurity_group.closed.vpc = \"main\"";
    let network = application(&[closed]);
    let targets: Vec<String> = pairs(&network)
        .into_iter()
        .map(|(_, target)| target)
        .collect();
    // By either node.
    assert_eq!(targets, ["instance.b", "instance.b"]);
}

#[test]
fn an_internal_load_balancer_has_no_public_address() {
    let internet = r#"
        internet_gateway.main.vpc = "main"
        vpc.main.main_route_table = "main"
        [route_table.main]
        vpc = "main"
        routes = [{ destination_cidr_block = "0.0.0.0/0", target = "internet_gateway.main" }]
    "#;
    application(&[internet])
        .ask("internet", "load_balancer.front", "tcp/80")
        .is_refused(&[
            "there: IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS internet_gateway.main public address",
        ]);
    application(&[internet, "load_balancer.front.internal = false"])
        .ask("internet", "load_balancer.front", "tcp/80")
        .is_reachable()
        .goes(&[
            "through internet_gateway.main",
            "through load_balancer.front",
            "into instance.a",
        ]);
}

#[test]
fn an_application_load_balancer_may_stand_behind_a_network_load_balancer() {
    let outer = r#"
        [load_balancer.outer]
        load_balancer_type = "network"
        internal = true
        subnets = ["a", "b"]
        listeners = [{ port = 80, protocol = "TCP", target_group = "inner" }]
        [target_group.inner]
        vpc = "main"
        port = 80
        target_type = "alb"
        targets = ["load_balancer.front"]
    "#;
    application(&[outer])
        .ask("instance.c", "load_balancer.outer", "tcp/80")
        .is_reachable()
        .goes(&[
            "through load_balancer.outer",
            "through load_balancer.front",
            "into instance.a",
        ])
        .returns(&[
            "through load_balancer.front",
            "through load_balancer.outer",
            "into instance.c",
        ]);
}

#[test]
fn a_function_may_be_the_target_of_an_application_load_balancer() {
    let function = r#"
        load_balancer.front.listeners = [{ port = 80, protocol = "HTTP", target_group = "f" }]
        function.f = { runtime = "python3.12", memory = "512 MB", duration = "10 ms" }
        target_group.f = { vpc = "main", target_type = "lambda", targets = ["function.f"] }
    "#;
    let network = application(&[function]);
    let answer = network
        .ask("instance.c", "load_balancer.front", "tcp/80")
        .is_reachable();
    let id = network.topology.functions.find("f").unwrap();
    assert_eq!(answer.path.server, Some(Server::Function(id)));
}

#[test]
fn the_acl_of_a_nodes_subnet_sees_both_of_its_connections() {
    let acl = |ingress: &str| {
        format!(
            "subnet.a.network_acl = \"acl\"\n[network_acl.acl]\nvpc = \"main\"\n\
             ingress = [{ingress}]\n\
             egress = [{{ rule_number = 1, action = \"allow\", protocol = \"all\", cidr_block = \"0.0.0.0/0\" }}]"
        )
    };
    let entry = |number: u32, ports: &str, block: &str| {
        format!(
            "{{ rule_number = {number}, action = \"allow\", protocol = \"tcp\", ports = {ports}, cidr_block = \"{block}\" }}, "
        )
    };
    let client = entry(1, "80", "10.0.2.0/24");
    let targets = entry(2, "\"1024-65535\"", "10.0.1.0/24");
    let only = "target_group.t.targets = [\"instance.b\"]";
    application(&[only, &acl(&(client.clone() + &targets))])
        .ask("instance.c", "load_balancer.front", "tcp/80")
        .is_reachable()
        .goes(&["a ingress: acl 1", "a egress: acl 1"])
        .returns(&["a ingress: acl 2", "a egress: acl 1"]);
    let one = application(&[only, &acl(&client)]);
    let query = one.query("instance.c", "load_balancer.front", "tcp/80");
    let first = path::trace(&one.topology, &query, 0);
    assert!(matches!(
        first.refusals[0].cause,
        path::Cause::NetworkAcl {
            rule_number: 32767,
            ..
        }
    ));
}
