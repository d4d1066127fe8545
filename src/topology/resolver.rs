//! Looking references up, and collecting what is wrong with them.

use super::{Arena, Id};
use crate::engine::StreamFamily;
use crate::scenario::{KeyPath, Problem, Reference, Scenario};

/// The scenario being resolved, the problems so far, and the draws for choices by name.
#[derive(Debug)]
pub struct Resolver<'a> {
    /// What the user wrote.
    pub scenario: &'a Scenario,
    problems: Vec<Problem>,
    streams: StreamFamily,
}

impl<'a> Resolver<'a> {
    /// A resolver with no problems yet.
    #[must_use]
    pub fn new(scenario: &'a Scenario) -> Self {
        // Choices by name are those of the seed, the same in every replication.
        let streams = StreamFamily::new(scenario.seed(), u32::MAX);
        Self {
            scenario,
            problems: Vec::new(),
            streams,
        }
    }

    /// Notes a problem.
    pub fn report(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Notes an error at `path`.
    pub fn error(&mut self, path: KeyPath, message: impl Into<String>) {
        self.problems.push(Problem::error(path, message));
    }

    /// All problems noted.
    #[must_use]
    pub fn into_problems(self) -> Vec<Problem> {
        self.problems
    }

    /// A choice among `bound` that depends on the seed, `owner` and `purpose` only.
    #[must_use]
    pub fn choose(&self, owner: &str, purpose: &str, bound: u32) -> u32 {
        self.streams
            .stream(owner, purpose)
            .draw(0)
            .below(bound.max(1))
    }

    /// The thing of `kind` that `reference` at `path` names. Reports a dangling reference, unless
    /// the thing is written and could not be read.
    pub fn find<T>(
        &mut self,
        arena: &Arena<T>,
        kind: &str,
        reference: &Reference,
        path: &KeyPath,
    ) -> Option<Id<T>> {
        let (written, name) = reference.parts();
        if let Some(other) = written.filter(|written| *written != kind) {
            self.report(
                Problem::error(
                    path.clone(),
                    format!("`{reference}` is a {other}, not a {kind}"),
                )
                .help(format!("this key names a {kind}")),
            );
            return None;
        }
        let found = arena.find(name);
        if found.is_none() {
            self.dangling(kind, name, arena.names(), path);
        }
        found
    }

    /// Reports that `kind.name` does not exist.
    pub fn dangling<'n>(
        &mut self,
        kind: &str,
        name: &str,
        known: impl IntoIterator<Item = &'n str>,
        path: &KeyPath,
    ) {
        if self.scenario.broken.contains(&format!("{kind}.{name}")) {
            return;
        }
        let readable = kind.replace('_', " ");
        let known: Vec<&str> = known.into_iter().collect();
        let problem = Problem::error(path.clone(), format!("{readable} `{name}` is not defined"));
        self.report(if known.is_empty() {
            problem.help(format!("add a table [{kind}.{name}]"))
        } else {
            problem.did_you_mean(name, known)
        });
    }
}
