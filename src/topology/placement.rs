//! On which host an instance runs: as written, by a rule relative to another instance, or by its
//! name.
//!
//! A place depends on the instance's own name and rule only, so that adding an instance moves no
//! other.

use super::{Fabric, HostId, Id, Resolver, Topology};
use crate::scenario::{self, KeyPath, Problem, Reference};

/// The hosts of all instances, by name; `None` where the placement is wrong and reported.
pub(super) fn place(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    zone_of: &dyn Fn(&scenario::Instance) -> Option<Id<Fabric>>,
) -> Vec<Option<HostId>> {
    let count = resolver.scenario.instance.len();
    let mut placer = Placer {
        resolver,
        topology,
        zone_of,
        hosts: vec![State::Unknown; count],
    };
    (0..count).map(|index| placer.host(index)).collect()
}

#[derive(Debug, Clone, Copy)]
enum State {
    Unknown,
    UnderWay,
    Known(Option<HostId>),
}

struct Placer<'a, 'r, 's> {
    resolver: &'r mut Resolver<'s>,
    topology: &'a Topology,
    zone_of: &'a dyn Fn(&scenario::Instance) -> Option<Id<Fabric>>,
    hosts: Vec<State>,
}

impl Placer<'_, '_, '_> {
    fn host(&mut self, index: usize) -> Option<HostId> {
        match self.hosts[index] {
            State::Known(host) => host,
            State::UnderWay => {
                let scenario = self.resolver.scenario;
                let (name, _) = scenario.instance.get_index(index)?;
                let path = KeyPath::of(["instance", name, "placement"]);
                self.resolver.report(
                    Problem::error(path, "the placement rules go round in a circle")
                        .help("give one of the instances a rack and a host"),
                );
                None
            }
            State::Unknown => {
                self.hosts[index] = State::UnderWay;
                let host = self.choose(index);
                self.hosts[index] = State::Known(host);
                host
            }
        }
    }

    fn choose(&mut self, index: usize) -> Option<HostId> {
        let scenario = self.resolver.scenario;
        let (name, instance) = scenario.instance.get_index(index)?;
        let zone = (self.zone_of)(instance)?;
        let fabric = &self.topology.substrate.fabrics[zone];
        let rule = instance.placement.clone().unwrap_or_default();
        let path = KeyPath::of(["instance", name, "placement"]);
        let owner = format!("instance.{name}");
        match (
            &rule.same_host_as,
            &rule.same_rack_as,
            &rule.spread_from,
            rule.rack,
            rule.host,
        ) {
            (Some(other), None, None, None, None) => {
                self.relative(other, &path.key("same_host_as"), zone, index)
            }
            (None, Some(other), None, None, None) => {
                let host = self.relative(other, &path.key("same_rack_as"), zone, index)?;
                if fabric.hosts_per_rack < 2 {
                    let message = "a rack of this zone has one host only";
                    self.resolver.error(path.key("same_rack_as"), message);
                    return None;
                }
                let first = fabric.rack_of(host) * fabric.hosts_per_rack;
                let step = 1 + self
                    .resolver
                    .choose(&owner, "host", fabric.hosts_per_rack - 1);
                let offset = (host.0 - fabric.host(first).0 + step) % fabric.hosts_per_rack;
                Some(fabric.host(first + offset))
            }
            (None, None, Some(other), None, None) => {
                let host = self.relative(other, &path.key("spread_from"), zone, index)?;
                if fabric.racks < 2 {
                    self.resolver
                        .error(path.key("spread_from"), "this zone has one rack only");
                    return None;
                }
                let step = 1 + self.resolver.choose(&owner, "rack", fabric.racks - 1);
                let rack = (fabric.rack_of(host) + step) % fabric.racks;
                let at = self.resolver.choose(&owner, "host", fabric.hosts_per_rack);
                Some(fabric.host(rack * fabric.hosts_per_rack + at))
            }
            (None, None, None, rack, host) => {
                let rack =
                    self.numbered(&path.key("rack"), rack, fabric.racks, "racks in the zone")?;
                let host = self.numbered(
                    &path.key("host"),
                    host,
                    fabric.hosts_per_rack,
                    "hosts in a rack",
                )?;
                let rack =
                    rack.unwrap_or_else(|| self.resolver.choose(&owner, "rack", fabric.racks));
                let host = host
                    .unwrap_or_else(|| self.resolver.choose(&owner, "host", fabric.hosts_per_rack));
                Some(fabric.host(rack * fabric.hosts_per_rack + host))
            }
            _ => {
                self.resolver.report(
                    Problem::error(path, "the placement has more than one rule").help(
                        "give rack and host, or one of same_host_as, same_rack_as and spread_from",
                    ),
                );
                None
            }
        }
    }

    /// The host of another instance in the same zone.
    fn relative(
        &mut self,
        other: &Reference,
        path: &KeyPath,
        zone: Id<Fabric>,
        own: usize,
    ) -> Option<HostId> {
        let scenario = self.resolver.scenario;
        let (kind, name) = other.parts();
        let index = scenario
            .instance
            .get_index_of(name)
            .filter(|_| kind.is_none_or(|k| k == "instance"));
        let Some(index) = index else {
            let known = scenario.instance.keys().map(String::as_str);
            self.resolver.dangling("instance", name, known, path);
            return None;
        };
        let host = self.host(index).filter(|_| index != own)?;
        if self.topology.substrate.fabric_of(host) != zone {
            let message = format!("instance `{name}` is in another Availability Zone");
            self.resolver.error(path.clone(), message);
            return None;
        }
        Some(host)
    }

    /// A number from 1 as an index; `Some(None)` if it is not given.
    #[allow(clippy::option_option)] // wrong, not given, given
    fn numbered(
        &mut self,
        path: &KeyPath,
        number: Option<u32>,
        count: u32,
        what: &str,
    ) -> Option<Option<u32>> {
        match number {
            None => Some(None),
            Some(n) if (1..=count).contains(&n) => Some(Some(n - 1)),
            Some(n) => {
                let message = format!("there is no number {n}: there are {count} {what}, from 1");
                self.resolver.error(path.clone(), message);
                None
            }
        }
    }
}
