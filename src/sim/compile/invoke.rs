//! Invocations of functions: by clients who wait, perhaps over the network; by events; and by messages
//! of a queue.

use super::handler::is_called;
use super::request::{self, TCP_HEADERS, message, sends};
use super::stage::Compiler;
use super::transport;
use super::workload::{arrivals, endpoint, paths, planes, refused};
use crate::path::{Endpoint, Flow};
use crate::scenario::{
    self, Expectation, FrontEnd, InvocationType, KeyPath, Problem, Protocol, Reference, Tls,
};
use crate::sim::part::Part;
use crate::sim::program::{
    Arrivals, Direction, Events, Messages, Patience, Planes, Requests, Route, Server, Step, Target,
    Tcp, Transport, Workload, WorkloadKind,
};
use crate::topology::{Function, Id, Resolver, Topology};
use crate::units::{Bytes, Duration};

/// The port of the Lambda API.
const HTTPS: u16 = 443;
/// Largest payload of a synchronous invocation. (AWS Lambda developer guide, Lambda quotas.)
const MAX_PAYLOAD: Bytes = Bytes::new(6 << 20);
/// Most attempts after the first, and the greatest age, of an event. (AWS Lambda API,
/// `PutFunctionEventInvokeConfig`.)
const MAX_RETRIES: u32 = 2;
/// Most messages of a batch. (AWS Lambda API, `CreateEventSourceMapping`.)
const MAX_BATCH: u32 = 10_000;
const DEFAULT_BATCH: u32 = 10;
/// Amazon SQS's default.
const DEFAULT_VISIBILITY_TIMEOUT: Duration = Duration::from_secs(30);
/// A route of no stage.
const NOWHERE: Route = Route { first: 0, end: 0 };

pub(super) fn compile(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    compiler: &mut Compiler<'_>,
    name: &str,
    written: &scenario::Invoke,
) -> Option<Workload> {
    let path = KeyPath::of(["invoke", name]);
    let target = path.key("target");
    let function = resolver.find(&topology.functions, "function", &written.target, &target);
    let arrivals = sending(resolver, compiler, written, &path);
    check_keys(resolver, written, &path);
    let (function, arrivals) = (function?, arrivals?);
    let (kind, parts) = match written.invocation_type {
        InvocationType::RequestResponse => {
            let planned = client(resolver, topology, compiler, function, written, &path)?;
            let requests = match planned {
                Ok(requests) => requests,
                Err(refusal) => {
                    let expect = Expectation::Reachable;
                    return Some(refused(name, arrivals, written.count, expect, refusal));
                }
            };
            let parts = request::parts(compiler, &requests);
            (WorkloadKind::Request(Box::new(requests)), parts)
        }
        InvocationType::Event => {
            let events = events(resolver, topology, function, written, &path);
            (
                WorkloadKind::Events(events),
                vec![Part::LambdaQueue as usize],
            )
        }
        InvocationType::EventSource => {
            let messages = messages(resolver, function, written, &path);
            (
                WorkloadKind::Messages(messages),
                vec![Part::LambdaQueue as usize],
            )
        }
    };
    Some(Workload {
        name: name.to_owned(),
        kind,
        arrivals,
        count: written.count,
        parts,
        payload: Bytes::new(0),
        expect: Expectation::Reachable,
    })
}

/// When the workload sends: from each source.
fn sending(
    resolver: &mut Resolver<'_>,
    compiler: &mut Compiler<'_>,
    written: &scenario::Invoke,
    path: &KeyPath,
) -> Option<Vec<Arrivals>> {
    let Some(given) = &written.arrivals else {
        if is_called(resolver.scenario, path) {
            return Some(vec![Arrivals::Never]);
        }
        if resolver.is_whole(path) {
            resolver.report(
                Problem::error(path.clone(), "an invoke workload needs `arrivals`").help(
                    "for example arrivals = { poisson = { rate = \"20/s\" } }, or call it from a handler",
                ),
            );
        }
        return None;
    };
    let path = path.key("arrivals");
    if written.invocation_type == InvocationType::RequestResponse {
        return request::clients(resolver, compiler, given, &path).map(|(sources, _)| sources);
    }
    arrivals(resolver, given, &path).map(|(arrivals, _)| vec![arrivals])
}

/// Keys that mean nothing for the type of invocation.
fn check_keys(resolver: &mut Resolver<'_>, written: &scenario::Invoke, path: &KeyPath) {
    use InvocationType::{Event, EventSource, RequestResponse};
    let given = [
        ("from", RequestResponse, written.from.is_some()),
        (
            "front_end",
            RequestResponse,
            written.front_end != FrontEnd::None,
        ),
        ("timeout", RequestResponse, written.timeout.is_some()),
        ("retry", RequestResponse, written.retry.is_some()),
        (
            "request_size",
            RequestResponse,
            written.request_size.is_some(),
        ),
        (
            "response_size",
            RequestResponse,
            written.response_size.is_some(),
        ),
        (
            "maximum_retry_attempts",
            Event,
            written.maximum_retry_attempts.is_some(),
        ),
        (
            "maximum_event_age",
            Event,
            written.maximum_event_age.is_some(),
        ),
        ("event_source", EventSource, written.event_source.is_some()),
    ];
    for (key, of, given) in given {
        if given && of != written.invocation_type {
            let kind = match of {
                RequestResponse => "request_response",
                Event => "event",
                EventSource => "event_source",
            };
            let message = format!("`{key}` is for invocation_type = \"{kind}\"");
            resolver.error(path.key(key), message);
        }
    }
    if written.from.is_none() {
        for (key, size) in [
            ("request_size", written.request_size),
            ("response_size", written.response_size),
        ] {
            if size.is_some() && written.invocation_type == RequestResponse {
                let problem = Problem::error(path.key(key), "nothing is sent over the network");
                resolver
                    .report(problem.help("say who invokes the function: from = \"instance.web\""));
            }
        }
    }
}

/// Clients who wait for the answer.
fn client(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    compiler: &mut Compiler<'_>,
    function: Id<Function>,
    written: &scenario::Invoke,
    path: &KeyPath,
) -> Option<Result<Requests, crate::path::Explanation>> {
    let retry = written.retry.as_ref();
    let patience = transport::patience(resolver, (written.timeout, None), retry, path);
    let figures = &topology.profile.lambda;
    let front = match written.front_end {
        FrontEnd::None => None,
        FrontEnd::FunctionUrl => Some(&figures.function_url.value),
        FrontEnd::ApiGateway => Some(&figures.api_gateway.value),
    };
    let front = front.map(|time| Step::Local(compiler.local(Part::LambdaFrontEnd, time)));
    let server = Server::Function(function.index());
    match &written.from {
        None => Some(Ok(Requests {
            planes: Planes {
                count: 1,
                per_packet: false,
            },
            targets: vec![Target {
                forward: vec![NOWHERE],
                back: vec![NOWHERE],
                near_forward: vec![NOWHERE],
                near_back: vec![NOWHERE],
                servers: vec![server],
                paired: true,
                segment: Bytes::new(1),
                flow_cap: None,
            }],
            steps: front.into_iter().chain([Step::Serve]).collect(),
            transport: Transport::Direct,
            headers: Bytes::new(0),
            patience,
            bulk: None,
        })),
        Some(from) => {
            let from = endpoint(resolver, topology, from, None, &path.key("from"))?;
            over_network(
                resolver,
                topology,
                compiler,
                written,
                (from, server),
                (front, patience),
                path,
            )
        }
    }
}

/// Clients at the other end of the network: they reach the Lambda API over TLS on kept connections.
fn over_network(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    compiler: &mut Compiler<'_>,
    written: &scenario::Invoke,
    (from, server): (Endpoint, Server),
    (front, patience): (Option<Step>, Patience),
    path: &KeyPath,
) -> Option<Result<Requests, crate::path::Explanation>> {
    if !sends(from) {
        resolver.report(
            Problem::error(path.key("from"), "it does not invoke functions")
                .help("name an instance, a network interface, a function, or \"internet\""),
        );
        return None;
    }
    let sizes = (
        written.request_size.unwrap_or(Bytes::new(500)),
        written.response_size.unwrap_or(Bytes::new(1000)),
    );
    for (key, size) in [("request_size", sizes.0), ("response_size", sizes.1)] {
        if size > MAX_PAYLOAD {
            let message = format!("a payload has at most {MAX_PAYLOAD}");
            resolver.error(path.key(key), message);
        }
    }
    let api = Reference::new("service.lambda");
    let to = endpoint(resolver, topology, &api, Some(from), &path.key("from"))?;
    let flow = Flow {
        protocol: Protocol::Tcp,
        port: HTTPS,
    };
    let found = paths(
        resolver,
        topology,
        (from, to),
        flow,
        Expectation::Reachable,
        path,
    );
    let found = match found {
        Ok(found) => found,
        Err(refusal) => return Some(Err(refusal)),
    };
    let mut target = request::target(compiler, topology, &found, TCP_HEADERS);
    target.servers = vec![server; target.servers.len()];
    let mut planes = planes(topology, from);
    planes.per_packet |= found[0].ena_express;
    let mut steps = request::handshake(compiler, topology, Tls::V1_3);
    let established = steps.len();
    steps.push(message(Direction::Forward, false, sizes.0));
    steps.extend(front);
    steps.extend([Step::Serve, message(Direction::Back, false, sizes.1)]);
    let config = transport::config(resolver, target.segment);
    Some(Ok(Requests {
        planes,
        targets: vec![target],
        steps,
        transport: Transport::Tcp(Box::new(Tcp {
            config,
            established,
            keep_alive: true,
            max_connections: None,
            idle_timeout: None,
            probe_interval: None,
        })),
        headers: TCP_HEADERS,
        patience,
        bulk: None,
    }))
}

fn events(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    function: Id<Function>,
    written: &scenario::Invoke,
    path: &KeyPath,
) -> Events {
    let retries = written.maximum_retry_attempts.unwrap_or(MAX_RETRIES);
    resolver.check_range(path.key("maximum_retry_attempts"), retries, 0..=MAX_RETRIES);
    let most = topology.profile.lambda.asynchronous.max_event_age.value;
    let max_age = written.maximum_event_age.unwrap_or(most);
    if max_age == Duration::ZERO || max_age > most {
        let message = format!("the age is more than zero, and at most {most}");
        resolver.error(path.key("maximum_event_age"), message);
    }
    Events {
        function: function.index(),
        retries,
        max_age,
    }
}

fn messages(
    resolver: &mut Resolver<'_>,
    function: Id<Function>,
    written: &scenario::Invoke,
    path: &KeyPath,
) -> Messages {
    let source = written.event_source.unwrap_or_default();
    let path = path.key("event_source");
    let batch_size = source.batch_size.unwrap_or(DEFAULT_BATCH);
    resolver.check_range(path.key("batch_size"), batch_size, 1..=MAX_BATCH);
    for (key, number) in [
        ("maximum_concurrency", source.maximum_concurrency),
        ("max_receive_count", source.max_receive_count),
    ] {
        if number == Some(0) {
            resolver.error(path.key(key), "it is at least one");
        }
    }
    let visibility_timeout = source.visibility_timeout;
    if visibility_timeout == Some(Duration::ZERO) {
        let message = "the time must be more than zero";
        resolver.error(path.key("visibility_timeout"), message);
    }
    Messages {
        function: function.index(),
        batch_size: batch_size as usize,
        window: source.maximum_batching_window.unwrap_or(Duration::ZERO),
        max_concurrency: source.maximum_concurrency.unwrap_or(u32::MAX),
        visibility_timeout: visibility_timeout.unwrap_or(DEFAULT_VISIBILITY_TIMEOUT),
        max_receive_count: source.max_receive_count.unwrap_or(u32::MAX),
    }
}
