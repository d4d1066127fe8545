//! Packets in flight, in an arena: a packet is an index and its stage.

use super::client::Attempt;
use crate::sim::part::Charges;
use crate::sim::program::Direction;
use crate::sim::slab::Key;
use crate::sim::tcp;
use crate::units::{Bytes, Time};

/// A packet in flight, by index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim) struct PacketId(u32);

/// One packet on its way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Packet {
    /// When its journey began: the datagram was sent, or the first packet of its exchange.
    pub(super) started: Time,
    /// What the time since then was spent on. Invariant: sums to that time at every arrival.
    pub(super) charges: Charges,
    /// The next stage, and the end of the route.
    pub(super) stage: u32,
    pub(super) end: u32,
    /// When it was itself sent.
    pub(super) sent: Time,
    /// Size as an IP packet.
    pub(super) size: Bytes,
    /// The spine it takes.
    pub(super) plane: u32,
    /// The source, whose streams it draws from.
    pub(super) source: u32,
    /// Which sample of the source it belongs to, and which message of it.
    pub(super) sample: u64,
    pub(super) step: u32,
    /// Whether cards and nodes see its flow for the first time.
    pub(super) first_of_flow: bool,
    /// Whether it must not overtake the packet before it on this route.
    pub(super) in_order: bool,
    /// Whether it has met a long queue (explicit congestion notification).
    pub(super) marked: bool,
    /// What it is for.
    pub(super) cargo: Cargo,
}

impl Packet {
    /// What stands in a place until it is set.
    const NOTHING: Self = Self {
        started: Time::ZERO,
        charges: Charges::NONE,
        stage: 0,
        end: 0,
        sent: Time::ZERO,
        size: Bytes::new(0),
        plane: 0,
        source: 0,
        sample: 0,
        step: 0,
        first_of_flow: false,
        in_order: false,
        marked: false,
        cargo: Cargo::Datagram,
    };
}

/// What a packet is for, and so what happens when it has arrived.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cargo {
    Datagram,
    /// An echo, on its way there or back.
    Ping(Direction),
    /// A message of an attempt over UDP.
    Query(Key, Direction),
    /// An attempt that is computed with; not a packet on the network.
    Work(Key),
    /// A packet of a connection.
    Tcp(Key, Direction, Tcp),
}

/// A packet of a connection.
#[derive(Debug, Clone, Copy)]
pub(super) enum Tcp {
    /// SYN, or the SYN-ACK that answers it.
    Open,
    /// Data; `acknowledges` says that it carries the acknowledgement of the other direction.
    Segment {
        sequence: u64,
        acknowledges: bool,
    },
    Ack(tcp::Ack),
    /// A probe of an idle connection, or its answer.
    Probe,
    /// FIN, or the FIN that answers it.
    Close,
    Reset,
}

/// All packets in flight.
#[derive(Debug, Default)]
pub(super) struct Packets {
    arena: Vec<Packet>,
    free: Vec<PacketId>,
    /// Packets made so far.
    pub(super) made: u64,
}

impl Packets {
    /// A place for a new packet, whose fields are all to be set: that is cheaper than to make it and to
    /// copy it, as most of it is zeros.
    #[inline]
    pub(super) fn place(&mut self) -> (PacketId, &mut Packet) {
        self.made += 1;
        let id = self.free.pop().unwrap_or_else(|| {
            self.arena.push(Packet::NOTHING);
            PacketId(u32::try_from(self.arena.len() - 1).expect("fewer than 2^32 in flight"))
        });
        (id, &mut self.arena[id.0 as usize])
    }

    /// Adds a copy of `packet`.
    #[inline]
    pub(super) fn add(&mut self, packet: &Packet) -> PacketId {
        self.made += 1;
        if let Some(id) = self.free.pop() {
            self.arena[id.0 as usize] = *packet;
            return id;
        }
        let id = PacketId(u32::try_from(self.arena.len()).expect("fewer than 2^32 in flight"));
        self.arena.push(*packet);
        id
    }

    /// Adds what is computed with, which is no packet on the network.
    pub(super) fn add_work(&mut self, work: &Packet) -> PacketId {
        let id = self.add(work);
        self.made -= 1;
        id
    }

    #[inline]
    pub(super) fn remove(&mut self, id: PacketId) {
        self.free.push(id);
    }

    #[inline]
    pub(super) fn get(&mut self, id: PacketId) -> &mut Packet {
        &mut self.arena[id.0 as usize]
    }

    pub(super) fn in_flight(&self) -> usize {
        self.arena.len() - self.free.len()
    }
}

/// A packet at the beginning of an attempt's current step.
pub(super) fn packet(attempt: &Attempt, cargo: Cargo) -> Packet {
    let step = u32::try_from(attempt.step).expect("few steps");
    Packet {
        started: attempt.started,
        charges: attempt.charges,
        stage: 0,
        end: 0,
        sent: attempt.since,
        size: Bytes::new(0),
        plane: 0,
        source: attempt.source,
        sample: attempt.sample,
        step: draws(attempt.number, step + 2),
        first_of_flow: false,
        in_order: false,
        marked: false,
        cargo,
    }
}

/// Which draws of a sample a message takes: 128 messages and their acknowledgements for each of up
/// to 256 attempts.
pub(super) fn draws(attempt: u32, step: u32) -> u32 {
    (attempt << 8) | step
}
