//! What a run says of Lambda functions: figures, tables, and answers in words.

mod answers;
mod csv;
mod effect;
#[cfg(test)]
pub(super) mod fixture;
mod one;
mod several;
mod summary;
#[cfg(test)]
mod tests;
mod words;

pub(super) use answers::answers;
pub(super) use csv::{cold_starts, environments, functions};
pub use summary::{FunctionSummary, PhaseSummary};
pub(super) use words::share;
