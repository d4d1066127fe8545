//! Ends that do not send, do not answer, or are not what was meant, in words.

use super::{Explainer, Words};
use crate::path::Resource;
use crate::topology::{Function, Id, NetworkInterface, Vpc};

impl Explainer<'_> {
    pub(super) fn no_server(&self, at: Resource) -> Words {
        let at = self.name(at);
        let remedy = if at.starts_with("function.") {
            "invoke the function by an [invoke.NAME], or by a load balancer"
        } else {
            "send to something that listens"
        };
        Words::new(
            &at,
            "receiver",
            format!("{at} takes no connections"),
            remedy,
        )
    }

    pub(super) fn wrong_receiver(&self, wanted: Resource, reached: Resource) -> Words {
        let to = self.header.destination.address;
        let (wanted, reached) = (self.name(wanted), self.name(reached));
        Words::new(
            &reached,
            to.to_string(),
            format!("in the sender's network {to} is {reached}, not {wanted}"),
            "give the two networks addresses that do not overlap, or offer the service through an endpoint (PrivateLink)",
        )
    }

    pub(super) fn answer_astray(&self, at: Resource) -> Words {
        let to = self.header.destination.address;

        let at = self.name(at);
        Words::new(
            &at,
            to.to_string(),
            format!("the answer to {to} reaches {at}, not the client"),
            "give the two networks addresses that do not overlap",
        )
    }

    pub(super) fn does_not_send(&self, at: Resource) -> Words {
        let at = self.name(at);
        Words::new(
            &at,
            "sender",
            format!("{at} starts no connections"),
            "name an instance, a network interface, a function, a site or the internet as the sender",
        )
    }

    pub(super) fn no_ipv6_address(&self, at: Resource) -> Words {
        let owner = self.name(at);
        let remedy = if owner.starts_with("function.") {
            "use IPv4".to_owned()
        } else {
            format!("add ipv6_addresses = [\"…\"] to {owner}")
        };
        let reason = format!("{owner} has no IPv6 address");
        Words::new(owner, "ipv6_addresses", reason, remedy)
    }

    pub(super) fn outside_vpc(
        &self,
        function: Id<Function>,
        wanted: Option<Id<NetworkInterface>>,
    ) -> Words {
        let t = self.topology;
        let at = self.name(Resource::Function(function));
        let to = self.header.destination.address;
        let (what, vpc) = match wanted {
            Some(id) => {
                let vpc = self.name(Resource::Vpc(t.vpc_of(id)));
                (format!("{} at {to}", t.owner_name(id)), vpc)
            }
            None => (to.to_string(), "the VPC".to_owned()),
        };
        Words::new(
            &at,
            "vpc_attachment",
            format!(
                "{at} is attached to no VPC, and private addresses such as that of {what} are not known outside"
            ),
            format!(
                "attach {at} to {vpc}: vpc_attachment = \"hyperplane_prewarmed\", subnets = [\"…\"] and security_groups = [\"…\"]"
            ),
        )
    }

    pub(super) fn dns_disabled(&self, vpc: Id<Vpc>) -> Words {
        let t = self.topology;
        Words::new(
            self.name(Resource::Vpc(vpc)),
            "enable_dns_support",
            "the VPC's resolver is switched off, so the name does not resolve",
            format!("set enable_dns_support = true on vpc.{}", t.vpcs.name(vpc)),
        )
    }

    pub(super) fn no_network(&self, from: Resource, to: Resource) -> Words {
        Words::new(
            self.name(from),
            "network",
            format!("there is no network that leads to {}", self.name(to)),
            "use two instances, or hosts of one fabric",
        )
    }

    pub(super) fn zone_failed(&self, id: Id<NetworkInterface>) -> Words {
        let t = self.topology;

        let (owner, zone) = (t.owner_name(id), t.substrate.fabrics.name(t.zone_of(id)));
        Words::new(
            &owner,
            zone,
            format!("{zone} has failed, and {owner} with it"),
            "lead the way through a resource in a zone that works",
        )
    }
}
