//! Peering connections between two VPCs.

use super::{Id, Resolver, Topology, Vpc};
use crate::scenario::{KeyPath, Problem};

/// A peering connection between two VPCs.
#[derive(Debug, Clone, Copy)]
pub struct VpcPeeringConnection {
    /// Requester and accepter.
    pub vpcs: [Id<Vpc>; 2],
    /// Whether it is active.
    pub accepted: bool,
    /// Whether public DNS names resolve to private addresses across it.
    pub allow_remote_vpc_dns_resolution: bool,
}

impl VpcPeeringConnection {
    /// The VPC at the other end, if `vpc` is at one.
    #[must_use]
    pub fn other(&self, vpc: Id<Vpc>) -> Option<Id<Vpc>> {
        match self.vpcs {
            [a, b] if a == vpc => Some(b),
            [a, b] if b == vpc => Some(a),
            _ => None,
        }
    }
}

pub(super) fn resolve(resolver: &mut Resolver<'_>, topology: &mut Topology) {
    for (name, written) in &resolver.scenario.vpc_peering_connection {
        let path = KeyPath::of(["vpc_peering_connection", name]);
        let ends = [("vpc", &written.vpc), ("peer_vpc", &written.peer_vpc)];
        let ends = ends.map(|(key, reference)| {
            resolver.find(&topology.vpcs, "vpc", reference, &path.key(key))
        });
        let [Some(a), Some(b)] = ends else { continue };
        if let Err(problem) = check(topology, [a, b], &path.key("peer_vpc")) {
            resolver.report(problem);
            continue;
        }
        let connection = VpcPeeringConnection {
            vpcs: [a, b],
            accepted: written.accepted,
            allow_remote_vpc_dns_resolution: written.allow_remote_vpc_dns_resolution,
        };
        topology.vpc_peering_connections.add(name, connection);
    }
}

/// Two VPCs without common addresses have at most one connection.
fn check(topology: &Topology, [a, b]: [Id<Vpc>; 2], path: &KeyPath) -> Result<(), Problem> {
    let error = |message| Problem::error(path.clone(), message);
    if a == b {
        return Err(error(
            "a peering connection joins two different VPCs".to_owned(),
        ));
    }
    let names = [a, b].map(|id| topology.vpcs.name(id));
    let [a_vpc, b_vpc] = [a, b].map(|id| &topology.vpcs[id]);
    for block in a_vpc.blocks() {
        if let Some(other) = b_vpc
            .blocks()
            .find(|other| other.contains(&block) || block.contains(other))
        {
            let message = format!(
                "{block} of vpc `{}` and {other} of vpc `{}` overlap, so these VPCs cannot be peered",
                names[0], names[1]
            );
            return Err(error(message).help(
                "peered VPCs have no addresses in common; renumber one, or use an endpoint service",
            ));
        }
    }
    let mut others = topology.vpc_peering_connections.iter();
    if let Some((id, _)) = others.find(|(_, other)| other.other(a) == Some(b)) {
        let other = topology.vpc_peering_connections.name(id);
        let message = format!("vpc_peering_connection `{other}` joins these VPCs already");
        return Err(error(message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{right, wrong};

    const OTHER: &str = "[vpc.other]\ncidr_block = \"10.9.0.0/16\"\n";

    fn peering(name: &str, vpc: &str, peer: &str) -> String {
        format!("[vpc_peering_connection.{name}]\nvpc = \"{vpc}\"\npeer_vpc = \"{peer}\"\n")
    }

    #[test]
    fn peered_vpcs_have_no_addresses_in_common() {
        let text = format!("{OTHER}{}", peering("p", "main", "other"));
        let topology = right(&text);
        let [main, other] = ["main", "other"].map(|name| topology.vpcs.find(name).unwrap());
        let id = topology.vpc_peering_connections.find("p").unwrap();
        let connection = &topology.vpc_peering_connections[id];
        assert_eq!(connection.other(main), Some(other));
        assert_eq!(connection.other(other), Some(main));
        assert_eq!(
            wrong(&text.replace("10.9.0.0/16", "10.0.128.0/20")),
            "vpc_peering_connection.p.peer_vpc: 10.0.0.0/16 of vpc `main` and 10.0.128.0/20 of vpc \
             `other` overlap, so these VPCs cannot be peered (peered VPCs have no addresses in common; \
             renumber one, or use an endpoint service)\n"
        );
    }

    #[test]
    fn two_vpcs_have_one_peering_connection() {
        let text = format!(
            "{OTHER}{}{}",
            peering("p", "main", "other"),
            peering("q", "other", "main")
        );
        assert_eq!(
            wrong(&text),
            "vpc_peering_connection.q.peer_vpc: vpc_peering_connection `p` joins these VPCs already\n"
        );
        assert_eq!(
            wrong(&peering("p", "main", "main")),
            "vpc_peering_connection.p.peer_vpc: a peering connection joins two different VPCs\n"
        );
    }
}
