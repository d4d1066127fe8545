//! Regions, and how far they are from each other.

use std::collections::{BTreeMap, BTreeSet};

use super::{Arena, Fabric, Id, Resolver, Topology};
use crate::profile::Profile;
use crate::scenario::{KeyPath, Problem, Reference};
use crate::units::Duration;

/// A Region, with its zones.
#[derive(Debug, Clone)]
pub struct Region {
    /// Its Availability Zones.
    pub zones: Vec<Id<Fabric>>,
}

/// The names of the Regions, that of `[region]` first, with the names of their zones and where those
/// are written.
pub(super) fn written<'a>(resolver: &mut Resolver<'a>) -> Vec<(&'a str, Vec<(&'a str, KeyPath)>)> {
    let scenario = resolver.scenario;
    let home = scenario.region.as_ref();
    let mut regions: Vec<(&str, KeyPath, &[String])> = vec![(
        home.map_or("", |region| &region.name),
        KeyPath::of(["region"]),
        home.map_or(&[][..], |region| &region.availability_zones),
    )];
    for (name, region) in &scenario.other_region {
        let path = KeyPath::of(["other_region", name]);
        if regions.iter().any(|(other, _, _)| other == name) {
            resolver.report(
                Problem::error(path, format!("`{name}` is the Region of [region] already"))
                    .help("zones of the Region itself belong into its `availability_zones`"),
            );
        } else {
            regions.push((name, path, &region.availability_zones));
        }
    }
    let mut taken: BTreeMap<&str, &str> = BTreeMap::new();
    let mut all = Vec::new();
    for (region, path, names) in regions {
        let mut zones = Vec::new();
        for (index, name) in names.iter().enumerate() {
            let path = path.key("availability_zones").index(index);
            match taken.insert(name, region) {
                None => zones.push((name.as_str(), path)),
                Some(other) if other == region => {
                    resolver.error(path, format!("the zone `{name}` is listed twice"));
                }
                Some(other) => {
                    resolver.error(
                        path,
                        format!("the zone `{name}` belongs to Region `{other}`"),
                    );
                }
            }
        }
        all.push((region, zones));
    }
    all
}

/// One way between two Regions: half of their round trip.
pub(super) fn latency(profile: &Profile, a: &str, b: &str) -> Duration {
    let figures = &profile.region;
    let round_trip = figures
        .round_trip(a, b)
        .unwrap_or(figures.unknown_round_trip.value);
    Duration::from_ps(round_trip.as_ps() / 2)
}

/// The zones that have failed.
pub(super) fn failed(resolver: &mut Resolver<'_>, topology: &mut Topology) {
    let written = resolver.scenario.region.iter();
    for (index, zone) in written
        .flat_map(|region| &region.failed_availability_zones)
        .enumerate()
    {
        let path = KeyPath::of(["region", "failed_availability_zones"]).index(index);
        let found = topology.substrate.find_zone(resolver, zone, &path);
        topology.failed_zones.extend(found);
    }
}

/// Warns of Regions whose distance is not known, where it matters.
pub(super) fn warn(resolver: &mut Resolver<'_>, topology: &Topology) {
    let regions = &topology.regions;
    let figures = &topology.profile.region;
    let links = resolver.scenario.zone_link.values();
    let given: BTreeSet<[&str; 2]> = links
        .filter(|link| link.latency.is_some())
        .flat_map(|link| {
            let [a, b] = [0, 1].map(|end| link.availability_zones[end].as_str());
            [[a, b], [b, a]]
        })
        .collect();
    let zone = |id| topology.substrate.fabrics.name(id);
    for (a, region) in regions.iter() {
        for (b, other) in regions.iter().filter(|(b, _)| *b > a) {
            let (first, second) = (regions.name(a), regions.name(b));
            let mut pairs = region
                .zones
                .iter()
                .flat_map(|&a| other.zones.iter().map(move |&b| [a, b]));
            let matters = pairs.any(|[a, b]| !given.contains(&[zone(a), zone(b)]));
            if !matters || figures.round_trip(first, second).is_some() {
                continue;
            }
            let message = format!(
                "the round trip between `{first}` and `{second}` is not known; it is taken to be {}",
                figures.unknown_round_trip.value
            );
            resolver.report(
                Problem::warning(KeyPath::of(["other_region", second]), message).help(
                    "give the `latency` of a [zone_link], or the figure \
                     `region.unknown_round_trip` of [profile]",
                ),
            );
        }
    }
}

/// The Region that `reference` at `path` names; the Region of `[region]` if there is none.
pub(super) fn find(
    resolver: &mut Resolver<'_>,
    regions: &Arena<Region>,
    reference: Option<&Reference>,
    path: &KeyPath,
) -> Option<Id<Region>> {
    let Some(reference) = reference else {
        return Some(Id::new(0));
    };
    resolver.find(regions, "other_region", reference, path)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{resolve_whole, right, shown, wrong};
    use super::*;

    const TWO: &str = r#"
        [other_region.eu-west-2]
        availability_zones = ["eu-west-2a"]
        [vpc.other]
        cidr_block = "10.9.0.0/16"
        region = "eu-west-2"
        [subnet.other]
        vpc = "other"
        availability_zone = "eu-west-2a"
        cidr_block = "10.9.0.0/24"
    "#;

    #[test]
    fn zones_of_all_regions_come_first_and_have_edges_and_front_ends() {
        let topology = right(&format!("[fabric.bare]\nracks = 2\n{TWO}"));
        let names: Vec<&str> = topology.substrate.fabrics.names().collect();
        assert_eq!(
            names,
            [
                "us-east-1a",
                "us-east-1b",
                "us-east-1c",
                "eu-west-2a",
                "bare"
            ]
        );
        assert_eq!(topology.substrate.zones().count(), 4);
        let zone = topology.substrate.fabrics.find("eu-west-2a").unwrap();
        let region = topology.region_of_zone(zone);
        assert_eq!(topology.regions.name(region), "eu-west-2");
        assert_eq!(topology.regions[region].zones, [zone]);
        let s3 = topology.services.find("s3").unwrap();
        for host in [
            topology.edges[zone.index()],
            topology.services[s3].hosts[zone.index()],
        ] {
            assert_eq!(topology.substrate.fabric_of(host), zone);
        }
    }

    #[test]
    fn between_regions_a_link_takes_half_of_the_published_round_trip() {
        let topology = right(TWO);
        let zone = |name| topology.substrate.fabrics.find(name).unwrap();
        let link = |a, b| topology.substrate.zone_link(zone(a), zone(b)).latency;
        // 76.702 ms there and back.
        assert_eq!(link("us-east-1a", "eu-west-2a"), Duration::from_us(38_351));
        assert_eq!(link("eu-west-2a", "us-east-1b"), Duration::from_us(38_351));
        assert_eq!(link("us-east-1a", "us-east-1b"), Duration::from_us(475));
        let linked = right(&format!(
            "{TWO}[zone_link.x]\navailability_zones = [\"eu-west-2a\", \"us-east-1a\"]\nrate = \"10 Gbps\""
        ));
        let link = linked
            .substrate
            .zone_link(zone("us-east-1a"), zone("eu-west-2a"));
        assert_eq!(link.latency, Duration::from_us(38_351));
        assert_eq!(link.rate.to_string(), "10 Gbps");
    }

    #[test]
    fn a_region_at_an_unknown_distance_is_warned_of() {
        let text = "[other_region.mars-1]\navailability_zones = [\"mars-1a\"]\n";
        assert_eq!(
            wrong(text),
            "warning: other_region.mars-1: the round trip between `us-east-1` and `mars-1` is not \
             known; it is taken to be 149.0 ms (give the `latency` of a [zone_link], or the figure \
             `region.unknown_round_trip` of [profile])\n"
        );
        let links: String = ["a", "b", "c"]
            .map(|zone| {
                format!(
                    "[zone_link.{zone}]\navailability_zones = [\"us-east-1{zone}\", \"mars-1a\"]\n\
                     latency = \"3 min\"\n"
                )
            })
            .concat();
        right(&format!("{text}{links}"));
    }

    #[test]
    fn a_subnet_is_in_a_zone_of_its_vpcs_region() {
        assert_eq!(
            wrong(&TWO.replace(
                "availability_zone = \"eu-west-2a\"",
                "availability_zone = \"us-east-1a\""
            )),
            "subnet.other.availability_zone: `us-east-1a` is a zone of us-east-1, but vpc `other` is in \
             eu-west-2 (zones of eu-west-2: `eu-west-2a`)\n"
        );
    }

    #[test]
    fn a_zone_belongs_to_one_region() {
        assert_eq!(
            wrong(&TWO.replace("[\"eu-west-2a\"]", "[\"eu-west-2a\", \"us-east-1a\"]")),
            "other_region.eu-west-2.availability_zones[1]: the zone `us-east-1a` belongs to Region \
             `us-east-1`\n"
        );
        assert_eq!(
            wrong("[other_region.us-east-1]\navailability_zones = [\"x\"]"),
            "other_region.us-east-1: `us-east-1` is the Region of [region] already (zones of the Region \
             itself belong into its `availability_zones`)\n"
        );
        assert_eq!(
            wrong(&TWO.replace("region = \"eu-west-2\"", "region = \"eu-wst-2\"")),
            "vpc.other.region: Region `eu-wst-2` is not defined (did you mean `eu-west-2`?)\n"
        );
    }

    #[test]
    fn a_zone_that_has_failed_is_one_of_any_region() {
        let base = "[region]\nname = \"us-east-1\"\navailability_zones = [\"us-east-1a\"]\n\
                    failed_availability_zones = [\"eu-west-2a\"]\n";
        let (topology, problems) = resolve_whole(&format!(
            "{base}{TWO}[network_interface.x]\nsubnet = \"other\""
        ));
        assert!(problems.is_empty(), "{}", shown(&problems));
        let interface = topology
            .network_interfaces
            .find("network_interface.x")
            .unwrap();
        assert!(topology.has_failed(interface));
        let (_, problems) = resolve_whole(base);
        assert_eq!(
            shown(&problems),
            "region.failed_availability_zones[0]: availability zone `eu-west-2a` is not defined (did \
             you mean `us-east-1a`?)\n"
        );
    }

    #[test]
    fn a_vpc_needs_a_region() {
        let text = "[vpc.main]\ncidr_block = \"10.0.0.0/16\"\n\
                    [subnet.a]\nvpc = \"main\"\navailability_zone = \"x\"\ncidr_block = \"10.0.0.0/24\"\n";
        let (_, problems) = resolve_whole(text);
        assert_eq!(
            shown(&problems),
            "vpc.main: the scenario has no Region for this VPC (add a table [region] with its \
             `availability_zones`, or give a `region`)\n"
        );
        let empty = "[region]\nname = \"us-east-1\"\navailability_zones = []\n";
        let (_, problems) = resolve_whole(&format!("{empty}{text}"));
        assert_eq!(
            shown(&problems),
            "subnet.a.availability_zone: the scenario has no Availability Zones (add a table [region] \
             with its `availability_zones`)\n"
        );
    }
}
