//! Models of many VPCs.

use super::{LETTERS, flow, internet, link, subnet, thing, tier, vpc};
use crate::report::diagram::model::{
    Flow, Kind, Link, LinkKind, Model, NodeId, Peering, Region, Subnet, Tier, TransitGateway, Vpc,
};

/// So many VPCs with so many zones, all peered in a chain and with the first, and on a transit
/// gateway.
pub(in crate::report::diagram) fn many(count: usize, zones: usize) -> Model {
    let mut vpcs = Vec::new();
    let mut peerings = Vec::new();
    let mut links = Vec::new();
    for index in 0..count {
        let (made, own) = one(index, zones);
        links.extend(own);
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
        flows: flows(count - 1),
    }
}

/// One of them, and where its subnets lead.
fn one(index: usize, zones: usize) -> (Vpc, Vec<Link>) {
    let mut links = Vec::new();
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
    (made, links)
}

/// Flows between the first, the second and the last of them.
fn flows(last: usize) -> Vec<Flow> {
    vec![
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
    ]
}

/// Far more than a page shows: VPCs with subnets of 100 instances each.
pub(in crate::report::diagram) fn huge(vpcs: usize, subnets: usize) -> Model {
    let mut model = many(vpcs, 6);
    for (index, vpc) in model.regions[0].vpcs.iter_mut().enumerate() {
        vpc.subnets.extend((0..subnets).map(|number| {
            let name = format!("v{index}-crowd-{number}");
            let instances = (0..100).map(|n| thing(Kind::Instance, &format!("{name}-{n}")));
            Subnet {
                resources: instances.collect(),
                ..subnet(&name, number % 6, Tier::Private)
            }
        }));
    }
    model
}
