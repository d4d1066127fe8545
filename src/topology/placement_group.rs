//! Placement groups, and what connection tracking is set to.

use super::{Fabric, HostId, Id, Resolver, Topology};
use crate::scenario::{ConnectionTracking, KeyPath, PlacementStrategy, Problem};
use crate::units::Duration;

/// A placement group.
#[derive(Debug, Clone, Copy)]
pub struct PlacementGroup {
    /// How it places its instances.
    pub strategy: PlacementStrategy,
}

/// Partitions of a group in a zone, and instances of a spread group in a zone. (Amazon EC2 user guide,
/// "Placement groups", 2023.)
const MOST_IN_ZONE: u32 = 7;

pub(super) fn resolve(resolver: &mut Resolver<'_>, topology: &mut Topology) {
    for (name, written) in &resolver.scenario.placement_group {
        let strategy = written.strategy;
        topology
            .placement_groups
            .add(name, PlacementGroup { strategy });
    }
}

/// The host in `zone` of the instance at `index`, which is in a placement group. Earlier instances of
/// the group decide together with its own name, so that adding one at the end moves no other.
pub(super) fn place(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    index: usize,
    zone: Id<Fabric>,
    zone_of: &dyn Fn(&crate::scenario::Instance) -> Option<Id<Fabric>>,
) -> Option<HostId> {
    let scenario = resolver.scenario;
    let (name, instance) = scenario.instance.get_index(index)?;
    let reference = instance.placement_group.as_ref()?;
    let path = KeyPath::of(["instance", name, "placement_group"]);
    let group = resolver.find(
        &topology.placement_groups,
        "placement_group",
        reference,
        &path,
    )?;
    if instance.placement.is_some() {
        resolver.report(
            Problem::error(
                path,
                "the instance has both `placement` and `placement_group`",
            )
            .help("the group decides where it runs; leave one of them out"),
        );
        return None;
    }
    let group_name = topology.placement_groups.name(group);
    let earlier = scenario.instance.iter().take(index).filter(|(_, other)| {
        let theirs = other.placement_group.as_ref();
        theirs.is_some_and(|theirs| theirs.parts().1 == group_name)
    });
    let zones: Vec<_> = earlier.map(|(_, other)| zone_of(other)).collect();
    let here = zones.iter().filter(|other| **other == Some(zone)).count();
    let number = u32::try_from(here).expect("few instances");
    let fabric = &topology.substrate.fabrics[zone];
    let owner = format!("placement_group.{group_name}");
    let zone_name = topology.substrate.fabrics.name(zone);
    let base = resolver.choose(&owner, &format!("rack in {zone_name}"), fabric.racks);
    let rack = match topology.placement_groups[group].strategy {
        PlacementStrategy::Cluster if here < zones.len() => {
            let message = "a cluster placement group is in one Availability Zone";
            resolver.error(path, message);
            return None;
        }
        PlacementStrategy::Cluster => base,
        PlacementStrategy::Spread if number >= MOST_IN_ZONE.min(fabric.racks) => {
            let most = MOST_IN_ZONE.min(fabric.racks);
            let message =
                format!("a spread placement group has at most {most} instances in this zone");
            resolver.error(path, message);
            return None;
        }
        PlacementStrategy::Spread => base + number,
        PlacementStrategy::Partition => base + number % MOST_IN_ZONE.min(fabric.racks),
    };
    let owner = format!("instance.{name}");
    let at = resolver.choose(&owner, "host", fabric.hosts_per_rack);
    Some(fabric.host(rack % fabric.racks * fabric.hosts_per_rack + at))
}

/// Checks the ranges of what is written. (Amazon EC2 API reference,
/// `ConnectionTrackingSpecificationRequest`, 2023.)
pub(super) fn check_tracking(
    resolver: &mut Resolver<'_>,
    written: Option<ConnectionTracking>,
    path: &KeyPath,
) -> ConnectionTracking {
    let written = written.unwrap_or_default();
    let ranges = [
        (
            "tcp_established_timeout",
            written.tcp_established_timeout,
            60,
            432_000,
        ),
        ("udp_stream_timeout", written.udp_stream_timeout, 60, 180),
        ("udp_timeout", written.udp_timeout, 30, 60),
    ];
    for (key, value, least, most) in ranges {
        check_timeout(
            resolver,
            value,
            (least, most),
            path.key("connection_tracking").key(key),
        );
    }
    written
}

/// Checks that a timeout, if there is one, is between so many seconds.
pub(super) fn check_timeout(
    resolver: &mut Resolver<'_>,
    value: Option<Duration>,
    (least, most): (u64, u64),
    path: KeyPath,
) {
    let range = Duration::from_secs(least)..=Duration::from_secs(most);
    if value.is_some_and(|value| !range.contains(&value)) {
        resolver.error(
            path,
            format!("this timeout is between {least} s and {most} s"),
        );
    }
}
