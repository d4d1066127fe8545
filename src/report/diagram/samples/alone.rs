//! Models of one VPC.

use super::{LETTERS, detailed, flow, ids, internet, link, thing, tier, vpc};
use crate::report::diagram::model::{
    Kind, Link, LinkKind, Model, NodeId, Region, Subnet, Thing, Tier, TransitGateway,
};

/// One VPC, three zones, four tiers.
pub(in crate::report::diagram) fn production() -> Model {
    let mut subnets = Vec::new();
    let mut links = Vec::new();
    for (zone, letter) in LETTERS.iter().enumerate().take(3) {
        let (own, route) = zone_of_production(zone, letter);
        subnets.extend(own);
        links.push(route);
    }
    links.extend(links_of_production());
    let mut production = vpc("production", 3, subnets);
    production.gateways = vec![
        thing(Kind::InternetGateway, "main"),
        thing(Kind::GatewayEndpoint, "s3"),
    ];
    Model {
        regions: vec![Region {
            name: "us-east-1".to_owned(),
            vpcs: vec![production],
            transit_gateways: Vec::new(),
        }],
        outside: vec![internet(), detailed(Kind::Service, "s3", "AWS service")],
        peerings: Vec::new(),
        links,
        flows: vec![
            flow(
                "checkout",
                [
                    "internet",
                    "internet_gateway.main",
                    "load_balancer.web (us-east-1a)",
                    "instance.app-a0",
                    "network_interface.orders-a",
                ],
            ),
            flow(
                "updates",
                [
                    "instance.app-b3",
                    "nat_gateway.b",
                    "internet_gateway.main",
                    "internet",
                ],
            ),
            flow(
                "reports",
                ["instance.app-c1", "vpc_endpoint.s3", "service.s3"],
            ),
        ],
    }
}

/// How the gateways and the load balancer are joined with what they lead to.
fn links_of_production() -> Vec<Link> {
    vec![
        link(
            LinkKind::Route,
            &["subnet.public-a", "subnet.public-b", "subnet.public-c"],
            &["internet_gateway.main"],
        ),
        link(
            LinkKind::Route,
            &["internet_gateway.main"],
            &[NodeId::INTERNET],
        ),
        link(LinkKind::Service, &["vpc_endpoint.s3"], &["service.s3"]),
        link(
            LinkKind::Targets,
            &[
                "load_balancer.web (us-east-1a)",
                "load_balancer.web (us-east-1b)",
                "load_balancer.web (us-east-1c)",
            ],
            &[
                "instance.app-a0",
                "instance.app-a1",
                "instance.app-b0",
                "instance.app-c0",
            ],
        ),
    ]
}

/// The subnets of a zone, and where the inner ones lead.
fn zone_of_production(zone: usize, letter: &str) -> (Vec<Subnet>, Link) {
    let mut subnets = Vec::new();
    let named = |stem: &str| format!("{stem}-{letter}");
    let web = Thing {
        id: NodeId::new(format!("load_balancer.web (us-east-1{letter})")),
        ..detailed(Kind::LoadBalancer, "web", "application")
    };
    let nat = thing(Kind::NatGateway, letter);
    let block = |tier: usize| format!("10.0.{}.0/24", tier * 16 + zone);
    subnets.push(tier(
        (&named("public"), &block(0)),
        zone,
        Tier::Public,
        "internet_gateway.main",
        vec![nat, web],
    ));
    let apps = (0..[3, 24, 2][zone])
        .map(|n| detailed(Kind::Instance, &format!("app-{letter}{n}"), "m7g.large"));
    let target = format!("nat_gateway.{letter}");
    subnets.push(tier(
        (&named("app"), &block(1)),
        zone,
        Tier::Private,
        &target,
        apps.collect(),
    ));
    let worker = thing(Kind::Function, "thumbnails");
    let worker = Thing {
        id: NodeId::new(format!("function.thumbnails.{letter}")),
        ..worker
    };
    subnets.push(tier(
        (&named("jobs"), &block(2)),
        zone,
        Tier::Private,
        &target,
        vec![worker],
    ));
    let mut data = vec![detailed(
        Kind::NetworkInterface,
        &format!("orders-{letter}"),
        if zone == 0 { "writer" } else { "reader" },
    )];
    data.push(Thing {
        id: NodeId::new(format!("vpc_endpoint.sqs (us-east-1{letter})")),
        ..detailed(Kind::Endpoint, "sqs", "sqs")
    });
    subnets.push(tier(
        (&named("data"), &block(3)),
        zone,
        Tier::Isolated,
        "",
        data,
    ));
    let route = link(
        LinkKind::Route,
        &[
            &format!("subnet.app-{letter}"),
            &format!("subnet.jobs-{letter}"),
        ],
        &[&target],
    );
    (subnets, route)
}

/// One subnet.
pub(in crate::report::diagram) fn small() -> Model {
    let public = tier(
        ("public-a", "10.0.0.0/24"),
        0,
        Tier::Public,
        "internet_gateway.main",
        vec![
            thing(Kind::Instance, "client"),
            thing(Kind::Instance, "server"),
        ],
    );
    let mut main = vpc("main", 1, vec![public]);
    main.gateways = vec![thing(Kind::InternetGateway, "main")];
    Model {
        regions: vec![Region {
            name: "us-east-1".to_owned(),
            vpcs: vec![main],
            transit_gateways: Vec::new(),
        }],
        outside: vec![internet()],
        links: vec![
            link(
                LinkKind::Route,
                &["subnet.public-a"],
                &["internet_gateway.main"],
            ),
            link(
                LinkKind::Route,
                &["internet_gateway.main"],
                &[NodeId::INTERNET],
            ),
        ],
        flows: vec![flow("ping", ["instance.client", "instance.server"])],
        ..Model::default()
    }
}

/// Sites behind a virtual private gateway and behind a transit gateway.
pub(in crate::report::diagram) fn sites() -> Model {
    let mut links = links_of_sites();
    let mut subnets = Vec::new();
    for (zone, letter) in LETTERS.iter().enumerate().take(2) {
        let (public, erp) = (format!("public-{letter}"), format!("erp-{letter}"));
        subnets.push(tier(
            (&public, &format!("10.0.{zone}.0/24")),
            zone,
            Tier::Public,
            "internet_gateway.main",
            vec![thing(Kind::NatGateway, letter)],
        ));
        subnets.push(tier(
            (&erp, &format!("10.0.{}.0/24", 16 + zone)),
            zone,
            Tier::Other,
            "vpn_gateway.hq",
            vec![
                thing(Kind::Instance, &erp),
                thing(Kind::NetworkInterface, "db"),
            ],
        ));
        links.push(link(
            LinkKind::Route,
            &[&format!("subnet.{public}")],
            &["internet_gateway.main"],
        ));
        links.push(link(
            LinkKind::Route,
            &[&format!("subnet.{erp}")],
            &["vpn_gateway.hq"],
        ));
    }
    let mut erp = vpc("erp", 2, subnets);
    erp.gateways = vec![
        thing(Kind::InternetGateway, "main"),
        thing(Kind::VpnGateway, "hq"),
        thing(Kind::GatewayEndpoint, "s3"),
        thing(Kind::GatewayEndpoint, "dynamodb"),
    ];
    Model {
        regions: vec![Region {
            name: "eu-central-1".to_owned(),
            vpcs: vec![erp],
            transit_gateways: vec![TransitGateway {
                id: NodeId::new("transit_gateway.core"),
                name: "core".to_owned(),
                vpcs: ids(["vpc.erp"]),
            }],
        }],
        outside: outside_of_sites(),
        links,
        flows: vec![
            flow(
                "orders",
                [
                    "customer_gateway.frankfurt",
                    "vpn_gateway.hq",
                    "instance.erp-a",
                ],
            ),
            flow(
                "stock",
                [
                    "customer_gateway.lyon",
                    "transit_gateway.core",
                    "instance.erp-b",
                ],
            ),
        ],
        ..Model::default()
    }
}

/// How sites, services and the internet are joined with what leads there.
fn links_of_sites() -> Vec<Link> {
    vec![
        link(
            LinkKind::Vpn,
            &["vpn_gateway.hq"],
            &["customer_gateway.frankfurt"],
        ),
        link(
            LinkKind::Vpn,
            &["transit_gateway.core"],
            &["customer_gateway.lyon"],
        ),
        link(
            LinkKind::Vpn,
            &["transit_gateway.core"],
            &["customer_gateway.turin"],
        ),
        link(
            LinkKind::Route,
            &["internet_gateway.main"],
            &[NodeId::INTERNET],
        ),
        link(LinkKind::Service, &["vpc_endpoint.s3"], &["service.s3"]),
        link(
            LinkKind::Service,
            &["vpc_endpoint.dynamodb"],
            &["service.dynamodb"],
        ),
    ]
}

/// The sites, and where else lines lead.
fn outside_of_sites() -> Vec<Thing> {
    vec![
        internet(),
        detailed(Kind::Site, "frankfurt", "192.168.0.0/16"),
        detailed(Kind::Site, "lyon", "172.16.0.0/16"),
        detailed(Kind::Site, "turin", "172.17.0.0/16"),
        detailed(Kind::Service, "s3", "AWS service"),
        detailed(Kind::Service, "dynamodb", "AWS service"),
    ]
}
