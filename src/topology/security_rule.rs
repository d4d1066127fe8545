//! Rules of security groups.

use super::filter::WrittenFilter;
use super::network_acl::warn_of_family;
use super::{
    AttachedTo, Id, Peer, Resolver, Rule, SecurityGroup, Topology, Vpc, prefix_list, security_quota,
};
use crate::scenario::{self, KeyPath, OneOrMany, Problem, Reference, SecurityGroupRule};

/// The direction of a rule, with the keys that it has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Ingress,
    Egress,
}

pub(super) fn resolve(resolver: &mut Resolver<'_>, topology: &mut Topology) {
    for (name, written) in &resolver.scenario.security_group {
        let Some(id) = topology.security_groups.find(name) else {
            continue;
        };
        let path = KeyPath::of(["security_group", name]);
        let mut rules = |side, written| {
            let resolving = Resolving {
                topology,
                group: id,
                side,
            };
            resolving.rules(resolver, written, &path)
        };
        let ingress = rules(Side::Ingress, &written.ingress);
        let egress = match &written.egress {
            None => {
                let vpc = &topology.vpcs[topology.security_groups[id].vpc];
                Rule::all_egress(vpc.ipv6_cidr_block.is_some())
            }
            Some(list) => rules(Side::Egress, list),
        };
        let group = &mut topology.security_groups[id];
        (group.ingress, group.egress) = (ingress, egress);
    }
}

/// The rules of one direction of a group, on their way.
struct Resolving<'a> {
    topology: &'a Topology,
    group: Id<SecurityGroup>,
    side: Side,
}

impl Resolving<'_> {
    fn rules(
        &self,
        resolver: &mut Resolver<'_>,
        written: &[SecurityGroupRule],
        path: &KeyPath,
    ) -> Vec<Rule> {
        let path = path.key(match self.side {
            Side::Ingress => "ingress",
            Side::Egress => "egress",
        });
        let mut rules = Vec::new();
        for (index, rule) in (0_u32..).zip(written) {
            let path = path.index(index as usize);
            let filter = WrittenFilter {
                protocol: rule.protocol,
                ports: rule.ports,
                icmp_type: rule.icmp_type,
                icmp_code: rule.icmp_code,
            };
            let Some((key, peers)) = self.peers(resolver, rule, &path) else {
                continue;
            };
            let Some(filter) = filter.resolve(resolver, &path) else {
                continue;
            };
            for (at, reference) in peers.0.iter().enumerate() {
                let one = peers.0.len() == 1;
                // Where there is one, it need not be written as a list.
                let key_path = path.key(key);
                let key_path = if one { key_path } else { key_path.index(at) };
                let Some(peer) = self.peer(resolver, reference, &key_path) else {
                    continue;
                };
                if let Peer::Block(block) = peer {
                    warn_of_family(resolver, rule.protocol, block, &path);
                }
                rules.push(Rule {
                    index,
                    filter,
                    peer,
                });
            }
        }
        security_quota::check_group(resolver, self.topology, &rules, &path);
        rules
    }

    /// The key of the other side, and what it says.
    fn peers<'r>(
        &self,
        resolver: &mut Resolver<'_>,
        rule: &'r SecurityGroupRule,
        path: &KeyPath,
    ) -> Option<(&'static str, &'r OneOrMany)> {
        let (key, peer, other) = match self.side {
            Side::Ingress => ("source", &rule.source, &rule.destination),
            Side::Egress => ("destination", &rule.destination, &rule.source),
        };
        let peers = peer.as_ref().filter(|_| other.is_none());
        if peers.is_none() {
            let (what, not) = match self.side {
                Side::Ingress => ("ingress", "destination"),
                Side::Egress => ("egress", "source"),
            };
            resolver.lacking(
                Problem::error(
                    path.clone(),
                    format!("an {what} rule must have a `{key}`, and no `{not}`"),
                )
                .help(format!(
                    "write {key} = \"10.0.0.0/16\" or {key} = \"security_group.NAME\""
                )),
            );
        }
        if peers.is_some_and(|peers| peers.0.is_empty()) {
            let message = format!("the rule has no {key}, so nothing matches it");
            resolver.report(Problem::warning(path.key(key), message));
        }
        Some((key, peers?))
    }

    fn peer(
        &self,
        resolver: &mut Resolver<'_>,
        reference: &Reference,
        path: &KeyPath,
    ) -> Option<Peer> {
        let text = reference.as_str();
        if text == "self" {
            return Some(Peer::Group(self.group));
        }
        if is_address(text) {
            return match scenario::parse_block(text) {
                Ok(block) => Some(Peer::Block(block)),
                Err(message) => {
                    let problem = Problem::error(path.clone(), message);
                    resolver.report(match text.parse() {
                        Ok(std::net::IpAddr::V4(address)) => {
                            problem.help(format!("write \"{address}/32\" for one address"))
                        }
                        Ok(std::net::IpAddr::V6(address)) => {
                            problem.help(format!("write \"{address}/128\" for one address"))
                        }
                        Err(_) => problem,
                    });
                    None
                }
            };
        }
        if reference.parts().0 == Some("prefix_list") {
            let list = prefix_list::find(resolver, self.topology, reference, path)?;
            return Some(Peer::PrefixList(list));
        }
        let groups = &self.topology.security_groups;
        let other = resolver.find(groups, "security_group", reference, path)?;
        let [own, theirs] = [self.group, other].map(|group| groups[group].vpc);
        if own == theirs {
            return Some(Peer::Group(other));
        }
        let [own_name, their_name] = [own, theirs].map(|vpc| self.topology.vpcs.name(vpc));
        let message =
            format!("`{reference}` belongs to vpc `{their_name}`, not to vpc `{own_name}`");
        match self.check_joined(own, theirs) {
            Joined::Yes => Some(Peer::Group(other)),
            // AWS keeps such a rule, too, as a stale one.
            Joined::WithoutReferences(reason) => {
                let message = format!("{message}: the rule never matches");
                resolver.report(Problem::warning(path.clone(), message).help(reason));
                Some(Peer::Group(other))
            }
            Joined::No(reason) => {
                resolver.report(Problem::error(path.clone(), message).help(reason));
                None
            }
        }
    }

    /// Whether a group of another VPC can be named. (VPC user guide, "Security group rules"; transit
    /// gateway guide, "Security group referencing"; both 2024.)
    fn check_joined(&self, own: Id<Vpc>, theirs: Id<Vpc>) -> Joined {
        let topology = self.topology;
        if topology.vpcs[own].region != topology.vpcs[theirs].region {
            return Joined::No("groups of another Region cannot be named; write an address block");
        }
        let mut peerings = topology.vpc_peering_connections.iter();
        if peerings.any(|(_, connection)| connection.other(own) == Some(theirs)) {
            return Joined::Yes;
        }
        let attached = |vpc: Id<Vpc>| {
            let attachments = topology.transit_gateway_attachments.iter();
            let to_vpc = attachments.filter(move |(_, attachment)| {
                matches!(attachment.to, AttachedTo::Vpc { vpc: it, .. } if it == vpc)
            });
            to_vpc.map(|(_, attachment)| {
                let gateway = attachment.transit_gateway;
                let supported = attachment.security_group_referencing_support
                    && topology.transit_gateways[gateway].security_group_referencing_support;
                (gateway, supported)
            })
        };
        let ours: Vec<_> = attached(own).collect();
        let common = || {
            attached(theirs).filter_map(|(gateway, supported)| {
                let own = ours.iter().find(|(own, _)| *own == gateway)?;
                Some(supported && own.1)
            })
        };
        if common().any(|supported| supported) {
            return match self.side {
                Side::Ingress => Joined::Yes,
                Side::Egress => Joined::WithoutReferences(
                    "across a transit gateway, only ingress rules name groups; write an address \
                     block",
                ),
            };
        }
        if common().next().is_some() {
            return Joined::WithoutReferences(
                "a group across a transit gateway needs security_group_referencing_support = true \
                 of the transit gateway and of both attachments",
            );
        }
        Joined::No(
            "a rule names groups of its own VPC, of a VPC peered with it, or of one at the same \
             transit gateway",
        )
    }
}

/// Whether rules of one VPC can name groups of another; if not, why.
enum Joined {
    Yes,
    /// The VPCs are joined by something that does not carry references.
    WithoutReferences(&'static str),
    No(&'static str),
}

/// Whether a text is meant as an address or block, not as a name.
fn is_address(text: &str) -> bool {
    let hex = text
        .chars()
        .all(|c| c.is_ascii_hexdigit() || matches!(c, '.' | ':' | '/'));
    let starts = text.starts_with(|c: char| c.is_ascii_digit()) && text.contains(['.', '/']);
    text.contains('/') || (hex && (starts || text.contains(':')))
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{right, wrong};
    use super::*;

    const PEERED: &str = r#"
        [vpc.other]
        cidr_block = "10.9.0.0/16"
        [security_group.theirs]
        vpc = "other"
    "#;
    const ATTACHED: &str = r#"
        [transit_gateway.hub]
        security_group_referencing_support = true
        [subnet.other]
        vpc = "other"
        availability_zone = "us-east-1a"
        cidr_block = "10.9.0.0/24"
        [transit_gateway_vpc_attachment.main]
        transit_gateway = "hub"
        vpc = "main"
        subnets = ["a"]
        [transit_gateway_vpc_attachment.other]
        transit_gateway = "hub"
        vpc = "other"
        subnets = ["other"]
    "#;

    fn group(keys: &str) -> String {
        format!("[security_group.x]\nvpc = \"main\"\n{keys}\n")
    }

    fn ingress(rule: &str) -> String {
        group(&format!(
            "ingress = [{{ protocol = \"tcp\", ports = 80, {rule} }}]"
        ))
    }

    #[test]
    fn every_source_of_a_rule_is_an_allowance_of_its_own() {
        let text = ingress(
            "source = [\"10.0.0.0/8\", \"::/0\", \"self\", \"y\", \"security_group.y\", \"prefix_list.s3\"]",
        );
        let topology = right(&format!("{text}[security_group.y]\nvpc = \"main\""));
        let [x, y] = ["x", "y"].map(|name| topology.security_groups.find(name).unwrap());
        let s3 = topology.prefix_lists.find("s3").unwrap();
        let rules = &topology.security_groups[x].ingress;
        let peers: Vec<Peer> = rules.iter().map(|rule| rule.peer).collect();
        assert_eq!(
            peers,
            [
                Peer::Block("10.0.0.0/8".parse().unwrap()),
                Peer::Block("::/0".parse().unwrap()),
                Peer::Group(x),
                Peer::Group(y),
                Peer::Group(y),
                Peer::PrefixList(s3),
            ]
        );
        assert!(
            rules
                .iter()
                .all(|rule| rule.index == 0 && rule.filter.to_string() == "tcp/80")
        );
        assert_eq!(topology.security_groups[x].egress.len(), 1);
    }

    #[test]
    fn a_group_of_an_ipv6_vpc_lets_both_families_out() {
        let text = "[vpc.six]\ncidr_block = \"10.6.0.0/16\"\nipv6_cidr_block = \"2600:1f18::/56\"\n\
                    [security_group.six]\nvpc = \"six\"";
        let topology = right(text);
        let group = topology.security_groups.find("six").unwrap();
        assert_eq!(topology.security_groups[group].egress.len(), 2);
    }

    #[test]
    fn a_source_that_is_no_source_is_refused() {
        assert_eq!(
            wrong(&ingress("source = \"10.0.0.1\"")),
            "security_group.x.ingress[0].source: `10.0.0.1` is not a CIDR block such as \"10.0.0.0/16\" \
             (write \"10.0.0.1/32\" for one address)\n"
        );
        assert_eq!(
            wrong(&ingress(
                "source = [\"10.0.0.0/8\", \"prefix_list.offces\"]"
            )),
            "security_group.x.ingress[0].source[1]: prefix list `offces` is not defined (there are \
             `dynamodb`, `s3`)\n"
        );
        assert_eq!(
            wrong(&ingress("destination = \"10.0.0.0/8\"")),
            "security_group.x.ingress[0]: an ingress rule must have a `source`, and no `destination` \
             (write source = \"10.0.0.0/16\" or source = \"security_group.NAME\")\n"
        );
        assert_eq!(
            wrong(&group(
                "egress = [{ protocol = \"icmp\", icmp_type = 8, ports = 1, destination = \"::/0\" }]"
            )),
            "security_group.x.egress[0].ports: protocol \"icmp\" has no ports (leave `ports` out, or \
             name tcp or udp)\n"
        );
    }

    #[test]
    fn a_group_of_another_vpc_needs_a_peering_connection() {
        let text = ingress("source = \"security_group.theirs\"") + PEERED;
        let path = "security_group.x.ingress[0].source";
        let refusal = "`security_group.theirs` belongs to vpc `other`, not to vpc `main`";
        assert_eq!(
            wrong(&text),
            format!(
                "{path}: {refusal} (a rule names groups of its own VPC, of a VPC peered with it, or of \
                 one at the same transit gateway)\n"
            )
        );
        let peering = "[vpc_peering_connection.p]\nvpc = \"main\"\npeer_vpc = \"other\"\n";
        right(&format!("{text}{peering}"));
        let region = "[other_region.us-east-2]\navailability_zones = [\"us-east-2a\"]\n";
        let text = text.replace("\"10.9.0.0/16\"", "\"10.9.0.0/16\"\nregion = \"us-east-2\"");
        assert_eq!(
            wrong(&format!("{text}{peering}{region}")),
            format!(
                "{path}: {refusal} (groups of another Region cannot be named; write an address block)\n"
            )
        );
    }

    #[test]
    fn across_a_transit_gateway_ingress_rules_name_groups_if_it_supports_that() {
        let text = ingress("source = \"theirs\"") + PEERED + ATTACHED;
        right(&text);
        let never = "`theirs` belongs to vpc `other`, not to vpc `main`: the rule never matches";
        let unsupported = text.replace("security_group_referencing_support = true", "");
        assert_eq!(
            wrong(&unsupported),
            format!(
                "warning: security_group.x.ingress[0].source: {never} (a group across a transit \
                 gateway needs security_group_referencing_support = true of the transit gateway and \
                 of both attachments)\n"
            )
        );
        let egress = "egress = [{ protocol = \"all\", destination = \"theirs\" }]";
        assert_eq!(
            wrong(&(group(egress) + PEERED + ATTACHED)),
            format!(
                "warning: security_group.x.egress[0].destination: {never} (across a transit gateway, \
                 only ingress rules name groups; write an address block)\n"
            )
        );
    }
}
