//! Scenarios as the tests use them: text in, results out.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use netsim::experiment::{Outcome, Plan};
use netsim::report::{
    FunctionSummary, LatencySummary, PointSummary, Report, Summary, WorkloadSummary, summary_text,
};
use netsim::scenario::{Document, Edit};

/// The text of a file in `scenarios/`.
pub(crate) fn shipped(name: &str) -> String {
    let path = folder("scenarios").join(format!("{name}.toml"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A folder of the project.
pub(crate) fn folder(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), name].iter().collect()
}

/// The plan of a scenario with edits written as for `--set`; panics with its diagnosis.
pub(crate) fn plan(name: &str, text: &str, edits: &[&str]) -> Plan {
    let document = Document::parse(format!("{name}.toml"), text)
        .unwrap_or_else(|problems| panic!("{}", problems.render(false)));
    let edits: Vec<Edit> = edits
        .iter()
        .map(|edit| Edit::parse("--set", edit).unwrap())
        .collect();
    Plan::new(&document, &edits, &[])
        .unwrap_or_else(|diagnosis| panic!("{}", diagnosis.render(false)))
}

/// What came of a scenario.
#[derive(Debug)]
pub(crate) struct Experiment {
    name: String,
    plan: Plan,
    pub(crate) outcome: Outcome,
}

impl Experiment {
    /// Runs a scenario, given by its text and edits as for `--set`, on all cores.
    pub(crate) fn run(name: &str, text: &str, edits: &[&str]) -> Self {
        Self::run_on(0, name, text, edits)
    }

    /// Runs a scenario on so many threads; 0 takes as many as there are cores.
    pub(crate) fn run_on(jobs: usize, name: &str, text: &str, edits: &[&str]) -> Self {
        let plan = plan(name, text, edits);
        let outcome = plan.run(jobs, &AtomicBool::new(false), &|_| {}).unwrap();
        assert!(
            outcome.failures.is_empty(),
            "{name}: {:?}",
            outcome.failures
        );
        Self {
            name: name.to_owned(),
            plan,
            outcome,
        }
    }

    fn report(&self) -> Report<'_> {
        Report {
            name: &self.name,
            title: &self.plan.title,
            sha256: "of the text",
            seed: self.plan.seed,
            duration_secs: self.plan.duration_secs,
            design: None,
            points: &self.outcome.points,
        }
    }

    /// `summary.json`.
    pub(crate) fn summary(&self) -> Summary {
        Summary::new(&self.report())
    }

    /// What is shown on a terminal.
    pub(crate) fn text(&self) -> String {
        summary_text(&self.report(), &self.summary())
    }

    /// The summary of the only point.
    pub(crate) fn point(&self) -> PointSummary {
        let mut points = self.summary().points;
        assert_eq!(points.len(), 1, "{} is a sweep", self.name);
        points.remove(0)
    }
}

/// The summary of the only point of a scenario.
pub(crate) fn point(text: &str, edits: &[&str]) -> PointSummary {
    Experiment::run("test", text, edits).point()
}

/// Looking things up by name, for tests that know they are there.
pub(crate) trait Named {
    fn workload(&self, name: &str) -> &WorkloadSummary;
    fn function(&self, name: &str) -> &FunctionSummary;
}

impl Named for PointSummary {
    fn workload(&self, name: &str) -> &WorkloadSummary {
        &self.workloads[name]
    }

    fn function(&self, name: &str) -> &FunctionSummary {
        &self.functions[name]
    }
}

/// What a test asks of a workload.
pub(crate) trait Measured {
    fn latency(&self) -> &LatencySummary;
    /// The mean time at a hop, in seconds; nothing if the path does not pass it.
    fn hop(&self, name: &str) -> f64;
    /// Whether the path passes a hop.
    fn passes(&self, hop: &str) -> bool;
}

impl Measured for WorkloadSummary {
    fn latency(&self) -> &LatencySummary {
        self.latency_s.as_ref().expect("something completed")
    }

    fn hop(&self, name: &str) -> f64 {
        let hops = self.hops.iter().filter(|hop| hop.hop == name);
        hops.map(|hop| hop.mean_s).sum()
    }

    fn passes(&self, name: &str) -> bool {
        self.hops.iter().any(|hop| hop.hop == name)
    }
}
