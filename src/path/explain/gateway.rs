//! What internet gateways and NAT gateways refuse, in words.

use super::{Explainer, Words};
use crate::path::{Resource, gateway};
use crate::topology::{Id, InternetGateway, NetworkInterface, RouteTable, Vpc};

impl Explainer<'_> {
    pub(super) fn no_public_address(
        &self,
        gateway: Id<InternetGateway>,
        sender: Option<Id<NetworkInterface>>,
    ) -> Words {
        let t = self.topology;
        let from = self.header.source.address;

        let vpc = t.internet_gateways[gateway].vpc;
        let gateway = self.name(Resource::InternetGateway(gateway));
        match sender {
            Some(sender) if self.is_from_function(vpc) => Words::new(
                gateway,
                "public address",
                format!(
                    "{} has no public address: network interfaces of a function never have one, in a public subnet either",
                    t.owner_name(sender)
                ),
                self.way_out_of_function(),
            ),
            Some(sender) => {
                let owner = t.owner_name(sender);
                Words::new(
                    gateway,
                    "public address",
                    format!("{owner} has no public address"),
                    format!(
                        "add associate_public_ip_address = true to {owner}, or route through a NAT gateway"
                    ),
                )
            }
            None => Words::new(
                gateway,
                "public address",
                format!("{from} is not an address of an interface in its VPC"),
                "send it through a NAT gateway, or a router with a public address",
            ),
        }
    }

    /// How a function in a VPC gets at what has a public address. (AWS Lambda developer guide, "Enable
    /// internet access for VPC-connected Lambda functions", 2024.)
    pub(super) fn way_out_of_function(&self) -> String {
        let service = gateway::service_at(self.topology, self.header.destination.address);
        match service {
            Some(id) => format!(
                "add an endpoint for service `{}` to the VPC, or a NAT gateway in a public subnet and a route to it from the function's subnet",
                self.topology.services.name(id)
            ),
            None => "add a NAT gateway in a public subnet, and a route for 0.0.0.0/0 to it from the function's subnet".to_owned(),
        }
    }

    pub(super) fn foreign_source(&self, at: Resource) -> Words {
        let from = self.header.source.address;
        Words::new(
            self.name(at),
            "source",
            format!("{from} is not in its VPC"),
            "route it over a transit gateway, or use a NAT gateway in the sender's VPC",
        )
    }

    pub(super) fn private_destination(&self, gateway: Id<InternetGateway>) -> Words {
        let to = self.header.destination.address;
        Words::new(
            self.name(Resource::InternetGateway(gateway)),
            "destination",
            format!("{to} is a private address, which the internet does not know"),
            format!("add a route to {to} over peering, a transit gateway or a VPN"),
        )
    }

    pub(super) fn own_vpc_destination(&self, gateway: Id<InternetGateway>) -> Words {
        let to = self.header.destination.address;
        Words::new(
            self.name(Resource::InternetGateway(gateway)),
            "destination",
            format!("{to} is in its own VPC"),
            "leave traffic inside the VPC to the local route",
        )
    }

    pub(super) fn not_public(&self, id: Option<Id<NetworkInterface>>) -> Words {
        let t = self.topology;
        let to = self.header.destination.address;
        let Some(id) = id else {
            return Words::new(
                "internet",
                "destination",
                format!("{to} is not a public address"),
                "send to a public address",
            );
        };

        let owner = t.owner_name(id);
        let vpc = t.vpc_of(id);
        let at = t.vpcs[vpc].internet_gateway.map_or_else(
            || self.name(Resource::Vpc(vpc)),
            |gateway| self.name(Resource::InternetGateway(gateway)),
        );
        let remedy = if owner.starts_with("load_balancer.") {
            format!("set internal = false on {owner}")
        } else {
            format!(
                "add associate_public_ip_address = true or an elastic_ip to {owner}, or put an internet-facing load balancer in front"
            )
        };
        Words::new(
            at,
            "public address",
            format!("{owner} has no public address"),
            remedy,
        )
    }

    pub(super) fn no_internet_gateway(&self, vpc: Id<Vpc>) -> Words {
        let t = self.topology;
        Words::new(
            self.name(Resource::Vpc(vpc)),
            "internet_gateway",
            "the VPC has no internet gateway",
            format!(
                "add [internet_gateway.NAME] with vpc = \"{}\", and a route to it",
                t.vpcs.name(vpc)
            ),
        )
    }

    pub(super) fn redirected(&self, gateway: Id<InternetGateway>, table: Id<RouteTable>) -> Words {
        let from = self.header.source.address;
        Words::new(
            self.name(Resource::InternetGateway(gateway)),
            self.name(Resource::RouteTable(table)),
            format!(
                "{} sends what comes in for {from} through an appliance, so its answers cannot go straight out",
                self.name(Resource::RouteTable(table))
            ),
            "route the subnet's outgoing traffic through the same appliance",
        )
    }

    pub(super) fn outbound_only(&self, at: Resource) -> Words {
        Words::new(
            self.name(at),
            "direction",
            "it lets nothing in but replies",
            "put an internet-facing load balancer in front, or give the receiver a public address and a route to an internet gateway",
        )
    }

    pub(super) fn unknown_connection(&self, at: Resource) -> Words {
        let (from, to) = (self.header.source.address, self.header.destination.address);
        Words::new(
            self.name(at),
            "connection",
            "it has not seen the connection that this answers, and drops the answer",
            format!("route what {from} sends to {to} the way that the requests come"),
        )
    }

    pub(super) fn protocol(&self, at: Resource) -> Words {
        Words::new(
            self.name(at),
            "protocol",
            format!("it does not carry {}", self.protocol_name()),
            "use another protocol, or another way",
        )
    }
}
