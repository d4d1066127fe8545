//! Looking references up, and collecting what is wrong with them.

use std::collections::{BTreeMap, BTreeSet};

use super::{Arena, Id};
use crate::engine::StreamFamily;
use crate::scenario::{KeyPath, Problem, Reference, Scenario};

/// The scenario being resolved, the problems so far, and the draws for choices by name.
#[derive(Debug)]
pub struct Resolver<'a> {
    /// What the user wrote.
    pub scenario: &'a Scenario,
    problems: Vec<Problem>,
    /// What has been said of a dangling name, by kind and name: many references share one mistake.
    remedies: BTreeMap<String, Option<String>>,
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
            remedies: BTreeMap::new(),
            streams,
        }
    }

    /// Notes a problem.
    pub fn report(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Notes that a table lacks something, unless part of the table could not be read: it may have
    /// been there.
    pub fn lacking(&mut self, problem: Problem) {
        if self.is_whole(&problem.path) {
            self.report(problem);
        }
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
        let mut problem = Problem::error(
            path.clone(),
            format!("{} `{name}` is not defined", readable(kind)),
        );
        let key = format!("{kind}.{name}");
        if let Some(remedy) = self.remedies.get(&key) {
            problem.help.clone_from(remedy);
            self.report(problem);
            return;
        }
        let written = self.scenario.names(kind);
        if written.contains(&name) {
            // It is there, and what is wrong with it has been reported.
            return;
        }
        // Names with a blank are not the user's, such as a VPC's default group.
        let resolved = resolved.into_iter().filter(|name| !name.contains(' '));
        let mut seen: BTreeSet<&str> = written.iter().copied().collect();
        let mut known: Vec<&str> = written;
        for name in resolved {
            if seen.insert(name) {
                known.push(name);
            }
        }
        let problem = if known.is_empty() {
            problem.help(format!("add a table [{kind}.{name}]"))
        } else {
            problem.did_you_mean(name, known)
        };
        self.remedies.insert(key, problem.help.clone());
        self.report(problem);
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

    /// Whether the scenario has a table under the name of `reference`.
    #[must_use]
    pub fn is_written(&self, reference: &Reference) -> bool {
        match reference.parts() {
            (Some(kind), name) => self.scenario.names(kind).contains(&name),
            (None, _) => false,
        }
    }

    /// Whether the table that `path` leads into could be read completely.
    #[must_use]
    pub fn is_whole(&self, path: &KeyPath) -> bool {
        !self.scenario.broken.contains(&path.prefix(2).to_string())
    }
}

/// A kind as a reader says it: `route table`, `Region`.
fn readable(kind: &str) -> String {
    match kind {
        "other_region" => "Region".to_owned(),
        _ => kind.replace('_', " "),
    }
}

/// A kind with its article: `an instance`, `a route table`.
fn with_article(kind: &str) -> String {
    let readable = readable(kind);
    let article = if readable.starts_with(['a', 'e', 'i', 'o']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {readable}")
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{right, wrong};

    #[test]
    fn what_could_not_be_read_is_not_lacking() {
        assert_eq!(
            wrong(
                "[security_group.x]\nvpc = \"main\"\n\
                 ingress = [{ protocol = \"tcp\", source = 5 }]\n\
                 [network_acl.x]\nvpc = \"main\"\n\
                 ingress = [{ rule_number = 1, action = \"deny\", protocol = \"all\", cidr_block = \"x\" }]\n"
            ),
            "security_group.x.ingress[0].source: found integer `5`, expected a name or a list of names\n\
             network_acl.x.ingress[0].cidr_block: `x` is not an IPv4 CIDR block such as \"10.0.0.0/16\"\n"
        );
    }

    #[test]
    fn what_refers_to_something_wrong_is_not_wrong_itself() {
        assert_eq!(
            wrong(
                "[subnet.x]\nvpc = \"main\"\navailability_zone = \"us-east-1a\"\ncidr_block = \"10.1.0.0/24\"\n\
                 [instance.x]\ninstance_type = \"m5.large\"\nsubnet = \"x\"\n\
                 [elastic_ip.x]\ninstance = \"x\"\n\
                 [target_group.x]\nvpc = \"main\"\nport = 80\ntargets = [\"instance.x\"]\n\
                 [hosted_zone.x]\nname = \"x\"\nvpcs = [\"main\"]\nrecords = { x = \"instance.x\" }\n"
            ),
            "subnet.x.cidr_block: 10.1.0.0/24 is not inside 10.0.0.0/16 of vpc `main`\n"
        );
    }

    #[test]
    fn every_reference_to_a_missing_name_has_the_same_remedy() {
        let text = "[security_group.web]\nvpc = \"main\"\n\
                    [network_interface.x]\nsubnet = \"a\"\nsecurity_groups = [\"web\"]\n\
                    [network_interface.y]\nsubnet = \"a\"\nsecurity_groups = [\"web\"]\n";
        right(text);
        let message = "security group `wbe` is not defined (did you mean `web`?)";
        assert_eq!(
            wrong(&text.replace("[\"web\"]", "[\"wbe\"]")),
            format!(
                "network_interface.x.security_groups[0]: {message}\n\
                 network_interface.y.security_groups[0]: {message}\n"
            )
        );
    }

    #[test]
    fn a_reference_of_a_wrong_kind_says_which_is_meant() {
        assert_eq!(
            wrong("[network_interface.x]\nsubnet = \"vpc.main\"\n"),
            "network_interface.x.subnet: `vpc.main` is a vpc, not a subnet (this key names a subnet)\n"
        );
    }
}
