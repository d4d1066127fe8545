//! Names that resolve inside a VPC.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::{
    EndpointKind, Id, LoadBalancer, NetworkInterface, Resolver, Topology, Vpc, VpcEndpoint,
    network_interface,
};
use crate::scenario::{KeyPath, Problem, Reference};

/// A private hosted zone.
#[derive(Debug, Clone)]
pub struct HostedZone {
    /// The domain, in lower case, without a final dot. The arena names the zone as the table does.
    pub domain: String,
    /// The VPCs it is associated with.
    pub vpcs: Vec<Id<Vpc>>,
    /// Full names, in lower case, with what they stand for.
    pub records: Vec<(String, Record)>,
}

/// What a record stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Record {
    /// An address.
    Address(IpAddr),
    /// The primary address of an interface.
    Interface(Id<NetworkInterface>),
    /// A load balancer.
    LoadBalancer(Id<LoadBalancer>),
    /// An interface endpoint.
    VpcEndpoint(Id<VpcEndpoint>),
}

/// A name as names are compared: in lower case, without a final dot.
pub(super) fn normalized(name: &str) -> String {
    name.trim_end_matches('.').to_lowercase()
}

pub(super) fn resolve(resolver: &mut Resolver<'_>, topology: &mut Topology) {
    let mut taken: BTreeMap<(Id<Vpc>, String), &str> = BTreeMap::new();
    for (name, written) in &resolver.scenario.hosted_zone {
        let path = KeyPath::of(["hosted_zone", name]);
        let domain = normalized(&written.name);
        if let Err(message) = check_name(&domain) {
            resolver.error(path.key("name"), message);
        }
        let mut vpcs = Vec::new();
        for (index, reference) in written.vpcs.iter().enumerate() {
            let path = path.key("vpcs").index(index);
            let Some(vpc) = resolver.find(&topology.vpcs, "vpc", reference, &path) else {
                continue;
            };
            warn_of_attributes(resolver, topology, vpc, &path);
            match taken.insert((vpc, domain.clone()), name) {
                None => vpcs.push(vpc),
                Some(other) if other == name => {
                    resolver.error(path, format!("vpc `{reference}` is listed twice"));
                }
                Some(other) => {
                    let vpc = topology.vpcs.name(vpc);
                    let message =
                        format!("vpc `{vpc}` has {domain} from hosted zone `{other}` already");
                    resolver.error(path, message);
                }
            }
        }
        if written.vpcs.is_empty() {
            let path = path.key("vpcs");
            let message = "the zone is associated with no VPC, so nothing resolves its names";
            resolver.report(Problem::warning(path, message));
        }
        let records_path = path.key("records");
        let mut records: Vec<(String, Record)> = Vec::new();
        for (relative, target) in &written.records {
            let path = records_path.key(relative.as_str());
            let full = full_name(relative, &domain);
            if let Err(message) = check_name(full.strip_prefix("*.").unwrap_or(&full)) {
                resolver.error(path, message);
                continue;
            }
            if records.iter().any(|(other, _)| *other == full) {
                resolver.error(path, format!("there is a record for {full} already"));
                continue;
            }
            if let Some(record) = record(resolver, topology, target, &path) {
                records.push((full, record));
            }
        }
        let zone = HostedZone {
            domain,
            vpcs,
            records,
        };
        topology.hosted_zones.add(name, zone);
    }
}

/// The full name of a record; the empty one is the domain itself.
fn full_name(relative: &str, domain: &str) -> String {
    let relative = normalized(relative);
    if relative.is_empty() {
        domain.to_owned()
    } else {
        format!("{relative}.{domain}")
    }
}

/// What is wrong with a name, if anything.
fn check_name(name: &str) -> Result<(), String> {
    let label = |label: &str| {
        let characters = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        (1..=63).contains(&label.len()) && label.chars().all(characters)
    };
    if name.len() <= 253 && name.split('.').all(label) {
        return Ok(());
    }
    Err(format!(
        "`{name}` is not a DNS name: labels of letters, digits and hyphens between dots"
    ))
}

/// A private zone needs both attributes of a VPC. (Route 53 developer guide, "Working with private
/// hosted zones", 2023.)
fn warn_of_attributes(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    id: Id<Vpc>,
    path: &KeyPath,
) {
    let vpc = &topology.vpcs[id];
    if vpc.enable_dns_support && vpc.enable_dns_hostnames {
        return;
    }
    let name = topology.vpcs.name(id);
    let message = format!("names of private hosted zones do not resolve in vpc `{name}`");
    resolver.report(Problem::warning(path.clone(), message).help(format!(
        "set enable_dns_support and enable_dns_hostnames of [vpc.{name}] to true"
    )));
}

fn record(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    target: &Reference,
    path: &KeyPath,
) -> Option<Record> {
    if let Ok(address) = target.as_str().parse() {
        return Some(Record::Address(address));
    }
    match target.parts().0 {
        Some("instance") => {
            let id = resolver.find(&topology.instances, "instance", target, path)?;
            let primary = topology.instances[id].network_interfaces[0];
            Some(Record::Interface(primary))
        }
        Some("network_interface") => {
            let id = network_interface::find(resolver, topology, target, path)?;
            Some(Record::Interface(id))
        }
        Some("load_balancer") => {
            let balancers = &topology.load_balancers;
            let id = resolver.find(balancers, "load_balancer", target, path)?;
            Some(Record::LoadBalancer(id))
        }
        Some("vpc_endpoint") => {
            let id = resolver.find(&topology.vpc_endpoints, "vpc_endpoint", target, path)?;
            if let EndpointKind::Gateway | EndpointKind::GatewayLoadBalancer { .. } =
                topology.vpc_endpoints[id].kind
            {
                let message = format!("`{target}` has no address that names could stand for");
                let help = "only interface endpoints have one";
                resolver.report(Problem::error(path.clone(), message).help(help));
                return None;
            }
            Some(Record::VpcEndpoint(id))
        }
        Some(_) | None => {
            resolver.report(
                Problem::error(
                    path.clone(),
                    format!("`{target}` is not what a record stands for"),
                )
                .help(
                    "write an address, \"instance.NAME\", \"network_interface.NAME\", \
                         \"load_balancer.NAME\" or \"vpc_endpoint.NAME\"",
                ),
            );
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{right, wrong};
    use super::*;

    fn zone(records: &str) -> String {
        format!(
            "[network_interface.db]\nsubnet = \"a\"\n\
             [hosted_zone.corp]\nname = \"Corp.Internal.\"\nvpcs = [\"main\"]\nrecords = {{ {records} }}\n"
        )
    }

    #[test]
    fn records_are_relative_to_the_domain() {
        let topology = right(&zone(
            "db = \"network_interface.db\", \"\" = \"10.0.0.9\", \"*.x\" = \"2600::1\"",
        ));
        let zone = &topology.hosted_zones[topology.hosted_zones.find("corp").unwrap()];
        assert_eq!(zone.domain, "corp.internal");
        let db = topology
            .network_interfaces
            .find("network_interface.db")
            .unwrap();
        assert_eq!(
            zone.records,
            [
                ("db.corp.internal".to_owned(), Record::Interface(db)),
                (
                    "corp.internal".to_owned(),
                    Record::Address("10.0.0.9".parse().unwrap())
                ),
                (
                    "*.x.corp.internal".to_owned(),
                    Record::Address("2600::1".parse().unwrap())
                ),
            ]
        );
    }

    #[test]
    fn a_record_stands_for_something_with_an_address() {
        assert_eq!(
            wrong(&zone("db = \"subnet.a\"")),
            "hosted_zone.corp.records.db: `subnet.a` is not what a record stands for (write an address, \
             \"instance.NAME\", \"network_interface.NAME\", \"load_balancer.NAME\" or \
             \"vpc_endpoint.NAME\")\n"
        );
        assert_eq!(
            wrong(&zone("db = \"network_interface.dbs\"")),
            "hosted_zone.corp.records.db: network interface `dbs` is not defined (did you mean `db`?)\n"
        );
        assert_eq!(
            wrong(&zone("\"d b\" = \"10.0.0.9\"")),
            "hosted_zone.corp.records.\"d b\": `d b.corp.internal` is not a DNS name: labels of letters, \
             digits and hyphens between dots\n"
        );
    }

    #[test]
    fn a_vpc_has_a_domain_from_one_zone_and_needs_its_dns_attributes() {
        let two = "[hosted_zone.other]\nname = \"corp.internal\"\nvpcs = [\"main\"]\n";
        assert_eq!(
            wrong(&format!("{}{two}", zone(""))),
            "hosted_zone.other.vpcs[0]: vpc `main` has corp.internal from hosted zone `corp` already\n"
        );
        assert_eq!(
            wrong(
                "[vpc.quiet]\ncidr_block = \"10.9.0.0/16\"\nenable_dns_hostnames = false\n\
                 [hosted_zone.corp]\nname = \"corp.internal\"\nvpcs = [\"quiet\"]"
            ),
            "warning: hosted_zone.corp.vpcs[0]: names of private hosted zones do not resolve in vpc \
             `quiet` (set enable_dns_support and enable_dns_hostnames of [vpc.quiet] to true)\n"
        );
    }
}
