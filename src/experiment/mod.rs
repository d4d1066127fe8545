//! Which runs there are, and running them on all cores: every point of the sweep × every
//! replication, with the same results at any number of threads.

mod plan;
mod run;

pub use plan::{Diagnosis, Plan, PlannedPoint};
pub use run::{Outcome, PointResults, Progress};
