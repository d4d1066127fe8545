//! Models of VPCs that are joined with each other.

use super::{LETTERS, detailed, flow, ids, internet, link, thing, tier, vpc};
use crate::report::diagram::model::{
    Kind, Link, LinkKind, Model, NodeId, Region, Thing, Tier, TransitGateway, Vpc,
};

/// Three VPCs on a transit gateway, one of which leads to the internet.
pub(in crate::report::diagram) fn hub() -> Model {
    let mut links = Vec::new();
    let mut vpcs = Vec::new();
    for (index, name) in ["egress", "orders", "payments"].into_iter().enumerate() {
        let (vpc, own) = vpc_of_hub(index, name);
        vpcs.push(vpc);
        links.extend(own);
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

/// The VPC that leads to the internet, or one of the others, and where its subnets lead.
fn vpc_of_hub(index: usize, name: &str) -> (Vpc, Vec<Link>) {
    let mut links = Vec::new();
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
    (made, links)
}

/// Two VPCs with one address range, joined by `PrivateLink`.
pub(in crate::report::diagram) fn private_link() -> Model {
    let mut vpcs = Vec::new();
    for name in ["shop", "partner"] {
        let mut subnets = Vec::new();
        for (zone, letter) in LETTERS.iter().enumerate().take(2) {
            let own = format!("{name}-{letter}");
            let block = format!("10.0.{zone}.0/24");
            let resources = ends_of_private_link(name == "shop", letter);
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

/// What is in a subnet of the VPC that uses the service, or of the one that offers it.
fn ends_of_private_link(consumer: bool, letter: &str) -> Vec<Thing> {
    if consumer {
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
    }
}
