//! Streams: bulk transfers as fluids, from each of a set of senders to receivers.

use super::bulk;
use super::datagram::{MAX_PAIRS, ends, index};
use super::request;
use super::stage::Compiler;
use super::transport;
use super::workload::{arrivals, hops, host_of, paths, planes, refused};
use crate::path::{Endpoint, Flow, Path};
use crate::profile::{FlowSizeFigures, ShareAtSize};
use crate::scenario::{self, Granularity, KeyPath, Pattern, Problem, Protocol, Sizes};
use crate::sim::part::Part;
use crate::sim::program::{Arrivals, Latency, Route, Stage, Workload, WorkloadKind};
use crate::sim::station::{Side, Station};
use crate::sim::stream::{FlowSizes, Streams, Way};
use crate::topology::{Resolver, Topology};
use crate::units::{Bytes, Duration, PS_PER_SECOND, Rate};

/// IPv4 and TCP headers with the timestamp option (RFC 791, RFC 9293, RFC 7323); also all that an
/// acknowledgement is.
const HEADERS: Bytes = Bytes::new(52);
/// Most flows that are opened at once to a receiver.
const MAX_FLOWS: u32 = 10_000;
/// The largest transfer, a petabyte.
const MAX_SIZE: Bytes = Bytes::new(1_000_000_000_000_000);

/// What the time of a fluid is spent on.
const PARTS: [Part; 4] = [
    Part::TcpHandshake,
    Part::TcpWindow,
    Part::Transfer,
    Part::Propagation,
];

pub(super) fn compile(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    compiler: &mut Compiler<'_>,
    name: &str,
    written: &scenario::Stream,
) -> Option<Workload> {
    let path = KeyPath::of(["stream", name]);
    let from = ends(resolver, topology, &written.from.0, &path.key("from"));
    let to = ends(resolver, topology, &written.to.0, &path.key("to"));
    let flows = written.flows.unwrap_or(1);
    resolver.check_range(path.key("flows"), flows, 1..=MAX_FLOWS);
    let sizes = sizes(resolver, topology, written, &path)?;
    let sending = sending(resolver, topology, written, &sizes, &from, &path)?;
    if from.is_empty() || to.is_empty() {
        return None;
    }
    if from.len() * to.len() > MAX_PAIRS {
        let (senders, receivers) = (from.len(), to.len());
        let message = format!("{senders} senders and {receivers} receivers are too many pairs");
        resolver.error(path.key("from"), message);
        return None;
    }
    let packets = written.granularity == Granularity::Packet;
    if packets && !bulk::check(resolver, written, &sizes, from.len() * to.len(), &path) {
        return None;
    }
    let mut targets = Vec::new();
    let sources = sources(sending.0, written.pattern(), from.len());
    let tcp = resolver.scenario.tcp;
    let initial_window = topology.profile.stream.initial_window.value;
    let initial_window = tcp.initial_window.unwrap_or(initial_window);
    let mut streams = Streams {
        flows: flows.clamp(1, MAX_FLOWS),
        sizes,
        pattern: written.pattern(),
        planes: planes(topology, from[0]),
        ways: Vec::new(),
        destinations: Vec::new(),
        receivers: index(to.len()),
        segment: Bytes::new(0),
        headers: HEADERS,
        initial_window: initial_window.max(1),
        window: written
            .window
            .or(tcp.receive_window)
            .or(Some(transport::RECEIVE_WINDOW)),
        every_second: tcp.delayed_ack != Some(Duration::ZERO),
    };
    let flow = Flow {
        protocol: Protocol::Tcp,
        port: written.receiver_port(),
    };
    for &source in &from {
        let start = streams.ways.len();
        for (number, &destination) in (0..).zip(&to) {
            if destination == source {
                continue;
            }
            let pair = (source, destination);
            let found = match paths(resolver, topology, pair, flow, written.expect, &path) {
                Ok(found) => found,
                Err(refusal) => {
                    let (count, expect) = (written.count, written.expect);
                    return Some(refused(name, sources, count, expect, refusal));
                }
            };
            streams.segment = Bytes::new(found[0].mtu.get() - HEADERS.get());
            let limits = [
                compiler.flow_cap(&found[0]).map(|cap| cap.rate),
                written.rate.and_then(|rate| on_the_wire(&streams, rate)),
            ];
            let cap = limits.into_iter().flatten().min();
            let way = compiler.way(&streams, &found[0], number, cap);
            streams.ways.push(way);
            if packets {
                targets.push(request::target(compiler, topology, &found, HEADERS));
            }
        }
        if streams.ways.len() == start {
            resolver.error(path.key("to"), "a sender has no receiver but itself");
            return None;
        }
        streams
            .destinations
            .push(index(start)..index(streams.ways.len()));
    }
    offer(compiler, &path, &streams, sending.1);
    let (kind, parts) = if packets {
        let requests = bulk::requests(resolver, streams, targets)?;
        let parts = request::parts(compiler, &requests);
        (WorkloadKind::Request(Box::new(requests)), parts)
    } else {
        (
            WorkloadKind::Stream(streams),
            PARTS.map(|part| part as usize).to_vec(),
        )
    };
    Some(Workload {
        name: name.to_owned(),
        parts,
        kind,
        arrivals: sources,
        count: written.count,
        payload: Bytes::new(0),
        expect: written.expect,
    })
}

/// A rate of payload as one of IP packets.
fn on_the_wire(streams: &Streams, rate: Rate) -> Option<Rate> {
    let (packet, segment) = (streams.packet().get(), streams.segment.get());
    let bps = u128::from(rate.as_bps()) * u128::from(packet) / u128::from(segment.max(1));
    Rate::from_bps(u64::try_from(bps).unwrap_or(u64::MAX))
}

/// What flows move.
fn sizes(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    written: &scenario::Stream,
    path: &KeyPath,
) -> Option<FlowSizes> {
    match (written.size, written.sizes) {
        (Some(size), None) if size > Bytes::new(0) && size <= MAX_SIZE => {
            Some(FlowSizes::Fixed(size))
        }
        (Some(_), None) => {
            resolver.error(path.key("size"), "a flow moves between 1 B and 1000 TB");
            None
        }
        (None, Some(sizes)) => {
            let points = published(&topology.profile.stream.flow_sizes, sizes).iter();
            let points = points.map(|point| (point.size.get(), point.share.as_fraction()));
            Some(FlowSizes::Drawn(points.collect()))
        }
        (None, None) => Some(FlowSizes::Endless),
        (Some(_), Some(_)) => {
            let message = "a flow has either a `size` or one of the `sizes`";
            resolver.error(path.key("sizes"), message);
            None
        }
    }
}

fn published(figures: &FlowSizeFigures, sizes: Sizes) -> &[ShareAtSize] {
    match sizes {
        Sizes::WebSearch => &figures.web_search.value,
        Sizes::Hadoop => &figures.hadoop.value,
        Sizes::Storage => &figures.storage.value,
        Sizes::Rpc => &figures.rpc.value,
    }
}

/// When a source opens flows, and how often in a second.
fn sending(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    written: &scenario::Stream,
    sizes: &FlowSizes,
    from: &[Endpoint],
    path: &KeyPath,
) -> Option<(Arrivals, f64)> {
    match (&written.arrivals, written.load) {
        (Some(written), None) => arrivals(resolver, written, &path.key("arrivals")),
        (None, None) => Some((Arrivals::Once, 0.0)),
        (None, Some(load)) if load.as_fraction() > 0.0 => {
            let Some(mean) = sizes.mean_bytes() else {
                // Sizes that could not be read have been reported.
                resolver.lacking(
                    Problem::error(path.key("load"), "a load needs flows that have a size")
                        .help("give them a `size`, or `sizes` such as \"web_search\""),
                );
                return None;
            };
            let host = host_of(topology, *from.first()?)?;
            let fabric = &topology.substrate.fabrics[topology.substrate.fabric_of(host)];
            let bits = mean.max(1.0) * 8.0 * f64::from(written.flows.unwrap_or(1).max(1));
            let rate = load.as_fraction() * fabric.host_link_rate.as_bps() as f64 / bits;
            let mean_interval_ps = PS_PER_SECOND as f64 / rate;
            Some((Arrivals::Poisson { mean_interval_ps }, rate))
        }
        (None, Some(_)) => {
            resolver.error(path.key("load"), "a load must be more than zero");
            None
        }
        (Some(_), Some(_)) => {
            let message = "a stream workload has `arrivals`, or a `load`, or neither";
            resolver.error(path.key("load"), message);
            None
        }
    }
}

/// The arrivals of each source.
fn sources(arrivals: Arrivals, pattern: Pattern, count: usize) -> Vec<Arrivals> {
    let others = match pattern {
        Pattern::Random | Pattern::AllToAll | Pattern::Permutation => arrivals.clone(),
        // The first one says when all of them send.
        Pattern::Incast => Arrivals::Never,
    };
    let mut sources = vec![others; count];
    if let Some(first) = sources.first_mut() {
        *first = arrivals;
    }
    sources
}

/// Counts what flows of a size offer in the long run.
fn offer(compiler: &mut Compiler<'_>, path: &KeyPath, streams: &Streams, per_second: f64) {
    let Some(mean) = streams.sizes.mean_bytes() else {
        return;
    };
    let packets = (mean / streams.segment.get().max(1) as f64).max(1.0);
    let packets = per_second * packets * f64::from(streams.flows);
    for range in &streams.destinations {
        let ways = &streams.ways[range.start as usize..range.end as usize];
        let share = match streams.pattern {
            Pattern::AllToAll => 1.0,
            Pattern::Random | Pattern::Permutation => 1.0 / ways.len() as f64,
            Pattern::Incast => 1.0 / f64::from(streams.receivers),
        };
        for way in ways {
            let (rate, size) = (packets * share, streams.packet());
            compiler.offer(path, way.route, rate, size, streams.planes.count);
        }
    }
}

impl Compiler<'_> {
    /// What flows meet on a path.
    fn way(&mut self, streams: &Streams, path: &Path, to: u32, cap: Option<Rate>) -> Way {
        let route = self.route(&hops(&path.forward), true);
        let back = self.route(&hops(&path.back), true);
        let packet = streams.packet();
        // The slowest station is where the fluid sends.
        let slowest = self.transmissions(route, packet).max();
        let slowest = slowest.unwrap_or(Duration::ZERO);
        let forward = self.idle(route, false) + self.sum(route, packet) - slowest;
        let acknowledgement = self.idle(back, false) + self.sum(back, HEADERS);
        let opening = self.idle(route, true) + self.sum(route, HEADERS);
        let answer = self.idle(back, true) + self.sum(back, HEADERS);
        let sending = cap.map_or(slowest, |cap| cap.time_for(packet).max(slowest));
        // A receiver that may wait acknowledges every second segment (RFC 5681, 4.2).
        let sending = if streams.every_second {
            sending + sending
        } else {
            sending
        };
        Way {
            to,
            route,
            cap,
            forward,
            handshake: opening + answer,
            round: forward + acknowledgement + sending,
        }
    }

    fn stages(&self, route: Route) -> &[Stage] {
        &self.stages[route.first as usize..route.end as usize]
    }

    /// The mean latency of a route for the first packet of a flow or a later one, apart from
    /// transmission and waiting.
    fn idle(&self, route: Route, is_first: bool) -> Duration {
        let mean = |id: crate::sim::program::DistributionId| {
            Duration::from_secs_f64(self.distributions[id.0 as usize].mean_secs())
        };
        let stages = self.stages(route).iter();
        let stages = stages.filter(|stage| is_first || !stage.first_only);
        let latencies = stages.map(|stage| {
            let latency = match stage.latency {
                Latency::Constant(latency) => latency,
                Latency::Drawn { first, .. } if is_first => mean(first),
                Latency::Drawn { later, .. } => mean(later),
            };
            latency + stage.service.map_or(Duration::ZERO, mean)
        });
        latencies.fold(Duration::ZERO, |sum, latency| sum + latency)
    }

    /// How long each station of a route takes to send an IP packet.
    fn transmissions(&self, route: Route, packet: Bytes) -> impl Iterator<Item = Duration> + '_ {
        self.stages(route).iter().filter_map(move |stage| {
            let choice = stage.station?;
            let station = self.stations.station(choice.first as usize);
            let size = packet + Bytes::new(u64::from(stage.overhead));
            Some(station_rate(station, choice.side)?.time_for(size))
        })
    }

    fn sum(&self, route: Route, packet: Bytes) -> Duration {
        self.transmissions(route, packet)
            .fold(Duration::ZERO, |sum, time| sum + time)
    }
}

/// The rate of a station that has one, for who passes a side; a card's while it has credit.
fn station_rate(station: &Station, side: Side) -> Option<Rate> {
    match station {
        Station::Link(link) => Some(link.rate()),
        Station::Card(card) => card.peak(side),
        Station::Servers(_) | Station::Shaper(_) | Station::Policer(_) | Station::Elastic(_) => {
            None
        }
    }
}
