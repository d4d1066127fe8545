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
    /// the thing is written and was left out for a mistake of its own.
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
                    format!(
                        "`{reference}` is {}, not {}",
                        with_article(other),
                        with_article(kind)
                    ),
                )
                .help(format!("this key names {}", with_article(kind))),
            );
            return None;
        }
        let found = arena.find(name);
        if found.is_none() {
            self.dangling(kind, name, arena.names(), path);
        }
        found
    }

    /// Reports that `kind.name` does not exist; `resolved` are those that exist without a table of
    /// their own, too.
    pub fn dangling<'n>(
        &mut self,
        kind: &str,
        name: &str,
        resolved: impl IntoIterator<Item = &'n str>,
        path: &KeyPath,
    ) {
        let written = self.scenario.names(kind);
        if written.contains(&name) {
            // It is there, and what is wrong with it has been reported.
            return;
        }
        let readable = kind.replace('_', " ");
        // Names with a blank are not the user's, such as a VPC's default group.
        let mut known: Vec<String> = written.iter().map(|&name| name.to_owned()).collect();
        let resolved = resolved.into_iter().filter(|name| !name.contains(' '));
        known.extend(
            resolved
                .filter(|name| !written.contains(name))
                .map(str::to_owned),
        );
        let problem = Problem::error(path.clone(), format!("{readable} `{name}` is not defined"));
        self.problems.push(if known.is_empty() {
            problem.help(format!("add a table [{kind}.{name}]"))
        } else {
            problem.did_you_mean(name, known.iter().map(String::as_str))
        });
    }

    /// Reports a number outside `range`.
    pub fn check_range(
        &mut self,
        path: KeyPath,
        number: u32,
        range: std::ops::RangeInclusive<u32>,
    ) {
        if !range.contains(&number) {
            let (least, most) = range.into_inner();
            self.error(path, format!("{number} is not between {least} and {most}"));
        }
    }

    /// Whether the table that `path` leads into could be read completely.
    #[must_use]
    pub fn is_whole(&self, path: &KeyPath) -> bool {
        !self.scenario.broken.contains(&path.prefix(2).to_string())
    }
}

/// A kind as a reader says it: `an instance`, `a route table`.
fn with_article(kind: &str) -> String {
    let article = if kind.starts_with(['a', 'e', 'i', 'o']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {}", kind.replace('_', " "))
}
