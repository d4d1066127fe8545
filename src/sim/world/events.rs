//! Events that Lambda queues: it invokes the function with each, again after an error, and again and
//! again while the function is throttled, until the event is too old.
//!
//! What invokes the function with events reads them one after the other: whenever an environment of
//! the function is free, the event that has waited longest is next. (AWS Lambda developer guide,
//! "Asynchronous invocation".)

use super::invocation::{Caller, throttle_backoff};
use super::{Charges, Engine, Event, Failure, World};
use crate::sim::lambda::{Draws, InvokeError};
use crate::sim::part::Part;
use crate::sim::program::Events;
use crate::sim::slab::Key;
use crate::units::{Duration, Time};

/// An event in the queue of a function, or in its hands.
#[derive(Debug)]
pub(super) struct QueuedEvent {
    source: u32,
    sample: u64,
    events: Events,
    arrived: Time,
    /// Attempts that got an environment.
    runs: u32,
    /// When it is tried next, if it waits for that.
    due: Option<Time>,
    /// Throttles since the last run.
    throttles: u32,
    /// Whether it waits for an environment.
    waits: bool,
}

impl World<'_> {
    /// An event of a workload is queued.
    pub(super) fn queue_event(
        &mut self,
        source: u32,
        sample: u64,
        events: &Events,
        engine: &mut Engine,
    ) {
        let key = self.events.add(QueuedEvent {
            source,
            sample,
            events: *events,
            arrived: engine.now(),
            runs: 0,
            due: None,
            throttles: 0,
            waits: false,
        });
        if self.lambda.queued(events.function) == 0 {
            self.try_event(key, engine);
        } else {
            self.event_waits(key, engine);
            self.drain_queue(events.function, engine);
        }
    }

    /// It is time to try an event again, if it still waits for that.
    pub(super) fn event_due(&mut self, key: Key, engine: &mut Engine) {
        let Some(event) = self.events.get(key) else {
            return;
        };
        if event.due.take_if(|due| *due == engine.now()).is_some() {
            self.try_event(key, engine);
        }
    }

    /// Invokes the function with an event, or has it wait.
    fn try_event(&mut self, key: Key, engine: &mut Engine) {
        let now = engine.now();
        let event = self.events.get(key).expect("an event that goes on");
        let tried = event.runs > 0 || event.throttles > 0;
        if tried && now >= event.arrived + event.events.max_age {
            return self.event_ends(key, InvokeError::EventAgeExceeded, engine);
        }
        if !self.start_event(key, engine) {
            self.event_waits(key, engine);
        }
    }

    /// Invokes the function with an event, if it has an environment for it.
    fn start_event(&mut self, key: Key, engine: &mut Engine) -> bool {
        let now = engine.now();
        let event = self.events.get(key).expect("an event that goes on");
        let mut charges = Charges::NONE;
        charges.add(Part::LambdaQueue, now.since(event.arrived));
        let draws = Draws {
            stream: self.sources[event.source as usize].invocation,
            sample: event.sample,
            attempt: event.runs,
        };
        let function = event.events.function;
        let started = self.invoke(Caller::Event(key), function, draws, &charges, engine);
        if started.is_err() {
            return false;
        }
        let event = self.events.get(key).expect("it was just there");
        event.runs += 1;
        event.throttles = 0;
        event.due = None;
        if std::mem::take(&mut event.waits) {
            self.lambda.queue(now, function, -1);
        }
        true
    }

    /// An event waits for an environment: for one that becomes free, and for its own next attempt.
    fn event_waits(&mut self, key: Key, engine: &mut Engine) {
        let now = engine.now();
        let event = self.events.get(key).expect("an event that goes on");
        event.throttles += 1;
        let function = event.events.function;
        let figures = self.program.account.asynchronous;
        let (first, most) = (figures.throttle_backoff, figures.max_throttle_backoff);
        let due = now + throttle_backoff(first, most, event.throttles);
        // At that age it is given up.
        let due = due.min(event.arrived + event.events.max_age);
        event.due = Some(due);
        engine.schedule_at(due, Event::TryAgain(key));
        if !std::mem::replace(&mut event.waits, true) {
            self.lambda.queue(now, function, 1);
            self.queues[function].push_back(key);
        }
    }

    /// An environment of a function is free: events that wait are next, the oldest first.
    pub(super) fn drain_queue(&mut self, function: usize, engine: &mut Engine) {
        while let Some(&key) = self.queues[function].front() {
            let waits = self.events.get(key).is_some_and(|event| event.waits);
            if waits && !self.start_waiting(key, engine) {
                return;
            }
            self.queues[function].pop_front();
        }
    }

    /// Starts an event that waits, without counting an attempt that the function would turn away.
    fn start_waiting(&mut self, key: Key, engine: &mut Engine) -> bool {
        let event = self.events.get(key).expect("an event that waits is there");
        if !self.lambda.has_room(engine.now(), event.events.function) {
            return false;
        }
        self.start_event(key, engine)
    }

    /// The function has dealt with an event, or failed.
    pub(super) fn event_done(
        &mut self,
        key: Key,
        outcome: Result<&Charges, InvokeError>,
        engine: &mut Engine,
    ) {
        let now = engine.now();
        let event = self.events.get(key).expect("an event in hand is there");
        match outcome {
            Ok(charges) => {
                let event = self.events.remove(key).expect("it was just there");
                let workload = self.sources[event.source as usize].workload;
                self.recorders[workload].completed(now, event.arrived, charges);
            }
            Err(_) if event.runs <= event.events.retries => {
                let delay = self.program.account.asynchronous.retry_delay;
                let delay = delay.as_ps().saturating_mul(u64::from(event.runs));
                let due = now + Duration::from_ps(delay);
                event.due = Some(due);
                engine.schedule_at(due, Event::TryAgain(key));
            }
            Err(_) => self.event_ends(key, InvokeError::RetriesExhausted, engine),
        }
    }

    /// An event is given up.
    fn event_ends(&mut self, key: Key, error: InvokeError, engine: &mut Engine) {
        let now = engine.now();
        let event = self.events.remove(key).expect("an event ends once");
        let function = event.events.function;
        if event.waits {
            self.lambda.queue(now, function, -1);
        }
        self.lambda.gave_up(function, event.arrived, error);
        let workload = self.sources[event.source as usize].workload;
        self.recorders[workload].failed(now, event.arrived, Failure::Invoke(error));
    }
}
