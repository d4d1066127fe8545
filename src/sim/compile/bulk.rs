//! Streams packet by packet: each flow is a request without an answer over a connection of its own.

use super::request::{MAX_MESSAGE, message};
use super::transport;
use crate::scenario::{Jitter, KeyPath, Problem, Stream};
use crate::sim::program::{Direction, Patience, Requests, Target, Tcp, Transport};
use crate::sim::stream::{FlowSizes, Streams};
use crate::sim::tcp;
use crate::topology::Resolver;
use crate::units::{Bytes, Duration};

/// Most pairs of senders and receivers: each has its ways there and back.
const MAX_PAIRS: usize = 1 << 16;

/// Whether a stream can be computed packet by packet.
pub(super) fn check(
    resolver: &mut Resolver<'_>,
    written: &Stream,
    sizes: &FlowSizes,
    pairs: usize,
    path: &KeyPath,
) -> bool {
    let largest = match sizes {
        FlowSizes::Endless => {
            resolver.report(
                Problem::error(path.key("granularity"), "flows of packets have a size")
                    .help("give them a `size`, or `sizes` such as \"web_search\""),
            );
            return false;
        }
        FlowSizes::Fixed(size) => *size,
        FlowSizes::Drawn(points) => Bytes::new(points.last().map_or(0, |&(size, _)| size)),
    };
    if largest > MAX_MESSAGE {
        let message = format!("a flow of packets moves at most {MAX_MESSAGE}");
        resolver.error(path.key("size"), message);
    }
    if written.rate.is_some() {
        let message = "flows of packets send as fast as TCP lets them";
        resolver.error(path.key("rate"), message);
    }
    if pairs > MAX_PAIRS {
        let message = format!("{pairs} pairs are too many for flows of packets");
        resolver.error(path.key("from"), message);
    }
    largest <= MAX_MESSAGE && written.rate.is_none() && pairs <= MAX_PAIRS
}

/// The flows as requests to targets, of which there is one for each way.
pub(super) fn requests(
    resolver: &mut Resolver<'_>,
    streams: Streams,
    targets: Vec<Target>,
) -> Option<Requests> {
    let segment = targets.iter().map(|target| target.segment).min()?;
    let config = transport::config(resolver, segment);
    let config = match streams.window {
        Some(window) => tcp::Config {
            window: transport::in_segments(window, segment),
            ..config
        },
        None => config,
    };
    let tcp = Tcp {
        config,
        established: 0,
        keep_alive: false,
        max_connections: None,
        idle_timeout: None,
        probe_interval: None,
    };
    Some(Requests {
        planes: streams.planes,
        targets,
        // The size is that of the flow.
        steps: vec![message(Direction::Forward, false, Bytes::new(0))],
        transport: Transport::Tcp(Box::new(tcp)),
        headers: streams.headers,
        patience: Patience {
            timeout: None,
            retries: 0,
            backoff: Duration::ZERO,
            max_backoff: Duration::ZERO,
            jitter: Jitter::None,
            hedge_after: None,
        },
        bulk: Some(streams),
    })
}
