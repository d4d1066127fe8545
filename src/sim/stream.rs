//! Compiled streams: who sends what to whom, as fluids.

use std::ops::Range;

use super::program::{Planes, Route};
use crate::engine::Draw;
use crate::scenario::Pattern;
use crate::units::{Bytes, Duration, Rate};

/// Bulk transfers from each source to receivers.
#[derive(Debug, Clone)]
pub(super) struct Streams {
    /// Flows that are opened to a receiver at once.
    pub(super) flows: u32,
    pub(super) sizes: FlowSizes,
    pub(super) pattern: Pattern,
    pub(super) planes: Planes,
    /// Ways of source × receiver, without those of a source to itself: `destinations[s]` is where
    /// those of source `s` are in `ways`.
    pub(super) ways: Vec<Way>,
    pub(super) destinations: Vec<Range<u32>>,
    /// How many receivers are named.
    pub(super) receivers: u32,
    /// Payload of a full segment.
    pub(super) segment: Bytes,
    /// Headers of a segment as an IP packet.
    pub(super) headers: Bytes,
    /// Segments that a connection sends at once.
    pub(super) initial_window: u32,
    /// What a receiver lets be under way, as payload.
    pub(super) window: Option<Bytes>,
    /// Whether every second segment is acknowledged, or every one.
    pub(super) every_second: bool,
}

/// What a flow from one end to another meets.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way {
    /// The receiver's number.
    pub(super) to: u32,
    pub(super) route: Route,
    /// What a flow has at most, as IP packets.
    pub(super) cap: Option<Rate>,
    /// From a segment's sending to its arrival, without what the fluid counts as sending.
    pub(super) forward: Duration,
    /// From the opening of a connection to its first segment.
    pub(super) handshake: Duration,
    /// Between the beginnings of two rounds of slow start.
    pub(super) round: Duration,
}

/// What flows move.
#[derive(Debug, Clone)]
pub(super) enum FlowSizes {
    /// Something until the end.
    Endless,
    Fixed(Bytes),
    /// Points of a distribution function, linear between them: sizes and the shares of flows that are
    /// at most so large.
    Drawn(Vec<(u64, f64)>),
}

impl FlowSizes {
    /// The size of a flow, at least a byte.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a size
    pub(super) fn sample(&self, draw: &mut Draw) -> Option<Bytes> {
        match self {
            Self::Endless => None,
            Self::Fixed(size) => Some(*size),
            Self::Drawn(points) => {
                let share = draw.unit() * points.last().map_or(1.0, |&(_, share)| share);
                let above = points.partition_point(|&(_, at_most)| at_most < share);
                let below = above.saturating_sub(1);
                let ((a, low), (b, high)) = (points[below], points[above.min(points.len() - 1)]);
                let along = if high > low {
                    (share - low) / (high - low)
                } else {
                    1.0
                };
                let size = (b - a) as f64 * along + a as f64;
                Some(Bytes::new((size.ceil() as u64).max(1)))
            }
        }
    }

    /// The mean in bytes; nothing if there is no size.
    pub(super) fn mean_bytes(&self) -> Option<f64> {
        match self {
            Self::Endless => None,
            Self::Fixed(size) => Some(size.get() as f64),
            Self::Drawn(points) => {
                let parts = points.windows(2).map(|pair| {
                    let ((a, low), (b, high)) = (pair[0], pair[1]);
                    (high - low) * (a as f64 + b as f64) / 2.0
                });
                Some(parts.sum())
            }
        }
    }
}

impl Streams {
    /// As IP packets, `payload` in full segments and what is left.
    pub(super) fn with_headers(&self, payload: Bytes) -> Bytes {
        let segments = payload.get().div_ceil(self.segment.get()).max(1);
        Bytes::new(payload.get() + segments * self.headers.get())
    }

    /// A full segment as an IP packet.
    pub(super) fn packet(&self) -> Bytes {
        self.segment + self.headers
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::StreamFamily;
    use crate::profile::Profile;

    /// Means with linear interpolation, as published by those who use them.
    #[test]
    fn published_sizes_have_their_means() {
        let figures = Profile::default().stream.flow_sizes;
        for (sizes, exact) in [
            (figures.web_search.value, 1_711_250.0),
            (figures.hadoop.value, 120_420.75),
            (figures.storage.value, 40_869.8),
            (figures.rpc.value, 2_945.4),
        ] {
            let points = sizes.iter();
            let points = points.map(|point| (point.size.get(), point.share.as_fraction()));
            let sizes = FlowSizes::Drawn(points.collect());
            let mean = sizes.mean_bytes().unwrap();
            assert!((mean / exact - 1.0).abs() < 1e-4, "{mean} is not {exact}");
            let stream = StreamFamily::new(1, 0).stream("a", "size");
            let draws = (0..400_000).map(|n| sizes.sample(&mut stream.draw(n)).unwrap().get());
            let average = draws.sum::<u64>() as f64 / 400_000.0;
            assert!(
                (average / exact - 1.0).abs() < 0.1,
                "{average} is not {exact}"
            );
        }
    }
}
