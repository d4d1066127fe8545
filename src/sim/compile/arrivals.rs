//! Arrivals: what is written, as sources run it.

use std::sync::Arc;

use crate::scenario::{
    self, DiurnalArrivals, KeyPath, OnOffArrivals, Problem, Process, Recorded, ScheduledRate,
    TraceArrivals,
};
use crate::sim::arrivals::RateCurve;
use crate::sim::program::Arrivals;
use crate::topology::Resolver;
use crate::units::{Duration, Time};

/// Most arrivals at one instant.
const MAX_BURST: u32 = 1_000_000;
/// Most rates of a schedule, and points of a periodic rate.
const MAX_RATES: usize = 100_000;
/// Fewest arrivals in an on-period, on average: a source goes through its periods one by one.
const MIN_ON_ARRIVALS: f64 = 1e-6;

/// The arrivals of one source, and their mean number per second in the long run: what sends all it has
/// in a while makes no queue grow without bound.
pub(super) fn arrivals(
    resolver: &mut Resolver<'_>,
    written: &scenario::Arrivals,
    path: &KeyPath,
) -> Option<(Arrivals, f64)> {
    let Some(process) = written.process() else {
        resolver.lacking(
            Problem::error(
                path.clone(),
                format!(
                    "arrivals have exactly one of the keys {}",
                    scenario::Arrivals::PROCESSES
                ),
            )
            .help("for example { poisson = { rate = \"20/s\" } }"),
        );
        return None;
    };
    let compiled = compile(resolver, process, path)?;
    let scenario = resolver.scenario;
    let rate = match process {
        Process::Step(_) | Process::Trace(_) => 0.0,
        Process::Schedule(rates) => {
            let last = rates.last().map(|last| last.rate.as_per_second());
            written
                .per_second(scenario.duration, &scenario.traces)
                .or(last)?
        }
        Process::Poisson(_)
        | Process::Interval(_)
        | Process::Burst(_)
        | Process::Renewal(_)
        | Process::OnOff(_)
        | Process::Diurnal(_)
        | Process::Closed(_) => written.per_second(None, &scenario.traces)?,
    };
    Some((compiled, rate))
}

/// One process, if it is one that can run.
fn compile(resolver: &mut Resolver<'_>, process: Process<'_>, path: &KeyPath) -> Option<Arrivals> {
    match process {
        // Of a list or a file read only in part the rest may be wrong for that alone.
        Process::Schedule(_) | Process::Diurnal(_) | Process::Trace(_)
            if !resolver.is_whole(path) =>
        {
            None
        }
        Process::Poisson(poisson) => Some(Arrivals::Poisson {
            mean_interval_ps: poisson.rate.mean_interval_ps(),
        }),
        Process::Interval(interval) if interval.every > Duration::ZERO => {
            Some(Arrivals::Every(interval.every))
        }
        Process::Interval(_) => {
            let message = "the time between two arrivals must be more than zero";
            resolver.error(path.key("interval"), message);
            None
        }
        Process::Burst(burst) if (1..=MAX_BURST).contains(&burst.size) => Some(Arrivals::Bursts {
            mean_interval_ps: burst.rate.mean_interval_ps(),
            size: burst.size,
        }),
        Process::Burst(_) => {
            let message = format!("a burst has between 1 and {MAX_BURST} arrivals");
            resolver.error(path.key("burst"), message);
            None
        }
        Process::Renewal(renewal) if renewal.between.mean_secs() > 0.0 => {
            Some(Arrivals::Renewal(Arc::new(renewal.between.clone())))
        }
        Process::Renewal(_) => {
            let message = "the time between two arrivals must be more than zero";
            resolver.error(path.key("renewal").key("between"), message);
            None
        }
        Process::Step(step) if (1..=MAX_BURST).contains(&step.size) => Some(Arrivals::Step {
            at: Time::ZERO + step.at.unwrap_or(Duration::ZERO),
            size: step.size,
        }),
        Process::Step(_) => {
            let message = format!("a step has between 1 and {MAX_BURST} arrivals");
            resolver.error(path.key("step").key("size"), message);
            None
        }
        Process::OnOff(written) => on_off(resolver, written, &path.key("on_off")),
        Process::Schedule(rates) => schedule(resolver, rates, &path.key("schedule")),
        Process::Diurnal(written) => diurnal(resolver, written, &path.key("diurnal")),
        Process::Trace(written) => trace(resolver, written, &path.key("trace")),
        Process::Closed(_) => {
            let message =
                "only requests and invocations can be sent by clients that wait for their answers";
            resolver.error(path.key("closed"), message);
            None
        }
    }
}

fn on_off(
    resolver: &mut Resolver<'_>,
    written: &OnOffArrivals,
    path: &KeyPath,
) -> Option<Arrivals> {
    let per_period = written.rate.as_per_second() * written.on.mean_secs();
    if per_period < MIN_ON_ARRIVALS {
        resolver.report(
            Problem::error(
                path.key("on"),
                "of a million on-periods not even one has an arrival, on average",
            )
            .help("make them longer, or the rate higher"),
        );
        return None;
    }
    Some(Arrivals::OnOff {
        mean_interval_ps: written.rate.mean_interval_ps(),
        on_and_off: Arc::new([written.on.clone(), written.off.clone()]),
    })
}

fn schedule(
    resolver: &mut Resolver<'_>,
    rates: &[ScheduledRate],
    path: &KeyPath,
) -> Option<Arrivals> {
    if rates.is_empty() || rates.len() > MAX_RATES {
        let message = format!("a schedule has between 1 and {MAX_RATES} rates");
        resolver.error(path.clone(), message);
        return None;
    }
    let at = |index: usize| path.index(index).key("at");
    let mut sound = true;
    if rates[0].at > Duration::ZERO {
        resolver.report(
            Problem::error(at(0), "a schedule begins at 0 s")
                .help("write { at = \"0 s\", rate = \"0/s\" } first if nothing arrives before"),
        );
        sound = false;
    }
    for (index, pair) in (1..).zip(rates.windows(2)) {
        if pair[1].at <= pair[0].at {
            let message = format!("the rate before this one begins at {}", pair[0].at);
            resolver.report(
                Problem::error(at(index), message)
                    .help("the rates of a schedule are in the order of their times"),
            );
            sound = false;
        }
    }
    if rates.iter().all(|rate| rate.rate.as_per_second() == 0.0) {
        resolver.error(path.clone(), "at least one rate is more than zero");
        sound = false;
    }
    let steps = rates
        .iter()
        .map(|rate| (rate.at, rate.rate.as_per_second()));
    let steps: Vec<(Duration, f64)> = steps.collect();
    sound.then(|| Arrivals::Curve(Arc::new(RateCurve::steps(&steps))))
}

fn trace(resolver: &mut Resolver<'_>, written: &TraceArrivals, path: &KeyPath) -> Option<Arrivals> {
    match resolver.scenario.traces.recording(written, path) {
        Ok(recording) => Some(match &recording.arrivals {
            Recorded::Times(times) => Arrivals::Times(Arc::clone(times)),
            Recorded::PerMinute(counts) => Arrivals::PerMinute(Arc::clone(counts)),
        }),
        Err(problems) => {
            for problem in problems {
                resolver.report(problem);
            }
            None
        }
    }
}

fn diurnal(
    resolver: &mut Resolver<'_>,
    written: &DiurnalArrivals,
    path: &KeyPath,
) -> Option<Arrivals> {
    let rates = written.rates.iter().map(|rate| rate.as_per_second());
    let rates: Vec<f64> = rates.collect();
    let mut sound = true;
    if rates.len() < 2 || rates.len() > MAX_RATES {
        let message = format!("there are between 2 and {MAX_RATES} rates");
        resolver.error(path.key("rates"), message);
        sound = false;
    } else if rates.iter().all(|&rate| rate == 0.0) {
        resolver.error(path.key("rates"), "at least one rate is more than zero");
        sound = false;
    }
    if written.period() == Duration::ZERO {
        resolver.error(path.key("period"), "the period must be more than zero");
        sound = false;
    }
    sound.then(|| Arrivals::Curve(Arc::new(RateCurve::periodic(&rates, written.period()))))
}
