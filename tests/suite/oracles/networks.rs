//! Several stations: tandem, feedback, and a train of packets through links.

use netsim::sim::station::{Link, Servers, Station};
use netsim::units::{Duration, Rate};

use super::model::Metric::{MeanNumber, MeanSojourn, Sojourn, Throughput};
use super::model::{Network, Node, hold, node, simulate};

/// A single server with exponential service times of mean `service`.
fn server(service: &str, next: &[(f64, usize)]) -> Node {
    let service = format!(r#"{{ exponential = {{ mean = "{service}" }} }}"#);
    node(Station::Servers(Servers::new(1, None)), &service, next)
}

/// Sojourns in a tandem of M/M/1 queues are independent (Burke, Reich): the sum is Erlang(3, μ-λ).
#[test]
fn tandem_of_three() {
    let nodes = vec![
        server("1 s", &[(1.0, 1)]),
        server("1 s", &[(1.0, 2)]),
        server("1 s", &[]),
    ];
    hold(
        &Network::new("tandem", 0.7, nodes),
        30_000,
        &[(MeanSojourn, 10.0), (Sojourn(0.99), 28.019_823_05)],
    );
}

/// Jackson: λᵢ from the traffic equations λ = γ + λR, and Lᵢ = λᵢ/(μᵢ-λᵢ).
#[test]
fn jackson_network() {
    // Service rates 1.6, 1.2 and 0.7 per second.
    let nodes = vec![
        server("0.625 s", &[(0.6, 1), (0.4, 2)]),
        server("0.833333333333 s", &[(0.2, 0)]),
        server("1.428571428571 s", &[]),
    ];
    hold(
        &Network::new("Jackson", 1.0, nodes),
        30_000,
        &[
            (Throughput(0), 1.136_363_636),
            (Throughput(1), 0.681_818_182),
            (Throughput(2), 0.454_545_455),
            (MeanNumber(0), 2.450_980_392),
            (MeanNumber(1), 1.315_789_474),
            (MeanNumber(2), 1.851_851_852),
        ],
    );
}

/// Store and forward: the last of n packets is through h links after (h+n-1) L/R + h d.
#[test]
fn a_train_of_packets_through_three_links() {
    let link = |next: &[(f64, usize)]| {
        let link = Link::new(Rate::from_bps(25_000_000_000).unwrap(), None);
        let mut node = node(Station::Link(link), r#""0 s""#, next);
        node.delay = Duration::from_us(1);
        node
    };
    let nodes = vec![link(&[(1.0, 1)]), link(&[(1.0, 2)]), link(&[])];
    let network = Network::new("train", 1.0, nodes).in_batches_of(10);
    let run = simulate(&network, 0, 0, 10);
    assert_eq!(run.sojourn.count(), 10);
    // (3+n-1) 480 ns + 3 us for n = 1 and n = 10.
    assert_eq!(run.sojourn.min_secs(), Some(4.44e-6));
    assert_eq!(run.sojourn.max_secs(), Some(8.76e-6));
}
