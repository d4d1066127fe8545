//! What a run measures, and how sure we are: exact sums, histograms, breakdowns, intervals.
//!
//! Everything merges in any grouping to the same bits, because counts and sums are integers.

mod breakdown;
mod interval;
mod latency;
mod timeline;

pub use breakdown::Breakdown;
pub use interval::{Interval, ratio_interval, student_t_975};
pub use latency::{Latency, Sums};
pub use timeline::{Bin, Timeline};
