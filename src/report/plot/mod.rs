//! Plots (placeholder until merge).
use crate::experiment::PointResults;
use std::path::{Path, PathBuf};
/// Error.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct PlotError(String);
/// Writes.
pub fn write_plots(_: &str, _: &[PointResults], _: &Path) -> Result<Vec<PathBuf>, PlotError> {
    Ok(Vec::new())
}
