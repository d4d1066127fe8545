//! Writing the output folder: each file to a temporary name first, then renamed, so that what was
//! there before survives a full disk or a kill.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::Serialize;
use thiserror::Error;

use super::{Report, Summary, csv, diagram, lambda, plot};

/// What a run was, apart from its results; the only file that depends on machine and time.
#[derive(Debug, Clone, Serialize)]
pub struct Manifest {
    /// Version of the program.
    pub netsim_version: &'static str,
    /// SHA-256 of the scenario's text.
    pub scenario_sha256: String,
    /// SHA-256 of each file of recorded arrivals, by its name in the scenario.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub trace_sha256: BTreeMap<String, String>,
    /// Seed of all random numbers.
    pub seed: u64,
    /// As typed.
    pub command_line: Vec<String>,
    /// Wall-clock time of the simulation.
    pub wall_s: f64,
    /// Events handled.
    pub events: u64,
    /// Whether the run was stopped before all replications had finished.
    pub interrupted: bool,
    /// Problems that did not keep it from running.
    pub warnings: Vec<String>,
    /// SHA-256 of `summary.json`: equal for equal input, on machines with the same mathematical
    /// library.
    pub digest: String,
}

/// Why output could not be written.
#[derive(Debug, Error)]
pub enum WriteError {
    /// The file system refused.
    #[error("cannot write {}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A table could not be written.
    #[error("cannot write {}: {source}", path.display())]
    Csv {
        /// The file.
        path: PathBuf,
        /// What the writer said.
        source: ::csv::Error,
    },
    /// A plot could not be drawn.
    #[error(transparent)]
    Plot(#[from] plot::PlotError),
}

/// Writes everything into `directory`, making it if need be; returns the files in a fixed order.
///
/// # Errors
/// If a file cannot be written; files written before it are complete.
pub fn write(
    report: &Report<'_>,
    summary: &Summary,
    manifest: &Manifest,
    directory: &Path,
) -> Result<Vec<PathBuf>, WriteError> {
    let plots = directory.join("plots");
    fs::create_dir_all(&plots).map_err(|source| WriteError::Io {
        path: plots.clone(),
        source,
    })?;
    let mut written = Vec::new();
    let mut put = |name: &str, bytes: Result<Vec<u8>, ::csv::Error>| {
        let path = directory.join(name);
        let bytes = bytes.map_err(|source| WriteError::Csv {
            path: path.clone(),
            source,
        })?;
        write_atomically(&path, &bytes).map_err(|source| WriteError::Io {
            path: path.clone(),
            source,
        })?;
        written.push(path);
        Ok::<(), WriteError>(())
    };
    put("summary.json", Ok(summary.to_json().into_bytes()))?;
    put("latency.csv", csv::latency(summary))?;
    put("hops.csv", csv::hops(summary))?;
    put("timeline.csv", csv::timeline(report, summary))?;
    put("cost.csv", csv::cost(summary))?;
    put("metrics.csv", csv::metrics(summary))?;
    let functions = summary
        .points
        .iter()
        .any(|point| !point.functions.is_empty());
    if functions {
        put("functions.csv", lambda::functions(summary))?;
        put("cold_starts.csv", lambda::cold_starts(summary))?;
        put("environments.csv", lambda::environments(report, summary))?;
    }
    let manifest = serde_json::to_string_pretty(manifest).expect("a manifest has string keys only");
    put("manifest.json", Ok((manifest + "\n").into_bytes()))?;
    remove_plots(&plots).map_err(|source| WriteError::Io {
        path: plots.clone(),
        source,
    })?;
    for name in FUNCTION_TABLES.iter().filter(|_| !functions) {
        let path = directory.join(name);
        remove_if_there(&path).map_err(|source| WriteError::Io { path, source })?;
    }
    written.extend(plot::write_plots(report.title, report.points, &plots)?);
    if let Some(design) = report.design {
        let topology = &design.topology;
        let flows = design.flows.iter();
        let flows = flows.map(|(name, path)| diagram::Flow::of_path(topology, name, path));
        let model = diagram::Model::from_topology(topology, flows.collect());
        written.extend(diagram::write_topology(report.title, &model, &plots)?);
    }
    Ok(written)
}

/// Writes a file under a temporary name and renames it.
fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".tmp");
    let result = (|| {
        let mut file = fs::File::create(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    })();
    if result.is_err() {
        // The error that matters is the one before.
        let _ = fs::remove_file(&temporary);
    }
    result
}

/// Tables that are there only with functions.
const FUNCTION_TABLES: [&str; 3] = ["functions.csv", "cold_starts.csv", "environments.csv"];

/// Removes a file that an earlier run may have left.
fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

/// Removes the plots of an earlier run, which may have had more of them.
fn remove_plots(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "svg" || extension == "png")
        {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}
