//! A million invocations of one function on one thread: warm reuse, keep-alives, latencies with their
//! parts, environments over time.
//!
//! Poisson arrivals at 1,000 a second, handlers of 100 ms on average; beside it the same requests to a
//! server that does nothing but take as long, as the yardstick.

use criterion::{Criterion, Throughput};
use netsim::experiment::Plan;
use netsim::scenario::Document;

const INVOCATIONS: u64 = 1_000_000;

const FUNCTION: &str = r#"
replications = 1
[region]
name = "us-east-1"
availability_zones = ["us-east-1a"]
[function.f]
runtime = "python3.12"
memory = "128 MB"
duration = { exponential = { mean = "100 ms" } }
[invoke.users]
target = "function.f"
arrivals = { poisson = { rate = "1000/s" } }
count = 1_000_000
"#;

const SERVER: &str = r#"
replications = 1
[region]
name = "us-east-1"
availability_zones = ["us-east-1a"]
[vpc.main]
cidr_block = "10.0.0.0/16"
[subnet.a]
vpc = "main"
availability_zone = "us-east-1a"
cidr_block = "10.0.0.0/24"
[security_group.all]
vpc = "main"
ingress = [{ protocol = "udp", ports = 53, source = "10.0.0.0/16" }]
[instance.client]
instance_type = "m5.24xlarge"
subnet = "a"
security_groups = ["all"]
[instance.server]
instance_type = "m5.24xlarge"
subnet = "a"
security_groups = ["all"]
service_time = { exponential = { mean = "100 ms" } }
[request.users]
from = "instance.client"
to = "instance.server"
port = 53
protocol = "udp"
arrivals = { poisson = { rate = "1000/s" } }
count = 1_000_000
"#;

fn plan(text: &str) -> Plan {
    let document = Document::parse("bench.toml", text).expect("it is valid TOML");
    Plan::new(&document, &[], &[]).unwrap_or_else(|diagnosis| panic!("{}", diagnosis.render(false)))
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("invocations");
    group.throughput(Throughput::Elements(INVOCATIONS));
    group.sample_size(10);
    for (name, text) in [("function", FUNCTION), ("server", SERVER)] {
        let plan = plan(text);
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let outcome = plan.run(1, &std::sync::atomic::AtomicBool::new(false), &|_| {});
                outcome.expect("it runs to its end").points.len()
            });
        });
    }
    group.finish();
    criterion.final_summary();
}
