//! Arrivals that were recorded: which file, and what it holds.
//!
//! Nothing is read here. Whoever can read files gives their contents to the document, which knows what
//! it names at each point of its sweep; a scenario finds in it what its workloads replay.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use toml::Value;

use super::{Document, Edit, KeyPath, Problem, expand, trace_file};
use crate::units::{Duration, PS_PER_SECOND, Time};

/// Replays the arrivals in a file, the same in every replication. It ends by itself: no `count` or
/// `duration` is needed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TraceArrivals {
    /// The file, from the folder of the scenario.
    #[schemars(extend("example" = "\"arrivals.csv\""))]
    pub file: String,
    /// What is in it, as CSV: `"timestamps"` (seconds from the start of the scenario, sorted or not),
    /// `"azure_functions_2019"` (invocations in each minute of a day; they are spread at random over
    /// their minute) or `"azure_functions_2021"` (ends and durations of invocations, which arrive when
    /// they begin). Default: `"timestamps"`.
    #[serde(default)]
    #[schemars(extend("example" = "\"azure_functions_2019\""))]
    pub format: TraceFormat,
    /// The column with the timestamps, if there are several.
    #[schemars(extend("example" = "\"time_s\""))]
    pub column: Option<String>,
    /// The Azure function whose invocations are replayed. Default: all.
    #[schemars(extend("example" = "\"68dc34e2\""))]
    pub function: Option<String>,
    /// The Azure application whose invocations are replayed. Default: all.
    #[schemars(extend("example" = "\"f7bfe5bc\""))]
    pub app: Option<String>,
    /// Shift all times so that the first arrival (or the first minute that has one) is at time zero.
    /// Default: false.
    #[serde(default)]
    #[schemars(extend("example" = "true"))]
    pub from_first: bool,
}

/// What is in a file of arrivals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TraceFormat {
    /// A column of seconds.
    #[default]
    Timestamps,
    /// The Azure Functions Trace 2019 of the Azure Public Dataset: invocations per minute.
    #[serde(rename = "azure_functions_2019")]
    AzureFunctions2019,
    /// The Azure Functions Invocation Trace 2021 of the same.
    #[serde(rename = "azure_functions_2021")]
    AzureFunctions2021,
}

/// What a file holds for a workload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// The arrivals.
    pub arrivals: Recorded,
    /// Of the file, in hexadecimal.
    pub sha256: String,
}

/// Arrivals of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recorded {
    /// Their times, sorted.
    Times(Arc<[Time]>),
    /// How many there are in each minute.
    PerMinute(Arc<[u32]>),
}

impl Recorded {
    /// Arrivals before the end of `duration`; of the minute in which it ends, the part that has
    /// passed.
    #[must_use]
    pub fn before(&self, duration: Duration) -> f64 {
        match self {
            Self::Times(times) => {
                let end = Time::ZERO + duration;
                times.partition_point(|&time| time < end) as f64
            }
            Self::PerMinute(counts) => {
                let minutes = duration.as_ps() as f64 / (60.0 * PS_PER_SECOND as f64);
                let parts =
                    (0..counts.len()).map(|minute| (minutes - minute as f64).clamp(0.0, 1.0));
                let counts = counts.iter().map(|&count| f64::from(count));
                counts.zip(parts).map(|(count, part)| count * part).sum()
            }
        }
    }
}

/// Something wrong with a file, or with how it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceFault {
    /// The key that it is about.
    pub key: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// What all files hold that a document names.
#[derive(Debug, Clone, Default)]
pub struct Traces(Arc<BTreeMap<TraceArrivals, Found>>);

/// What a file holds, or everything that is wrong with it.
type Found = Result<Recording, Vec<TraceFault>>;

impl Traces {
    /// What the file of `written` holds; `None` if it has not been read.
    #[must_use]
    pub fn find(&self, written: &TraceArrivals) -> Option<&Found> {
        self.0.get(written)
    }

    /// What the file of `written`, the table at `path`, holds.
    ///
    /// # Errors
    /// Everything that is wrong with it, or that it has not been read.
    pub fn recording(
        &self,
        written: &TraceArrivals,
        path: &KeyPath,
    ) -> Result<&Recording, Vec<Problem>> {
        let faults = match self.find(written) {
            Some(Ok(recording)) => return Ok(recording),
            Some(Err(faults)) => faults,
            None => {
                let message = format!("`{}` has not been read", written.file);
                return Err(vec![Problem::error(path.key("file"), message)]);
            }
        };
        let problems = faults.iter().map(|fault| Problem {
            help: fault.help.clone(),
            ..Problem::error(path.key(fault.key), &fault.message)
        });
        Err(problems.collect())
    }

    /// The SHA-256 of each file, by its name as written.
    #[must_use]
    pub fn hashes(&self) -> BTreeMap<String, String> {
        let found = self.0.iter();
        let sound = found.filter_map(|(written, found)| Some((written, found.as_ref().ok()?)));
        sound
            .map(|(written, recording)| (written.file.clone(), recording.sha256.clone()))
            .collect()
    }
}

impl Document {
    /// The same document with the recorded arrivals that it names once `edits` are applied, at any
    /// point of its sweep and of `axes`. `read` gives the contents of a file, by its name as written,
    /// or says why it cannot; what is wrong becomes a problem of the workload.
    #[must_use]
    pub fn with_traces(
        self,
        edits: &[Edit],
        axes: &[String],
        mut read: impl FnMut(&str) -> Result<Vec<u8>, String>,
    ) -> Self {
        let mut found = BTreeMap::new();
        let mut files: BTreeMap<String, Vec<TraceArrivals>> = BTreeMap::new();
        for trace in self.named(edits, axes) {
            files.entry(trace.file.clone()).or_default().push(trace);
        }
        for (file, traces) in files {
            let contents = read(&file);
            let sha256 = contents
                .as_ref()
                .map_or(String::new(), |bytes| sha256(bytes));
            for trace in traces {
                let recording = match &contents {
                    Ok(bytes) => trace_file::read(&trace, bytes).map(|arrivals| Recording {
                        arrivals,
                        sha256: sha256.clone(),
                    }),
                    Err(why) => Err(vec![TraceFault {
                        key: "file",
                        message: format!("cannot read `{file}`: {why}"),
                        help: Some("the name is that from the folder of the scenario".to_owned()),
                    }]),
                };
                found.insert(trace, recording);
            }
        }
        self.with(Traces(Arc::new(found)))
    }

    /// All traces that are named at some point.
    fn named(&self, edits: &[Edit], axes: &[String]) -> BTreeSet<TraceArrivals> {
        let (document, _) = self.edited(edits);
        // What is wrong with the sweep is reported when it runs.
        let points = expand(&document, axes).unwrap_or_default();
        let mut named = traces_of(&document);
        for point in points {
            named.extend(traces_of(&document.edited(&point.edits).0));
        }
        named
    }
}

/// The traces that a document names; those that cannot be read are reported with the rest of it.
fn traces_of(document: &Document) -> BTreeSet<TraceArrivals> {
    let kinds = ["ping", "request", "datagram", "stream", "invoke"];
    let tables = kinds
        .iter()
        .filter_map(|kind| document.table().get(*kind)?.as_table());
    let workloads = tables.flat_map(|table| table.values());
    let traces = workloads.filter_map(|workload| workload.get("arrivals")?.get("trace"));
    traces
        .filter_map(|trace: &Value| TraceArrivals::deserialize(trace.clone()).ok())
        .collect()
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_those_of_every_point_and_read_once() {
        let text = r#"
            [invoke.a]
            arrivals = { trace = { file = "a.csv" } }
            [ping.b]
            arrivals = { trace = { file = "a.csv", from_first = true } }
            [invoke.wrong]
            arrivals = { trace = { file = 5 } }
            [sweep]
            "invoke.a.arrivals.trace.file" = ["a.csv", "c.csv"]
        "#;
        let document = Document::parse("test.toml", text).unwrap();
        let edit = Edit::parse("--set", "ping.b.arrivals.trace.file=d.csv").unwrap();
        let mut read = Vec::new();
        let document = document.with_traces(&[edit], &[], |file| {
            read.push(file.to_owned());
            match file {
                "c.csv" => Err("gone".to_owned()),
                _ => Ok(b"3\n1.5\n".to_vec()),
            }
        });
        assert_eq!(read, ["a.csv", "c.csv", "d.csv"]);
        let hashes = document.traces().hashes();
        assert_eq!(hashes.keys().collect::<Vec<_>>(), ["a.csv", "d.csv"]);
        assert_eq!(hashes["a.csv"], hashes["d.csv"]);
        assert!(hashes["a.csv"].len() == 64);
        let trace = |file: &str, from_first| TraceArrivals {
            file: file.to_owned(),
            format: TraceFormat::Timestamps,
            column: None,
            function: None,
            app: None,
            from_first,
        };
        let times = |trace: &TraceArrivals| {
            let found = document.traces().find(trace)?.as_ref().unwrap();
            let Recorded::Times(times) = &found.arrivals else {
                panic!("{found:?}")
            };
            Some(
                times
                    .iter()
                    .map(|time| time.as_secs_f64())
                    .collect::<Vec<_>>(),
            )
        };
        assert_eq!(times(&trace("a.csv", false)).unwrap(), [1.5, 3.0]);
        assert_eq!(times(&trace("d.csv", true)).unwrap(), [0.0, 1.5]);
        assert_eq!(times(&trace("a.csv", true)), None);
        let gone = document.traces().find(&trace("c.csv", false)).unwrap();
        assert!(
            gone.as_ref().unwrap_err()[0]
                .message
                .contains("`c.csv`: gone")
        );
    }

    #[test]
    fn arrivals_are_counted_up_to_a_time() {
        let times = Recorded::Times(
            [1, 2, 2, 5]
                .map(|s| Time::ZERO + Duration::from_secs(s))
                .into(),
        );
        assert!((times.before(Duration::from_secs(2)) - 1.0).abs() < 1e-12);
        assert!((times.before(Duration::MAX) - 4.0).abs() < 1e-12);
        let counts = Recorded::PerMinute([10, 0, 8].into());
        assert!((counts.before(Duration::from_secs(30)) - 5.0).abs() < 1e-12);
        assert!((counts.before(Duration::from_secs(150)) - 14.0).abs() < 1e-12);
        assert!((counts.before(Duration::MAX) - 18.0).abs() < 1e-12);
    }
}
