//! Running a plan on all cores.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;
use toml::Value;

use super::Plan;
use crate::cost::Bill;
use crate::sim::{Results, RunError};

/// What all replications of a point measured together.
#[derive(Debug)]
pub struct PointResults {
    /// Each swept path with its value.
    pub parameters: Vec<(String, Value)>,
    /// The parameters as a label; empty without a sweep.
    pub label: String,
    /// Replications that finished.
    pub replications: u32,
    /// Their merged results.
    pub results: Results,
    /// What the design costs in a month.
    pub bill: Bill,
}

/// What came of a plan.
#[derive(Debug)]
pub struct Outcome {
    /// The points that finished at least one replication, in the order of the sweep.
    pub points: Vec<PointResults>,
    /// Runs that reached a limit, by the label of their point.
    pub failures: Vec<(String, RunError)>,
    /// Whether it was stopped before all runs had finished.
    pub interrupted: bool,
}

/// Something to show while runs are under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// A run has handled so many more events.
    Events(u64),
    /// A run has finished.
    RunFinished,
}

impl Plan {
    /// Runs everything on `jobs` threads (0: as many as there are cores) until done or `stop` is
    /// set. `report` is called from all threads.
    ///
    /// Results merge by exact integer sums, so neither the number of threads nor the order in which
    /// runs finish changes a bit of them.
    ///
    /// # Errors
    /// If the threads cannot be started.
    pub fn run(
        &self,
        jobs: usize,
        stop: &AtomicBool,
        report: &(dyn Fn(Progress) + Sync),
    ) -> Result<Outcome, rayon::ThreadPoolBuildError> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs).build()?;
        let slots: Vec<Mutex<Slot>> = self.points.iter().map(|_| Mutex::default()).collect();
        let runs: Vec<(usize, u32)> = self
            .points
            .iter()
            .enumerate()
            .flat_map(|(point, planned)| (0..planned.replications).map(move |r| (point, r)))
            .collect();
        pool.install(|| {
            runs.par_iter().for_each(|&(point, replication)| {
                let result = self.run_one(point, replication, stop, report);
                let mut slot = slots[point]
                    .lock()
                    .expect("no thread panics while it merges");
                slot.add(result);
            });
        });
        let mut outcome = Outcome {
            points: Vec::new(),
            failures: Vec::new(),
            interrupted: false,
        };
        for (planned, slot) in self.points.iter().zip(slots) {
            let slot = slot.into_inner().expect("no thread panics while it merges");
            let label = planned.point.label();
            outcome.interrupted |= slot.interrupted;
            outcome
                .failures
                .extend(slot.failure.map(|failure| (label.clone(), failure)));
            outcome
                .points
                .extend(slot.results.map(|results| PointResults {
                    parameters: planned.point.parameters.clone(),
                    label,
                    replications: slot.finished,
                    results,
                    bill: planned.bill.clone(),
                }));
        }
        Ok(outcome)
    }

    fn run_one(
        &self,
        point: usize,
        replication: u32,
        stop: &AtomicBool,
        report: &(dyn Fn(Progress) + Sync),
    ) -> Result<Results, RunError> {
        if stop.load(Ordering::Relaxed) {
            return Err(RunError::Interrupted);
        }
        let mut reported = 0;
        let planned = &self.points[point];
        let result = planned.program.run(planned.seed, replication, |events| {
            report(Progress::Events(events - reported));
            reported = events;
            !stop.load(Ordering::Relaxed)
        });
        if let Ok(results) = &result {
            report(Progress::Events(results.events - reported));
            report(Progress::RunFinished);
        }
        result
    }
}

/// Where the replications of a point meet.
#[derive(Debug, Default)]
struct Slot {
    results: Option<Results>,
    finished: u32,
    failure: Option<RunError>,
    interrupted: bool,
}

impl Slot {
    fn add(&mut self, result: Result<Results, RunError>) {
        match result {
            Ok(results) => {
                self.finished += 1;
                match &mut self.results {
                    Some(merged) => merged.merge(&results),
                    None => self.results = Some(results),
                }
            }
            Err(RunError::Interrupted) => self.interrupted = true,
            Err(failure) => self.failure = Some(failure),
        }
    }
}
