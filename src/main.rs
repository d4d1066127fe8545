//! temp
use netsim::{experiment::Plan, scenario::Document};
fn main() {
    let p = std::env::args().nth(1).unwrap();
    let text = std::fs::read_to_string(&p).unwrap();
    let d = match Document::parse(&p, text) {
        Ok(d) => d,
        Err(e) => {
            eprintln!("{}", e.render(true));
            return;
        }
    };
    let plan = match Plan::new(&d, &[], &[]) {
        Ok(p) => p,
        Err(e) => {
            eprintln!("{}", e.render(true));
            return;
        }
    };
    eprintln!("{}", plan.warnings.render(true));
    let t = std::time::Instant::now();
    let o = plan
        .run(1, &std::sync::atomic::AtomicBool::new(false), &|_| {})
        .unwrap();
    let el = t.elapsed().as_secs_f64();
    for p in &o.points {
        println!(
            "{} {} events {} packets {}",
            p.label, p.replications, p.results.events, p.results.packets
        );
        for w in &p.results.workloads {
            println!(
                "{} {} {} {:?} mean {:?} p50 {:?} p99 {:?}",
                w.name,
                w.sent,
                w.completed,
                w.failed,
                w.latency.sums().mean_secs(),
                w.latency.quantile_secs(0.5),
                w.latency.quantile_secs(0.99)
            );
            for (part, s) in w
                .latency
                .breakdown()
                .parts()
                .iter()
                .zip(w.latency.part_means_secs())
            {
                println!("   {:30} {:e}", netsim::sim::Part::ALL[*part].name(), s);
            }
        }
        for f in &p.results.functions {
            println!(
                "{} cold {} peak {}",
                f.name, f.cold_starts, f.peak_environments
            );
            for (n, l) in &f.phases {
                println!(
                    "  {} {} {:?} {:?}",
                    n,
                    l.count(),
                    l.quantile_secs(0.5),
                    l.quantile_secs(0.99)
                );
            }
        }
        println!(
            "{:.3} s, {:.3} Mpps",
            el,
            p.results.packets as f64 / el / 1e6
        );
    }
}
