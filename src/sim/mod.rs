//! The running world: paths compiled into stages over stations, and what uses them.

mod arrivals;
mod compile;
mod credit;
pub mod fluid;
mod idle;
mod lambda;
pub mod limit;
mod metrics;
mod part;
mod program;
mod results;
mod slab;
pub mod station;
mod stream;
pub mod tcp;
pub mod tracking;
mod world;

pub use compile::compile;
pub use idle::{FlowState, IdleLatency, Quantiles, idle_latency, idle_mean};
pub use lambda::{FunctionResults, InvocationCounts, InvokeError, ThrottleReason};
pub use metrics::{Metric, ResourceResults, Statistic};
pub use part::{Charges, Part};
pub use program::Program;
pub use results::{Failure, Results, Transport, WorkloadResults};

use crate::engine::{self, Scheduler, Stopped, StreamFamily};
use crate::units::Time;
use world::World;

/// Events between two looks at whether to go on.
const SLICE: u64 = 1 << 20;

/// Why a run has no results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// The caller asked to stop.
    #[error("interrupted")]
    Interrupted,
    /// The limit of events was reached.
    #[error("the limit of {0} events was reached; raise `max_events`, or simulate less")]
    TooManyEvents(u64),
}

impl Program {
    /// Runs one replication until everything sent has completed or failed.
    ///
    /// The results are a function of the program, the seed and the replication. `go_on` is asked
    /// every million events, with the number of events so far.
    ///
    /// # Errors
    /// If `go_on` says no, or the program's limit of events is reached.
    ///
    /// # Panics
    /// If a check that every run makes on itself fails: conservation, Little's law, breakdowns that
    /// sum to their latency.
    pub fn run(
        &self,
        seed: u64,
        replication: u32,
        mut go_on: impl FnMut(u64) -> bool,
    ) -> Result<Results, RunError> {
        let lanes = self.stations.len() + self.workloads.len() * world::LANES;
        let mut engine = Scheduler::new(lanes);
        let mut world = World::new(self, StreamFamily::new(seed, replication), &mut engine);
        loop {
            let slice = SLICE.min(self.max_events.saturating_sub(engine.handled()) + 1);
            match engine::run_slice(&mut world, &mut engine, Time::MAX, slice) {
                Stopped::Idle | Stopped::Horizon => return Ok(world.finish(replication, &engine)),
                Stopped::Slice => {}
            }
            if engine.handled() > self.max_events {
                return Err(RunError::TooManyEvents(self.max_events));
            }
            if !go_on(engine.handled()) {
                return Err(RunError::Interrupted);
            }
        }
    }
}
