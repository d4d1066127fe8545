//! What instances, gateways, load balancers and endpoints counted, for all kinds of reports.

use indexmap::IndexMap;
use serde::Serialize;

use super::Summary;
use crate::sim::ResourceResults;

/// One metric of a resource.
#[derive(Debug, Clone, Serialize)]
pub struct MetricSummary {
    /// `Sum`, `Maximum` or `Minimum`, over time and replications.
    pub statistic: &'static str,
    /// Its value.
    pub value: u64,
}

/// The metrics of a resource by AWS's name for them.
pub type ResourceSummary = IndexMap<&'static str, MetricSummary>;

/// The metrics of all resources that packets used.
pub(super) fn resources(results: &[ResourceResults]) -> IndexMap<String, ResourceSummary> {
    let used = results.iter().filter(|resource| resource.used);
    used.map(|resource| {
        let metrics = resource.metrics.iter().map(|metric| {
            let summary = MetricSummary {
                statistic: metric.statistic.name(),
                value: metric.value,
            };
            (metric.name, summary)
        });
        (resource.name.clone(), metrics.collect())
    })
    .collect()
}

/// Metrics of a resource that say that something was lost or refused.
const TROUBLE: [&str; 14] = [
    "bw_in_allowance_exceeded",
    "bw_out_allowance_exceeded",
    "pps_allowance_exceeded",
    "conntrack_allowance_exceeded",
    "linklocal_allowance_exceeded",
    "ErrorPortAllocation",
    "IdleTimeoutCount",
    "PacketsDropCount",
    "TCP_Client_Reset_Count",
    "TCP_Target_Reset_Count",
    "TCP_ELB_Reset_Count",
    "PortAllocationErrorCount",
    "PacketsDropped",
    "RstPacketsReceived",
];

/// What was lost, refused or reset, by point and resource: (point, resource, metric, value). What is
/// zero is left out.
pub(super) fn trouble(summary: &Summary) -> impl Iterator<Item = (usize, &str, &'static str, u64)> {
    summary
        .points
        .iter()
        .enumerate()
        .flat_map(|(index, point)| {
            point.resources.iter().flat_map(move |(name, metrics)| {
                metrics.iter().filter_map(move |(metric, summary)| {
                    let shown = summary.value > 0 && TROUBLE.contains(metric);
                    shown.then_some((index, name.as_str(), *metric, summary.value))
                })
            })
        })
}
