//! DNS names as the resolver of the sender's VPC answers them.

use std::net::{IpAddr, Ipv4Addr};

use super::destination::private_dns;
use super::end::{Endpoint, UnknownEnd};
use crate::topology::{EndpointTarget, HostedZone, Record, Topology};

/// The end that a DNS name stands for, as `from` resolves it.
pub(super) fn resolve_name(
    topology: &Topology,
    name: &str,
    from: Option<Endpoint>,
) -> Result<Endpoint, UnknownEnd> {
    let name = name.trim_end_matches('.').to_lowercase();
    let vpc = from.and_then(|from| from.vpc(topology));
    // The most specific zone answers alone: what it does not know does not exist. (Route 53 developer
    // guide, "Considerations when working with a private hosted zone", 2023.)
    let hosted = topology
        .hosted_zones
        .iter()
        .filter(|(_, zone)| vpc.is_some_and(|vpc| zone.vpcs.contains(&vpc)))
        .filter(|(_, zone)| below(&name, &zone.domain).is_some())
        .max_by_key(|(_, zone)| zone.domain.len());
    if let Some((id, zone)) = hosted {
        let found = record(zone, &name).map(Record::endpoint);
        return found.ok_or_else(|| UnknownEnd {
            message: format!("`{name}` does not resolve"),
            help: Some(format!(
                "hosted_zone.{} answers for {} in the sender's VPC, and has no such record",
                topology.hosted_zones.name(id),
                zone.domain
            )),
        });
    }
    for (id, service) in topology.vpc_endpoint_services.iter() {
        if service.private_dns_name.as_deref() != Some(&name) {
            continue;
        }
        let target = EndpointTarget::EndpointService(id);
        return match vpc.and_then(|vpc| private_dns(topology, vpc, target)) {
            Some((endpoint, _)) => Ok(Endpoint::VpcEndpoint(endpoint)),
            None => Err(UnknownEnd {
                message: format!("`{name}` does not resolve for the sender"),
                help: Some(format!(
                    "its VPC needs an interface endpoint of vpc_endpoint_service.{} with private_dns_enabled",
                    topology.vpc_endpoint_services.name(id)
                )),
            }),
        };
    }
    load_balancer(topology, &name)
        .or_else(|| service(topology, &name))
        .or_else(|| host(topology, &name, vpc.is_some()))
        .ok_or_else(|| unknown(topology, &name))
}

/// What stands before a domain in a name under it; nothing for the domain itself.
fn below<'a>(name: &'a str, domain: &str) -> Option<&'a str> {
    let before = name.strip_suffix(domain)?;
    (before.is_empty() || before.ends_with('.')).then_some(before)
}

/// The record of a zone for a name: its own, or the closest wildcard's.
fn record(zone: &HostedZone, name: &str) -> Option<Record> {
    let own = zone.records.iter().find(|(record, _)| record == name);
    let wildcards = || {
        let covers = |(record, _): &&(String, Record)| {
            let domain = record.strip_prefix("*.");
            domain.is_some_and(|domain| below(name, domain).is_some_and(|rest| !rest.is_empty()))
        };
        let all = zone.records.iter().filter(covers);
        all.max_by_key(|(record, _)| record.len())
    };
    own.or_else(wildcards).map(|(_, record)| *record)
}

fn unknown(topology: &Topology, name: &str) -> UnknownEnd {
    let elsewhere = topology
        .hosted_zones
        .iter()
        .find(|(_, zone)| zone.records.iter().any(|(record, _)| record == name));
    let help = match elsewhere {
        Some((id, _)) => format!(
            "hosted_zone.{} has it, but is not associated with the sender's VPC",
            topology.hosted_zones.name(id)
        ),
        None => {
            "known are names of AWS services, of load balancers, of endpoint services, and the \
             records of hosted zones; or write kind.name"
                .to_owned()
        }
    };
    UnknownEnd {
        message: format!("`{name}` does not resolve"),
        help: Some(help),
    }
}

/// `NAME.elb.REGION.amazonaws.com` or `NAME.REGION.elb.amazonaws.com`, with or without the number
/// that AWS appends to the name.
fn load_balancer(topology: &Topology, name: &str) -> Option<Endpoint> {
    let stem = name.strip_suffix(".amazonaws.com")?;
    let first = stem.split('.').next()?;
    if !stem.split('.').any(|label| label == "elb") {
        return None;
    }
    let first = first.strip_prefix("internal-").unwrap_or(first);
    let mut all = topology.load_balancers.iter();
    let found = all.find(|(id, _)| {
        let own = topology.load_balancers.name(*id);
        first == own
            || first
                .strip_prefix(own)
                .is_some_and(|rest| rest.starts_with('-'))
    });
    found.map(|(id, _)| Endpoint::LoadBalancer(id))
}

/// `SERVICE.REGION.amazonaws.com`, with anything in front such as a bucket, or without a Region.
fn service(topology: &Topology, name: &str) -> Option<Endpoint> {
    let stem = name
        .strip_suffix(".amazonaws.com")
        .or_else(|| name.strip_suffix(".api.aws"))?;
    let regions: Vec<&str> = topology.regions.names().collect();
    let labels: Vec<&str> = stem
        .split('.')
        .filter(|label| !regions.contains(label))
        .collect();
    (0..labels.len()).find_map(|first| {
        let service = topology.services.find(&labels[first..].join("."))?;
        Some(Endpoint::Service(service))
    })
}

/// `ip-10-0-1-10.ec2.internal`, and `ec2-198-18-0-1.compute-1.amazonaws.com`, which inside a VPC
/// resolves to the private address.
fn host(topology: &Topology, name: &str, inside: bool) -> Option<Endpoint> {
    let (label, rest) = name.split_once('.')?;
    let address = |text: &str| text.replace('-', ".").parse::<Ipv4Addr>().ok();
    if let Some(private) = label.strip_prefix("ip-").and_then(address) {
        let internal = rest.ends_with("internal");
        return internal.then_some(Endpoint::Address(IpAddr::V4(private)));
    }
    let public = label.strip_prefix("ec2-").and_then(address)?;
    let &(interface, _) = topology.public_addresses.get(&public)?;
    Some(if inside {
        Endpoint::Interface(interface)
    } else {
        Endpoint::Address(IpAddr::V4(public))
    })
}
