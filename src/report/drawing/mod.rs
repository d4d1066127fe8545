//! What plots and diagrams are drawn with: shapes on a page, letters, colors, and files.

mod header;
pub(crate) mod lettering;
pub(crate) mod outline;
mod paint;
pub(crate) mod palette;
pub(crate) mod scene;
#[cfg(test)]
pub(crate) mod vision;

use std::path::PathBuf;

pub(crate) use header::header;
pub(crate) use paint::write;

/// A picture that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the plot `{}`: {reason}", path.display())]
pub struct PlotError {
    /// The file that was to be written.
    pub path: PathBuf,
    /// What went wrong.
    pub reason: String,
}
