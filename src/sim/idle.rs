//! What a packet takes on a path on which nothing else is under way.

use super::compile::Compiler;
use super::program::{Latency, Stage};
use super::station::{Admission, Station};
use crate::engine::{Draw, StreamFamily};
use crate::path::{Hop, Leg};
use crate::topology::Topology;
use crate::units::{Bytes, Duration, Time};

/// Packets that are sent to find out. The 99th percentile then has a standard error of 0.1
/// percentage points.
const SAMPLES: usize = 10_000;
/// Between two of them, so that none waits for another.
const APART: Duration = Duration::from_secs(1);
/// An IP packet of a small request.
const SIZE: Bytes = Bytes::new(552);

/// Which packet of a flow is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlowState {
    /// The first, for which everything is evaluated.
    New,
    /// A later one, which cards and fleets know.
    Established,
}

/// A median and a 99th percentile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quantiles {
    /// Half take less.
    pub p50: Duration,
    /// All but one in a hundred take less.
    pub p99: Duration,
}

/// Latencies of many packets, none of which meets another.
#[derive(Debug, Clone)]
pub struct IdleLatency {
    /// Of each group of hops.
    pub groups: Vec<Quantiles>,
    totals: Vec<Duration>,
}

impl IdleLatency {
    /// Of the whole direction.
    #[must_use]
    pub fn total(&self) -> Quantiles {
        quantiles(self.totals.clone())
    }

    /// Of both directions together.
    #[must_use]
    pub fn round_trip(&self, back: &Self) -> Quantiles {
        let both = self.totals.iter().zip(&back.totals);
        quantiles(both.map(|(&there, &back)| there + back).collect())
    }
}

/// Sends packets over one direction of a path. `group_of` names for each of its hops the group that
/// its time belongs to, of `groups`; `purpose` keeps the draws of different directions apart.
#[must_use]
pub fn idle_latency(
    topology: &Topology,
    leg: &Leg,
    group_of: &[usize],
    groups: usize,
    state: FlowState,
    purpose: &str,
) -> IdleLatency {
    let hops: Vec<Hop> = leg.hops().collect();
    let mut compiler = Compiler::new(topology);
    // The cards cache whatever is not ICMP; what is asked about here may be either.
    let route = compiler.route(&hops, true);
    let range = route.first as usize..route.end as usize;
    let stages = compiler.stages[range.clone()].to_vec();
    let hop_of = compiler.hop_of[range].to_vec();
    for credit in &compiler.credits {
        compiler.stations.give(credit, StreamFamily::new(0, 0));
    }
    let distributions = compiler.distributions;
    let mut stations = compiler.stations.into_stations();
    let stream = StreamFamily::new(0, 0).stream("idle", purpose);
    let mut by_group = vec![Vec::with_capacity(SAMPLES); groups];
    let mut totals = Vec::with_capacity(SAMPLES);
    let mut now = Time::ZERO;
    for sample in 0..SAMPLES {
        let mut spent = vec![Duration::ZERO; groups];
        for (index, stage) in stages.iter().enumerate() {
            let part = u32::try_from(index).expect("a path has few stages");
            let mut draw = stream.draw_part(sample as u64, part);
            let time = stage_time(stage, state, &distributions, &mut stations, now, &mut draw);
            spent[group_of[hop_of[index]]] += time;
        }
        totals.push(spent.iter().fold(Duration::ZERO, |sum, &part| sum + part));
        for (group, time) in by_group.iter_mut().zip(spent) {
            group.push(time);
        }
        now = now + APART;
    }
    IdleLatency {
        groups: by_group.into_iter().map(quantiles).collect(),
        totals,
    }
}

fn stage_time(
    stage: &Stage,
    flow: FlowState,
    distributions: &[crate::engine::Distribution],
    stations: &mut [Station],
    now: Time,
    draw: &mut Draw,
) -> Duration {
    let mut sample = |id: super::program::DistributionId| distributions[id.0 as usize].sample(draw);
    let mut time = Duration::ZERO;
    if stage.first_only && flow == FlowState::Established {
        return time;
    }
    if let Some(choice) = stage.station {
        let service = stage.service.map_or(Duration::ZERO, &mut sample);
        let size = SIZE + Bytes::new(u64::from(stage.overhead));
        if let Admission::Served { end, .. } =
            stations[choice.first as usize].admit(now, size, service, choice.side)
        {
            time += end.since(now);
        }
    }
    time + match (stage.latency, flow) {
        (Latency::Constant(latency), _) => latency,
        (Latency::Drawn { first, .. }, FlowState::New) => sample(first),
        (Latency::Drawn { later, .. }, FlowState::Established) => sample(later),
    }
}

/// Median and 99th percentile of samples: the smallest that so many do not exceed.
fn quantiles(mut samples: Vec<Duration>) -> Quantiles {
    samples.sort_unstable();
    let at = |percent: usize| {
        let index = (samples.len() * percent).div_ceil(100).saturating_sub(1);
        samples.get(index).copied().unwrap_or(Duration::ZERO)
    };
    Quantiles {
        p50: at(50),
        p99: at(99),
    }
}
