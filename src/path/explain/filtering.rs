//! Security groups, network ACLs, and the check of source and destination, in words.

use std::fmt::Write as _;

use super::{Explainer, Words, host_block};
use crate::path::filtering::DEFAULT_DENY;
use crate::path::{Direction, Resource, Side};
use crate::topology::{Id, NetworkAcl, NetworkInterface, SecurityGroup, Subnet};

impl Explainer<'_> {
    pub(super) fn security_group(
        &self,
        interface: Id<NetworkInterface>,
        side: Side,
        nameable: Option<Id<SecurityGroup>>,
        named_in_vain: Option<Resource>,
    ) -> Words {
        let t = self.topology;
        let owner = t.owner_name(interface);
        let groups = &t.network_interfaces[interface].security_groups;
        let names: Vec<String> = groups
            .iter()
            .map(|&group| t.resource_name(Resource::SecurityGroup(group)))
            .collect();
        let (direction, key, verb, other) = match side {
            Side::Egress => (
                "egress",
                "destination",
                "lets it out to",
                self.header.destination.address,
            ),
            Side::Ingress => (
                "ingress",
                "source",
                "lets it in from",
                self.header.source.address,
            ),
        };
        let group = nameable.map(|group| t.resource_name(Resource::SecurityGroup(group)));
        // A VPC's own default group has a name that a scenario cannot write.
        let group = group.filter(|name| !name.contains(' '));
        let shown = group.clone().unwrap_or_else(|| other.to_string());
        let peer = group.unwrap_or_else(|| host_block(other));
        let mut reason = format!(
            "no {direction} rule of {owner} {verb} {shown} by {}",
            self.flow()
        );
        if let Some(by) = named_in_vain {
            let _ = write!(
                reason,
                "; rules that name a group do not match, because {} does not carry the sender's groups on",
                t.resource_name(by)
            );
        }
        let first = names.first().cloned().unwrap_or_default();
        Words {
            at: names.join(", "),
            rule: direction.to_owned(),
            reason,
            remedy: format!(
                "add to {first}: {direction} = [{{ protocol = \"{}\"{}, {key} = \"{peer}\" }}]",
                self.protocol_name(),
                self.ports(),
            ),
        }
    }

    pub(super) fn network_acl(
        &self,
        acl: Id<NetworkAcl>,
        subnet: Id<Subnet>,
        side: Side,
        rule_number: u16,
    ) -> Words {
        let t = self.topology;
        let own = &t.network_acls[acl];
        let (direction, verb, entries, other) = match side {
            Side::Egress => (
                "egress",
                "out of",
                &own.egress,
                self.header.destination.address,
            ),
            Side::Ingress => ("ingress", "into", &own.ingress, self.header.source.address),
        };
        let decided = if rule_number == DEFAULT_DENY {
            "*".to_owned()
        } else {
            format!("rule {rule_number}")
        };
        let what = if self.direction == Direction::Return {
            "the answer"
        } else {
            "the packet"
        };
        let subnet = t.resource_name(Resource::Subnet(subnet));
        let reason = if rule_number == DEFAULT_DENY {
            format!(
                "no {direction} entry lets {what} {} {verb} {subnet}, so the default denies it",
                self.described()
            )
        } else {
            format!(
                "{direction} entry {rule_number} denies {what} {} {verb} {subnet}",
                self.described()
            )
        };
        // Behind all others, or in front of what denies it, on a number that is free.
        let free = |number: &u16| !entries.iter().any(|entry| entry.rule_number == *number);
        let last = entries.last().map_or(90, |entry| entry.rule_number);
        let end = if rule_number == DEFAULT_DENY {
            last.saturating_add(11).min(DEFAULT_DENY)
        } else {
            rule_number
        };
        let number = (1..end).rev().find(free);
        let at = t.resource_name(Resource::NetworkAcl(acl));
        let block_key = if other.is_ipv4() {
            "cidr_block"
        } else {
            "ipv6_cidr_block"
        };
        let place = match number {
            Some(_) => format!("add to {at}"),
            None => {
                format!("give entry {rule_number} of {at} a higher number, and put in front of it")
            }
        };
        let remedy = format!(
            "{place}: {direction} = [{{ rule_number = {}, action = \"allow\", protocol = \"{}\"{}, {block_key} = \"{}\" }}]",
            number.unwrap_or(rule_number),
            self.protocol_name(),
            self.ports(),
            host_block(other),
        );
        Words {
            at,
            rule: decided,
            reason,
            remedy,
        }
    }

    pub(super) fn source_dest_check(&self, id: Id<NetworkInterface>) -> Words {
        let t = self.topology;
        let to = self.header.destination.address;
        let from = self.header.source.address;

        let owner = t.owner_name(id);
        Words::new(
            &owner,
            "source_dest_check",
            format!(
                "the packet from {from} to {to} is neither from nor to {owner}, whose source/destination check drops it"
            ),
            format!("set source_dest_check = false on {owner}, if it is to forward packets"),
        )
    }
}
