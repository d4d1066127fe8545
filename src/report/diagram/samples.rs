//! Models made by hand, of the kinds of topologies that there are.

#![allow(
    clippy::too_many_lines,
    clippy::doc_markdown,
    clippy::manual_is_multiple_of
)] // data

use super::model::{
    Flow, Kind, Link, LinkKind, Model, NodeId, Peering, Region, Subnet, Thing, Tier,
    TransitGateway, Vpc,
};

const ZONES: [&str; 6] = [
    "us-east-1a",
    "us-east-1b",
    "us-east-1c",
    "us-east-1d",
    "us-east-1e",
    "us-east-1f",
];
const LETTERS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

/// A thing called as the scenario would call it.
pub(super) fn thing(kind: Kind, name: &str) -> Thing {
    let table = match kind {
        Kind::LoadBalancer => "load_balancer",
        Kind::NatGateway => "nat_gateway",
        Kind::Instance => "instance",
        Kind::NetworkInterface => "network_interface",
        Kind::Function => "function",
        Kind::Endpoint | Kind::GatewayEndpoint => "vpc_endpoint",
        Kind::Attachment => "attachment",
        Kind::InternetGateway => "internet_gateway",
        Kind::EgressOnlyInternetGateway => "egress_only_internet_gateway",
        Kind::VpnGateway => "vpn_gateway",
        Kind::EndpointService => "vpc_endpoint_service",
        Kind::TransitGateway => "transit_gateway",
        Kind::Peering => "vpc_peering_connection",
        Kind::Site => "customer_gateway",
        Kind::Service => "service",
        Kind::Internet | Kind::More => "",
    };
    Thing {
        id: NodeId::new(format!("{table}.{name}")),
        kind,
        name: name.to_owned(),
        detail: String::new(),
    }
}

pub(super) fn detailed(kind: Kind, name: &str, detail: &str) -> Thing {
    Thing {
        detail: detail.to_owned(),
        ..thing(kind, name)
    }
}

pub(super) fn internet() -> Thing {
    Thing {
        id: NodeId::new(NodeId::INTERNET),
        kind: Kind::Internet,
        name: "Internet".to_owned(),
        detail: String::new(),
    }
}

/// A subnet with nothing in it.
pub(super) fn subnet(name: &str, zone: usize, tier: Tier) -> Subnet {
    Subnet {
        id: NodeId::new(format!("subnet.{name}")),
        name: name.to_owned(),
        blocks: vec![format!("10.0.{}.0/20", zone * 16)],
        zone,
        tier,
        routes: Vec::new(),
        resources: Vec::new(),
    }
}

/// A VPC with nothing on its border.
pub(super) fn vpc(name: &str, zones: usize, subnets: Vec<Subnet>) -> Vpc {
    Vpc {
        id: NodeId::new(format!("vpc.{name}")),
        name: name.to_owned(),
        blocks: vec!["10.0.0.0/16".to_owned()],
        zones: ZONES[..zones].iter().map(|&zone| zone.to_owned()).collect(),
        subnets,
        gateways: Vec::new(),
    }
}

fn ids<const N: usize>(names: [&str; N]) -> Vec<NodeId> {
    names.into_iter().map(NodeId::new).collect()
}

fn link(kind: LinkKind, from: &[&str], to: &[&str]) -> Link {
    let nodes = |names: &[&str]| names.iter().map(|&name| NodeId::new(name)).collect();
    Link {
        kind,
        from: nodes(from),
        to: nodes(to),
    }
}

fn flow<const N: usize>(name: &str, through: [&str; N]) -> Flow {
    Flow {
        name: name.to_owned(),
        through: ids(through),
    }
}

/// A subnet with a block, a default route and resources.
fn tier(
    (name, block): (&str, &str),
    zone: usize,
    tier: Tier,
    route: &str,
    resources: Vec<Thing>,
) -> Subnet {
    let routes = match route {
        "" => Vec::new(),
        target => vec![format!("0.0.0.0/0 → {target}")],
    };
    Subnet {
        blocks: vec![block.to_owned()],
        routes,
        resources,
        ..subnet(name, zone, tier)
    }
}

/// One VPC, three zones, four tiers.
pub(super) fn production() -> Model {
    let mut subnets = Vec::new();
    let mut links = Vec::new();
    for (zone, letter) in LETTERS.iter().enumerate().take(3) {
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
        links.push(link(
            LinkKind::Route,
            &[
                &format!("subnet.app-{letter}"),
                &format!("subnet.jobs-{letter}"),
            ],
            &[&target],
        ));
    }
    links.push(link(
        LinkKind::Route,
        &["subnet.public-a", "subnet.public-b", "subnet.public-c"],
        &["internet_gateway.main"],
    ));
    links.push(link(
        LinkKind::Route,
        &["internet_gateway.main"],
        &[NodeId::INTERNET],
    ));
    links.push(link(
        LinkKind::Service,
        &["vpc_endpoint.s3"],
        &["service.s3"],
    ));
    links.push(link(
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
    ));
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

/// Three VPCs on a transit gateway, one of which leads to the internet.
pub(super) fn hub() -> Model {
    let mut links = Vec::new();
    let mut vpcs = Vec::new();
    for (index, name) in ["egress", "orders", "payments"].into_iter().enumerate() {
        let mut subnets = Vec::new();
        for (zone, letter) in LETTERS.iter().enumerate().take(2) {
            let block = |third: usize| format!("10.{index}.{}.0/24", third * 16 + zone);
            let attachment = Thing {
                id: NodeId::new(format!("attachment.{name}-{letter}")),
                ..thing(Kind::Attachment, "core")
            };
            let (outer, inner) = (format!("{name}-edge-{letter}"), format!("{name}-{letter}"));
            if index == 0 {
                let nat = thing(Kind::NatGateway, letter);
                subnets.push(tier(
                    (&outer, &block(0)),
                    zone,
                    Tier::Public,
                    "internet_gateway.main",
                    vec![nat],
                ));
                let target = format!("nat_gateway.{letter}");
                subnets.push(tier(
                    (&inner, &block(1)),
                    zone,
                    Tier::Private,
                    &target,
                    vec![attachment],
                ));
                links.push(link(
                    LinkKind::Route,
                    &[&format!("subnet.{inner}")],
                    &[&target],
                ));
            } else {
                let server = thing(Kind::Instance, &format!("{name}-{letter}"));
                subnets.push(tier(
                    (&inner, &block(1)),
                    zone,
                    Tier::Other,
                    "transit_gateway.core",
                    vec![server, attachment],
                ));
            }
        }
        let from: Vec<String> = subnets
            .iter()
            .filter(|subnet| subnet.tier == Tier::Other)
            .map(|subnet| subnet.id.to_string())
            .collect();
        let from: Vec<&str> = from.iter().map(String::as_str).collect();
        if !from.is_empty() {
            links.push(link(LinkKind::Route, &from, &["transit_gateway.core"]));
        }
        let mut made = vpc(name, 2, subnets);
        made.blocks = vec![format!("10.{index}.0.0/16")];
        vpcs.push(made);
    }
    vpcs[0].gateways = vec![thing(Kind::InternetGateway, "main")];
    links.push(link(
        LinkKind::Route,
        &["subnet.egress-edge-a", "subnet.egress-edge-b"],
        &["internet_gateway.main"],
    ));
    links.push(link(
        LinkKind::Route,
        &["internet_gateway.main"],
        &[NodeId::INTERNET],
    ));
    Model {
        regions: vec![Region {
            name: "us-east-1".to_owned(),
            vpcs,
            transit_gateways: vec![TransitGateway {
                id: NodeId::new("transit_gateway.core"),
                name: "core".to_owned(),
                vpcs: ids(["vpc.egress", "vpc.orders", "vpc.payments"]),
            }],
        }],
        outside: vec![internet()],
        peerings: Vec::new(),
        links,
        flows: vec![
            flow(
                "charge",
                [
                    "instance.orders-a",
                    "transit_gateway.core",
                    "instance.payments-b",
                ],
            ),
            flow(
                "updates",
                [
                    "instance.payments-a",
                    "transit_gateway.core",
                    "attachment.egress-a",
                    "nat_gateway.a",
                    "internet_gateway.main",
                    "internet",
                ],
            ),
        ],
    }
}

/// Two VPCs with one address range, joined by PrivateLink.
pub(super) fn private_link() -> Model {
    let mut vpcs = Vec::new();
    for name in ["shop", "partner"] {
        let mut subnets = Vec::new();
        for (zone, letter) in LETTERS.iter().enumerate().take(2) {
            let own = format!("{name}-{letter}");
            let block = format!("10.0.{zone}.0/24");
            let resources = if name == "shop" {
                vec![
                    thing(Kind::Instance, &format!("cart-{letter}")),
                    Thing {
                        id: NodeId::new(format!("vpc_endpoint.pay ({letter})")),
                        ..thing(Kind::Endpoint, "pay")
                    },
                ]
            } else {
                vec![
                    Thing {
                        id: NodeId::new(format!("load_balancer.pay ({letter})")),
                        ..detailed(Kind::LoadBalancer, "pay", "network")
                    },
                    thing(Kind::Instance, &format!("pay-{letter}0")),
                    thing(Kind::Instance, &format!("pay-{letter}1")),
                ]
            };
            subnets.push(tier((&own, &block), zone, Tier::Isolated, "", resources));
        }
        vpcs.push(vpc(name, 2, subnets));
    }
    vpcs[1].gateways = vec![thing(Kind::EndpointService, "pay")];
    Model {
        regions: vec![Region {
            name: "eu-central-1".to_owned(),
            vpcs,
            transit_gateways: Vec::new(),
        }],
        links: vec![
            link(
                LinkKind::PrivateLink,
                &["vpc_endpoint.pay (a)", "vpc_endpoint.pay (b)"],
                &["vpc_endpoint_service.pay"],
            ),
            link(
                LinkKind::PrivateLink,
                &["vpc_endpoint_service.pay"],
                &["load_balancer.pay (a)", "load_balancer.pay (b)"],
            ),
            link(
                LinkKind::Targets,
                &["load_balancer.pay (a)", "load_balancer.pay (b)"],
                &[
                    "instance.pay-a0",
                    "instance.pay-a1",
                    "instance.pay-b0",
                    "instance.pay-b1",
                ],
            ),
        ],
        flows: vec![flow(
            "pay",
            [
                "instance.cart-a",
                "vpc_endpoint.pay (a)",
                "vpc_endpoint_service.pay",
                "load_balancer.pay (a)",
                "instance.pay-a1",
            ],
        )],
        ..Model::default()
    }
}

/// One subnet.
pub(super) fn small() -> Model {
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
pub(super) fn sites() -> Model {
    let mut links = vec![
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
    ];
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
        outside: vec![
            internet(),
            detailed(Kind::Site, "frankfurt", "192.168.0.0/16"),
            detailed(Kind::Site, "lyon", "172.16.0.0/16"),
            detailed(Kind::Site, "turin", "172.17.0.0/16"),
            detailed(Kind::Service, "s3", "AWS service"),
            detailed(Kind::Service, "dynamodb", "AWS service"),
        ],
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

/// So many VPCs with so many zones, all peered in a chain and with the first, and on a transit
/// gateway.
pub(super) fn many(count: usize, zones: usize) -> Model {
    let mut vpcs = Vec::new();
    let mut peerings = Vec::new();
    let mut links = Vec::new();
    for index in 0..count {
        let mut subnets = Vec::new();
        for (zone, letter) in LETTERS.iter().enumerate().take(zones) {
            let public = format!("v{index}-public-{letter}");
            let igw = format!("internet_gateway.v{index}");
            subnets.push(tier(
                (&public, &format!("10.{index}.{zone}.0/24")),
                zone,
                Tier::Public,
                &igw,
                vec![thing(Kind::NatGateway, &format!("v{index}-{letter}"))],
            ));
            links.push(link(
                LinkKind::Route,
                &[&format!("subnet.{public}")],
                &[&igw],
            ));
            let app = format!("v{index}-app-{letter}");
            let target = format!("nat_gateway.v{index}-{letter}");
            subnets.push(tier(
                (&app, &format!("10.{index}.{}.0/24", 16 + zone)),
                zone,
                Tier::Private,
                &target,
                vec![thing(Kind::Instance, &app)],
            ));
            links.push(link(
                LinkKind::Route,
                &[&format!("subnet.{app}")],
                &[&target],
            ));
        }
        let mut made = vpc(&format!("v{index}"), zones, subnets);
        made.blocks = vec![format!("10.{index}.0.0/16")];
        made.gateways = vec![thing(Kind::InternetGateway, &format!("v{index}"))];
        let igw = format!("internet_gateway.v{index}");
        links.push(link(LinkKind::Route, &[&igw], &[NodeId::INTERNET]));
        vpcs.push(made);
        if index > 0 {
            peerings.push(Peering {
                id: NodeId::new(format!("vpc_peering_connection.p{index}")),
                name: format!("p{index}"),
                vpcs: [index - 1, index].map(|v| NodeId::new(format!("vpc.v{v}"))),
            });
        }
    }
    if count > 2 {
        peerings.push(Peering {
            id: NodeId::new("vpc_peering_connection.round"),
            name: "round".to_owned(),
            vpcs: [0, count - 1].map(|v| NodeId::new(format!("vpc.v{v}"))),
        });
    }
    let attached = vpcs.iter().map(|vpc| vpc.id.clone()).collect();
    let last = count - 1;
    Model {
        regions: vec![Region {
            name: "us-east-1".to_owned(),
            vpcs,
            transit_gateways: vec![TransitGateway {
                id: NodeId::new("transit_gateway.core"),
                name: "core".to_owned(),
                vpcs: attached,
            }],
        }],
        outside: vec![internet()],
        peerings,
        links,
        flows: vec![
            flow(
                "across",
                [
                    "instance.v0-app-a",
                    "transit_gateway.core",
                    &format!("instance.v{last}-app-a"),
                ],
            ),
            flow(
                "out",
                [
                    &format!("instance.v{last}-app-a"),
                    &format!("nat_gateway.v{last}-a"),
                    &format!("internet_gateway.v{last}"),
                    "internet",
                ],
            ),
            flow(
                "next",
                [
                    "instance.v0-app-a",
                    "vpc_peering_connection.p1",
                    "instance.v1-app-a",
                ],
            ),
        ],
    }
}

/// Every sample by its name.
pub(super) fn all() -> Vec<(&'static str, &'static str, Model)> {
    vec![
        (
            "production",
            "A shop in three zones: who waits for whom?",
            production(),
        ),
        ("hub", "Three VPCs on a transit gateway", hub()),
        (
            "private_link",
            "PrivateLink between VPCs with one address range",
            private_link(),
        ),
        ("small", "One subnet, two instances", small()),
        (
            "sites",
            "Sites behind a virtual private gateway and a transit gateway",
            sites(),
        ),
        ("three", "Three VPCs in a ring", many(3, 1)),
        ("eight", "Eight VPCs", many(8, 2)),
        ("wide", "Two VPCs with six zones", many(2, 6)),
    ]
}
