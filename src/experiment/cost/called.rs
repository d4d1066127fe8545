//! Workloads that handlers call: sent as often as the functions that call them are invoked.

use super::handler::{self, Durations};
use super::month::{Month, SECONDS_PER_MONTH, Ways};
use crate::cost::{Invocations, Monthly};
use crate::scenario::Called;
use crate::topology::{Function, Id, Topology};

/// A workload that handlers call, with its ways if it is a request.
#[derive(Debug)]
struct Waiting<'a> {
    workload: Called<'a>,
    ways: Ways,
}

impl<'a> Waiting<'a> {
    /// The functions that it invokes.
    fn invokes(&self, topology: &'a Topology) -> Vec<&'a str> {
        let functions: Vec<Id<Function>> = match self.workload {
            Called::Request(..) => {
                let ways = self.ways.0.iter();
                ways.filter_map(|(way, _)| way.function).collect()
            }
            Called::Invoke(_, invoke) => handler::target(topology, invoke).into_iter().collect(),
        };
        let names = functions.into_iter().map(|id| topology.functions.name(id));
        names.collect()
    }
}

impl<'a> Month<'a> {
    /// What handlers call, each after all that invoke its callers, as often as that.
    pub(super) fn called(&mut self) {
        let mut waiting: Vec<Waiting<'a>> = Vec::new();
        for call in self.calls.clone() {
            let name = call.workload.name();
            if call.workload.arrives() || waiting.iter().any(|other| other.workload.name() == name)
            {
                continue;
            }
            let ways = match call.workload {
                Called::Request(name, request) => self.ways_of_request(name, request),
                Called::Invoke(..) => Ways::default(),
            };
            waiting.push(Waiting {
                workload: call.workload,
                ways,
            });
        }
        let topology = self.topology;
        while let Some(next) = waiting.iter().position(|one| {
            let mut callers = self.callers(one.workload.name());
            callers.all(|(function, _)| {
                let mut others = waiting.iter();
                !others.any(|other| other.invokes(topology).contains(&function))
            })
        }) {
            let one = waiting.remove(next);
            self.call(&one);
        }
        if !waiting.is_empty() {
            let invoked_by = |workload: &str| {
                let own = waiting.iter().find(|one| one.workload.name() == workload);
                own.map_or_else(Vec::new, |one| one.invokes(topology))
            };
            if let Some((function, way)) = handler::circle(&self.calls, &invoked_by) {
                self.problems.push(handler::calls_itself(function, &way));
            }
        }
    }

    /// A workload that is called as often as the functions that call it are invoked.
    fn call(&mut self, one: &Waiting<'a>) {
        let callers: Vec<(&str, u32)> = self.callers(one.workload.name()).collect();
        let mut count: u64 = 0;
        for (function, times) in callers {
            let of =
                |other: &&Invocations| self.topology.functions.name(other.function) == function;
            let invoked: u64 = self.invocations.iter().filter(of).map(|i| i.count).sum();
            count = count.saturating_add(invoked.saturating_mul(times.into()));
        }
        match one.workload {
            Called::Request(name, request) => {
                let (there, back) = request.sizes();
                let count = count.saturating_mul(request.to.0.len() as u64);
                let monthly = Monthly::of(count, there, back);
                self.send_requests(name, request, monthly, &one.ways);
            }
            Called::Invoke(name, invoke) => self.invoke_times(name, invoke, count),
        }
    }

    pub(super) fn is_called(&self, workload: &str) -> bool {
        self.callers(workload).next().is_some()
    }

    /// The functions whose handlers call a workload, and how often in an invocation.
    fn callers(&self, workload: &str) -> impl Iterator<Item = (&'a str, u32)> {
        let calls = self.calls.iter();
        let own = calls.filter(move |call| call.workload.name() == workload);
        own.map(|call| (call.function, call.times))
    }

    /// When all invocations are known: which of them provisioned environments serve.
    pub(super) fn finish(&mut self) {
        let mut waits = false;
        for (id, _) in self.topology.functions.iter() {
            let Some(written) = self.scenario.function.get(self.topology.functions.name(id)) else {
                continue;
            };
            let own = |one: &&mut Invocations| one.function == id;
            let invoked = self.invocations.iter().any(|one| one.function == id);
            waits |= invoked && Durations::waits(written);
            let environments = written.provisioned_concurrency.filter(|&count| count > 0);
            if let Some(environments) = environments {
                let all = self.invocations.iter().filter(|one| one.function == id);
                let (mut count, mut secs) = (0, 0.0);
                for one in all {
                    count += one.count;
                    secs = one.mean_duration.as_secs_f64();
                }
                let share = handler::served(count as f64 / SECONDS_PER_MONTH, secs, environments);
                for one in self.invocations.iter_mut().filter(own) {
                    one.provisioned = Some(share);
                }
            }
        }
        if waits {
            let note = "handlers wait for what they call as long as ways without load and servers \
                        take on average: the time is billed";
            self.notes.push(note.to_owned());
        }
    }
}
