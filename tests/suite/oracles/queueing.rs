//! One station: the classical queues, by their means, percentiles and losses.
//!
//! Times are in seconds; the mean service time is one unless said otherwise.

use netsim::sim::station::{Link, Servers, Station};
use netsim::units::Rate;

use super::agrees;
use super::model::Metric::{
    Dropped, MeanFound, MeanSojourn, MeanWait, NoWait, PFound, PFoundAbove, Sojourn, Wait,
    WaitVariance,
};
use super::model::{Network, hold, node};

const CONSTANT: &str = r#""1 s""#;
const EXPONENTIAL: &str = r#"{ exponential = { mean = "1 s" } }"#;
const UNIFORM: &str = r#"{ uniform = { min = "0 s", max = "2 s" } }"#;
/// With a squared coefficient of variation of 2.
const LOGNORMAL: &str = r#"{ lognormal = { mean = "1 s", stddev = "1.4142135623731 s" } }"#;
/// With a mean of 99.5 µs.
const BIMODAL: &str =
    r#"{ mixture = [{ weight = 99, value = "50 us" }, { weight = 1, value = "5 ms" }] }"#;

/// Poisson arrivals at `rate` per second to one station.
fn queue(name: &str, rate: f64, station: Station, service: &str) -> Network {
    Network::new(name, rate, vec![node(station, service, &[])])
}

fn servers(count: u32) -> Station {
    Station::Servers(Servers::new(count, None))
}

/// Servers with room for `capacity` customers, those in service included.
fn servers_with_room(count: u32, capacity: u32) -> Station {
    Station::Servers(Servers::new(count, Some(capacity)))
}

#[test]
fn mm1() {
    let customers = 60_000;
    let runs = hold(
        &queue("M/M/1", 0.8, servers(1), EXPONENTIAL),
        customers,
        &[
            // 1/(μ-λ), ln 100/(μ-λ), 1-ρ, (1-ρ)ρ¹⁰
            (MeanSojourn, 5.0),
            (Sojourn(0.99), 23.025_850_9),
            (NoWait, 0.2),
            (PFound(10), 0.021_474_836_5),
        ],
    );
    // The mean wait is ρ/(μ-λ); the variance of its estimate from n customers tends to
    // ρ(2+5ρ-4ρ²+ρ³)/(1-ρ)⁴/n = 1976/n.
    let wait = runs.iter().map(|run| MeanWait.of(run)).sum::<f64>() / runs.len() as f64;
    let standard_error = (1976.0 / (runs.len() as f64 * customers as f64)).sqrt();
    agrees("M/M/1: mean wait", wait, standard_error, 4.0);
}

/// The mean wait is ρD/2(1-ρ), and its distribution Erlang's:
/// P(W ≤ t) = (1-ρ) Σ_{k=0}^{⌊t/D⌋} (λ(kD-t))^k/k! e^{-λ(kD-t)}.
#[test]
fn md1() {
    hold(
        &queue("M/D/1 at 0.4", 0.4, servers(1), CONSTANT),
        30_000,
        &[
            (MeanWait, 0.333_333_333),
            (Wait(0.99), 2.519_915_587),
            (Wait(0.999), 3.940_618_315),
        ],
    );
    hold(
        &queue("M/D/1 at 0.8", 0.8, servers(1), CONSTANT),
        40_000,
        &[(Wait(0.99), 10.355_886_79)],
    );
}

/// 1500-byte packets take 480 ns at 25 Gbps: the M/D/1 at load 0.4 with D = 480 ns.
#[test]
fn packets_on_a_link() {
    let link = Link::new(Rate::from_bps(25_000_000_000).unwrap(), None);
    hold(
        &queue("link", 0.4 / 480e-9, Station::Link(link), CONSTANT),
        30_000,
        &[(MeanWait, 160e-9), (Wait(0.99), 1_209.559_482e-9)],
    );
}

/// Pollaczek and Khinchine: E[W] = λE[S²]/2(1-ρ); Takács: E[W²] = 2E[W]² + λE[S³]/3(1-ρ).
#[test]
fn mg1() {
    hold(
        &queue("M/G/1, uniform", 0.7, servers(1), UNIFORM),
        30_000,
        &[(MeanWait, 1.555_555_556), (WaitVariance, 3.975_308_642)],
    );
    hold(
        &queue("M/G/1, log-normal", 0.7, servers(1), LOGNORMAL),
        40_000,
        &[(MeanWait, 3.5)],
    );
    hold(
        &queue("M/G/1, bimodal", 8000.0, servers(1), BIMODAL),
        80_000,
        &[(MeanWait, 4_950.490_196e-6)],
    );
}

/// Erlang C: P(W > 0) = C = cB/(c-a(1-B)) with Erlang's B; E[W] = C/(cμ-λ); P99 ln(100 C)/(cμ-λ).
#[test]
fn mmc() {
    let cases = [
        (2, 1.6, 30_000, [0.711_111_1, 1.777_777_8, 10.660_609]),
        (8, 6.4, 30_000, [0.457_644_9, 0.286_028_1, 2.389_692_8]),
        (100, 90.0, 120_000, [0.216_940_5, 0.021_694_0, 0.307_703_8]),
    ];
    for (count, load, customers, [waits, mean, p99]) in cases {
        let name = format!("M/M/{count}");
        hold(
            &queue(&name, load, servers(count), EXPONENTIAL),
            customers,
            &[(NoWait, 1.0 - waits), (MeanWait, mean), (Wait(0.99), p99)],
        );
    }
}

/// P(drop) = (1-ρ)ρ^K/(1-ρ^(K+1)). The sojourn of the accepted is L/λ(1-P(drop)) with
/// L = ρ/(1-ρ) - (K+1)ρ^(K+1)/(1-ρ^(K+1)).
#[test]
fn mm1k() {
    hold(
        &queue("M/M/1/10", 0.9, servers_with_room(1, 10), EXPONENTIAL),
        30_000,
        &[(Dropped, 0.050_813_731), (MeanSojourn, 4.646_600_672)],
    );
}

/// Erlang B: B(k) = aB(k-1)/(k + aB(k-1)), whatever the distribution of the service time.
#[test]
fn erlang_b() {
    let cases = [
        (100, 90.0, EXPONENTIAL, 30_000, 0.026_957_380_46),
        (100, 90.0, CONSTANT, 30_000, 0.026_957_380_46),
        (100, 90.0, LOGNORMAL, 30_000, 0.026_957_380_46),
        (1000, 950.0, EXPONENTIAL, 110_000, 0.003_649_293_689),
        (1000, 1050.0, EXPONENTIAL, 30_000, 0.060_260_406_84),
    ];
    for (count, load, service, customers, blocked) in cases {
        let name = format!("{load} erlang on {count} servers, {service}");
        let network = queue(&name, load, servers_with_room(count, count), service);
        hold(&network, customers, &[(Dropped, blocked)]);
    }
}

/// The number of busy servers is Poisson with mean λE[S], whatever the distribution.
#[test]
fn mg_infinity() {
    for service in [CONSTANT, EXPONENTIAL] {
        // One of 200 servers is always free: P(N ≥ 200) = 2 × 10⁻⁵⁷.
        let name = format!("M/G/infinity, {service}");
        hold(
            &queue(&name, 50.0, servers(200), service),
            100_000,
            &[(MeanFound, 50.0), (PFoundAbove(70), 0.002_970_735_5)],
        );
    }
}

/// E[sojourn] = (1 + (E[X²]-E[X])/2E[X])/μ(1-ρ).
#[test]
fn batches() {
    let network = queue("batches of 4", 0.2, servers(1), EXPONENTIAL);
    hold(&network.in_batches_of(4), 60_000, &[(MeanSojourn, 12.5)]);
}
