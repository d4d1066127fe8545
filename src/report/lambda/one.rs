//! What one run says of a function.

use super::answers::Observation;
use super::words::{count, counted, listed, number, phase, share, shares, time};
use super::{FunctionSummary, PhaseSummary};
use crate::report::LatencySummary;
use crate::sim::InvokeError;
use crate::stats::Interval;

/// Phases below this share are not worth a word.
const SMALL: f64 = 0.05;
/// Phases that are named, at most.
const NAMED: usize = 3;
/// Samples beyond a percentile that support it.
const TAIL_SAMPLES: u64 = 10;

/// Everything that is worth a sentence.
pub(super) fn sentences(seen: &Observation<'_>) -> Vec<String> {
    let summary = &seen.summary;
    let all = [
        Some(cold(summary)),
        phases(summary),
        vpc(summary),
        concurrency(summary),
        provisioned(summary),
        throttled(summary).map(|text| format!("{text}.")),
        failed(seen).map(|text| format!("{text}.")),
        interfaces(seen),
        queued(summary),
    ];
    all.into_iter().flatten().collect()
}

fn cold(summary: &FunctionSummary) -> String {
    let invocations = counted(summary.served, "invocation");
    let how_many = match (summary.cold_starts, summary.served) {
        (_, 0) => return "No invocation got an environment.".to_owned(),
        (0, 1) => "The only invocation was not cold".to_owned(),
        (1, 1) => "The only invocation was cold".to_owned(),
        (0, _) => format!("None of {invocations} was cold"),
        (cold, all) if cold == all => format!("All {invocations} were cold"),
        (cold, all) => {
            let interval = summary.cold_start_share_ci95;
            let interval = interval.filter(|[low, high]| low < high);
            let interval = interval.map_or_else(String::new, |[low, high]| {
                format!(" (95 %: {})", shares(Interval { low, high }))
            });
            let share = share(cold as f64 / all as f64);
            format!("{share} of {invocations} were cold{interval}")
        }
    };
    let how_cold = summary.cold_start_s.as_ref();
    let how_cold = how_cold.map_or_else(String::new, |latency| {
        format!("; {}", duration(latency, summary.cold_starts))
    });
    format!("{how_many}{how_cold}.")
}

/// How long a cold start takes, by percentiles that the sample supports.
fn duration(latency: &LatencySummary, samples: u64) -> String {
    let [p50, max] = [latency.p50, latency.max].map(time);
    let tail = if samples >= 100 * TAIL_SAMPLES {
        format!("{} at the 99th percentile", time(latency.p99))
    } else if samples >= 10 * TAIL_SAMPLES {
        format!("{} at the 90th percentile", time(latency.p90))
    } else {
        format!("{max} at most")
    };
    if samples == 1 {
        format!("the cold start took {max}")
    } else {
        format!("a cold start takes {p50} at the median and {tail}")
    }
}

/// What cold starts consist of.
fn phases(summary: &FunctionSummary) -> Option<String> {
    let top = summary
        .phases
        .iter()
        .filter(|phase| !phase.phase.contains('.'));
    let mut top: Vec<&PhaseSummary> = top.filter(|phase| phase.share >= SMALL).collect();
    top.sort_by(|a, b| b.share.total_cmp(&a.share));
    let (first, rest) = top.split_first()?;
    let first = format!(
        "{} of the time of cold starts goes into {}",
        share(first.share),
        phase(first.phase)
    );
    let rest = rest.iter().take(NAMED - 1);
    let rest = rest.map(|other| format!("{} into {}", share(other.share), phase(other.phase)));
    let all: Vec<String> = std::iter::once(first).chain(rest).collect();
    Some(format!("{}.", listed(&all)))
}

/// What the VPC adds.
fn vpc(summary: &FunctionSummary) -> Option<String> {
    let join = summary.phase("vpc_attach")?;
    let cold_starts = summary.cold_starts.max(1) as f64;
    let adds = format!(
        "Joining the VPC adds {} to a cold start on average, {} of it",
        time(join.mean_s * join.count as f64 / cold_starts),
        share(join.share)
    );
    let create = summary.phase("vpc_attach.create_network_interface");
    let create = create.map_or_else(String::new, |create| {
        format!(
            "; {} create a network interface for it, in {} at the median",
            share(create.count as f64 / cold_starts),
            time(create.p50)
        )
    });
    Some(format!("{adds}{create}."))
}

fn concurrency(summary: &FunctionSummary) -> Option<String> {
    let (mean, peak) = summary.mean_concurrency.zip(summary.peak_concurrency)?;
    (peak > 1).then(|| {
        format!(
            "{} environments were busy on average and {} at most.",
            number(mean),
            count(peak)
        )
    })
}

/// Whether invocations found a provisioned environment.
fn provisioned(summary: &FunctionSummary) -> Option<String> {
    let served = summary.provisioned_invocations?;
    let spilled = summary.spillover_invocations?;
    if spilled == 0 {
        return Some("All invocations found a provisioned environment.".to_owned());
    }
    let all = (served + spilled) as f64;
    let cold = match summary.cold_starts {
        0 => "none of which was cold".to_owned(),
        cold => format!("{} of which were cold", share(cold as f64 / spilled as f64)),
    };
    Some(format!(
        "{} of the invocations that were served found a provisioned environment; {} spilled over, {cold}.",
        share(served as f64 / all),
        share(spilled as f64 / all),
    ))
}

/// What throttled it: what came first, if that is known, else what was most frequent. Without a
/// full stop.
pub(super) fn throttled(summary: &FunctionSummary) -> Option<String> {
    if summary.throttles == 0 {
        return None;
    }
    let total = format!(
        "{} ({}) {} throttled",
        counted(summary.throttles, "invocation"),
        share(summary.throttles as f64 / summary.invocations as f64),
        were(summary.throttles)
    );
    let reasons = summary.throttled.iter();
    let mut reasons: Vec<(&str, u64, Option<f64>)> = reasons
        .map(|(&name, &count)| (name, count, summary.first_throttled_s.get(name).copied()))
        .collect();
    let by = |name: &str, n: u64| match summary.throttled.len() {
        1 => name.to_owned(),
        _ => format!("{name} ({})", count(n)),
    };
    if reasons.iter().all(|(_, _, first)| first.is_some()) {
        reasons.sort_by(|a, b| {
            let [a, b] = [a, b].map(|reason| reason.2.unwrap_or(f64::INFINITY));
            a.total_cmp(&b)
        });
        let parts = reasons.iter().enumerate().map(|(index, (name, n, first))| {
            let when = if index == 0 { "first" } else { "then" };
            let at = time(first.unwrap_or(f64::INFINITY));
            format!("{when} at {at} by {}", by(name, *n))
        });
        return Some(format!("{total}, {}", parts.collect::<Vec<_>>().join(", ")));
    }
    reasons.sort_by_key(|&(_, count, _)| std::cmp::Reverse(count));
    let parts = reasons.iter().map(|(name, n, _)| by(name, *n));
    let most = if reasons.len() > 1 { " most" } else { "" };
    Some(format!(
        "{total},{most} by {}",
        listed(&parts.collect::<Vec<_>>())
    ))
}

/// What failed otherwise, the most frequent first. Without a full stop.
pub(super) fn failed(seen: &Observation<'_>) -> Option<String> {
    let errors = seen.summary.errors.iter();
    let mut errors: Vec<(&str, u64)> = errors.map(|(&name, &count)| (name, count)).collect();
    errors.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
    let parts = errors.iter().enumerate().map(|(index, (name, n))| {
        let what = match index {
            0 => {
                let whole = seen.summary.invocations as f64;
                let of_all = share(*n as f64 / whole);
                format!("{} ({of_all}) failed with ", counted(*n, "invocation"))
            }
            _ => format!("{} with ", count(*n)),
        };
        let peak = (*name == InvokeError::EniLimitReached.name()).then(|| most_interfaces(seen));
        let peak = peak.flatten().map(|most| format!(", at a peak of {most}"));
        format!("{what}{name}{}", peak.unwrap_or_default())
    });
    let parts: Vec<String> = parts.collect();
    (!parts.is_empty()).then(|| listed(&parts))
}

/// `500 network interfaces (350 allowed)`.
fn most_interfaces(seen: &Observation<'_>) -> Option<String> {
    let peak = seen.summary.peak_network_interfaces?;
    let limit = seen.results.network_interface_limit;
    let allowed = limit.map(|limit| format!(" ({} allowed)", count(limit)));
    Some(format!(
        "{}{}",
        counted(peak, "network interface"),
        allowed.unwrap_or_default()
    ))
}

/// How many network interfaces there were, if nothing failed for want of one.
fn interfaces(seen: &Observation<'_>) -> Option<String> {
    let failed = InvokeError::EniLimitReached.name();
    if seen.summary.errors.contains_key(failed) {
        return None;
    }
    let most = most_interfaces(seen)?;
    Some(format!("It had a peak of {most}."))
}

fn queued(summary: &FunctionSummary) -> Option<String> {
    let (mean, peak) = summary.mean_queued.zip(summary.peak_queued)?;
    Some(format!(
        "Up to {} waited for an environment, {} on average.",
        counted(peak, "event"),
        number(mean)
    ))
}

fn were(count: u64) -> &'static str {
    if count == 1 { "was" } else { "were" }
}
