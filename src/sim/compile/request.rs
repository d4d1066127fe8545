//! Requests over TCP and TLS as a fixed sequence of messages.
//!
//! Pure acknowledgements are not sent, and windows do not limit a message: its segments leave
//! together. That is exact for messages within the initial window of ten segments (RFC 6928).

use super::stage::Compiler;
use super::workload::{arrivals, endpoint, hops, is_paired, paths, planes, refused, step_routes};
use crate::path::{Endpoint, Flow, Hop, Path};
use crate::scenario::{self, Connection, KeyPath, Problem, Protocol, Tls};
use crate::sim::part::Part;
use crate::sim::program::{Arrivals, Exchange, Route, Step, Workload, WorkloadKind};
use crate::topology::{Resolver, Topology};
use crate::units::{Bytes, PS_PER_SECOND};

/// Seconds of a month as bills count it: 730 hours.
const SECONDS_PER_MONTH: f64 = 730.0 * 3600.0;
/// IPv4 and TCP headers with the timestamp option (RFC 791, RFC 9293, RFC 7323).
const HEADERS: Bytes = Bytes::new(52);

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
    let from = endpoint(resolver, topology, &written.from, None, &path.key("from"));
    let to = endpoint(resolver, topology, &written.to, from, &path.key("to"));
    let planned = sending(resolver, written, &path);
    let (from, to, (arrivals, rate)) = (from?, to?, planned?);
    if !sends(from) {
        resolver.report(
            Problem::error(
                path.key("from"),
                format!("`{}` does not send requests", written.from),
            )
            .help("name an instance, a network interface, a function, a customer gateway, or \"internet\""),
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
    let mut ways = Ways::default();
    for path in &found {
        ways.add(compiler, path);
    }
    let mut steps = handshake(compiler, topology, written.tls);
    let established = steps.len();
    let (request, response) = written.sizes();
    steps.extend([Step::Forward(request), Step::Serve, Step::Back(response)]);
    let exchange = Exchange {
        planes: planes(topology, from),
        forward: ways.forward,
        back: ways.back,
        near_forward: ways.near_forward,
        near_back: ways.near_back,
        servers: ways.servers,
        paired: is_paired(topology, &found),
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
        payload: request + response,
        expect: written.expect,
    })
}

/// The routes of all variants of a path.
#[derive(Debug, Default)]
struct Ways {
    forward: Vec<Route>,
    back: Vec<Route>,
    near_forward: Vec<Route>,
    near_back: Vec<Route>,
    servers: Vec<Route>,
}

impl Ways {
    /// Adds a variant. A load balancer that ends connections is taken to keep its own to the targets
    /// open, so that the client's handshake goes as far as its node only.
    fn add(&mut self, compiler: &mut Compiler<'_>, path: &Path) {
        let (there, back) = (hops(&path.forward), hops(&path.back));
        let (forward_route, back_route) =
            (compiler.route(&there, true), compiler.route(&back, true));
        let at_proxy = |hop: &Hop| matches!(*hop, Hop::Fleet(node, _) if Some(node) == path.proxy);
        let ends = (
            there.iter().position(at_proxy),
            back.iter().position(at_proxy),
        );
        let (near_forward, near_back) = match ends {
            (Some(there_to), Some(back_from)) => (
                compiler.route(&there[..=there_to], true),
                compiler.route(&back[back_from..], true),
            ),
            _ => (forward_route, back_route),
        };
        let server = path.server.expect("a path that exists arrives");
        self.servers.push(compiler.server(server));
        self.forward.push(forward_route);
        self.back.push(back_route);
        self.near_forward.push(near_forward);
        self.near_back.push(near_back);
    }
}

const fn sends(end: Endpoint) -> bool {
    matches!(
        end,
        Endpoint::Interface(_) | Endpoint::Function(_) | Endpoint::Internet | Endpoint::Site(_)
    )
}

/// When requests are sent, and how many per second: as written, or as often as makes up the volume.
fn sending(
    resolver: &mut Resolver<'_>,
    written: &scenario::Request,
    path: &KeyPath,
) -> Option<(Arrivals, f64)> {
    if let Some(arrivals_written) = &written.arrivals {
        return arrivals(resolver, arrivals_written, &path.key("arrivals"));
    }
    let Some(volume) = written.volume else {
        if resolver.is_whole(path) {
            resolver.report(
                Problem::error(
                    path.clone(),
                    "a request workload has `arrivals`, `volume`, or both",
                )
                .help("for example arrivals = { poisson = { rate = \"20/s\" } }"),
            );
        }
        return None;
    };
    let (request, response) = written.sizes();
    let rate = volume.as_bytes() / (request + response).get().max(1) as f64 / SECONDS_PER_MONTH;
    let mean_interval_ps = PS_PER_SECOND as f64 / rate;
    Some((Arrivals::Poisson { mean_interval_ps }, rate))
}

/// What a new connection needs before the first request: a TCP round trip, and those of TLS.
fn handshake(compiler: &mut Compiler<'_>, topology: &Topology, tls: Tls) -> Vec<Step> {
    let nothing = Bytes::new(0);
    let mut steps = vec![Step::NearForward(nothing), Step::NearBack(nothing)];
    let figures = &topology.profile.tls;
    let server = Step::Local(compiler.local(Part::TlsServer, &figures.server_compute.value));
    let client = Step::Local(compiler.local(Part::TlsClient, &figures.client_compute.value));
    match tls {
        Tls::None | Tls::V1_3EarlyData => {}
        Tls::V1_3 => steps.extend([
            Step::NearForward(tls::CLIENT_HELLO),
            server,
            Step::NearBack(tls::SERVER_FLIGHT),
            client,
        ]),
        Tls::V1_2 => steps.extend([
            Step::NearForward(tls::CLIENT_HELLO),
            server,
            Step::NearBack(tls::SERVER_FLIGHT),
            client,
            Step::NearForward(tls::CLIENT_KEY),
            Step::NearBack(tls::SERVER_FINISHED),
        ]),
        Tls::V1_2Resumed => {
            steps.extend([
                Step::NearForward(tls::CLIENT_HELLO),
                Step::NearBack(tls::SERVER_RESUMED),
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
            Step::NearForward(bytes) => (&exchange.near_forward, *bytes),
            Step::NearBack(bytes) => (&exchange.near_back, *bytes),
            Step::Serve => {
                for &route in &exchange.servers {
                    compiler.offer(path, route, rate / variants, Bytes::new(0), 1);
                }
                continue;
            }
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
