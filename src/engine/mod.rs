//! The discrete-event engine: a clock, an event list, timers and random streams.
//!
//! It knows no networking. A model is a type with a closed event enum and a handler; the engine
//! calls the handler with one event at a time in the total order (time, sequence number), so that a
//! run is a pure function of its inputs.
//!
//! ```
//! use netsim::engine::{Model, Scheduler, run};
//! use netsim::units::{Duration, Time};
//!
//! struct Ticker { ticks: u32 }
//! struct Tick;
//!
//! impl Model for Ticker {
//!     type Event = Tick;
//!     type Timer = u32;
//!     fn handle(&mut self, _: Tick, engine: &mut Scheduler<Tick, u32>) {
//!         self.ticks += 1;
//!         engine.schedule_in(Duration::from_secs(1), Tick);
//!     }
//!     fn expire(&mut self, _: u32, _: &mut Scheduler<Tick, u32>) {}
//! }
//!
//! let mut engine = Scheduler::new(0);
//! engine.schedule_at(Time::ZERO, Tick);
//! let mut ticker = Ticker { ticks: 0 };
//! run(&mut ticker, &mut engine, Time::ZERO + Duration::from_secs(9));
//! assert_eq!(ticker.ticks, 10);
//! ```

mod distribution;
mod event_list;
mod random;
mod timers;

pub use distribution::{Distribution, DistributionError};
pub use event_list::{EventList, Lane, MAX_EVENTS};
pub use random::{Draw, Stream, StreamFamily};
pub use timers::Timers;

use std::hash::Hash;

use crate::units::{Duration, Time};

/// A simulated system: what happens at each event, and at each timer that runs out.
pub trait Model {
    /// Everything that can happen, as one closed enum.
    type Event;
    /// What a cancellable timer is known by.
    type Timer: Copy + Eq + Hash;

    /// Handles `event` at `engine.now()`.
    fn handle(&mut self, event: Self::Event, engine: &mut Scheduler<Self::Event, Self::Timer>);

    /// Handles the expiry of `timer` at `engine.now()`; the timer is no longer set.
    fn expire(&mut self, timer: Self::Timer, engine: &mut Scheduler<Self::Event, Self::Timer>);
}

/// Clock, event list and timers of one run.
#[derive(Debug)]
pub struct Scheduler<E, T: Copy + Eq + Hash> {
    now: Time,
    events: EventList<E>,
    timers: Timers<T>,
    handled: u64,
}

impl<E, T: Copy + Eq + Hash> Scheduler<E, T> {
    /// A scheduler at time zero with `lanes` empty FIFO lanes.
    #[must_use]
    pub fn new(lanes: usize) -> Self {
        Self {
            now: Time::ZERO,
            events: EventList::new(lanes),
            timers: Timers::new(),
            handled: 0,
        }
    }

    /// The current simulated time.
    #[must_use]
    pub const fn now(&self) -> Time {
        self.now
    }

    /// Events and timer expiries handled so far.
    #[must_use]
    pub const fn handled(&self) -> u64 {
        self.handled
    }

    /// Schedules `event` at `time`. Events of one instant happen in the order of scheduling.
    #[inline]
    pub fn schedule_at(&mut self, time: Time, event: E) {
        assert!(time >= self.now, "an event was scheduled in the past");
        self.events.push(time, event);
    }

    /// Schedules `event` after `delay`; zero is legal.
    #[inline]
    pub fn schedule_in(&mut self, delay: Duration, event: E) {
        self.events.push(self.now + delay, event);
    }

    /// Schedules `event` at `time` in `lane`, whose events mostly come in the order of their times,
    /// as the arrivals at the far end of a link do. The order of events is the same as with
    /// [`Self::schedule_at`]; only the cost differs.
    // Once for every packet at every station; left to itself the compiler calls it, which costs 5 %.
    #[allow(clippy::inline_always)]
    #[inline(always)]
    pub fn schedule_in_lane(&mut self, lane: Lane, time: Time, event: E) {
        assert!(time >= self.now, "an event was scheduled in the past");
        self.events.push_in_lane(lane, time, event);
    }

    /// Sets `timer` to run out at `time`, moving it if it is set already.
    pub fn set_timer(&mut self, timer: T, time: Time) {
        assert!(time >= self.now, "a timer was set in the past");
        let sequence = self.events.next_sequence();
        self.timers.set(timer, time, sequence);
    }

    /// Cancels `timer`; false if it was not set.
    pub fn cancel_timer(&mut self, timer: &T) -> bool {
        self.timers.cancel(timer)
    }
}

/// Why [`run`] or [`run_slice`] returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// Nothing was left to happen.
    Idle,
    /// The next event lies after the horizon.
    Horizon,
    /// As many events as asked for were handled.
    Slice,
}

/// Runs `model` until nothing is left to happen or the next event lies after `until`.
///
/// May be called again with a later horizon: the run goes on as if it had not been interrupted.
pub fn run<M: Model>(
    model: &mut M,
    engine: &mut Scheduler<M::Event, M::Timer>,
    until: Time,
) -> Stopped {
    run_slice(model, engine, until, u64::MAX)
}

/// As [`run`], for at most `events` events.
pub fn run_slice<M: Model>(
    model: &mut M,
    engine: &mut Scheduler<M::Event, M::Timer>,
    until: Time,
    events: u64,
) -> Stopped {
    let last = engine.handled.saturating_add(events);
    while engine.handled < last {
        let event = engine.events.peek();
        if let Some(timer) = engine.timers.peek()
            && event.is_none_or(|event| timer < event)
        {
            if timer.0 > until {
                return Stopped::Horizon;
            }
            let id = engine.timers.pop().expect("a timer was just seen");
            engine.now = timer.0;
            engine.handled += 1;
            model.expire(id, engine);
            continue;
        }
        match event {
            None => return Stopped::Idle,
            Some((time, _)) if time > until => return Stopped::Horizon,
            Some(_) => {}
        }
        let (time, event) = engine.events.pop().expect("an event was just seen");
        engine.now = time;
        engine.handled += 1;
        model.handle(event, engine);
    }
    Stopped::Slice
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes down what happens, and re-arms a timer at event 1.
    struct Log(Vec<(u64, &'static str)>);

    impl Model for Log {
        type Event = &'static str;
        type Timer = u8;
        fn handle(&mut self, event: &'static str, engine: &mut Scheduler<&'static str, u8>) {
            self.0.push((engine.now().as_ps(), event));
            if event == "move" {
                engine.set_timer(7, Time::from_ps(40));
            }
            if event == "cancel" {
                assert!(engine.cancel_timer(&8));
                assert!(!engine.cancel_timer(&8));
            }
        }
        fn expire(&mut self, timer: u8, engine: &mut Scheduler<&'static str, u8>) {
            assert_eq!(timer, 7);
            self.0.push((engine.now().as_ps(), "timer 7"));
        }
    }

    #[test]
    fn timers_and_events_share_one_total_order() {
        let mut engine = Scheduler::new(0);
        engine.set_timer(7, Time::from_ps(20));
        engine.set_timer(8, Time::from_ps(25));
        for (ps, event) in [(40, "before the moved timer"), (10, "move"), (15, "cancel")] {
            engine.schedule_at(Time::from_ps(ps), event);
        }
        let mut log = Log(Vec::new());
        assert_eq!(
            run(&mut log, &mut engine, Time::from_ps(30)),
            Stopped::Horizon
        );
        assert_eq!(run(&mut log, &mut engine, Time::MAX), Stopped::Idle);
        assert_eq!(
            log.0,
            [
                (10, "move"),
                (15, "cancel"),
                (40, "before the moved timer"),
                (40, "timer 7")
            ]
        );
        assert_eq!(engine.handled(), 4);
    }
}
