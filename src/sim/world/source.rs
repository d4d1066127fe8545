//! Sources: when the next thing is sent, and the streams that its samples draw from.

use crate::engine::{Distribution, Draw, Stream, StreamFamily};
use crate::sim::arrivals::Progress;
use crate::sim::program::{Arrivals, Planes, Program, Workload};
use crate::units::{Duration, Time};

/// One sender of a workload.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) workload: usize,
    /// Its number among the senders of the workload.
    pub(super) number: usize,
    pub(super) arrivals: Arrivals,
    arrival: Stream,
    /// Destinations, spines, nodes.
    choice: Stream,
    /// Waits before another attempt.
    backoff: Stream,
    /// Latencies and service times.
    pub(super) latency: Stream,
    /// What functions draw for it.
    pub(super) invocation: Stream,
    /// Arrivals (or bursts) so far, and things sent.
    rounds: u64,
    progress: Progress,
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
            .map(move |(number, arrivals)| {
                let stream =
                    |purpose: &str| streams.stream(&workload.name, &format!("{purpose} {number}"));
                Self {
                    workload: index,
                    number,
                    arrivals: arrivals.clone(),
                    arrival: stream("arrival"),
                    choice: stream("choice"),
                    backoff: stream("backoff"),
                    latency: stream("latency"),
                    invocation: stream("invocation"),
                    rounds: 0,
                    progress: Progress::default(),
                    samples: 0,
                }
            })
    }

    /// When the first thing is sent.
    pub(super) fn first(&mut self, program: &Program) -> Time {
        match self.arrivals {
            Arrivals::Every(_) | Arrivals::Once => Time::ZERO,
            Arrivals::Never => Time::MAX,
            Arrivals::Step { at, .. } => at,
            Arrivals::Closed { think_time } => {
                Time::ZERO + self.thinks(program.distribution(think_time))
            }
            Arrivals::Poisson { .. }
            | Arrivals::Bursts { .. }
            | Arrivals::Renewal(_)
            | Arrivals::OnOff { .. }
            | Arrivals::Curve(_)
            | Arrivals::Times(_)
            | Arrivals::PerMinute(_) => self.next(Time::ZERO),
        }
    }

    /// How long a client thinks before it sends again.
    pub(super) fn thinks(&mut self, think_time: &Distribution) -> Duration {
        let mut draw = self.arrival.draw(self.rounds);
        self.rounds += 1;
        think_time.sample(&mut draw)
    }

    /// A number between 0 and 1 for the wait before an attempt.
    pub(super) fn backoff(&self, sample: u64, attempt: u32) -> f64 {
        self.backoff.draw_part(sample, attempt).unit()
    }

    /// When the next thing after `now` is sent.
    #[inline]
    pub(super) fn next(&mut self, now: Time) -> Time {
        let mut draw = || {
            let draw = self.arrival.draw(self.rounds);
            self.rounds += 1;
            draw
        };
        match &self.arrivals {
            Arrivals::Every(interval) => now + *interval,
            // A closed loop sends again when it has its answer.
            Arrivals::Once | Arrivals::Never | Arrivals::Step { .. } | Arrivals::Closed { .. } => {
                Time::MAX
            }
            Arrivals::Poisson { mean_interval_ps }
            | Arrivals::Bursts {
                mean_interval_ps, ..
            } => now + Duration::from_ps_f64(draw().exponential() * mean_interval_ps),
            Arrivals::Renewal(between) => now + between.sample(&mut draw()),
            Arrivals::OnOff {
                mean_interval_ps,
                on_and_off,
            } => {
                let on_time = draw().exponential() * mean_interval_ps;
                self.progress
                    .after_on_time(on_time, on_and_off, self.arrival)
            }
            Arrivals::Curve(curve) => curve.next(&mut self.progress, draw().exponential()),
            Arrivals::Times(times) => self.progress.next_of(times),
            Arrivals::PerMinute(counts) => self.progress.next_in_minute(counts, draw().unit()),
        }
    }

    /// How many things are sent at once.
    #[inline]
    pub(super) const fn at_once(&self) -> u32 {
        match self.arrivals {
            Arrivals::Bursts { size, .. } | Arrivals::Step { size, .. } => size,
            Arrivals::Poisson { .. }
            | Arrivals::Every(_)
            | Arrivals::Renewal(_)
            | Arrivals::OnOff { .. }
            | Arrivals::Curve(_)
            | Arrivals::Times(_)
            | Arrivals::PerMinute(_)
            | Arrivals::Once
            | Arrivals::Never
            | Arrivals::Closed { .. } => 1,
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
    // Once for every datagram; left to itself the compiler calls it.
    #[allow(clippy::inline_always)]
    #[inline(always)]
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

    /// The hash of the `number`th flow of `sample`: the spine and the node that its packets take, in
    /// each direction.
    pub(super) fn flow_hash(
        &self,
        sample: u64,
        number: u32,
        planes: Planes,
        nodes: u32,
    ) -> [FlowHash; 2] {
        // Parts above 1 are sprays; a sample has fewer than 2^14 flows and 2^18 messages.
        let mut draw = self.choice.draw_part(sample, (number << 18) | 1);
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
