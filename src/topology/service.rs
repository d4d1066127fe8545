//! AWS services: those of the profile, and the scenario's own.

use std::net::Ipv4Addr;

use super::address::Pool;
use super::{Arena, HostId, Id, PrefixList, Region, Resolver, Topology};
use crate::engine::Distribution;
use crate::scenario::{KeyPath, Problem, Reference};

/// What stands before the Region in the full name of a service.
const AWS: &str = "com.amazonaws.";
/// The public addresses of services without a prefix list: 198.19.0.0/16, half of the
/// block for benchmarks (RFC 2544), whose other half Elastic IP addresses come from.
const FIRST_PUBLIC_IP: Ipv4Addr = Ipv4Addr::new(198, 19, 0, 1);
const PUBLIC_IPS: u32 = (1 << 16) - 2;

/// An AWS service, with front ends in every zone.
#[derive(Debug, Clone)]
pub struct Service {
    /// Time inside the service to answer a request.
    pub service_time: Distribution,
    /// Requests a zone's front end serves at once; `None` is unlimited.
    pub servers: Option<u32>,
    /// Whether there can be a gateway endpoint for it.
    pub gateway_endpoint: bool,
    /// The prefix list of its public addresses, if AWS publishes one.
    pub prefix_list: Option<Id<PrefixList>>,
    /// Its public address.
    pub public_ip: Ipv4Addr,
    /// The host of the front end in each zone, in the order of the fabrics.
    pub hosts: Vec<HostId>,
}

pub(super) fn resolve(resolver: &mut Resolver<'_>, topology: &mut Topology) {
    let scenario = resolver.scenario;
    let mut services = Arena::default();
    let mut public_ips = Pool::new(FIRST_PUBLIC_IP, PUBLIC_IPS);
    let own = scenario.service.keys();
    let of_profile = topology
        .profile
        .service
        .keys()
        .filter(|name| !scenario.service.contains_key(*name));
    for name in own.chain(of_profile) {
        let path = KeyPath::of(["service", name]);
        let written = scenario.service.get(name);
        let figures = topology.profile.service.get(name);
        let service_time = written
            .and_then(|service| service.service_time.clone())
            .or_else(|| figures.map(|figures| figures.service_time.value.clone()));
        let Some(service_time) = service_time else {
            resolver.report(
                Problem::error(
                    path,
                    format!("the profile does not know the service `{name}`, so it needs a `service_time`"),
                )
                .help("add service_time = { lognormal = { p50 = \"5 ms\", p99 = \"25 ms\" } }"),
            );
            continue;
        };
        let servers = written.and_then(|service| service.servers);
        if let Some(servers) = servers {
            resolver.check_range(path.key("servers"), servers, 1..=super::MAX_SERVERS);
        }
        let owner = format!("service.{name}");
        let list = figures.and_then(|figures| figures.prefix_list.as_ref());
        let published = list.and_then(|list| list.value.first()?.hosts().next());
        // Of two services that an override gives the same block, one is elsewhere.
        let published = published.filter(|&address| public_ips.reserve(address, &owner).is_ok());
        let public_ip = published.or_else(|| public_ips.allocate(resolver, &owner, "public_ip"));
        let Some(public_ip) = public_ip else {
            resolver.error(path, format!("there are more than {PUBLIC_IPS} services"));
            continue;
        };
        let zones = topology.substrate.zones();
        let service = Service {
            service_time,
            servers,
            gateway_endpoint: figures
                .and_then(|figures| figures.gateway_endpoint.as_ref())
                .is_some_and(|figure| figure.value),
            prefix_list: list.and_then(|_| topology.prefix_lists.find(name)),
            public_ip,
            hosts: zones
                .flat_map(|zone| topology.fleet_hosts(resolver, &owner, zone, 1))
                .collect(),
        };
        services.add(name, service);
    }
    topology.services = services;
}

impl Topology {
    /// The service that `reference` at `path` names: `s3`, `service.s3`, or in full
    /// `com.amazonaws.us-east-1.s3`, where the Region must be `region`. Names may contain dots, as
    /// `ecr.api` does.
    pub fn find_service(
        &self,
        resolver: &mut Resolver<'_>,
        region: Id<Region>,
        reference: &Reference,
        path: &KeyPath,
    ) -> Option<Id<Service>> {
        let written = reference.as_str();
        let mut name = written.strip_prefix("service.").unwrap_or(written);
        if let Some(rest) = written.strip_prefix(AWS) {
            let region = self.regions.name(region);
            let (theirs, service) = rest.split_once('.').unwrap_or((rest, ""));
            if theirs != region {
                let message = format!("`{written}` is not a service of {region}");
                resolver.report(Problem::error(path.clone(), message).help(format!(
                    "write \"{AWS}{region}.{service}\" or \"{service}\""
                )));
                return None;
            }
            name = service;
        }
        let found = self.services.find(name);
        if found.is_none() {
            resolver.dangling("service", name, self.services.names(), path);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::super::EndpointTarget;
    use super::super::fixture::{right, wrong};
    use super::*;

    fn endpoint(service: &str) -> String {
        format!(
            "[vpc_endpoint.x]\nvpc = \"main\"\nservice = \"{service}\"\nvpc_endpoint_type = \"interface\"\n\
             subnets = [\"a\"]"
        )
    }

    #[test]
    fn a_service_is_named_shortly_or_in_full() {
        for (written, name) in [
            ("sqs", "sqs"),
            ("service.sqs", "sqs"),
            ("com.amazonaws.us-east-1.sqs", "sqs"),
            ("ecr.api", "ecr.api"),
            ("com.amazonaws.us-east-1.ecr.dkr", "ecr.dkr"),
        ] {
            let topology = right(&endpoint(written));
            let id = topology.vpc_endpoints.find("x").unwrap();
            let service = EndpointTarget::Service(topology.services.find(name).unwrap());
            assert_eq!(topology.vpc_endpoints[id].service, service, "{written}");
        }
        assert_eq!(
            wrong(&endpoint("secretmanager")),
            "vpc_endpoint.x.service: service `secretmanager` is not defined (did you mean \
             `secretsmanager`?)\n"
        );
        assert_eq!(
            wrong(&endpoint("com.amazonaws.us-west-2.sqs")),
            "vpc_endpoint.x.service: `com.amazonaws.us-west-2.sqs` is not a service of us-east-1 (write \
             \"com.amazonaws.us-east-1.sqs\" or \"sqs\")\n"
        );
    }

    #[test]
    fn every_service_has_a_public_address_of_its_own() {
        let topology = right("[service.own]\nservice_time = \"1 ms\"");
        let mut addresses: Vec<Ipv4Addr> = topology
            .services
            .iter()
            .map(|(_, service)| service.public_ip)
            .collect();
        let count = addresses.len();
        assert!(!addresses.contains(&Ipv4Addr::new(203, 0, 113, 1)));
        addresses.sort();
        addresses.dedup();
        assert_eq!(addresses.len(), count);
        let s3 = topology.services.find("s3").unwrap();
        assert_eq!(
            topology.services[s3].public_ip,
            Ipv4Addr::new(52, 216, 0, 1)
        );
    }
}
