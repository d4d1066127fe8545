//! Echoes: a packet there, and one back.

use super::packet::Cargo;
use super::{Charges, Engine, Packet, PacketId, World};
use crate::sim::program::{Direction, Pings, Program, WorkloadKind};

impl World<'_> {
    pub(super) fn send_ping(
        &mut self,
        source: u32,
        sample: u64,
        pings: &Pings,
        engine: &mut Engine,
    ) {
        let (hash, node) = self.ping_hash(source, pings, Direction::Forward);
        let route = pings.forward[node];
        let packet = self.packets.add(&Packet {
            started: engine.now(),
            charges: Charges::NONE,
            stage: route.first,
            end: route.end,
            sent: engine.now(),
            size: pings.size,
            plane: self.ping_plane(source, sample, Direction::Forward, pings, hash),
            source,
            sample,
            step: 0,
            first_of_flow: true,
            in_order: true,
            marked: false,
            cargo: Cargo::Ping(Direction::Forward),
        });
        self.arrive(packet, engine);
    }

    /// The plane and the variant of the path that all packets of the flow take in a direction.
    fn ping_hash(&self, source: u32, pings: &Pings, direction: Direction) -> (u32, usize) {
        let nodes = u32::try_from(pings.forward.len()).expect("few nodes");
        let hashes = self.sources[source as usize].flow_hash(0, 0, pings.planes, nodes);
        let hash = hashes[direction as usize];
        let chooses = if pings.paired { hashes[0] } else { hash };
        (hash.plane, chooses.node as usize)
    }

    fn ping_plane(
        &self,
        source: u32,
        sample: u64,
        direction: Direction,
        pings: &Pings,
        hashed: u32,
    ) -> u32 {
        let sender = &self.sources[source as usize];
        let plane = if pings.planes.per_packet {
            let mut spray = sender.spray(sample, direction as u32);
            spray.below(pings.planes.count)
        } else {
            hashed
        };
        self.spine(sender.workload, plane, pings.planes, u64::from(source))
    }

    /// An echo is at the end of its way: there, it turns round.
    pub(super) fn ping_received(
        &mut self,
        id: PacketId,
        direction: Direction,
        engine: &mut Engine,
    ) {
        let Packet {
            source,
            sample,
            started,
            charges,
            ..
        } = *self.packets.get(id);
        let workload = self.sources[source as usize].workload;
        if direction == Direction::Back {
            self.recorders[workload].completed(engine.now(), started, &charges);
            return self.packets.remove(id);
        }
        let pings = pings(self.program, workload);
        let (hash, node) = self.ping_hash(source, pings, Direction::Back);
        let route = pings.back[node];
        let plane = self.ping_plane(source, sample, Direction::Back, pings, hash);
        let packet = self.packets.get(id);
        (packet.stage, packet.end) = (route.first, route.end);
        packet.plane = plane;
        packet.step = 1;
        packet.cargo = Cargo::Ping(Direction::Back);
        self.packets.made += 1;
        self.arrive(id, engine);
    }
}

fn pings(program: &Program, workload: usize) -> &Pings {
    match &program.workloads[workload].kind {
        WorkloadKind::Ping(pings) => pings,
        WorkloadKind::Datagram(_)
        | WorkloadKind::Request(_)
        | WorkloadKind::Stream(_)
        | WorkloadKind::Events(_)
        | WorkloadKind::Messages(_)
        | WorkloadKind::Refused(_) => unreachable!("only pings send echoes"),
    }
}
