//! A packet's way through its stages, and datagrams, which have no other life.

use super::packet::Cargo;
use super::{Charges, Engine, Event, Failure, Packet, PacketId, Source, World};
use crate::engine::{Draw, Lane};
use crate::sim::limit::DropReason;
use crate::sim::part::Part;
use crate::sim::program::{Datagrams, Latency, PackedStage, Program};
use crate::sim::station::Admission;
use crate::units::{Bytes, Duration};

impl World<'_> {
    pub(super) fn send_datagram(
        &mut self,
        source: u32,
        sample: u64,
        datagrams: &Datagrams,
        engine: &mut Engine,
    ) {
        let sender = &self.sources[source as usize];
        let range = datagrams.destinations[sender.number].clone();
        let count = range.end - range.start;
        let planes = datagrams.planes;
        let (destination, mut plane) = sender.destination_and_plane(sample, count, planes);
        if !planes.per_packet {
            // A pair of sender and receiver is a flow.
            plane = sender.flow_hash(u64::from(destination), 0, planes, 1)[0].plane;
        }
        let workload = sender.workload;
        let flow = if planes.per_packet {
            sample
        } else {
            u64::from(destination)
        };
        plane = self.spine(workload, plane, planes, flow);
        let route = datagrams.routes[(range.start + destination) as usize];
        let first_of_flow = !std::mem::replace(&mut self.seen[route.first as usize], true);
        let now = engine.now();
        let (id, packet) = self.packets.place();
        packet.started = now;
        packet.charges = Charges::NONE;
        (packet.stage, packet.end) = (route.first, route.end);
        packet.sent = now;
        packet.size = datagrams.size;
        packet.plane = plane;
        packet.source = source;
        packet.sample = sample;
        packet.step = 0;
        packet.first_of_flow = first_of_flow;
        packet.in_order = !planes.per_packet;
        packet.marked = false;
        packet.cargo = Cargo::Datagram;
        self.arrive(id, engine);
    }

    /// A packet is at a station, or at the end of its route. Stages without a station take no
    /// event: their latencies add up on the way to the next station.
    #[inline]
    pub(super) fn arrive(&mut self, id: PacketId, engine: &mut Engine) {
        let program = self.program;
        let now = engine.now();
        let mut at = now;
        let mut lane = None;
        let mut packet = self.packets.get(id);
        while packet.stage < packet.end {
            let stage = &program.stages[packet.stage as usize];
            let rarity = stage.rarity(program);
            if let Some(rarity) = rarity {
                if rarity.first_only && !packet.first_of_flow {
                    packet.stage += 1;
                    continue;
                }
                if let Some(table) = rarity.table {
                    if at > now || lane.is_some() {
                        break;
                    }
                    if !self.known_to(table, id, stage.part, engine) {
                        return;
                    }
                    packet = self.packets.get(id);
                }
            }
            if let Some(choice) = stage.station {
                if at > now || lane.is_some() {
                    break;
                }
                let station = choice.first + packet.plane * choice.stride;
                let size = packet.size + Bytes::new(u64::from(stage.overhead));
                let service = stage.service.map_or(Duration::ZERO, |service| {
                    let mut draw = draw(&self.sources, packet, stage_number(packet), SERVICE);
                    program.distribution(service).sample(&mut draw)
                });
                match self.stations[station as usize].admit(now, size, service, choice.side) {
                    Admission::Dropped(reason) => {
                        let part = stage.part;
                        return self.dropped(id, part, reason, engine);
                    }
                    Admission::Served { start, end } => {
                        let waits = start.since(now);
                        packet.marked |= rarity.is_some_and(|it| waits > it.marks_above);
                        packet.charges.add(stage.queue, waits);
                        packet.charges.add(stage.part, end.since(start));
                        at = end;
                        // What takes no time takes no event.
                        if end > now {
                            lane = Some(Lane(station));
                        }
                    }
                }
            }
            let after = at + latency(&self.sources, program, packet, stage);
            let after = if packet.in_order {
                // Packets of one flow do not overtake each other.
                let passed = &mut self.passed[packet.stage as usize];
                *passed = after.max(*passed);
                *passed
            } else {
                after
            };
            packet.charges.add(stage.part, after.since(at));
            at = after;
            packet.stage += 1;
        }
        match lane {
            Some(lane) => engine.schedule_in_lane(lane, at, Event::Arrive(id)),
            None if at > now => engine.schedule_at(at, Event::Arrive(id)),
            None => self.delivered(id, engine),
        }
    }

    #[inline]
    fn delivered(&mut self, id: PacketId, engine: &mut Engine) {
        let packet = self.packets.get(id);
        match packet.cargo {
            Cargo::Datagram => {
                let workload = self.sources[packet.source as usize].workload;
                let (started, charges) = (packet.started, &packet.charges);
                self.recorders[workload].completed(engine.now(), started, charges);
                self.packets.remove(id);
            }
            Cargo::Ping(direction) => self.ping_received(id, direction, engine),
            Cargo::Query(attempt, _) | Cargo::Work(attempt) => {
                self.step_arrived(id, attempt, engine);
            }
            Cargo::Tcp(connection, direction, segment) => {
                self.tcp_arrived(id, (connection, direction, segment), engine);
            }
        }
    }

    #[cold]
    pub(super) fn dropped(
        &mut self,
        id: PacketId,
        part: Part,
        reason: DropReason,
        engine: &mut Engine,
    ) {
        let Packet {
            cargo,
            started,
            source,
            ..
        } = *self.packets.get(id);
        self.packets.remove(id);
        let failure = Failure::Dropped(part, reason);
        match cargo {
            Cargo::Datagram | Cargo::Ping(_) => {
                let workload = self.sources[source as usize].workload;
                self.recorders[workload].failed(engine.now(), started, failure);
            }
            Cargo::Query(attempt, _) => self.query_lost(attempt, failure, engine),
            Cargo::Work(attempt) => self.attempt_failed(attempt, failure, engine),
            Cargo::Tcp(connection, _, segment) => {
                self.segment_lost(connection, segment, failure);
            }
        }
    }
}

/// Which draw of a stage: its latency, or its service time.
const LATENCY: u32 = 0;
const SERVICE: u32 = 1;

/// The number of the packet's stage on its route, counted from the end, which is fixed.
#[inline]
fn stage_number(packet: &Packet) -> u32 {
    packet.end - packet.stage
}

/// The draws of a message are shared by its segments, so that they do not overtake each other.
#[inline]
fn draw(sources: &[Source], packet: &Packet, stage: u32, which: u32) -> Draw {
    let part = 16 + (packet.step << 16) + (stage << 1) + which;
    sources[packet.source as usize]
        .latency
        .draw_part(packet.sample, part)
}

#[inline]
fn latency(
    sources: &[Source],
    program: &Program,
    packet: &Packet,
    stage: &PackedStage,
) -> Duration {
    match stage.latency {
        Latency::Constant(latency) => latency,
        Latency::Drawn { first, later } => {
            let id = if packet.first_of_flow { first } else { later };
            let mut draw = draw(sources, packet, stage_number(packet), LATENCY);
            program.distribution(id).sample(&mut draw)
        }
    }
}
