//! Packets in flight, in an arena: a packet is an index and its stage.

use crate::sim::part::Charges;
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
    /// The exchange it belongs to, if it is not a datagram.
    pub(super) exchange: Option<u32>,
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
