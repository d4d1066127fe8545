//! The substrate: the fabrics of the Availability Zones, their hosts, and the links between zones.

use std::collections::BTreeMap;

use super::{Arena, Id, Region, Resolver, region};
use crate::profile::Profile;
use crate::scenario::{self, Ecmp, KeyPath, Problem};
use crate::units::{Bytes, Duration, Rate};

/// A physical host, numbered through all fabrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct HostId(pub u32);

/// A leaf–spine fabric.
#[derive(Debug, Clone)]
pub struct Fabric {
    /// Racks, each with a leaf switch.
    pub racks: u32,
    /// Hosts in each rack.
    pub hosts_per_rack: u32,
    /// Spine switches.
    pub spines: u32,
    /// Between a host and its leaf, in each direction.
    pub host_link_rate: Rate,
    /// Between a leaf and a spine, in each direction.
    pub fabric_link_rate: Rate,
    /// Propagation over a link and switching at its end.
    pub link_latency: Duration,
    /// Room in front of a link; `None` is unlimited.
    pub buffer: Option<Bytes>,
    /// Queue of a link from which on it marks packets; `None`: it marks none.
    pub ecn_threshold: Option<Bytes>,
    /// How a spine is chosen.
    pub ecmp: Ecmp,
    first_host: u32,
}

impl Fabric {
    /// How many hosts there are.
    #[must_use]
    pub const fn host_count(&self) -> u32 {
        self.racks * self.hosts_per_rack
    }

    /// The host at `index` of this fabric, rack by rack.
    #[must_use]
    pub const fn host(&self, index: u32) -> HostId {
        HostId(self.first_host + index % self.host_count())
    }

    /// All hosts, rack by rack.
    pub fn hosts(&self) -> impl Iterator<Item = HostId> + use<> {
        (self.first_host..self.first_host + self.host_count()).map(HostId)
    }

    /// The rack of one of its hosts.
    #[must_use]
    pub const fn rack_of(&self, host: HostId) -> u32 {
        (host.0 - self.first_host) / self.hosts_per_rack
    }
}

/// The link between two zones, in each direction.
#[derive(Debug, Clone, Copy)]
pub struct ZoneLink {
    /// One way, border to border.
    pub latency: Duration,
    /// Rate of each direction.
    pub rate: Rate,
    /// Room in front of it; `None` is unlimited.
    pub buffer: Option<Bytes>,
}

/// All fabrics and the links between the zones.
#[derive(Debug)]
pub struct Substrate {
    /// The fabrics: first the zones of the Regions, then those of their own.
    pub fabrics: Arena<Fabric>,
    /// The Region of each zone.
    regions: Vec<Id<Region>>,
    /// Between zones of one Region.
    default_link: ZoneLink,
    /// One way between two Regions, the one that comes first in front.
    region_latency: BTreeMap<[Id<Region>; 2], Duration>,
    links: BTreeMap<[Id<Fabric>; 2], ZoneLink>,
}

/// Most racks, hosts of a rack, or spines of a fabric.
const MAX_SIDE: u32 = 1024;

impl Substrate {
    pub(super) fn resolve(resolver: &mut Resolver<'_>, profile: &Profile) -> (Self, Arena<Region>) {
        let figures = &profile.fabric;
        let mut substrate = Self {
            fabrics: Arena::default(),
            regions: Vec::new(),
            default_link: ZoneLink {
                latency: figures.zone_link_latency.value,
                rate: figures.zone_link_rate.value,
                buffer: Some(figures.zone_link_buffer.value),
            },
            region_latency: BTreeMap::new(),
            links: BTreeMap::new(),
        };
        let scenario = resolver.scenario;
        let mut regions: Arena<Region> = Arena::default();
        for (name, zones) in region::written(resolver) {
            let id = regions.next_id();
            for (other, _) in regions.iter() {
                let latency = region::latency(profile, regions.name(other), name);
                substrate.region_latency.insert([other, id], latency);
            }
            let zones = zones.into_iter().map(|(zone, _)| {
                let written = scenario.fabric.get(zone).cloned().unwrap_or_default();
                substrate.regions.push(id);
                substrate.add(resolver, zone, &written, profile)
            });
            let zones = zones.collect();
            regions.add(name, Region { zones });
        }
        for (name, written) in &scenario.fabric {
            if substrate.fabrics.find(name).is_none() {
                substrate.add(resolver, name, written, profile);
            }
        }
        for (name, written) in &scenario.zone_link {
            substrate.add_link(resolver, name, written);
        }
        (substrate, regions)
    }

    fn add(
        &mut self,
        resolver: &mut Resolver<'_>,
        name: &str,
        written: &scenario::Fabric,
        profile: &Profile,
    ) -> Id<Fabric> {
        let figures = &profile.fabric;
        let mut side = |key: &str, written: Option<u32>, default: u32| {
            let value = written.unwrap_or(default);
            resolver.check_range(KeyPath::of(["fabric", name, key]), value, 1..=MAX_SIDE);
            value.clamp(1, MAX_SIDE)
        };
        let fabric = Fabric {
            racks: side("racks", written.racks, figures.racks.value),
            hosts_per_rack: side(
                "hosts_per_rack",
                written.hosts_per_rack,
                figures.hosts_per_rack.value,
            ),
            spines: side("spines", written.spines, figures.spines.value),
            host_link_rate: written
                .host_link_rate
                .unwrap_or(figures.host_link_rate.value),
            fabric_link_rate: written
                .fabric_link_rate
                .unwrap_or(figures.fabric_link_rate.value),
            link_latency: written.link_latency.unwrap_or(figures.link_latency.value),
            buffer: written
                .buffer
                .map_or(Some(figures.buffer.value), scenario::Buffer::limit),
            ecn_threshold: written.ecn_threshold,
            ecmp: written.ecmp,
            first_host: self
                .fabrics
                .iter()
                .map(|(_, fabric)| fabric.host_count())
                .sum(),
        };
        self.fabrics.add(name, fabric)
    }

    fn add_link(&mut self, resolver: &mut Resolver<'_>, name: &str, written: &scenario::ZoneLink) {
        let path = KeyPath::of(["zone_link", name, "availability_zones"]);
        let ends = [0, 1].map(|end| {
            self.find_zone(resolver, &written.availability_zones[end], &path.index(end))
        });
        let [Some(a), Some(b)] = ends else { return };
        if a == b {
            resolver.error(path, "a link joins two different zones");
            return;
        }
        if self.links.contains_key(&ordered(a, b)) {
            resolver.error(path, "these two zones have a link already");
            return;
        }
        let default = self.zone_link(a, b);
        let link = ZoneLink {
            latency: written.latency.unwrap_or(default.latency),
            rate: written.rate.unwrap_or(default.rate),
            buffer: written
                .buffer
                .map_or(default.buffer, scenario::Buffer::limit),
        };
        self.links.insert(ordered(a, b), link);
    }

    /// The Availability Zone that `reference` at `path` names.
    pub(super) fn find_zone(
        &self,
        resolver: &mut Resolver<'_>,
        reference: &scenario::Reference,
        path: &KeyPath,
    ) -> Option<Id<Fabric>> {
        let zones = self.fabrics.names().take(self.regions.len());
        let found = self
            .fabrics
            .find(reference.as_str())
            .filter(|id| id.index() < self.regions.len());
        // The zones of a Region that could not be read are not known.
        let broken = &resolver.scenario.broken;
        let unknown = broken
            .iter()
            .any(|table| table.starts_with("region") || table.starts_with("other_region"));
        if found.is_none() && !unknown {
            if self.regions.is_empty() {
                resolver.report(
                    Problem::error(path.clone(), "the scenario has no Availability Zones")
                        .help("add a table [region] with its `availability_zones`"),
                );
            } else {
                resolver.dangling("availability_zone", reference.as_str(), zones, path);
            }
        }
        found
    }

    /// The zones of all Regions.
    pub fn zones(&self) -> impl Iterator<Item = Id<Fabric>> + '_ {
        self.fabrics
            .iter()
            .take(self.regions.len())
            .map(|(id, _)| id)
    }

    /// The Region of a zone.
    ///
    /// # Panics
    /// If the fabric is not a zone's.
    #[must_use]
    pub fn region_of_zone(&self, zone: Id<Fabric>) -> Id<Region> {
        self.regions[zone.index()]
    }

    /// The fabric of a host.
    #[must_use]
    pub fn fabric_of(&self, host: HostId) -> Id<Fabric> {
        let holds = |fabric: &Fabric| {
            (fabric.first_host..fabric.first_host + fabric.host_count()).contains(&host.0)
        };
        let found = self.fabrics.iter().find(|(_, fabric)| holds(fabric));
        found.expect("host ids are given out by fabrics").0
    }

    /// The link between two zones.
    #[must_use]
    pub fn zone_link(&self, a: Id<Fabric>, b: Id<Fabric>) -> ZoneLink {
        self.links.get(&ordered(a, b)).copied().unwrap_or_else(|| {
            let region = |zone: Id<Fabric>| self.regions.get(zone.index()).copied();
            let latency = region(a)
                .zip(region(b))
                .and_then(|(a, b)| self.region_latency.get(&ordered(a, b)));
            ZoneLink {
                latency: latency.copied().unwrap_or(self.default_link.latency),
                ..self.default_link
            }
        })
    }
}

/// Both, the smaller first.
fn ordered<T: Ord>(a: T, b: T) -> [T; 2] {
    if a < b { [a, b] } else { [b, a] }
}
