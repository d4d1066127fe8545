//! Which runs there are, and running them on all cores: every point of the sweep × every
//! replication, with the same results at any number of threads.

mod cost;
mod design;
mod plan;
mod run;

pub use cost::{PointBill, bills};
pub use design::Design;
pub use plan::{Diagnosis, Plan, PlannedPoint, resolve_topology};
pub use run::{Outcome, PointResults, Progress};
