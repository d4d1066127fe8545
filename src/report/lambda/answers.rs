//! What an engineer asks of functions, answered in words from the results alone: how many requests
//! are cold, how cold, what it goes into, what throttles first, and what a swept key changes.

use indexmap::IndexMap;

use super::{FunctionSummary, effect, one, several};
use crate::experiment::PointResults;
use crate::scenario::{display_value, last_key};
use crate::sim::FunctionResults;

/// A function at a point.
#[derive(Debug)]
pub(super) struct Observation<'a> {
    pub(super) point: &'a PointResults,
    pub(super) results: &'a FunctionResults,
    pub(super) summary: FunctionSummary,
}

impl Observation<'_> {
    /// Where it was observed: `memory = 128 MB, vpc_attachment = none`.
    pub(super) fn place(&self) -> String {
        let parameters = self.point.parameters.iter();
        let named = parameters
            .map(|(path, value)| format!("{} = {}", last_key(path), display_value(value)));
        named.collect::<Vec<_>>().join(", ")
    }
}

/// Sentences by function; functions that were not invoked have none.
pub(in crate::report) fn answers(points: &[PointResults]) -> IndexMap<String, Vec<String>> {
    let functions = points
        .first()
        .map_or(&[][..], |point| &point.results.functions);
    let sentences = functions
        .iter()
        .map(|function| (function.name.clone(), of_function(&function.name, points)));
    sentences
        .filter(|(_, sentences)| !sentences.is_empty())
        .collect()
}

fn of_function(name: &str, points: &[PointResults]) -> Vec<String> {
    let observed = points.iter().filter_map(|point| {
        let mut functions = point.results.functions.iter();
        let results = functions.find(|function| function.name == name)?;
        (results.invocations > 0).then(|| Observation {
            point,
            results,
            summary: FunctionSummary::new(results),
        })
    });
    let observed: Vec<Observation<'_>> = observed.collect();
    match &observed[..] {
        [] => Vec::new(),
        [only] => one::sentences(only),
        all => [several::sentences(all), effect::sentences(name, all)].concat(),
    }
}
