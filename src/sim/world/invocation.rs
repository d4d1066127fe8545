//! Invocations of Lambda functions: an environment, the steps of the handler, and whoever waits for
//! the answer.

use super::client::Handler;
use super::{Charges, Engine, Event, Failure, Timer, World};
use crate::sim::lambda::{Draws, Function, HandlerAction, InvokeError, Purpose, Refusal, Released};
use crate::sim::part::Part;
use crate::sim::program::WorkloadKind;
use crate::sim::slab::Key;
use crate::units::{Duration, Time};

/// Who has invoked a function.
#[derive(Debug, Clone, Copy)]
pub(super) enum Caller {
    /// A client, by its attempt.
    Attempt(Key),
    /// Lambda, with a queued event.
    Event(Key),
    /// Lambda, with a batch of messages.
    Batch(Key),
}

/// An invocation that has an environment.
#[derive(Debug)]
pub(super) struct Invocation {
    function: usize,
    environment: Key,
    caller: Caller,
    draws: Draws,
    /// When it got its environment, and when its handler began.
    admitted: Time,
    began: Time,
    /// What the caller's latency was spent on until `since`.
    charges: Charges,
    since: Time,
    /// The next step of the handler, how often it has been done, and computing steps so far.
    step: usize,
    done: u32,
    computed: u32,
    /// Calls of the present step without an answer, and whether one has failed.
    waiting: usize,
    error: Option<InvokeError>,
}

impl World<'_> {
    /// A client's attempt reaches a function.
    pub(super) fn call_function(&mut self, key: Key, function: usize, engine: &mut Engine) {
        let attempt = self.clients.attempts.get(key).expect("an attempt goes on");
        let draws = Draws {
            stream: self.sources[attempt.source as usize].invocation,
            sample: attempt.sample,
            attempt: attempt.number,
        };
        let charges = attempt.charges;
        let caller = Caller::Attempt(key);
        if let Err(failure) = self.invoke(caller, function, draws, &charges, engine) {
            self.attempt_failed(key, failure, engine);
        }
    }

    /// Invokes a function on behalf of a caller whose latency was spent on `charges` so far.
    ///
    /// # Errors
    /// If it gets no environment.
    pub(super) fn invoke(
        &mut self,
        caller: Caller,
        function: usize,
        draws: Draws,
        charges: &Charges,
        engine: &mut Engine,
    ) -> Result<(), Failure> {
        let now = engine.now();
        let synchronous = matches!(caller, Caller::Attempt(_));
        let admission = self.lambda.invoke(now, function, draws, synchronous);
        let admission = admission.map_err(|refusal| match refusal {
            Refusal::Throttled(_) => Failure::Throttled,
            Refusal::Error(error) => Failure::Invoke(error),
        })?;
        if admission.was_idle {
            engine.cancel_timer(&Timer::KeepAlive(admission.environment));
        }
        let began = now + admission.charges.total();
        let mut all = *charges;
        all.add_all(&admission.charges);
        let key = self.invocations.add(Invocation {
            function,
            environment: admission.environment,
            caller,
            draws,
            admitted: now,
            began,
            charges: all,
            since: began,
            step: 0,
            done: 0,
            computed: 0,
            waiting: 0,
            error: None,
        });
        let compiled = &self.program.functions[function];
        if compiled.calls() {
            engine.set_timer(Timer::Function(key), began + compiled.timeout);
        }
        // A handler that computes first needs no event of its own to begin.
        if !self.compute(key, engine) {
            engine.schedule_at(began, Event::Handler(key));
        }
        Ok(())
    }

    /// A handler has begun, or computed for as long as it does.
    pub(super) fn handler_goes_on(&mut self, key: Key, engine: &mut Engine) {
        let Some(invocation) = self.invocations.get(key) else {
            return;
        };
        if invocation.error.is_some() {
            return self.invocation_ends(key, engine);
        }
        if self.compute(key, engine) {
            return;
        }
        let invocation = self.invocations.get(key).expect("it was just there");
        let Function { handler, .. } = &self.program.functions[invocation.function];
        match handler.get(invocation.step).map(|step| &step.what) {
            Some(HandlerAction::Call(workloads)) => {
                let times = handler[invocation.step].times;
                invocation.count_step(times);
                invocation.waiting = workloads.len();
                let environment = invocation.environment;
                for &workload in workloads {
                    let handler = Handler {
                        invocation: key,
                        environment,
                    };
                    self.call_from_handler(workload, handler, engine);
                }
            }
            Some(HandlerAction::Compute(_)) => unreachable!("it has just been done"),
            None => {
                let rate = self.program.functions[invocation.function].error_rate;
                let mut draw = invocation.draws.draw(Purpose::Error);
                if rate > 0.0 && draw.unit() < rate {
                    invocation.error = Some(InvokeError::FunctionError);
                }
                self.invocation_ends(key, engine);
            }
        }
    }

    /// Has the handler compute, if that is its next step: until when is the next event.
    fn compute(&mut self, key: Key, engine: &mut Engine) -> bool {
        let invocation = self.invocations.get(key).expect("an invocation goes on");
        let function = &self.program.functions[invocation.function];
        let Some(step) = function.handler.get(invocation.step) else {
            return false;
        };
        let HandlerAction::Compute(time) = &step.what else {
            return false;
        };
        let mut time = time.sample(&mut invocation.draws.step(invocation.computed));
        invocation.computed += 1;
        invocation.count_step(step.times);
        let end = invocation.began + function.timeout;
        let left = end.since(invocation.since);
        if time > left {
            time = left;
            invocation.error = Some(InvokeError::FunctionTimedOut);
        }
        invocation.charges.add(Part::LambdaHandler, time);
        invocation.since = invocation.since + time;
        engine.schedule_at(invocation.since, Event::Handler(key));
        true
    }

    /// A handler sends a request or invokes another function.
    fn call_from_handler(&mut self, workload: usize, handler: Handler, engine: &mut Engine) {
        let source = self.first_source[workload];
        let sample = self.sources[source as usize].next_sample();
        let now = engine.now();
        self.recorders[workload].sent(now);
        match &self.program.workloads[workload].kind {
            WorkloadKind::Request(requests) => {
                let all = 0..requests.targets.len();
                self.send_to(source, sample, Some(handler), all, engine);
            }
            WorkloadKind::Events(events) => {
                // It is answered when it is in the queue.
                let function = &self.program.functions[events.function];
                let draw = &mut self.sources[source as usize].latency.draw(sample);
                let accepted = function.invoke_overhead.sample(draw);
                self.queue_event(source, sample, events, engine);
                engine.schedule_in(accepted, Event::Accepted(handler.invocation));
            }
            WorkloadKind::Refused(refusal) => {
                self.recorders[workload].failed(now, now, Failure::Refused(refusal.code));
                self.handler_answered(handler.invocation, None, engine);
            }
            WorkloadKind::Datagram(_)
            | WorkloadKind::Ping(_)
            | WorkloadKind::Stream(_)
            | WorkloadKind::Messages(_) => unreachable!("handlers call nothing of the kind"),
        }
    }

    /// An event that a handler sent is in its queue.
    pub(super) fn accepted(&mut self, key: Key, engine: &mut Engine) {
        if let Some(invocation) = self.invocations.get(key) {
            let mut charges = Charges::NONE;
            charges.add(Part::LambdaInvoke, engine.now().since(invocation.since));
            self.handler_answered(key, Some(&charges), engine);
        }
    }

    /// What a handler called has answered, its time spent on these charges; or never will.
    pub(super) fn handler_answered(
        &mut self,
        key: Key,
        answer: Option<&Charges>,
        engine: &mut Engine,
    ) {
        let now = engine.now();
        let Some(invocation) = self.invocations.get(key) else {
            // It ran out of time.
            return;
        };
        invocation.waiting -= 1;
        if answer.is_none() {
            invocation.error = Some(InvokeError::FunctionError);
        }
        if invocation.waiting > 0 {
            return;
        }
        if let Some(charges) = answer {
            // All began together, so that the last answer took the time of all.
            invocation.charges.add_all(charges);
        } else {
            let waited = now.since(invocation.since);
            invocation.charges.add(Part::LambdaHandler, waited);
        }
        invocation.since = now;
        // By an event, so that a handler whose calls are refused at once ends after all of them.
        engine.schedule_at(now, Event::Handler(key));
    }

    /// A function has had its time, if it still runs.
    pub(super) fn function_timed_out(&mut self, key: Key, engine: &mut Engine) {
        let Some(invocation) = self.invocations.get(key) else {
            return;
        };
        let now = engine.now();
        if invocation.since > now {
            // It computes, and sees to it itself.
            return;
        }
        let waited = now.since(invocation.since);
        invocation.charges.add(Part::LambdaHandler, waited);
        invocation.since = now;
        invocation.error = Some(InvokeError::FunctionTimedOut);
        self.invocation_ends(key, engine);
    }

    /// An invocation is over: its environment is free, and the caller has its answer.
    fn invocation_ends(&mut self, key: Key, engine: &mut Engine) {
        let now = engine.now();
        let invocation = self.invocations.remove(key);
        let invocation = invocation.expect("an invocation ends once");
        let function = invocation.function;
        if self.program.functions[function].calls() {
            engine.cancel_timer(&Timer::Function(key));
        }
        let environment = invocation.environment;
        let times = (invocation.admitted, now.since(invocation.began));
        let error = invocation.error;
        match self.lambda.release(now, environment, times, error) {
            Released::Idle(kept) => engine.set_timer(Timer::KeepAlive(environment), now + kept),
            Released::Provisioned => {}
            Released::Gone => self.environment_gone(function, environment, engine),
        }
        let outcome = match error {
            Some(error) => Err(error),
            None => Ok(&invocation.charges),
        };
        match invocation.caller {
            Caller::Attempt(attempt) => match outcome {
                Ok(charges) => self.step_done(attempt, charges, engine),
                Err(error) => self.attempt_failed(attempt, Failure::Invoke(error), engine),
            },
            Caller::Event(event) => self.event_done(event, outcome, engine),
            Caller::Batch(batch) => self.batch_done(batch, outcome, engine),
        }
        self.drain_queue(function, engine);
    }

    /// The keep-alive of an environment is over.
    pub(super) fn environment_expires(&mut self, environment: Key, engine: &mut Engine) {
        let function = self.lambda.expire(engine.now(), environment);
        self.environment_gone(function, environment, engine);
    }

    /// An environment is gone, and with it its connections.
    fn environment_gone(&mut self, function: usize, environment: Key, engine: &mut Engine) {
        for step in &self.program.functions[function].handler {
            let HandlerAction::Call(workloads) = &step.what else {
                continue;
            };
            for &workload in workloads {
                let WorkloadKind::Request(requests) = &self.program.workloads[workload].kind else {
                    continue;
                };
                let targets = requests.targets.len();
                for target in 0..targets {
                    let pool = environment.index() * targets + target;
                    self.drop_idle(workload, pool, engine);
                }
            }
        }
    }
}

impl Invocation {
    /// The present step has been done once more, of so many times.
    const fn count_step(&mut self, times: u32) {
        self.done += 1;
        if self.done >= times {
            self.done = 0;
            self.step += 1;
        }
    }
}

/// How long an event or a batch that was throttled waits before it is tried again.
pub(super) fn throttle_backoff(first: Duration, most: Duration, throttles: u32) -> Duration {
    let doublings = throttles.saturating_sub(1).min(62);
    Duration::from_ps(first.as_ps().saturating_mul(1 << doublings)).min(most)
}
