//! Published AWS configurations with known answers: reachable or not, by what, and why not.
//!
//! Each case in `aws/cases` is a scenario with, beside it, the questions that the document it comes
//! from answers.

#![allow(clippy::wildcard_enum_match_arm)] // a few of many steps

use std::fmt::Write as _;
use std::path::PathBuf;

use netsim::path::{self, Direction, Endpoint, Flow, Path, Query, Resource, Step};
use netsim::scenario::{Document, Protocol, Scenario};
use netsim::topology::Topology;
use serde::Deserialize;

use crate::world::folder;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    source: String,
    question: Vec<Question>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    from: String,
    to: String,
    protocol: String,
    port: Option<u16>,
    reachable: bool,
    code: Option<String>,
    at: Option<String>,
    rule: Option<String>,
    direction: Option<String>,
    via: Option<Vec<String>>,
    #[allow(dead_code)] // for the reader
    why: String,
}

/// The topology of a case, or what is wrong with it.
fn topology(file: &PathBuf) -> Result<Topology, String> {
    let text = std::fs::read_to_string(file).unwrap();
    let document = Document::parse(file.display().to_string(), text)
        .map_err(|problems| problems.render(false))?;
    let (scenario, mut problems) = Scenario::read(&document);
    let (topology, more) = Topology::resolve(&scenario);
    problems.extend(more);
    problems.retain(netsim::scenario::Problem::is_error);
    if problems.is_empty() {
        return Ok(topology);
    }
    Err(netsim::scenario::render(&problems, &document, false))
}

/// What netsim answers.
fn answer(topology: &Topology, question: &Question) -> Result<Path, String> {
    let end =
        |text: &str, from| Endpoint::parse(topology, text, from).map_err(|unknown| unknown.message);
    let from = end(&question.from, None)?;
    let to = end(&question.to, Some(from))?;
    let protocol = match question.protocol.as_str() {
        "tcp" => Protocol::Tcp,
        "udp" => Protocol::Udp,
        "icmp" => Protocol::Icmp,
        other => return Err(format!("protocol {other}")),
    };
    let flow = Flow {
        protocol,
        port: question.port.unwrap_or(0),
    };
    let query = Query {
        // A question about an IPv6 address is one about IPv6.
        ipv6: question.to.contains(':') || question.from.contains(':'),
        ..Query::new(from, to, flow)
    };
    Ok(match path::resolve(topology, &query) {
        Ok(paths) => paths.into_iter().next().unwrap(),
        Err(refused) => *refused,
    })
}

/// The resources that the way there passes.
fn passed(topology: &Topology, path: &Path) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for step in &path.forward.steps {
        let name = match *step {
            Step::Enters(id) | Step::Leaves(id) => {
                topology.resource_name(Resource::NetworkInterface(id))
            }
            Step::Through(resource) => topology.resource_name(resource),
            _ => continue,
        };
        if names.last() != Some(&name) {
            names.push(name);
        }
    }
    names
}

/// How an answer differs from the known one.
fn difference(topology: &Topology, question: &Question) -> Option<String> {
    let path = match answer(topology, question) {
        Ok(path) => path,
        Err(_) if !question.reachable && question.code.is_none() => return None,
        Err(message) => return Some(message),
    };
    let first = path.refusals.first().map(|r| r.explain(topology));
    if path.is_reachable() != question.reachable {
        return Some(match first {
            Some(first) => format!("refused by {first}"),
            None => format!("reachable through {}", passed(topology, &path).join(", ")),
        });
    }
    if let Some(via) = &question.via {
        let passed = passed(topology, &path);
        let mut rest = passed.iter();
        if !via.iter().all(|wanted| rest.any(|name| name == wanted)) {
            return Some(format!(
                "passes {}, not {}",
                passed.join(", "),
                via.join(", ")
            ));
        }
    }
    let first = first?;
    let direction = match first.direction {
        Direction::Forward => "forward",
        Direction::Return => "return",
    };
    let code = first.code.map(path::ReasonCode::as_str);
    let found = [
        (question.code.as_deref(), code.unwrap_or("none")),
        (question.at.as_deref(), &first.at),
        (question.direction.as_deref(), direction),
    ];
    let wrong = found
        .iter()
        .any(|(wanted, found)| wanted.is_some_and(|wanted| wanted != *found));
    let rule = question
        .rule
        .as_ref()
        .is_some_and(|wanted| !first.rule.contains(wanted.as_str()));
    (wrong || rule).then(|| format!("{direction}, rule {}: {first}", first.rule))
}

#[test]
fn published_configurations_have_their_known_answers() {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder("tests/suite/aws/cases"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|file| file.to_str().unwrap().ends_with(".expect.toml"))
        .collect();
    files.sort();
    let (mut asked, mut wrong) = (0, String::new());
    for file in files {
        let case: Case = toml::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        assert!(!case.source.is_empty(), "{}", file.display());
        let stem = file.file_name().unwrap().to_str().unwrap();
        let name = stem.trim_end_matches(".expect.toml");
        let topology = match topology(&file.with_file_name(format!("{name}.toml"))) {
            Ok(topology) => topology,
            Err(problems) => {
                wrong.push_str(&problems);
                continue;
            }
        };
        for question in &case.question {
            asked += 1;
            if let Some(difference) = difference(&topology, question) {
                let wanted = if question.reachable {
                    "reachable".to_owned()
                } else {
                    format!(
                        "refused: {} {} {} {}",
                        question.direction.as_deref().unwrap_or(""),
                        question.code.as_deref().unwrap_or(""),
                        question.at.as_deref().unwrap_or(""),
                        question.rule.as_deref().unwrap_or("")
                    )
                };
                let _ = writeln!(
                    wrong,
                    "{name}: {} → {} {}/{}: {difference}\n    should be {wanted}\n    {}",
                    question.from,
                    question.to,
                    question.protocol,
                    question.port.unwrap_or(0),
                    question.why
                );
            }
        }
    }
    assert!(asked >= 150, "{asked}");
    assert!(wrong.is_empty(), "\n{wrong}");
}
