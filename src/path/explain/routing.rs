//! Routes that are missing, or lead nowhere, in words.

use std::net::IpAddr;

use super::{Explainer, Words};
use crate::path::{Resource, gateway};
use crate::topology::{AttachedTo, Id, Route, RouteTable, RouteTarget, Vpc};

impl Explainer<'_> {
    pub(super) fn no_route(&self, table: Id<RouteTable>) -> Words {
        let t = self.topology;
        let destination = self.header.destination.address;
        let at = t.resource_name(Resource::RouteTable(table));
        let vpc = t.route_tables[table].vpc;
        let service = gateway::service_at(t, destination);
        let what = service.map_or_else(
            || {
                if destination == IpAddr::V4(gateway::INTERNET_HOST) {
                    "the internet".to_owned()
                } else {
                    destination.to_string()
                }
            },
            |id| format!("service `{}`", t.services.name(id)),
        );
        let named = if at.contains(' ') {
            format!("a route table of vpc.{}", t.vpcs.name(vpc))
        } else {
            at.clone()
        };
        let route = |block: String, target: String| {
            format!(
                "add to {named}: {{ destination_cidr_block = \"{block}\", target = \"{target}\" }}"
            )
        };
        let remedy = match self.way_to(vpc, destination) {
            Some((block, target)) => route(block, target),
            None if gateway::private_kind(destination).is_some() => {
                format!(
                    "join the two networks by peering, a transit gateway or a VPN, and add a route to {destination} to {named}"
                )
            }
            None if self.is_from_function(vpc) => self.way_out_of_function(),
            None if service.is_some() => {
                format!("add a VPC endpoint of the service, or a route to a NAT gateway to {named}")
            }
            None => match t.vpcs[vpc].internet_gateway {
                Some(_) => {
                    format!(
                        "add a route for 0.0.0.0/0 to a NAT gateway or an internet gateway to {named}"
                    )
                }
                None => format!("add an internet gateway to the VPC, and a route to it to {named}"),
            },
        };
        Words::new(at, "routes", format!("no route leads to {what}"), remedy)
    }

    /// A route that would lead from a VPC to a private destination over what joins them already.
    fn way_to(&self, vpc: Id<Vpc>, destination: IpAddr) -> Option<(String, String)> {
        let t = self.topology;
        let block_of = |other: Id<Vpc>| {
            let blocks = t.vpcs[other].cidr_blocks.iter();
            let found = blocks
                .map(|block| ipnet::IpNet::V4(*block))
                .find(|block| block.contains(&destination))?;
            Some(found.to_string())
        };
        let peered = t.vpc_peering_connections.iter().find_map(|(id, peering)| {
            let block = block_of(peering.other(vpc)?)?;
            let target = t.resource_name(Resource::VpcPeeringConnection(id));
            Some((block, target))
        });
        let attached = || {
            let gateway_of = |vpc| {
                t.transit_gateway_attachments
                    .iter()
                    .find_map(|(_, attachment)| match attachment.to {
                        AttachedTo::Vpc { vpc: own, .. } if own == vpc => {
                            Some(attachment.transit_gateway)
                        }
                        _ => None,
                    })
            };
            let own = gateway_of(vpc)?;
            let other = t
                .transit_gateway_attachments
                .iter()
                .find_map(|(_, attachment)| match attachment.to {
                    AttachedTo::Vpc { vpc, .. } if attachment.transit_gateway == own => {
                        block_of(vpc)
                    }
                    _ => None,
                })?;
            Some((other, t.resource_name(Resource::TransitGateway(own))))
        };
        peered.or_else(attached)
    }

    pub(super) fn blackhole(&self, table: Id<RouteTable>, route: Route) -> Words {
        let t = self.topology;
        Words::new(
            t.resource_name(Resource::RouteTable(table)),
            route.destination.to_string(),
            format!(
                "the route to {} is a blackhole: its target no longer exists",
                route.destination
            ),
            format!(
                "give the route to {} a target that exists",
                route.destination
            ),
        )
    }

    pub(super) fn peering_pending(&self, table: Id<RouteTable>, route: Route) -> Words {
        let peering = match route.target {
            RouteTarget::VpcPeeringConnection(id) => self.name(Resource::VpcPeeringConnection(id)),
            _ => String::new(),
        };
        Words::new(
            self.name(Resource::RouteTable(table)),
            route.destination.to_string(),
            format!(
                "the route to {} leads to {peering}, which has not been accepted",
                route.destination
            ),
            format!("set accepted = true on {peering}"),
        )
    }

    pub(super) fn nobody_has_address(&self, vpc: Id<Vpc>) -> Words {
        let to = self.header.destination.address;
        Words::new(
            self.name(Resource::Vpc(vpc)),
            to.to_string(),
            format!("no network interface has the address {to}"),
            format!("give a network interface the address {to}, or send elsewhere"),
        )
    }

    pub(super) fn circle(&self, at: Resource) -> Words {
        let to = self.header.destination.address;
        Words::new(
            self.name(at),
            "routes",
            format!("the packet to {to} goes round in a circle"),
            "give one of the route tables on the way a route that leads on",
        )
    }

    pub(super) fn no_ingress_route(&self, table: Id<RouteTable>) -> Words {
        let to = self.header.destination.address;
        Words::new(
            self.name(Resource::RouteTable(table)),
            "routes",
            format!("the gateway route table has no route to {to}"),
            format!("add a route to {to} to it"),
        )
    }
}
