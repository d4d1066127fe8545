//! Streams under way: bulk transfers as fluids over the stations that packets queue at.

use super::{Charges, Engine, Event, Recorder, World};
use crate::engine::StreamFamily;
use crate::scenario::Pattern;
use crate::sim::fluid::{
    Ended, Factor, FlowId, FlowSpec, Fluid, Progress, ResourceId, Volume, Window,
};
use crate::sim::part::Part;
use crate::sim::program::{Program, WorkloadKind};
use crate::sim::station::{FluidLoad, Shared, Side, Station};
use crate::sim::stream::{Streams, Way};
use crate::units::{Bytes, Duration, Time};

/// All streams of a run.
#[derive(Debug)]
pub(super) struct StreamsUnderWay {
    fluid: Fluid,
    /// By station and side: its resource, if streams can load it.
    resources: Vec<[Option<ResourceId>; 3]>,
    /// By resource: its station and side.
    stations: Vec<(u32, Side)>,
    /// Those with credit, which packets draw on as well.
    buckets: Vec<(ResourceId, u32, Side)>,
    flows: Vec<StreamFlow>,
    free: Vec<u32>,
    /// When the next wake-up comes; the end of time if there is none.
    wake: Time,
    /// By workload and source: the receiver of a permutation.
    partners: Vec<Vec<u32>>,
    /// The largest packet of any stream.
    packet: Bytes,
    /// Used again and again.
    uses: Vec<(ResourceId, Factor)>,
}

/// A flow from its opening until its last byte has arrived.
#[derive(Debug, Clone, Copy)]
struct StreamFlow {
    workload: usize,
    started: Time,
    handshake: Duration,
    forward: Duration,
    /// What it is to move, as payload and as IP packets; nothing if it goes on until the end.
    size: Option<(u64, Volume)>,
    /// What it has moved so far.
    moved: Volume,
    delivered: u64,
    /// Unknown only while it is opened.
    id: Option<FlowId>,
    /// Set when it ends.
    ended: Option<Ended>,
}

impl StreamsUnderWay {
    pub(super) fn new(program: &Program, stations: &mut [Station], streams: StreamFamily) -> Self {
        let mut new = Self {
            fluid: Fluid::new(),
            resources: Vec::new(),
            stations: Vec::new(),
            buckets: Vec::new(),
            flows: Vec::new(),
            free: Vec::new(),
            wake: Time::MAX,
            partners: vec![Vec::new(); program.workloads.len()],
            packet: Bytes::new(0),
            uses: Vec::new(),
        };
        for (workload, partners) in program.workloads.iter().zip(&mut new.partners) {
            let written = match &workload.kind {
                WorkloadKind::Stream(written) => {
                    new.packet = new.packet.max(written.packet());
                    Some(written)
                }
                WorkloadKind::Request(requests) => requests.bulk.as_ref(),
                WorkloadKind::Datagram(_)
                | WorkloadKind::Ping(_)
                | WorkloadKind::Events(_)
                | WorkloadKind::Messages(_)
                | WorkloadKind::Refused(_) => None,
            };
            if let Some(written) = written.filter(|written| written.pattern == Pattern::Permutation)
            {
                *partners = permutation(written, &workload.name, streams);
            }
        }
        if new.packet > Bytes::new(0) {
            for (station, number) in stations.iter_mut().zip(0..) {
                let resources = [Side::Out, Side::OutInternet, Side::In].map(|side| {
                    let id = match station.fluid(side)? {
                        Shared::Link(rate, room) => {
                            let id = new.fluid.add_link(rate);
                            new.fluid.limit_queue(id, room);
                            id
                        }
                        Shared::Bucket(bucket) => {
                            let id = new.fluid.add_bucket(bucket);
                            new.buckets.push((id, number, side));
                            id
                        }
                    };
                    new.stations.push((number, side));
                    Some(id)
                });
                new.resources.push(resources);
            }
        }
        new
    }

    /// Whether no workload has streams.
    pub(super) const fn is_idle(&self) -> bool {
        self.resources.is_empty()
    }

    /// Whether nothing is under way.
    pub(super) fn is_empty(&self) -> bool {
        self.fluid.flows() == 0 && self.flows.len() == self.free.len()
    }

    fn add(&mut self, flow: StreamFlow) -> u32 {
        if let Some(number) = self.free.pop() {
            self.flows[number as usize] = flow;
            return number;
        }
        self.flows.push(flow);
        u32::try_from(self.flows.len() - 1).expect("fewer than 2^32 flows at once")
    }

    /// The resources of a way, with what a flow takes of each per bit of its IP packets. A flow whose
    /// packets are spread over the spines takes an even share of each.
    fn find_uses(&mut self, program: &Program, streams: &Streams, way: &Way, plane: u32) {
        self.uses.clear();
        let packet = streams.packet().get();
        for stage in &program.stages[way.route.first as usize..way.route.end as usize] {
            let Some(choice) = stage.station else {
                continue;
            };
            let spread = streams.planes.per_packet && choice.stride > 0;
            let planes = if spread {
                0..streams.planes.count
            } else {
                plane..plane + 1
            };
            let whole = packet * u64::from(planes.end - planes.start);
            let factor = Factor::ratio(packet + u64::from(stage.overhead), whole);
            for plane in planes {
                let station = (choice.first + plane * choice.stride) as usize;
                let Some(factor) = factor else {
                    continue;
                };
                // What goes to an internet gateway takes of the whole and of the narrower way.
                let (side, whole) = match choice.side {
                    Side::OutInternet => (Side::OutInternet, Some(Side::Out)),
                    side @ (Side::Out | Side::In) => (side, None),
                };
                for side in [Some(side), whole].into_iter().flatten() {
                    let Some(resource) = self.resources[station][side as usize] else {
                        continue;
                    };
                    match self.uses.iter_mut().find(|(id, _)| *id == resource) {
                        Some((_, sum)) => *sum = sum.plus(factor),
                        None => self.uses.push((resource, factor)),
                    }
                }
            }
        }
    }

    /// What a flow has moved is delivered to its workload.
    fn deliver(&mut self, program: &Program, recorders: &mut [Recorder], progress: &Progress) {
        let flow = &mut self.flows[progress.tag as usize];
        flow.moved = flow.moved.plus(progress.moved);
        let delivered = if let Some((payload, whole)) = flow.size {
            flow.moved.share_of(whole, payload)
        } else {
            let WorkloadKind::Stream(streams) = &program.workloads[flow.workload].kind else {
                return;
            };
            let (segment, packet) = (streams.segment.get(), streams.packet().get());
            let whole = u128::from(flow.moved.whole_bytes()) * u128::from(segment);
            u64::try_from(whole / u128::from(packet)).unwrap_or(u64::MAX)
        };
        let more = delivered - flow.delivered;
        flow.delivered = delivered;
        recorders[flow.workload].delivered(progress.from, progress.to, more);
    }
}

impl World<'_> {
    /// An arrival of a source opens flows, as fluids unless their packets are requests. The first of
    /// them is counted as sent already.
    pub(super) fn open_streams(
        &mut self,
        source: u32,
        sample: u64,
        streams: &Streams,
        as_packets: bool,
        engine: &mut Engine,
    ) {
        self.streams.fluid.advance(engine.now());
        let sender = &self.sources[source as usize];
        let (workload, number) = (sender.workload, sender.number);
        let own = streams.destinations[number].clone();
        let ways: Vec<u32> = match streams.pattern {
            Pattern::Random => {
                let count = own.end - own.start;
                let (at, _) = sender.destination_and_plane(sample, count, streams.planes);
                vec![own.start + at]
            }
            Pattern::AllToAll => own.collect(),
            Pattern::Permutation => vec![self.streams.partners[workload][number]],
            Pattern::Incast => {
                let count = streams.receivers;
                let (to, _) = sender.destination_and_plane(sample, count, streams.planes);
                let all = (0..).zip(&streams.ways);
                let there = all.filter(|(_, way)| way.to == to);
                there.map(|(index, _)| index).collect()
            }
        };
        let mut first = Some(sample);
        for way in ways {
            for _ in 0..streams.flows {
                let sample = if let Some(sample) = first.take() {
                    sample
                } else {
                    if self.recorders[workload].has_sent(self.program.workloads[workload].count) {
                        break;
                    }
                    self.recorders[workload].sent(engine.now());
                    self.sources[source as usize].next_sample()
                };
                if as_packets {
                    self.send_to(source, sample, None, way as usize..way as usize + 1, engine);
                    continue;
                }
                let way = &streams.ways[way as usize];
                self.open_flow(source, sample, streams, way, engine.now());
            }
        }
        self.wake_streams(engine);
    }

    fn open_flow(&mut self, source: u32, sample: u64, streams: &Streams, way: &Way, now: Time) {
        let sender = &self.sources[source as usize];
        let plane = sender.flow_hash(sample, 0, streams.planes, 1)[0].plane;
        let plane = self.spine(sender.workload, plane, streams.planes, sample);
        let payload = streams.sizes.sample(&mut sender.latency.draw(sample));
        let size = payload.map(|payload| streams.with_headers(payload));
        let workload = sender.workload;
        let under_way = &mut self.streams;
        under_way.find_uses(self.program, streams, way, plane);
        // The SYN waits in queues as all that comes now.
        let handshake = way.handshake + under_way.fluid.wait(&under_way.uses);
        let number = under_way.add(StreamFlow {
            workload,
            started: now,
            handshake,
            forward: way.forward,
            size: payload
                .zip(size)
                .map(|(payload, size)| (payload.get(), Volume::of(size))),
            moved: Volume::ZERO,
            delivered: 0,
            id: None,
            ended: None,
        });
        let packet = streams.packet().get();
        let id = under_way.fluid.start(&FlowSpec {
            tag: number,
            uses: &under_way.uses,
            size,
            cap: way.cap,
            weight: Factor::ONE,
            // The handshake comes first.
            begins: now + handshake,
            window: Some(Window {
                initial: Bytes::new(packet * u64::from(streams.initial_window)),
                round: way.round,
                limit: streams.window.map(|window| streams.with_headers(window)),
                grows_to: streams.window.map(|window| streams.with_headers(window)),
            }),
        });
        under_way.flows[number as usize].id = Some(id);
    }

    /// Fluids go on to now.
    pub(super) fn advance_streams(&mut self, engine: &mut Engine) {
        let now = engine.now();
        let under_way = &mut self.streams;
        if under_way.wake <= now {
            under_way.wake = Time::MAX;
        }
        for &(id, station, side) in &under_way.buckets {
            if let Some(credit) = self.stations[station as usize].drawn_credit(now, side) {
                under_way.fluid.set_credit(now, id, credit);
            }
        }
        under_way.fluid.advance(now);
        self.note_streams(engine);
        self.wake_streams(engine);
    }

    /// Flows without a size end with the time in which workloads send.
    pub(super) fn stop_streams(&mut self, engine: &mut Engine) {
        let now = engine.now();
        let under_way = &mut self.streams;
        for number in 0..under_way.flows.len() {
            let flow = under_way.flows[number];
            if let (None, None, Some(id)) = (flow.size, flow.ended, flow.id) {
                under_way.fluid.stop(now, id);
            }
        }
        self.advance_streams(engine);
    }

    /// Records what fluids have moved, what has ended, and what stations carry now.
    fn note_streams(&mut self, engine: &mut Engine) {
        let now = engine.now();
        let under_way = &mut self.streams;
        let progress: Vec<Progress> = under_way.fluid.take_progress().collect();
        for one in &progress {
            under_way.deliver(self.program, &mut self.recorders, one);
        }
        let ended: Vec<Ended> = under_way.fluid.take_ended().collect();
        for end in ended {
            let flow = &mut under_way.flows[end.tag as usize];
            flow.ended = Some(end);
            let arrives = if flow.size.is_some() {
                end.at + flow.forward
            } else {
                end.at
            };
            engine.schedule_at(arrives, Event::StreamArrives(end.tag));
        }
        while let Some(id) = under_way.fluid.take_changed() {
            let load = under_way.fluid.load(id);
            let load = FluidLoad {
                rate_bps: load.rate_bps,
                full: load.full,
                flows: load.flows,
                packet: under_way.packet,
            };
            let (station, side) = under_way.stations[id.index()];
            let standing = self.program.standing_queue;
            self.stations[station as usize].set_fluid_load(now, side, &load, standing);
        }
    }

    /// The last byte of a flow is there.
    pub(super) fn stream_arrives(&mut self, number: u32, engine: &Engine) {
        let now = engine.now();
        let under_way = &mut self.streams;
        let flow = under_way.flows[number as usize];
        under_way.free.push(number);
        let end = flow.ended.expect("a flow arrives after it has ended");
        if let Some((payload, _)) = flow.size {
            assert!(flow.delivered == payload, "a stream has lost bytes");
        }
        let handshake = flow.handshake.min(end.waited);
        let mut charges = Charges::NONE;
        charges.add(Part::TcpHandshake, handshake);
        charges.add(Part::TcpWindow, end.waited - handshake);
        charges.add(Part::Transfer, end.sent);
        charges.add(Part::Propagation, now.since(end.at));
        self.recorders[flow.workload].completed(now, flow.started, &charges);
    }

    /// Sees to it that fluids are looked at when something happens next.
    fn wake_streams(&mut self, engine: &mut Engine) {
        if let Some(next) = self.streams.fluid.next()
            && next < self.streams.wake
        {
            self.streams.wake = next;
            engine.schedule_at(next, Event::Streams);
        }
    }
}

/// By source: the way to a receiver that is its own, drawn anew in every replication. Where there are
/// more sources than receivers, they go round.
fn permutation(streams: &Streams, name: &str, family: StreamFamily) -> Vec<u32> {
    let stream = family.stream(name, "permutation");
    let mut receivers: Vec<u32> = (0..streams.receivers).collect();
    // Fisher and Yates.
    for last in (1..receivers.len()).rev() {
        let count = u32::try_from(last + 1).expect("fewer than 2^32 receivers");
        let other = stream.draw(u64::from(count)).below(count) as usize;
        receivers.swap(last, other);
    }
    let way = |source: usize, to: u32| {
        let mut own = streams.destinations[source].clone();
        own.find(|&way| streams.ways[way as usize].to == to)
    };
    let count = receivers.len();
    for source in 0..streams.destinations.len() {
        // Whoever would send to itself exchanges receivers with the next one.
        if way(source, receivers[source % count]).is_none() {
            receivers.swap(source % count, (source + 1) % count);
        }
    }
    let sources = streams.destinations.iter().enumerate();
    sources
        .map(|(source, own)| way(source, receivers[source % count]).unwrap_or(own.start))
        .collect()
}
