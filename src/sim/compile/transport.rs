//! TCP as the scenario sets it, and the patience of clients.

use crate::scenario::{
    CongestionControl, Connection, ConnectionPool, Jitter, KeyPath, Problem, Request,
    RequestProtocol, Retry, Tls,
};
use crate::sim::part::Part;
use crate::sim::program::{Patience, Requests, Target, Tcp, Transport};
use crate::sim::tcp;
use crate::topology::Resolver;
use crate::units::{Bytes, Duration};

/// Most attempts of a call: the draws of each are its own.
const MAX_ATTEMPTS: u32 = 1000;
/// What Linux lets a receiver keep (`net.ipv4.tcp_rmem`, largest value).
pub(super) const RECEIVE_WINDOW: Bytes = Bytes::new(6 << 20);
/// A segment with 1500 B of IP packet: no receiver offers less than one of them.
const LEAST_WINDOW: Bytes = Bytes::new(1448);
/// Most segments of an initial window.
const MAX_INITIAL_WINDOW: u32 = 1000;

/// How messages of a request get across.
pub(super) fn transport(
    resolver: &mut Resolver<'_>,
    written: &Request,
    targets: &[Target],
    established: usize,
    path: &KeyPath,
) -> Option<Transport> {
    if written.protocol == RequestProtocol::Udp {
        let tcp_only = [
            ("connection", written.connection.is_some()),
            ("pool", written.pool.is_some()),
            ("tls", written.tls != Tls::None),
        ];
        for (key, given) in tcp_only {
            if given {
                resolver.error(path.key(key), format!("`{key}` means nothing over UDP"));
            }
        }
        return Some(Transport::Udp);
    }
    let Some(connection) = written.connection else {
        if resolver.is_whole(path) {
            resolver.report(
                Problem::error(path.clone(), "a request over TCP needs `connection`")
                    .help("connection = \"new\" or \"keep_alive\""),
            );
        }
        return None;
    };
    let keep_alive = connection == Connection::KeepAlive;
    let pool_path = path.key("pool");
    let pool = written.pool.unwrap_or_default();
    let ConnectionPool {
        max_connections,
        idle_timeout,
        tcp_keepalive,
    } = pool;
    if max_connections == Some(0) {
        resolver.error(
            pool_path.key("max_connections"),
            "there must be at least one",
        );
    }
    if !keep_alive {
        for (key, given) in [
            ("idle_timeout", idle_timeout),
            ("tcp_keepalive", tcp_keepalive),
        ] {
            if given.is_some() {
                let message = format!("`{key}` is for connections that are kept");
                resolver.error(pool_path.key(key), message);
            }
        }
    }
    if tcp_keepalive == Some(Duration::ZERO) {
        resolver.error(
            pool_path.key("tcp_keepalive"),
            "the time must be more than zero",
        );
    }
    let segment = targets.iter().map(|target| target.segment).min()?;
    Some(Transport::Tcp(Box::new(Tcp {
        config: config(resolver, segment),
        established,
        keep_alive,
        max_connections,
        idle_timeout,
        probe_interval: tcp_keepalive,
    })))
}

/// A receiver's window as TCP here counts it.
pub(super) fn in_segments(window: Bytes, segment: Bytes) -> u32 {
    let segments = window.get() / segment.get().max(1);
    u32::try_from(segments).unwrap_or(u32::MAX).max(1)
}

/// What is wrong with `[tcp]`, whoever uses it.
pub(super) fn check(resolver: &mut Resolver<'_>) {
    let path = KeyPath::of(["tcp"]);
    let written = resolver.scenario.tcp;
    if let Some(window) = written.initial_window {
        resolver.check_range(path.key("initial_window"), window, 1..=MAX_INITIAL_WINDOW);
    }
    if written
        .receive_window
        .is_some_and(|window| window < LEAST_WINDOW)
    {
        let message =
            format!("a window smaller than a segment, {LEAST_WINDOW}, lets nothing through");
        resolver.error(path.key("receive_window"), message);
    }
    for (key, time) in [
        ("min_rto", written.min_rto),
        ("initial_rto", written.initial_rto),
    ] {
        if time == Some(Duration::ZERO) {
            resolver.error(path.key(key), "the time must be more than zero");
        }
    }
}

/// TCP as `[tcp]` has it, for segments of a size.
pub(super) fn config(resolver: &Resolver<'_>, segment: Bytes) -> tcp::Config {
    let written = resolver.scenario.tcp;
    let receive_window = written.receive_window.unwrap_or(RECEIVE_WINDOW);
    let defaults = tcp::Config::default();
    tcp::Config {
        congestion_control: match written.congestion_control {
            Some(CongestionControl::Reno) => tcp::CongestionControl::Reno,
            Some(CongestionControl::Cubic) | None => tcp::CongestionControl::Cubic,
        },
        initial_window: written.initial_window.unwrap_or(defaults.initial_window),
        delayed_ack: match written.delayed_ack {
            Some(Duration::ZERO) => None,
            Some(time) => Some(time),
            None => defaults.delayed_ack,
        },
        min_rto: written.min_rto.unwrap_or(defaults.min_rto),
        initial_rto: written.initial_rto.unwrap_or(defaults.initial_rto),
        syn_retries: written.syn_retries.unwrap_or(defaults.syn_retries),
        retries: written.retries.unwrap_or(defaults.retries),
        window: in_segments(receive_window, segment),
        ecn: written.ecn.unwrap_or(defaults.ecn),
        ..defaults
    }
}

/// How long clients wait, and what they do then.
pub(super) fn patience(
    resolver: &mut Resolver<'_>,
    (timeout, hedge_after): (Option<Duration>, Option<Duration>),
    retry: Option<&Retry>,
    path: &KeyPath,
) -> Patience {
    for (key, time) in [("timeout", timeout), ("hedge_after", hedge_after)] {
        if time == Some(Duration::ZERO) {
            resolver.error(path.key(key), "the time must be more than zero");
        }
    }
    if let (Some(timeout), Some(after)) = (timeout, hedge_after)
        && after >= timeout
    {
        let message = format!("an attempt is given up after {timeout}; nothing would be hedged");
        resolver.error(path.key("hedge_after"), message);
    }
    if let Some(retry) = retry {
        let attempts = path.key("retry").key("attempts");
        resolver.check_range(attempts, retry.attempts, 1..=MAX_ATTEMPTS);
    }
    Patience {
        timeout,
        retries: retry.map_or(0, |retry| retry.attempts.saturating_sub(1)),
        backoff: retry
            .and_then(|retry| retry.backoff)
            .unwrap_or(Duration::from_us(100_000)),
        max_backoff: retry
            .and_then(|retry| retry.max_backoff)
            .unwrap_or(Duration::from_secs(20)),
        jitter: retry.map_or(Jitter::None, |retry| retry.jitter),
        hedge_after,
    }
}

/// What clients and connections can charge to a latency.
pub(super) fn parts(requests: &Requests) -> Vec<usize> {
    let patience = &requests.patience;
    let mut parts = Vec::new();
    if patience.retries > 0 {
        parts.extend([Part::ClientFailedAttempt, Part::ClientBackoff]);
    }
    if patience.hedge_after.is_some() {
        parts.push(Part::ClientHedge);
    }
    if let Transport::Tcp(tcp) = &requests.transport {
        if tcp.max_connections.is_some() {
            parts.push(Part::ConnectionPoolQueue);
        }
        parts.extend([Part::TcpWindow, Part::TcpRetransmission]);
        if requests
            .targets
            .iter()
            .any(|target| target.flow_cap.is_some())
        {
            parts.push(Part::NitroEgressQueue);
        }
    }
    parts.into_iter().map(|part| part as usize).collect()
}
