//! How fast the event list is in the hold model, beside a binary heap of whole events.
//!
//! Hold: remove the first event, add one at its time plus an exponential increment. The number of
//! pending events stays the same, and the list is in its steady state.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput};
use netsim::engine::{Distribution, EventList, StreamFamily};
use netsim::units::{Duration, Time};

/// What a packet in flight needs: who, where and when it began.
type Event = [u64; 2];

/// Holds per iteration, one increment each; drawn beforehand so that only the lists are timed.
const HOLDS: u64 = 1 << 16;
const PENDING: [u64; 3] = [256, 4096, 65_536];

/// A priority queue of events; of two at the same time, the one added first comes first.
trait Queue: Default {
    fn add(&mut self, time: Time, event: Event);
    fn first(&mut self) -> (Time, Event);
}

struct OurList(EventList<Event>);

impl Default for OurList {
    fn default() -> Self {
        Self(EventList::new(0))
    }
}

impl Queue for OurList {
    fn add(&mut self, time: Time, event: Event) {
        self.0.push(time, event);
    }
    fn first(&mut self) -> (Time, Event) {
        self.0.pop().expect("events are pending")
    }
}

#[derive(Default)]
struct StandardHeap {
    heap: BinaryHeap<Reverse<(u64, u64, Event)>>,
    sequence: u64,
}

impl Queue for StandardHeap {
    fn add(&mut self, time: Time, event: Event) {
        self.heap
            .push(Reverse((time.as_ps(), self.sequence, event)));
        self.sequence += 1;
    }
    fn first(&mut self) -> (Time, Event) {
        let Reverse((time, _, event)) = self.heap.pop().expect("events are pending");
        (Time::from_ps(time), event)
    }
}

fn hold<Q: Queue>(criterion: &mut Criterion, name: &str) {
    let mut group = criterion.benchmark_group("hold");
    group.throughput(Throughput::Elements(HOLDS));
    let stream = StreamFamily::new(1, 0).stream("hold", "increment");
    let increment = Distribution::exponential(Duration::from_us(1));
    let increments: Vec<Duration> = (0..HOLDS)
        .map(|index| increment.sample(&mut stream.draw(index)))
        .collect();
    for pending in PENDING {
        let mut queue = Q::default();
        for (index, &increment) in (0..pending).zip(increments.iter().cycle()) {
            queue.add(Time::ZERO + increment, [index, 0]);
        }
        group.bench_function(BenchmarkId::new(name, pending), |bencher| {
            bencher.iter(|| {
                for &increment in &increments {
                    let (time, event) = queue.first();
                    queue.add(time + increment, black_box(event));
                }
            });
        });
    }
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    hold::<OurList>(&mut criterion, "event list");
    hold::<StandardHeap>(&mut criterion, "binary heap");
    criterion.final_summary();
}
