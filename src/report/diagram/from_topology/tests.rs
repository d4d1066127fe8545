//! What a scenario's model holds.

use crate::report::diagram::model::{Flow, Kind, LinkKind, Model, NodeId, Tier};
use crate::scenario::{Document, Scenario};
use crate::topology::Topology;

const SCENARIO: &str = r#"
    [region]
    name = "us-east-1"
    availability_zones = ["us-east-1a", "us-east-1b", "us-east-1c"]
    [vpc.main]
    cidr_block = "10.0.0.0/16"
    [subnet.public-a]
    vpc = "main"
    availability_zone = "us-east-1a"
    cidr_block = "10.0.0.0/24"
    route_table = "public"
    [subnet.app-b]
    vpc = "main"
    availability_zone = "us-east-1b"
    cidr_block = "10.0.1.0/24"
    route_table = "private"
    [subnet.data-b]
    vpc = "main"
    availability_zone = "us-east-1b"
    cidr_block = "10.0.2.0/24"
    [internet_gateway.main]
    vpc = "main"
    [nat_gateway.a]
    subnet = "public-a"
    [route_table.public]
    vpc = "main"
    routes = [{ destination_cidr_block = "0.0.0.0/0", target = "internet_gateway.main" }]
    [route_table.private]
    vpc = "main"
    routes = [{ destination_cidr_block = "0.0.0.0/0", target = "nat_gateway.a" }]
    [vpc_endpoint.s3]
    vpc = "main"
    service = "s3"
    vpc_endpoint_type = "gateway"
    route_tables = ["private"]
    [security_group.app]
    vpc = "main"
    [instance.app]
    instance_type = "m5.large"
    subnet = "app-b"
    security_groups = ["app"]
"#;

fn topology() -> Topology {
    let document = Document::parse("test.toml", SCENARIO).unwrap();
    let (scenario, problems) = Scenario::read(&document);
    let (topology, more) = Topology::resolve(&scenario);
    let errors: Vec<String> = problems
        .iter()
        .chain(&more)
        .filter(|problem| problem.is_error())
        .map(ToString::to_string)
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    topology
}

#[test]
fn subnets_have_the_tier_of_their_default_route() {
    let model = Model::from_topology(&topology(), Vec::new());
    let [region] = &model.regions[..] else {
        panic!("{:?}", model.regions);
    };
    let [vpc] = &region.vpcs[..] else {
        panic!("{:?}", region.vpcs);
    };
    // A zone without a subnet has no column.
    assert_eq!(vpc.zones, ["us-east-1a", "us-east-1b"]);
    let subnets = vpc.subnets.iter();
    let told: Vec<_> = subnets
        .map(|s| (s.name.as_str(), s.zone, s.tier, s.routes.join("; ")))
        .collect();
    let route = |text: &str| text.to_owned();
    let expected = [
        (
            "public-a",
            0,
            Tier::Public,
            route("0.0.0.0/0 → internet_gateway.main"),
        ),
        (
            "app-b",
            1,
            Tier::Private,
            route("0.0.0.0/0 → nat_gateway.a; s3 → vpc_endpoint.s3"),
        ),
        ("data-b", 1, Tier::Isolated, String::new()),
    ];
    assert_eq!(told, expected);
    let kinds = |index: usize| -> Vec<Kind> {
        let resources = vpc.subnets[index].resources.iter();
        resources.map(|thing| thing.kind).collect()
    };
    assert_eq!(kinds(0), [Kind::NatGateway]);
    assert_eq!(kinds(1), [Kind::Instance]);
    let gateways: Vec<&str> = vpc.gateways.iter().map(|t| t.id.as_str()).collect();
    assert_eq!(gateways, ["internet_gateway.main", "vpc_endpoint.s3"]);
}

#[test]
fn main_routes_and_gateways_are_links() {
    let model = Model::from_topology(&topology(), Vec::new());
    let told = |ids: &[NodeId]| {
        let ids: Vec<&str> = ids.iter().map(NodeId::as_str).collect();
        ids.join(", ")
    };
    let links = model.links.iter();
    let mut links: Vec<String> = links
        .map(|link| format!("{:?}: {} → {}", link.kind, told(&link.from), told(&link.to)))
        .collect();
    links.sort();
    let expected = [
        "Route: internet_gateway.main → internet",
        "Route: subnet.app-b → nat_gateway.a",
        "Route: subnet.public-a → internet_gateway.main",
        "Service: vpc_endpoint.s3 → service.s3",
    ];
    assert_eq!(links, expected);
    assert!(model.links.iter().any(|link| link.kind == LinkKind::Route));
}

#[test]
fn services_are_shown_if_something_leads_to_them() {
    let names = |flows: Vec<Flow>| -> Vec<String> {
        let model = Model::from_topology(&topology(), flows);
        model.outside.into_iter().map(|thing| thing.name).collect()
    };
    assert_eq!(names(Vec::new()), ["Internet", "s3"]);
    let flow = Flow {
        name: "secrets".to_owned(),
        through: vec!["instance.app".into(), "service.secretsmanager".into()],
    };
    let mut with = names(vec![flow]);
    with.sort();
    assert_eq!(with, ["Internet", "s3", "secretsmanager"]);
}
