//! TCP's sender and receiver over a wire, against closed forms and recursions of what they take.

mod recovery;
mod short;
mod steady;
mod wire;

use netsim::sim::tcp::{Config, CongestionControl};
use netsim::units::Duration;

use wire::{Fate, Passage};

/// Nothing is lost.
fn fine(_: Passage) -> Fate {
    Fate::Arrives
}

/// Reno with every segment acknowledged, each worth one segment in slow start.
fn plain() -> Config {
    Config {
        congestion_control: CongestionControl::Reno,
        delayed_ack: None,
        ..Config::default()
    }
}

fn us(n: u64) -> Duration {
    Duration::from_us(n)
}

/// Holds `value` to `exact` within a share of it.
fn near(what: &str, value: f64, exact: f64, tolerance: f64) {
    assert!(
        (value / exact - 1.0).abs() <= tolerance,
        "{what}: {value} is not {exact} ± {}%",
        100.0 * tolerance
    );
}
