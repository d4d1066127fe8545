//! Clients: a request is a call to each of its servers, and a call is as many attempts as it takes.
//!
//! What a request has been through is carried from attempt to attempt as charges: an attempt starts
//! with what was spent before it, and the one that is answered brings the sum home.

use std::ops::Range;

use super::connection::Connection;
use super::packet::{Cargo, packet};
use super::pool::Pool;
use super::source::FlowHash;
use super::{Charges, Engine, Event, Failure, Lane, Packet, PacketId, World};
use crate::scenario::Jitter;
use crate::sim::part::Part;
use crate::sim::program::{
    Arrivals, Direction, Patience, Program, Requests, Route, Server, Step, Transport, WorkloadKind,
};
use crate::sim::slab::{Key, Slab};
use crate::units::{Bytes, Duration, Time};

/// What a workload counts as one.
#[derive(Debug)]
pub(super) struct Request {
    source: u32,
    started: Time,
    /// The invocation whose handler waits for it.
    handler: Option<Handler>,
    /// Calls without an answer.
    waiting: usize,
    failed: Option<Failure>,
}

/// A handler that waits for a request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Handler {
    pub(super) invocation: Key,
    /// Whose connections it uses.
    pub(super) environment: Key,
}

/// A request as far as one server is concerned.
#[derive(Debug)]
pub(super) struct Call {
    request: Key,
    target: usize,
    /// Whose draws it takes.
    sample: u64,
    /// What the time until the last attempt was spent on.
    charges: Charges,
    attempts: u32,
    /// Attempts under way: one, and one that hedges.
    live: [Option<Key>; 2],
}

/// One try to have a call answered.
#[derive(Debug)]
pub(super) struct Attempt {
    call: Key,
    pub(super) source: u32,
    pub(super) target: usize,
    /// Where its connections are kept.
    pub(super) pool: usize,
    /// The environment that it is made from, if it is a handler's.
    pub(super) environment: Option<Key>,
    pub(super) sample: u64,
    pub(super) number: u32,
    /// When its request was made.
    pub(super) started: Time,
    /// What packets take in each direction: of its connection, or its own.
    pub(super) hashes: [FlowHash; 2],
    pub(super) connection: Option<Key>,
    /// Where its slots in connection tables are, if it has no connection.
    pub(super) slots: u32,
    pub(super) step: usize,
    /// What the time from `started` to `since`, the beginning of the step, was spent on.
    pub(super) charges: Charges,
    pub(super) since: Time,
    /// Why a packet of it was lost, if nothing has come since.
    pub(super) lost: Option<Failure>,
}

/// All that clients have under way.
#[derive(Debug)]
pub(super) struct Clients {
    requests: Slab<Request>,
    calls: Slab<Call>,
    pub(super) attempts: Slab<Attempt>,
    pub(super) connections: Slab<Connection>,
    /// By workload: for each target, and for each environment of a function.
    pub(super) pools: Vec<Vec<Pool>>,
}

/// What comes a constant time later, and so has a lane of the event list.
#[derive(Debug, Clone, Copy)]
pub(super) enum Later {
    Timeout,
    Hedge,
    DelayedAck,
    OpenTimeout,
    IdleTimeout,
    Probe,
}

/// Lanes of each workload.
pub(in crate::sim) const LANES: usize = 6;

impl Clients {
    pub(super) fn new(program: &Program) -> Self {
        let pools = program.workloads.iter().map(|workload| {
            let targets = match &workload.kind {
                WorkloadKind::Request(requests) => requests.targets.len(),
                WorkloadKind::Datagram(_)
                | WorkloadKind::Ping(_)
                | WorkloadKind::Stream(_)
                | WorkloadKind::Events(_)
                | WorkloadKind::Messages(_)
                | WorkloadKind::Refused(_) => 0,
            };
            (0..targets).map(|_| Pool::default()).collect()
        });
        Self {
            requests: Slab::default(),
            calls: Slab::default(),
            attempts: Slab::default(),
            connections: Slab::default(),
            pools: pools.collect(),
        }
    }

    /// Whether nothing waits for an answer.
    pub(super) fn is_idle(&self) -> bool {
        self.requests.is_empty() && self.calls.is_empty() && self.attempts.is_empty()
    }
}

/// The requests of a workload.
pub(super) fn requests(program: &Program, workload: usize) -> &Requests {
    match &program.workloads[workload].kind {
        WorkloadKind::Request(requests) => requests,
        WorkloadKind::Datagram(_)
        | WorkloadKind::Ping(_)
        | WorkloadKind::Stream(_)
        | WorkloadKind::Events(_)
        | WorkloadKind::Messages(_)
        | WorkloadKind::Refused(_) => unreachable!("only requests have attempts"),
    }
}

impl World<'_> {
    /// The lane of a workload's events of a kind.
    pub(super) fn lane(&self, workload: usize, later: Later) -> Lane {
        let lane = self.stations.len() + workload * LANES + later as usize;
        Lane(u32::try_from(lane).expect("fewer than 2^23 lanes"))
    }

    pub(super) fn send_request(
        &mut self,
        source: u32,
        sample: u64,
        requests: &Requests,
        engine: &mut Engine,
    ) {
        let all = 0..requests.targets.len();
        self.send_to(source, sample, None, all, engine);
    }

    /// Sends a request to some of the targets.
    pub(super) fn send_to(
        &mut self,
        source: u32,
        sample: u64,
        handler: Option<Handler>,
        targets: Range<usize>,
        engine: &mut Engine,
    ) {
        let workload = self.sources[source as usize].workload;
        let requests = requests(self.program, workload);
        let request = self.clients.requests.add(Request {
            source,
            started: engine.now(),
            handler,
            waiting: targets.len(),
            failed: None,
        });
        let count = targets.len() as u64;
        for (target, place) in targets.zip(0..) {
            let call = self.clients.calls.add(Call {
                request,
                target,
                sample: sample * count + place,
                charges: Charges::NONE,
                attempts: 0,
                live: [None; 2],
            });
            if let Some(after) = requests.patience.hedge_after {
                let lane = self.lane(workload, Later::Hedge);
                engine.schedule_in_lane(lane, engine.now() + after, Event::Hedge(call));
            }
            self.attempt(call, engine);
        }
    }

    /// Tries to have a call answered, after what was spent so far.
    fn attempt(&mut self, key: Key, engine: &mut Engine) {
        let now = engine.now();
        let call = self.clients.calls.get(key).expect("a call that goes on");
        let request = self.clients.requests.get(call.request);
        let &mut Request {
            source,
            started,
            handler,
            ..
        } = request.expect("a request waits for its calls");
        let number = call.attempts;
        call.attempts += 1;
        let sender = &self.sources[source as usize];
        let workload = sender.workload;
        let requests = requests(self.program, workload);
        let environment = handler.map(|handler| handler.environment);
        let pool = environment.map_or(0, Key::index) * requests.targets.len() + call.target;
        let nodes = requests.targets[call.target].forward.len();
        let nodes = u32::try_from(nodes).expect("few nodes");
        let mut hashes = sender.flow_hash(call.sample, number, requests.planes, nodes);
        if requests.targets[call.target].paired {
            hashes[1].node = hashes[0].node;
        }
        let slots = match requests.transport {
            Transport::Udp => self.slots.take(),
            Transport::Tcp(_) | Transport::Direct => super::tables::NO_SLOTS,
        };
        let attempt = self.clients.attempts.add(Attempt {
            call: key,
            source,
            target: call.target,
            pool,
            environment,
            sample: call.sample,
            number,
            started,
            hashes,
            connection: None,
            slots,
            step: 0,
            charges: call.charges,
            since: now,
            lost: None,
        });
        let place = call.live.iter_mut().find(|live| live.is_none());
        *place.expect("a call has at most two attempts at once") = Some(attempt);
        if let Some(timeout) = requests.patience.timeout {
            let lane = self.lane(workload, Later::Timeout);
            engine.schedule_in_lane(lane, now + timeout, Event::Timeout(attempt));
        }
        // Where there is no network and no second attempt, they are as many as requests.
        if !matches!(requests.transport, Transport::Direct) || requests.patience.retries > 0 {
            self.recorders[workload].transport.attempts += 1;
        }
        match &requests.transport {
            Transport::Udp | Transport::Direct => self.run_step(attempt, engine),
            Transport::Tcp(tcp) => self.connect(attempt, tcp, engine),
        }
    }

    /// Does the current step of an attempt; after the last one it is answered.
    pub(super) fn run_step(&mut self, key: Key, engine: &mut Engine) {
        let attempt = self.clients.attempts.get(key).expect("an attempt goes on");
        let workload = self.sources[attempt.source as usize].workload;
        let requests = requests(self.program, workload);
        let Some(&step) = requests.steps.get(attempt.step) else {
            return self.answered(key, engine);
        };
        match (step, attempt.connection) {
            (
                Step::Message {
                    direction,
                    near,
                    bytes,
                },
                Some(connection),
            ) => {
                let sender = &self.sources[attempt.source as usize];
                let flow = requests.flow_size(|| sender.latency.draw(attempt.sample));
                self.write(connection, direction, near, flow.unwrap_or(bytes), engine);
            }
            (
                Step::Message {
                    direction, bytes, ..
                },
                None,
            ) => self.send_query(key, direction, bytes, engine),
            (Step::Serve, _) => {
                let target = &requests.targets[attempt.target];
                match target.servers[attempt.hashes[0].node as usize] {
                    Server::Process(route) => self.work(key, route, engine),
                    Server::Function(function) => self.call_function(key, function, engine),
                }
            }
            (Step::Local(route), _) => self.work(key, route, engine),
        }
    }

    /// A step is done; `charges` is what the time since the request was spent on.
    pub(super) fn step_done(&mut self, key: Key, charges: &Charges, engine: &mut Engine) {
        let Some(attempt) = self.clients.attempts.get(key) else {
            return;
        };
        attempt.charges = *charges;
        attempt.since = engine.now();
        attempt.step += 1;
        attempt.lost = None;
        self.run_step(key, engine);
    }

    /// Computes at one end.
    fn work(&mut self, key: Key, route: Route, engine: &mut Engine) {
        let attempt = self.clients.attempts.get(key).expect("an attempt goes on");
        let packet = Packet {
            stage: route.first,
            end: route.end,
            ..packet(attempt, Cargo::Work(key))
        };
        let packet = self.packets.add_work(&packet);
        self.arrive(packet, engine);
    }

    /// Sends a message of an attempt as one datagram.
    fn send_query(&mut self, key: Key, direction: Direction, bytes: Bytes, engine: &mut Engine) {
        let attempt = self.clients.attempts.get(key).expect("an attempt goes on");
        let sender = &self.sources[attempt.source as usize];
        let requests = requests(self.program, sender.workload);
        let target = &requests.targets[attempt.target];
        let hash = attempt.hashes[direction as usize];
        let route = target.ways(direction, false)[hash.node as usize];
        let mut packet = Packet {
            stage: route.first,
            end: route.end,
            size: bytes + requests.headers,
            plane: hash.plane,
            first_of_flow: true,
            ..packet(attempt, Cargo::Query(key, direction))
        };
        if requests.planes.per_packet {
            let mut spray = sender.spray(packet.sample, packet.step);
            packet.plane = spray.below(requests.planes.count);
        }
        let (workload, number) = (sender.workload, packet.sample);
        packet.plane = self.spine(workload, packet.plane, requests.planes, number);
        let packet = self.packets.add(&packet);
        self.arrive(packet, engine);
    }

    /// A datagram of an attempt, or what computes for it, is at its end.
    pub(super) fn step_arrived(&mut self, id: PacketId, key: Key, engine: &mut Engine) {
        let charges = self.packets.get(id).charges;
        self.packets.remove(id);
        self.step_done(key, &charges, engine);
    }

    /// A datagram of an attempt was lost: without a timeout nobody would ever know.
    pub(super) fn query_lost(&mut self, key: Key, failure: Failure, engine: &mut Engine) {
        let Some(attempt) = self.clients.attempts.get(key) else {
            return;
        };
        attempt.lost = Some(failure);
        let workload = self.sources[attempt.source as usize].workload;
        if requests(self.program, workload).patience.timeout.is_none() {
            self.attempt_failed(key, failure, engine);
        }
    }

    fn remove_attempt(&mut self, key: Key) -> Option<Attempt> {
        let attempt = self.clients.attempts.remove(key)?;
        self.slots.give_back(attempt.slots);
        Some(attempt)
    }

    /// All steps of an attempt are done.
    fn answered(&mut self, key: Key, engine: &mut Engine) {
        let attempt = self.remove_attempt(key).expect("an attempt goes on");
        let call = self.clients.calls.remove(attempt.call);
        let call = call.expect("a call waits for its attempts");
        for other in call.live.into_iter().flatten().filter(|&live| live != key) {
            let other = self.remove_attempt(other);
            let connection = other.and_then(|other| other.connection);
            if let Some(connection) = connection {
                self.abandon(connection, engine);
            }
        }
        if let Some(connection) = attempt.connection {
            self.release(connection, engine);
        }
        let sender = &self.sources[attempt.source as usize];
        let requests = requests(self.program, sender.workload);
        if let Some(size) = requests.flow_size(|| sender.latency.draw(attempt.sample)) {
            // Spread over its time: nobody looks at single segments.
            self.recorders[sender.workload].delivered(attempt.started, engine.now(), size.get());
        }
        self.call_ends(call.request, Ok(&attempt.charges), engine);
    }

    /// An attempt comes to nothing: the call tries again, or fails.
    pub(super) fn attempt_failed(&mut self, key: Key, failure: Failure, engine: &mut Engine) {
        let Some(attempt) = self.remove_attempt(key) else {
            return;
        };
        if let Some(connection) = attempt.connection {
            self.abandon(connection, engine);
        }
        let now = engine.now();
        let call = self.clients.calls.get(attempt.call);
        let call = call.expect("a call waits for its attempts");
        for live in &mut call.live {
            *live = live.filter(|&live| live != key);
        }
        if call.live != [None; 2] {
            return;
        }
        let spent = now.since(attempt.started + call.charges.total());
        call.charges.add(Part::ClientFailedAttempt, spent);
        let workload = self.sources[attempt.source as usize].workload;
        let patience = requests(self.program, workload).patience;
        if call.attempts <= patience.retries && failure.is_retryable() {
            let wait = backoff(&patience, call, &self.sources[attempt.source as usize]);
            engine.schedule_in(wait, Event::Retry(attempt.call));
            self.recorders[workload].transport.retries += 1;
            return;
        }
        let call = self.clients.calls.remove(attempt.call);
        let request = call.expect("it was just there").request;
        self.call_ends(request, Err(failure), engine);
    }

    /// A call has waited long enough after a failed attempt.
    pub(super) fn retry(&mut self, key: Key, engine: &mut Engine) {
        self.charge_since(key, Part::ClientBackoff, engine.now());
        self.attempt(key, engine);
    }

    /// A call has waited long enough for its first answer to ask a second time.
    pub(super) fn hedge(&mut self, key: Key, engine: &mut Engine) {
        let Some(call) = self.clients.calls.get(key) else {
            return;
        };
        // While a retry waits for its time there is nothing to hedge.
        if call.live == [None; 2] || call.attempts > 1 {
            return;
        }
        let workload = self.workload_of(key);
        self.recorders[workload].transport.hedges += 1;
        self.charge_since(key, Part::ClientHedge, engine.now());
        self.attempt(key, engine);
    }

    /// Charges the time since the last charge of a call.
    fn charge_since(&mut self, key: Key, part: Part, now: Time) {
        let call = self.clients.calls.get(key).expect("a call that goes on");
        let request = self.clients.requests.get(call.request);
        let started = request.expect("a request waits for its calls").started;
        let spent = now.since(started + call.charges.total());
        call.charges.add(part, spent);
    }

    fn workload_of(&mut self, key: Key) -> usize {
        let call = self.clients.calls.get(key).expect("a call that goes on");
        let request = self.clients.requests.get(call.request);
        let source = request.expect("a request waits for its calls").source;
        self.sources[source as usize].workload
    }

    /// An attempt has had its time.
    pub(super) fn timed_out(&mut self, key: Key, engine: &mut Engine) {
        let Some(attempt) = self.clients.attempts.get(key) else {
            return;
        };
        let lost_by_connection = attempt
            .connection
            .and_then(|connection| self.clients.connections.get(connection)?.lost);
        let failure = attempt.lost.or(lost_by_connection);
        self.attempt_failed(key, failure.unwrap_or(Failure::TimedOut), engine);
    }

    /// A call has its answer, or never will; the last one ends the request.
    fn call_ends(&mut self, key: Key, outcome: Result<&Charges, Failure>, engine: &mut Engine) {
        let request = self.clients.requests.get(key);
        let request = request.expect("a request waits for its calls");
        request.waiting -= 1;
        request.failed = request.failed.or(outcome.err());
        if request.waiting > 0 {
            return;
        }
        let now = engine.now();
        let request = self.clients.requests.remove(key);
        let request = request.expect("it was just there");
        let recorder = &mut self.recorders[self.sources[request.source as usize].workload];
        let outcome = match request.failed {
            Some(failure) => Err(failure),
            None => outcome,
        };
        match outcome {
            Ok(charges) => recorder.completed(now, request.started, charges),
            Err(failure) => recorder.failed(now, request.started, failure),
        }
        match request.handler {
            Some(handler) => self.handler_answered(handler.invocation, outcome.ok(), engine),
            None => self.think(request.source, engine),
        }
    }

    /// A client that waits for its answers thinks, and sends again.
    fn think(&mut self, index: u32, engine: &mut Engine) {
        let source = &mut self.sources[index as usize];
        if let Arrivals::Closed { think_time } = source.arrivals {
            let next = engine.now() + source.thinks(self.program.distribution(think_time));
            if next < self.program.horizon() {
                engine.schedule_at(next, Event::Send(index));
            }
        }
    }
}

/// How long a call waits before its next attempt: exponential, with jitter as in the AWS
/// Architecture Blog, "Exponential Backoff And Jitter" (2015).
fn backoff(patience: &Patience, call: &Call, source: &super::Source) -> Duration {
    let doublings = (call.attempts - 1).min(62);
    let full = patience.backoff.as_ps().saturating_mul(1 << doublings);
    let full = full.min(patience.max_backoff.as_ps()) as f64;
    let chance = source.backoff(call.sample, call.attempts);
    Duration::from_ps_f64(match patience.jitter {
        Jitter::None => full,
        Jitter::Full => full * chance,
        Jitter::Equal => full * (0.5 + 0.5 * chance),
    })
}
