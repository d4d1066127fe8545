//! Sources: when the next thing is sent, and the streams that its samples draw from.

use crate::engine::{Draw, Stream, StreamFamily};
use crate::sim::program::{Arrivals, Planes, Workload};
use crate::units::{Duration, Time};

/// One sender of a workload.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) workload: usize,
    /// Its number among the senders of the workload.
    pub(super) number: usize,
    arrivals: Arrivals,
    arrival: Stream,
    /// Destinations, spines, nodes.
    choice: Stream,
    /// Latencies and service times.
    pub(super) latency: Stream,
    /// Arrivals (or bursts) so far, and things sent.
    rounds: u64,
    pub(super) samples: u64,
}

impl Source {
    /// All sources of a workload.
    pub(super) fn of(
        workload: &Workload,
        index: usize,
        streams: StreamFamily,
    ) -> impl Iterator<Item = Self> {
        workload
            .arrivals
            .iter()
            .enumerate()
            .map(move |(number, &arrivals)| {
                let stream =
                    |purpose: &str| streams.stream(&workload.name, &format!("{purpose} {number}"));
                Self {
                    workload: index,
                    number,
                    arrivals,
                    arrival: stream("arrival"),
                    choice: stream("choice"),
                    latency: stream("latency"),
                    rounds: 0,
                    samples: 0,
                }
            })
    }

    /// When the first thing is sent.
    pub(super) fn first(&mut self) -> Time {
        match self.arrivals {
            Arrivals::Every(_) => Time::ZERO,
            Arrivals::Poisson { .. } | Arrivals::Bursts { .. } => self.next(Time::ZERO),
        }
    }

    /// When the next thing after `now` is sent.
    #[inline]
    pub(super) fn next(&mut self, now: Time) -> Time {
        let mean = match self.arrivals {
            Arrivals::Every(interval) => return now + interval,
            Arrivals::Poisson { mean_interval_ps }
            | Arrivals::Bursts {
                mean_interval_ps, ..
            } => mean_interval_ps,
        };
        let mut draw = self.arrival.draw(self.rounds);
        self.rounds += 1;
        now + Duration::from_ps_f64(draw.exponential() * mean)
    }

    /// How many things are sent at once.
    #[inline]
    pub(super) const fn at_once(&self) -> u32 {
        match self.arrivals {
            Arrivals::Bursts { size, .. } => size,
            Arrivals::Poisson { .. } | Arrivals::Every(_) => 1,
        }
    }

    /// The number of the next sample.
    #[inline]
    pub(super) const fn next_sample(&mut self) -> u64 {
        let sample = self.samples;
        self.samples += 1;
        sample
    }

    /// One of `count` destinations, and the spine of a packet.
    #[inline]
    pub(super) fn destination_and_plane(
        &self,
        sample: u64,
        count: u32,
        planes: Planes,
    ) -> (u32, u32) {
        let mut draw = self.choice.draw(sample);
        let destination = draw.below(count);
        let plane = if planes.per_packet {
            draw.below(planes.count)
        } else {
            0
        };
        (destination, plane)
    }

    /// The spines of the packets of message `step`, one after the other.
    pub(super) fn spray(&self, sample: u64, step: u32) -> Draw {
        self.choice.draw_part(sample, 2 + step)
    }

    /// The hash of a flow: the spine and the node that its packets take, in each direction.
    pub(super) fn flow_hash(&self, flow: u64, planes: Planes, nodes: u32) -> [FlowHash; 2] {
        let mut draw = self.choice.draw_part(flow, 1);
        let mut direction = || FlowHash {
            plane: draw.below(planes.count),
            node: draw.below(nodes),
        };
        [direction(), direction()]
    }
}

/// What a flow's hash chooses in one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FlowHash {
    pub(super) plane: u32,
    pub(super) node: u32,
}
