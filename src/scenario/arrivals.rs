//! Arrivals: when things are sent.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{TraceArrivals, Traces};
use crate::engine::Distribution;
use crate::units::{ArrivalRate, Duration, Frequency};

/// When things are sent; exactly one key.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Arrivals {
    /// Independent arrivals at a mean rate.
    #[schemars(extend("example" = "{ rate = \"20/s\" }"))]
    pub poisson: Option<PoissonArrivals>,
    /// One every so often, from time zero on.
    #[schemars(extend("example" = "{ every = \"15 min\" }"))]
    pub interval: Option<Interval>,
    /// Several at once, the bursts being Poisson.
    #[schemars(extend("example" = "{ rate = \"2/s\", size = 10 }"))]
    pub burst: Option<BurstArrivals>,
    /// Independent times between arrivals, of any distribution.
    #[schemars(extend("example" = "{ between = { gamma = { mean = \"600 s\", stddev = \"900 s\" } } }"))]
    pub renewal: Option<RenewalArrivals>,
    /// Several at one instant, once.
    #[schemars(extend("example" = "{ at = \"10 s\", size = 5000 }"))]
    pub step: Option<StepArrivals>,
    /// Poisson while it is on, nothing while it is off.
    #[schemars(extend(
        "example" = "{ rate = \"100/s\", on = \"10 s\", off = { exponential = { mean = \"1 min\" } } }"
    ))]
    pub on_off: Option<OnOffArrivals>,
    /// Poisson at a rate that changes at given times, the first of which is `"0 s"`; the last rate
    /// stays.
    #[schemars(extend(
        "example" = "[{ at = \"0 s\", rate = \"5/s\" }, { at = \"60 s\", rate = \"500/s\" }]"
    ))]
    pub schedule: Option<Vec<ScheduledRate>>,
    /// Poisson at a rate that repeats itself, such as every day.
    #[schemars(extend("example" = "{ rates = [\"2/s\", \"10/s\", \"40/s\", \"15/s\"] }"))]
    pub diurnal: Option<DiurnalArrivals>,
    /// A replay of recorded arrivals.
    #[schemars(extend("example" = "{ file = \"arrivals.csv\" }"))]
    pub trace: Option<TraceArrivals>,
    /// Clients that wait for their answer, think, and send again. For requests and invocations only.
    #[schemars(extend("example" = "{ clients = 50, think_time = { exponential = { mean = \"1 s\" } } }"))]
    pub closed: Option<ClosedArrivals>,
}

/// Poisson arrivals: exponential times between them, as from many independent users.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PoissonArrivals {
    /// Mean arrivals per time.
    #[schemars(extend("example" = "\"20/s\""))]
    pub rate: Frequency,
}

/// Arrivals like clockwork, as from a timer.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Interval {
    /// Time between two arrivals.
    #[schemars(extend("example" = "\"15 min\""))]
    pub every: Duration,
}

/// Bursts: several arrivals at one instant, at Poisson times.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BurstArrivals {
    /// Mean bursts per time.
    #[schemars(extend("example" = "\"2/s\""))]
    pub rate: Frequency,
    /// Arrivals in a burst.
    #[schemars(extend("example" = "10"))]
    pub size: u32,
}

/// Renewals: the times between arrivals, and that before the first, are independent.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RenewalArrivals {
    /// Time between two arrivals.
    #[schemars(extend("example" = "{ gamma = { mean = \"600 s\", stddev = \"900 s\" } }"))]
    pub between: Distribution,
}

/// A step: many arrivals at one instant. It ends by itself: no `count` or `duration` is needed.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StepArrivals {
    /// When. Default: at time zero.
    #[schemars(extend("example" = "\"10 s\""))]
    pub at: Option<Duration>,
    /// How many.
    #[schemars(extend("example" = "5000"))]
    pub size: u32,
}

/// An interrupted Poisson process: on and off by turns, on first.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OnOffArrivals {
    /// Mean arrivals per time while it is on.
    #[schemars(extend("example" = "\"100/s\""))]
    pub rate: Frequency,
    /// How long it is on.
    #[schemars(extend("example" = "{ exponential = { mean = \"10 s\" } }"))]
    pub on: Distribution,
    /// How long it is off.
    #[schemars(extend("example" = "{ exponential = { mean = \"1 min\" } }"))]
    pub off: Distribution,
}

/// One rate of a schedule, until the next begins. A schedule whose last rate is `"0/s"` ends by
/// itself: no `count` or `duration` is needed.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduledRate {
    /// When it begins.
    #[schemars(extend("example" = "\"60 s\""))]
    pub at: Duration,
    /// Mean arrivals per time, perhaps none.
    #[schemars(extend("example" = "\"500/s\""))]
    pub rate: ArrivalRate,
}

/// A rate that repeats itself: it goes through points at equal distances, the first at time zero,
/// in straight lines, from the last back to the first, and again.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DiurnalArrivals {
    /// Mean arrivals per time at each of the points, perhaps none.
    #[schemars(extend("example" = "[\"2/s\", \"10/s\", \"40/s\", \"15/s\"]"))]
    pub rates: Vec<ArrivalRate>,
    /// Time after which it repeats itself. Default: 24 h.
    #[schemars(extend("example" = "\"24 h\""))]
    pub period: Option<Duration>,
}

impl DiurnalArrivals {
    /// Time after which it repeats itself: a day unless it is given.
    #[must_use]
    pub fn period(&self) -> Duration {
        self.period.unwrap_or(Duration::from_secs(86_400))
    }
}

/// A closed loop: each client sends, waits for the answer, and thinks.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClosedArrivals {
    /// How many there are.
    #[schemars(extend("example" = "50"))]
    pub clients: u32,
    /// Time between an answer and the next request, and before the first. Default: none.
    #[schemars(extend("example" = "\"100 ms\""))]
    pub think_time: Option<Distribution>,
}

/// The one process that arrivals are.
#[derive(Debug, Clone, Copy)]
pub enum Process<'a> {
    /// Poisson.
    Poisson(&'a PoissonArrivals),
    /// Like clockwork.
    Interval(&'a Interval),
    /// Poisson bursts.
    Burst(&'a BurstArrivals),
    /// Independent times between them.
    Renewal(&'a RenewalArrivals),
    /// Many at once, once.
    Step(&'a StepArrivals),
    /// Poisson now and then.
    OnOff(&'a OnOffArrivals),
    /// Poisson at a rate that changes at given times.
    Schedule(&'a [ScheduledRate]),
    /// Poisson at a rate that repeats itself.
    Diurnal(&'a DiurnalArrivals),
    /// Recorded ones.
    Trace(&'a TraceArrivals),
    /// Clients that wait.
    Closed(&'a ClosedArrivals),
}

impl Arrivals {
    /// The names of all processes, in the order of the reference.
    pub const PROCESSES: &'static str =
        "poisson, interval, burst, renewal, step, on_off, schedule, diurnal, trace and closed";

    /// The process that is written, unless there is none or there are several.
    #[must_use]
    pub fn process(&self) -> Option<Process<'_>> {
        let all = [
            self.poisson.as_ref().map(Process::Poisson),
            self.interval.as_ref().map(Process::Interval),
            self.burst.as_ref().map(Process::Burst),
            self.renewal.as_ref().map(Process::Renewal),
            self.step.as_ref().map(Process::Step),
            self.on_off.as_ref().map(Process::OnOff),
            self.schedule.as_deref().map(Process::Schedule),
            self.diurnal.as_ref().map(Process::Diurnal),
            self.trace.as_ref().map(Process::Trace),
            self.closed.as_ref().map(Process::Closed),
        ];
        let mut written = all.into_iter().flatten();
        written.next().filter(|_| written.next().is_none())
    }

    /// Whether they end without a count and before the end of time.
    #[must_use]
    pub fn end_by_themselves(&self) -> bool {
        match self.process() {
            Some(Process::Step(_) | Process::Trace(_)) => true,
            Some(Process::Schedule(rates)) => rates
                .last()
                .is_some_and(|last| last.rate.as_per_second() == 0.0),
            Some(
                Process::Poisson(_)
                | Process::Interval(_)
                | Process::Burst(_)
                | Process::Renewal(_)
                | Process::OnOff(_)
                | Process::Diurnal(_)
                | Process::Closed(_),
            )
            | None => false,
        }
    }

    /// Mean arrivals per second, in the long run; of what does not go on for ever as it begins, over
    /// the `duration` of the scenario. `None` if that is not known: of clients that wait, of what was
    /// not read, and without a duration.
    #[must_use]
    pub fn per_second(&self, duration: Option<Duration>, traces: &Traces) -> Option<f64> {
        let duration = duration.filter(|duration| *duration > Duration::ZERO);
        match self.process()? {
            Process::Poisson(poisson) => Some(poisson.rate.as_per_second()),
            Process::Interval(interval) => Some(1.0 / interval.every.as_secs_f64()),
            Process::Burst(burst) => Some(burst.rate.as_per_second() * f64::from(burst.size)),
            Process::Renewal(renewal) => Some(1.0 / renewal.between.mean_secs()),
            Process::OnOff(on_off) => {
                let (on, off) = (on_off.on.mean_secs(), on_off.off.mean_secs());
                // With both infinite there is no mean; this is the most it can be.
                let share = if on.is_finite() { on / (on + off) } else { 1.0 };
                Some(on_off.rate.as_per_second() * share)
            }
            Process::Diurnal(diurnal) => {
                let sum: f64 = diurnal.rates.iter().map(|rate| rate.as_per_second()).sum();
                Some(sum / diurnal.rates.len().max(1) as f64)
            }
            Process::Step(step) => {
                let sent = step.at.unwrap_or(Duration::ZERO) < duration?;
                Some(f64::from(if sent { step.size } else { 0 }) / duration?.as_secs_f64())
            }
            Process::Schedule(rates) => {
                let end = duration?.as_secs_f64();
                let starts = rates.iter().map(|rate| rate.at.as_secs_f64().min(end));
                let ends = starts.clone().skip(1).chain([end]);
                let sent = rates
                    .iter()
                    .zip(starts.zip(ends))
                    .map(|(rate, (from, to))| rate.rate.as_per_second() * (to - from));
                Some(sent.sum::<f64>() / end)
            }
            Process::Trace(trace) => {
                let recording = traces.find(trace)?.as_ref().ok()?;
                Some(recording.arrivals.before(duration?) / duration?.as_secs_f64())
            }
            Process::Closed(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrivals(text: &str) -> Arrivals {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn mean_rates_are_those_of_theory() {
        let none = Traces::default();
        let rate = |text, s| arrivals(text).per_second(Some(Duration::from_secs(s)), &none);
        let cases = [
            (r#"poisson.rate = "90/min""#, 1.5),
            (r#"interval.every = "4 s""#, 0.25),
            ("burst = { rate = \"2/s\", size = 10 }", 20.0),
            (
                r#"renewal.between = { uniform = { min = "1 s", max = "3 s" } }"#,
                0.5,
            ),
            // λ E[on] / (E[on] + E[off])
            (
                r#"on_off = { rate = "40/s", on = "1 s", off = { exponential = { mean = "3 s" } } }"#,
                10.0,
            ),
            // The trapezoids of a period: (2 + 10)/2, (10 + 0)/2, (0 + 2)/2, over 3.
            (
                r#"diurnal = { rates = ["2/s", "10/s", "0/s"], period = "3 s" }"#,
                4.0,
            ),
            // 10 s at 5/s, then 90 s at 50/s.
            (
                r#"schedule = [{ at = "0 s", rate = "5/s" }, { at = "10 s", rate = "50/s" }, { at = "200 s", rate = "0/s" }]"#,
                45.5,
            ),
            ("step = { at = \"99 s\", size = 5000 }", 50.0),
            ("step = { at = \"100 s\", size = 5000 }", 0.0),
        ];
        for (text, exact) in cases {
            let found = rate(text, 100).unwrap();
            assert!((found - exact).abs() < 1e-9, "{text}: {found}");
        }
        assert_eq!(rate("closed.clients = 5", 100), None);
        assert_eq!(arrivals("step.size = 3").per_second(None, &none), None);
    }

    #[test]
    fn there_is_one_process_or_none() {
        let ends = |text| arrivals(text).end_by_themselves();
        assert!(ends("step.size = 3"));
        assert!(ends(
            r#"schedule = [{ at = "0 s", rate = "5/s" }, { at = "9 s", rate = "0/s" }]"#
        ));
        assert!(!ends(r#"schedule = [{ at = "0 s", rate = "5/s" }]"#));
        assert!(!ends(r#"poisson.rate = "5/s""#));
        assert!(arrivals("").process().is_none());
        assert!(
            arrivals("step.size = 3\npoisson.rate = \"5/s\"")
                .process()
                .is_none()
        );
    }
}
