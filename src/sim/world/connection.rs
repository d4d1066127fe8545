//! TCP connections: what there is to one, and the packets that it sends and gets.
//!
//! How connections are opened, kept and closed is in `pool.rs`, what data does on them in
//! `segments.rs`.

use super::client::requests;
use super::packet::{Cargo, Tcp as Segment, draws};
use super::source::FlowHash;
use super::{Charges, Engine, Event, Failure, Packet, PacketId, World};
use crate::engine::Draw;
use crate::sim::limit::DropReason;
use crate::sim::part::Part;
use crate::sim::program::{Direction, Requests, Tcp, Transport};
use crate::sim::slab::Key;
use crate::sim::tcp::{self, Ack};
use crate::units::{Bytes, Duration, Time};

/// One connection.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) source: u32,
    pub(super) target: usize,
    /// Where it is kept, and the environment that it belongs to, if it is a function's.
    pub(super) pool: usize,
    pub(super) environment: Option<Key>,
    pub(super) sample: u64,
    pub(super) number: u32,
    pub(super) hashes: [FlowHash; 2],
    /// Where its slots in connection tables are.
    pub(super) slots: u32,
    pub(super) state: State,
    /// By direction of the data.
    pub(super) halves: [Half; 2],
    /// Whether the latest message is one with whatever ends the client's connection.
    pub(super) near: bool,
    /// When the first SYN was sent, and how many were sent again.
    pub(super) began: Time,
    pub(super) syns: u32,
    /// When TCP looks whether it is alive; of all events that say so, this is the valid one.
    pub(super) next_probe: Time,
    /// By direction: when the single-flow limit lets the next packet go.
    pub(super) paced: [Time; 2],
    /// Why a packet was lost, if there has been no progress since.
    pub(super) lost: Option<Failure>,
}

/// What a connection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// The handshake, on behalf of an attempt.
    Opening(Key),
    /// It belongs to an attempt.
    Busy(Key),
    Idle(Time),
    Closing,
}

/// Data in one direction.
#[derive(Debug)]
pub(super) struct Half {
    pub(super) sender: tcp::Sender,
    pub(super) receiver: tcp::Receiver,
    /// The segments of the latest message, and the payload of the last of them.
    pub(super) first: u64,
    pub(super) end: u64,
    pub(super) last: Bytes,
    /// Whether an event looks at the retransmission timer, and at the delayed acknowledgement.
    pub(super) retransmission_armed: bool,
    pub(super) acknowledgement_due: Option<Time>,
    pub(super) acknowledgement_armed: bool,
    /// An acknowledgement that rides on a segment of the other direction.
    pub(super) riding: Option<Ack>,
    /// The spines of the message's segments, one after the other.
    pub(super) spray: Option<Draw>,
}

impl Half {
    pub(super) fn new(config: &tcp::Config) -> Self {
        Self {
            sender: tcp::Sender::new(config),
            receiver: tcp::Receiver::new(config),
            first: 0,
            end: 0,
            last: Bytes::new(0),
            retransmission_armed: false,
            acknowledgement_due: None,
            acknowledgement_armed: false,
            riding: None,
            spray: None,
        }
    }
}

/// The place of packets of a connection that belong to no message, among the draws.
pub(super) const CLOSE: u32 = 126;
pub(super) const PROBE: u32 = 127;
pub(super) const ACKNOWLEDGEMENT: u32 = 128;

impl World<'_> {
    /// Sends a packet of a connection with `payload`, in the direction of its cargo.
    pub(super) fn send_on(
        &mut self,
        key: Key,
        mut packet: Packet,
        payload: Bytes,
        engine: &mut Engine,
    ) {
        let now = engine.now();
        let Some(connection) = self.clients.connections.get(key) else {
            return;
        };
        let Cargo::Tcp(_, direction, segment) = packet.cargo else {
            unreachable!("a connection sends its own packets");
        };
        let workload = self.sources[connection.source as usize].workload;
        let requests = requests(self.program, workload);
        let target = &requests.targets[connection.target];
        let hash = connection.hashes[direction as usize];
        let route = target.ways(direction, connection.near)[hash.node as usize];
        (packet.stage, packet.end) = (route.first, route.end);
        packet.size = payload + requests.headers;
        let half = &mut connection.halves[direction as usize];
        packet.plane = match &mut half.spray {
            Some(spray) => spray.below(requests.planes.count),
            None => hash.plane,
        };
        let number = u64::from(key.index);
        let mut wait = Duration::ZERO;
        if let Some(cap) = target.flow_cap {
            let paced = &mut connection.paced[direction as usize];
            wait = now.max(*paced).since(now);
            if wait > cap.room {
                let failure = Failure::Dropped(Part::NitroEgress, DropReason::BwOut);
                self.packets.made += 1;
                return self.segment_lost(key, segment, failure);
            }
            *paced = now + wait + cap.rate.time_for(packet.size);
            packet.charges.add(Part::NitroEgressQueue, wait);
        }
        packet.sent = now + wait;
        packet.plane = self.spine(workload, packet.plane, requests.planes, number);
        let packet = self.packets.add(&packet);
        if wait == Duration::ZERO {
            self.arrive(packet, engine);
        } else {
            engine.schedule_in(wait, Event::Arrive(packet));
        }
    }

    /// A packet of a connection is at its end.
    pub(super) fn tcp_arrived(
        &mut self,
        id: PacketId,
        (key, direction, segment): (Key, Direction, Segment),
        engine: &mut Engine,
    ) {
        let packet = *self.packets.get(id);
        self.packets.remove(id);
        let Some(connection) = self.clients.connections.get(key) else {
            return;
        };
        match (segment, direction) {
            (Segment::Open, Direction::Forward) => {
                // Whatever comes of it, the server answers.
                let cargo = cargo(key, Direction::Back, Segment::Open);
                let answer = Packet {
                    step: packet.step + 1,
                    cargo,
                    ..packet
                };
                self.send_on(key, answer, Bytes::new(0), engine);
            }
            (Segment::Open, Direction::Back) => self.opened(key, &packet.charges, engine),
            (
                Segment::Segment {
                    sequence,
                    acknowledges,
                },
                _,
            ) => {
                if acknowledges {
                    let half = &mut connection.halves[direction.opposite() as usize];
                    if let Some(ack) = half.riding.take() {
                        self.acknowledged(key, direction.opposite(), ack, engine);
                    }
                }
                self.segment_arrived(key, direction, sequence, &packet, engine);
            }
            (Segment::Ack(ack), _) => self.acknowledged(key, direction.opposite(), ack, engine),
            (Segment::Probe, Direction::Forward) => {
                let answer = stray(
                    connection,
                    cargo(key, Direction::Back, Segment::Probe),
                    PROBE,
                    engine.now(),
                );
                self.send_on(key, answer, Bytes::new(0), engine);
            }
            (Segment::Close, Direction::Forward) => {
                let answer = stray(
                    connection,
                    cargo(key, Direction::Back, Segment::Close),
                    CLOSE,
                    engine.now(),
                );
                self.send_on(key, answer, Bytes::new(0), engine);
            }
            (Segment::Reset, _) | (Segment::Close, Direction::Back) => {
                self.remove_connection(key);
            }
            (Segment::Probe, Direction::Back) => {}
        }
    }

    pub(super) fn remove_connection(&mut self, key: Key) -> Option<Connection> {
        let connection = self.clients.connections.remove(key)?;
        self.slots.give_back(connection.slots);
        Some(connection)
    }

    /// A packet of a connection was lost.
    pub(super) fn segment_lost(&mut self, key: Key, segment: Segment, failure: Failure) {
        let Some(connection) = self.clients.connections.get(key) else {
            return;
        };
        if matches!(segment, Segment::Close | Segment::Reset) {
            self.remove_connection(key);
        } else {
            connection.lost = Some(failure);
        }
    }
}

pub(super) const fn cargo(key: Key, direction: Direction, segment: Segment) -> Cargo {
    Cargo::Tcp(key, direction, segment)
}

/// A packet of a connection whose journey nobody asks about.
pub(super) fn stray(connection: &Connection, cargo: Cargo, step: u32, now: Time) -> Packet {
    Packet {
        started: now,
        charges: Charges::NONE,
        stage: 0,
        end: 0,
        sent: now,
        size: Bytes::new(0),
        plane: 0,
        source: connection.source,
        sample: connection.sample,
        step: draws(connection.number, step),
        first_of_flow: false,
        in_order: false,
        marked: false,
        cargo,
    }
}

/// How a workload's connections are.
pub(super) fn tcp_of(requests: &Requests) -> &Tcp {
    match &requests.transport {
        Transport::Tcp(tcp) => tcp,
        Transport::Udp | Transport::Direct => unreachable!("only TCP has connections"),
    }
}
