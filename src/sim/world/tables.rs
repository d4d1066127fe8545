//! What devices on the way remember of flows: where a flow's slots are, and what a table says.

use super::packet::{Cargo, Tcp};
use super::{Engine, Event, Failure, PacketId, World};
use crate::sim::limit::DropReason;
use crate::sim::part::Part;
use crate::sim::program::{Direction, Program, TableUse};
use crate::sim::tracking::{self, Flags, Slot, Verdict};

/// The slots of something that has none.
pub(super) const NO_SLOTS: u32 = u32::MAX;

/// The slots of all flows: as many for each as the longest list of tables on a path.
#[derive(Debug)]
pub(super) struct Slots {
    all: Vec<Slot>,
    each: u32,
    free: Vec<u32>,
    /// By source, for echoes.
    sources: Vec<u32>,
    /// By the stage at which a route of datagrams ends.
    routes: Vec<u32>,
}

impl Slots {
    pub(super) fn new(program: &Program, sources: usize) -> Self {
        let tables = program.rarities.iter().filter_map(|rarity| rarity.table);
        let each = tables
            .map(|table| u32::from(table.slot) + 1)
            .max()
            .unwrap_or(0);
        Self {
            all: Vec::new(),
            each,
            free: Vec::new(),
            sources: vec![NO_SLOTS; sources],
            routes: Vec::new(),
        }
    }

    /// Slots for a new flow.
    pub(super) fn take(&mut self) -> u32 {
        if self.each == 0 {
            return NO_SLOTS;
        }
        if let Some(first) = self.free.pop() {
            let first_index = first as usize;
            self.all[first_index..first_index + self.each as usize].fill(Slot::default());
            return first;
        }
        let first = u32::try_from(self.all.len()).expect("fewer than 2^32 slots");
        let length = self.all.len() + self.each as usize;
        self.all.resize(length, Slot::default());
        first
    }

    /// The flow is no more; tables still know it until they forget.
    pub(super) fn give_back(&mut self, first: u32) {
        if first != NO_SLOTS {
            self.free.push(first);
        }
    }

    fn of_source(&mut self, source: u32) -> u32 {
        if self.sources[source as usize] == NO_SLOTS {
            self.sources[source as usize] = self.take();
        }
        self.sources[source as usize]
    }

    fn of_route(&mut self, end: u32) -> u32 {
        let end = end as usize;
        if self.routes.len() <= end {
            self.routes.resize(end + 1, NO_SLOTS);
        }
        if self.routes[end] == NO_SLOTS {
            self.routes[end] = self.take();
        }
        self.routes[end]
    }
}

impl World<'_> {
    /// Shows a packet to a connection table on its way. False if it ends there.
    pub(super) fn known_to(
        &mut self,
        table: TableUse,
        id: PacketId,
        part: Part,
        engine: &mut Engine,
    ) -> bool {
        let packet = *self.packets.get(id);
        let (slots, direction, flags) = match packet.cargo {
            Cargo::Work(_) => return true,
            Cargo::Datagram => {
                let slots = self.slots.of_route(packet.end);
                (Some(slots), Direction::Forward, Flags::Plain)
            }
            Cargo::Ping(direction) => {
                let slots = self.slots.of_source(packet.source);
                (Some(slots), direction, Flags::Plain)
            }
            Cargo::Query(attempt, direction) => {
                let attempt = self.clients.attempts.get(attempt);
                (
                    attempt.map(|attempt| attempt.slots),
                    direction,
                    Flags::Plain,
                )
            }
            Cargo::Tcp(connection, direction, segment) => {
                let connection = self.clients.connections.get(connection);
                let slots = connection.map(|connection| connection.slots);
                (slots, direction, flags(segment, direction))
            }
        };
        let Some(slots) = slots else {
            // Nobody waits for it any more.
            self.packets.remove(id);
            return false;
        };
        let direction = match direction {
            Direction::Forward => tracking::Direction::Forward,
            Direction::Back => tracking::Direction::Back,
        };
        let shown = table.packet(direction, flags, packet.size);
        let slot = &mut self.slots.all[(slots + u32::from(table.slot)) as usize];
        match self.tables[table.table as usize].packet(engine.now(), slot, shown) {
            Verdict::Pass => true,
            Verdict::Refused(reason) => {
                self.dropped(id, part, reason, engine);
                false
            }
            Verdict::Reset => {
                self.turned_back(id, part, engine);
                false
            }
            Verdict::Rejected => {
                if let Cargo::Tcp(connection, _, segment) = packet.cargo {
                    self.segment_lost(connection, segment, Failure::TooManyConnections);
                }
                self.turned_back(id, part, engine);
                false
            }
        }
    }

    /// A packet of a connection that a device on the way does not know: the client gets a RST, after
    /// as long as the packet took to get there. A server that gets one has nothing to tell.
    fn turned_back(&mut self, id: PacketId, part: Part, engine: &mut Engine) {
        let packet = *self.packets.get(id);
        match packet.cargo {
            Cargo::Tcp(connection, Direction::Forward, _) => {
                self.packets.remove(id);
                let took = engine.now().since(packet.sent);
                engine.schedule_in(took, Event::Reset(connection));
            }
            Cargo::Datagram
            | Cargo::Ping(_)
            | Cargo::Query(..)
            | Cargo::Work(_)
            | Cargo::Tcp(_, Direction::Back, _) => {
                self.dropped(id, part, DropReason::UnknownConnection, engine);
            }
        }
    }
}

/// What a table sees of a packet of a connection.
const fn flags(segment: Tcp, direction: Direction) -> Flags {
    match (segment, direction) {
        (Tcp::Open, Direction::Forward) => Flags::Syn,
        (Tcp::Close, _) => Flags::Fin,
        (Tcp::Reset, _) => Flags::Rst,
        (Tcp::Open, Direction::Back) | (Tcp::Segment { .. } | Tcp::Ack(_) | Tcp::Probe, _) => {
            Flags::Plain
        }
    }
}
