//! Streams as fluids, held to the same flows packet by packet: a part of the table in `docs/streams.md`.

use crate::world::{Measured as _, Named as _, point};

const SCENARIO: &str = include_str!("agreement.toml");

/// A cell of the table: flows of a size, how many, and the load of the link of 10 Gbps.
struct Cell {
    size: &'static str,
    bytes: f64,
    count: u32,
    load: f64,
    latency: &'static str,
}

impl Cell {
    /// Mean and 99th percentile of the flow completion time, and retransmissions.
    fn run(&self, granularity: &str) -> (f64, f64, u64) {
        let per_source = self.load * 10e9 / (8.0 * self.bytes) / 4.0;
        let edits = [
            format!("stream.bulk.size=\"{}\"", self.size),
            format!("stream.bulk.count={}", self.count),
            format!("stream.bulk.arrivals={{ poisson = {{ rate = \"{per_source:.6}/s\" }} }}"),
            format!("stream.bulk.granularity=\"{granularity}\""),
            format!("zone_link.bottleneck.latency=\"{}\"", self.latency),
        ];
        let edits: Vec<&str> = edits.iter().map(String::as_str).collect();
        let point = point(SCENARIO, &edits);
        let bulk = point.workload("bulk");
        assert_eq!(bulk.completed, u64::from(self.count));
        let delivered = bulk.delivered_bytes.expect("a stream delivers");
        let sent = self.bytes * f64::from(self.count);
        assert!(
            (delivered as f64 - sent).abs() < 0.5,
            "{delivered} of {sent}"
        );
        let transport = bulk.transport.as_ref();
        let lost = transport.map_or(0, |transport| transport.retransmissions);
        (bulk.latency().mean, bulk.latency().p99, lost)
    }

    fn agrees(&self) {
        let ((mean, p99, lost), (fluid_mean, fluid_p99, _)) =
            (self.run("packet"), self.run("fluid"));
        let name = format!("{} at {} after {}", self.size, self.load, self.latency);
        assert_eq!(lost, 0, "{name}: the queue is unlimited");
        let (by, by_p99) = (fluid_mean / mean - 1.0, fluid_p99 / p99 - 1.0);
        assert!(by.abs() < 0.05, "{name}: the mean differs by {by}");
        assert!(by_p99.abs() < 0.1, "{name}: the p99 differs by {by_p99}");
    }
}

const fn cell(
    (size, bytes, count): (&'static str, f64, u32),
    load: f64,
    latency: &'static str,
) -> Cell {
    Cell {
        size,
        bytes,
        count,
        load,
        latency,
    }
}

const SMALL: (&str, f64, u32) = ("10 kB", 1e4, 5000);
const MEDIUM: (&str, f64, u32) = ("100 kB", 1e5, 3000);
const LARGE: (&str, f64, u32) = ("1 MB", 1e6, 800);
const HUGE: (&str, f64, u32) = ("10 MB", 1e7, 150);

#[test]
fn fluids_take_as_long_as_packets_in_a_zone() {
    for size in [SMALL, LARGE, HUGE] {
        cell(size, 0.2, "20 us").agrees();
    }
    cell(MEDIUM, 0.5, "20 us").agrees();
}

#[test]
fn fluids_take_as_long_as_packets_across_zones() {
    for size in [SMALL, MEDIUM, LARGE, HUGE] {
        for load in [0.2, 0.5] {
            cell(size, load, "475 us").agrees();
        }
    }
}

/// The sizes of a flow are the same draws, so that both move the same.
#[test]
fn drawn_sizes_are_the_same() {
    let moved = |granularity: &str| {
        let set = format!("stream.bulk.granularity=\"{granularity}\"");
        // `size` and `sizes` exclude each other.
        let text = SCENARIO.replace("size = \"1 MB\"", "sizes = \"hadoop\"");
        let point = point(&text, &[&set, "stream.bulk.count=300"]);
        point.workload("bulk").delivered_bytes
    };
    assert!(moved("fluid").is_some_and(|bytes| bytes > 0));
    assert_eq!(moved("fluid"), moved("packet"));
}
