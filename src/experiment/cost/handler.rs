//! Handlers of functions: which workloads they call, how often, and how long they wait for them.

use std::collections::BTreeMap;

use crate::engine::Distribution;
use crate::path::{self, Endpoint, Flow, Path, Query, Server};
use crate::scenario::{
    self, Called, Connection, FrontEnd, InvocationType, KeyPath, Problem, Protocol, Reference,
    RequestProtocol, Scenario, Tls,
};
use crate::sim::{FlowState, idle_mean};
use crate::topology::{Function, Id, InterfaceOwner, Topology};
use crate::units::Duration;

/// The port of the Lambda API.
pub(super) const HTTPS: u16 = 443;
/// The end of the path of an invocation over the network.
pub(super) const LAMBDA: &str = "service.lambda";

/// A call in the handler of a function.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call<'a> {
    /// Whose handler it is.
    pub(super) function: &'a str,
    pub(super) workload: Called<'a>,
    /// How often in an invocation.
    pub(super) times: u32,
}

/// What all handlers call, in the order of the scenario; and names of nothing.
pub(super) fn calls(scenario: &Scenario) -> (Vec<Call<'_>>, Vec<Problem>) {
    let (mut calls, mut problems) = (Vec::new(), Vec::new());
    for (function, written) in &scenario.function {
        for (index, step) in written.handler.iter().enumerate() {
            for reference in step.call.iter().flat_map(|all| &all.0) {
                if let Some(workload) = Called::find(scenario, reference) {
                    calls.push(Call {
                        function,
                        workload,
                        times: step.times.unwrap_or(1),
                    });
                } else {
                    let path = KeyPath::of(["function", function, "handler"]);
                    let message = format!("no request or invoke workload is called `{reference}`");
                    problems.push(Problem::error(path.index(index).key("call"), message));
                }
            }
        }
    }
    (calls, problems)
}

/// How long invocations of functions take on average: what handlers compute, and what they wait for
/// on ways on which nothing else is under way.
#[derive(Debug)]
pub(super) struct Durations<'a> {
    scenario: &'a Scenario,
    topology: &'a Topology,
    known: BTreeMap<&'a str, f64>,
    /// Functions whose durations are being found.
    asked: Vec<&'a str>,
}

impl<'a> Durations<'a> {
    pub(super) const fn new(scenario: &'a Scenario, topology: &'a Topology) -> Self {
        Self {
            scenario,
            topology,
            known: BTreeMap::new(),
            asked: Vec::new(),
        }
    }

    /// Whether an invocation of the function waits for anything.
    pub(super) fn waits(written: &scenario::Function) -> bool {
        written.handler.iter().any(|step| step.call.is_some())
    }

    /// Of an invocation of a function, on average.
    pub(super) fn of(&mut self, function: &str) -> Duration {
        Duration::from_secs_f64(self.secs(function))
    }

    fn secs(&mut self, function: &str) -> f64 {
        let Some((name, written)) = self.scenario.function.get_key_value(function) else {
            return 0.0;
        };
        if let Some(&known) = self.known.get(name.as_str()) {
            return known;
        }
        // Those that call themselves have been reported.
        if self.asked.contains(&name.as_str()) {
            return 0.0;
        }
        self.asked.push(name);
        let mut secs = written.mean_compute_secs();
        for step in &written.handler {
            let all = step.call.iter().flat_map(|all| &all.0);
            let longest = all
                .filter_map(|reference| Called::find(self.scenario, reference))
                .map(|called| self.wait(called))
                .fold(0.0, f64::max);
            secs += longest * f64::from(step.times.unwrap_or(1));
        }
        self.asked.pop();
        if let Some(timeout) = written.timeout {
            secs = secs.min(timeout.as_secs_f64());
        }
        self.known.insert(name, secs);
        secs
    }

    /// Until the answer of a workload is there.
    fn wait(&mut self, called: Called<'_>) -> f64 {
        match called {
            Called::Request(_, request) => {
                let ends = request.to.0.iter();
                let each = ends.map(|to| self.request(request, to));
                each.fold(0.0, f64::max)
            }
            Called::Invoke(_, invoke) => self.invoke(invoke),
        }
    }

    fn request(&mut self, request: &scenario::Request, to: &Reference) -> f64 {
        let flow = Flow {
            protocol: request.protocol.into(),
            port: request.port,
        };
        let opening = match (request.protocol, request.connection) {
            (RequestProtocol::Udp, _) | (_, Some(Connection::KeepAlive) | None) => 0,
            (RequestProtocol::Tcp, Some(Connection::New)) => 1 + tls_round_trips(request.tls),
        };
        let first = match request.protocol {
            // Each of them is a flow of its own.
            RequestProtocol::Udp => FlowState::New,
            RequestProtocol::Tcp => FlowState::Established,
        };
        self.over_network(&request.from, to, flow, (opening, first))
    }

    fn invoke(&mut self, invoke: &scenario::Invoke) -> f64 {
        let topology = self.topology;
        let figures = &topology.profile.lambda;
        let way = invoke.from.as_ref().map_or(0.0, |from| {
            let flow = Flow {
                protocol: Protocol::Tcp,
                port: HTTPS,
            };
            let kept = (0, FlowState::Established);
            self.over_network(from, &Reference::new(LAMBDA), flow, kept)
        });
        let front = match invoke.front_end {
            FrontEnd::None => 0.0,
            FrontEnd::FunctionUrl => figures.function_url.value.mean_secs(),
            FrontEnd::ApiGateway => figures.api_gateway.value.mean_secs(),
        };
        let function = match invoke.invocation_type {
            InvocationType::RequestResponse => self.secs(invoke.target.parts().1),
            // Queued: nobody waits for the function.
            InvocationType::Event | InvocationType::EventSource => 0.0,
        };
        way + front + figures.invoke_overhead.value.mean_secs() + function
    }

    /// The mean over all ways of a flow: its round trips, so many of them to open a connection, and
    /// the time of the server.
    fn over_network(
        &mut self,
        from: &Reference,
        to: &Reference,
        flow: Flow,
        (opening, later): (u32, FlowState),
    ) -> f64 {
        let topology = self.topology;
        let end = |text: &Reference, from| Endpoint::parse(topology, text.as_str(), from).ok();
        let ends = end(from, None).and_then(|from| Some((from, end(to, Some(from))?)));
        let paths = ends.map(|(from, to)| path::resolve(topology, &Query::new(from, to, flow)));
        let Some(Ok(paths)) = paths else {
            return 0.0;
        };
        let count = paths.len() as f64;
        let round_trip = |path: &Path, state| {
            let [there, back] =
                [&path.forward, &path.back].map(|leg| idle_mean(topology, leg, state));
            (there + back).as_secs_f64()
        };
        let each = paths.iter().map(|path| {
            let mut secs = round_trip(path, later) + self.server(path);
            if opening > 0 {
                secs += round_trip(path, FlowState::New);
                secs += f64::from(opening - 1) * round_trip(path, FlowState::Established);
            }
            secs
        });
        each.sum::<f64>() / count
    }

    fn server(&mut self, path: &Path) -> f64 {
        let topology = self.topology;
        let time = match path.server {
            Some(Server::Interface(id)) => {
                if let InterfaceOwner::Instance { instance, .. } =
                    topology.network_interfaces[id].owner
                {
                    &topology.instances[instance].service_time
                } else {
                    &topology.profile.instance.service_time.value
                }
            }
            Some(
                Server::Service(id, _)
                | Server::GatewayEndpoint(id, ..)
                | Server::InterfaceEndpoint(id, ..),
            ) => &topology.services[id].service_time,
            Some(Server::Function(id)) => return self.secs(topology.functions.name(id)),
            Some(Server::LinkLocal(_) | Server::Site(_) | Server::Internet | Server::Host)
            | None => return 0.0,
        };
        Distribution::mean_secs(time)
    }
}

/// Round trips of a handshake beside TCP's own.
const fn tls_round_trips(tls: Tls) -> u32 {
    match tls {
        Tls::None | Tls::V1_3EarlyData => 0,
        Tls::V1_2Resumed | Tls::V1_3 => 1,
        Tls::V1_2 => 2,
    }
}

/// The share of arrivals that find one of so many environments free, if each keeps it for `secs` and
/// others go elsewhere: 1 − B(λ·S, P) for Poisson arrivals, whatever the distribution of the time. (A. K.
/// Erlang, 1917; the recursion is D. L. Jagerman's, 1974.)
pub(super) fn served(arrivals_per_second: f64, secs: f64, environments: u32) -> f64 {
    let load = arrivals_per_second * secs;
    let blocked = (1..=environments).fold(1.0, |blocked, k| {
        load * blocked / (f64::from(k) + load * blocked)
    });
    1.0 - blocked
}

/// A way by which a function calls itself, if one of some functions does: the workloads on it, and the
/// functions that they invoke.
pub(super) fn circle<'a>(
    calls: &[Call<'a>],
    invoked_by: &dyn Fn(&str) -> Vec<&'a str>,
) -> Option<(&'a str, Vec<String>)> {
    for start in calls {
        let mut ways: Vec<(&str, Vec<String>)> = vec![(start.function, Vec::new())];
        let mut seen: Vec<&str> = Vec::new();
        while let Some((function, way)) = ways.pop() {
            for call in calls.iter().filter(|call| call.function == function) {
                let (kind, name) = match call.workload {
                    Called::Request(name, _) => ("request", name),
                    Called::Invoke(name, _) => ("invoke", name),
                };
                for next in invoked_by(name) {
                    let mut longer = way.clone();
                    longer.push(format!("{kind}.{name}"));
                    if next == start.function {
                        return Some((start.function, longer));
                    }
                    if !seen.contains(&next) {
                        seen.push(next);
                        longer.push(format!("function.{next}"));
                        ways.push((next, longer));
                    }
                }
            }
        }
    }
    None
}

/// The mistake of a function that calls itself on such a way.
pub(super) fn calls_itself(function: &str, way: &[String]) -> Problem {
    let path = KeyPath::of(["function", function, "handler"]);
    let message = format!(
        "function `{function}` calls itself through {}",
        way.join(", ")
    );
    Problem::error(path, message)
}

/// The function of an invocation, if there is one of that name.
pub(super) fn target(topology: &Topology, invoke: &scenario::Invoke) -> Option<Id<Function>> {
    topology.functions.find(invoke.target.parts().1)
}
