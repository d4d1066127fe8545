//! Ends that do not send, do not answer, or are not what was meant, in words.

use super::{Explainer, Words};
use crate::path::Resource;
use crate::topology::{Id, NetworkInterface, Vpc};

impl Explainer<'_> {
    pub(super) fn no_server(&self, at: Resource) -> Words {
        let at = self.name(at);
        Words::new(
            &at,
            "receiver",
            format!("{at} takes no connections"),
            "send to something that listens",
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

    pub(super) fn no_ipv6_address(&self, id: Id<NetworkInterface>) -> Words {
        let t = self.topology;

        let owner = t.owner_name(id);
        Words::new(
            &owner,
            "ipv6_addresses",
            format!("{owner} has no IPv6 address"),
            format!("add ipv6_addresses = [\"…\"] to {owner}"),
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
