//! What workloads move and invoke in a month, and by which ways.
//!
//! Sizes are those of messages, without headers of the network and handshakes. Connections are
//! counted as they are opened; how many are open at once is known only to a run, and not counted.

use super::handler::{self, Call, Durations};
use crate::cost::{HOURS_PER_MONTH, Invocations, Monthly, Traffic, Transport};
use crate::path::{self, Endpoint, Flow, Meter, Query, Server, UnknownEnd};
use crate::scenario::{
    self, Arrivals, Connection, FrontEnd, InvocationType, KeyPath, ListenerProtocol, Problem,
    Protocol, Reference, Scenario,
};
use crate::topology::{Function, Id, Topology};
use crate::units::{Bytes, Frequency};

pub(super) const SECONDS_PER_MONTH: f64 = (HOURS_PER_MONTH * 3_600) as f64;
/// Most messages of a batch of an event source, unless it says otherwise. (AWS Lambda API,
/// `CreateEventSourceMapping`, of Amazon SQS.)
const DEFAULT_BATCH: u32 = 10;

/// A month in the making.
#[derive(Debug)]
pub(super) struct Month<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) topology: &'a Topology,
    /// What handlers call.
    pub(super) calls: Vec<Call<'a>>,
    durations: Durations<'a>,
    pub(super) traffic: Vec<Traffic>,
    pub(super) invocations: Vec<Invocations>,
    /// What a reader of the bill must know.
    pub(super) notes: Vec<String>,
    /// Mistakes that leave a workload out of it.
    pub(super) problems: Vec<Problem>,
}

/// A way that a flow may take.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Way {
    forward: Vec<Meter>,
    back: Vec<Meter>,
    /// The function that answers, if one does.
    pub(super) function: Option<Id<Function>>,
}

/// Ways, with how many of all variants of a flow take each.
#[derive(Debug, Default)]
pub(super) struct Ways(pub(super) Vec<(Way, u64)>);

impl Ways {
    fn add(&mut self, way: Way, variants: u64) {
        match self.0.iter_mut().find(|(known, _)| *known == way) {
            Some((_, known)) => *known += variants,
            None => self.0.push((way, variants)),
        }
    }
}

/// What a workload sends, and how.
#[derive(Debug, Clone, Copy)]
struct Load<'a> {
    workload: &'a str,
    monthly: Monthly,
    new_connections_per_second: f64,
    flow: Flow,
}

impl<'a> Month<'a> {
    /// A month in which nothing happens.
    pub(super) fn new(scenario: &'a Scenario, topology: &'a Topology) -> Self {
        let (calls, problems) = handler::calls(scenario);
        Self {
            scenario,
            topology,
            calls,
            durations: Durations::new(scenario, topology),
            traffic: Vec::new(),
            invocations: Vec::new(),
            notes: Vec::new(),
            problems,
        }
    }

    pub(super) fn ping(&mut self, name: &str, ping: &scenario::Ping) {
        let size = ping.packet_size();
        let path = KeyPath::of(["ping", name]);
        let rate = self.rate(&path, &ping.arrivals);
        let load = Load {
            workload: name,
            monthly: Monthly::new(rate, size, size, None),
            new_connections_per_second: 0.0,
            flow: Flow {
                protocol: Protocol::Icmp,
                port: 0,
            },
        };
        let ways = self.ways(&path, (&ping.from, &ping.to), load.flow);
        self.send(load, &ways);
    }

    /// Unless it has no arrivals of its own, and handlers call it.
    pub(super) fn request(&mut self, name: &str, request: &scenario::Request) {
        let path = KeyPath::of(["request", name]);
        if request.arrivals.is_none() && request.volume.is_none() {
            if self.is_called(name) {
                return;
            }
            let message = "a request workload has `arrivals`, `volume`, or both, unless a handler \
                           calls it";
            self.problems.push(Problem::error(path.clone(), message));
        }
        let (there, back) = request.sizes();
        // A volume takes the place of arrivals.
        let arrivals = request.arrivals.as_ref();
        let arrivals = arrivals.filter(|_| request.volume.is_none());
        let rate = arrivals.and_then(|arrivals| self.rate(&path, arrivals));
        // Each request goes to all servers.
        let servers = request.to.0.len() as f64;
        let rate = rate.and_then(|rate| Frequency::per_second(rate.as_per_second() * servers));
        let monthly = Monthly::new(rate, there, back, request.volume);
        let ways = self.ways_of_request(name, request);
        self.send_requests(name, request, monthly, &ways);
    }

    pub(super) fn ways_of_request(&mut self, name: &str, request: &scenario::Request) -> Ways {
        let path = KeyPath::of(["request", name]);
        let mut ways = Ways::default();
        for to in &request.to.0 {
            for (way, variants) in self.ways(&path, (&request.from, to), flow_of(request)).0 {
                ways.add(way, variants);
            }
        }
        ways
    }

    pub(super) fn send_requests(
        &mut self,
        name: &str,
        request: &scenario::Request,
        monthly: Monthly,
        ways: &Ways,
    ) {
        let load = Load {
            workload: name,
            monthly,
            new_connections_per_second: match request.connection {
                Some(Connection::New) => monthly.count as f64 / SECONDS_PER_MONTH,
                // Opened once, and kept; over UDP there are none.
                Some(Connection::KeepAlive) | None => 0.0,
            },
            flow: flow_of(request),
        };
        self.send(load, ways);
    }

    /// Each sender on its own. What the bare hosts of a fabric send is nobody's to charge.
    pub(super) fn datagram(&mut self, name: &str, datagram: &scenario::Datagram) {
        let path = KeyPath::of(["datagram", name]);
        let bare = |end: &&Reference| end.parts().0 == Some("fabric");
        for from in datagram.from.0.iter().filter(|from| !bare(from)) {
            let rate = match (&datagram.arrivals, datagram.load) {
                (Some(arrivals), _) => self.rate(&path, arrivals),
                (None, Some(load)) => self.link_rate(from).and_then(|bytes_per_second| {
                    let size = datagram.size.get().max(1) as f64;
                    Frequency::per_second(load.as_fraction() * bytes_per_second / size)
                }),
                (None, None) => None,
            };
            let load = Load {
                workload: name,
                monthly: Monthly::new(rate, datagram.size, Bytes::new(0), None),
                new_connections_per_second: 0.0,
                flow: Flow {
                    protocol: Protocol::Udp,
                    port: datagram.receiver_port(),
                },
            };
            let mut ways = Ways::default();
            for to in datagram.to.0.iter().filter(|to| *to != from && !bare(to)) {
                for (way, variants) in self.ways(&path, (from, to), load.flow).0 {
                    ways.add(way, variants);
                }
            }
            self.send(load, &ways);
        }
    }

    /// How much a stream moves in a month is known only if it goes on as in the run, which bulk
    /// transfers rarely do.
    pub(super) fn stream(&mut self, name: &str) {
        self.notes
            .push(format!("what `stream.{name}` moves is not in the bill"));
    }

    /// Unless it has no arrivals of its own, and handlers call it.
    pub(super) fn invoke(&mut self, name: &str, invoke: &scenario::Invoke) {
        if invoke.arrivals.is_some() || !self.is_called(name) {
            let path = KeyPath::of(["invoke", name]);
            let rate = invoke.arrivals.as_ref();
            let rate = rate.and_then(|arrivals| self.rate(&path, arrivals));
            let nothing = Bytes::new(0);
            let monthly = Monthly::new(rate, nothing, nothing, None);
            self.invoke_times(name, invoke, monthly.count);
        }
    }

    /// What so many of its arrivals in a month move and invoke.
    pub(super) fn invoke_times(&mut self, name: &str, invoke: &scenario::Invoke, arrivals: u64) {
        let path = KeyPath::of(["invoke", name]);
        let Some(function) = handler::target(self.topology, invoke) else {
            let message = format!("function `{}` is not defined", invoke.target.parts().1);
            self.problems
                .push(Problem::error(path.key("target"), message));
            return;
        };
        if let Some(from) = &invoke.from {
            let flow = Flow {
                protocol: Protocol::Tcp,
                port: handler::HTTPS,
            };
            let ways = self.ways(&path, (from, &Reference::new(handler::LAMBDA)), flow);
            if ways.0.is_empty() {
                return;
            }
            let there = invoke.request_size.unwrap_or(Bytes::new(500));
            let back = invoke.response_size.unwrap_or(Bytes::new(1000));
            let load = Load {
                workload: name,
                monthly: Monthly::of(arrivals, there, back),
                // Clients of the Lambda API keep their connections.
                new_connections_per_second: 0.0,
                flow,
            };
            self.send(load, &ways);
        }
        let count = match invoke.invocation_type {
            InvocationType::RequestResponse | InvocationType::Event => arrivals,
            InvocationType::EventSource => {
                let batch = invoke.event_source.and_then(|source| source.batch_size);
                let batch = u64::from(batch.unwrap_or(DEFAULT_BATCH)).max(1);
                self.notes.push(format!(
                    "`invoke.{name}` is billed for full batches of {batch}: smaller ones are more \
                     invocations"
                ));
                arrivals.div_ceil(batch)
            }
        };
        let by_api = invoke.front_end == FrontEnd::ApiGateway;
        self.invocations(name, function, count, by_api);
    }

    /// Divides a load evenly among the variants of a flow.
    fn send(&mut self, load: Load<'_>, ways: &Ways) {
        let whole: u64 = ways.0.iter().map(|(_, variants)| variants).sum();
        let mut before = 0;
        for (way, variants) in &ways.0 {
            let part = |total: u64| {
                let up_to =
                    |variants: u64| u128::from(total) * u128::from(variants) / u128::from(whole);
                let part = up_to(before + variants) - up_to(before);
                u64::try_from(part).expect("a part is at most the whole")
            };
            self.traffic.push(Traffic {
                workload: load.workload.to_owned(),
                forward: way.forward.clone(),
                back: way.back.clone(),
                bytes_forward: Bytes::new(part(load.monthly.forward.get())),
                bytes_back: Bytes::new(part(load.monthly.back.get())),
                new_connections_per_second: load.new_connections_per_second * *variants as f64
                    / whole as f64,
                active_connections: 0.0,
                transport: self.transport(&way.forward, load.flow),
            });
            if let Some(function) = way.function {
                self.invocations(load.workload, function, part(load.monthly.count), false);
            }
            before += variants;
        }
    }

    fn invocations(&mut self, workload: &str, function: Id<Function>, count: u64, by_api: bool) {
        let name = self.topology.functions.name(function);
        let Some(written) = self.scenario.function.get(name) else {
            return;
        };
        self.invocations.push(Invocations {
            workload: workload.to_owned(),
            function,
            memory: written.memory,
            architecture: written.architecture,
            count,
            mean_duration: self.durations.of(name),
            provisioned: None,
            by_api,
        });
    }

    /// The ways of the workload at `path` between two ends; none if they are refused, or an end is
    /// no end.
    fn ways(&mut self, path: &KeyPath, (from, to): (&Reference, &Reference), flow: Flow) -> Ways {
        let mut ways = Ways::default();
        let Some(sender) = self.end(&path.key("from"), from, None) else {
            return ways;
        };
        let Some(receiver) = self.end(&path.key("to"), to, Some(sender)) else {
            return ways;
        };
        let Ok(paths) = path::resolve(self.topology, &Query::new(sender, receiver, flow)) else {
            let note = format!("`{path}` is refused from {from} to {to}, and moves nothing");
            self.notes.push(note);
            return ways;
        };
        for path in paths {
            let function = match path.server {
                Some(Server::Function(id)) => Some(id),
                _ => None,
            };
            let way = Way {
                forward: path.forward.meters,
                back: path.back.meters,
                function,
            };
            ways.add(way, 1);
        }
        ways
    }

    fn end(
        &mut self,
        path: &KeyPath,
        text: &Reference,
        sender: Option<Endpoint>,
    ) -> Option<Endpoint> {
        let unknown = match Endpoint::parse(self.topology, text.as_str(), sender) {
            Ok(end) => return Some(end),
            Err(unknown) => unknown,
        };
        let UnknownEnd { message, help } = unknown;
        let problem = Problem::error(path.clone(), message);
        self.problems.push(match help {
            Some(help) => problem.help(help),
            None => problem,
        });
        None
    }

    /// What a Network Load Balancer on the way counts the flow as.
    fn transport(&self, meters: &[Meter], flow: Flow) -> Transport {
        if flow.protocol == Protocol::Udp {
            return Transport::Udp;
        }
        let ends_tls = meters.iter().any(|meter| {
            let Meter::LoadBalancer(id) = *meter else {
                return false;
            };
            let mut listeners = self.topology.load_balancers[id].listeners.iter();
            listeners.any(|listener| {
                listener.port == flow.port && listener.protocol == ListenerProtocol::Tls
            })
        });
        if ends_tls {
            Transport::Tls
        } else {
            Transport::Tcp
        }
    }

    /// Mean arrivals per second of the workload at `path`, with a note if they are not known.
    /// What is wrong with a trace is a mistake.
    fn rate(&mut self, path: &KeyPath, arrivals: &Arrivals) -> Option<Frequency> {
        let traces = &self.scenario.traces;
        if let Some(trace) = &arrivals.trace {
            let recording = traces.recording(trace, &path.key("arrivals").key("trace"));
            if let Err(problems) = recording {
                self.problems.extend(problems);
                return None;
            }
        }
        let rate = arrivals.per_second(self.scenario.duration, traces);
        if rate.is_none() && arrivals.process().is_some() {
            let why = if arrivals.closed.is_some() {
                "depends on how fast its clients are answered"
            } else {
                "depends on a `duration`, which the scenario does not give"
            };
            self.notes.push(format!(
                "how often `{path}` sends {why}; it is not in the bill"
            ));
        }
        Frequency::per_second(rate?)
    }

    /// Bytes that the link of a sender's host carries in a second.
    fn link_rate(&self, from: &Reference) -> Option<f64> {
        let topology = self.topology;
        let Endpoint::Interface(id) = Endpoint::parse(topology, from.as_str(), None).ok()? else {
            return None;
        };
        let fabric = &topology.substrate.fabrics[topology.zone_of(id)];
        Some(fabric.host_link_rate.as_bps() as f64 / 8.0)
    }
}

fn flow_of(request: &scenario::Request) -> Flow {
    Flow {
        protocol: request.protocol.into(),
        port: request.port,
    }
}
