//! Nitro cards become stations: what an instance may send, receive and ask of its own card.

use super::stage::{About, Capacity, Compiler, Resource, Way};
use crate::path::{Hop, LinkLocal};
use crate::profile::InstanceType;
use crate::sim::credit::Credit;
use crate::sim::limit::DropReason;
use crate::sim::metrics::Meter;
use crate::sim::part::Part;
use crate::sim::program::{Latency, Stage, StationChoice};
use crate::sim::station::{Allowances, Card, PacketAllowance, Policer, Side, Station};
use crate::topology::{Id, Instance, NetworkInterface, Topology};
use crate::units::{Bytes, Duration, PS_PER_SECOND, Rate};

impl Compiler<'_> {
    /// The card of the instance that an interface belongs to, which all its interfaces share. The size
    /// of what an interface without an instance belongs to is not known, so that has no allowances.
    pub(super) fn card(
        &mut self,
        interface: Id<NetworkInterface>,
        side: Side,
        latency: Latency,
        (part, queue): (Part, Part),
        way: &Way<'_>,
    ) -> Stage {
        let station = self.instance_of(interface).map(|id| StationChoice {
            side,
            ..self.card_of(id)
        });
        Stage {
            station,
            queue,
            table: way.tables.of_card(interface),
            ..Stage::plain(latency, part)
        }
    }

    fn card_of(&mut self, id: Id<Instance>) -> StationChoice {
        let topology = self.topology;
        let kind = topology.instances[id].instance_type;
        let name = topology.instances.name(id);
        let next = self.stations.next();
        let choice = self.stations.get(Resource::Card(id), 1, || {
            let about = About {
                name: format!("the bandwidth of instance `{name}`"),
                capacity: Capacity::Baseline(kind.baseline),
            };
            let card = Card::new(&allowances(topology, kind));
            (Station::Card(Box::new(card)), about)
        });
        if choice.first == next {
            let figures = &topology.profile.limit.card;
            self.credits.push(Credit {
                station: next,
                name: format!("instance.{name}"),
                fill: figures.credit_fill.value.clone(),
                baseline: kind.baseline,
                peak: kind.burst,
                burst: (figures.burst_min.value, figures.burst_max.value),
            });
            self.tables
                .meter(&format!("instance.{name}"), Meter::Card(next));
        }
        choice
    }

    /// A link-local service, behind the allowance of the interface that asks for it.
    pub(super) fn link_local(
        &mut self,
        interface: Id<NetworkInterface>,
        service: LinkLocal,
    ) -> Stage {
        let topology = self.topology;
        let figures = &topology.profile.limit.link_local;
        let limit = figures.packets_per_second.value;
        let owner = topology.owner_name(interface);
        let next = self.stations.next();
        let station = self.stations.get(Resource::LinkLocal(interface), 1, || {
            let about = About {
                name: format!("the link-local allowance of `{owner}`"),
                capacity: Capacity::Packets(limit),
            };
            let policer = Policer::new(limit, DropReason::Linklocal);
            (Station::Policer(policer), about)
        });
        if let (true, Some(id)) = (station.first == next, self.instance_of(interface)) {
            let name = format!("instance.{}", topology.instances.name(id));
            self.tables.meter(&name, Meter::LinkLocal(next));
        }
        let time = match service {
            LinkLocal::Resolver => &figures.resolver.value,
            LinkLocal::InstanceMetadata => &figures.instance_metadata.value,
            LinkLocal::TimeSync => &figures.time_sync.value,
        };
        Stage {
            station: Some(station),
            ..Stage::plain(self.latency(time, time), Part::LinkLocal)
        }
    }
}

/// What an instance of a type may do.
fn allowances(topology: &Topology, kind: InstanceType) -> Allowances {
    let figures = &topology.profile.limit.card;
    let peak = kind.burst.max(kind.baseline);
    let bits = u128::from(figures.packet_size.value.get().max(1)) * 8;
    let per_second = u64::try_from(u128::from(peak.as_bps()) / bits).unwrap_or(u64::MAX);
    let in_time = |time: Duration| {
        let packets = u128::from(per_second) * u128::from(time.as_ps()) / u128::from(PS_PER_SECOND);
        u64::try_from(packets).unwrap_or(u64::MAX)
    };
    Allowances {
        baseline: kind.baseline,
        peak,
        bucket: Bytes::new(0),
        internet: Some(internet_rate(topology, kind)).filter(|rate| *rate < peak),
        queue: figures.queue.value,
        tolerance: figures.tolerance.value,
        packets: Some(PacketAllowance {
            per_second,
            credit: in_time(figures.packet_credit.value),
            queue: in_time(figures.packet_queue.value),
        }),
    }
}

/// What an instance of a type may send to internet gateways: 5 Gbps, or half its bandwidth if it is
/// large and that is more.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // `as` saturates
fn internet_rate(topology: &Topology, kind: InstanceType) -> Rate {
    let figures = &topology.profile.limit.card;
    let fixed = figures.internet_rate.value;
    if kind.vcpus < figures.internet_vcpus.value {
        return fixed;
    }
    let share = kind.burst.as_bps() as f64 * figures.internet_share.value;
    Rate::from_bps(share as u64).map_or(fixed, |half| half.max(fixed))
}

/// The way that a packet leaves a card whose path goes on by `rest`: what goes to hosts on the internet
/// by an internet gateway, and not to a NAT gateway first.
pub(super) fn out_side(rest: &[Hop]) -> Side {
    let next = rest.iter().find(|hop| !matches!(hop, Hop::Link(_)));
    if next == Some(&Hop::InternetGateway) && rest.contains(&Hop::Internet) {
        Side::OutInternet
    } else {
        Side::Out
    }
}
