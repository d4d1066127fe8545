//! Packets per second through the leaf–spine scenario, with breakdowns and histograms on.

use std::sync::atomic::AtomicBool;

use criterion::{Criterion, Throughput};
use netsim::experiment::Plan;
use netsim::scenario::{Document, Edit};

const PACKETS: u64 = 200_000;

fn leaf_spine(criterion: &mut Criterion) {
    let text = include_str!("../scenarios/leaf_spine.toml");
    let document = Document::parse("leaf_spine.toml", text).expect("the scenario is TOML");
    let count = Edit::parse("--set", &format!("datagram.uniform.count={PACKETS}"));
    let edits = [count.expect("the path is one of the scenario's")];
    let plan = Plan::new(&document, &edits, &[]).expect("the scenario is valid");
    let mut group = criterion.benchmark_group("leaf_spine");
    group.throughput(Throughput::Elements(PACKETS));
    group.sample_size(10);
    group.bench_function("packets", |bencher| {
        bencher.iter(|| {
            plan.run(1, &AtomicBool::new(false), &|_| {})
                .expect("one thread starts")
        });
    });
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    leaf_spine(&mut criterion);
    criterion.final_summary();
}
