//! Data on a connection: messages in segments, acknowledgements, and retransmission.
//!
//! The state machines of [`tcp`](crate::sim::tcp) decide what is sent; here it becomes packets.

use super::client::{Later, requests};
use super::connection::{ACKNOWLEDGEMENT, State, cargo, stray};
use super::packet::{Cargo, Tcp as Segment, packet};
use super::{Engine, Event, Failure, Packet, World};
use crate::sim::part::Part;
use crate::sim::program::Direction;
use crate::sim::slab::Key;
use crate::sim::tcp::{Ack, Acknowledge};
use crate::units::Bytes;

impl World<'_> {
    /// Writes a message: its segments go as soon as the window lets them.
    pub(super) fn write(
        &mut self,
        key: Key,
        direction: Direction,
        near: bool,
        bytes: Bytes,
        engine: &mut Engine,
    ) {
        let connection = self.clients.connections.get(key);
        let connection = connection.expect("an attempt holds its connection");
        let sender = &self.sources[connection.source as usize];
        let requests = requests(self.program, sender.workload);
        let target = &requests.targets[connection.target];
        let segments = target.segments(bytes);
        connection.near = near;
        let half = &mut connection.halves[direction as usize];
        half.first = half.end;
        half.end += segments;
        half.last = Bytes::new(bytes.get() - (segments - 1) * target.segment.get());
        half.sender.write(engine.now(), segments);
        if requests.planes.per_packet
            && let State::Busy(attempt) = connection.state
            && let Some(attempt) = self.clients.attempts.get(attempt)
        {
            let step = packet(attempt, Cargo::Datagram).step;
            half.spray = Some(sender.spray(attempt.sample, step));
        }
        self.send_segments(key, direction, engine);
    }

    /// Sends what the window lets go.
    pub(super) fn send_segments(&mut self, key: Key, direction: Direction, engine: &mut Engine) {
        let now = engine.now();
        while let Some(connection) = self.clients.connections.get(key) {
            if connection.state == State::Closing {
                return;
            }
            let half = &mut connection.halves[direction as usize];
            let Some(next) = half.sender.poll(now) else {
                let deadline = half.sender.deadline();
                if let Some(deadline) = deadline.filter(|_| !half.retransmission_armed) {
                    half.retransmission_armed = true;
                    let event = Event::Retransmit(key, direction);
                    engine.schedule_at(deadline.max(now), event);
                }
                return;
            };
            let workload = self.sources[connection.source as usize].workload;
            let target = &requests(self.program, workload).targets[connection.target];
            let of_message = next.sequence >= half.first;
            let payload = if next.sequence + 1 == half.end {
                half.last
            } else {
                target.segment
            };
            let other = &mut connection.halves[direction.opposite() as usize];
            let riding = other.receiver.piggyback();
            if riding.is_some() {
                other.riding = riding;
                other.acknowledgement_due = None;
            }
            let segment = Segment::Segment {
                sequence: next.sequence,
                acknowledges: riding.is_some(),
            };
            let cargo = cargo(key, direction, segment);
            let attempt = match connection.state {
                State::Busy(attempt) => self.clients.attempts.get(attempt),
                State::Opening(_) | State::Idle(_) | State::Closing => None,
            };
            let packet = match attempt {
                Some(attempt) if of_message && next.first_sent >= attempt.since => {
                    let mut packet = packet(attempt, cargo);
                    let first_sent = next.first_sent;
                    packet
                        .charges
                        .add(Part::TcpWindow, first_sent.since(attempt.since));
                    packet
                        .charges
                        .add(Part::TcpRetransmission, now.since(first_sent));
                    packet
                }
                _ => stray(connection, cargo, 2, now),
            };
            if next.retransmission {
                self.recorders[workload].transport.retransmissions += 1;
            }
            self.send_on(key, packet, payload, engine);
        }
    }

    pub(super) fn segment_arrived(
        &mut self,
        key: Key,
        direction: Direction,
        sequence: u64,
        packet: &Packet,
        engine: &mut Engine,
    ) {
        let now = engine.now();
        let Some(connection) = self.clients.connections.get(key) else {
            return;
        };
        if connection.state == State::Closing {
            return;
        }
        let half = &mut connection.halves[direction as usize];
        let complete_before = half.receiver.expected() >= half.end;
        let acknowledge = half
            .receiver
            .received(now, sequence, packet.sent, packet.marked);
        let complete = !complete_before && half.receiver.expected() >= half.end;
        let workload = self.sources[connection.source as usize].workload;
        match acknowledge {
            Acknowledge::Now(ack) => {
                half.acknowledgement_due = None;
                self.send_ack(key, direction, ack, engine);
            }
            Acknowledge::At(due) => {
                half.acknowledgement_due = Some(due);
                if !half.acknowledgement_armed {
                    half.acknowledgement_armed = true;
                    let lane = self.lane(workload, Later::DelayedAck);
                    let event = Event::DelayedAck(key, direction);
                    engine.schedule_in_lane(lane, due, event);
                }
            }
        }
        if !complete {
            return;
        }
        let Some(connection) = self.clients.connections.get(key) else {
            return;
        };
        let State::Busy(attempt) = connection.state else {
            return;
        };
        connection.lost = None;
        self.step_done(attempt, &packet.charges, engine);
    }

    /// Acknowledges data that came in `direction`.
    pub(super) fn send_ack(
        &mut self,
        key: Key,
        direction: Direction,
        ack: Ack,
        engine: &mut Engine,
    ) {
        let connection = self.clients.connections.get(key);
        let connection = connection.expect("the caller has seen it");
        let step = match connection.state {
            State::Busy(attempt) => self.clients.attempts.get(attempt).map_or(0, |a| a.step),
            State::Opening(_) | State::Idle(_) | State::Closing => 0,
        };
        let step = u32::try_from(step).expect("few steps") + 2;
        let cargo = cargo(key, direction.opposite(), Segment::Ack(ack));
        let packet = stray(connection, cargo, step + ACKNOWLEDGEMENT, engine.now());
        self.send_on(key, packet, Bytes::new(0), engine);
    }

    /// The time of a delayed acknowledgement has come, unless it has gone by another way.
    pub(super) fn delayed_ack(&mut self, key: Key, direction: Direction, engine: &mut Engine) {
        let now = engine.now();
        let Some(connection) = self.clients.connections.get(key) else {
            return;
        };
        let half = &mut connection.halves[direction as usize];
        half.acknowledgement_armed = false;
        match half.acknowledgement_due {
            Some(due) if due > now => {
                half.acknowledgement_armed = true;
                engine.schedule_at(due, Event::DelayedAck(key, direction));
            }
            Some(_) => {
                half.acknowledgement_due = None;
                if let Some(ack) = half.receiver.delayed(now)
                    && connection.state != State::Closing
                {
                    self.send_ack(key, direction, ack, engine);
                }
            }
            None => {}
        }
    }

    /// The sender of the data in `direction` has an acknowledgement.
    pub(super) fn acknowledged(
        &mut self,
        key: Key,
        direction: Direction,
        ack: Ack,
        engine: &mut Engine,
    ) {
        let Some(connection) = self.clients.connections.get(key) else {
            return;
        };
        if connection.state == State::Closing {
            return;
        }
        connection.lost = None;
        let half = &mut connection.halves[direction as usize];
        half.sender.acknowledged(engine.now(), ack);
        self.send_segments(key, direction, engine);
    }

    /// The retransmission timer may have run out; mostly it has moved on.
    pub(super) fn retransmit(&mut self, key: Key, direction: Direction, engine: &mut Engine) {
        let now = engine.now();
        let Some(connection) = self.clients.connections.get(key) else {
            return;
        };
        let (state, lost) = (connection.state, connection.lost);
        let half = &mut connection.halves[direction as usize];
        half.retransmission_armed = false;
        let Some(deadline) = half.sender.deadline().filter(|_| state != State::Closing) else {
            return;
        };
        if deadline > now {
            half.retransmission_armed = true;
            engine.schedule_at(deadline, Event::Retransmit(key, direction));
            return;
        }
        let workload = self.sources[connection.source as usize].workload;
        if half.sender.timed_out(now).is_ok() {
            self.recorders[workload].transport.timeouts += 1;
            return self.send_segments(key, direction, engine);
        }
        match state {
            State::Busy(attempt) | State::Opening(attempt) => {
                self.attempt_failed(attempt, lost.unwrap_or(Failure::TimedOut), engine);
            }
            State::Idle(_) | State::Closing => self.drop_connection(key, engine),
        }
    }
}
