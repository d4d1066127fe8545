//! How many customers per second the engine takes through a queue, statistics included.
//!
//! M/M/1 at load 0.8: an event for each arrival and each departure, random numbers drawn as they
//! are needed, and the latency of every customer recorded with its parts (wait, service).

use criterion::{Criterion, Throughput};
use netsim::engine::{Distribution, Lane, Model, Scheduler, Stream, StreamFamily, run};
use netsim::sim::station::{Admission, Servers};
use netsim::stats::Latency;
use netsim::units::{Duration, Time};

const CUSTOMERS: u64 = 1_000_000;
/// Departures of one first-come-first-served server come in the order of their times.
const DEPARTURES: Lane = Lane(0);

enum Event {
    Arrive,
    Depart { arrived: Time, start: Time },
}

struct Queue {
    server: Servers,
    interval: (Distribution, Stream),
    service: (Distribution, Stream),
    arrived: u64,
    latency: Latency,
}

impl Queue {
    fn new(replication: u32) -> Self {
        let family = StreamFamily::new(1, replication);
        let exponential = |ns| Distribution::exponential(Duration::from_ns(ns));
        Self {
            server: Servers::new(1, None),
            interval: (exponential(1000), family.stream("queue", "interval")),
            service: (exponential(800), family.stream("queue", "service")),
            arrived: 0,
            latency: Latency::new(vec![0, 1]),
        }
    }
}

impl Model for Queue {
    type Event = Event;
    type Timer = ();

    fn handle(&mut self, event: Event, engine: &mut Scheduler<Event, ()>) {
        let now = engine.now();
        match event {
            Event::Arrive => {
                let (service, stream) = &self.service;
                let service = service.sample(&mut stream.draw(self.arrived));
                if let Admission::Served { start, end } = self.server.admit(now, service) {
                    let arrived = now;
                    engine.schedule_in_lane(DEPARTURES, end, Event::Depart { arrived, start });
                }
                self.arrived += 1;
                if self.arrived < CUSTOMERS {
                    let (interval, stream) = &self.interval;
                    let interval = interval.sample(&mut stream.draw(self.arrived));
                    engine.schedule_in(interval, Event::Arrive);
                }
            }
            Event::Depart { arrived, start } => {
                let charges = [start.since(arrived), now.since(start)];
                self.latency.record(now.since(arrived), &charges);
            }
        }
    }

    fn expire(&mut self, (): (), _: &mut Scheduler<Event, ()>) {}
}

fn simulate(replication: u32) -> Latency {
    let mut queue = Queue::new(replication);
    let mut engine = Scheduler::new(1);
    engine.schedule_at(Time::ZERO, Event::Arrive);
    run(&mut queue, &mut engine, Time::MAX);
    queue.latency
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("queue");
    group.throughput(Throughput::Elements(CUSTOMERS));
    group.sample_size(20);
    group.bench_function("M/M/1 at load 0.8", |bencher| {
        bencher.iter(|| simulate(0));
    });
    group.finish();
    criterion.final_summary();
}
