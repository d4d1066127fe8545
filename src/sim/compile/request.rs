//! Requests over TCP and TLS as a fixed sequence of messages.
//!
//! Pure acknowledgements are not sent, and windows do not limit a message: its segments leave
//! together. That is exact for messages within the initial window of ten segments (RFC 6928).

use super::stage::Compiler;
use super::workload::{arrivals, endpoint, paths, planes, refused, step_routes};
use crate::path::{Endpoint, Flow};
use crate::scenario::{self, Connection, Expectation, KeyPath, Problem, Protocol, Tls};
use crate::sim::part::Part;
use crate::sim::program::{Exchange, Step, Workload, WorkloadKind};
use crate::topology::{Resolver, Topology};
use crate::units::Bytes;

/// IPv4 and TCP headers with the timestamp option (RFC 791, RFC 9293, RFC 7323).
const HEADERS: Bytes = Bytes::new(52);
const REQUEST_SIZE: Bytes = Bytes::new(500);
const RESPONSE_SIZE: Bytes = Bytes::new(1000);

/// Largest message: its segments leave together, so a bulk transfer would be a burst like none in
/// the world.
const MAX_MESSAGE: Bytes = Bytes::new(64 << 20);

/// Sizes of TLS flights. The formats are those of RFC 8446 and RFC 5246; a certificate chain of
/// 3 kB is assumed, being usual for a public web server with an intermediate certificate.
mod tls {
    use crate::units::Bytes;

    pub(super) const CLIENT_HELLO: Bytes = Bytes::new(320);
    pub(super) const SERVER_FLIGHT: Bytes = Bytes::new(3400);
    pub(super) const SERVER_RESUMED: Bytes = Bytes::new(220);
    pub(super) const CLIENT_KEY: Bytes = Bytes::new(130);
    pub(super) const SERVER_FINISHED: Bytes = Bytes::new(60);
}

pub(super) fn compile(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    compiler: &mut Compiler<'_>,
    name: &str,
    written: &scenario::Request,
) -> Option<Workload> {
    let path = KeyPath::of(["request", name]);
    let from = endpoint(resolver, topology, &written.from, &path.key("from"));
    let to = endpoint(resolver, topology, &written.to, &path.key("to"));
    let arrivals = arrivals(resolver, &written.arrivals, &path.key("arrivals"));
    let (from, to, (arrivals, rate)) = (from?, to?, arrivals?);
    if !matches!(from, Endpoint::Instance(_)) {
        resolver.report(
            Problem::error(
                path.key("from"),
                format!("`{}` does not send requests", written.from),
            )
            .help("name an instance"),
        );
        return None;
    }
    for (key, size) in [
        ("request_size", written.request_size),
        ("response_size", written.response_size),
    ] {
        if size.is_some_and(|size| size > MAX_MESSAGE) {
            resolver.report(
                Problem::error(path.key(key), "a message has at most 64 MiB")
                    .help("requests are sent without congestion control; this is no model of bulk transfer"),
            );
        }
    }
    let flow = Flow {
        protocol: Protocol::Tcp,
        port: written.port,
    };
    let found = paths(resolver, topology, (from, to), flow, written.expect, &path);
    let found = match found {
        Ok(found) => found,
        Err(refusal) => {
            return Some(refused(
                name,
                vec![arrivals],
                written.count,
                written.expect,
                refusal,
            ));
        }
    };
    let forward = found
        .iter()
        .map(|path| compiler.route(&path.forward, true))
        .collect();
    let back = found
        .iter()
        .map(|path| compiler.route(&path.back, true))
        .collect();
    let mut steps = handshake(compiler, topology, written.tls);
    let established = steps.len();
    steps.push(Step::Forward(written.request_size.unwrap_or(REQUEST_SIZE)));
    steps.push(Step::Local(compiler.server(found[0].server)));
    steps.push(Step::Back(written.response_size.unwrap_or(RESPONSE_SIZE)));
    let exchange = Exchange {
        planes: planes(topology, from),
        forward,
        back,
        steps,
        established,
        keep_alive: written.connection == Connection::KeepAlive,
        one_flow: false,
        segment: Bytes::new(found[0].mtu.get() - HEADERS.get()),
        headers: HEADERS,
    };
    offer(compiler, &path, &exchange, rate);
    Some(Workload {
        name: name.to_owned(),
        parts: compiler.parts(step_routes(&exchange)),
        kind: WorkloadKind::Exchange(exchange),
        arrivals: vec![arrivals],
        count: written.count,
        expect_refusal: written.expect == Expectation::Refused,
    })
}

/// What a new connection needs before the first request: a TCP round trip, and those of TLS.
fn handshake(compiler: &mut Compiler<'_>, topology: &Topology, tls: Tls) -> Vec<Step> {
    let nothing = Bytes::new(0);
    let mut steps = vec![Step::Forward(nothing), Step::Back(nothing)];
    let figures = &topology.profile.tls;
    let server = Step::Local(compiler.local(Part::TlsServer, &figures.server_compute.value));
    let client = Step::Local(compiler.local(Part::TlsClient, &figures.client_compute.value));
    match tls {
        Tls::None | Tls::V1_3EarlyData => {}
        Tls::V1_3 => steps.extend([
            Step::Forward(tls::CLIENT_HELLO),
            server,
            Step::Back(tls::SERVER_FLIGHT),
            client,
        ]),
        Tls::V1_2 => steps.extend([
            Step::Forward(tls::CLIENT_HELLO),
            server,
            Step::Back(tls::SERVER_FLIGHT),
            client,
            Step::Forward(tls::CLIENT_KEY),
            Step::Back(tls::SERVER_FINISHED),
        ]),
        Tls::V1_2Resumed => {
            steps.extend([
                Step::Forward(tls::CLIENT_HELLO),
                Step::Back(tls::SERVER_RESUMED),
            ]);
        }
    }
    steps
}

/// Counts what the workload offers. Kept connections need no handshake in the long run.
fn offer(compiler: &mut Compiler<'_>, path: &KeyPath, exchange: &Exchange, rate: f64) {
    let first = if exchange.keep_alive {
        exchange.established
    } else {
        0
    };
    let variants = exchange.forward.len() as f64;
    for step in &exchange.steps[first..] {
        let (routes, bytes) = match step {
            Step::Forward(bytes) => (&exchange.forward, *bytes),
            Step::Back(bytes) => (&exchange.back, *bytes),
            Step::Local(route) => {
                compiler.offer(path, *route, rate, Bytes::new(0), 1);
                continue;
            }
        };
        let segments = exchange.segments(bytes);
        let size = Bytes::new(exchange.headers.get() + bytes.get() / segments);
        for &route in routes {
            let per_second = rate * segments as f64 / variants;
            compiler.offer(path, route, per_second, size, exchange.planes.count);
        }
    }
}
