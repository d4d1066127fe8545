//! Functions: in AWS's own network, on Hyperplane, and with an interface for each worker.

use netsim::path::{self, Hop, Link, Server};

use super::network::{Network, network};

/// `out` is in no VPC, `f` on Hyperplane in subnet `a`, `old` there with interfaces of its workers.
const FUNCTIONS: &str = r#"
    [function]
    out = { runtime = "python3.12", memory = "512 MB", duration = "10 ms" }
    f = { runtime = "python3.12", memory = "512 MB", duration = "10 ms", vpc_attachment = "hyperplane", subnets = ["a"], security_groups = ["open"] }
    old = { runtime = "python3.12", memory = "512 MB", duration = "10 ms", vpc_attachment = "per_environment_eni", subnets = ["a"], security_groups = ["open"] }
"#;

/// All of `main` is public; `a` has a public address.
const PUBLIC: &str = r#"
    vpc.main.main_route_table = "main"
    internet_gateway.main.vpc = "main"
    elastic_ip.a = { instance = "a", public_ip = "198.51.100.1" }
    [route_table.main]
    vpc = "main"
    routes = [{ destination_cidr_block = "0.0.0.0/0", target = "internet_gateway.main" }]
"#;

/// Subnet `a` goes out by a NAT gateway in `b`.
const PRIVATE: &str = r#"
    subnet.a.route_table = "private"
    nat_gateway.n = { subnet = "b", private_ip = "10.0.1.50" }
    [route_table.private]
    vpc = "main"
    routes = [{ destination_cidr_block = "0.0.0.0/0", target = "nat_gateway.n" }]
"#;

fn functions(more: &[&str]) -> Network {
    network(&[&[FUNCTIONS, PUBLIC], more].concat())
}

/// Why a path is refused, and what would help.
fn words(network: &Network, from: &str, to: &str) -> (String, String) {
    let answer = network.ask(from, to, "tcp/443");
    assert_eq!(answer.path.refusals.len(), 1);
    let words = answer.path.refusals[0].explain(&network.topology);
    (words.reason, words.remedy)
}

#[test]
fn outside_vpcs_a_service_is_reached_without_the_internet() {
    let network = functions(&[]);
    let answer = network
        .ask("function.out", "service.sqs", "tcp/443")
        .is_reachable()
        .avoids("through internet")
        .avoids("through internet_gateway.main");
    assert_eq!(
        answer.there(),
        ["through function.out", "mtu 1500", "through service.sqs"]
    );
    assert_eq!(answer.back(), ["through function.out"]);
    assert_eq!(answer.meters(), [const { [""; 0] }; 2]);
    assert!(!answer.path.forward.hops().any(|hop| hop == Hop::Internet));
}

#[test]
fn outside_vpcs_the_internet_is_reached_over_the_internet_and_charged() {
    let network = functions(&[]);
    let answer = network
        .ask("function.out", "internet", "tcp/443")
        .is_reachable();
    assert_eq!(
        answer.there(),
        ["through function.out", "mtu 1500", "through internet"]
    );
    assert_eq!(answer.back(), ["through internet", "through function.out"]);
    let nothing: [&str; 0] = [];
    assert_eq!(answer.meters()[0], ["out of us-east-1"]);
    assert_eq!(answer.meters()[1], nothing);
    let crossings = answer.path.forward.hops().chain(answer.path.back.hops());
    assert_eq!(crossings.filter(|hop| *hop == Hop::Internet).count(), 2);
}

#[test]
fn outside_vpcs_public_addresses_of_a_vpc_are_reached_by_its_gateway() {
    functions(&[])
        .ask("function.out", "instance.a", "tcp/443")
        .is_reachable()
        .goes(&[
            "through function.out",
            "through internet_gateway.main",
            "internet_gateway.main: 192.0.2.1 → 198.51.100.1:443 becomes 192.0.2.1 → 10.0.0.10:443",
            "into instance.a",
        ])
        .returns(&["through internet_gateway.main", "through function.out"])
        .avoids("through internet");
}

#[test]
fn outside_vpcs_private_addresses_are_not_known() {
    let endpoint = r#"
        [vpc_endpoint.sqs]
        vpc = "main"
        service = "sqs"
        vpc_endpoint_type = "interface"
        subnets = ["a"]
        security_groups = ["open"]
    "#;
    let internal = r#"
        load_balancer.front = { load_balancer_type = "network", internal = true, subnets = ["a"], listeners = [{ port = 443, protocol = "TCP", target_group = "t" }] }
        target_group.t = { vpc = "main", port = 443, protocol = "TCP", targets = ["instance.a"] }
    "#;
    let network = functions(&[endpoint, internal]);
    for to in [
        "instance.b",
        "10.0.0.10",
        "vpc_endpoint.sqs",
        "load_balancer.front",
    ] {
        network
            .ask("function.out", to, "tcp/443")
            .is_refused(&["there: - function.out vpc_attachment"]);
    }
    // Private DNS is for VPCs.
    network
        .ask("function.out", "service.sqs", "tcp/443")
        .is_reachable()
        .avoids("vpc_endpoint.sqs");
    let (reason, remedy) = words(&network, "function.out", "instance.b");
    assert_eq!(
        reason,
        "function.out is attached to no VPC, and private addresses such as that of instance.b at \
         10.0.1.10 are not known outside"
    );
    assert_eq!(
        remedy,
        "attach function.out to vpc.main: vpc_attachment = \"hyperplane_prewarmed\", subnets = [\"…\"] \
         and security_groups = [\"…\"]"
    );
}

#[test]
fn outside_vpcs_environments_are_in_all_zones_that_work_and_ask_front_ends_of_their_own() {
    let zones = |network: &Network| -> Vec<String> {
        let query = network.query("function.out", "service.sqs", "tcp/443");
        let paths = path::resolve(&network.topology, &query).unwrap();
        let zones = paths.iter().map(|path| {
            let mut hops = path.forward.hops().chain(path.back.hops());
            assert!(!hops.any(|hop| matches!(hop, Hop::Link(Link::Zone(..)))));
            let Some(Server::Service(_, zone)) = path.server else {
                panic!("{:?}", path.server);
            };
            network.topology.substrate.fabrics.name(zone).to_owned()
        });
        zones.collect()
    };
    assert_eq!(
        zones(&functions(&[])),
        ["us-east-1a", "us-east-1b", "us-east-1c"]
    );
    let failed = "region.failed_availability_zones = [\"us-east-1b\"]";
    assert_eq!(zones(&functions(&[failed])), ["us-east-1a", "us-east-1c"]);
}

#[test]
fn outside_vpcs_there_is_no_ipv6() {
    functions(&[])
        .ask_ipv6("function.out", "internet", "tcp/443")
        .is_refused(&["there: - function.out ipv6_addresses"]);
}

#[test]
fn in_a_public_subnet_a_function_has_no_public_address() {
    let network = functions(&[]);
    for from in ["function.f", "function.old"] {
        for to in ["internet", "service.sqs"] {
            network.ask(from, to, "tcp/443").is_refused(&[
                "there: IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS internet_gateway.main public address",
            ]);
        }
    }
    let (reason, remedy) = words(&network, "function.f", "internet");
    assert_eq!(
        reason,
        "function.f (a) has no public address: network interfaces of a function never have one, in a \
         public subnet either"
    );
    assert_eq!(
        remedy,
        "add a NAT gateway in a public subnet, and a route for 0.0.0.0/0 to it from the function's \
         subnet"
    );
    let (_, remedy) = words(&network, "function.f", "service.sqs");
    assert_eq!(
        remedy,
        "add an endpoint for service `sqs` to the VPC, or a NAT gateway in a public subnet and a route \
         to it from the function's subnet"
    );
}

#[test]
fn without_a_route_a_function_is_told_of_a_nat_gateway() {
    let none = "subnet.a.route_table = \"none\"\nroute_table.none.vpc = \"main\"";
    let (reason, remedy) = words(&functions(&[none]), "function.f", "internet");
    assert_eq!(reason, "no route leads to the internet");
    assert!(
        remedy.starts_with("add a NAT gateway in a public subnet"),
        "{remedy}"
    );
}

#[test]
fn a_nat_gateway_leads_a_function_to_the_internet_and_to_services() {
    let network = functions(&[PRIVATE]);
    for (to, end) in [
        ("internet", "through internet"),
        ("service.sqs", "through service.sqs"),
    ] {
        network
            .ask("function.f", to, "tcp/443")
            .is_reachable()
            .goes(&["out of function.f (a)", "through nat_gateway.n", end])
            .returns(&["through nat_gateway.n", "into function.f (a)"]);
    }
}

#[test]
fn an_endpoint_leads_a_function_to_its_service() {
    let endpoint = r#"
        [vpc_endpoint.sqs]
        vpc = "main"
        service = "sqs"
        vpc_endpoint_type = "interface"
        private_dns_enabled = true
        subnets = ["a"]
        security_groups = ["open"]
    "#;
    functions(&[endpoint])
        .ask("function.f", "service.sqs", "tcp/443")
        .is_reachable()
        .goes(&["out of function.f (a)", "into vpc_endpoint.sqs"])
        .avoids("through internet_gateway.main");
}

#[test]
fn a_peered_vpc_is_reached_from_a_function_as_from_any_interface() {
    let peered = r#"
        vpc.other.main_route_table = "other"
        vpc_peering_connection.p = { vpc = "main", peer_vpc = "other" }
        [route_table.main]
        vpc = "main"
        routes = [{ destination_cidr_block = "10.1.0.0/16", target = "vpc_peering_connection.p" }]
        [route_table.other]
        vpc = "other"
        routes = [{ destination_cidr_block = "10.0.0.0/16", target = "vpc_peering_connection.p" }]
    "#;
    for from in ["function.f", "function.old"] {
        functions(&[peered])
            .ask(from, "instance.other", "tcp/443")
            .is_reachable();
    }
}

/// The hops without links.
fn places(network: &Network, from: &str) -> Vec<String> {
    let answer = network.ask(from, "instance.b", "tcp/443").is_reachable();
    let is_link = |hop: &String| hop.starts_with("up ") || hop.starts_with("down ");
    let mut places = answer.hops();
    places.retain(|hop| !is_link(hop) && !hop.starts_with("from "));
    places
}

#[test]
fn a_function_in_a_vpc_passes_hyperplane_and_its_groups() {
    let network = functions(&[]);
    assert_eq!(
        places(&network, "function.f"),
        [
            "node of function.f (a)",
            "card of instance.b receives",
            "guest receives"
        ]
    );
    // What passes Hyperplane is tracked, even where the groups let everything through.
    network
        .ask("function.f", "instance.b", "tcp/443")
        .goes(&[
            "function.f (a) egress: open[0], tracked",
            "instance.b ingress: open[0], tracked",
        ])
        .returns(&["function.f (a) ingress: reply"]);
    let closed = functions(&["security_group.open.egress = []"]);
    closed
        .ask("function.f", "instance.b", "tcp/443")
        .is_refused(&["there: SG_HAS_NO_RULES security_group.open egress"]);
}

#[test]
fn before_hyperplane_the_interface_was_on_the_host_of_a_worker() {
    let network = functions(&[]);
    assert_eq!(
        places(&network, "function.old"),
        [
            "guest sends",
            "card of function.old (a) sends",
            "card of instance.b receives",
            "guest receives",
        ]
    );
    network
        .ask("function.old", "instance.b", "tcp/443")
        .goes(&["function.old (a) egress: open[0], untracked"]);
    // The environments of a function have no services of the host.
    network
        .ask("function.old", "instance_metadata", "tcp/80")
        .is_refused(&["there: NO_POSSIBLE_DESTINATION instance_metadata receiver"]);
    // Both kinds stand in one subnet with the same groups.
    let interfaces = |name| {
        let id = network.topology.functions.find(name).unwrap();
        network.topology.functions[id].network_interfaces.clone()
    };
    assert_ne!(interfaces("f"), interfaces("old"));
}

#[test]
fn a_function_takes_no_connections() {
    let network = functions(&[]);
    for to in ["function.out", "function.f"] {
        let (_, remedy) = words(&network, "instance.a", to);
        assert_eq!(
            remedy,
            "invoke the function by an [invoke.NAME], or by a load balancer"
        );
    }
}
