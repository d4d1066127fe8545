//! AWS services: those of the profile, and the scenario's own.

use super::{HostId, Resolver, Topology};
use crate::engine::Distribution;
use crate::scenario::{KeyPath, Problem};

/// An AWS service, with front ends in every zone.
#[derive(Debug, Clone)]
pub struct Service {
    /// Time inside the service to answer a request.
    pub service_time: Distribution,
    /// Requests a zone's front end serves at once; `None` is unlimited.
    pub servers: Option<u32>,
    /// Whether there can be a gateway endpoint for it.
    pub gateway_endpoint: bool,
    /// The host of the front end in each zone, in the order of the zones.
    pub hosts: Vec<HostId>,
}

pub(super) fn resolve(resolver: &mut Resolver<'_>, topology: &mut Topology) {
    let scenario = resolver.scenario;
    let mut services = super::Arena::default();
    let own = scenario.service.keys();
    let of_profile = topology
        .profile
        .service
        .keys()
        .filter(|name| !scenario.service.contains_key(*name));
    for name in own.chain(of_profile) {
        let written = scenario.service.get(name);
        let figures = topology.profile.service.get(name);
        let service_time = written
            .and_then(|service| service.service_time.clone())
            .or_else(|| figures.map(|figures| figures.service_time.value.clone()));
        let Some(service_time) = service_time else {
            resolver.report(
                Problem::error(
                    KeyPath::of(["service", name]),
                    format!("the profile does not know the service `{name}`, so it needs a `service_time`"),
                )
                .help("add service_time = { lognormal = { p50 = \"5 ms\", p99 = \"25 ms\" } }"),
            );
            continue;
        };
        let owner = format!("service.{name}");
        let zones = topology.substrate.zones();
        let hosts = zones
            .flat_map(|zone| topology.fleet_hosts(resolver, &owner, zone, 1))
            .collect();
        let gateway_endpoint = figures
            .and_then(|f| f.gateway_endpoint.as_ref())
            .is_some_and(|figure| figure.value);
        let servers = written.and_then(|service| service.servers);
        if let Some(servers) = servers {
            let path = KeyPath::of(["service", name, "servers"]);
            resolver.check_range(path, servers, 1..=super::MAX_SERVERS);
        }
        services.add(
            name,
            Service {
                service_time,
                servers,
                gateway_endpoint,
                hosts,
            },
        );
    }
    topology.services = services;
}
