//! What a run leaves behind, made from its results alone: terminal summary, JSON, CSV, plots.

mod bill;
mod csv;
pub mod diagram;
mod drawing;
mod files;
mod lambda;
mod numbers;
mod path;
pub mod plot;
mod resources;
mod summary;
mod text;

pub use bill::{BillSummary, ItemSummary, ShareSummary, TermSummary, bill_text, bills_json};
pub use files::{Manifest, WriteError, write};
pub use lambda::{FunctionSummary, PhaseSummary};
pub use path::{
    ChargeReport, Decision, GroupReport, HopReport, LegReport, MatrixReport, PathReport,
    QuantilesReport, ReachReport, RefusalReport, end_name, matrix_text, path_text,
};
pub use resources::{MetricSummary, ResourceSummary};
pub use summary::{
    EngineSummary, HopSummary, LatencySummary, PointSummary, RefusalSummary, ScenarioSummary,
    Summary, TransportSummary, WorkloadSummary,
};
pub use text::summary_text;

use crate::experiment::{Design, PointResults};

/// Results with what is needed to tell where they come from.
#[derive(Debug)]
pub struct Report<'a> {
    /// The name of the scenario: its file without folder and extension.
    pub name: &'a str,
    /// The scenario's title.
    pub title: &'a str,
    /// SHA-256 of the scenario's text, in hexadecimal.
    pub sha256: &'a str,
    /// Seed of all random numbers.
    pub seed: u64,
    /// Simulated time during which workloads send; `None` if they have counts.
    pub duration_secs: Option<f64>,
    /// The design of the first point, for the picture of the topology.
    pub design: Option<&'a Design>,
    /// The points, in the order of the sweep.
    pub points: &'a [PointResults],
}
