//! The connections of a client: opened when there is none, kept for later, closed some time.

use std::collections::VecDeque;

use super::client::{Attempt, Later, requests};
use super::connection::{CLOSE, Connection, Half, PROBE, State, cargo, stray, tcp_of};
use super::packet::{Tcp as Segment, draws, packet};
use super::{Charges, Engine, Event, Failure, World};
use crate::sim::part::Part;
use crate::sim::program::{Direction, Tcp};
use crate::sim::slab::Key;
use crate::sim::tcp;
use crate::units::{Bytes, Time};

/// The connections of a workload to one target.
#[derive(Debug, Default)]
pub(super) struct Pool {
    /// Those without a request, the most recently used last; some may be gone.
    idle: Vec<Key>,
    open: u32,
    /// Attempts that wait for a connection.
    waiting: VecDeque<Key>,
}

impl World<'_> {
    /// Finds a connection for an attempt: an idle one, a new one, or later.
    pub(super) fn connect(&mut self, key: Key, tcp: &Tcp, engine: &mut Engine) {
        let attempt = self.clients.attempts.get(key).expect("an attempt goes on");
        let workload = self.sources[attempt.source as usize].workload;
        let pools = &mut self.clients.pools[workload];
        if pools.len() <= attempt.pool {
            pools.resize_with(attempt.pool + 1, Pool::default);
        }
        let pool = &mut pools[attempt.pool];
        while let Some(kept) = pool.idle.pop() {
            let connection = self.clients.connections.get(kept);
            if connection.is_some_and(|connection| matches!(connection.state, State::Idle(_))) {
                return self.give(kept, key, tcp, engine);
            }
        }
        if tcp.max_connections.is_some_and(|limit| pool.open >= limit) {
            pool.waiting.push_back(key);
            return;
        }
        self.open(key, tcp, engine);
    }

    /// Gives an established connection to an attempt.
    pub(super) fn give(&mut self, connection: Key, key: Key, tcp: &Tcp, engine: &mut Engine) {
        let open = self.clients.connections.get(connection);
        let open = open.expect("a connection that is kept is there");
        open.state = State::Busy(key);
        let attempt = self.clients.attempts.get(key).expect("an attempt goes on");
        (open.sample, open.number) = (attempt.sample, attempt.number);
        attempt.connection = Some(connection);
        attempt.hashes = open.hashes;
        attempt.step = tcp.established;
        wait_ends(attempt, engine.now());
        self.run_step(key, engine);
    }

    /// Opens a connection for an attempt.
    pub(super) fn open(&mut self, key: Key, tcp: &Tcp, engine: &mut Engine) {
        let attempt = self.clients.attempts.get(key).expect("an attempt goes on");
        wait_ends(attempt, engine.now());
        let workload = self.sources[attempt.source as usize].workload;
        let connection = self.clients.connections.add(Connection {
            source: attempt.source,
            target: attempt.target,
            pool: attempt.pool,
            environment: attempt.environment,
            sample: attempt.sample,
            number: attempt.number,
            hashes: attempt.hashes,
            slots: self.slots.take(),
            state: State::Opening(key),
            halves: [Half::new(&tcp.config), Half::new(&tcp.config)],
            near: true,
            began: engine.now(),
            syns: 0,
            next_probe: Time::MAX,
            paced: [Time::ZERO; 2],
            lost: None,
        });
        attempt.connection = Some(connection);
        self.clients.pools[workload][attempt.pool].open += 1;
        self.recorders[workload].transport.connections += 1;
        self.send_syn(connection, key, engine);
        if let Some(wait) = tcp::syn_timeout(&tcp.config, 0) {
            let lane = self.lane(workload, Later::OpenTimeout);
            engine.schedule_in_lane(lane, engine.now() + wait, Event::OpenTimeout(connection));
        }
    }

    pub(super) fn send_syn(&mut self, connection: Key, key: Key, engine: &mut Engine) {
        let attempt = self.clients.attempts.get(key).expect("an attempt goes on");
        let mut syn = packet(
            attempt,
            cargo(connection, Direction::Forward, Segment::Open),
        );
        let waited = engine.now().since(attempt.since);
        syn.charges.add(Part::TcpRetransmission, waited);
        syn.step = draws(attempt.number, 0);
        syn.first_of_flow = true;
        self.send_on(connection, syn, Bytes::new(0), engine);
    }

    /// The handshake has had its time: the SYN is sent again, or the connection fails.
    pub(super) fn open_timed_out(&mut self, key: Key, engine: &mut Engine) {
        let Some(connection) = self.clients.connections.get(key) else {
            return;
        };
        let State::Opening(attempt) = connection.state else {
            return;
        };
        connection.syns += 1;
        let (syns, lost) = (connection.syns, connection.lost);
        let workload = self.sources[connection.source as usize].workload;
        let tcp = tcp_of(requests(self.program, workload));
        let Some(wait) = tcp::syn_timeout(&tcp.config, syns) else {
            return self.attempt_failed(attempt, lost.unwrap_or(Failure::TimedOut), engine);
        };
        self.recorders[workload].transport.retransmissions += 1;
        engine.schedule_in(wait, Event::OpenTimeout(key));
        self.send_syn(key, attempt, engine);
    }

    /// The client has its SYN-ACK.
    pub(super) fn opened(&mut self, key: Key, charges: &Charges, engine: &mut Engine) {
        let connection = self.clients.connections.get(key);
        let connection = connection.expect("the caller has seen it");
        let State::Opening(key) = connection.state else {
            return;
        };
        connection.state = State::Busy(key);
        connection.lost = None;
        if connection.syns == 0 {
            // Both ends have seen one round trip; which SYN a late answer is for nobody knows.
            let round_trip = engine.now().since(connection.began);
            for half in &mut connection.halves {
                half.sender.measured(round_trip);
            }
        }
        let attempt = self.clients.attempts.get(key);
        let attempt = attempt.expect("a connection is busy with an attempt that goes on");
        attempt.charges = *charges;
        attempt.since = engine.now();
        self.run_step(key, engine);
    }

    /// An attempt is done with its connection.
    pub(super) fn release(&mut self, key: Key, engine: &mut Engine) {
        let now = engine.now();
        let connection = self.clients.connections.get(key);
        let connection = connection.expect("an attempt holds its connection");
        let workload = self.sources[connection.source as usize].workload;
        let pool = connection.pool;
        let tcp = tcp_of(requests(self.program, workload));
        let environment = connection.environment;
        if environment.is_some_and(|environment| !self.lambda.is_there(environment)) {
            // Its microVM is no more, and says nothing.
            return self.drop_connection(key, engine);
        }
        if !tcp.keep_alive {
            return self.close(key, Segment::Close, engine);
        }
        if let Some(waiting) = self.next_waiting(workload, pool) {
            return self.give(key, waiting, tcp, engine);
        }
        let connection = self.clients.connections.get(key).expect("it is there");
        connection.state = State::Idle(now);
        self.clients.pools[workload][pool].idle.push(key);
        if let Some(timeout) = tcp.idle_timeout {
            let lane = self.lane(workload, Later::IdleTimeout);
            engine.schedule_in_lane(lane, now + timeout, Event::IdleTimeout(key));
        }
        self.probe_later(key, tcp, engine);
    }

    /// Has TCP look after a connection when it will have been idle for as long as that takes.
    fn probe_later(&mut self, key: Key, tcp: &Tcp, engine: &mut Engine) {
        let (Some(interval), Some(connection)) =
            (tcp.probe_interval, self.clients.connections.get(key))
        else {
            return;
        };
        connection.next_probe = engine.now() + interval;
        let (next, workload) = (
            connection.next_probe,
            self.sources[connection.source as usize].workload,
        );
        let lane = self.lane(workload, Later::Probe);
        engine.schedule_in_lane(lane, next, Event::Probe(key));
    }

    /// An environment of a function is gone, and with it, without a word, its idle connections.
    pub(super) fn drop_idle(&mut self, workload: usize, pool: usize, engine: &mut Engine) {
        while let Some(kept) = self.clients.pools[workload]
            .get_mut(pool)
            .and_then(|pool| pool.idle.pop())
        {
            let connection = self.clients.connections.get(kept);
            if connection.is_some_and(|connection| matches!(connection.state, State::Idle(_))) {
                self.drop_connection(kept, engine);
            }
        }
    }

    /// The next attempt that waits for a connection and still wants one.
    pub(super) fn next_waiting(&mut self, workload: usize, pool: usize) -> Option<Key> {
        while let Some(waiting) = self.clients.pools[workload][pool].waiting.pop_front() {
            if self.clients.attempts.get(waiting).is_some() {
                return Some(waiting);
            }
        }
        None
    }

    /// Resets a connection, in whatever state it is: nobody reads what it brings.
    pub(super) fn abandon(&mut self, key: Key, engine: &mut Engine) {
        self.close(key, Segment::Reset, engine);
    }

    /// Closes a connection with a FIN or a RST; somebody else may open one in its place.
    pub(super) fn close(&mut self, key: Key, last: Segment, engine: &mut Engine) {
        let Some(connection) = self.clients.connections.get(key) else {
            return;
        };
        if connection.state == State::Closing {
            return;
        }
        connection.state = State::Closing;
        let last = cargo(key, Direction::Forward, last);
        let packet = stray(connection, last, CLOSE, engine.now());
        let workload = self.sources[connection.source as usize].workload;
        let pool = connection.pool;
        self.send_on(key, packet, Bytes::new(0), engine);
        self.closed(workload, pool, engine);
    }

    /// A connection less is open.
    pub(super) fn closed(&mut self, workload: usize, pool: usize, engine: &mut Engine) {
        self.clients.pools[workload][pool].open -= 1;
        if let Some(waiting) = self.next_waiting(workload, pool) {
            let tcp = tcp_of(requests(self.program, workload));
            self.open(waiting, tcp, engine);
        }
    }

    /// Somebody has reset the connection.
    pub(super) fn reset(&mut self, key: Key, engine: &mut Engine) {
        let Some(connection) = self.clients.connections.get(key) else {
            return;
        };
        let workload = self.sources[connection.source as usize].workload;
        match connection.state {
            State::Opening(attempt) | State::Busy(attempt) => {
                self.recorders[workload].transport.resets += 1;
                let rejected = connection.lost == Some(Failure::TooManyConnections);
                let failure = if rejected {
                    Failure::TooManyConnections
                } else {
                    Failure::Reset
                };
                self.drop_connection(key, engine);
                self.attempt_failed(attempt, failure, engine);
            }
            State::Idle(_) => {
                self.recorders[workload].transport.resets += 1;
                self.drop_connection(key, engine);
            }
            State::Closing => {
                self.remove_connection(key);
            }
        }
    }

    /// A connection is no more, without a word to the other end.
    pub(super) fn drop_connection(&mut self, key: Key, engine: &mut Engine) {
        if let Some(connection) = self.remove_connection(key) {
            let workload = self.sources[connection.source as usize].workload;
            self.closed(workload, connection.pool, engine);
        }
    }

    /// A connection may have been idle for as long as its client keeps it.
    pub(super) fn idle_timed_out(&mut self, key: Key, engine: &mut Engine) {
        let Some(connection) = self.clients.connections.get(key) else {
            return;
        };
        let State::Idle(since) = connection.state else {
            return;
        };
        let workload = self.sources[connection.source as usize].workload;
        let tcp = tcp_of(requests(self.program, workload));
        if tcp
            .idle_timeout
            .is_some_and(|timeout| since + timeout <= engine.now())
        {
            self.close(key, Segment::Close, engine);
        }
    }

    /// Time for TCP to see whether a connection is alive, if it is still idle.
    pub(super) fn probe(&mut self, key: Key, engine: &mut Engine) {
        let now = engine.now();
        let Some(connection) = self.clients.connections.get(key) else {
            return;
        };
        let workload = self.sources[connection.source as usize].workload;
        let tcp = tcp_of(requests(self.program, workload));
        let idle = matches!(connection.state, State::Idle(_));
        if !idle || connection.next_probe != now || now >= self.program.horizon() {
            return;
        }
        let probe = cargo(key, Direction::Forward, Segment::Probe);
        let packet = stray(connection, probe, PROBE, now);
        self.probe_later(key, tcp, engine);
        self.send_on(key, packet, Bytes::new(0), engine);
    }
}

/// An attempt has waited for its connection.
fn wait_ends(attempt: &mut Attempt, now: Time) {
    let waited = now.since(attempt.since);
    attempt.charges.add(Part::ConnectionPoolQueue, waited);
    attempt.since = now;
}
