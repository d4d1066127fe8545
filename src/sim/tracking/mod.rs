//! Connection tables: what cards, NAT gateways, load balancers, endpoints and servers remember of
//! flows, how many they can remember, and what becomes of a flow that they have forgotten.
//!
//! A table is a sans-IO state machine like a station: it knows no engine and no clock. A flow holds
//! one [`Slot`] for each table on its way, so that a packet finds its entry without a search.
//! Entries end by exact deadlines: what has been idle for longer than its timeout is gone at once for
//! whoever asks, and its room is given back before anything new is refused. A packet of a known flow
//! only notes the time; the heap of deadlines is put right when a deadline is reached.

mod rules;

pub use rules::{Direction, Flags, Late, Limit, Packet, Rules, Timeouts, Transport};

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::limit::DropReason;
use crate::units::{Duration, Time};
use rules::State;

/// What a table says to a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Verdict {
    /// It goes on.
    Pass,
    /// It ends here, and its sender gets a RST.
    Reset,
    /// The same, because the server accepts no more connections.
    Rejected,
    /// It is dropped without a word.
    Refused(DropReason),
}

/// A flow's place in one table; all zeros in a flow that the table has not seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Slot {
    index: u32,
    /// The generation of the entry that was given, counted from one; zero for none.
    generation: u32,
}

/// What a table has counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TableCounters {
    /// Entries made, and refused for want of room.
    pub attempts: u64,
    /// Of TCP connections, those whose answer was seen.
    pub established: u64,
    /// New flows turned away because the table was full.
    pub refused: u64,
    /// Flows that were idle for too long; not those that had been closed.
    pub idle_timeouts: u64,
    /// RST sent because a packet belonged to no known connection: to the inside, then to the outside.
    pub resets: [u64; 2],
    /// Packets with a RST that have passed: from the inside, then from the outside.
    pub resets_passed: [u64; 2],
    /// Most flows at once that were not closing.
    pub peak_active: u64,
    /// Most entries at once: with those of closed connections that are still held.
    pub peak_entries: u64,
    /// Packets that came: from the inside, then from the outside.
    pub packets_in: [u64; 2],
    /// Bytes that came: from the inside, then from the outside.
    pub bytes_in: [u64; 2],
    /// Packets that went on: from the inside, then from the outside.
    pub packets_out: [u64; 2],
    /// Bytes that went on: from the inside, then from the outside.
    pub bytes_out: [u64; 2],
}

/// One flow.
#[derive(Debug, Clone, Copy)]
struct Entry {
    last_seen: Time,
    /// The deadline by which the heap has it.
    queued: Time,
    generation: u32,
    destination: u32,
    state: State,
    /// Changes of direction so far, the first packet included: odd after a packet from the inside.
    turns: u8,
    /// Which timeouts apply.
    timeouts: u8,
    live: bool,
}

/// A connection table.
#[derive(Debug, Clone)]
pub struct Table {
    rules: Rules,
    /// Those of the rules, then others. Never empty.
    timeouts: Vec<Timeouts>,
    entries: Vec<Entry>,
    free: Vec<u32>,
    /// Deadlines of entries, none later than the true one, some out of date.
    deadlines: BinaryHeap<Reverse<(Time, u32)>>,
    /// Entries by destination, where the limit is one of each destination.
    used: Vec<u64>,
    live: u64,
    active: u64,
    counters: TableCounters,
}

impl Table {
    /// An empty table.
    #[must_use]
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            timeouts: vec![rules.timeouts],
            entries: Vec::new(),
            free: Vec::new(),
            deadlines: BinaryHeap::new(),
            used: Vec::new(),
            live: 0,
            active: 0,
            counters: TableCounters::default(),
        }
    }

    /// Adds timeouts for some of its flows, and gives the number by which packets name them. The last
    /// ones stand for all beyond 255.
    pub fn add_timeouts(&mut self, timeouts: Timeouts) -> u8 {
        let known = self.timeouts.iter().position(|other| *other == timeouts);
        let index = known.unwrap_or_else(|| {
            self.timeouts.truncate(usize::from(u8::MAX));
            self.timeouts.push(timeouts);
            self.timeouts.len() - 1
        });
        u8::try_from(index).expect("no more than 256 are kept")
    }

    /// Shows a packet of the flow with this `slot` to the table. Calls must not go back in time.
    #[inline]
    pub fn packet(&mut self, now: Time, slot: &mut Slot, packet: Packet) -> Verdict {
        let side = packet.direction as usize;
        self.counters.packets_in[side] += 1;
        self.counters.bytes_in[side] += packet.size.get();
        let verdict = match self.known(now, *slot) {
            Some(index) => {
                self.pass_known(now, index, packet);
                Verdict::Pass
            }
            None => self.unknown(now, slot, packet),
        };
        if verdict == Verdict::Pass {
            self.counters.packets_out[side] += 1;
            self.counters.bytes_out[side] += packet.size.get();
            self.counters.resets_passed[side] += u64::from(packet.flags == Flags::Rst);
        }
        verdict
    }

    /// Entries at `now`.
    #[must_use]
    pub fn entries(&mut self, now: Time) -> u64 {
        self.expire(now);
        self.live
    }

    /// What it has counted until `now`.
    #[must_use]
    pub fn counters(&mut self, now: Time) -> &TableCounters {
        self.expire(now);
        &self.counters
    }

    /// What it goes by.
    #[must_use]
    pub const fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The entry of a slot, if it has one that has not been idle for too long.
    #[inline]
    fn known(&self, now: Time, slot: Slot) -> Option<u32> {
        let entry = self.entries.get(slot.index as usize)?;
        let same = entry.live && entry.generation == slot.generation;
        (same && now <= self.deadline(entry)).then_some(slot.index)
    }

    #[inline]
    fn deadline(&self, entry: &Entry) -> Time {
        entry.last_seen + self.timeouts[entry.timeouts as usize].of(entry.state)
    }

    #[inline]
    fn pass_known(&mut self, now: Time, index: u32, packet: Packet) {
        let entry = &mut self.entries[index as usize];
        entry.last_seen = now;
        let state = entry.state;
        let odd = entry.turns % 2 == 1;
        let turned = odd == (packet.direction == Direction::Back);
        entry.turns = entry
            .turns
            .saturating_add(u8::from(turned && entry.turns < 4));
        let next = state.after(packet, entry.turns);
        if next != state {
            self.change(index, next);
        }
    }

    /// A flow is in another state from now on.
    fn change(&mut self, index: u32, next: State) {
        let before = std::mem::replace(&mut self.entries[index as usize].state, next);
        match (before, next) {
            (State::TcpOpening, State::TcpEstablished) => self.counters.established += 1,
            (State::TcpClosing, _) => {
                self.counters.attempts += 1;
                self.activate();
            }
            (_, State::TcpClosing) => self.active -= 1,
            _ => {}
        }
        let entry = &self.entries[index as usize];
        let deadline = self.deadline(entry);
        // A later deadline is found when the queued one is reached.
        if deadline < entry.queued {
            self.queue(index, deadline);
        }
    }

    fn activate(&mut self) {
        self.active += 1;
        self.counters.peak_active = self.counters.peak_active.max(self.active);
    }

    fn queue(&mut self, index: u32, deadline: Time) {
        self.entries[index as usize].queued = deadline;
        self.deadlines.push(Reverse((deadline, index)));
    }

    /// A packet of a flow that is not, or no longer, known.
    fn unknown(&mut self, now: Time, slot: &mut Slot, packet: Packet) -> Verdict {
        self.expire(now);
        let side = packet.direction as usize;
        let opens = packet.direction == Direction::Forward
            && (packet.transport != Transport::Tcp || packet.flags == Flags::Syn);
        if opens {
            return self.open(now, slot, packet, State::first(packet.transport));
        }
        match (self.rules.late[side], packet.transport) {
            (Late::Resume, Transport::Tcp) if matches!(packet.flags, Flags::Fin | Flags::Rst) => {
                Verdict::Pass
            }
            (Late::Reopen | Late::Resume, Transport::Tcp) => {
                let state = State::TcpEstablished.after(packet, 0);
                self.open(now, slot, packet, state)
            }
            (Late::Reopen | Late::Resume, transport) => {
                self.open(now, slot, packet, State::first(transport))
            }
            (Late::Reset, Transport::Tcp) => {
                self.counters.resets[side] += 1;
                Verdict::Reset
            }
            (Late::Reset, _) => Verdict::Refused(DropReason::UnknownConnection),
            (Late::Drop(reason), _) => Verdict::Refused(reason),
        }
    }

    fn open(&mut self, now: Time, slot: &mut Slot, packet: Packet, state: State) -> Verdict {
        self.counters.attempts += 1;
        let destination = packet.destination as usize;
        let refusal = match self.rules.limit {
            Limit::None | Limit::Each(_) => None,
            Limit::Accepted(most) => (self.live >= most).then_some(Verdict::Rejected),
            Limit::Total { most, reason } => {
                (self.live >= most).then_some(Verdict::Refused(reason))
            }
            Limit::PerDestination { most, reason } => {
                if self.used.len() <= destination {
                    self.used.resize(destination + 1, 0);
                }
                let full = self.used[destination] >= most;
                self.used[destination] += u64::from(!full);
                full.then_some(Verdict::Refused(reason))
            }
        };
        if let Some(refusal) = refusal {
            self.counters.refused += 1;
            return refusal;
        }
        let entry = Entry {
            last_seen: now,
            queued: Time::MAX,
            generation: 1,
            destination: packet.destination,
            state,
            turns: u8::from(packet.direction == Direction::Forward),
            timeouts: packet.timeouts,
            live: true,
        };
        let index = if let Some(index) = self.free.pop() {
            let place = &mut self.entries[index as usize];
            let generation = place.generation.wrapping_add(1).max(1);
            *place = Entry {
                generation,
                ..entry
            };
            index
        } else {
            self.entries.push(entry);
            u32::try_from(self.entries.len() - 1).expect("fewer than 2^32 flows at once")
        };
        let generation = self.entries[index as usize].generation;
        *slot = Slot { index, generation };
        self.live += 1;
        self.counters.peak_entries = self.counters.peak_entries.max(self.live);
        if state != State::TcpClosing {
            self.activate();
        }
        let deadline = self.deadline(&self.entries[index as usize]);
        self.queue(index, deadline);
        Verdict::Pass
    }

    /// Gives back the room of everything whose time is over.
    fn expire(&mut self, now: Time) {
        while let Some(&Reverse((queued, index))) = self.deadlines.peek() {
            if queued >= now {
                break;
            }
            self.deadlines.pop();
            let entry = self.entries[index as usize];
            if !entry.live || entry.queued != queued {
                continue;
            }
            let deadline = self.deadline(&entry);
            if deadline >= now {
                self.queue(index, deadline);
            } else {
                self.remove(index, entry);
            }
        }
    }

    fn remove(&mut self, index: u32, entry: Entry) {
        self.entries[index as usize].live = false;
        self.free.push(index);
        self.live -= 1;
        if matches!(self.rules.limit, Limit::PerDestination { .. }) {
            self.used[entry.destination as usize] -= 1;
        }
        if entry.state != State::TcpClosing {
            self.active -= 1;
            self.counters.idle_timeouts += 1;
        }
    }
}

impl TableCounters {
    /// Adds what another replication counted: sums, and the larger of the most at once.
    pub fn merge(&mut self, other: &Self) {
        let pairs = [
            (&mut self.attempts, other.attempts),
            (&mut self.established, other.established),
            (&mut self.refused, other.refused),
            (&mut self.idle_timeouts, other.idle_timeouts),
        ];
        for (sum, more) in pairs {
            *sum += more;
        }
        let arrays = [
            (&mut self.resets, other.resets),
            (&mut self.resets_passed, other.resets_passed),
            (&mut self.packets_in, other.packets_in),
            (&mut self.bytes_in, other.bytes_in),
            (&mut self.packets_out, other.packets_out),
            (&mut self.bytes_out, other.bytes_out),
        ];
        for (sums, more) in arrays {
            sums[0] += more[0];
            sums[1] += more[1];
        }
        self.peak_active = self.peak_active.max(other.peak_active);
        self.peak_entries = self.peak_entries.max(other.peak_entries);
    }
}

impl Timeouts {
    /// For how long an idle flow in a state is kept.
    const fn of(&self, state: State) -> Duration {
        match state {
            State::TcpOpening => self.tcp_opening,
            State::TcpEstablished => self.tcp_established,
            State::TcpClosing => self.tcp_closing,
            State::Single => self.udp,
            State::Stream => self.udp_stream,
        }
    }
}

#[cfg(test)]
mod tests;
