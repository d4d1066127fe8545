//! What workloads move and invoke in a month, and by which ways.
//!
//! Sizes are those of messages, without headers of the network and handshakes. Connections are
//! counted as they are opened; how many are open at once is known only to a run, and not counted.

use crate::cost::{HOURS_PER_MONTH, Invocations, Monthly, Traffic, Transport};
use crate::path::{self, Endpoint, Flow, Meter, Query, Server, UnknownEnd};
use crate::scenario::{
    self, Arrivals, Connection, KeyPath, ListenerProtocol, Problem, Protocol, Reference, Scenario,
};
use crate::topology::{Function, Id, Topology};
use crate::units::{Bytes, Duration, Frequency};

/// A month in the making.
#[derive(Debug)]
pub(super) struct Month<'a> {
    scenario: &'a Scenario,
    topology: &'a Topology,
    pub(super) traffic: Vec<Traffic>,
    pub(super) invocations: Vec<Invocations>,
    /// What a reader of the bill must know.
    pub(super) notes: Vec<String>,
    /// Mistakes that leave a workload out of it.
    pub(super) problems: Vec<Problem>,
}

/// A way that a flow may take.
#[derive(Debug, PartialEq, Eq)]
struct Way {
    forward: Vec<Meter>,
    back: Vec<Meter>,
    /// The function that answers, if one does.
    function: Option<Id<Function>>,
}

/// Ways, with how many of all variants of a flow take each.
#[derive(Debug, Default)]
struct Ways(Vec<(Way, u64)>);

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
    pub(super) const fn new(scenario: &'a Scenario, topology: &'a Topology) -> Self {
        Self {
            scenario,
            topology,
            traffic: Vec::new(),
            invocations: Vec::new(),
            notes: Vec::new(),
            problems: Vec::new(),
        }
    }

    pub(super) fn ping(&mut self, name: &str, ping: &scenario::Ping) {
        let size = ping.packet_size();
        let load = Load {
            workload: name,
            monthly: Monthly::new(per_second(&ping.arrivals), size, size, None),
            new_connections_per_second: 0.0,
            flow: Flow {
                protocol: Protocol::Icmp,
                port: 0,
            },
        };
        let path = KeyPath::of(["ping", name]);
        let ways = self.ways(&path, (&ping.from, &ping.to), load.flow);
        self.send(load, &ways);
    }

    pub(super) fn request(&mut self, name: &str, request: &scenario::Request) {
        let path = KeyPath::of(["request", name]);
        if request.arrivals.is_none() && request.volume.is_none() {
            let message = "a request workload has `arrivals`, `volume`, or both";
            self.problems.push(Problem::error(path.clone(), message));
        }
        let (there, back) = request.sizes();
        let rate = request.arrivals.as_ref().and_then(per_second);
        // Each request goes to all servers.
        let servers = request.to.0.len() as f64;
        let rate = rate.and_then(|rate| Frequency::per_second(rate.as_per_second() * servers));
        let monthly = Monthly::new(rate, there, back, request.volume);
        let load = Load {
            workload: name,
            monthly,
            new_connections_per_second: match request.connection {
                Some(Connection::New) => monthly.count as f64 / (HOURS_PER_MONTH * 3_600) as f64,
                // Opened once, and kept; over UDP there are none.
                Some(Connection::KeepAlive) | None => 0.0,
            },
            flow: Flow {
                protocol: request.protocol.into(),
                port: request.port,
            },
        };
        let mut ways = Ways::default();
        for to in &request.to.0 {
            for (way, variants) in self.ways(&path, (&request.from, to), load.flow).0 {
                ways.add(way, variants);
            }
        }
        self.send(load, &ways);
    }

    /// Each sender on its own. What the bare hosts of a fabric send is nobody's to charge.
    pub(super) fn datagram(&mut self, name: &str, datagram: &scenario::Datagram) {
        let path = KeyPath::of(["datagram", name]);
        let bare = |end: &&Reference| end.parts().0 == Some("fabric");
        for from in datagram.from.0.iter().filter(|from| !bare(from)) {
            let rate = match (&datagram.arrivals, datagram.load) {
                (Some(arrivals), _) => per_second(arrivals),
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

    pub(super) fn invoke(&mut self, name: &str, invoke: &scenario::Invoke) {
        let nothing = Bytes::new(0);
        let monthly = Monthly::new(per_second(&invoke.arrivals), nothing, nothing, None);
        let path = KeyPath::of(["invoke", name, "target"]);
        let function = invoke.target.parts().1;
        match self.topology.functions.find(function) {
            Some(function) => self.invocations(name, function, monthly.count),
            None => self.problems.push(Problem::error(
                path,
                format!("function `{function}` is not defined"),
            )),
        }
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
                self.invocations(load.workload, function, part(load.monthly.count));
            }
            before += variants;
        }
    }

    fn invocations(&mut self, workload: &str, function: Id<Function>, count: u64) {
        let name = self.topology.functions.name(function);
        let Some(written) = self.scenario.function.get(name) else {
            return;
        };
        let duration = &self.topology.functions[function].duration;
        self.invocations.push(Invocations {
            workload: workload.to_owned(),
            function,
            memory: written.memory,
            count,
            mean_duration: Duration::from_secs_f64(duration.mean_secs()),
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

/// Mean arrivals per second.
fn per_second(arrivals: &Arrivals) -> Option<Frequency> {
    let hz = match (arrivals.poisson, arrivals.interval, arrivals.burst) {
        (Some(poisson), _, _) => poisson.rate.as_per_second(),
        (None, Some(interval), _) => 1.0 / interval.every.as_secs_f64(),
        (None, None, Some(burst)) => burst.rate.as_per_second() * f64::from(burst.size),
        (None, None, None) => return None,
    };
    Frequency::per_second(hz)
}
