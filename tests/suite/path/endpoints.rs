//! VPC endpoints: gateway endpoints, interface endpoints, endpoint services, and endpoints of
//! appliances.

use netsim::path::{Note, Query};

use super::network::{Network, network, wrong};

/// A gateway endpoint of S3 for all of `main`.
const GATEWAY: &str = r#"
    vpc.main.main_route_table = "main"
    route_table.main.vpc = "main"
    [vpc_endpoint.s3]
    vpc = "main"
    service = "s3"
    vpc_endpoint_type = "gateway"
    route_tables = ["main"]
"#;

/// An interface endpoint of SQS with an interface in each zone.
const INTERFACE: &str = r#"
    security_group.door = { vpc = "main", ingress = [{ protocol = "tcp", ports = 443, source = "10.0.0.0/16" }] }
    [vpc_endpoint.sqs]
    vpc = "main"
    service = "sqs"
    vpc_endpoint_type = "interface"
    subnets = ["a", "b"]
    security_groups = ["door"]
"#;

/// A service of `other` behind a Network Load Balancer, with an endpoint in `main`.
const SERVICE: &str = r#"
    [load_balancer.front]
    load_balancer_type = "network"
    internal = true
    subnets = ["other"]
    listeners = [{ port = 80, protocol = "TCP", target_group = "t" }]
    [target_group.t]
    vpc = "other"
    port = 8080
    targets = ["instance.other"]
    [vpc_endpoint_service.api]
    load_balancer = "front"
    private_dns_name = "api.example.com"
    [vpc_endpoint.api]
    vpc = "main"
    service = "vpc_endpoint_service.api"
    vpc_endpoint_type = "interface"
    subnets = ["a"]
    security_groups = ["open"]
"#;

/// The address of an interface by its name.
fn address(network: &Network, name: &str) -> String {
    let interfaces = &network.topology.network_interfaces;
    interfaces[interfaces.find(name).unwrap()]
        .private_ip()
        .to_string()
}

#[test]
fn a_gateway_endpoint_is_a_route_to_the_prefix_list_of_its_service() {
    network(&[GATEWAY])
        .ask("instance.a", "service.s3", "tcp/443")
        .is_reachable()
        .goes(&[
            "main: 52.216.0.0/15 → vpc_endpoint.s3",
            "through vpc_endpoint.s3",
            "through service.s3",
        ])
        .returns(&["through vpc_endpoint.s3", "into instance.a"])
        .avoids("becomes");
}

#[test]
fn a_table_that_the_gateway_endpoint_does_not_name_has_no_route() {
    let own = "subnet.b.route_table = \"own\"\nroute_table.own.vpc = \"main\"";
    let network = network(&[GATEWAY, own]);
    network
        .ask("instance.a", "service.s3", "tcp/443")
        .is_reachable();
    network
        .ask("instance.b", "service.s3", "tcp/443")
        .is_refused(&["there: NO_ROUTE_TO_DESTINATION route_table.own routes"]);
}

#[test]
fn groups_and_acls_in_front_of_a_gateway_endpoint_name_public_addresses() {
    let list = r#"
        instance.a.security_groups = ["client"]
        [security_group.client]
        vpc = "main"
        egress = [{ protocol = "tcp", ports = 443, destination = "DESTINATION" }]
    "#;
    network(&[GATEWAY, &list.replace("DESTINATION", "prefix_list.s3")])
        .ask("instance.a", "service.s3", "tcp/443")
        .is_reachable();
    network(&[GATEWAY, &list.replace("DESTINATION", "10.0.0.0/8")])
        .ask("instance.a", "service.s3", "tcp/443")
        .is_refused(&["there: ENI_SG_RULES_MISMATCH security_group.client egress"]);
}

#[test]
fn a_gateway_endpoint_serves_its_own_vpc_only() {
    // `other` sends into `main` over a transit gateway, whose subnet has the endpoint's route.
    let hub = r#"
        vpc.other.main_route_table = "other"
        transit_gateway.hub = {}
        transit_gateway_vpc_attachment.main = { transit_gateway = "hub", vpc = "main", subnets = ["a"] }
        transit_gateway_vpc_attachment.other = { transit_gateway = "hub", vpc = "other", subnets = ["other"] }
        [route_table.other]
        vpc = "other"
        routes = [{ destination_cidr_block = "0.0.0.0/0", target = "transit_gateway.hub" }]
        [transit_gateway_route_table.t]
        transit_gateway = "hub"
        associations = ["transit_gateway_vpc_attachment.main", "transit_gateway_vpc_attachment.other"]
        routes = [{ destination_cidr_block = "0.0.0.0/0", target = "transit_gateway_vpc_attachment.main" }]
    "#;
    network(&[GATEWAY, hub])
        .ask("instance.other", "service.s3", "tcp/443")
        .is_refused(&["there: - vpc_endpoint.s3 source"]);
}

#[test]
fn a_policy_allows_actions_on_resources_and_a_denial_beats_it() {
    let policy = r#"
        vpc_endpoint.s3.policy = [
            { effect = "allow", actions = ["s3:Get*"], resources = ["arn:aws:s3:::logs/*"] },
            { effect = "deny", actions = ["s3:GetObject"], resources = ["arn:aws:s3:::logs/secret*"] },
        ]
    "#;
    let network = network(&[GATEWAY, policy]);
    let query = network.query("instance.a", "service.s3", "tcp/443");
    let allowed = |action, resource| {
        let query = Query {
            action: Some(action),
            resource: Some(resource),
            ..query
        };
        let answer = network.answer(&query);
        if !answer.path.is_reachable() {
            assert_eq!(answer.refusals(), ["there: - vpc_endpoint.s3 policy"]);
        }
        answer.path.is_reachable()
    };
    assert!(allowed("s3:GetObject", "arn:aws:s3:::logs/today"));
    assert!(allowed("s3:GetBucketAcl", "arn:aws:s3:::logs/secret"));
    assert!(!allowed("s3:GetObject", "arn:aws:s3:::logs/secret"));
    assert!(!allowed("s3:PutObject", "arn:aws:s3:::logs/today"));
    assert!(!allowed("s3:GetObject", "arn:aws:s3:::other/today"));
    // What is not said is taken to be allowed.
    network.answer(&query).is_reachable();
}

#[test]
fn private_dns_leads_to_the_interface_of_the_endpoint_in_the_senders_zone() {
    let network = network(&[INTERFACE]);
    for (from, zone) in [("instance.a", "us-east-1a"), ("instance.b", "us-east-1b")] {
        let answer = network.ask(from, "service.sqs", "tcp/443").is_reachable();
        let own = address(&network, &format!("vpc_endpoint.sqs ({zone})"));
        assert_eq!(
            answer.path.header.unwrap().destination.address.to_string(),
            own
        );
        assert!(matches!(
            answer.path.resolution,
            Some(netsim::path::Resolution::PrivateDns(_))
        ));
        answer.goes(&[
            "into vpc_endpoint.sqs",
            "vpc_endpoint.sqs ingress: door[0], tracked",
            "through vpc_endpoint.sqs",
            "through service.sqs",
        ]);
    }
}

#[test]
fn without_private_dns_the_name_of_the_service_stays_public() {
    let network = network(&[INTERFACE, "vpc_endpoint.sqs.private_dns_enabled = false"]);
    network
        .ask("instance.a", "service.sqs", "tcp/443")
        .is_refused(&["there: NO_ROUTE_TO_DESTINATION route_table.main (main) routes"]);
    // The endpoint's own name leads to it all the same.
    network
        .ask("instance.a", "vpc_endpoint.sqs", "tcp/443")
        .is_reachable();
}

#[test]
fn the_groups_of_an_interface_endpoint_filter_its_clients() {
    network(&[INTERFACE, "security_group.door.ingress = []"])
        .ask("instance.a", "service.sqs", "tcp/443")
        .is_refused(&["there: SG_HAS_NO_RULES security_group.door ingress"]);
}

#[test]
fn an_interface_endpoint_has_a_policy_too() {
    let network = network(&[
        INTERFACE,
        "vpc_endpoint.sqs.policy = [{ effect = \"allow\", actions = [\"sqs:SendMessage\"] }]",
    ]);
    let query = network.query("instance.a", "service.sqs", "tcp/443");
    network
        .answer(&Query {
            action: Some("sqs:SendMessage"),
            ..query
        })
        .is_reachable();
    network
        .answer(&Query {
            action: Some("sqs:ReceiveMessage"),
            ..query
        })
        .is_refused(&["there: - vpc_endpoint.sqs policy"]);
}

#[test]
fn the_provider_of_a_service_sees_its_load_balancer_and_never_the_consumer() {
    let network = network(&[SERVICE]);
    let endpoint = address(&network, "vpc_endpoint.api (us-east-1a)");
    let node = address(&network, "load_balancer.front (us-east-1a)");
    network
        .ask("instance.a", "vpc_endpoint.api", "tcp/80")
        .is_reachable()
        .goes(&[
            "into vpc_endpoint.api",
            &format!("vpc_endpoint.api: 10.0.0.10 → {endpoint}:80 becomes {node} → {node}:80"),
            "through load_balancer.front",
            &format!("load_balancer.front: {node} → {node}:80 becomes {node} → 10.1.0.10:8080"),
            "into instance.other",
        ])
        .returns(&[
            &format!(
                "load_balancer.front: 10.1.0.10:8080 → {node} becomes {endpoint}:80 → 10.0.0.10"
            ),
            "out of vpc_endpoint.api",
            "into instance.a",
        ]);
}

#[test]
fn consumer_and_provider_may_have_the_same_addresses() {
    let twin = r#"
        vpc.other.cidr_block = "10.0.0.0/16"
        subnet.other.cidr_block = "10.0.0.0/24"
        instance.other.private_ip = "10.0.0.10"
    "#;
    network(&[SERVICE, twin])
        .ask("instance.a", "vpc_endpoint.api", "tcp/80")
        .is_reachable()
        .goes(&["through vpc_endpoint.api", "into instance.other"]);
}

#[test]
fn a_service_that_requires_acceptance_serves_accepted_endpoints_only() {
    let required = "vpc_endpoint_service.api.acceptance_required = true";
    network(&[SERVICE, required])
        .ask("instance.a", "vpc_endpoint.api", "tcp/80")
        .is_reachable();
    network(&[SERVICE, required, "vpc_endpoint.api.accepted = false"])
        .ask("instance.a", "vpc_endpoint.api", "tcp/80")
        .is_refused(&["there: BAD_STATE vpc_endpoint.api accepted"]);
}

#[test]
fn a_service_exists_in_the_zones_of_its_load_balancer_only() {
    let elsewhere = wrong(&[SERVICE, "vpc_endpoint.api.subnets = [\"b\"]"]);
    assert!(
        elsewhere.contains("is not offered in us-east-1b"),
        "{elsewhere}"
    );
}

#[test]
fn nothing_is_started_through_an_endpoint_into_the_consumers_vpc() {
    let network = network(&[SERVICE]);
    network
        .ask("instance.other", "instance.a", "tcp/80")
        .is_refused(&["there: NO_ROUTE_TO_DESTINATION route_table.main (other) routes"]);
    network
        .ask("vpc_endpoint.api", "instance.a", "tcp/80")
        .is_refused(&["there: - vpc_endpoint.api sender"]);
}

/// `a` sends to `b` through appliances of `other` behind a Gateway Load Balancer.
const APPLIANCES: &str = r#"
    subnet.a.route_table = "a"
    subnet.b.route_table = "b"
    subnet.door = { vpc = "main", availability_zone = "us-east-1a", cidr_block = "10.0.9.0/28" }
    [route_table.a]
    vpc = "main"
    routes = [{ destination_cidr_block = "10.0.1.0/24", target = "vpc_endpoint.door" }]
    [route_table.b]
    vpc = "main"
    routes = [{ destination_cidr_block = "10.0.0.0/24", target = "vpc_endpoint.door" }]
    [load_balancer.gate]
    load_balancer_type = "gateway"
    subnets = ["other"]
    listeners = [{ target_group = "fw" }]
    [target_group.fw]
    vpc = "other"
    protocol = "GENEVE"
    targets = ["instance.other"]
    [vpc_endpoint_service.fw]
    load_balancer = "gate"
    [vpc_endpoint.door]
    vpc = "main"
    service = "vpc_endpoint_service.fw"
    vpc_endpoint_type = "gateway_load_balancer"
    subnets = ["door"]
"#;

#[test]
fn a_route_to_an_endpoint_of_appliances_leads_through_one_and_on() {
    let network = network(&[APPLIANCES]);
    let answer = network
        .ask("instance.a", "instance.b", "tcp/80")
        .is_reachable();
    let balancer = network.topology.load_balancers.find("gate").unwrap();
    assert_eq!(answer.path.notes, [Note::ApplianceDecides(balancer)]);
    answer
        .goes(&[
            "a: 10.0.1.0/24 → vpc_endpoint.door",
            "door ingress: default (main) 100",
            "through vpc_endpoint.door",
            "through load_balancer.gate",
            "through instance.other",
            "out of vpc_endpoint.door",
            "door egress: default (main) 100",
            "main (main): 10.0.0.0/16 → local",
            "into instance.b",
        ])
        .returns(&[
            "b: 10.0.0.0/24 → vpc_endpoint.door",
            "through instance.other",
        ])
        .avoids("becomes");
}

#[test]
fn without_a_healthy_appliance_the_load_balancer_fails_open_and_without_any_it_drops() {
    let sick = network(&[
        APPLIANCES,
        "target_group.fw.unhealthy_targets = [\"instance.other\"]",
    ]);
    let answer = sick
        .ask("instance.a", "instance.b", "tcp/80")
        .is_reachable();
    assert!(matches!(answer.path.notes[0], Note::FailsOpen(_)));
    let none = network(&[APPLIANCES, "target_group.fw.targets = []"]);
    let answer = none.ask("instance.a", "instance.b", "tcp/80");
    assert_eq!(
        answer.refusals()[0],
        "there: ELBV2_LISTENER_HAS_NO_TG load_balancer.gate targets"
    );
}

#[test]
fn group_references_end_at_appliances() {
    let guard = "security_group.guard = { vpc = \"main\", ingress = \
                 [{ protocol = \"all\", source = \"security_group.open\" }] }\n\
                 instance.b.security_groups = [\"guard\"]";
    network(&[APPLIANCES, guard])
        .ask("instance.a", "instance.b", "tcp/80")
        .is_refused(&["there: SG_REFERENCES_NOT_PRESERVED security_group.guard ingress"]);
}
