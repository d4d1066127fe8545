//! The running world: a table of contents. One closed event enum, one exhaustive match; what
//! happens is in the files beside this one.

mod client;
mod connection;
mod events;
mod failure;
mod invocation;
mod messages;
mod packet;
mod ping;
mod pool;
mod recorder;
mod segments;
mod source;
mod stream;
mod tables;
mod travel;

use std::collections::VecDeque;

use client::Clients;
pub(super) use client::LANES;
use events::QueuedEvent;
use invocation::Invocation;
use messages::{Batch, Queue};
use packet::{Packet, PacketId, Packets};
use recorder::Recorder;
use source::Source;
use stream::StreamsUnderWay;
use tables::Slots;

use super::lambda::Lambda;
use super::part::Charges;
use super::program::{Direction, Program, WorkloadKind};
use super::results::{Failure, Results};
use super::slab::{Key, Slab};
use super::station::Station;
use super::tracking::Table;
use crate::engine::{Lane, Model, Scheduler, StreamFamily};
use crate::units::Time;

/// Everything that can happen.
#[derive(Debug, Clone, Copy)]
pub(super) enum Event {
    /// A source sends.
    Send(u32),
    /// A packet reaches its next station, or the end of its route.
    Arrive(PacketId),
    /// A handler begins, or has done a step.
    Handler(Key),
    /// An event that a handler has sent is in its queue.
    Accepted(Key),
    /// A queued event is tried again, if it is due.
    TryAgain(Key),
    /// A queue of messages is looked at.
    Poll(u32),
    /// Messages of a batch can be read again.
    Visible(Key),
    /// An attempt has had its time.
    Timeout(Key),
    /// A call asks a second time.
    Hedge(Key),
    /// A call tries again.
    Retry(Key),
    /// A connection's handshake has had its time.
    OpenTimeout(Key),
    /// The retransmission timer of a connection for data in one direction.
    Retransmit(Key, Direction),
    /// A delayed acknowledgement of data in one direction is due.
    DelayedAck(Key, Direction),
    /// A connection has been idle for as long as its client keeps it.
    IdleTimeout(Key),
    /// Something happens to a spine, by the number of its failure.
    Spine(u32, failure::Change),
    /// The client of a connection gets a RST.
    Reset(Key),
    /// Time to see whether an idle connection is alive.
    Probe(Key),
    /// Something may have happened to a stream.
    Streams,
    /// The last byte of a stream's flow arrives.
    StreamArrives(u32),
    /// Flows without a size end.
    StreamsStop,
}

/// What usually does not come to pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Timer {
    /// An idle environment has been kept for long enough.
    KeepAlive(Key),
    /// An invocation has had its time.
    Function(Key),
}

type Engine = Scheduler<Event, Timer>;

/// One run in progress; it dies with the run.
#[derive(Debug)]
pub(super) struct World<'p> {
    program: &'p Program,
    stations: Vec<Station>,
    tables: Vec<Table>,
    slots: Slots,
    packets: Packets,
    sources: Vec<Source>,
    recorders: Vec<Recorder>,
    clients: Clients,
    /// By workload: spines that leaves do not send to.
    avoided: Vec<Vec<u32>>,
    /// Per stage: when the last packet that keeps its order passed.
    passed: Vec<Time>,
    /// Per stage at which a route of datagrams begins: whether its flow is known.
    seen: Vec<bool>,
    streams: StreamsUnderWay,
    /// The first source of each workload.
    first_source: Vec<u32>,
    lambda: Lambda<'p>,
    invocations: Slab<Invocation>,
    events: Slab<QueuedEvent>,
    /// By function: events that wait, the oldest first; some wait no more.
    queues: Vec<VecDeque<Key>>,
    batches: Slab<Batch>,
    /// By workload.
    message_queues: Vec<Queue>,
}

impl<'p> World<'p> {
    pub(super) fn new(program: &'p Program, streams: StreamFamily, engine: &mut Engine) -> Self {
        let workloads = program.workloads.iter().enumerate();
        let mut sources: Vec<Source> = workloads
            .flat_map(|(index, workload)| Source::of(workload, index, streams))
            .collect();
        for (source, index) in sources.iter_mut().zip(0..) {
            let first = source.first(program);
            if first < program.horizon() {
                engine.schedule_at(first, Event::Send(index));
            }
        }
        failure::schedule(program, engine);
        let mut stations = program.stations.clone();
        for credit in &program.credits {
            credit.give(&mut stations[credit.station as usize], streams);
        }
        let streams_under_way = StreamsUnderWay::new(program, &mut stations, streams);
        if let Some(horizon) = program.horizon
            && !streams_under_way.is_idle()
        {
            engine.schedule_at(horizon, Event::StreamsStop);
        }
        Self {
            program,
            stations,
            tables: program.tables.clone(),
            slots: Slots::new(program, sources.len()),
            packets: Packets::default(),
            sources,
            recorders: program
                .workloads
                .iter()
                .map(|w| Recorder::new(w, program.warmup, program.horizon()))
                .collect(),
            clients: Clients::new(program),
            avoided: vec![Vec::new(); program.workloads.len()],
            passed: vec![Time::ZERO; program.stages.len()],
            seen: vec![false; program.stages.len()],
            streams: streams_under_way,
            first_source: first_sources(program),
            lambda: Lambda::new(
                &program.functions,
                &program.account,
                streams,
                (program.warmup, program.horizon()),
            ),
            invocations: Slab::default(),
            events: Slab::default(),
            queues: program.functions.iter().map(|_| VecDeque::new()).collect(),
            batches: Slab::default(),
            message_queues: program.workloads.iter().map(|_| Queue::default()).collect(),
        }
    }

    /// A source sends what it has to send now, and says when it sends again.
    fn send(&mut self, index: u32, engine: &mut Engine) {
        let now = engine.now();
        let source = &self.sources[index as usize];
        let workload = source.workload;
        let program = self.program;
        for _ in 0..source.at_once() {
            if self.recorders[workload].has_sent(program.workloads[workload].count) {
                return;
            }
            let sample = self.sources[index as usize].next_sample();
            self.recorders[workload].sent(now);
            match &program.workloads[workload].kind {
                WorkloadKind::Datagram(datagrams) => {
                    self.send_datagram(index, sample, datagrams, engine);
                }
                WorkloadKind::Ping(pings) => self.send_ping(index, sample, pings, engine),
                WorkloadKind::Request(requests) => match &requests.bulk {
                    Some(bulk) => self.open_streams(index, sample, bulk, true, engine),
                    None => self.send_request(index, sample, requests, engine),
                },
                WorkloadKind::Stream(streams) => {
                    self.open_streams(index, sample, streams, false, engine);
                }
                WorkloadKind::Events(events) => self.queue_event(index, sample, events, engine),
                WorkloadKind::Messages(messages) => {
                    self.queue_message(index, sample, messages, engine);
                }
                WorkloadKind::Refused(refusal) => {
                    self.recorders[workload].failed(now, now, Failure::Refused(refusal.code));
                }
            }
        }
        let next = self.sources[index as usize].next(now);
        if next < program.horizon() {
            engine.schedule_at(next, Event::Send(index));
        }
    }

    /// The results, once nothing is under way.
    pub(super) fn finish(mut self, replication: u32, engine: &Engine) -> Results {
        assert!(
            self.packets.in_flight() == 0,
            "a packet is neither delivered nor dropped"
        );
        assert!(
            self.clients.is_idle(),
            "a request neither completed nor failed"
        );
        assert!(self.streams.is_empty(), "a stream has not ended");
        assert!(
            self.invocations.is_empty() && self.events.is_empty() && self.batches.is_empty(),
            "an invocation, an event or a message is not dealt with"
        );
        let end = engine.now();
        let resources = self.program.resources.iter();
        let resources = resources
            .map(|resource| resource.read(end, &self.stations, &mut self.tables))
            .collect();
        let finish = |recorder: Recorder| recorder.finish(replication);
        Results {
            workloads: self.recorders.into_iter().map(finish).collect(),
            functions: self.lambda.finish(end, replication),
            resources,
            events: engine.handled(),
            packets: self.packets.made,
            simulated: self.program.horizon.unwrap_or_else(|| engine.now()),
            warmup: self.program.warmup,
        }
    }
}

/// The first source of each workload.
fn first_sources(program: &Program) -> Vec<u32> {
    let mut next = 0;
    let first = program.workloads.iter().map(|workload| {
        let first = next;
        next += workload.arrivals.len();
        u32::try_from(first).expect("fewer than 2^32 sources")
    });
    first.collect()
}

impl Model for World<'_> {
    type Event = Event;
    type Timer = Timer;

    #[inline]
    fn handle(&mut self, event: Event, engine: &mut Engine) {
        match event {
            Event::Send(source) => self.send(source, engine),
            Event::Arrive(packet) => self.arrive(packet, engine),
            Event::Handler(invocation) => self.handler_goes_on(invocation, engine),
            Event::Accepted(invocation) => self.accepted(invocation, engine),
            Event::TryAgain(event) => self.event_due(event, engine),
            Event::Poll(workload) => self.poll_is_due(workload as usize, engine),
            Event::Visible(batch) => self.messages_visible(batch, engine),
            Event::Timeout(attempt) => self.timed_out(attempt, engine),
            Event::Hedge(call) => self.hedge(call, engine),
            Event::Retry(call) => self.retry(call, engine),
            Event::OpenTimeout(connection) => self.open_timed_out(connection, engine),
            Event::Retransmit(connection, direction) => {
                self.retransmit(connection, direction, engine);
            }
            Event::DelayedAck(connection, direction) => {
                self.delayed_ack(connection, direction, engine);
            }
            Event::IdleTimeout(connection) => self.idle_timed_out(connection, engine),
            Event::Spine(failure, change) => self.spine_changes(failure, change),
            Event::Reset(connection) => self.reset(connection, engine),
            Event::Probe(connection) => self.probe(connection, engine),
            Event::Streams => self.advance_streams(engine),
            Event::StreamArrives(flow) => self.stream_arrives(flow, engine),
            Event::StreamsStop => self.stop_streams(engine),
        }
    }

    fn expire(&mut self, timer: Timer, engine: &mut Engine) {
        match timer {
            Timer::KeepAlive(environment) => self.environment_expires(environment, engine),
            Timer::Function(invocation) => self.function_timed_out(invocation, engine),
        }
    }
}
