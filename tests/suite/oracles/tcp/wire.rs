//! A sender and a receiver with one line between them: a FIFO of one rate, a delay each way, and a
//! fate for everything that passes.

use netsim::engine::{Model, Scheduler, run};
use netsim::sim::tcp::{Ack, Acknowledge, Config, GaveUp, Receiver, Sender, Transmission};
use netsim::units::{Duration, Time};

/// What passes the wire.
#[derive(Debug, Clone, Copy)]
pub(super) enum Passage {
    /// A segment; `index` counts transmissions.
    Segment {
        index: u64,
        sent: Time,
        transmission: Transmission,
    },
    /// An acknowledgement.
    Ack,
}

/// What becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Arrives,
    IsLost,
    IsMarked,
    /// Later than the line's delay.
    IsLate(Duration),
    /// And again so much later.
    ComesTwice(Duration),
}

/// The line: what a segment takes to be sent, and the way there and back.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    pub(super) transmission: Duration,
    pub(super) one_way: Duration,
}

impl Line {
    /// A line that is never busy, half a round trip long.
    pub(super) fn long(round_trip: Duration) -> Self {
        Self {
            transmission: Duration::ZERO,
            one_way: Duration::from_ps(round_trip.as_ps() / 2),
        }
    }
}

pub(super) struct Wire<F> {
    pub(super) sender: Sender,
    pub(super) receiver: Receiver,
    /// When the segment before `receiver.expected()` arrived.
    pub(super) last_arrival: Time,
    /// The window just before each reduction, of those that `rate` measures.
    pub(super) peaks: Vec<f64>,
    pub(super) gave_up: Option<GaveUp>,
    line: Line,
    window: u64,
    fate: F,
    free_at: Time,
    /// For when the deadline is scheduled; it is looked at lazily.
    armed: Time,
    transmissions: u64,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Event {
    Write(u64),
    Segment {
        sequence: u64,
        sent: Time,
        marked: bool,
    },
    Ack(Ack),
    Delayed,
    Deadline,
}

pub(super) type Engine = Scheduler<Event, u32>;

impl<F: FnMut(Passage) -> Fate> Wire<F> {
    pub(super) fn new(config: &Config, line: Line, fate: F) -> Self {
        Self {
            sender: Sender::new(config),
            receiver: Receiver::new(config),
            last_arrival: Time::ZERO,
            peaks: Vec::new(),
            gave_up: None,
            line,
            window: u64::from(config.window.max(1)),
            fate,
            free_at: Time::ZERO,
            armed: Time::MAX,
            transmissions: 0,
        }
    }

    /// Sends so many segments from time zero on, until all are acknowledged.
    pub(super) fn transfer(mut self, segments: u64) -> Self {
        self.run(&[(Time::ZERO, segments)], Time::MAX);
        self
    }

    /// Writes so many segments at these times, and goes on until `end`.
    pub(super) fn run(&mut self, writes: &[(Time, u64)], end: Time) {
        let mut engine = Engine::new(0);
        for &(time, segments) in writes {
            engine.schedule_at(time, Event::Write(segments));
        }
        run(self, &mut engine, end);
    }

    /// Sends without end; the segments delivered per second between two times.
    pub(super) fn rate(&mut self, from: Time, to: Time) -> f64 {
        let mut engine = Engine::new(0);
        engine.schedule_at(Time::ZERO, Event::Write(u64::MAX));
        run(self, &mut engine, from);
        let before = self.receiver.expected();
        self.peaks.clear();
        run(self, &mut engine, to);
        let delivered = self.receiver.expected() - before;
        delivered as f64 / to.since(from).as_secs_f64()
    }

    fn send(&mut self, engine: &mut Engine) {
        let now = engine.now();
        while let Some(transmission) = self.sender.poll(now) {
            let outstanding = self.sender.next_sequence() - self.sender.unacknowledged();
            assert!(outstanding <= self.window);
            assert!(self.sender.in_flight() <= outstanding);
            assert!(
                transmission.retransmission
                    || self.sender.in_flight() as f64 <= self.sender.window()
            );
            let passage = Passage::Segment {
                index: self.transmissions,
                sent: now,
                transmission,
            };
            self.transmissions += 1;
            let fate = (self.fate)(passage);
            self.free_at = self.free_at.max(now) + self.line.transmission;
            let arrives = self.free_at + self.line.one_way;
            let event = Event::Segment {
                sequence: transmission.sequence,
                sent: now,
                marked: fate == Fate::IsMarked,
            };
            pass(engine, fate, arrives, event);
        }
        self.arm(engine);
    }

    fn arm(&mut self, engine: &mut Engine) {
        if let Some(deadline) = self.sender.deadline()
            && deadline < self.armed
        {
            self.armed = deadline;
            engine.schedule_at(deadline, Event::Deadline);
        }
    }

    fn answer(&mut self, ack: Ack, engine: &mut Engine) {
        let fate = (self.fate)(Passage::Ack);
        pass(
            engine,
            fate,
            engine.now() + self.line.one_way,
            Event::Ack(ack),
        );
    }
}

fn pass(engine: &mut Engine, fate: Fate, arrives: Time, event: Event) {
    match fate {
        Fate::IsLost => {}
        Fate::Arrives | Fate::IsMarked => engine.schedule_at(arrives, event),
        Fate::IsLate(by) => engine.schedule_at(arrives + by, event),
        Fate::ComesTwice(by) => {
            engine.schedule_at(arrives, event);
            engine.schedule_at(arrives + by, event);
        }
    }
}

impl<F: FnMut(Passage) -> Fate> Model for Wire<F> {
    type Event = Event;
    type Timer = u32;

    fn handle(&mut self, event: Event, engine: &mut Engine) {
        let now = engine.now();
        match event {
            Event::Write(segments) => {
                self.sender.write(now, segments);
                self.send(engine);
            }
            Event::Segment {
                sequence,
                sent,
                marked,
            } => {
                let expected = self.receiver.expected();
                let answer = self.receiver.received(now, sequence, sent, marked);
                assert!(self.receiver.expected() >= expected);
                assert!(self.receiver.expected() <= self.sender.next_sequence());
                if self.receiver.expected() > expected {
                    self.last_arrival = now;
                }
                match answer {
                    Acknowledge::Now(ack) => self.answer(ack, engine),
                    Acknowledge::At(time) => engine.schedule_at(time, Event::Delayed),
                }
            }
            Event::Ack(ack) => {
                let window = self.sender.window();
                self.sender.acknowledged(now, ack);
                if self.sender.window() < window {
                    self.peaks.push(window);
                }
                self.send(engine);
            }
            Event::Delayed => {
                if let Some(ack) = self.receiver.delayed(now) {
                    self.answer(ack, engine);
                }
            }
            Event::Deadline => {
                self.armed = Time::MAX;
                match self.sender.timed_out(now) {
                    Ok(()) => self.send(engine),
                    Err(gave_up) => self.gave_up = Some(gave_up),
                }
            }
        }
    }

    fn expire(&mut self, _: u32, _: &mut Engine) {}
}
