//! Transit gateways and what is attached to them.

use super::network_interface::FleetInterface;
use super::{
    Id, InterfaceOwner, NetworkInterface, Region, Resolver, Topology, TransitGatewayRouteTable,
    Vpc, VpnConnection, region, subnet,
};
use crate::scenario::{self, KeyPath, Problem, Reference};

/// The kinds of attachments that have tables of their own.
const VPC_ATTACHMENT: &str = "transit_gateway_vpc_attachment";
const PEERING_ATTACHMENT: &str = "transit_gateway_peering_attachment";

/// A transit gateway.
#[derive(Debug, Clone, Copy)]
pub struct TransitGateway {
    /// The Region it is in.
    pub region: Id<Region>,
    /// Whether security groups may refer to groups of other attached VPCs.
    pub security_group_referencing_support: bool,
}

/// An attachment of a transit gateway, named `kind.name`.
#[derive(Debug, Clone)]
pub struct TransitGatewayAttachment {
    /// The transit gateway.
    pub transit_gateway: Id<TransitGateway>,
    /// What is attached.
    pub to: AttachedTo,
    /// The table that routes what comes from it, if it is associated with one.
    pub route_table: Option<Id<TransitGatewayRouteTable>>,
    /// Whether security groups may refer to groups across it.
    pub security_group_referencing_support: bool,
}

/// What is attached to a transit gateway.
#[derive(Debug, Clone)]
pub enum AttachedTo {
    /// A VPC.
    Vpc {
        /// Which.
        vpc: Id<Vpc>,
        /// The transit gateway's interfaces in it, one per zone.
        network_interfaces: Vec<Id<NetworkInterface>>,
        /// Whether both directions of a flow use the same zone.
        appliance_mode: bool,
    },
    /// A VPN connection.
    Vpn(Id<VpnConnection>),
    /// The attachment of another transit gateway to this one.
    Peering {
        /// The other transit gateway's end.
        other: Id<TransitGatewayAttachment>,
        /// Whether it is active.
        accepted: bool,
    },
}

impl TransitGatewayAttachment {
    /// The VPC that is attached, if it is one.
    #[must_use]
    pub const fn vpc(&self) -> Option<Id<Vpc>> {
        match &self.to {
            AttachedTo::Vpc { vpc, .. } => Some(*vpc),
            AttachedTo::Vpn(_) | AttachedTo::Peering { .. } => None,
        }
    }
}

pub(super) fn resolve(resolver: &mut Resolver<'_>, topology: &mut Topology) {
    let scenario = resolver.scenario;
    for (name, written) in &scenario.transit_gateway {
        let path = KeyPath::of(["transit_gateway", name, "region"]);
        let region = written.region.as_ref();
        if let Some(region) = region::find(resolver, &topology.regions, region, &path) {
            let gateway = TransitGateway {
                region,
                security_group_referencing_support: written.security_group_referencing_support,
            };
            topology.transit_gateways.add(name, gateway);
        }
    }
    for (name, written) in &scenario.transit_gateway_vpc_attachment {
        attach_vpc(resolver, topology, name, written);
    }
    for (name, written) in &scenario.transit_gateway_peering_attachment {
        attach_peer(resolver, topology, name, written);
    }
}

fn attach_vpc(
    resolver: &mut Resolver<'_>,
    topology: &mut Topology,
    name: &str,
    written: &scenario::TransitGatewayVpcAttachment,
) {
    let path = KeyPath::of([VPC_ATTACHMENT, name]);
    let gateway_path = path.key("transit_gateway");
    let transit_gateway = resolver.find(
        &topology.transit_gateways,
        "transit_gateway",
        &written.transit_gateway,
        &gateway_path,
    );
    let vpc = resolver.find(&topology.vpcs, "vpc", &written.vpc, &path.key("vpc"));
    let (Some(transit_gateway), Some(vpc)) = (transit_gateway, vpc) else {
        return;
    };
    let subnets_path = path.key("subnets");
    let whose = "an attachment of a transit gateway";
    let listed = &written.subnets;
    let subnets = subnet::one_per_zone(resolver, topology, Some(vpc), listed, &subnets_path, whose);
    if let Err(problem) = check(topology, transit_gateway, vpc, &path) {
        resolver.report(problem);
        return;
    }
    if listed.is_empty() {
        resolver.lacking(
            Problem::error(subnets_path, "the attachment has no subnet")
                .help("add a subnet of each zone that is to reach the transit gateway"),
        );
        return;
    }
    let owner = format!("{VPC_ATTACHMENT}.{name}");
    let id = topology.transit_gateway_attachments.next_id();
    let nodes = topology.profile.transit_gateway.nodes.value;
    let mut network_interfaces = Vec::new();
    for subnet in subnets {
        let zone = topology
            .substrate
            .fabrics
            .name(topology.subnets[subnet].zone);
        let interface = FleetInterface {
            name: format!("{owner} ({zone})"),
            fleet: &owner,
            subnet,
            private_ip: None,
            security_groups: Vec::new(),
            source_dest_check: false,
            owner: InterfaceOwner::TransitGateway(id),
            nodes,
            cell: Some("transit_gateway"),
        };
        let added = topology.add_fleet_interface(resolver, interface, &subnets_path);
        network_interfaces.extend(added);
    }
    let attachment = TransitGatewayAttachment {
        transit_gateway,
        to: AttachedTo::Vpc {
            vpc,
            network_interfaces,
            appliance_mode: written.appliance_mode_support,
        },
        route_table: None,
        security_group_referencing_support: written.security_group_referencing_support,
    };
    topology.transit_gateway_attachments.add(owner, attachment);
}

/// A VPC is attached at most once, to a transit gateway of its own Region.
fn check(
    topology: &Topology,
    transit_gateway: Id<TransitGateway>,
    vpc: Id<Vpc>,
    path: &KeyPath,
) -> Result<(), Problem> {
    let regions = [
        topology.transit_gateways[transit_gateway].region,
        topology.vpcs[vpc].region,
    ];
    if regions[0] != regions[1] {
        let [of_gateway, of_vpc] = regions.map(|region| topology.regions.name(region));
        let message = format!(
            "transit gateway `{}` is in {of_gateway}, vpc `{}` in {of_vpc}",
            topology.transit_gateways.name(transit_gateway),
            topology.vpcs.name(vpc)
        );
        return Err(Problem::error(path.key("vpc"), message).help(
            "attach the VPC to a transit gateway of its Region, and peer the transit gateways",
        ));
    }
    let mut others = topology.transit_gateway_attachments.iter();
    let other = others
        .find(|(_, other)| other.transit_gateway == transit_gateway && other.vpc() == Some(vpc));
    if let Some((other, _)) = other {
        let other = topology.transit_gateway_attachments.name(other);
        let message = format!(
            "vpc `{}` is attached to this transit gateway by `{other}` already",
            topology.vpcs.name(vpc)
        );
        return Err(
            Problem::error(path.key("vpc"), message).help("add the subnets to that attachment")
        );
    }
    Ok(())
}

/// Both ends of a peering attachment: the requester's has its name, the other's is marked.
fn attach_peer(
    resolver: &mut Resolver<'_>,
    topology: &mut Topology,
    name: &str,
    written: &scenario::TransitGatewayPeeringAttachment,
) {
    let path = KeyPath::of([PEERING_ATTACHMENT, name]);
    let ends = [
        ("transit_gateway", &written.transit_gateway),
        ("peer_transit_gateway", &written.peer_transit_gateway),
    ];
    let ends = ends.map(|(key, reference)| {
        let gateways = &topology.transit_gateways;
        resolver.find(gateways, "transit_gateway", reference, &path.key(key))
    });
    let [Some(own), Some(peer)] = ends else {
        return;
    };
    if own == peer {
        let path = path.key("peer_transit_gateway");
        resolver.error(
            path,
            "a peering attachment joins two different transit gateways",
        );
        return;
    }
    let first = topology.transit_gateway_attachments.next_id();
    let attachment = |transit_gateway, other| TransitGatewayAttachment {
        transit_gateway,
        to: AttachedTo::Peering {
            other,
            accepted: written.accepted,
        },
        route_table: None,
        security_group_referencing_support: false,
    };
    let name = format!("{PEERING_ATTACHMENT}.{name}");
    let attachments = &mut topology.transit_gateway_attachments;
    // Until the second is there, the first leads to itself.
    attachments.add(name.as_str(), attachment(own, first));
    let second = attachments.add(peer_end(&name), attachment(peer, first));
    attachments[first] = attachment(own, second);
}

/// The name of the other end of a peering attachment.
fn peer_end(name: &str) -> String {
    format!("{name} (peer)")
}

/// An attachment as a table of `gateway` names it.
pub(super) fn find_attachment(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    gateway: Id<TransitGateway>,
    reference: &Reference,
    path: &KeyPath,
) -> Option<Id<TransitGatewayAttachment>> {
    let (kind, name) = reference.parts();
    let Some(kind @ (VPC_ATTACHMENT | PEERING_ATTACHMENT | "vpn_connection")) = kind else {
        resolver.report(
            Problem::error(
                path.clone(),
                format!("`{reference}` is not an attachment of a transit gateway"),
            )
            .help(format!(
                "write \"{VPC_ATTACHMENT}.NAME\", \"{PEERING_ATTACHMENT}.NAME\" or \
                 \"vpn_connection.NAME\""
            )),
        );
        return None;
    };
    let attachments = &topology.transit_gateway_attachments;
    let Some(mut id) = attachments.find(reference.as_str()) else {
        if kind == "vpn_connection" && topology.vpn_connections.find(name).is_some() {
            let message = format!("`{reference}` ends at a virtual private gateway");
            let help = "give the connection a `transit_gateway` instead of a `vpn_gateway`";
            resolver.report(Problem::error(path.clone(), message).help(help));
        } else {
            resolver.dangling(kind, name, std::iter::empty(), path);
        }
        return None;
    };
    if attachments[id].transit_gateway != gateway
        && let Some(other) = attachments.find(&peer_end(reference.as_str()))
    {
        id = other;
    }
    let theirs = attachments[id].transit_gateway;
    if theirs != gateway {
        let [theirs, own] = [theirs, gateway].map(|id| topology.transit_gateways.name(id));
        let message =
            format!("`{reference}` belongs to transit gateway `{theirs}`, not to `{own}`");
        resolver.error(path.clone(), message);
        return None;
    }
    Some(id)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{right, wrong};
    use super::*;

    const HUB: &str = "[transit_gateway.hub]\n";

    fn attachment(name: &str, subnets: &str) -> String {
        format!(
            "[transit_gateway_vpc_attachment.{name}]\ntransit_gateway = \"hub\"\nvpc = \"main\"\n\
             subnets = {subnets}\n"
        )
    }

    #[test]
    fn a_vpc_attachment_has_an_interface_in_each_zone() {
        let topology = right(&(HUB.to_owned() + &attachment("main", "[\"a\", \"b\"]")));
        let attachments = &topology.transit_gateway_attachments;
        let id = attachments
            .find("transit_gateway_vpc_attachment.main")
            .unwrap();
        let AttachedTo::Vpc {
            network_interfaces, ..
        } = &attachments[id].to
        else {
            panic!("{:?}", attachments[id]);
        };
        let names: Vec<&str> = network_interfaces
            .iter()
            .map(|&interface| topology.network_interfaces.name(interface))
            .collect();
        assert_eq!(
            names,
            [
                "transit_gateway_vpc_attachment.main (us-east-1a)",
                "transit_gateway_vpc_attachment.main (us-east-1b)",
            ]
        );
        let owner = topology.network_interfaces[network_interfaces[0]].owner;
        assert_eq!(owner, InterfaceOwner::TransitGateway(id));
    }

    #[test]
    fn a_vpc_is_attached_once_and_by_one_subnet_per_zone() {
        let twice = HUB.to_owned() + &attachment("x", "[\"a\"]") + &attachment("y", "[\"b\"]");
        assert_eq!(
            wrong(&twice),
            "transit_gateway_vpc_attachment.y.vpc: vpc `main` is attached to this transit gateway by \
             `transit_gateway_vpc_attachment.x` already (add the subnets to that attachment)\n"
        );
        let second = "[subnet.a2]\nvpc = \"main\"\navailability_zone = \"us-east-1a\"\n\
                      cidr_block = \"10.0.9.0/24\"\n";
        assert_eq!(
            wrong(&(HUB.to_owned() + second + &attachment("x", "[\"a\", \"a2\"]"))),
            "transit_gateway_vpc_attachment.x.subnets[1]: an attachment of a transit gateway has at most \
             one subnet per zone (subnet `a` is in us-east-1a, too)\n"
        );
        assert_eq!(
            wrong(&(HUB.to_owned() + &attachment("x", "[]"))),
            "transit_gateway_vpc_attachment.x.subnets: the attachment has no subnet (add a subnet of \
             each zone that is to reach the transit gateway)\n"
        );
    }

    #[test]
    fn a_vpc_is_attached_in_its_own_region() {
        let region = "region = \"us-east-2\"\n[other_region.us-east-2]\navailability_zones = [\"us-east-2a\"]\n";
        assert_eq!(
            wrong(&(HUB.to_owned() + region + &attachment("x", "[\"a\"]"))),
            "transit_gateway_vpc_attachment.x.vpc: transit gateway `hub` is in us-east-2, vpc `main` in \
             us-east-1 (attach the VPC to a transit gateway of its Region, and peer the transit \
             gateways)\n"
        );
    }

    #[test]
    fn a_peering_attachment_has_an_end_at_each_transit_gateway() {
        let text = "[transit_gateway.hub]\n[transit_gateway.far]\n\
                    [transit_gateway_peering_attachment.p]\ntransit_gateway = \"hub\"\n\
                    peer_transit_gateway = \"far\"\naccepted = false\n";
        let topology = right(text);
        let attachments = &topology.transit_gateway_attachments;
        let [near, far] = [
            "transit_gateway_peering_attachment.p",
            "transit_gateway_peering_attachment.p (peer)",
        ]
        .map(|name| attachments.find(name).unwrap());
        for (one, other, gateway) in [(near, far, "hub"), (far, near, "far")] {
            let attachment = &attachments[one];
            assert_eq!(
                topology.transit_gateways.name(attachment.transit_gateway),
                gateway
            );
            assert!(
                matches!(attachment.to, AttachedTo::Peering { other: end, accepted: false } if end == other)
            );
        }
        assert_eq!(
            wrong(&text.replace("\"far\"", "\"hub\"")),
            "transit_gateway_peering_attachment.p.peer_transit_gateway: a peering attachment joins two \
             different transit gateways\n"
        );
    }
}
