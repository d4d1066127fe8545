//! Handlers of functions: which workloads they call, and that they come to an end.

use super::super::lambda::{HandlerAction, HandlerStep};
use crate::scenario::{self, Called, InvocationType, KeyPath, Problem, Reference, Scenario};
use crate::sim::program::Workload;
use crate::topology::Resolver;

/// Most repetitions of a step.
const MAX_TIMES: u32 = 1_000_000;

/// Whether the handler of a function calls the workload at `path`.
pub(super) fn is_called(scenario: &Scenario, path: &KeyPath) -> bool {
    let mut functions = scenario.function.values();
    functions.any(|function| {
        let called = calls(function).filter_map(|called| Called::find(scenario, called));
        let mut paths = called.map(|called| KeyPath::of([called.kind(), called.name()]));
        paths.any(|called| called == *path)
    })
}

/// What the handler of a function calls.
fn calls(function: &scenario::Function) -> impl Iterator<Item = &Reference> {
    let steps = function.handler.iter();
    steps.flat_map(|step| step.call.iter().flat_map(|all| &all.0))
}

/// The steps of a function's handler.
pub(super) fn compile(
    resolver: &mut Resolver<'_>,
    workloads: &[Workload],
    name: &str,
    written: &scenario::Function,
) -> Vec<HandlerStep> {
    let path = KeyPath::of(["function", name]);
    if let Some(duration) = &written.duration {
        return vec![HandlerStep {
            what: HandlerAction::Compute(duration.clone()),
            times: 1,
        }];
    }
    let mut steps = Vec::new();
    for (at, step) in written.handler.iter().enumerate() {
        let path = path.key("handler").index(at);
        let times = step.times.unwrap_or(1);
        if step.times.is_some() {
            resolver.check_range(path.key("times"), times, 1..=MAX_TIMES);
        }
        let what = match (&step.compute, &step.call) {
            (Some(time), None) => Some(HandlerAction::Compute(time.clone())),
            (None, Some(called)) => {
                let mut all = Vec::new();
                for (index, reference) in called.0.iter().enumerate() {
                    let path = path.key("call");
                    let path = if called.0.len() == 1 {
                        path
                    } else {
                        path.index(index)
                    };
                    all.extend(call(resolver, workloads, name, reference, &path));
                }
                if called.0.is_empty() {
                    resolver.error(path.key("call"), "a step calls at least one workload");
                }
                Some(HandlerAction::Call(all))
            }
            (None, None) | (Some(_), Some(_)) => {
                resolver.report(
                    Problem::error(path, "a step has exactly one of the keys compute and call")
                        .help(
                            "for example { compute = \"2 ms\" } or { call = \"request.orders\" }",
                        ),
                );
                None
            }
        };
        steps.extend(what.map(|what| HandlerStep { what, times }));
    }
    steps
}

/// The workload that a handler of `function` calls.
fn call(
    resolver: &mut Resolver<'_>,
    workloads: &[Workload],
    function: &str,
    reference: &Reference,
    path: &KeyPath,
) -> Option<usize> {
    let scenario = resolver.scenario;
    let Some(called) = Called::find(scenario, reference) else {
        let names = scenario.workload_names();
        let callable = names.filter(|(kind, _)| matches!(*kind, "request" | "invoke"));
        let candidates: Vec<String> = callable
            .map(|(kind, name)| format!("{kind}.{name}"))
            .collect();
        if !resolver.is_written(reference) {
            let message = format!("no request or invoke workload is called `{reference}`");
            let problem = Problem::error(path.clone(), message);
            let candidates = candidates.iter().map(String::as_str);
            resolver.report(problem.did_you_mean(reference.as_str(), candidates));
        }
        return None;
    };
    let name = called.name();
    let workload = KeyPath::of([called.kind(), name]);
    let (from, waits) = match called {
        Called::Request(_, request) => (Some(&request.from), true),
        Called::Invoke(_, invoke) => (
            invoke.from.as_ref(),
            invoke.invocation_type != InvocationType::EventSource,
        ),
    };
    if called.arrives() {
        let message =
            format!("the handler of `function.{function}` calls it: it has no arrivals of its own");
        resolver.error(workload.key("arrivals"), message);
    }
    if !waits {
        let message = format!("`{reference}` is read from a queue; nobody calls it");
        resolver.error(path.clone(), message);
    }
    let own = |from: &Reference| {
        let (kind, name) = from.parts();
        kind.is_none_or(|kind| kind == "function") && name == function
    };
    if from.is_some_and(|from| !own(from)) {
        resolver.report(
            Problem::error(
                workload.key("from"),
                format!("the handler of `function.{function}` calls it: it comes from there"),
            )
            .help(format!("write from = \"function.{function}\"")),
        );
    }
    workloads.iter().position(|workload| workload.name == name)
}
