//! Requests over TCP, with or without TLS, and over UDP: steps, one after the other.

use super::handler::is_called;
use super::stage::Compiler;
use super::transport;
use super::workload::{arrivals, endpoint, hops, is_paired, paths, planes, refused};
use crate::engine::Distribution;
use crate::path::{self, Endpoint, Flow, Hop, Path};
use crate::scenario::{self, KeyPath, Problem, Process, RequestProtocol, Tls};
use crate::sim::part::Part;
use crate::sim::program::{
    Arrivals, Direction, Requests, Route, Server, Step, Target, Transport, Workload, WorkloadKind,
};
use crate::topology::{Resolver, Topology};
use crate::units::{Bytes, Duration, PS_PER_SECOND};

/// Seconds of a month as bills count it: 730 hours.
const SECONDS_PER_MONTH: f64 = 730.0 * 3600.0;
/// IPv4 and TCP headers with the timestamp option (RFC 791, RFC 9293, RFC 7323).
pub(super) const TCP_HEADERS: Bytes = Bytes::new(52);
/// IPv4 and UDP headers (RFC 791, RFC 768).
const UDP_HEADERS: Bytes = Bytes::new(28);

/// Largest message: beyond, every packet of a transfer is more than anybody wants to wait for.
pub(super) const MAX_MESSAGE: Bytes = Bytes::new(16 << 30);
/// Most clients of a workload, and servers that a request goes to at once.
const MAX_CLIENTS: u32 = 1_000_000;
const MAX_TARGETS: usize = 1024;

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
    let to = servers(resolver, topology, written, from, &path);
    let planned = sending(resolver, compiler, written, &path);
    let patience = transport::patience(
        resolver,
        (written.timeout, written.hedge_after),
        written.retry.as_ref(),
        &path,
    );
    let (from, to, (sources, rate)) = (from?, to?, planned?);
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
    let over_tcp = written.protocol == RequestProtocol::Tcp;
    let flow = Flow {
        protocol: written.protocol.into(),
        port: written.port,
    };
    let headers = if over_tcp { TCP_HEADERS } else { UDP_HEADERS };
    let mut targets = Vec::new();
    let mut planes = planes(topology, from);
    for to in to {
        let found = paths(resolver, topology, (from, to), flow, written.expect, &path);
        let found = match found {
            Ok(found) => found,
            Err(refusal) => {
                return Some(refused(
                    name,
                    sources,
                    written.count,
                    written.expect,
                    refusal,
                ));
            }
        };
        planes.per_packet |= found[0].ena_express;
        targets.push(target(compiler, topology, &found, headers));
    }
    check_sizes(resolver, written, &targets, &path);
    let mut steps = if over_tcp {
        handshake(compiler, topology, written.tls)
    } else {
        Vec::new()
    };
    let established = steps.len();
    let (request, response) = written.sizes();
    steps.extend([
        message(Direction::Forward, false, request),
        Step::Serve,
        message(Direction::Back, false, response),
    ]);
    let transport = transport::transport(resolver, written, &targets, established, &path)?;
    let requests = Requests {
        planes,
        targets,
        steps,
        transport,
        headers,
        patience,
        bulk: None,
    };
    offer(compiler, &path, &requests, rate);
    let fan_out = requests.targets.len() as u64;
    Some(Workload {
        name: name.to_owned(),
        parts: parts(compiler, &requests),
        kind: WorkloadKind::Request(Box::new(requests)),
        arrivals: sources,
        count: written.count,
        payload: Bytes::new((request + response).get() * fan_out),
        expect: written.expect,
    })
}

pub(super) const fn message(direction: Direction, near: bool, bytes: Bytes) -> Step {
    Step::Message {
        direction,
        near,
        bytes,
    }
}

/// The servers that each request goes to.
fn servers(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    written: &scenario::Request,
    from: Option<Endpoint>,
    path: &KeyPath,
) -> Option<Vec<Endpoint>> {
    let references = &written.to.0;
    let path = path.key("to");
    if references.is_empty() || references.len() > MAX_TARGETS {
        let message = format!("a request goes to between 1 and {MAX_TARGETS} servers");
        resolver.error(path, message);
        return None;
    }
    let mut servers = Vec::new();
    for (at, reference) in references.iter().enumerate() {
        let path = if references.len() == 1 {
            path.clone()
        } else {
            path.index(at)
        };
        servers.extend(endpoint(resolver, topology, reference, from, &path));
    }
    (servers.len() == references.len()).then_some(servers)
}

/// Messages have a size that their packets can have.
fn check_sizes(
    resolver: &mut Resolver<'_>,
    written: &scenario::Request,
    targets: &[Target],
    path: &KeyPath,
) {
    let datagram = targets.iter().map(|target| target.segment).min();
    let limit = match (written.protocol, datagram) {
        (RequestProtocol::Udp, Some(segment)) => segment,
        (RequestProtocol::Udp, None) | (RequestProtocol::Tcp, _) => MAX_MESSAGE,
    };
    let sizes = written.sizes();
    for (key, size) in [("request_size", sizes.0), ("response_size", sizes.1)] {
        if size > limit {
            let problem =
                Problem::error(path.key(key), format!("a message here has at most {limit}"));
            resolver.report(match written.protocol {
                RequestProtocol::Udp => problem.help("a message over UDP is one packet"),
                RequestProtocol::Tcp => problem.help("use a [stream] workload for bulk transfer"),
            });
        }
    }
}

/// A server with all variants of the path to it.
pub(super) fn target(
    compiler: &mut Compiler<'_>,
    topology: &Topology,
    found: &[Path],
    headers: Bytes,
) -> Target {
    let mut ways = Ways::default();
    for path in found {
        ways.add(compiler, path);
    }
    Target {
        forward: ways.forward,
        back: ways.back,
        near_forward: ways.near_forward,
        near_back: ways.near_back,
        servers: ways.servers,
        paired: is_paired(topology, found),
        segment: Bytes::new(found[0].mtu.get() - headers.get()),
        flow_cap: compiler.flow_cap(&found[0]),
    }
}

/// The parts that latencies can have, in the order of reports.
pub(super) fn parts(compiler: &Compiler<'_>, requests: &Requests) -> Vec<usize> {
    let local = requests.steps.iter().filter_map(|step| match step {
        Step::Local(route) => Some(*route),
        Step::Message { .. } | Step::Serve => None,
    });
    let routes = requests.targets.iter().flat_map(|target| {
        let ways = target.forward.iter().chain(&target.back);
        let processes = target.servers.iter().filter_map(|server| match server {
            Server::Process(route) => Some(route),
            Server::Function(_) => None,
        });
        ways.chain(processes).copied()
    });
    let mut parts = transport::parts(requests);
    parts.extend(compiler.parts(routes.chain(local)));
    parts.sort_unstable();
    parts.dedup();
    parts
}

/// The routes of all variants of a path.
#[derive(Debug, Default)]
struct Ways {
    forward: Vec<Route>,
    back: Vec<Route>,
    near_forward: Vec<Route>,
    near_back: Vec<Route>,
    servers: Vec<Server>,
}

impl Ways {
    /// Adds a variant. A load balancer that ends connections is taken to keep its own to the targets
    /// open, so that the client's handshake goes as far as its node only.
    fn add(&mut self, compiler: &mut Compiler<'_>, path: &Path) {
        let (there, back) = (hops(&path.forward), hops(&path.back));
        let tables = compiler.tables_of(path);
        let mut route = |hops: &[Hop]| compiler.route_with(hops, true, &tables);
        let (forward_route, back_route) = (route(&there), route(&back));
        let at_proxy = |hop: &Hop| matches!(*hop, Hop::Fleet(node, _) if Some(node) == path.proxy);
        let ends = (
            there.iter().position(at_proxy),
            back.iter().position(at_proxy),
        );
        let (near_forward, near_back) = match ends {
            (Some(there_to), Some(back_from)) => {
                (route(&there[..=there_to]), route(&back[back_from..]))
            }
            _ => (forward_route, back_route),
        };
        let server = path.server.expect("a path that exists arrives");
        self.servers
            .push(if let path::Server::Function(function) = server {
                Server::Function(function.index())
            } else {
                Server::Process(compiler.server(server))
            });
        self.forward.push(forward_route);
        self.back.push(back_route);
        self.near_forward.push(near_forward);
        self.near_back.push(near_back);
    }
}

pub(super) const fn sends(end: Endpoint) -> bool {
    matches!(
        end,
        Endpoint::Interface(_) | Endpoint::Function(_) | Endpoint::Internet | Endpoint::Site(_)
    )
}

/// The sources of a workload, and how many requests they send per second: as written, or as often as
/// makes up the volume. What clients that wait for answers send is not known before.
fn sending(
    resolver: &mut Resolver<'_>,
    compiler: &mut Compiler<'_>,
    written: &scenario::Request,
    path: &KeyPath,
) -> Option<(Vec<Arrivals>, f64)> {
    let arrivals_path = path.key("arrivals");
    if let Some(arrivals) = &written.arrivals {
        return clients(resolver, compiler, arrivals, &arrivals_path);
    }
    let Some(volume) = written.volume else {
        if is_called(resolver.scenario, path) {
            // As often as handlers do so.
            return Some((vec![Arrivals::Never], 0.0));
        }
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
    Some((vec![Arrivals::Poisson { mean_interval_ps }], rate))
}

/// The sources of what may be sent by clients who wait for their answers, and how much they send per
/// second as far as that is known.
pub(super) fn clients(
    resolver: &mut Resolver<'_>,
    compiler: &mut Compiler<'_>,
    written: &scenario::Arrivals,
    path: &KeyPath,
) -> Option<(Vec<Arrivals>, f64)> {
    let Some(Process::Closed(closed)) = written.process() else {
        let (arrivals, rate) = arrivals(resolver, written, path)?;
        return Some((vec![arrivals], rate));
    };
    let range = path.key("closed").key("clients");
    resolver.check_range(range, closed.clients, 1..=MAX_CLIENTS);
    let nothing = Distribution::constant(Duration::ZERO);
    let think_time = compiler.distribution(closed.think_time.as_ref().unwrap_or(&nothing));
    let clients = closed.clients.min(MAX_CLIENTS) as usize;
    Some((vec![Arrivals::Closed { think_time }; clients], 0.0))
}

/// What a new connection needs after the TCP handshake: the round trips of TLS.
pub(super) fn handshake(compiler: &mut Compiler<'_>, topology: &Topology, tls: Tls) -> Vec<Step> {
    let figures = &topology.profile.tls;
    let server = Step::Local(compiler.local(Part::TlsServer, &figures.server_compute.value));
    let client = Step::Local(compiler.local(Part::TlsClient, &figures.client_compute.value));
    let there = |bytes| message(Direction::Forward, true, bytes);
    let back = |bytes| message(Direction::Back, true, bytes);
    let hello = [
        there(tls::CLIENT_HELLO),
        server,
        back(tls::SERVER_FLIGHT),
        client,
    ];
    match tls {
        Tls::None | Tls::V1_3EarlyData => Vec::new(),
        Tls::V1_3 => hello.to_vec(),
        Tls::V1_2 => {
            let keys = [there(tls::CLIENT_KEY), back(tls::SERVER_FINISHED)];
            hello.into_iter().chain(keys).collect()
        }
        Tls::V1_2Resumed => vec![there(tls::CLIENT_HELLO), back(tls::SERVER_RESUMED)],
    }
}

/// Counts what the workload offers, without acknowledgements. Kept connections need no handshake in
/// the long run.
fn offer(compiler: &mut Compiler<'_>, path: &KeyPath, requests: &Requests, rate: f64) {
    let kept = match &requests.transport {
        Transport::Tcp(tcp) if tcp.keep_alive => tcp.established,
        Transport::Tcp(_) | Transport::Udp | Transport::Direct => 0,
    };
    let planes = requests.planes.count;
    let nothing = Bytes::new(0);
    let opening = [
        message(Direction::Forward, true, nothing),
        message(Direction::Back, true, nothing),
    ];
    let opens = matches!(&requests.transport, Transport::Tcp(tcp) if !tcp.keep_alive);
    let opening = if opens { &opening[..] } else { &[] };
    for target in &requests.targets {
        let variants = target.forward.len() as f64;
        for step in opening.iter().chain(&requests.steps[kept..]) {
            match *step {
                Step::Message {
                    direction,
                    near,
                    bytes,
                } => {
                    let segments = target.segments(bytes);
                    let size = Bytes::new(requests.headers.get() + bytes.get() / segments);
                    let per_second = rate * segments as f64 / variants;
                    for &route in target.ways(direction, near) {
                        compiler.offer(path, route, per_second, size, planes);
                    }
                }
                Step::Serve => {
                    for server in &target.servers {
                        if let Server::Process(route) = *server {
                            compiler.offer(path, route, rate / variants, nothing, 1);
                        }
                    }
                }
                Step::Local(route) => compiler.offer(path, route, rate, nothing, 1),
            }
        }
    }
}
