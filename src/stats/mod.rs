//! What a run measures, and how sure we are: exact sums, histograms, breakdowns, intervals.
//!
//! Everything merges in any grouping to the same bits, because counts and sums are integers.

mod bins;
mod breakdown;
mod interpolation;
mod interval;
mod latency;
mod level;
mod ratio;
mod timeline;

pub use breakdown::Breakdown;
pub use interpolation::linear_between;
pub use interval::{Interval, ratio_interval, student_t_975};
pub use latency::{Latency, Sums};
pub use level::{Level, LevelResults, LevelSums};
pub use ratio::{Difference, Ratio, mean_difference};
pub use timeline::{Bin, Timeline};
