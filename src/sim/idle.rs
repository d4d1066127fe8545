//! What a packet takes on a path on which nothing else is under way.

use super::compile::Compiler;
use super::program::{DistributionId, Latency, Stage};
use super::station::{Admission, Station};
use crate::engine::StreamFamily;
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
            let draw = |id: DistributionId| distributions[id.0 as usize].sample(&mut draw);
            let time = stage_time(stage, state, &mut stations, now, draw);
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

/// What a packet takes on average over one direction of a path, if none waits for another.
#[must_use]
pub fn idle_mean(topology: &Topology, leg: &Leg, state: FlowState) -> Duration {
    let hops: Vec<Hop> = leg.hops().collect();
    let mut compiler = Compiler::new(topology);
    let route = compiler.route(&hops, true);
    let stages = compiler.stages[route.first as usize..route.end as usize].to_vec();
    let distributions = compiler.distributions;
    let mut stations = compiler.stations.into_stations();
    let mean =
        |id: DistributionId| Duration::from_secs_f64(distributions[id.0 as usize].mean_secs());
    let times = stages
        .iter()
        .map(|stage| stage_time(stage, state, &mut stations, Time::ZERO, mean));
    times.fold(Duration::ZERO, |sum, time| sum + time)
}

/// The time at a stage, by a `sample` of each distribution.
fn stage_time(
    stage: &Stage,
    flow: FlowState,
    stations: &mut [Station],
    now: Time,
    mut sample: impl FnMut(DistributionId) -> Duration,
) -> Duration {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::{Endpoint, Flow, Query, trace};
    use crate::scenario::{Document, Protocol, Scenario};

    /// Within four standard errors of the mean of many packets.
    #[test]
    fn the_mean_is_that_of_many_packets() {
        let text = r#"
            [region]
            name = "us-east-1"
            availability_zones = ["us-east-1a", "us-east-1b"]
            [function.f]
            runtime = "python3.12"
            memory = "128 MB"
            duration = "1 ms"
        "#;
        let document = Document::parse("test.toml", text).unwrap();
        let (topology, _) = Topology::resolve(&Scenario::read(&document).0);
        let end = |text: &str| Endpoint::parse(&topology, text, None).unwrap();
        let flow = Flow {
            protocol: Protocol::Tcp,
            port: 443,
        };
        let query = Query::new(end("function.f"), end("service.sqs"), flow);
        let path = trace(&topology, &query, 0);
        assert!(path.is_reachable());
        let count = path.forward.hops().count();
        for state in [FlowState::New, FlowState::Established] {
            let sampled = idle_latency(&topology, &path.forward, &vec![0; count], 1, state, "test");
            let all: Vec<f64> = sampled
                .totals
                .iter()
                .map(|time| time.as_secs_f64())
                .collect();
            let n = all.len() as f64;
            let mean = all.iter().sum::<f64>() / n;
            let variance = all.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
            let expected = idle_mean(&topology, &path.forward, state).as_secs_f64();
            let error = 4.0 * (variance / n).sqrt();
            assert!((mean - expected).abs() < error, "{mean} {expected} {error}");
        }
    }
}
