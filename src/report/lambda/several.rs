//! What the points of a sweep say of a function: from where to where its figures go, and where
//! something went wrong.

use super::answers::Observation;
use super::one;
use super::words::{all_points, counted, share, time};

/// Where extremes lie is of no interest if the least is more than this share of the greatest.
const CLOSE: f64 = 0.9;

/// Everything that is worth a sentence.
pub(super) fn sentences(seen: &[Observation<'_>]) -> Vec<String> {
    let all = [
        cold(seen),
        vpc(seen),
        provisioned(seen),
        trouble(
            seen,
            |one| one.summary.throttles,
            |one| one::throttled(&one.summary),
        ),
        trouble(seen, |one| one.summary.failures(), one::failed),
        queued(seen),
    ];
    all.into_iter().flatten().collect()
}

/// How many invocations were cold, and how long that took.
fn cold(seen: &[Observation<'_>]) -> Option<String> {
    let n = seen.len();
    let shares = seen
        .iter()
        .map(|one| (one, one.summary.cold_start_share.unwrap_or(0.0)));
    let extremes = Extremes::of(shares)?;
    let how_many = if extremes.high.value <= 0.0 {
        return Some(format!("No invocation was cold at {}.", all_points(n)));
    } else if extremes.low.value >= 1.0 {
        format!("All invocations were cold at {}", all_points(n))
    } else {
        format!("{} of invocations were cold", extremes.text(share))
    };
    let medians = seen.iter().filter_map(|one| {
        let latency = one.summary.cold_start_s.as_ref()?;
        Some((one, latency.p50))
    });
    let how_cold = Extremes::of(medians)?.text(time);
    Some(format!(
        "{how_many}; a cold start takes {how_cold} at the median."
    ))
}

/// What the VPC adds to cold starts.
fn vpc(seen: &[Observation<'_>]) -> Option<String> {
    let of = |one: &Observation<'_>| one.summary.phase("vpc_attach").map(|phase| phase.share);
    seen.iter().find_map(of)?;
    let shares = seen.iter().filter(|one| one.summary.cold_starts > 0);
    let extremes = Extremes::of(shares.map(|one| (one, of(one).unwrap_or(0.0))))?;
    Some(format!(
        "Joining the VPC takes {} of the time of cold starts.",
        extremes.text(share)
    ))
}

fn provisioned(seen: &[Observation<'_>]) -> Option<String> {
    let served = seen.iter().filter_map(|one| {
        let served = one.summary.provisioned_invocations?;
        let all = served + one.summary.spillover_invocations?;
        Some((one, served as f64 / all as f64))
    });
    Some(format!(
        "{} of the invocations that were served found a provisioned environment.",
        Extremes::of(served)?.text(share)
    ))
}

/// Where invocations were throttled or failed, and what happened at the worst of these points.
fn trouble<'a>(
    seen: &'a [Observation<'a>],
    count_of: impl Fn(&Observation<'a>) -> u64,
    text: impl Fn(&Observation<'a>) -> Option<String>,
) -> Option<String> {
    let affected: Vec<&Observation<'_>> = seen.iter().filter(|one| count_of(one) > 0).collect();
    let rate = |one: &Observation<'a>| count_of(one) as f64 / one.summary.invocations as f64;
    let mut worst = *affected.first()?;
    for &other in &affected[1..] {
        if rate(other) > rate(worst) {
            worst = other;
        }
    }
    let text = text(worst)?;
    let place = worst.place();
    Some(match affected.len() {
        1 => format!("With {place}: {text}."),
        n if n == seen.len() => format!("At {}, most with {place}: {text}.", all_points(n)),
        n => format!(
            "At {n} of {} points, most with {place}: {text}.",
            seen.len()
        ),
    })
}

fn queued(seen: &[Observation<'_>]) -> Option<String> {
    let peaks = seen
        .iter()
        .map(|one| (one, one.summary.peak_queued.unwrap_or(0)));
    let (worst, peak) = peaks.reduce(|a, b| if b.1 > a.1 { b } else { a })?;
    (peak > 0).then(|| {
        format!(
            "Up to {} waited for an environment, with {}.",
            counted(peak, "event"),
            worst.place()
        )
    })
}

/// The least and the greatest of some values, and where they were observed.
#[derive(Debug)]
struct Extremes {
    low: Extreme,
    high: Extreme,
    points: usize,
}

#[derive(Debug)]
struct Extreme {
    value: f64,
    /// The point, or how many they are.
    place: Result<String, usize>,
}

impl Extremes {
    fn of<'a>(values: impl Iterator<Item = (&'a Observation<'a>, f64)>) -> Option<Self> {
        let values: Vec<_> = values.collect();
        let all = || values.iter().map(|(_, value)| *value);
        let extreme = |value: f64| {
            let mut there = values
                .iter()
                .filter(|(_, other)| other.total_cmp(&value).is_eq());
            let first = there.next().map(|(one, _)| one.place()).unwrap_or_default();
            let more = there.count();
            Extreme {
                value,
                place: if more == 0 { Ok(first) } else { Err(more + 1) },
            }
        };
        Some(Self {
            low: extreme(all().reduce(f64::min)?),
            high: extreme(all().reduce(f64::max)?),
            points: values.len(),
        })
    }

    /// From where to where, or what all have.
    fn text(&self, shown: fn(f64) -> String) -> String {
        let [low, high] = [&self.low, &self.high].map(|end| shown(end.value));
        if low == high {
            return format!("{low} (at {})", all_points(self.points));
        }
        if self.low.value > CLOSE * self.high.value {
            return format!("{low} to {high}");
        }
        format!(
            "{low} ({}) to {high} ({})",
            self.low.where_it_is(),
            self.high.where_it_is()
        )
    }
}

impl Extreme {
    fn where_it_is(&self) -> String {
        match &self.place {
            Ok(place) => place.clone(),
            Err(points) => format!("at {points} points"),
        }
    }
}
