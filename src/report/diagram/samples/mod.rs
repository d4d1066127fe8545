//! Models made by hand, of the kinds of topologies that there are.

mod alone;
mod joined;
mod many;
mod random;

pub(super) use alone::{production, sites, small};
pub(super) use joined::{hub, private_link};
pub(super) use many::{huge, many};
pub(super) use random::random;

use super::model::{Flow, Kind, Link, LinkKind, Model, NodeId, Subnet, Thing, Tier, Vpc};

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

fn detailed(kind: Kind, name: &str, detail: &str) -> Thing {
    Thing {
        detail: detail.to_owned(),
        ..thing(kind, name)
    }
}

fn internet() -> Thing {
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
