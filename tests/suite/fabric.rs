//! What the fabric does under stress: spines that fail, and marks in place of losses.

use crate::transport::zones;
use crate::world::{Named, point};

/// Datagrams between all hosts of four racks with four spines, a hundred thousand a second.
fn failing(keys: &str) -> String {
    format!(
        r#"
        duration = "3 s"
        replications = 4

        [fabric.clos]
        racks = 4
        hosts_per_rack = 8
        spines = 4
        host_link_rate = "25 Gbps"
        fabric_link_rate = "100 Gbps"
        link_latency = "1 us"

        [spine_failure.second]
        fabric = "clos"
        spine = 2
        at = "1 s"
        {keys}

        [datagram.all]
        from = "fabric.clos"
        to = "fabric.clos"
        size = "1000 B"
        arrivals = {{ poisson = {{ rate = "3125/s" }} }}
        "#
    )
}

/// A spine takes a quarter of what goes from rack to rack, 24 of 31 receivers; while leaves still send
/// to it, all that is lost, and nothing once they do not.
#[test]
fn a_failed_spine_loses_its_flows_until_they_are_hashed_again() {
    let lost = |keys: &str| {
        let results = point(&failing(keys), &[]);
        let all = results.workload("all");
        let lost: u64 = all.failed.values().sum();
        assert_eq!(all.failed.len(), usize::from(lost > 0), "{:?}", all.failed);
        assert_eq!(
            lost,
            all.failed.get("dropped:link_down").copied().unwrap_or(0)
        );
        lost as f64
    };
    let share = 24.0 / 31.0 / 4.0;
    for (keys, seconds) in [
        (r#"reroute_after = "50 ms""#, 0.05),
        (r#"reroute_after = "200 ms""#, 0.2),
        // Back before anybody has noticed.
        ("reroute_after = \"1 s\"\nuntil = \"1.1 s\"", 0.1),
        ("reroute_after = \"0 s\"\nuntil = \"2 s\"", 0.0),
    ] {
        let expected: f64 = 4.0 * 100_000.0 * seconds * share;
        let lost = lost(keys);
        // Poisson arrivals, and 768 pairs hashed to four spines, the same in all replications of a
        // pair: √(n) for the first, n √(3/768) for the second.
        let standard_error = (expected + (expected * expected * 3.0 / 768.0)).sqrt();
        assert!(
            (lost - expected).abs() <= 4.0 * standard_error,
            "{keys}: {lost} lost, {expected} ± {standard_error} expected"
        );
    }
}

/// A sender that answers marks keeps the queue below the buffer: nothing is lost, and the same bytes
/// arrive.
#[test]
fn marks_take_the_place_of_losses() {
    let workload = "connection = \"new\"\nresponse_size = \"20 MB\"\ncount = 3\n\
         arrivals = { interval = { every = \"2 s\" } }";
    // The host links of the servers' zone are the bottleneck: 10 Gbps after a card of 200 Gbps.
    let text = zones(10, 100, "0.2 ms", "service_time = \"0 s\"", workload);
    let text = text.replace(
        "[vpc.main]",
        "[fabric.us-east-1b]\nbuffer = \"500 kB\"\necn_threshold = \"100 kB\"\n\n[vpc.main]",
    );
    let resent = |ecn: bool| {
        let results = point(&text, &[&format!("tcp.ecn={ecn}")]);
        let probe = results.workload("probe");
        assert_eq!(probe.completed, 3);
        probe.transport.unwrap().retransmissions
    };
    let (without, with) = (resent(false), resent(true));
    assert!(without > 0, "without marks the buffer overflows");
    assert!(with * 4 < without, "{with} with marks, {without} without");
}
