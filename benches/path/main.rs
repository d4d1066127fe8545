//! A large VPC: reading and resolving it, asking for a path in it, and who reaches whom.
//!
//! Each is measured with ten times as many interfaces as well. Elements per second stay about the same
//! then, and an answer takes as long as before, unless something has become quadratic.

mod large_vpc;

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput};
use netsim::path::{self, Endpoint, Flow, Query};
use netsim::scenario::{Document, Protocol, Scenario};
use netsim::topology::Topology;

/// Interfaces, and security groups among them.
const SIZES: [(u32, u32); 2] = [(1_000, 100), (10_000, 1_000)];
/// The same for what has as many answers as there are pairs.
const FEW: [(u32, u32); 2] = [(100, 100), (1_000, 100)];

fn resolved(text: &str) -> Topology {
    let document = Document::parse("large.toml", text).expect("the scenario is TOML");
    let (scenario, problems) = Scenario::read(&document);
    assert!(problems.is_empty(), "the scenario is valid");
    let (topology, problems) = Topology::resolve(&scenario);
    assert!(problems.is_empty(), "the scenario resolves");
    topology
}

fn resolve(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("resolve");
    group.sample_size(10);
    for (interfaces, groups) in SIZES {
        let text = large_vpc::scenario(interfaces, groups);
        group.throughput(Throughput::Elements(u64::from(interfaces)));
        group.bench_function(BenchmarkId::from_parameter(interfaces), |bencher| {
            bencher.iter(|| resolved(black_box(&text)));
        });
    }
    group.finish();
}

fn ask(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("ask");
    for (interfaces, groups) in SIZES {
        let topology = resolved(&large_vpc::scenario(interfaces, groups));
        let end = |name: &str| Endpoint::parse(&topology, name, None).expect("it is there");
        let flow = Flow {
            protocol: Protocol::Tcp,
            port: 443,
        };
        let (from, neighbour) = (end("instance.i0"), end("instance.i1"));
        for (name, to) in [("neighbour", neighbour), ("internet", Endpoint::Internet)] {
            let query = Query::new(from, to, flow);
            group.bench_function(BenchmarkId::new(name, interfaces), |bencher| {
                bencher.iter(|| path::resolve(&topology, black_box(&query)));
            });
        }
    }
    group.finish();
}

fn matrix(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("matrix");
    group.sample_size(10);
    for (interfaces, groups) in FEW {
        let topology = resolved(&large_vpc::scenario(interfaces, groups));
        let ends = path::all_ends(&topology);
        let pairs = ends.len() as u64 * ends.len() as u64;
        group.throughput(Throughput::Elements(pairs));
        group.bench_function(BenchmarkId::from_parameter(interfaces), |bencher| {
            bencher.iter(|| path::matrix(&topology, black_box(&ends), black_box(&ends)));
        });
    }
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    resolve(&mut criterion);
    ask(&mut criterion);
    matrix(&mut criterion);
    criterion.final_summary();
}
