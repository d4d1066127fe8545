//! On which host an instance runs: as written, by a rule relative to another instance, or by its
//! name.
//!
//! A place depends on the instance's own name and rule only, so that adding an instance moves no
//! other.

use super::{Fabric, HostId, Id, Resolver, Topology, placement_group};
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
    /// The host of an instance. Those that it is placed relative to come first; without recursion,
    /// since every instance may be placed relative to the one before.
    fn host(&mut self, index: usize) -> Option<HostId> {
        let mut waiting = vec![index];
        while let Some(&at) = waiting.last() {
            if let State::Known(_) = self.hosts[at] {
                waiting.pop();
                continue;
            }
            match self.relative_to(at).map(|other| (other, self.hosts[other])) {
                Some((other, State::Unknown)) if other != at => {
                    self.hosts[at] = State::UnderWay;
                    waiting.push(other);
                }
                Some((other, State::Unknown | State::UnderWay)) => {
                    self.report_circle(other);
                    self.hosts[at] = State::Known(None);
                }
                Some((_, State::Known(_))) | None => {
                    self.hosts[at] = State::Known(self.choose(at));
                }
            }
        }
        match self.hosts[index] {
            State::Known(host) => host,
            State::Unknown | State::UnderWay => None,
        }
    }

    /// The instance that the place of another is relative to.
    fn relative_to(&self, index: usize) -> Option<usize> {
        let scenario = self.resolver.scenario;
        let (_, instance) = scenario.instance.get_index(index)?;
        let rule = instance.placement.as_ref()?;
        let rules = [&rule.same_host_as, &rule.same_rack_as, &rule.spread_from];
        let (kind, name) = rules.into_iter().flatten().next()?.parts();
        let found = scenario.instance.get_index_of(name);
        found.filter(|_| kind.is_none_or(|kind| kind == "instance"))
    }

    fn report_circle(&mut self, index: usize) {
        let scenario = self.resolver.scenario;
        if let Some((name, _)) = scenario.instance.get_index(index) {
            let path = KeyPath::of(["instance", name, "placement"]);
            self.resolver.report(
                Problem::error(path, "the placement rules go round in a circle")
                    .help("give one of the instances a rack and a host"),
            );
        }
    }

    fn choose(&mut self, index: usize) -> Option<HostId> {
        let scenario = self.resolver.scenario;
        let (name, instance) = scenario.instance.get_index(index)?;
        let zone = (self.zone_of)(instance)?;
        let fabric = &self.topology.substrate.fabrics[zone];
        if instance.placement_group.is_some() {
            let zone_of = self.zone_of;
            return placement_group::place(self.resolver, self.topology, index, zone, zone_of);
        }
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
                self.relative(other, &path.key("same_host_as"), zone)
            }
            (None, Some(other), None, None, None) => {
                let host = self.relative(other, &path.key("same_rack_as"), zone)?;
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
                let host = self.relative(other, &path.key("spread_from"), zone)?;
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
    fn relative(&mut self, other: &Reference, path: &KeyPath, zone: Id<Fabric>) -> Option<HostId> {
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
        let State::Known(Some(host)) = self.hosts[index] else {
            // What is wrong there is reported there.
            return None;
        };
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

#[cfg(test)]
mod tests {
    use super::super::fixture::{right, wrong};

    fn instance(name: &str, placement: &str) -> String {
        format!(
            "[instance.{name}]\ninstance_type = \"m5.large\"\nsubnet = \"a\"\nplacement = {{ {placement} }}\n"
        )
    }

    #[test]
    fn places_are_relative_in_any_order_and_number() {
        let mut text = instance("i0", "rack = 1, host = 1");
        for number in 1..3000 {
            let before = format!("same_host_as = \"i{}\"", number - 1);
            // The last comes first, so that all others must be known before.
            text.insert_str(0, &instance(&format!("i{number}"), &before));
        }
        // A /24 has no room for so many.
        let text = text.replace("subnet = \"a\"", "subnet = \"large\"");
        let topology = right(&format!(
            "{text}[subnet.large]\nvpc = \"main\"\navailability_zone = \"us-east-1a\"\ncidr_block = \"10.0.16.0/20\""
        ));
        let host = |name| topology.instances[topology.instances.find(name).unwrap()].host;
        assert_eq!(host("i2999"), host("i0"));
    }

    #[test]
    fn a_circle_is_reported_once() {
        let text = instance("x", "same_host_as = \"y\"")
            + &instance("y", "same_rack_as = \"z\"")
            + &instance("z", "spread_from = \"x\"");
        let told = "placement: the placement rules go round in a circle (give one of the instances a \
                    rack and a host)\n";
        assert_eq!(wrong(&text), format!("instance.x.{told}"));
        assert_eq!(
            wrong(&instance("x", "same_host_as = \"x\"")),
            format!("instance.x.{told}")
        );
    }
}
