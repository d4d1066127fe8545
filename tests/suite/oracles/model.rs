//! A queueing network on the engine: customers arrive, visit stations and are routed by chance.

use std::collections::BTreeMap;

use netsim::engine::{Distribution, Lane, Model, Scheduler, Stream, StreamFamily, run};
use netsim::sim::station::{Admission, Side, Station};
use netsim::stats::Latency;
use netsim::units::{Bytes, Duration, Time};

use super::agree;

/// Independent replications of each experiment.
const REPLICATIONS: u32 = 32;
/// Customers who only bring the network from empty to its steady state; in an M/M/1 at load 0.8
/// they take 70 relaxation times.
const WARM_UP: u64 = 5_000;
/// What a link sends for each customer.
const PACKET: Bytes = Bytes::new(1500);

/// An open network; customers from outside arrive at node 0.
#[derive(Clone)]
pub(super) struct Network {
    /// Random streams belong to the name: experiments of different names are independent.
    name: String,
    /// Between two batches.
    interval: Distribution,
    /// Customers that arrive together.
    batch: u64,
    nodes: Vec<Node>,
}

/// A station and where customers go from it.
#[derive(Clone)]
pub(super) struct Node {
    station: Station,
    service: Distribution,
    /// From the end of service to the next node, or out.
    pub(super) delay: Duration,
    /// Probabilities of the nodes that may be next; with the rest of the probability, none.
    next: Vec<(f64, usize)>,
}

impl Network {
    /// Poisson arrivals at `rate` per second.
    pub(super) fn new(name: &str, rate: f64, nodes: Vec<Node>) -> Self {
        Self {
            name: name.to_owned(),
            interval: Distribution::exponential(Duration::from_secs_f64(1.0 / rate)),
            batch: 1,
            nodes,
        }
    }

    /// With batches instead of single arrivals, as many batches per second as there were arrivals.
    pub(super) fn in_batches_of(self, batch: u64) -> Self {
        Self { batch, ..self }
    }
}

/// A node whose service times are distributed as a scenario would write it.
pub(super) fn node(station: Station, service: &str, next: &[(f64, usize)]) -> Node {
    let table: BTreeMap<String, Distribution> =
        toml::from_str(&format!("service = {service}")).expect("the test writes it correctly");
    Node {
        station,
        service: table["service"].clone(),
        delay: Duration::ZERO,
        next: next.to_vec(),
    }
}

/// What one run has measured on the customers after the warm-up.
pub(super) struct Run {
    /// Customers offered from outside.
    customers: u64,
    /// From the first to the last of their arrivals.
    window: Duration,
    /// How many of them found n customers at node 0.
    found: Vec<u64>,
    /// Time in the network.
    pub(super) sojourn: Latency,
    /// By node.
    visits: Vec<Visits>,
}

/// What customers met at one node.
struct Visits {
    wait: Latency,
    sojourn: Latency,
}

/// A quantity that theory knows. Waits are those at node 0; what arrivals find there is what the
/// average over time is (PASTA).
#[derive(Debug, Clone, Copy)]
pub(super) enum Metric {
    MeanSojourn,
    /// A quantile.
    Sojourn(f64),
    MeanWait,
    /// A quantile.
    Wait(f64),
    WaitVariance,
    /// The share who do not wait.
    NoWait,
    /// The share who are turned away.
    Dropped,
    MeanFound,
    /// The share who find exactly so many.
    PFound(usize),
    /// The share who find more.
    PFoundAbove(usize),
    /// Visits per second to a node.
    Throughput(usize),
    /// The mean number of customers at a node, by Little's law.
    MeanNumber(usize),
}

impl Metric {
    pub(super) fn of(self, run: &Run) -> f64 {
        let wait = &run.visits[0].wait;
        let share = |count: u64| count as f64 / run.customers as f64;
        let found = |from: usize| run.found.iter().skip(from);
        let known = "the run is long enough to have seen it";
        match self {
            Self::MeanSojourn => run.sojourn.sums().mean_secs().expect(known),
            Self::Sojourn(q) => run.sojourn.quantile_secs(q).expect(known),
            Self::MeanWait => wait.sums().mean_secs().expect(known),
            Self::Wait(q) => wait.quantile_secs(q).expect(known),
            Self::WaitVariance => wait.sums().stddev_secs().expect(known).powi(2),
            Self::NoWait => wait.share_at_most(Duration::ZERO).expect(known),
            Self::Dropped => share(run.customers - run.sojourn.count()),
            Self::MeanFound => share((0..).zip(found(0)).map(|(n, count)| n * count).sum()),
            Self::PFound(n) => share(found(n).take(1).sum()),
            Self::PFoundAbove(n) => share(found(n + 1).sum()),
            Self::Throughput(node) => {
                run.visits[node].sojourn.count() as f64 / run.window.as_secs_f64()
            }
            Self::MeanNumber(node) => {
                let sojourn = run.visits[node].sojourn.sums().mean_secs();
                Self::Throughput(node).of(run) * sojourn.expect(known)
            }
        }
    }
}

/// Runs 32 replications of `customers` each after the warm-up, holds what they measure to the
/// exact values, and returns them.
pub(super) fn hold(network: &Network, customers: u64, exact: &[(Metric, f64)]) -> Vec<Run> {
    let runs: Vec<Run> = (0..REPLICATIONS)
        .map(|replication| simulate(network, replication, WARM_UP, customers))
        .collect();
    for &(metric, exact) in exact {
        let estimates: Vec<f64> = runs.iter().map(|run| metric.of(run)).collect();
        agree(&format!("{}: {metric:?}", network.name), &estimates, exact);
    }
    runs
}

/// One run of `network`: `warm_up` customers, then `customers` that count, until all have left.
pub(super) fn simulate(network: &Network, replication: u32, warm_up: u64, customers: u64) -> Run {
    let family = StreamFamily::new(1, replication);
    let visits = network.nodes.iter().map(|_| Visits {
        wait: Latency::new(vec![]),
        sojourn: Latency::new(vec![]),
    });
    let streams = |purpose| {
        let stream = |node| family.stream(&network.name, &format!("{purpose} at {node}"));
        (0..network.nodes.len()).map(stream).collect()
    };
    let mut simulation = Simulation {
        network: network.clone(),
        intervals: family.stream(&network.name, "interval"),
        services: streams("service"),
        routes: streams("next"),
        warm_up,
        arrived: 0,
        at_first: 0,
        window_start: Time::ZERO,
        run: Run {
            customers,
            window: Duration::ZERO,
            found: Vec::new(),
            sojourn: Latency::new(vec![]),
            visits: visits.collect(),
        },
    };
    let mut engine = Scheduler::new(network.nodes.len());
    engine.schedule_at(Time::ZERO, Event::Arrive);
    run(&mut simulation, &mut engine, Time::MAX);
    assert_eq!(simulation.at_first, 0, "all leave in the end");
    simulation.run
}

#[derive(Clone, Copy)]
struct Customer {
    number: u64,
    arrived: Time,
    hop: u32,
}

enum Event {
    /// A batch arrives from outside.
    Arrive,
    Enter(Customer, usize),
    Leave(Customer, usize),
}

struct Simulation {
    network: Network,
    intervals: Stream,
    services: Vec<Stream>,
    routes: Vec<Stream>,
    warm_up: u64,
    arrived: u64,
    /// Customers at node 0.
    at_first: usize,
    window_start: Time,
    run: Run,
}

impl Model for Simulation {
    type Event = Event;
    type Timer = ();

    fn handle(&mut self, event: Event, engine: &mut Scheduler<Event, ()>) {
        match event {
            Event::Arrive => self.arrive(engine),
            Event::Enter(customer, node) => self.enter(customer, node, engine),
            Event::Leave(customer, node) => self.leave(customer, node, engine),
        }
    }

    fn expire(&mut self, (): (), _: &mut Scheduler<Event, ()>) {}
}

impl Simulation {
    fn arrive(&mut self, engine: &mut Scheduler<Event, ()>) {
        let now = engine.now();
        for _ in 0..self.network.batch {
            let customer = Customer {
                number: self.arrived,
                arrived: now,
                hop: 0,
            };
            if customer.number == self.warm_up {
                self.window_start = now;
            }
            if self.counts(customer) {
                self.run.window = now.since(self.window_start);
                let cells = self.run.found.len().max(self.at_first + 1);
                self.run.found.resize(cells, 0);
                self.run.found[self.at_first] += 1;
            }
            self.arrived += 1;
            self.enter(customer, 0, engine);
        }
        if self.arrived < self.warm_up + self.run.customers {
            let mut draw = self.intervals.draw(self.arrived);
            engine.schedule_in(self.network.interval.sample(&mut draw), Event::Arrive);
        }
    }

    fn enter(&mut self, customer: Customer, node: usize, engine: &mut Scheduler<Event, ()>) {
        let now = engine.now();
        let Node {
            station, service, ..
        } = &mut self.network.nodes[node];
        let mut draw = self.services[node].draw_part(customer.number, customer.hop);
        let admission = station.admit(now, PACKET, service.sample(&mut draw), Side::Out);
        let Admission::Served { start, end } = admission else {
            return;
        };
        if self.counts(customer) {
            let visits = &mut self.run.visits[node];
            visits.wait.record(start.since(now), &[]);
            visits.sojourn.record(end.since(now), &[]);
        }
        self.at_first += usize::from(node == 0);
        let lane = Lane(u32::try_from(node).expect("a test has few nodes"));
        engine.schedule_in_lane(lane, end, Event::Leave(customer, node));
    }

    fn leave(&mut self, mut customer: Customer, node: usize, engine: &mut Scheduler<Event, ()>) {
        self.at_first -= usize::from(node == 0);
        let Node { delay, next, .. } = &self.network.nodes[node];
        let mut luck = self.routes[node]
            .draw_part(customer.number, customer.hop)
            .unit();
        for &(probability, node) in next {
            if luck < probability {
                customer.hop += 1;
                engine.schedule_in(*delay, Event::Enter(customer, node));
                return;
            }
            luck -= probability;
        }
        if self.counts(customer) {
            let out = engine.now() + *delay;
            self.run.sojourn.record(out.since(customer.arrived), &[]);
        }
    }

    /// Whether the warm-up is over for this customer.
    fn counts(&self, customer: Customer) -> bool {
        customer.number >= self.warm_up
    }
}
