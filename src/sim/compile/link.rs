//! Links become stations.

use super::stage::{About, Capacity, Compiler, Resource};
use crate::path::Link;
use crate::sim::part::Part;
use crate::sim::program::{Latency, Stage};
use crate::sim::station::{self, Station};
use crate::topology::{Fabric, HostId, Id};
use crate::units::{Bytes, Duration};

impl Compiler<'_> {
    /// The station of one direction of a link.
    pub(super) fn link(&mut self, link: Link, encapsulation: Bytes) -> Stage {
        let substrate = &self.topology.substrate;
        let fabrics = &substrate.fabrics;
        let host = |host: HostId| {
            let id = substrate.fabric_of(host);
            (
                &fabrics[id],
                format!("the link of a host in `{}`", fabrics.name(id)),
            )
        };
        let spine = |id: Id<Fabric>| format!("a leaf–spine link in `{}`", fabrics.name(id));
        let (rate, latency, buffer, planes, name, part, queue) = match link {
            Link::HostUp(id) | Link::HostDown(id) => {
                let (fabric, name) = host(id);
                let (rate, latency) = (fabric.host_link_rate, fabric.link_latency);
                (
                    rate,
                    latency,
                    fabric.buffer,
                    1,
                    name,
                    Part::HostLink,
                    Part::HostLinkQueue,
                )
            }
            Link::LeafUp(id, _) | Link::LeafDown(id, _) => {
                let fabric = &fabrics[id];
                let (rate, latency) = (fabric.fabric_link_rate, fabric.link_latency);
                let (part, queue) = (Part::FabricLink, Part::FabricLinkQueue);
                (
                    rate,
                    latency,
                    fabric.buffer,
                    fabric.spines,
                    spine(id),
                    part,
                    queue,
                )
            }
            Link::Zone(a, b) => {
                let link = substrate.zone_link(a, b);
                let name = format!(
                    "the link from `{}` to `{}`",
                    fabrics.name(a),
                    fabrics.name(b)
                );
                (
                    link.rate,
                    link.latency,
                    link.buffer,
                    1,
                    name,
                    Part::ZoneLink,
                    Part::ZoneLinkQueue,
                )
            }
        };
        let threshold = match link {
            Link::HostUp(id) | Link::HostDown(id) => host(id).0.ecn_threshold,
            Link::LeafUp(id, _) | Link::LeafDown(id, _) => fabrics[id].ecn_threshold,
            Link::Zone(..) => None,
        };
        let station = self.stations.get(Resource::Link(link), planes, || {
            let capacity = Capacity::Rate {
                rate,
                limited: buffer.is_some(),
            };
            (
                Station::Link(station::Link::new(rate, buffer)),
                About { name, capacity },
            )
        });
        Stage {
            station: Some(station),
            latency: Latency::Constant(latency),
            part,
            queue,
            overhead: u16::try_from(encapsulation.get()).unwrap_or(u16::MAX),
            marks_above: threshold.map_or(Duration::MAX, |queue| rate.time_for(queue)),
            ..Stage::plain(Latency::Constant(latency), part)
        }
    }
}
